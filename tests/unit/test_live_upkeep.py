"""server.live: what a room does once a second, how it is compacted and unloaded, and its bounds."""

from __future__ import annotations

import asyncio

import pytest

from server.lines import ASK_BEFORE_MILLIS
from server.live import BUSY_EDITS
from tests.unit.clockwork import START, in_its_own_time
from tests.unit.house import (
    DEFECTS,
    DISCUSSION,
    RECORD,
    WALL,
    forget,
    here,
    house,
    journal_of,
    journalled,
    read,
    turns,
    until,
)
from tests.unit.scene import ADA, BEN, EVE, Replica
from workspace.compaction import squash
from workspace.entries import Append, Snapshot
from workspace.errors import (
    InvalidMessage,
    StorageUnavailable,
    TooManySessions,
    Unauthenticated,
)
from workspace.ids import Millis, OpId, Seq, UpdateBytes
from workspace.limits import Limits
from workspace.messages import Update
from workspace.replica import Holding

# Once a second


@in_its_own_time
async def test_a_silent_socket_is_spoken_to() -> None:
    """[WIRE-10] Stock clients drop a link that was silent for 30 s."""
    async with house(Limits(keepalive_seconds=12)) as home:
        ada, ben = await home.seat(ADA), await home.seat(BEN, wire="yjs")
        await asyncio.sleep(11)
        assert (ada.socket.writes, ben.socket.writes) == ([], [])
        await asyncio.sleep(3)
        assert ada.socket.take() == [["ping"]]
        assert ben.socket.take() == [["awareness"]]
        await asyncio.sleep(9)
        ada.say(here(1))
        await asyncio.sleep(5)
        assert ada.socket.take() == [["ping"]]
        assert ben.socket.take() == [["awareness"]], "who is spoken to anyway needs no more"


@in_its_own_time
async def test_a_sign_in_that_ends_is_asked_for_and_then_ends_the_session() -> None:
    """[ROOM-17]"""
    async with house(Limits(keepalive_seconds=1_000)) as home:
        minute = ASK_BEFORE_MILLIS // 1_000
        until = WALL + round((asyncio.get_running_loop().time() - START) * 1_000) + 3 * ASK_BEFORE_MILLIS
        ada, ben = await home.seat(ADA, until=until), await home.seat(BEN, wire="yjs", until=until)
        renewed = await home.seat(EVE, until=until)
        await asyncio.sleep(2 * minute - 2)
        assert ada.socket.writes == []
        await asyncio.sleep(4)
        assert ada.socket.take() == [["sign in"]]
        await asyncio.sleep(10)
        assert ada.socket.writes == [], "asked once"
        renewed.seat.line.expires_at = Millis(until + 10 * ASK_BEFORE_MILLIS)
        await asyncio.sleep(minute - 14)
        assert home.hub.sessions == 3
        await asyncio.sleep(4)
        assert isinstance(ada.socket.ended, Unauthenticated)
        assert isinstance(ben.socket.ended, Unauthenticated)
        assert ada.socket.take() == [["closed"]]
        assert ben.socket.writes == []
        assert renewed.socket.ended is None


@in_its_own_time
async def test_presence_that_is_not_renewed_is_gone_for_the_others() -> None:
    """[AWR-3] Also when nothing else happens in the room."""
    async with house(Limits(keepalive_seconds=1_000)) as home:
        ada, ben = await home.seat(ADA), await home.seat(BEN)
        ada.say(here(1))
        await turns()
        ben.socket.take()
        await asyncio.sleep(28)
        assert ben.socket.writes == []
        await asyncio.sleep(4)
        assert ben.socket.take() == [["awareness"]]
        assert ada.seat.live.room.awareness.all() is None


@in_its_own_time
async def test_who_leaves_is_gone_for_the_others() -> None:
    """[AWR-3]"""
    async with house() as home:
        ada, ben = await home.seat(ADA), await home.seat(BEN)
        ada.say(here(1))
        await asyncio.sleep(1)
        ben.socket.take()
        ada.seat.leave()
        ada.seat.leave()
        await turns()
        assert ben.socket.take() == [["awareness"]]
        assert home.hub.sessions == 1


# Idle rooms and compaction


@in_its_own_time
async def test_an_idle_room_is_compacted_and_unloaded() -> None:
    """[ROOM-11] [JRN-12]"""
    async with house(Limits(idle_room_seconds=60)) as home:
        ada = await home.seat(ADA)
        await journalled(ada, "one ", "two ")
        room = ada.seat.live
        ada.seat.leave()
        await asyncio.sleep(55)
        assert home.hub.rooms == 1
        await until(lambda: home.hub.rooms == 0)
        assert room.is_over
        stored = await journal_of(home).open(RECORD)
        assert stored.snapshot is not None
        assert (stored.snapshot.seq, stored.entries) == (2, ())
        assert len(await journal_of(home).read(RECORD, after=Seq(0))) == 2, "history is kept"
        assert await read(home, BEN) == "one two "


@in_its_own_time
async def test_a_room_with_somebody_in_it_or_something_on_its_way_is_not_unloaded() -> None:
    """[ROOM-11] [ROOM-1]"""
    async with house(Limits(idle_room_seconds=5)) as home:
        ada, quiet = await home.seat(ADA), await home.seat(BEN, DISCUSSION)
        journal_of(home).hold()
        ada.say(Update(Replica(7).type("x")))
        ada.seat.leave()
        await asyncio.sleep(60)
        assert home.hub.rooms == 2
        journal_of(home).release()
        await turns()
        assert ada.seat.live.room.head == 1
        await until(lambda: home.hub.rooms == 1)
        assert ada.seat.live.is_over
        assert not quiet.seat.live.is_over
        assert await read(home, BEN) == "x"


@in_its_own_time
async def test_a_room_is_compacted_while_it_is_written_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """[JRN-13] [JRN-12] Edits, newcomers and acknowledgements do not wait for it, and nothing is lost."""
    started, go_on = asyncio.Event(), asyncio.Event()

    async with house(Limits(compact_every=5)) as home:
        journal, real = journal_of(home), journal_of(home).write_snapshot

        async def slow(document: object, snapshot: Snapshot, at: Millis) -> None:
            assert document == RECORD
            started.set()
            await go_on.wait()
            await real(RECORD, snapshot, at)

        monkeypatch.setattr(journal, "write_snapshot", slow)
        ada = await home.seat(ADA)
        typist = await journalled(ada, *"abcde")
        await started.wait()
        for _ in range(3):
            ada.say(Update(typist.type("later ")))
            await turns()
            await asyncio.sleep(1)
        assert ada.socket.take()[-1] == ["accepted"]
        assert await read(home, BEN) == "abcdelater later later "
        go_on.set()
        await turns()
        stored = await journal.open(RECORD)
        assert stored.snapshot is not None
        assert [entry.seq for entry in stored.entries] == list(range(stored.snapshot.seq + 1, 9))
        assert await read(home, BEN) == "abcdelater later later "
        assert len(await journal.read(RECORD, after=Seq(0))) == 8
        assert str(typist) == "abcdelater later later "


@pytest.mark.parametrize("error", [*DEFECTS, StorageUnavailable()], ids=lambda error: type(error).__name__)
@in_its_own_time
async def test_a_compaction_that_fails_is_only_put_off(error: BaseException) -> None:
    """[JRN-13] [ROOM-18] History stands whole without it, whatever it died of."""
    tried = 0

    async def fails_twice(holding: Holding) -> UpdateBytes:
        nonlocal tried
        tried += 1
        if tried <= 2:
            raise error
        return squash(holding)

    async with house(Limits(compact_every=3, idle_room_seconds=30), squasher=fails_twice) as home:
        ada = await home.seat(ADA)
        typist = await journalled(ada, *"abc")
        await until(lambda: tried == 1)
        await asyncio.sleep(20)
        assert tried == 1, "not tried again before more has come"
        assert ada.socket.ended is None
        ada.say(*(Update(typist.type(letter)) for letter in "def"))
        await until(lambda: tried == 2)
        ada.say(*(Update(typist.type(letter)) for letter in "ghi"))
        ada.seat.leave()
        await until(lambda: home.hub.rooms == 0)
        stored = await journal_of(home).open(RECORD)
        assert stored.snapshot is not None
        assert stored.snapshot.seq == 9
        assert await read(home, BEN) == "abcdefghi"


# Bounds


@in_its_own_time
async def test_a_room_has_so_many_seats() -> None:
    """[ROOM-9]"""
    async with house(Limits(max_sessions_per_room=2)) as home:
        ada, _ = await home.seat(ADA), await home.seat(BEN)
        with pytest.raises(TooManySessions):
            await home.seat(EVE)
        await home.seat(ADA, DISCUSSION)
        assert home.hub.sessions == 3
        ada.seat.leave()
        await home.seat(EVE)


def heavy(client: int) -> Update:
    return Update(Replica(client).type("x" * 900))


@in_its_own_time
async def test_many_small_edits_stop_the_reading_too() -> None:
    """[ROOM-9] Each costs more than its bytes: a flood of letters must not fill the memory of a slow disk's server."""
    async with house() as home:
        ada, typist = await home.seat(ADA), Replica(7)
        journal_of(home).hold()
        for _ in range(BUSY_EDITS):
            ada.say(Update(typist.type("x")))
        assert not ada.socket.is_paused()
        ada.say(Update(typist.type("x")))
        assert ada.socket.is_paused()
        await turns()
        journal_of(home).release()
        await turns()
        assert not ada.socket.is_paused()
        assert ada.seat.live.room.head == BUSY_EDITS + 1


@in_its_own_time
async def test_a_room_that_waits_for_the_disk_stops_reading_its_writers() -> None:
    """[ROOM-9] What waits in memory is bounded where it comes in; nothing is dropped."""
    async with house(Limits(max_update_bytes=1_000)) as home:
        ada, ben, eve = await home.seat(ADA), await home.seat(BEN), await home.seat(EVE)
        journal_of(home).hold()
        for client in range(7, 11):
            ada.say(heavy(client))
        assert not ada.socket.is_paused()
        ada.say(heavy(11))
        assert ada.socket.is_paused()
        ben.say(heavy(12))
        assert ben.socket.is_paused()
        assert not eve.socket.is_paused(), "who says nothing is no burden"
        await turns()
        journal_of(home).release()
        await turns()
        assert not ada.socket.is_paused()
        assert not ben.socket.is_paused()
        assert ada.seat.live.room.head == 6
        assert sum(write.count("accepted") for write in ada.socket.take()) == 5


@in_its_own_time
async def test_a_paused_socket_is_read_again_when_its_session_ends() -> None:
    """[ROOM-9] On a Hocuspocus socket other documents go on."""
    async with house(Limits(max_update_bytes=1_000)) as home:
        ada = await home.seat(ADA)
        journal_of(home).hold()
        for client in range(7, 12):
            ada.say(heavy(client))
        assert ada.socket.is_paused()
        ada.seat.leave()
        assert not ada.socket.is_paused()
        journal_of(home).release()
        await turns()
        assert ada.seat.live.room.head == 5


@in_its_own_time
async def test_a_session_that_ends_on_its_message_is_not_paused() -> None:
    """[ROOM-9] Its closing frames would never be read."""
    async with house(Limits(max_update_bytes=1_000)) as home:
        ada = await home.seat(ADA)
        journal_of(home).hold()
        for client in range(7, 12):
            ada.say(heavy(client))
        ben = await home.seat(BEN)
        ben.say(Update(b"\xff"))
        assert isinstance(ben.socket.ended, InvalidMessage)
        assert not ben.socket.is_paused()
        journal_of(home).release()
        await turns()


@in_its_own_time
async def test_paused_sockets_are_read_again_when_a_gap_was_what_kept_them() -> None:
    """[ROOM-9] [ROOM-15] The answer came, but could not be applied until another node's entry was read."""
    async with house(Limits(max_update_bytes=1_000)) as home:
        ada = await home.seat(ADA)
        append = Append(OpId(b"e" * 16), RECORD, Replica(8).type("."), BEN.id, frozenset(), Millis(WALL))
        home.stores.records.history.append([append])
        for client in range(17, 22):
            ada.say(heavy(client))
        assert ada.socket.is_paused()
        await turns()
        assert ada.seat.live.room.head == 6
        assert not ada.socket.is_paused()


@in_its_own_time
async def test_a_room_that_ends_says_first_what_is_decided() -> None:
    """[ROOM-12] In one gathering time there may be acknowledgements that were not said yet."""
    async with house(Limits(gather_seconds=0.5)) as home:
        ada, ben = await home.seat(ADA), await home.seat(BEN)
        ada.say(here(1))
        await turns()
        ada.say(Update(Replica(7).type("x")))
        await turns()
        forget(ada, ben)
        ada.seat.live.end_all(StorageUnavailable())
        assert ben.socket.take() == [["update"], ["closed"]]
        assert ada.socket.take() == [["accepted"], ["closed"]]
        await asyncio.sleep(2)
        assert ada.socket.writes == []
