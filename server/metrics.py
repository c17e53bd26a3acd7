"""`/metrics` for Prometheus (text exposition format): how much is going on, and nothing of what. [OPS-4]"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.hub import Hub
from server.media_meters import MediaQueue
from server.strain import Burden
from storage.ports import ObjectsState


class HubGauges(Collector):
    """How full a node is, read when it is asked; `server.meters` counts what happens."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def collect(self) -> Iterable[Metric]:
        """See `prometheus_client.registry.Collector`."""
        waiting = self._hub.waiting_bytes
        for name, means, value in (
            ("rooms", "Documents in memory.", self._hub.rooms),
            ("sessions", "Connections to documents.", self._hub.sessions),
            ("in_flight_bytes", "Edits on their way to the disk.", self._hub.in_flight_bytes),
            ("outbox_bytes", "What waits to be sent to all sessions.", sum(waiting)),
            ("largest_outbox_bytes", "What waits for the slowest session.", max(waiting, default=0)),
            ("storage_full", "1 while edits are refused because the disk is full.", self._hub.is_full),
            ("bus_up", "0 while other nodes are heard only by comparing heads.", self._hub.bus.is_up),
            ("loop_lag_seconds", "By how much a timer was late.", self._hub.strain.values[Burden.LAG]),
            ("journal_waiting_seconds", "How long the oldest edit waits for the disk.", self._hub.journal_seconds),
            ("limits_up", "0 while limits count on this node alone.", self._hub.places.is_counted_together),
            ("draining", "1 while the server empties itself before it stops.", self._hub.is_draining),
            ("tasks", "Tasks of the event loop.", len(asyncio.all_tasks())),
        ):
            yield GaugeMetricFamily(f"consilium_{name}", means, value=value)
        strained = GaugeMetricFamily(
            "consilium_strained", "1 while this is too much, and newcomers are turned away.", labels=["by"]
        )
        for burden in Burden:
            strained.add_metric([burden], burden in self._hub.strain.reasons)
        yield strained


class ObjectsGauge(Collector):
    """How the store of images and files is, as this process sees it."""

    def __init__(self, state: Callable[[], ObjectsState]) -> None:
        self._state = state

    def collect(self) -> Iterable[Metric]:
        """See `prometheus_client.registry.Collector`."""
        gauge = GaugeMetricFamily(
            "consilium_objects", "1 for the state that the store of images and files is in.", labels=["state"]
        )
        now = self._state()
        for state in ObjectsState:
            gauge.add_metric([state], state is now)
        yield gauge


class Metrics:
    """`/metrics`, of a node or of a worker."""

    def __init__(self, registry: CollectorRegistry, queue: MediaQueue, *collectors: Collector) -> None:
        self._registry = registry
        self._queue = queue
        for each in (queue, *collectors):
            registry.register(each)
        ProcessCollector(registry=registry)

    def routes(self) -> Sequence[BaseRoute]:
        """For whoever keeps time series."""
        return [Route("/metrics", self.show)]

    async def show(self, _: Request) -> Response:
        """All of it, as text."""
        await self._queue.refresh()
        headers = {"Content-Type": CONTENT_TYPE_LATEST, "Cache-Control": "no-store"}
        return Response(generate_latest(self._registry), headers=headers)
