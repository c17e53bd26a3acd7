"""server.places: how many sessions there may be."""

from __future__ import annotations

import asyncio

import pytest

from storage.memory import MemoryCounter, MemoryExchange, MemoryRecords
from tests.unit.clockwork import in_its_own_time
from tests.unit.house import (
    DISCUSSION,
    ELSEWHERE,
    count_of,
    counted,
    house,
)
from tests.unit.scene import ADA, BEN, EVE
from workspace.errors import (
    Overloaded,
    TooManySessions,
)
from workspace.limits import Limits
from workspace.messages import Update


@in_its_own_time
async def test_a_person_has_so_many_sessions() -> None:
    """[ROOM-9] In all rooms together; a session that ended counts no more, however it ended."""
    async with house(Limits(max_sessions_per_person=3)) as home:
        first = await home.seat(ADA)
        await home.seat(ADA)
        third = await home.seat(ADA, DISCUSSION)
        with pytest.raises(TooManySessions):
            await home.seat(ADA, ELSEWHERE)
        await home.seat(BEN)
        first.seat.leave()
        first.seat.leave()
        await home.seat(ADA, ELSEWHERE)
        third.say(Update(b"\xff"))
        assert count_of(ADA.id, home) == 2
        await home.seat(ADA)
        with pytest.raises(TooManySessions):
            await home.seat(ADA)


@in_its_own_time
async def test_nothing_is_counted_when_nobody_is_here() -> None:
    """[ROOM-11] The hub's own memory comes back too."""
    async with house() as home:
        guests = [await home.seat(who) for who in (ADA, ADA, BEN, EVE)]
        assert home.hub.sessions == 4
        for guest in guests:
            guest.seat.leave()
        assert home.hub.sessions == 0
        assert not home.hub.places.taken_by
        assert counted(home) == 0


@in_its_own_time
async def test_a_refused_seat_is_not_counted() -> None:
    """[ROOM-9]"""
    async with house(Limits(max_sessions_per_room=1)) as home:
        await home.seat(ADA)
        with pytest.raises(TooManySessions):
            await home.seat(BEN)
        assert (home.hub.sessions, count_of(BEN.id, home), counted(home)) == (1, 0, 1)


@in_its_own_time
async def test_an_installation_has_so_many_sessions_and_a_node_too() -> None:
    """[NODE-9] [ROOM-9] Whoever comes then is told that the server is full, and comes back."""
    for limits in (Limits(max_sessions=2), Limits(max_sessions_per_node=2)):
        async with house(limits) as home:
            ada, _ = await home.seat(ADA), await home.seat(BEN)
            with pytest.raises(Overloaded):
                await home.seat(EVE)
            ada.seat.leave()
            await home.seat(EVE)
            assert (home.hub.sessions, counted(home)) == (2, 2)


@in_its_own_time
async def test_sessions_are_counted_over_all_nodes() -> None:
    """[NODE-9] Of a person, of a room, of the installation; a dead node's count no more, and a node that cannot ask the
    others counts its own."""
    counter = MemoryCounter(asyncio.get_running_loop().time)
    records, exchange = MemoryRecords(), MemoryExchange()
    limits = Limits(max_sessions_per_person=2, max_sessions_per_room=3, max_sessions=4)
    first = house(limits, records, bus=exchange.bus(), counts=(one := counter.node()), is_first=True)
    async with first as here_, house(limits, records, bus=exchange.bus(), counts=counter.node()) as there:
        await here_.seat(ADA)
        ada = await there.seat(ADA)
        with pytest.raises(TooManySessions):
            await here_.seat(ADA, DISCUSSION)
        await there.seat(BEN)
        with pytest.raises(TooManySessions):
            await here_.seat(EVE)
        await there.seat(EVE, DISCUSSION)
        ada.seat.leave()
        await here_.seat(EVE, DISCUSSION)
        with pytest.raises(Overloaded):
            await there.seat(BEN, DISCUSSION)
        counter.is_cut = True
        await there.seat(BEN, DISCUSSION)
        counter.is_cut = False
        one.die()
        await there.seat(ADA, DISCUSSION)
