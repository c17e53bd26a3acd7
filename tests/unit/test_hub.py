"""server.hub: all rooms of a node, and who may sit in them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from server import hub as hub_module
from server.hub import (
    DRAIN_SECONDS,
    LARGE_DOCUMENT_BYTES,
    MOST_TURNS,
    ROOMS_A_TURN,
    in_turns,
)
from server.seats import take_seat
from tests.unit.clockwork import in_its_own_time
from tests.unit.house import (
    ADDRESS,
    DEFECTS,
    DISCUSSION,
    RECORD,
    House,
    Socket,
    forget,
    here,
    house,
    journal_of,
    journalled,
    read,
    turns,
)
from tests.unit.scene import ADA, BEN, EVE, Replica
from workspace.compaction import open_replica
from workspace.entries import Stored
from workspace.errors import (
    ConsiliumError,
    Draining,
    NotFound,
    StorageUnavailable,
)
from workspace.hocuspocus import HocuspocusDialect
from workspace.ids import CaseId, DocumentId, DocumentName, Seq
from workspace.messages import Update
from workspace.replica import Replica as Held


def count_openings(home: House, monkeypatch: pytest.MonkeyPatch) -> list[DocumentId]:
    """The documents that the journal is asked to open, each held back until a turn later."""
    opened: list[DocumentId] = []
    real = journal_of(home).open

    async def slow(document: DocumentId) -> Stored:
        opened.append(document)
        await turns(3)
        return await real(document)

    monkeypatch.setattr(journal_of(home), "open", slow)
    return opened


def breaking(monkeypatch: pytest.MonkeyPatch, where: object, name: str, error: BaseException) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(where, name, fail)


# Opening


@in_its_own_time
async def test_concurrent_first_openings_share_one_load(monkeypatch: pytest.MonkeyPatch) -> None:
    """[ROOM-14]"""
    async with house() as home:
        opened = count_openings(home, monkeypatch)
        rooms = await asyncio.gather(*(home.hub.open(RECORD) for _ in range(20)), home.hub.open(DISCUSSION))
        assert opened == [RECORD, DISCUSSION]
        assert len({id(room) for room in rooms}) == 2
        assert home.hub.rooms == 2
        assert await home.hub.open(RECORD) is rooms[0]
        assert opened == [RECORD, DISCUSSION]


@in_its_own_time
async def test_who_gives_up_waiting_takes_nobody_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """[ROOM-14] The first who asked closed the tab while the document was loaded."""
    async with house() as home:
        opened = count_openings(home, monkeypatch)
        first = asyncio.create_task(home.hub.open(RECORD))
        await turns(1)
        second = asyncio.create_task(home.hub.open(RECORD))
        await turns(1)
        first.cancel()
        room = await second
        assert first.cancelled()
        assert opened == [RECORD]
        assert await home.hub.open(RECORD) is room


@in_its_own_time
async def test_everybody_who_waits_hears_why_a_document_cannot_be_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    """[ROOM-14] And the next one asks the journal anew."""
    async with house() as home:
        opened = count_openings(home, monkeypatch)
        absent = DocumentId(CaseId("z" * 16), DocumentName("record"))
        results = await asyncio.gather(*(home.hub.open(absent) for _ in range(3)), return_exceptions=True)
        assert [type(result) for result in results] == [NotFound] * 3
        assert opened == [absent]
        with pytest.raises(NotFound):
            await home.hub.open(absent)
        assert opened == [absent, absent]
        assert home.hub.rooms == 0


@pytest.mark.parametrize("error", DEFECTS, ids=lambda error: type(error).__name__)
@in_its_own_time
async def test_a_document_that_cannot_be_read_harms_no_other(
    monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    """[ROOM-18] Neither a panic of Rust's nor an entry that an older version took ends the house, and the client who
    asks is not told that it was its mistake."""
    async with house() as home:
        other = await home.seat(ADA, DISCUSSION)
        breaking(monkeypatch, hub_module, "open_replica", error)
        results = await asyncio.gather(*(home.hub.open(RECORD) for _ in range(2)), return_exceptions=True)
        assert [type(result) for result in results] == [ConsiliumError] * 2
        monkeypatch.undo()
        other.say(Update(Replica(7).type("x")))
        await turns()
        assert other.socket.take() == [["accepted"]]
        assert await read(home, BEN) == ""


@in_its_own_time
async def test_a_large_document_is_read_in_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """[ROOM-9] Other rooms do not wait for it."""
    async with house() as home:
        ada = await home.seat(ADA)
        await journalled(ada, "x" * LARGE_DOCUMENT_BYTES)
        ada.seat.live.end_all(Draining())
        sent: list[object] = []
        real = asyncio.to_thread

        async def to_thread(work: Callable[[Stored], Held], stored: Stored) -> Held:
            sent.append(work)
            return await real(work, stored)

        monkeypatch.setattr(asyncio, "to_thread", to_thread)
        assert len(await read(home, BEN)) == LARGE_DOCUMENT_BYTES
        assert sent == [open_replica]
        await read(home, BEN, DISCUSSION)
        assert len(sent) == 1


# Seats


@in_its_own_time
async def test_a_room_that_is_over_seats_nobody() -> None:
    """[ROOM-16] Between the opening and the seat it may end."""
    async with house() as home:
        admitted = await home.admit(ADA)
        live = await home.hub.open(RECORD)
        live.end_all(StorageUnavailable())
        socket = Socket(ADDRESS)
        with pytest.raises(Draining):
            take_seat(home.hub, live, admitted, HocuspocusDialect(ADDRESS), socket, hears_refusals=True)
        assert socket.writes == []
        assert await home.hub.open(RECORD) is not live


@in_its_own_time
async def test_session_ids_are_never_used_again() -> None:
    """[ROOM-10] An effect for one that left must not reach one that came."""
    async with house() as home:
        ids = []
        for _ in range(3):
            guest = await home.seat(ADA)
            ids.append(guest.seat.session)
            guest.seat.leave()
        assert len(set(ids)) == 3


# The end


@in_its_own_time
async def test_draining_journals_and_acknowledges_what_is_on_its_way_and_closes() -> None:
    """[ROOM-12] [ROOM-3] In this order; also what came in the same turn."""
    async with house() as home:
        ada, ben = await home.seat(ADA), await home.seat(BEN)
        idle = await home.seat(EVE, DISCUSSION, wire="yjs")
        journal_of(home).hold()
        ada.say(Update(Replica(7).type("on its way ")))
        await turns()
        ada.say(Update(Replica(9).type("just now")))
        draining = asyncio.create_task(home.hub.drain())
        await turns()
        assert home.hub.is_draining
        with pytest.raises(Draining):
            await home.hub.open(RECORD)
        with pytest.raises(Draining):
            await home.seat(BEN)
        assert ada.socket.writes == []
        assert ada.socket.ended is None
        journal_of(home).release()
        await draining
        assert [word for write in ada.socket.take() for word in write] == ["accepted", "accepted", "closed"]
        assert [word for write in ben.socket.take() for word in write][-1] == "closed"
        assert {type(guest.socket.ended) for guest in (ada, ben, idle)} == {Draining}
        assert (home.hub.rooms, home.hub.sessions) == (0, 0)
        assert len(await journal_of(home).read(RECORD, after=Seq(0))) == 2


@in_its_own_time
async def test_draining_does_not_wait_for_ever() -> None:
    """[ROOM-12] A disk that hangs. What was not acknowledged is with its author."""
    async with house() as home:
        loop = asyncio.get_running_loop()
        ada = await home.seat(ADA)
        journal_of(home).hold()
        ada.say(Update(Replica(7).type("x")))
        start = loop.time()
        await home.hub.drain()
        assert loop.time() - start <= DRAIN_SECONDS + 1
        assert ada.socket.take() == [["closed"]]
        assert isinstance(ada.socket.ended, Draining)
        journal_of(home).release()
        await turns()


@in_its_own_time
async def test_one_broken_room_does_not_keep_the_others_from_draining(monkeypatch: pytest.MonkeyPatch) -> None:
    """[ROOM-12] [ROOM-18]"""
    async with house() as home:
        broken, whole = await home.seat(ADA), await home.seat(ADA, DISCUSSION)
        whole.say(here(1))
        breaking(monkeypatch, broken.seat.live.room, "end_all", DEFECTS[1])
        await home.hub.drain()
        assert type(broken.socket.ended) is ConsiliumError
        assert isinstance(whole.socket.ended, Draining)
        assert (home.hub.rooms, home.hub.sessions) == (0, 0)


@in_its_own_time
async def test_draining_twice_is_draining_once() -> None:
    """[ROOM-12] The server drains while sockets are open, the application once more at its end."""
    async with house() as home:
        ada = await home.seat(ADA)
        await home.hub.drain()
        forget(ada)
        await home.hub.drain()
        assert ada.socket.writes == []


@in_its_own_time
async def test_a_hub_that_does_not_run_opens_nothing() -> None:
    """[ROOM-12]"""
    async with house() as home:
        hub = home.hub
    with pytest.raises(Draining):
        await hub.open(RECORD)


@in_its_own_time
async def test_the_next_node_finds_everything() -> None:
    """[ROOM-12] [ROOM-15]"""
    async with house() as home:
        ada = await home.seat(ADA)
        ada.say(Update(Replica(7).type("saved at the last moment")))
        records = home.stores.records
    async with house(records=records) as home:
        assert await read(home, BEN) == "saved at the last moment"


@in_its_own_time
async def test_two_nodes_on_one_journal_tell_one_story() -> None:
    """[ROOM-15] Their rooms find out by the gaps in their answers."""
    async with house() as one, house(records=one.stores.records) as two:
        ada, ben = await one.seat(ADA), await two.seat(BEN)
        await journalled(ada, "first ", client=7)
        await journalled(ben, "second ", client=8)
        assert ben.seat.live.room.head == 2, "the gap before its own entry was read"
        assert ada.seat.live.room.head == 1, "without a doorbell it knows at its next entry"
        await journalled(ada, "third ", client=9)
        assert ada.seat.live.room.head == 3
        await journalled(ben, "fourth", client=10)
        assert sorted((await read(two, EVE)).split()) == ["first", "fourth", "second", "third"]
        await journalled(ada, "fifth ", client=11)
        assert "fourth" in await read(one, EVE)
        assert await journal_of(one).heads([RECORD]) == {RECORD: 5}


# Upkeep


@pytest.mark.parametrize("count", [0, 1, ROOMS_A_TURN, 2 * ROOMS_A_TURN + 1, MOST_TURNS * ROOMS_A_TURN + 7, 30_000])
def test_every_room_is_looked_at_once_a_second_and_never_all_of_many_at_once(count: int) -> None:
    """[ROOM-8] In groups of about the same size: what is done for 30,000 rooms lets those who type in between."""
    groups = in_turns(range(count))
    assert sorted(room for group in groups for room in group) == list(range(count))
    assert 1 <= len(groups) <= MOST_TURNS
    sizes = [len(group) for group in groups]
    assert max(sizes) - min(sizes) <= 1
    assert max(sizes) <= max(2 * ROOMS_A_TURN, count // MOST_TURNS + 1)
