"""What is counted of cleaning: what came of each file and how long it took; how many wait, by the database. [OPS-8]

A file beside a server is cleaned by a process of its own that nobody asks for metrics: it tells the server, a line of
JSON each. Labels are words of ours.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

from prometheus_client import Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from pydantic import TypeAdapter

from server.renditions.rules import RULES
from storage.ports import Load, RemakeLoad, Remakes, UploadWork
from workspace.errors import ConsiliumError
from workspace.media import Kind, Reason

SECONDS = (0.1, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0, 1200.0, 7200.0)
"""From a slice to the longest video."""
LOAD_SECONDS = 2.0
"""How long the database is waited for, before the numbers of before are told again."""


class Came(StrEnum):
    """What a claim came to."""

    READY = "ready"
    NEEDS_REVIEW = "needs-review"
    REJECTED = "rejected"
    CHILD_LOST = "child-lost"
    """The process that cleaned died; another tries."""
    STORAGE_AWAY = "storage-away"
    """It waits until the storage is back."""
    REMADE = "remade"
    """The renditions of a clean file were made anew."""
    NOT_REMADE = "not-remade"


@dataclass(frozen=True, slots=True)
class Ended:
    """One claim is over."""

    came: Came
    seconds: float
    kind: Kind | None = None
    reason: Reason | None = None

    def to_line(self) -> bytes:
        """As it is told to a server."""
        return json.dumps(asdict(self)).encode() + b"\n"


def read_line(line: bytes) -> Ended:
    """What `to_line` wrote. Raises: ValueError."""
    return TypeAdapter(Ended).validate_json(line)


class MediaMeters:
    """The counters of one process, for whichever registry they are shown in."""

    def __init__(self) -> None:
        self._seconds = Histogram(
            "consilium_media_seconds",
            "From taking a file to its end, by kind: fetching it, cleaning it, putting what was made.",
            ["kind"],
            buckets=SECONDS,
            registry=None,
        )
        self._ended = Counter(
            "consilium_media_ended",
            "Files that were worked on, by what came of it and why.",
            ["came", "reason"],
            registry=None,
        )

    @property
    def collectors(self) -> Sequence[Collector]:
        """To be registered."""
        return [self._seconds, self._ended]

    def count(self, ended: Ended) -> None:
        """One more."""
        self._ended.labels(ended.came.value, "" if ended.reason is None else ended.reason.value).inc()
        if ended.came in (Came.READY, Came.NEEDS_REVIEW, Came.REJECTED):
            self._seconds.labels("unknown" if ended.kind is None else ended.kind.value).observe(ended.seconds)


class MediaQueue(Collector):
    """How many files wait, in the whole cluster: every process tells the same."""

    def __init__(self, work: UploadWork, remakes: Remakes) -> None:
        self._work = work
        self._remakes = remakes
        self._load = Load(0, 0, 0.0)
        self._older = RemakeLoad(0, 0)

    async def refresh(self) -> None:
        """Ask the database, which may be away: metrics are told all the same."""
        try:
            async with asyncio.timeout(LOAD_SECONDS):
                self._load = await self._work.load()
                self._older = await self._remakes.load(RULES)
        except (ConsiliumError, TimeoutError):
            return

    def collect(self) -> Iterable[Metric]:
        """See `prometheus_client.registry.Collector`."""
        for name, means, value in (
            ("waiting", "Files that wait to be cleaned, in all.", self._load.waiting),
            ("working", "Files that are being cleaned, in all.", self._load.working),
            ("oldest_seconds", "How long the one that waited longest has waited.", self._load.oldest_seconds),
            ("remakes_waiting", "Files whose renditions are made anew, by today's rules.", self._older.waiting),
            ("remakes_failed", "Files whose renditions could not be, and stay as they are.", self._older.failed),
        ):
            yield GaugeMetricFamily(f"consilium_media_{name}", means, value=value)
