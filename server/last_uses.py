"""When and from where each session was last used: noted in memory at every request, written seldom and all at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from server.access import Clock
from server.logs import trace
from storage.ports import Seen, SignIns

WRITE_SECONDS = 30.0
MOST = 10_000
"""Sessions between two writes; what is more is noted at its next use."""
LONGEST_ADDRESS = 64

log = structlog.stdlib.get_logger(__name__)


class LastUses:
    """What a crash loses is how recently somebody was seen, and nothing else."""

    def __init__(self, sign_ins: SignIns, clock: Clock) -> None:
        self._sign_ins = sign_ins
        self._clock = clock
        self._noted: dict[bytes, Seen] = {}

    def note(self, digest: bytes, address: str) -> None:
        """A session proved somebody just now."""
        if digest in self._noted or len(self._noted) < MOST:
            self._noted[digest] = Seen(address[:LONGEST_ADDRESS], self._clock())

    async def write(self) -> None:
        """Write what was noted. Raises: StorageUnavailable; it is kept for the next time then."""
        noted, self._noted = self._noted, {}
        try:
            await self._sign_ins.seen(noted)
        except BaseException:
            self._noted = noted | self._noted
            raise

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Write now and then until the block ends."""
        async with asyncio.TaskGroup() as tasks:
            writing = tasks.create_task(self._write_now_and_then())
            try:
                yield
            finally:
                writing.cancel()

    async def _write_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(WRITE_SECONDS)
            try:
                await self.write()
            except Exception as error:  # whatever it was, later uses must be written
                log.warning("last_uses.failed", trace=trace(error))
