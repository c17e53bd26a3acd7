"""`/metrics` for Prometheus (text exposition format): how much is going on, and nothing of what. [OPS-4]"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.hub import Hub


class Metrics(Collector):
    """Reads the hub when it is asked; nothing is counted on the hot path."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._registry = CollectorRegistry()
        self._registry.register(self)
        ProcessCollector(registry=self._registry)

    def routes(self) -> Sequence[BaseRoute]:
        """For whoever keeps time series."""
        return [Route("/metrics", self.show)]

    def collect(self) -> Iterable[Metric]:
        """See `prometheus_client.registry.Collector`."""
        yield GaugeMetricFamily("consilium_rooms", "Documents in memory.", value=self._hub.rooms)
        yield GaugeMetricFamily("consilium_sessions", "Connections to documents.", value=self._hub.sessions)

    async def show(self, _: Request) -> Response:
        """All of it, as text."""
        headers = {"Content-Type": CONTENT_TYPE_LATEST, "Cache-Control": "no-store"}
        return Response(generate_latest(self._registry), headers=headers)
