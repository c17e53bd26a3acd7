"""server.live: one room with its journal, its timing and its clients."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from server import lines as lines_module
from server.edge import frame
from server.live import CROWD
from tests.unit.clockwork import in_its_own_time
from tests.unit.house import (
    DISCUSSION,
    RECORD,
    WALL,
    Socket,
    forget,
    here,
    house,
    journal_of,
    journalled,
    read,
    turns,
)
from tests.unit.scene import ADA, BEN, Replica
from workspace.entries import Append, Entry
from workspace.errors import (
    StorageUnavailable,
    Superseded,
)
from workspace.hocuspocus import HocuspocusDialect
from workspace.ids import Millis, OpId, Seq
from workspace.limits import Limits
from workspace.messages import ServerMessage, SyncStep1, SyncStep2, Update

# Journal, show, acknowledge


@in_its_own_time
async def test_nothing_is_said_of_an_edit_before_it_is_journalled() -> None:
    """[ROOM-1] [ROOM-3] Then the others see it before its author is told."""
    async with house() as home:
        ada, ben = await home.seat(ADA), await home.seat(BEN, wire="yjs")
        said: list[str] = []
        ada.socket.on_write = lambda: said.append("to ada")
        ben.socket.on_write = lambda: said.append("to ben")
        journal_of(home).hold()
        ada.say(Update(Replica(7).type("hello")))
        await turns()
        assert journal_of(home).waiting == 1
        assert said == []
        journal_of(home).release()
        await turns()
        assert said == ["to ben", "to ada"]
        assert ben.socket.take() == [["update"]]
        assert ada.socket.take() == [["accepted"]]


@in_its_own_time
async def test_edits_of_one_turn_are_one_append() -> None:
    """[JRN-4] Whoever made them."""
    async with house() as home:
        ada, ben = await home.seat(ADA), await home.seat(BEN)
        journal_of(home).hold()
        ada.say(Update(Replica(7).type("a")), Update(Replica(9).type("b")))
        ben.say(Update(Replica(8).type("c")))
        await turns()
        assert journal_of(home).waiting == 1
        ada.say(Update(Replica(10).type("d")))
        await turns()
        assert journal_of(home).waiting == 2
        journal_of(home).release()
        await turns()
        assert [entry.seq for entry in await journal_of(home).read(RECORD, after=Seq(0))] == [1, 2, 3, 4]
        assert ada.seat.live.room.is_settled


@in_its_own_time
async def test_both_wires_are_told_in_their_own_words() -> None:
    """[ROOM-7] [WIRE-9]"""
    async with house() as home:
        ada, ben = await home.seat(ADA, wire="yjs"), await home.seat(BEN)
        hers = await journalled(ada, "hers ")
        assert (ada.socket.take(), ben.socket.take()) == ([["saved"]], [["update"]])
        ben.say(Update(Replica(8).take([hers.doc.get_update()]).type("his")))
        await turns()
        assert (ada.socket.take(), ben.socket.take()) == ([["update"]], [["accepted"]])


# Timing


@in_its_own_time
async def test_a_quiet_room_shows_at_once_and_a_busy_one_gathers() -> None:
    """[ROOM-8]"""
    async with house(Limits(gather_seconds=0.5)) as home:
        ada, ben = await home.seat(ADA), await home.seat(BEN)
        typist = Replica(7)
        clock = asyncio.get_running_loop().time
        start = clock()
        ada.say(Update(typist.type("one ")))
        await turns()
        assert clock() == start
        assert ben.socket.take() == [["update"]], "the leading edge is immediate"
        ada.say(Update(typist.type("two ")))
        await turns()
        ada.say(Update(typist.type("three ")), here(1))
        await turns()
        assert clock() == start
        assert ben.socket.writes == []
        await asyncio.sleep(0.49)
        assert ben.socket.writes == []
        await asyncio.sleep(0.02)
        assert ben.socket.take() == [["update", "awareness"]], "one write holds all that was gathered"
        assert ada.socket.take() == [["accepted"], ["accepted", "accepted"]]
        await asyncio.sleep(1)
        ada.say(here(2))
        await turns()
        assert ben.socket.take() == [["awareness"]], "quiet again, at once again"


@in_its_own_time
async def test_a_crowd_is_gathered_for_longer() -> None:
    """[ROOM-8] Each flush is a write to all of them."""
    async with house(Limits(gather_seconds=0.5, max_sessions_per_person=3 * CROWD)) as home:
        ada = await home.seat(ADA)
        others = [await home.seat(BEN) for _ in range(2 * CROWD - 1)]
        ada.say(here(1))
        await turns()
        ada.say(here(2))
        await asyncio.sleep(0.9)
        assert len(others[0].socket.writes) == 1
        await asyncio.sleep(0.2)
        assert len(others[0].socket.writes) == 2


@in_its_own_time
async def test_what_is_shown_is_spelled_once_per_wire(monkeypatch: pytest.MonkeyPatch) -> None:
    """[ROOM-8] However many are in the room."""
    framed = 0

    def counted(payloads: Sequence[bytes]) -> bytes:
        nonlocal framed
        framed += 1
        return frame(payloads)

    async with house() as home:
        ada = await home.seat(ADA)
        others = [await home.seat(BEN, wire=wire) for wire in ("collab", "yjs") * 10]
        monkeypatch.setattr(lines_module, "frame", counted)
        ada.say(here(1))
        await turns()
        assert framed == 2
        ada.say(Update(Replica(7).type("x")), here(2))
        await asyncio.sleep(1)
        assert framed == 4
        for wire in (0, 1):
            assert len({tuple(other.socket.writes) for other in others[wire::2]}) == 1
            assert others[wire].socket.take() == [["awareness"], ["update", "awareness"]]


# The journal fails


@pytest.mark.parametrize("committed", [True, False])
@in_its_own_time
async def test_a_room_whose_journal_failed_is_not_used_again(*, committed: bool) -> None:
    """[ROOM-16] [ROOM-14] What the journal holds decides; what was not acknowledged is sent again, and not doubled."""
    async with house() as home:
        ada, ben = await home.seat(ADA), await home.seat(BEN)
        typist = await journalled(ada, "saved ")
        forget(ada, ben)
        journal_of(home).fail(1, committed=committed)
        update = typist.type("unknown")
        ada.say(Update(update))
        await turns()
        assert [type(guest.socket.ended) for guest in (ada, ben)] == [StorageUnavailable] * 2
        assert (ada.socket.take(), ben.socket.take()) == ([["closed"]], [["closed"]]), "neither shown nor acknowledged"
        assert (home.hub.rooms, home.hub.sessions) == (0, 0)
        assert ada.seat.live.is_over
        ada.say(Update(update))
        again = await home.seat(ADA)
        assert again.seat.live is not ada.seat.live
        assert again.seat.live.room.head == (2 if committed else 1)
        again.say(SyncStep2(typist.doc.get_update()))
        await turns()
        assert again.socket.take() == [["accepted"]]
        assert await read(home, BEN) == "saved unknown"
        assert len(await journal_of(home).read(RECORD, after=Seq(0))) == 2


@in_its_own_time
async def test_the_answers_of_a_room_that_is_over_are_ignored() -> None:
    """[ROOM-16] Two appends were on their way when the first failed."""
    async with house() as home:
        ada = await home.seat(ADA)
        journal_of(home).hold()
        for client in (7, 8):
            ada.say(Update(Replica(client).type("x")))
            await turns()
        journal_of(home).fail(1)
        journal_of(home).release()
        await turns()
        assert isinstance(ada.socket.ended, StorageUnavailable)
        assert ada.seat.live.room.head == 0
        assert await read(home, BEN) == "x"


@in_its_own_time
async def test_a_superseded_room_is_over_and_newcomers_hear_where_it_goes_on() -> None:
    """[JRN-9]"""
    async with house() as home:
        ada, ben = await home.seat(ADA), await home.seat(BEN)
        typist = await journalled(ada, "old")
        successor = await journal_of(home).supersede(RECORD, None, ADA.id, Millis(WALL))
        ada.say(Update(typist.type("too late")))
        await turns()
        assert isinstance(ada.socket.ended, Superseded)
        assert isinstance(ben.socket.ended, Superseded)
        assert (home.hub.rooms, home.hub.sessions) == (0, 0)
        with pytest.raises(Superseded) as caught:
            await home.hub.open(RECORD)
        assert caught.value.successor == str(successor)


# Another node


@in_its_own_time
async def test_a_gap_is_read_from_the_journal_and_nobody_waits_for_the_next_edit() -> None:
    """[ROOM-15] Two nodes; more than one read's worth is missing."""
    async with house() as home:
        ada, ben = await home.seat(ADA), await home.seat(BEN)
        theirs = Replica(8)
        appends = [
            Append(
                OpId(b"node two" + n.to_bytes(8, "big")), RECORD, theirs.type("."), BEN.id, frozenset(), Millis(WALL)
            )
            for n in range(2_500)
        ]
        home.stores.records.history.append(appends)
        ada.say(Update(Replica(7).type("mine")))
        await turns(200)
        await asyncio.sleep(1)
        assert ada.seat.live.room.head == 2_501
        assert ada.seat.live.room.is_settled
        assert "accepted" in ada.socket.take()[-1]
        assert len(ben.document) == 2_504


@in_its_own_time
async def test_a_gap_that_opens_while_the_journal_is_read_is_read_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """[ROOM-15] The read under way looked too early."""
    async with house() as home:
        ada = await home.seat(ADA)
        journal, theirs = journal_of(home), Replica(8)
        reads: list[asyncio.Event] = []
        real = journal.read

        async def slow(*args: object, **kwargs: object) -> Sequence[Entry]:
            entries = await real(*args, **kwargs)  # type: ignore[arg-type]  # passed through as they came
            reads.append(asyncio.Event())
            await reads[-1].wait()
            return entries

        def elsewhere(number: int) -> None:
            op = OpId(number.to_bytes(16, "little"))
            append = Append(op, RECORD, theirs.type("."), BEN.id, frozenset(), Millis(WALL))
            home.stores.records.history.append([append])

        monkeypatch.setattr(journal, "read", slow)
        elsewhere(1)
        ada.say(Update(Replica(7).type("x")))
        await turns()
        assert len(reads) == 1
        elsewhere(3)
        ada.say(Update(Replica(9).type("y")))
        await turns()
        assert len(reads) == 1, "one read at a time"
        reads[0].set()
        await turns()
        reads[1].set()
        await turns()
        assert ada.seat.live.room.head == 4
        assert ada.seat.live.room.is_settled


@pytest.mark.parametrize("error", [StorageUnavailable(), RuntimeError("a driver's")])
@in_its_own_time
async def test_a_room_that_cannot_read_what_it_lacks_is_over(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """[ROOM-16] [ROOM-18]"""
    async with house() as home:
        ada, other = await home.seat(ADA), await home.seat(ADA, DISCUSSION)

        async def broken(*_: object, **__: object) -> Sequence[Entry]:
            raise error

        monkeypatch.setattr(journal_of(home), "read", broken)
        append = Append(OpId(b"e" * 16), RECORD, Replica(8).type("."), BEN.id, frozenset(), Millis(WALL))
        home.stores.records.history.append([append])
        ada.say(Update(Replica(7).type("x")))
        await turns()
        assert isinstance(ada.socket.ended, StorageUnavailable)
        assert other.socket.ended is None
        assert home.hub.rooms == 1


def test_the_house_s_own_instruments_are_sound() -> None:
    """What the tests above read from the sockets is what a client would read."""
    address = str(RECORD).encode()
    told: list[ServerMessage] = [SyncStep1(b"\x00"), Update(b"\x00\x00" + b"\x00" * 200)]
    socket = Socket(address)
    socket.write(frame(HocuspocusDialect(address).encode(told)))
    assert socket.updates() == [b"\x00\x00" + b"\x00" * 200]
    assert socket.take() == [["step 1", "update"]]
