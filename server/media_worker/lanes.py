"""Several uploads at a time, each claimed, renewed and let go: what a process that does such work runs. [UPL-7]"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from server.background import ASK_SECONDS
from server.defects import is_defect
from server.logs import trace
from server.media_worker.cleaner import Bounds, Cleaner
from server.media_worker.worker import MediaWorker
from storage.ports import Claim, Holder, Stores
from workspace.errors import Conflict, ConsiliumError

CLAIM_SECONDS = 30.0
"""How long after a worker's death its upload waits."""
RENEW_SECONDS = 5.0
"""So that a renewal may fail several times; and how soon a worker hears that somebody cancelled."""
PAUSE_SECONDS = 1.0
"""How often it is looked whether there is something to do. One short read."""

log = structlog.get_logger("consilium.media")


@dataclass(slots=True, eq=False)
class _Held:
    claim: Claim
    lost: asyncio.Event = field(default_factory=asyncio.Event)


class Lanes:
    """So many uploads at once; each lane has a child of its own."""

    def __init__(self, stores: Stores, holder: Holder, worker: MediaWorker, bounds: Bounds, count: int) -> None:
        self._stores = stores
        self._holder = holder
        self._worker = worker
        self._bounds = bounds
        self._count = count
        self._stopping = asyncio.Event()
        self._held: set[_Held] = set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Work until the block ends; what is being done then is given back."""
        async with asyncio.TaskGroup() as tasks:
            all_ = [tasks.create_task(self._renew()), *(tasks.create_task(self._lane()) for _ in range(self._count))]
            try:
                yield
            finally:
                for task in all_:
                    task.cancel()

    async def drain(self) -> None:
        """Begin nothing more, and give back what is being done: its next worker begins anew, which may take long."""
        self._stopping.set()
        for held in self._held:
            held.lost.set()

    async def _lane(self) -> None:
        cleaner = Cleaner(self._bounds)
        try:
            while not self._stopping.is_set():
                claim = await self._claim()
                if claim is None:
                    await _pause(PAUSE_SECONDS, self._stopping)
                else:
                    await self._hold(_Held(claim), cleaner)
        finally:
            await cleaner.end()

    async def _claim(self) -> Claim | None:
        try:
            return await self._stores.upload_work.claim(self._holder, CLAIM_SECONDS)
        except ConsiliumError as error:  # the store is away: nobody has anything to work on
            log.warning("media.not_claimed", error=error.reason)
            await _pause(ASK_SECONDS, self._stopping)
            return None

    async def _hold(self, held: _Held, cleaner: Cleaner) -> None:
        """Work until it is done, the claim is lost, or this process stops."""
        self._held.add(held)
        working = asyncio.create_task(self._worker.work(held.claim, cleaner))
        lost = asyncio.create_task(held.lost.wait())
        try:
            await asyncio.wait({working, lost}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._held.discard(held)
            lost.cancel()
            working.cancel()
            await self._ended(working, held.claim)

    async def _ended(self, working: asyncio.Task[None], claim: Claim) -> None:
        try:
            await working
        except asyncio.CancelledError:
            log.info("media.given_up", upload=claim.upload.id)
        except Conflict:
            log.info("media.claim_lost", upload=claim.upload.id)
        except BaseException as error:  # a file that breaks our own code must not end the lane
            if not is_defect(error):
                raise
            log.error("media.defect", upload=claim.upload.id, trace=trace(error))
            with suppress(ConsiliumError):
                await self._stores.upload_work.release(claim, RENEW_SECONDS, was_tried=True)

    async def _renew(self) -> None:
        """All of them in one statement. When the database is away the work goes on: its end is guarded by the fence."""
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            held = list(self._held)
            try:
                async with asyncio.timeout(RENEW_SECONDS):
                    still = await self._stores.upload_work.renew([each.claim for each in held], CLAIM_SECONDS)
            except (ConsiliumError, TimeoutError) as error:
                log.warning("media.not_renewed", error=type(error).__name__)
                continue
            for each in held:
                if each.claim not in still:
                    each.lost.set()


def make_folder(parent: Path | None) -> Path:
    """A folder for what is worked on, of this process alone and empty. Raises: OSError."""
    if parent is not None:
        parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix="consilium-", dir=parent))


def remove_folder(folder: Path) -> None:
    """With everything in it."""
    shutil.rmtree(folder, ignore_errors=True)


async def _pause(seconds: float, event: asyncio.Event) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
