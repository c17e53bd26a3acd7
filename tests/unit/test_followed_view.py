"""How large a presenter's view is on its way to a follower, with the name that the server writes into it."""

from __future__ import annotations

import json

import pytest

from workspace.awareness import AwarenessStates, Speaker
from workspace.case import Person, Role, Standing
from workspace.hocuspocus import HocuspocusDialect
from workspace.ids import ClientId, PersonId, SessionId
from workspace.lib0 import write_var_string, write_var_uint
from workspace.messages import Awareness
from workspace.session import card_of

CLIENT = ClientId(4_294_967_295)
MOST_BYTES = 300
VIEW = [1, "abcdefghijklmnop", 499, 2047.123, 1023.456, 4095.123, 3071.456, 270.5, 7, 1040.123, 4000.123]
"""As pages pack it: seven figures each, all that there can be (`web/src/viewer/carried.ts`)."""
OF_A_FILM = [*VIEW[:9], None, None, 1234.567, 1234.567, 987.6543]
OF_A_SERIES = [*VIEW, None, 1234.567, 987.6543]


def frame_of(state: dict[str, object], name: str) -> bytes:
    """As it goes to a follower: address, client id, clock, state, and the card of who presents."""
    person = Person(PersonId("a" * 16), "ada@example.org", name, Standing.CLINICIAN)
    speaker = Speaker(SessionId(1), person.id, card_of(person, Role.CONTRIBUTOR))
    states = AwarenessStates(16_384)
    said = bytearray()
    write_var_uint(said, 1)
    write_var_uint(said, CLIENT)
    write_var_uint(said, 100_000)
    write_var_string(said, json.dumps(state))
    states.receive(speaker, bytes(said), {}, 0.0)
    dialect = HocuspocusDialect(f"{'c' * 16}/discussion".encode())
    [frame] = dialect.encode([Awareness(states.news())])
    return frame


@pytest.mark.parametrize("name", ["Ada Lovelace", "Dr María-José Fernández-García"])
@pytest.mark.parametrize("view", [OF_A_SERIES, OF_A_FILM], ids=["series", "film"])
def test_a_message_to_a_follower_takes_less_than_300_bytes(name: str, view: list[object]) -> None:
    """[FOL-5] The whole frame, with the head that a WebSocket puts before it."""
    frame = frame_of({"view": view}, name)
    assert name.split(maxsplit=1)[0].encode() in frame
    assert 250 < len(frame) + 4 < MOST_BYTES, len(frame)


def test_a_second_view_has_no_room_in_a_message() -> None:
    """[FOL-13] Why one of two is followed, and that it is one of two is told by a bit: with a short name, and the
    second without a pointer, both take a seventh more than there is."""
    both = frame_of({"view": OF_A_SERIES, "beside": OF_A_SERIES[1:11]}, "Ada")
    assert len(both) + 4 > MOST_BYTES + 40, len(both)
    of_two = [*OF_A_SERIES[:8], 64 + 7, *OF_A_SERIES[9:]]
    assert len(frame_of({"view": of_two}, "Dr María-José Fernández-García")) + 4 < MOST_BYTES
