"""Background work: each kind done by one process of the cluster at a time, whichever holds its lease. (docs/adr/0010)

Every process that may do such work competes: nodes and workers alike, so that a single node is complete by itself. A
process that dies loses its leases when their time is over, one that stops lets go of them, one that froze finds them
gone; what it may still do then is refused by its fence, or does no harm.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import structlog

from server.defects import is_defect
from server.logs import trace
from server.work_meters import WorkMeters
from storage.ports import Holder, Lease, Leases
from workspace.errors import ConsiliumError, StorageUnavailable

LEASE_SECONDS = 15.0
"""How long after a holder's death others wait: longer than it takes to say a lost connection from a slow one."""
RENEW_SECONDS = 5.0
"""So that one renewal may fail."""
ASK_SECONDS = 2.0
"""How often the others ask for it."""
RELEASE_SECONDS = 2.0

log = structlog.get_logger("consilium.background")


@dataclass(frozen=True, slots=True)
class Done:
    """What one look came to."""

    count: int
    """Mails sent, records read, rows removed."""
    oldest_seconds: float = 0.0
    """How long the oldest of what still waits has waited."""


@dataclass(frozen=True, slots=True)
class Duty:
    """One kind of background work. What does not go through is found again at the next look, here or elsewhere."""

    name: str
    every_seconds: float
    look: Callable[[Lease], Awaitable[Done]]
    rung: asyncio.Event = field(default_factory=asyncio.Event)
    """Set by whoever knows that there is something to do."""


class Background:
    """Competes for duties and does those that it holds.

    Invariant: work on a duty runs only while its lease was renewed less than `LEASE_SECONDS` ago by this process's own
    clock, which starts before the database's does.
    """

    def __init__(self, leases: Leases, holder: Holder, duties: Sequence[Duty], meters: WorkMeters) -> None:
        self._leases = leases
        self._holder = holder
        self._duties = duties
        self._meters = meters
        self._stopping = asyncio.Event()
        self._held: dict[str, _Held] = {}
        self._competing: Sequence[asyncio.Task[None]] = ()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Work until the block ends; what is being done then is broken off."""
        for duty in self._duties:
            self._meters.held(duty.name, holds=False)
        async with asyncio.TaskGroup() as tasks:
            renewing = tasks.create_task(self._renew())
            self._competing = [tasks.create_task(self._compete(duty)) for duty in self._duties]
            try:
                yield
            finally:
                for task in (renewing, *self._competing):
                    task.cancel()

    async def drain(self) -> None:
        """Begin nothing more, finish what is being done, and let go of every lease."""
        self._stopping.set()
        for duty in self._duties:
            duty.rung.set()  # whoever pauses sees that there is nothing to wait for
        if self._competing:
            await asyncio.wait(self._competing)

    async def _compete(self, duty: Duty) -> None:
        while not self._stopping.is_set():
            asked_at = _now()
            lease = await self._acquire(duty)
            if lease is None:
                await _pause(ASK_SECONDS, self._stopping)
            else:
                await self._hold(duty, _Held(lease, asked_at + LEASE_SECONDS))

    async def _acquire(self, duty: Duty) -> Lease | None:
        try:
            return await self._leases.acquire(duty.name, self._holder, LEASE_SECONDS)
        except ConsiliumError as error:  # the store is away: nobody has anything to work on
            log.warning("background.not_acquired", duty=duty.name, error=error.reason)
            return None

    async def _hold(self, duty: Duty, held: _Held) -> None:
        """Work until the lease is lost or this process stops."""
        log.info("background.began", duty=duty.name, fence=held.lease.fence)
        self._held[duty.name] = held
        self._meters.held(duty.name, holds=True)
        try:
            async with asyncio.TaskGroup() as tasks:
                working = tasks.create_task(self._work(duty, held.lease))
                lost = tasks.create_task(held.lost.wait())
                await asyncio.wait({working, lost}, return_when=asyncio.FIRST_COMPLETED)
                working.cancel()
                lost.cancel()
        finally:
            del self._held[duty.name]
            self._meters.held(duty.name, holds=False)
            await self._release(held.lease)
        log.info("background.ended", duty=duty.name, lost=held.lost.is_set())

    async def _release(self, lease: Lease) -> None:
        with suppress(ConsiliumError, TimeoutError):  # then it is over when its time is
            async with asyncio.timeout(RELEASE_SECONDS):
                await self._leases.release(lease)

    async def _work(self, duty: Duty, lease: Lease) -> None:
        while not self._stopping.is_set():
            duty.rung.clear()
            try:
                done = await duty.look(lease)
            except BaseException as error:  # whatever it was, what comes later must be done
                if not is_defect(error):
                    raise
                self._meters.failed(duty.name)
                level = log.warning if isinstance(error, ConsiliumError) else log.error
                level("background.failed", duty=duty.name, trace=trace(error))
            else:
                self._meters.did(duty.name, done.count, done.oldest_seconds)
            await _pause(duty.every_seconds, duty.rung)

    async def _renew(self) -> None:
        """All of them in one statement. One that could not be renewed in time is given up, whoever has it by now."""
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            held, asked_at = list(self._held.values()), _now()
            try:
                async with asyncio.timeout(RENEW_SECONDS):
                    still = await self._leases.renew([each.lease for each in held], LEASE_SECONDS)
            except (StorageUnavailable, TimeoutError) as error:
                log.warning("background.not_renewed", error=type(error).__name__)
                for each in held:
                    if each.good_until < _now() + 2 * RENEW_SECONDS:  # over before the next try has failed too
                        each.lost.set()
            else:
                for each in held:
                    each.good_until = asked_at + LEASE_SECONDS
                    if each.lease not in still:
                        each.lost.set()


@dataclass(slots=True, eq=False)
class _Held:
    """A lease of this process, and until when it is good by this process's clock."""

    lease: Lease
    good_until: float
    lost: asyncio.Event = field(default_factory=asyncio.Event)


async def _pause(seconds: float, event: asyncio.Event) -> None:
    """So long, or until it is set."""
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)


def _now() -> float:
    return asyncio.get_running_loop().time()
