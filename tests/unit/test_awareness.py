"""workspace.awareness: who is here, with the names that the server wrote."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from workspace.awareness import MAX_CLIENTS, MAX_CLOCK, AwarenessStates, Speaker
from workspace.errors import InvalidMessage
from workspace.ids import ClientId, PersonId, SessionId
from workspace.lib0 import MAX_NESTING, Decoder, write_var_string, write_var_uint

ADA, BEN = PersonId("a" * 16), PersonId("b" * 16)
MAX_STATE_BYTES = 2_000
NOBODY: Mapping[ClientId, PersonId] = {}


def spell(*entries: tuple[int, int, str]) -> bytes:
    out = bytearray()
    write_var_uint(out, len(entries))
    for client, clock, text in entries:
        write_var_uint(out, client)
        write_var_uint(out, clock)
        write_var_string(out, text)
    return bytes(out)


def read(update: bytes | None) -> dict[int, tuple[int, object]]:
    """An awareness update as a browser reads it."""
    assert update is not None
    decoder = Decoder(update)
    count = decoder.read_var_uint()
    entries = [(decoder.read_var_uint(), decoder.read_var_uint(), decoder.read_var_string()) for _ in range(count)]
    decoder.expect_end()
    assert len({client for client, _, _ in entries}) == count
    return {client: (clock, json.loads(text, parse_constant=pytest.fail)) for client, clock, text in entries}


def speaker(session: int, person: PersonId = ADA) -> Speaker:
    return Speaker(SessionId(session), person, {"id": person, "name": f"Dr {person[0]}", "role": "lead"})


@dataclass
class Room:
    """Awareness with the arguments that a room would give it."""

    states: AwarenessStates
    owners: Mapping[ClientId, PersonId]

    def hear(self, who: Speaker, *entries: tuple[int, int, str], now: float = 0.0) -> None:
        self.states.receive(who, spell(*entries), self.owners, now)

    @property
    def here(self) -> dict[int, tuple[int, object]]:
        found = self.states.all()
        return {} if found is None else read(found)


@pytest.fixture
def room() -> Room:
    return Room(AwarenessStates(MAX_STATE_BYTES), NOBODY)


def card(person: PersonId) -> dict[str, object]:
    return {"user": {"id": person, "name": f"Dr {person[0]}", "role": "lead"}}


# Whose name it is


@pytest.mark.parametrize(
    "forged", ['{"user":{"name":"Dr b","role":"moderator","id":"x"}}', '{"user":null}', '{"user":1,"user":2}', "{}"]
)
def test_the_user_of_a_state_is_the_principal(room: Room, forged: str) -> None:
    """[AWR-1]"""
    room.hear(speaker(1), (7, 1, forged))
    assert room.here == {7: (1, card(ADA))}


def test_what_else_a_client_says_of_itself_is_kept(room: Room) -> None:
    """[AWR-1]"""
    room.hear(speaker(1), (7, 1, '{"cursor":{"anchor":[1,2.5,true,"ñ🫀"]},"user":{"name":"?"}}'))
    assert room.here == {7: (1, {"cursor": {"anchor": [1, 2.5, True, "ñ🫀"]}, **card(ADA)})}


# Whose client id it is


def test_what_a_session_repeats_of_others_is_passed_over(room: Room) -> None:
    """[AWR-2] Stock clients send on all that they heard."""
    room.hear(speaker(1), (7, 5, '{"x":1}'))
    room.hear(speaker(2, BEN), (8, 1, "{}"))
    room.states.news()
    room.hear(speaker(2, BEN), (7, 9, '{"x":"forged"}'), (99, 1, '{"x":"ghost"}'))
    assert room.here == {7: (5, {"x": 1, **card(ADA)}), 8: (1, card(BEN))}
    assert not room.states.has_news


def test_what_is_repeated_of_others_is_not_judged(room: Room) -> None:
    """[AWR-2] It may be larger than a client may say, because our card came on top, or broken by its author: who merely
    repeats it is not to blame."""
    room.hear(speaker(1), (7, 1, "{}"))
    room.hear(speaker(1), (7, 2, "{}"), (8, 1, json.dumps({"x": "y" * MAX_STATE_BYTES})), (9, 1, "not JSON"))
    assert room.here[7] == (2, card(ADA))


def test_nobody_speaks_for_a_client_id_that_another_person_wrote_with() -> None:
    """[AWR-2]"""
    room = Room(AwarenessStates(MAX_STATE_BYTES), {ClientId(7): ADA})
    room.hear(speaker(2, BEN), (7, 1, "{}"))
    assert room.here == {}
    room.hear(speaker(1, ADA), (7, 1, "{}"))
    assert room.here == {7: (1, card(ADA))}


def test_nobody_takes_over_from_another_person(room: Room) -> None:
    """[AWR-2]"""
    room.hear(speaker(1, ADA), (7, 1, "{}"))
    room.hear(speaker(2, BEN), (7, 50, '{"x":1}'))
    room.hear(speaker(2, BEN), (7, 51, "null"))
    assert room.here == {7: (1, card(ADA))}


def test_a_client_that_comes_back_on_a_new_socket_takes_over_its_own_state(room: Room) -> None:
    """[AWR-2] It may say the same clock again: nothing changed but the socket. The old socket's end is no leaving."""
    room.hear(speaker(1), (7, 4, "{}"))
    room.hear(speaker(2), (7, 3, '{"x":"older"}'))
    assert room.here == {7: (4, card(ADA))}
    room.hear(speaker(2), (7, 4, '{"x":1}'))
    room.states.news()
    room.states.leave(SessionId(1))
    assert room.here == {7: (4, {"x": 1, **card(ADA)})}
    assert not room.states.has_news
    room.states.leave(SessionId(2))
    assert room.here == {}


def test_a_session_has_one_client_id(room: Room) -> None:
    """[AWR-2] Otherwise one socket could fill the room with ghosts."""
    room.hear(speaker(1), *((client, 1, "{}") for client in range(7, 20)))
    assert set(room.here) == {7}


def test_a_second_socket_cannot_send_the_first_away(room: Room) -> None:
    """[AWR-2] A client that leaves says so on its own socket."""
    room.hear(speaker(1), (7, 1, "{}"))
    room.hear(speaker(2), (7, 9, "null"))
    assert room.here == {7: (1, card(ADA))}


# Clocks


def test_a_state_is_taken_if_its_clock_is_greater(room: Room) -> None:
    """[AWR-5]"""
    room.hear(speaker(1), (7, 5, '{"x":5}'))
    room.hear(speaker(1), (7, 5, '{"x":"same"}'))
    room.hear(speaker(1), (7, 4, '{"x":"older"}'))
    assert room.here == {7: (5, {"x": 5, **card(ADA)})}
    room.hear(speaker(1), (7, 6, '{"x":6}'))
    assert room.here == {7: (6, {"x": 6, **card(ADA)})}


@pytest.mark.parametrize(("clock", "stays"), [(4, True), (5, False), (6, False)])
def test_null_is_taken_if_its_clock_is_not_smaller(room: Room, clock: int, *, stays: bool) -> None:
    """[AWR-5]"""
    room.hear(speaker(1), (7, 5, "{}"))
    room.states.news()
    room.hear(speaker(1), (7, clock, "null"))
    assert (7 in room.here) is stays
    if not stays:
        assert read(room.states.news()) == {7: (clock, None)}


def test_null_of_somebody_who_is_not_here_is_no_news(room: Room) -> None:
    """[AWR-5]"""
    room.hear(speaker(1), (7, 5, "null"))
    assert room.here == {}
    assert not room.states.has_news


# Going


def test_a_state_goes_with_its_session(room: Room) -> None:
    """[AWR-3]"""
    room.hear(speaker(1), (7, 5, "{}"))
    room.hear(speaker(2, BEN), (8, 3, "{}"))
    room.states.news()
    room.states.leave(SessionId(1))
    room.states.leave(SessionId(1))
    room.states.leave(SessionId(33))
    assert room.here == {8: (3, card(BEN))}
    assert read(room.states.news()) == {7: (5, None)}
    assert not room.states.has_news


def test_a_state_dies_when_it_is_not_renewed(room: Room) -> None:
    """[AWR-3]"""
    room.hear(speaker(1), (7, 1, "{}"), now=100.0)
    room.hear(speaker(2, BEN), (8, 1, "{}"), now=100.0)
    room.hear(speaker(2, BEN), (8, 2, "{}"), now=115.0)
    room.states.expire(100.0)
    assert set(room.here) == {7, 8}
    room.states.news()
    room.states.expire(100.1)
    assert set(room.here) == {8}
    assert read(room.states.news()) == {7: (1, None)}


def test_a_session_whose_state_died_may_speak_again(room: Room) -> None:
    """[AWR-3] A laptop that slept."""
    room.hear(speaker(1), (7, 1, "{}"), now=0.0)
    room.states.expire(1.0)
    room.hear(speaker(1), (7, 2, "{}"), now=2.0)
    assert room.here == {7: (2, card(ADA))}
    room.states.leave(SessionId(1))
    assert room.here == {}


# News


def test_news_are_the_latest_states_of_who_changed(room: Room) -> None:
    """[ROOM-8] Ten moves of a cursor in one tick are one."""
    for clock in range(1, 11):
        room.hear(speaker(1), (7, clock, json.dumps({"x": clock})))
    assert room.states.has_news
    assert read(room.states.news()) == {7: (10, {"x": 10, **card(ADA)})}
    assert not room.states.has_news


def test_the_speaker_of_news_is_known_if_there_is_one(room: Room) -> None:
    """[ROOM-8] The one author need not hear it."""
    room.hear(speaker(1), (7, 1, "{}"))
    assert room.states.speaker_of_news() == 1
    room.hear(speaker(2, BEN), (8, 1, "{}"))
    assert room.states.speaker_of_news() is None
    room.states.news()
    room.states.leave(SessionId(1))
    assert room.states.speaker_of_news() is None


# What is refused

BROKEN = [
    "NaN",
    '{"x":NaN}',
    '{"x":Infinity}',
    '{"x":[-Infinity]}',
    '{"x":1e999}',
    '{"x":-1e999}',
    '{"x":' + "9" * 400 + "}",
    '{"x":' + "9" * 1_900 + "}",
    "[]",
    "1",
    '"text"',
    "true",
    "",
    "{",
    "{} {}",
    "{'x':1}",
    '{"x":"\n"}',
    '{"x":' + "[" * 980 + "]" * 980 + "}",
    '{"x":' + '{"x":' * 300 + "0" + "}" * 301 + "]",
    '{"x":"' + "y" * MAX_STATE_BYTES + '"}',
    '{"x":"' + "ñ" * (MAX_STATE_BYTES // 2) + '"}',
]


@pytest.mark.parametrize("text", BROKEN, ids=lambda text: repr(text[:20]))
def test_a_broken_state_is_refused_and_leaves_nothing_behind(room: Room, text: str) -> None:
    """[AWR-4] The session that sent it ends next: its leaving must find everything in order."""
    room.hear(speaker(2, BEN), (8, 1, "{}"))
    room.states.news()
    with pytest.raises(InvalidMessage):
        room.hear(speaker(1), (7, 1, text))
    assert room.here == {8: (1, card(BEN))}
    room.states.leave(SessionId(1))
    assert not room.states.has_news


@pytest.mark.parametrize("text", BROKEN, ids=lambda text: repr(text[:20]))
def test_a_broken_state_takes_over_nothing(room: Room, text: str) -> None:
    """[AWR-4] [AWR-2]"""
    room.hear(speaker(1), (7, 1, '{"x":1}'))
    with pytest.raises(InvalidMessage):
        room.hear(speaker(2), (7, 2, text))
    assert room.here == {7: (1, {"x": 1, **card(ADA)})}
    room.states.leave(SessionId(2))
    assert room.here == {7: (1, {"x": 1, **card(ADA)})}
    room.states.leave(SessionId(1))
    assert room.here == {}


def test_a_state_is_nested_so_deep_and_no_deeper(room: Room) -> None:
    """[AWR-4] Whatever the version of Python; brackets in words do not count."""
    words = "[" * 200
    deepest = f'{{"y":"{words}","x":' + "[" * (MAX_NESTING - 1) + "]" * (MAX_NESTING - 1) + "}"
    room.hear(speaker(1), (7, 1, deepest))
    assert set(room.here) == {7}
    with pytest.raises(InvalidMessage):
        room.hear(speaker(1), (7, 2, deepest.replace("[[]]", "[[[]]]")))


def test_ten_thousand_nested_arrays_are_refused() -> None:
    """[AWR-4] [ROOM-9] Python's own reader may give up first; that must not become a defect of ours."""
    room = Room(AwarenessStates(1_000_000), NOBODY)
    with pytest.raises(InvalidMessage):
        room.hear(speaker(1), (7, 1, '{"x":' + "[" * 10_000 + "]" * 10_000 + "}"))
    assert room.here == {}


def test_half_a_surrogate_pair_travels_as_an_escape(room: Room) -> None:
    """[AWR-4] JSON may hold it, UTF-8 may not: what is sent on must be spelled in both."""
    room.hear(speaker(1), (7, 1, '{"x":"\\ud800"}'))
    assert room.here[7][1] == {"x": "\ud800", **card(ADA)}


def test_the_largest_state_that_may_be_is_taken(room: Room) -> None:
    """[ROOM-9] [AWR-4] Counted in bytes."""
    text = '{"x":"' + "ñ" * ((MAX_STATE_BYTES - 8) // 2) + '"}'
    assert len(text.encode()) == MAX_STATE_BYTES
    room.hear(speaker(1), (7, 1, text))
    assert set(room.here) == {7}


@pytest.mark.parametrize(
    "update",
    [
        b"",
        b"\x01",
        b"\x01\x07",
        b"\x01\x07\x01",
        b"\x01\x07\x01\x05{}",
        spell((7, 1, "{}")) + b"\x00",
        b"\x02" + spell((7, 1, "{}"))[1:],
        b"\x00" + spell((7, 1, "{}"))[1:],
        b"\xff\xff\xff\xff\xff\xff\xff\x0f" + spell((7, 1, "{}"))[1:],
        b"\x01\x07\x01\x02\xff\xfe",
        spell((7, MAX_CLOCK, "{}")),
        spell((7, 1, "{}"), (7, 2, "{}")),
        spell(*((client, 1, "") for client in range(MAX_CLIENTS + 1))),
    ],
    ids=lambda update: update[:8].hex(),
)
def test_an_update_that_lies_about_itself_is_refused_whole(room: Room, update: bytes) -> None:
    """[WIRE-2] [ROOM-9] Cut off, trailing bytes, counts that lie, clocks out of bounds, a client twice, a crowd."""
    with pytest.raises(InvalidMessage):
        room.states.receive(speaker(1), update, NOBODY, 0.0)
    assert room.here == {}
    assert not room.states.has_news


def test_the_largest_crowd_is_passed_over(room: Room) -> None:
    """[ROOM-9] [AWR-2] A newcomer repeats everybody it was told of."""
    room.hear(speaker(1), (7, 1, "{}"))
    room.hear(speaker(1), *((client, 1, "{}") for client in range(100, 100 + MAX_CLIENTS)))
    assert set(room.here) == {7}


# Several nodes


def full_card(person: PersonId) -> dict[str, str]:
    return {"id": person, "name": f"Dr {person[0]}", "role": "lead", "color": "#0f766e"}


def node_speaker(session: int, person: PersonId = ADA) -> Speaker:
    return Speaker(SessionId(session), person, full_card(person))


class Pair:
    """Two nodes that tell each other everything, unless told not to."""

    def __init__(self) -> None:
        self.one, self.other = (AwarenessStates(MAX_STATE_BYTES, is_shared=True) for _ in range(2))

    def talk(self) -> None:
        for _ in range(3):
            for here, there in ((self.one, self.other), (self.other, self.one)):
                if (said := here.untold()) is not None:
                    there.hear(said, 0.0)

    def here(self) -> tuple[dict[int, tuple[int, object]], dict[int, tuple[int, object]]]:
        one, other = self.one.all(), self.other.all()
        return (read(one) if one else {}), (read(other) if other else {})


def test_a_node_alone_keeps_nothing_to_tell(room: Room) -> None:
    """[NODE-3]"""
    room.hear(speaker(1), (7, 1, "{}"))
    assert room.states.untold() is None


def test_states_of_another_node_are_shown_and_not_told_again() -> None:
    """[NODE-3] [AWR-1] As that node wrote them, with its card; nothing echoes."""
    pair = Pair()
    pair.one.receive(node_speaker(1), spell((7, 1, '{"x":1}')), NOBODY, 0.0)
    pair.talk()
    expected = {7: (1, {"x": 1, "user": full_card(ADA)})}
    assert pair.here() == (expected, expected)
    assert pair.other.untold() is None
    assert pair.other.ours() is None
    assert read(pair.other.news()) == expected
    pair.one.leave(SessionId(1))
    pair.talk()
    assert pair.here() == ({}, {})
    assert read(pair.other.news()) == {7: (1, None)}


def test_a_client_that_moves_to_another_node_is_there_alone() -> None:
    """[NODE-3] It comes back with the clock it had; its old socket, found dead later, takes nothing away."""
    pair = Pair()
    pair.one.receive(node_speaker(1), spell((7, 4, '{"x":1}')), NOBODY, 0.0)
    pair.talk()
    pair.other.receive(node_speaker(1), spell((7, 4, '{"x":1}')), NOBODY, 0.0)
    pair.talk()
    pair.one.leave(SessionId(1))
    pair.talk()
    expected = {7: (4, {"x": 1, "user": full_card(ADA)})}
    assert pair.here() == (expected, expected)
    pair.other.receive(node_speaker(1), spell((7, 5, '{"x":2}')), NOBODY, 0.0)
    pair.talk()
    assert pair.here()[0] == {7: (5, {"x": 2, "user": full_card(ADA)})}
    pair.other.leave(SessionId(1))
    pair.talk()
    assert pair.here() == ({}, {})


def test_states_of_a_node_that_died_go_when_they_are_not_renewed() -> None:
    """[NODE-3] [AWR-3]"""
    pair = Pair()
    pair.one.receive(node_speaker(1), spell((7, 1, "{}")), NOBODY, 0.0)
    pair.talk()
    pair.other.expire(31.0)
    assert pair.here()[1] == {}
    assert pair.other.untold() is None  # what another node said is not ours to deny


@pytest.mark.parametrize(
    "forged", ["{}", '{"user":1}', '{"user":{"id":"x"}}', '{"user":{"id":1,"name":2,"role":3,"color":4}}', "1", "["]
)
def test_what_no_node_would_say_is_not_taken(forged: str) -> None:
    """[NODE-4] A state without a card, or none at all."""
    states = AwarenessStates(MAX_STATE_BYTES, is_shared=True)
    with pytest.raises(InvalidMessage):
        states.hear(spell((7, 1, forged)), 0.0)
    assert states.all() is None
