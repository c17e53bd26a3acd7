"""Whether this node has more to do than it can: then it turns newcomers away, so that those inside go on. [OPS-7]

A burden counts as too much when it was so several times in a row, and as borne again when it was well below its bound
for longer: a balancer that is sent back and forth helps nobody. One long pause (a machine that slept) is no strain.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import structlog

from server.logs import trace
from server.meters import Meters, Wish
from workspace.errors import Overloaded
from workspace.limits import Limits

log = structlog.get_logger("consilium.strain")

LOOK_SECONDS = 0.5
BEGINS_AFTER = 4
"""Looks in a row that found too much."""
ENDS_AFTER = 10
"""Looks in a row that found room again."""
PAGE_BYTES = 4096
_STATM = Path("/proc/self/statm")
"""Linux: proc(5). The second number is what is resident, in pages."""


class Burden(StrEnum):
    """What may be too much."""

    LAG = "lag"
    """How long after its time a timer of the event loop runs: everything here waits as long."""
    JOURNAL = "journal"
    """How long the oldest edit has waited for the disk."""
    SESSIONS = "sessions"
    MEMORY = "memory"


@dataclass(slots=True)
class _Watched:
    """One burden against its bound."""

    most: float
    enough: float
    """At most so much is room again."""
    value: float = 0.0
    is_too_much: bool = False
    streak: int = 0

    def look(self, value: float) -> bool:
        """Take in one look; whether the judgement changed."""
        self.value = value
        speaks_against = value <= self.enough if self.is_too_much else value >= self.most
        self.streak = self.streak + 1 if speaks_against else 0
        if self.streak < (ENDS_AFTER if self.is_too_much else BEGINS_AFTER):
            return False
        self.is_too_much, self.streak = not self.is_too_much, 0
        return True


class Strain:
    """The burdens of this node."""

    def __init__(self, limits: Limits, meters: Meters, max_memory_bytes: int | None = None) -> None:
        self._meters = meters
        seconds, sessions = (limits.max_lag_seconds, limits.max_journal_seconds), limits.max_sessions_per_node
        self._watched = {
            Burden.LAG: _Watched(seconds[0], seconds[0] / 2),
            Burden.JOURNAL: _Watched(seconds[1], seconds[1] / 2),
            Burden.SESSIONS: _Watched(sessions, sessions * 0.9),
        }
        if max_memory_bytes is not None:
            self._watched[Burden.MEMORY] = _Watched(max_memory_bytes, max_memory_bytes * 0.9)

    @property
    def reasons(self) -> list[Burden]:
        """What is too much just now."""
        return [burden for burden, watched in self._watched.items() if watched.is_too_much]

    @property
    def values(self) -> Mapping[Burden, float]:
        """What each burden was at the last look."""
        return {burden: watched.value for burden, watched in self._watched.items()}

    def admit(self, wants: Wish) -> None:
        """Let a newcomer in, or not. Raises: Overloaded."""
        if self.reasons:
            self._meters.turned_away(wants)
            raise Overloaded

    def look(self, values: Mapping[Burden, float]) -> None:
        """Take in one look; a burden without a bound is passed over."""
        for burden, watched in self._watched.items():
            if watched.look(values.get(burden, 0.0)):
                say = log.warning if watched.is_too_much else log.info
                event = "strain.began" if watched.is_too_much else "strain.ended"
                say(event, by=burden, value=round(watched.value, 3), most=watched.most)

    @asynccontextmanager
    async def watching(self, values: Callable[[], Mapping[Burden, float]]) -> AsyncIterator[None]:
        """Look now and then until the block ends; the lag is measured here."""
        async with asyncio.TaskGroup() as tasks:
            looking = tasks.create_task(self._watch(values))
            try:
                yield
            finally:
                looking.cancel()

    async def _watch(self, values: Callable[[], Mapping[Burden, float]]) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + LOOK_SECONDS
            await asyncio.sleep(LOOK_SECONDS)
            try:
                self.look({**values(), Burden.LAG: loop.time() - due, Burden.MEMORY: _resident_bytes()})
            except Exception as error:  # whatever it was, later strain must be seen
                log.error("strain.failed", trace=trace(error))


def _resident_bytes() -> int:
    try:
        return int(_STATM.read_text("ascii").split()[1]) * PAGE_BYTES
    except (OSError, IndexError, ValueError):  # another system: the bound is no use there
        return 0
