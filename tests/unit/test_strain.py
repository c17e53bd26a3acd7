"""server.strain: when newcomers are turned away, and when no more."""

from __future__ import annotations

import asyncio
import time

import pytest

from server.meters import Meters
from server.strain import BEGINS_AFTER, ENDS_AFTER, LOOK_SECONDS, Burden, Strain
from tests.unit.clockwork import in_its_own_time
from tests.unit.house import CASE, DISCUSSION, RECORD, House, forget, house, journal_of, turns
from tests.unit.scene import ADA, BEN, EVE, Replica
from workspace.errors import Overloaded, StorageUnavailable
from workspace.limits import Limits
from workspace.messages import Update

SMALL = Limits(max_lag_seconds=1.0, max_journal_seconds=3.0, max_sessions_per_node=10)
MIB = 1024 * 1024


def strain(max_memory_bytes: int | None = None) -> Strain:
    return Strain(SMALL, Meters(), max_memory_bytes)


def look(watched: Strain, burden: Burden, value: float, times: int = 1) -> list[Burden]:
    """What is too much after so many looks."""
    for _ in range(times):
        watched.look({burden: value})
    return watched.reasons


@pytest.mark.parametrize(
    ("burden", "most", "between", "room"),
    [
        (Burden.LAG, 1.0, 0.6, 0.5),
        (Burden.JOURNAL, 3.0, 2.0, 1.5),
        (Burden.SESSIONS, 10, 9.5, 9),
        (Burden.MEMORY, 100 * MIB, 95 * MIB, 90 * MIB),
    ],
)
def test_too_much_again_and_again_is_strain_until_there_is_room_for_longer(
    burden: Burden, most: float, between: float, room: float
) -> None:
    """[OPS-7] It begins late, ends later, and does not flap at the bound."""
    watched = strain(100 * MIB)
    assert look(watched, burden, most, BEGINS_AFTER - 1) == []
    assert look(watched, burden, most) == [burden]
    with pytest.raises(Overloaded):
        watched.admit("session")
    assert look(watched, burden, between, 10 * ENDS_AFTER) == [burden]
    assert look(watched, burden, room, ENDS_AFTER - 1) == [burden]
    assert look(watched, burden, between) == [burden]
    assert look(watched, burden, room, ENDS_AFTER) == []
    watched.admit("session")
    assert look(watched, burden, between, 10 * BEGINS_AFTER) == []


def test_one_long_pause_is_no_strain() -> None:
    """[OPS-7] A machine that slept, or a process that was stopped for a while: nobody is turned away for it."""
    watched = strain()
    for _ in range(20):
        assert look(watched, Burden.LAG, 3_600.0, BEGINS_AFTER - 1) == []
        assert look(watched, Burden.LAG, 0.0) == []


def test_several_burdens_are_told_apart() -> None:
    """[OPS-7] And all of them must be borne again."""
    watched = strain()
    for _ in range(BEGINS_AFTER):
        watched.look({Burden.LAG: 9.0, Burden.JOURNAL: 9.0})
    assert watched.reasons == [Burden.LAG, Burden.JOURNAL]
    assert look(watched, Burden.JOURNAL, 9.0, ENDS_AFTER) == [Burden.JOURNAL]


def test_memory_without_a_bound_is_never_too_much() -> None:
    """[OPS-7]"""
    assert look(strain(), Burden.MEMORY, 2.0**60, 10 * BEGINS_AFTER) == []


async def test_the_lag_and_the_memory_are_measured() -> None:
    """[OPS-7] A callback that keeps the loop busy is seen by the lateness of a timer."""
    watched = strain(64 * MIB)
    async with watched.watching(dict):
        await asyncio.sleep(LOOK_SECONDS / 2)
        time.sleep(LOOK_SECONDS)  # noqa: ASYNC251  (that is what is measured)
        await asyncio.sleep(0.01)
        assert LOOK_SECONDS / 4 < watched.values[Burden.LAG] < 30
    assert watched.values[Burden.MEMORY] > MIB


async def strained(home: House) -> None:
    """A disk that does not answer: edits wait for it."""
    journal_of(home).hold()
    ada = await home.seat(ADA)
    ada.say(Update(Replica(7).type("x")))
    await turns()
    await asyncio.sleep(SMALL.max_journal_seconds + LOOK_SECONDS * (BEGINS_AFTER + 1))
    assert home.hub.strain.reasons == [Burden.JOURNAL]


@in_its_own_time
async def test_newcomers_are_turned_away_and_those_inside_go_on() -> None:
    """[OPS-7] Who is inside may also open what belongs to it; nobody's session ends for the strain, and when the disk
    answers again everybody is let in."""
    async with house(SMALL) as home:
        ben = await home.seat(BEN)
        await strained(home)
        with pytest.raises(Overloaded):
            await home.seat(EVE)
        await home.seat(BEN, DISCUSSION)
        assert ben.socket.ended is None
        journal_of(home).release()
        await turns()
        forget(ben)
        ben.say(Update(Replica(8).type("y")))
        await asyncio.sleep(LOOK_SECONDS)
        assert home.hub.strain.reasons == [Burden.JOURNAL]
        assert any("accepted" in said for said in ben.socket.take())
        await asyncio.sleep(LOOK_SECONDS * (ENDS_AFTER + 1))
        await home.seat(EVE)
        assert [card["name"] for card in home.hub.here([CASE])[CASE]] == sorted([ADA.name, BEN.name, EVE.name])


@in_its_own_time
async def test_appends_that_failed_are_not_waited_for() -> None:
    """[OPS-7] A room whose journal failed has nothing on its way any more."""
    async with house(SMALL) as home:
        journal_of(home).fail(1)
        ada = await home.seat(ADA)
        ada.say(Update(Replica(7).type("x")))
        await asyncio.sleep(0)
        await turns()
        assert isinstance(ada.socket.ended, StorageUnavailable)
        assert home.hub.journal_seconds == 0
        assert (await home.hub.open(RECORD)).waiting_since is None
