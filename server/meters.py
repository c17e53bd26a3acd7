"""What is counted while it happens, for `/metrics`: per commit, per flush, per closing, never per frame. [OPS-4]

Labels are words of ours: routes, reasons, closing codes. Nothing that a client chose ever becomes one.
"""

from __future__ import annotations

from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Histogram

from server.problem import OUTCOMES

COMMIT_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0)
"""From an SSD's sync to the longest that anybody waits for storage."""
COMPACTION_SECONDS = (0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 30.0)
NORMAL_CODES = frozenset({1000, 1001, 1005, 1006})
"""A tab that was closed, a page that was left, a close without a code, a line that broke."""
KNOWN_CODES = NORMAL_CODES | {outcome.close_code for outcome in OUTCOMES.values()}

Wish = Literal["session", "sign_in"]
"""What a newcomer wants."""


class Meters:
    """The counters of one process, and the registry that they are read from."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.journal = Histogram(
            "consilium_journal_seconds",
            "From handing edits to the journal until it answered, once for each append of a room.",
            buckets=COMMIT_SECONDS,
            registry=self.registry,
        )
        self.acks = Histogram(
            "consilium_ack_seconds",
            "From an edit's arrival until its acknowledgement is written, of each flush the oldest edit.",
            buckets=COMMIT_SECONDS,
            registry=self.registry,
        )
        self.edits = Counter("consilium_edits", "Edits that were journalled.", registry=self.registry)
        self.journal_failures = Counter(
            "consilium_journal_failures",
            "Appends whose fate is unknown: their rooms were opened afresh.",
            registry=self.registry,
        )
        self.resyncs = Counter(
            "consilium_resyncs",
            "Times that a room read the journal for entries it had not heard of.",
            registry=self.registry,
        )
        self.defects = Counter("consilium_defects", "Rooms that a defect of ours ended.", registry=self.registry)
        self.compactions = Histogram(
            "consilium_compaction_seconds",
            "What it took to make a snapshot.",
            buckets=COMPACTION_SECONDS,
            registry=self.registry,
        )
        self.compaction_failures = Counter(
            "consilium_compaction_failures",
            "Snapshots that could not be made; history stands without them.",
            registry=self.registry,
        )
        self.requests = Histogram(
            "consilium_request_seconds",
            "HTTP requests by route and status; what watches over the process is left out.",
            ["method", "route", "status"],
            buckets=COMMIT_SECONDS,
            registry=self.registry,
        )
        self._turned_away = Counter(
            "consilium_turned_away",
            "Newcomers who were told that the server is as busy as it can be.",
            ["wanted"],
            registry=self.registry,
        )
        for wanted in ("session", "sign_in"):
            self._turned_away.labels(wanted)
        self._closes = Counter(
            "consilium_socket_closes", "WebSockets that ended, by closing code.", ["code"], registry=self.registry
        )

    def turned_away(self, wanted: Wish) -> None:
        """Somebody was told to come back later."""
        self._turned_away.labels(wanted).inc()

    def closed(self, code: int) -> None:
        """A WebSocket ended. A code that is none of ours was the client's choice, and any number."""
        self._closes.labels(str(code) if code in KNOWN_CODES else "other").inc()
