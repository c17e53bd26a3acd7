"""server.seats: a seat hears its messages in order, whatever one of them takes to read."""

from __future__ import annotations

import asyncio

from server.seats import LARGE_UPDATE_BYTES
from tests.unit.clockwork import in_its_own_time
from tests.unit.house import RECORD, house, journal_of, read, until
from tests.unit.scene import ADA, BEN, Replica
from workspace.errors import InvalidUpdate
from workspace.ids import Seq
from workspace.messages import SyncStep1, SyncStep2, Update
from workspace.update import read_update

PAGE = "a word, " * (LARGE_UPDATE_BYTES // 8 + 1)


@in_its_own_time
async def test_what_is_said_after_a_large_update_waits_for_it() -> None:
    """[ROOM-21] A large paste, a letter, another paste and a letter: journalled in this order, none twice."""
    async with house() as home:
        ada, ben = await home.seat(ADA), await home.seat(BEN)
        typist = Replica(7)
        said = [typist.type(PAGE), typist.type("1"), typist.type(PAGE), typist.type("2")]
        ada.say(Update(said[0]), Update(said[1]), SyncStep2(said[2]), Update(said[3]))
        assert ada.socket.is_paused(), "nothing more is read from the one who sent it"
        ben.say(SyncStep1(b"\x00"))
        assert ben.document == "", "others are answered meanwhile"
        await until(lambda: str(ben.document) == str(typist))
        assert not ada.socket.is_paused()
        entries = await journal_of(home).read(RECORD, after=Seq(0))
        assert [entry.update for entry in entries] == said
        assert await read(home, BEN) == PAGE + "1" + PAGE + "2"


@in_its_own_time
async def test_of_a_large_update_only_what_is_new_is_journalled() -> None:
    """[ROOM-21] [JRN-15] A client that comes back with everything; and once more, with nothing new."""
    async with house() as home:
        ada = await home.seat(ADA)
        typist = Replica(7)
        ada.say(Update(typist.type("Fever. ")))
        await until(lambda: ada.seat.live.room.head == 1)
        typist.type(PAGE)
        ada.say(SyncStep2(typist.doc.get_update()), SyncStep2(typist.doc.get_update()), Update(typist.type("!")))
        await until(lambda: ada.seat.live.room.head == 3)
        _, page, _ = await journal_of(home).read(RECORD, after=Seq(0))
        assert [(start, end) for _, start, end in read_update(page.update).structs] == [(7, 7 + len(PAGE))]
        assert await read(home, BEN) == str(typist)


@in_its_own_time
async def test_a_large_update_that_is_broken_ends_its_session() -> None:
    """[ROOM-21] [WIRE-4] What came after it is not heard, and nobody else notices."""
    async with house() as home:
        ada, ben = await home.seat(ADA), await home.seat(BEN)
        typist = Replica(7)
        ada.say(Update(typist.type(PAGE) + b"\x00"), Update(typist.type("1")))
        await until(lambda: ada.socket.ended is not None)
        assert isinstance(ada.socket.ended, InvalidUpdate)
        await asyncio.sleep(5)
        assert ben.socket.ended is None
        assert await journal_of(home).read(RECORD, after=Seq(0)) == []


@in_its_own_time
async def test_what_was_said_before_leaving_is_heard() -> None:
    """[ROOM-21] A tab that is closed right after a paste loses neither the paste nor the letter after it."""
    async with house() as home:
        ada = await home.seat(ADA)
        typist = Replica(7)
        ada.say(Update(typist.type(PAGE)), Update(typist.type("1")))
        ada.seat.leave()
        await until(lambda: home.hub.sessions == 0)
        assert not ada.socket.is_paused()
        await asyncio.sleep(1)
        assert await read(home, BEN) == PAGE + "1"
