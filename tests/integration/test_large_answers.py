"""What one client is sent at great length, and asks at great length: a large document, a frame of many questions."""

from __future__ import annotations

import contextlib

import pytest

from tests.integration import lib0
from tests.integration.conftest import House, MakeHouse
from tests.integration.raw import open_yjs
from tests.integration.yclient import read_fresh

MIB = 1024 * 1024
SETTINGS = {
    "CONSILIUM_MAX_FRAME_BYTES": str(2 * MIB),
    "CONSILIUM_MAX_UPDATE_BYTES": str(2 * MIB),
    "CONSILIUM_MAX_OUTBOX_BYTES": str(2 * MIB),
    "CONSILIUM_MAX_DOCUMENT_BYTES": str(64 * MIB),
    "CONSILIUM_FRAME_BURST": "4000",
}
PARTS = 12
"""With the outbox, more than what the kernel's own buffers take off the server's hands."""


@pytest.fixture(scope="module")
def house(make_house: MakeHouse) -> House:
    """A server with a small outbox."""
    return make_house(SETTINGS)


async def test_a_document_larger_than_the_outbox_can_be_opened(house: House) -> None:
    """[ROOM-9] [ROOM-20] Its reader is not slow: it is being sent much."""
    server, people = house
    case = people.open_case(server)
    async with await open_yjs(server, people.lead, case) as raw:
        for number in range(PARTS):
            await raw.say(lib0.update(lib0.insertion(100 + number, 0, str(number % 10) * (2 * MIB - 100))))
        await raw.heard(b"\x64" + lib0.var_uint(PARTS), seconds=60)
    async with await open_yjs(server, people.consultant, case) as raw:
        await raw.say(lib0.step_1(b"\x00"))
        await raw.heard(b"\x00\x01", seconds=60)
        assert sum(map(len, raw.frames)) > (PARTS - 1) * 2 * MIB
        await raw.say(lib0.step_2(b"\x00\x00"))
        await raw.heard(b"\x64\x01")  # no closing frame stood behind the document
    async with await open_yjs(server, people.consultant, case) as raw:
        with contextlib.suppress(ConnectionError):
            for _ in range(3):
                await raw.say(lib0.step_1(b"\x00"))
        assert await raw.closed(seconds=60) == 1013, "who asks for it three times and reads nothing is slow"


async def test_a_frame_of_a_thousand_questions_is_a_thousand_questions(house: House) -> None:
    """[ROOM-9] CONSILIUM_FRAME_BURST: 4429; the pace counts messages, however few frames they come in."""
    server, people = house
    case = people.open_case(server)
    async with await open_yjs(server, people.consultant, case) as raw:
        await raw.frame(b"\x03" * 150)
        await raw.say(lib0.step_1(b"\x00"))
        await raw.heard(b"\x00\x01")
        await raw.frame(lib0.step_1(b"\x00") * 900)
        assert await raw.closed() == 4429
    assert await read_fresh(server, people.lead, case) == []
