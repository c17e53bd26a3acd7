"""The one way to an S3 server: blocking calls in a bounded pool of threads, and a watch on how the server is.

While the watch finds the server away, questions are refused at once: threads that wait for a black hole would soon be
all there are.
"""

from __future__ import annotations

import asyncio
import secrets
import shutil
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import structlog

from storage.ports.objects import ObjectsState
from storage.ports.s3_access import FindAccess, S3Access
from storage.s3_signing import Signer
from workspace.errors import (
    ConsiliumError,
    NotFound,
    ObjectsFull,
    ObjectsOff,
    ObjectsStarting,
    ObjectsUnavailable,
)

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

T = TypeVar("T")

SHORT_THREADS, LONG_THREADS = 12, 4
"""For questions, and for whole files; neither waits for the other. How many is arbitrary."""
ANSWER_SECONDS = 10.0
"""Until a question is answered, the wait for a thread included."""
JOIN_SECONDS = 120.0
"""Until parts are joined: some servers copy all of them first."""
LOOK_SECONDS = 5.0
LOOK_SOON_SECONDS = 0.5
"""Between looks while it is not ready."""
SPARE_BYTES = 1_280 * 1024 * 1024
"""Left on the disk of a server of ours when it is called full: somewhat more than the 1 GiB below which it refuses."""

WHY: Mapping[ObjectsState, type[ObjectsUnavailable]] = {
    ObjectsState.STARTING: ObjectsStarting,
    ObjectsState.AWAY: ObjectsUnavailable,
    ObjectsState.FULL: ObjectsFull,
    ObjectsState.OFF: ObjectsOff,
}

_log = structlog.stdlib.get_logger(__name__)


class Door:
    """What adapters ask the server through. Made by `open_door`."""

    def __init__(self, find_access: FindAccess) -> None:
        self._find_access = find_access
        self._known: _Known | None = None
        self._lock = threading.Lock()
        self._short = ThreadPoolExecutor(SHORT_THREADS, thread_name_prefix="s3-short")
        self._long = ThreadPoolExecutor(LONG_THREADS, thread_name_prefix="s3-long")
        self._state = ObjectsState.STARTING
        self._doubted = asyncio.Event()

    @property
    def state(self) -> ObjectsState:
        """How the server was when it was last looked at."""
        return self._state

    @property
    def access(self) -> S3Access:
        """Where it is now. Raises: ObjectsUnavailable while no one knows."""
        return self._now().access

    @property
    def signer(self) -> Signer:
        """Signs for where it is now. Raises: ObjectsUnavailable."""
        return self._now().signer

    def expect_room(self) -> None:
        """Raises: ObjectsUnavailable when nothing can be written."""
        if self._state is not ObjectsState.READY and self._state is not ObjectsState.STARTING:
            raise WHY[self._state]

    async def ask(self, work: Callable[[S3Client, S3Access], T], seconds: float = ANSWER_SECONDS) -> T:
        """What `work` answers, in a thread. Raises: what boto3 raises, translated; ObjectsUnavailable."""
        return await self._run(self._short, work, seconds)

    async def carry(self, work: Callable[[S3Client, S3Access, Callable[[], bool]], T]) -> T:
        """The same for whole files, for as long as it takes. `work` asks now and then whether it is still wanted."""
        unwanted = threading.Event()
        try:
            return await self._run(self._long, lambda client, access: work(client, access, unwanted.is_set), None)
        finally:
            unwanted.set()

    async def _run(
        self, threads: ThreadPoolExecutor, work: Callable[[S3Client, S3Access], T], seconds: float | None
    ) -> T:
        if self._state is ObjectsState.AWAY:
            raise ObjectsUnavailable
        try:
            async with asyncio.timeout(seconds):
                return await asyncio.get_running_loop().run_in_executor(threads, self._blocking, work)
        except TimeoutError as error:
            self._doubted.set()
            raise ObjectsUnavailable("it took too long") from error
        except ObjectsUnavailable as error:
            self._doubted.set()
            if self._state is ObjectsState.READY or type(error) is not ObjectsUnavailable:
                raise
            raise WHY[self._state](*error.args) from error

    def _blocking(self, work: Callable[[S3Client, S3Access], T]) -> T:
        from storage.s3_client import make_client, translated  # noqa: PLC0415  (in this thread: it takes its time)

        known = self._now()
        with self._lock:
            if known.client is None:
                known.client = make_client(known.access, SHORT_THREADS + LONG_THREADS)
        with translated():
            return work(known.client, known.access)

    def _now(self) -> _Known:
        access = self._find_access()
        if access is None:
            raise WHY[ObjectsState.STARTING if self._state is ObjectsState.READY else self._state]
        if self._known is None or self._known.access != access:
            self._known = _Known(access)
        return self._known

    async def watch(self) -> None:
        """Look at the server, for ever: every few seconds, sooner when somebody has met trouble."""
        while True:
            self._doubted.clear()
            before, self._state = self._state, await self._look()
            if before is not self._state:
                _log.info("objects.state", state=self._state)
            pause = LOOK_SECONDS if self._state in (ObjectsState.READY, ObjectsState.FULL) else LOOK_SOON_SECONDS
            with suppress(TimeoutError):
                await asyncio.wait_for(self._doubted.wait(), pause)

    async def _look(self) -> ObjectsState:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                looking = partial(_state, is_new=self._state is not ObjectsState.READY)
                return await loop.run_in_executor(self._short, self._blocking, looking)
        except (ConsiliumError, TimeoutError) as error:
            if self._state is ObjectsState.STARTING and (self._known is None or self._known.access.folder is not None):
                return ObjectsState.STARTING
            if self._state is not ObjectsState.AWAY:
                _log.warning("objects.away", error=_word(error))
            return ObjectsState.AWAY

    def close(self) -> None:
        """Take no more work; what runs ends by itself."""
        for threads in (self._short, self._long):
            threads.shutdown(wait=False, cancel_futures=True)


class _Known:
    """A server, and what was made to speak to it."""

    def __init__(self, access: S3Access) -> None:
        self.access = access
        self.signer = Signer(access)
        self.client: S3Client | None = None


def _word(error: ConsiliumError | TimeoutError) -> str:
    if isinstance(error, NotFound):
        return "there is no such bucket"
    return str(error.args[0]) if isinstance(error, ConsiliumError) and error.args else "silence"


def _state(client: S3Client, access: S3Access, *, is_new: bool) -> ObjectsState:
    """How it is. One that `is_new`, or was not ready before, has to take a small object first: a server that has just
    started answers before it can keep anything, and a key may be good for reading alone."""
    client.head_bucket(Bucket=access.bucket)
    if access.folder is not None and shutil.disk_usage(access.folder).free < SPARE_BYTES:
        return ObjectsState.FULL
    if is_new:
        key = f"trial/{secrets.token_hex(8)}"
        client.put_object(Bucket=access.bucket, Key=key, Body=b"?", IfNoneMatch="*")
        client.delete_object(Bucket=access.bucket, Key=key)
    return ObjectsState.READY


@asynccontextmanager
async def open_door(find_access: FindAccess) -> AsyncIterator[Door]:
    """A door until the block ends. Nothing is waited for: the server may come later, or never."""
    door = Door(find_access)
    watching = asyncio.create_task(door.watch(), name="objects")
    try:
        yield door
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
        door.close()
