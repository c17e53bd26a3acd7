"""A part: a process beside ours that is started, watched, and never left behind."""

from __future__ import annotations

import asyncio
import ctypes
import os
import pwd
import secrets
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypedDict

START_SECONDS = 30.0
STOP_SECONDS = 20.0
PORTS = range(20_000, 32_000)
"""Below those that Linux (32768 and up) and macOS (49152 and up) give away. Where it begins is arbitrary."""
POLL_SECONDS = 0.05
TELL_AT_DEATH = 1
"""`PR_SET_PDEATHSIG`, see prctl(2)."""


class PartFailed(Exception):
    """A part ended before it answered, or did not answer in time."""


@dataclass(frozen=True, slots=True)
class Part:
    """What it takes to run one."""

    name: str
    address: str
    """For people: where it answers. No password is in it."""
    command: Sequence[str]
    answers: Callable[[], Awaitable[bool]]
    """Whether it is ready for others."""
    folder: Path
    """Its working directory."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Beside what it inherits, where every `CONSILIUM_*` is left out."""
    prepare: Callable[[], Awaitable[None]] | None = None
    """What is done to it each time it has started, before others may use it."""
    start_seconds: float = START_SECONDS
    given: bytes = b""
    """What it reads from its standard input: what the list of processes must not show."""
    user: str | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    death_signal: signal.Signals = signal.SIGKILL
    """What the kernel sends it when we die without a word (Linux only)."""


class Running:
    """The process of a part. Start and await it in one thread, which must outlive it: the kernel takes the end of the
    thread that made a child for the death of its parent."""

    def __init__(self, part: Part, log_file: Path) -> None:
        self.part = part
        self.log_file = log_file
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """Its process, while it runs."""
        return self._process.pid if self._process is not None and self._process.returncode is None else None

    async def start(self) -> None:
        """Start it and wait until it answers. Its log goes on in the same file. Raises: PartFailed; it does not run
        then."""
        part, inherited = self.part, {k: v for k, v in os.environ.items() if not k.startswith("CONSILIUM_")}
        with self.log_file.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *part.command,
                cwd=part.folder,
                env=inherited | dict(part.environment),
                stdin=asyncio.subprocess.PIPE if part.given else asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **_as(part.user),
                # Not in our group: Ctrl-C in the terminal is for us, who stop the parts in their order.
                start_new_session=True,
                preexec_fn=partial(die_with, os.getpid(), part.death_signal),
            )
        if self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.write(part.given)
                await self._process.stdin.drain()
            self._process.stdin.close()
        try:
            async with asyncio.timeout(part.start_seconds):
                await self._until_it_answers()
                if part.prepare is not None:
                    await part.prepare()
        except BaseException as error:
            await self.kill()
            if isinstance(error, TimeoutError):
                raise PartFailed(
                    f"{part.name} did not answer within {part.start_seconds:g} s, see {self.log_file}"
                ) from error
            raise

    async def _until_it_answers(self) -> None:
        while not await self.part.answers():
            if self.pid is None:
                raise self._failed("ended before it answered")
            await asyncio.sleep(POLL_SECONDS)

    def _failed(self, how: str) -> PartFailed:
        """With the last that it said."""
        said = self.log_file.read_text("utf-8", "replace").splitlines()[-1:] or ["nothing"]
        return PartFailed(f"{self.part.name} {how}; it said: {said[0][:200]} (see {self.log_file})")

    async def ended(self) -> int:
        """Wait for its end: the exit status, negative for the signal that it died of."""
        return 0 if self._process is None else await self._process.wait()

    async def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        self.signal(signal.SIGKILL)
        await self.ended()

    def signal(self, number: signal.Signals) -> None:
        """Send it, if it runs."""
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.send_signal(number)

    async def stop(self) -> None:
        """Ask it to end, and make it when it does not."""
        self.signal(self.part.stop_signal)
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await self.ended()
        except TimeoutError:
            await self.kill()


class _Whom(TypedDict, total=False):
    user: str
    group: int
    extra_groups: list[int]


def _as(user: str | None) -> _Whom:
    """uvloop knows nothing of users, and does not want to hear of none either."""
    return {} if user is None else {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}


def free_port() -> int:
    """A port of loopback that nobody has now. It is chosen before the start, so that a part comes back to its own; and
    not from those that the kernel gives to whoever asks for any, because it would give it away until the part is there,
    and again while it is dead."""
    while True:
        port = secrets.choice(PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


# Loaded before any fork: between fork and exec only what cannot wait for a lock may be done.
_prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


def die_with(parent: int, number: signal.Signals) -> None:
    """In the child, before it becomes its program: have the kernel end it when the parent dies, even by SIGKILL. Where
    the kernel knows no such thing, parts end only when their parent ends in order."""
    if _prctl is not None:
        _prctl(TELL_AT_DEATH, number)
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)
