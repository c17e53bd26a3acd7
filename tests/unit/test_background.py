"""server.background: who does what the cluster does once, in a time that the test owns."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry

from server.background import ASK_SECONDS, LEASE_SECONDS, Background, Done, Duty
from server.work_meters import WorkMeters
from storage.memory import MemoryRecords
from storage.memory.leases import MemoryLeases
from storage.ports import Holder, Lease
from tests.unit.clockwork import in_its_own_time
from workspace.errors import StorageUnavailable

EVERY = 1.0


class Line(MemoryLeases):
    """Leases over a line that can be cut: then nothing is answered, as with a database that froze."""

    is_cut = False

    async def acquire(self, name: str, holder: Holder, seconds: float) -> Lease | None:
        await self._go_through()
        return await super().acquire(name, holder, seconds)

    async def renew(self, leases: Collection[Lease], seconds: float) -> Collection[Lease]:
        await self._go_through()
        return await super().renew(leases, seconds)

    async def release(self, lease: Lease) -> None:
        await self._go_through()
        await super().release(lease)

    async def _go_through(self) -> None:
        if self.is_cut:
            await asyncio.Event().wait()


@dataclass
class Process:
    """One that may do the work, and what it did when."""

    records: MemoryRecords
    name: str
    takes: float = 0.0
    looks: list[float] = field(default_factory=list)
    broken_off: list[float] = field(default_factory=list)
    is_looking: bool = False
    fails: bool = False

    def __post_init__(self) -> None:
        self.line = Line(self.records)
        self.registry = CollectorRegistry()
        self.duty = Duty("mail", EVERY, self.look)
        self.background = Background(self.line, Holder(self.name), [self.duty], WorkMeters(self.registry))

    async def look(self, _: Lease) -> Done:
        self.looks.append(now())
        self.is_looking = True
        try:
            await asyncio.sleep(self.takes)
        except asyncio.CancelledError:
            self.broken_off.append(now())
            raise
        finally:
            self.is_looking = False
        if self.fails:
            raise StorageUnavailable
        return Done(2, 7.0)

    def number(self, name: str) -> float | None:
        return self.registry.get_sample_value(f"consilium_duty_{name}", {"duty": "mail"})


def now() -> float:
    return asyncio.get_running_loop().time()


def cluster(**takes: float) -> list[Process]:
    """Processes on one database, whose clock is the loop's."""
    records = MemoryRecords()
    records.clock = asyncio.get_running_loop().time
    return [Process(records, name, each) for name, each in takes.items()]


@in_its_own_time
async def test_one_process_does_it_at_a_time_and_again_and_again() -> None:
    """[NODE-7] [OPS-6] The one that came first, for as long as it lives; it says so, what it did and how long the
    oldest waits, and the other says that it does nothing."""
    one, two = cluster(one=0.0, two=0.0)
    async with one.background.running(), two.background.running():
        await asyncio.sleep(100 - EVERY / 2)  # not at the instant of a look
        assert (len(one.looks), two.looks) == (100, [])
        assert [one.number(name) for name in ("held", "done_total", "oldest_seconds")] == [1, 200, 7]
        assert [two.number(name) for name in ("held", "done_total", "oldest_seconds")] == [0, 0, 0]


@in_its_own_time
async def test_one_that_stops_finishes_lets_go_and_the_next_goes_on_at_once() -> None:
    """[NODE-7] Nothing is broken off by a drain, nothing new is begun, and nobody waits for a lease's end."""
    one, two = cluster(one=30.0, two=0.0)
    async with one.background.running(), two.background.running():
        await asyncio.sleep(10)
        assert one.is_looking
        stopped = now()
        await one.background.drain()
        assert now() - stopped == 20
        await asyncio.sleep(ASK_SECONDS + EVERY)
        assert (len(one.looks), one.broken_off, one.number("held")) == (1, [], 0)
        assert two.looks[0] <= stopped + 20 + ASK_SECONDS


@in_its_own_time
async def test_one_that_is_broken_off_lets_go_too() -> None:
    """[NODE-7] When the drain took too long: the lease is free, what was being done is found again."""
    one, two = cluster(one=1_000.0, two=0.0)
    async with one.background.running():
        await asyncio.sleep(10)
    assert (len(one.looks), len(one.broken_off)) == (1, 1)
    async with two.background.running():
        await asyncio.sleep(EVERY / 2)
        assert len(two.looks) == 1


@in_its_own_time
async def test_one_that_cannot_renew_stops_before_another_begins() -> None:
    """[NODE-6] [NODE-7] Its database froze, or the line to it did: by its own clock it stops in time."""
    one, two = cluster(one=1_000.0, two=0.0)
    async with one.background.running():
        await asyncio.sleep(1)
        async with two.background.running():
            await asyncio.sleep(20)
            one.line.is_cut = True
            cut = now()
            await asyncio.sleep(LEASE_SECONDS + 2 * ASK_SECONDS)
            assert one.broken_off[0] < two.looks[0]
            assert two.looks[0] <= cut + LEASE_SECONDS + ASK_SECONDS
            one.line.is_cut = False
            await asyncio.sleep(60)
            assert len(one.looks) == 1, "it has no lease any more"


@in_its_own_time
async def test_one_that_lost_the_lease_stops() -> None:
    """[NODE-6] Somebody took it: the clock of the database jumped ahead, or this process froze."""
    one, two = cluster(one=1_000.0, two=0.0)
    async with one.background.running():
        await asyncio.sleep(1)
        one.records.clock = lambda: now() + 3_600
        async with two.background.running():
            await asyncio.sleep(60)
            assert (len(one.looks), len(one.broken_off)) == (1, 1)
            assert two.number("held") == 1


@in_its_own_time
async def test_a_look_that_fails_is_counted_and_the_next_one_comes() -> None:
    """[NODE-7] [OPS-6]"""
    (one,) = cluster(one=0.0)
    one.fails = True
    async with one.background.running():
        await asyncio.sleep(9.5)
        assert one.number("failures_total") == 10
        one.fails = False
        await asyncio.sleep(1)
        assert one.number("done_total") == 2
        assert one.number("held") == 1


@in_its_own_time
async def test_who_rings_is_looked_after_at_once() -> None:
    """[NODE-7] Also while the look before is still under way."""
    (one,) = cluster(one=0.0)
    async with one.background.running():
        await asyncio.sleep(EVERY / 2)
        one.duty.rung.set()
        await asyncio.sleep(EVERY / 10)
        assert len(one.looks) == 2


@in_its_own_time
async def test_a_process_without_duties_drains() -> None:
    """[NODE-7] A node that leaves all of it to workers."""
    records = MemoryRecords()
    background = Background(MemoryLeases(records), Holder("node"), [], WorkMeters(CollectorRegistry()))
    async with background.running():
        await background.drain()
    assert records.leases == {}
