"""Several uploads at a time, each claimed, renewed and let go: what a process that does such work runs. [UPL-7]"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import time
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from filelock import FileLock, Timeout

from server.access import Clock
from server.background import ASK_SECONDS
from server.defects import is_defect
from server.entrance import Entropy
from server.logs import trace
from server.media_meters import Ended
from server.media_worker.cleaner import Bounds, Cleaner
from server.media_worker.job import Answer, Job
from server.media_worker.remaker import Remaker
from server.media_worker.worker import MediaWorker
from server.renditions.rules import RULES
from server.settings import Settings
from storage.ports import Claim, Holder, Remake, Stores
from workspace.errors import Conflict, ConsiliumError

CLAIM_SECONDS = 30.0
"""How long after a worker's death its upload waits."""
RENEW_SECONDS = 5.0
"""So that a renewal may fail several times; and how soon a worker hears that somebody cancelled."""
PAUSE_SECONDS = 1.0
"""How often it is looked whether there is something to do. One short read."""

SIDE_BY_SIDE = 2
"""Files of one lane: one that is fetched and cleaned, and one that is put."""
LARGEST_MADE = 3
"""A file that is made may be so many times as large as the largest that is taken: some compressions are undone."""
FOLDER, LOCKED = "media-work", ".lock"

log = structlog.get_logger("consilium.media")


@dataclass(slots=True, eq=False)
class _Held:
    claim: Claim | Remake
    lost: asyncio.Event = field(default_factory=asyncio.Event)


class _Turn:
    """A lane's child for one file: whoever comes next has it as soon as that file is clean."""

    def __init__(self, cleaner: Cleaner, turns: asyncio.Lock) -> None:
        self._cleaner = cleaner
        self._turns: asyncio.Lock | None = turns

    async def run(self, job: Job, told: Callable[[int, int], None]) -> Answer:
        """See `Cleaner`."""
        try:
            return await self._cleaner.run(job, told)
        finally:
            self.end()

    def end(self) -> None:
        """Give it to the next, if that was not done yet."""
        turns, self._turns = self._turns, None
        if turns is not None:
            turns.release()


class Lanes:
    """So many uploads at once; each lane has a child of its own, which cleans one file while what was made of the one
    before is put into the object storage."""

    def __init__(
        self,
        settings: Settings,
        stores: Stores,
        holder: Holder,
        *,
        clock: Clock,
        entropy: Entropy,
        ended: Callable[[Ended], None],
    ) -> None:
        self._settings = settings
        self._stores = stores
        self._holder = holder
        self._clock = clock
        self._entropy = entropy
        self._ended_one = ended
        self._stopping = asyncio.Event()
        self._held: set[_Held] = set()
        self._working: Sequence[asyncio.Task[None]] = ()
        self._busy_at = time.monotonic()

    @property
    def idle_seconds(self) -> float:
        """For how long there has been nothing to do."""
        return 0.0 if self._held else time.monotonic() - self._busy_at

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Work until the block ends; what is being done then is given back. Raises: OSError (no folder to work in)."""
        count = count_lanes(self._settings)
        if count == 0:
            yield
            return
        with work_folder(self._settings.media_folder or self._settings.data / FOLDER) as folder:
            worker = MediaWorker(
                self._stores,
                self._settings,
                folder,
                clock=self._clock,
                entropy=self._entropy,
                ended=self._ended_one,
            )
            remaker = Remaker(self._stores, self._settings, folder, entropy=self._entropy, ended=self._ended_one)
            renewing = asyncio.create_task(self._renew(), name="media-renewing")
            self._working = [asyncio.create_task(self._lane(worker, remaker), name=f"media-{n}") for n in range(count)]
            try:
                yield
            finally:
                for task in (renewing, *self._working):
                    task.cancel()
                await asyncio.gather(renewing, *self._working, return_exceptions=True)

    async def drain(self) -> None:
        """Begin nothing more, and give back what is being done: whoever takes it begins anew."""
        self._stopping.set()
        for held in self._held:
            held.lost.set()
        if self._working:
            await asyncio.wait(self._working)

    async def _lane(self, worker: MediaWorker, remaker: Remaker) -> None:
        settings = self._settings
        largest = LARGEST_MADE * settings.media_limits.largest
        bounds = Bounds(settings.media_memory_bytes, largest, settings.media_seconds)
        cleaner, turns = Cleaner(bounds), asyncio.Lock()
        try:
            async with asyncio.TaskGroup() as tasks:
                for _ in range(SIDE_BY_SIDE):
                    tasks.create_task(self._take_turns(worker, remaker, cleaner, turns))
        finally:
            await cleaner.end()

    async def _take_turns(self, worker: MediaWorker, remaker: Remaker, cleaner: Cleaner, turns: asyncio.Lock) -> None:
        """Nothing is claimed before the child is free: behind a long video it would wait here while others are idle."""
        while not self._stopping.is_set():
            await turns.acquire()
            turn = _Turn(cleaner, turns)
            try:
                claim = None if self._stopping.is_set() else await self._claim()
                if claim is not None:
                    work = remaker.work(claim, turn) if isinstance(claim, Remake) else worker.work(claim, turn)
                    await self._hold(_Held(claim), work)
                    self._busy_at = time.monotonic()
            finally:
                turn.end()
            if claim is None:
                await _pause(PAUSE_SECONDS, self._stopping)

    async def _claim(self) -> Claim | Remake | None:
        """What people wait for goes first; then what was made by earlier rules. [REN-11]"""
        try:
            return await self._stores.upload_work.claim(
                self._holder, CLAIM_SECONDS
            ) or await self._stores.remakes.claim(RULES, self._holder, CLAIM_SECONDS)
        except ConsiliumError as error:  # the store is away: nobody has anything to work on
            log.warning("media.not_claimed", error=error.reason)
            await _pause(ASK_SECONDS, self._stopping)
            return None

    async def _hold(self, held: _Held, work: Coroutine[None, None, None]) -> None:
        """Work until it is done, the claim is lost, or this process stops."""
        self._held.add(held)
        working = asyncio.create_task(work)
        lost = asyncio.create_task(held.lost.wait())
        try:
            await asyncio.wait({working, lost}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            lost.cancel()
            working.cancel()
            await self._ended(working, held.claim)
            self._held.discard(held)

    async def _ended(self, working: asyncio.Task[None], claim: Claim | Remake) -> None:
        try:
            await working
        except asyncio.CancelledError:
            log.info("media.given_up", **_told(claim))
        except Conflict:
            log.info("media.claim_lost", **_told(claim))
        except BaseException as error:  # a file that breaks our own code must not end the lane
            if not is_defect(error):
                raise
            log.error("media.defect", **_told(claim), trace=trace(error))
            with suppress(ConsiliumError):
                if isinstance(claim, Remake):
                    await self._stores.remakes.release(claim, RENEW_SECONDS, was_tried=True)
                else:
                    await self._stores.upload_work.release(claim, RENEW_SECONDS, was_tried=True)

    async def _renewed(self, claims: Sequence[Claim | Remake]) -> Collection[Claim | Remake]:
        """Those that are still held."""
        uploads = [each for each in claims if isinstance(each, Claim)]
        remakes = [each for each in claims if isinstance(each, Remake)]
        return [
            *await self._stores.upload_work.renew(uploads, CLAIM_SECONDS),
            *await self._stores.remakes.renew(remakes, CLAIM_SECONDS),
        ]

    async def _renew(self) -> None:
        """In one statement each. When the database is away the work goes on: its end is guarded by the fence."""
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            held = list(self._held)
            try:
                async with asyncio.timeout(RENEW_SECONDS):
                    still = await self._renewed([each.claim for each in held])
            except (ConsiliumError, TimeoutError) as error:
                log.warning("media.not_renewed", error=type(error).__name__)
                continue
            for each in held:
                if each.claim not in still:
                    each.lost.set()


def _told(claim: Claim | Remake) -> dict[str, str]:
    return {"file": claim.file.id} if isinstance(claim, Remake) else {"upload": claim.upload.id}


def count_lanes(settings: Settings) -> int:
    """How many uploads this process works on at once: half of the cores leaves room for whoever writes."""
    return max(1, (os.cpu_count() or 1) // 2) if settings.media_workers is None else settings.media_workers


@contextmanager
def work_folder(parent: Path) -> Iterator[Path]:
    """A folder of this process alone, for originals as they came. It goes with the process; what one that was killed
    left behind goes now. Raises: OSError."""
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in parent.iterdir():
        if left.suffix != LOCKED:
            _remove_left(left)
    folder = parent / f"worker-{secrets.token_hex(8)}"
    # First the lock: a folder without its living owner is removed by whoever starts next.
    with FileLock(folder.with_suffix(LOCKED)):
        folder.mkdir(mode=0o700)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    folder.with_suffix(LOCKED).unlink(missing_ok=True)


def _remove_left(folder: Path) -> None:
    with suppress(Timeout), FileLock(folder.with_suffix(LOCKED), timeout=0):
        shutil.rmtree(folder, ignore_errors=True)
        folder.with_suffix(LOCKED).unlink(missing_ok=True)


async def _pause(seconds: float, event: asyncio.Event) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
