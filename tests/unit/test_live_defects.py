"""server.live: a defect in one room ends that room and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from tests.unit.clockwork import in_its_own_time
from tests.unit.house import (
    DEFECTS,
    DISCUSSION,
    WALL,
    count_of,
    here,
    house,
    journal_of,
    read,
    turns,
    until,
)
from tests.unit.scene import ADA, BEN, Replica
from workspace.errors import (
    ConsiliumError,
    InvalidMessage,
    Unauthenticated,
)
from workspace.limits import Limits
from workspace.messages import SyncStep1, Update


def harmful(error: BaseException) -> Callable[..., None]:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


@pytest.mark.parametrize("error", DEFECTS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("method", ["receive", "answered", "flush", "leave"])
@in_its_own_time
async def test_a_defect_ends_its_room_s_sessions_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, method: str, error: BaseException
) -> None:
    """[ROOM-18] Wherever in the room it is met: a client's message, the journal's answer, a turn, an end."""
    async with house() as home:
        ada, ben = await home.seat(ADA), await home.seat(BEN, wire="yjs")
        elsewhere = await home.seat(ADA, DISCUSSION)
        monkeypatch.setattr(ada.seat.live.room, method, harmful(error))
        ada.say(Update(Replica(7).type("x")))
        await turns()
        if method == "leave":
            ada.seat.leave()
        await turns()
        for guest in (ada, ben):
            assert type(guest.socket.ended) is ConsiliumError
            assert guest.seat.live.is_over
        assert (home.hub.rooms, home.hub.sessions) == (1, 1)
        assert (count_of(ADA.id, home), count_of(BEN.id, home)) == (1, 0)
        elsewhere.say(Update(Replica(7).type("y")))
        await turns()
        assert elsewhere.socket.take() == [["accepted"]]
        await asyncio.sleep(5)
        assert (await home.seat(ADA)).seat.live is not ada.seat.live


@pytest.mark.parametrize("error", DEFECTS, ids=lambda error: type(error).__name__)
@in_its_own_time
async def test_a_defect_while_a_busy_room_is_shown_loses_nobody_silently(
    monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    """[ROOM-18] The timer's callback has nobody above it who would catch anything."""
    async with house(Limits(gather_seconds=0.5)) as home:
        ada = await home.seat(ADA)
        ada.say(here(1))
        await turns()
        ada.say(Update(Replica(7).type("x")))
        await turns()
        monkeypatch.setattr(ada.seat.live.room, "flush", harmful(error))
        await asyncio.sleep(0.6)
        assert type(ada.socket.ended) is ConsiliumError
        assert home.hub.rooms == 0
        assert await read(home, BEN) == "x"


@pytest.mark.parametrize("error", DEFECTS, ids=lambda error: type(error).__name__)
@in_its_own_time
async def test_a_defect_in_a_tick_ends_its_room_and_the_ticking_goes_on(
    monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    """[ROOM-18]"""
    async with house() as home:
        ada, other = await home.seat(ADA), await home.seat(ADA, DISCUSSION, until=WALL + 10_000)
        monkeypatch.setattr(ada.seat.live.room.awareness, "expire", harmful(error))
        await asyncio.sleep(2)
        assert type(ada.socket.ended) is ConsiliumError
        assert home.hub.sessions == 1
        await until(lambda: isinstance(other.socket.ended, Unauthenticated))


@in_its_own_time
async def test_a_message_that_cannot_be_read_ends_one_session() -> None:
    """[WIRE-2] [ROOM-18] That is no defect of ours."""
    async with house() as home:
        ada, ben = await home.seat(ADA), await home.seat(BEN)
        ada.say(SyncStep1(b"\xff"), Update(Replica(7).type("after the end")))
        await turns()
        assert isinstance(ada.socket.ended, InvalidMessage)
        assert ada.socket.take() == [["closed"]]
        assert ben.socket.ended is None
        assert home.hub.sessions == 1
        assert await read(home, BEN) == ""


@in_its_own_time
async def test_a_journal_that_cannot_even_be_asked_ends_the_room_that_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """[ROOM-18] [ROOM-16] Otherwise its clients would wait for an answer that never comes."""
    async with house() as home:
        ada, other = await home.seat(ADA), await home.seat(ADA, DISCUSSION)
        monkeypatch.setattr(journal_of(home), "append", harmful(RuntimeError("a driver's")))
        ada.say(Update(Replica(7).type("x")))
        await turns()
        assert type(ada.socket.ended) is ConsiliumError
        assert other.socket.ended is None
        assert home.hub.rooms == 1
