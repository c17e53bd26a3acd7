"""The worker's side of the child that cleans: started when it is needed, kept for the next file, killed with all that
it started when it takes too long or the work is given up."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from server.child import ChildLost
from server.media_worker.job import Answer, Job, Told, read_line

LONGEST_LINE = 32 * 1024 * 1024
"""What was made of a series of a thousand frames is told in one line."""
MOST_JOBS = 200
"""Then a fresh one: what libraries leak goes with the old."""
ROOM = 2
"""Every file that is made may be so many times as large as the largest that is taken."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a child may take. Sizes in bytes."""

    memory: int
    file: int
    seconds: float


class TookTooLong(Exception):
    """The child was ended for it."""


class Cleans(Protocol):
    """What a worker has its files cleaned by."""

    async def run(self, job: Job, told: Callable[[int, int], None]) -> Answer:
        """What came of it. Raises: ChildLost, TookTooLong."""
        ...


class Cleaner:
    """One child, one job at a time."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._process: asyncio.subprocess.Process | None = None
        self._jobs = 0

    @property
    def pid(self) -> int | None:
        """The child's process, while there is one."""
        return None if self._process is None else self._process.pid

    async def run(self, job: Job, told: Callable[[int, int], None]) -> Answer:
        """What came of it. Raises: ChildLost (it died, or talks nonsense), TookTooLong. Whatever else ends this, a
        cancellation too, ends the child."""
        process = await self._start()
        try:
            async with asyncio.timeout(self._bounds.seconds):
                answer = await _ask(process, job, told)
        except TimeoutError as error:
            await self.end()
            raise TookTooLong from error
        except BaseException as error:
            await self.end()
            if isinstance(error, (OSError, ValueError, EOFError)):
                raise ChildLost(type(error).__name__) from error
            raise
        self._jobs += 1
        if self._jobs >= MOST_JOBS:
            await self.end()
        return answer

    async def end(self) -> None:
        """Kill it, and what it started."""
        process, self._process, self._jobs = self._process, None, 0
        if process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await asyncio.shield(process.wait())

    async def _start(self) -> asyncio.subprocess.Process:
        if self._process is not None and self._process.returncode is None:
            return self._process
        self._jobs = 0
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "server.media_worker",
            str(self._bounds.memory),
            str(self._bounds.file),
            str(os.getpid()),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=LONGEST_LINE,
            # Secrets of ours are nothing to it.
            env={name: value for name, value in os.environ.items() if not name.startswith("CONSILIUM_")},
            start_new_session=True,
        )
        return self._process


async def _ask(process: asyncio.subprocess.Process, job: Job, told: Callable[[int, int], None]) -> Answer:
    if process.stdin is None or process.stdout is None:
        raise EOFError
    process.stdin.write(job.to_line())
    await process.stdin.drain()
    while True:
        line = await process.stdout.readline()
        if not line.endswith(b"\n"):
            raise EOFError
        said = read_line(line)
        if not isinstance(said, Told):
            return said
        told(said.done, said.total)
