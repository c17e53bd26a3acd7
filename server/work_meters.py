"""What is counted of background work, on nodes and on workers. [OPS-6]"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge


class WorkMeters:
    """One set of numbers for each duty, named by a word of ours."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._held = Gauge(
            "consilium_duty_held", "1 while this process does this work for the cluster.", ["duty"], registry=registry
        )
        self._done = Counter(
            "consilium_duty_done", "Mails sent, records read, expired rows removed.", ["duty"], registry=registry
        )
        self._failures = Counter(
            "consilium_duty_failures",
            "Looks that broke off; the next finds what waits.",
            ["duty"],
            registry=registry,
        )
        self._oldest = Gauge(
            "consilium_duty_oldest_seconds",
            "How long the oldest of what waits has waited, as its holder sees it; 0 elsewhere.",
            ["duty"],
            registry=registry,
        )

    def held(self, duty: str, *, holds: bool) -> None:
        """This process began or ceased to do this work."""
        self._held.labels(duty).set(holds)
        self._oldest.labels(duty).set(0)
        self._done.labels(duty)
        self._failures.labels(duty)

    def did(self, duty: str, count: int, oldest_seconds: float) -> None:
        """One look is over."""
        self._done.labels(duty).inc(count)
        self._oldest.labels(duty).set(oldest_seconds)

    def failed(self, duty: str) -> None:
        """One look broke off."""
        self._failures.labels(duty).inc()
