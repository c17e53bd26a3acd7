"""Traces by OpenTelemetry's own SDK, sent as OTLP over HTTP to a collector. Imported only where a setting asks for it.

Spans wait in a bounded queue for a thread of the SDK's; when a collector is slow, dead or frozen, spans are dropped and
nothing else happens. What `OTEL_*` names (service name, headers, certificate, sampler) is the SDK's affair. [TRC-2]
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import structlog
from opentelemetry import context, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from server.tracing import Facts, RequestSpan

SPANS_PATH = "/v1/traces"
MAX_WAITING = 2_048
"""Spans; some seconds of a busy node. More are dropped."""
SEND_EVERY_MILLIS = 1_000
SEND_SECONDS = 5.0
LAST_SECONDS = 2.0
"""How long a stopping process waits for its last spans to be taken."""

log = structlog.stdlib.get_logger(__name__)


class Told(SpanExporter):
    """An exporter that says once when spans are lost, and once when they are taken again."""

    def __init__(self, inner: SpanExporter) -> None:
        self._inner = inner
        self._is_losing = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """In the SDK's thread."""
        result = self._inner.export(spans)
        is_losing = result is not SpanExportResult.SUCCESS
        if is_losing and not self._is_losing:
            log.warning("tracing.lost", spans=len(spans))
        elif self._is_losing and not is_losing:
            log.info("tracing.back")
        self._is_losing = is_losing
        return result

    def shutdown(self) -> None:
        """See the SDK."""
        self._inner.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """See the SDK."""
        return self._inner.force_flush(timeout_millis)


class _Request:
    """`server.tracing.RequestSpan`."""

    def __init__(self, span: Span) -> None:
        self._span = span
        self.trace_id = trace.format_trace_id(span.get_span_context().trace_id)

    def answered(self, method: str, route: str, status: int) -> None:
        """See `RequestSpan.answered`. 4xx is no error of the server's (OpenTelemetry's HTTP conventions)."""
        self._span.update_name(f"{method} {route}")
        self._span.set_attributes(
            {"http.request.method": method, "http.route": route, "http.response.status_code": status}
        )
        if status >= 500:
            self._span.set_status(Status(StatusCode.ERROR))


class OtlpTracing:
    """`server.tracing.Tracing`. Texts of exceptions are left out: they may quote what a client sent."""

    is_on = True

    def __init__(self, provider: TracerProvider) -> None:
        self._tracer = provider.get_tracer("consilium")
        self._propagator = TraceContextTextMapPropagator()

    @contextmanager
    def request(self, name: str, parent: str | None) -> Iterator[RequestSpan | None]:
        """See `Tracing.request`."""
        before = None if parent is None else self._propagator.extract({"traceparent": parent})
        with self._started("HTTP", {"consilium.request": name}, SpanKind.SERVER, before) as span:
            yield _Request(span)

    @contextmanager
    def work(self, name: str, facts: Facts) -> Iterator[Facts]:
        """See `Tracing.work`."""
        with self._started(name, {}, SpanKind.INTERNAL, None) as span:
            try:
                yield facts
            finally:
                span.set_attributes({f"consilium.{fact}": value for fact, value in facts.items()})

    def done(self, name: str, seconds: float, facts: Facts, *, failed: bool) -> None:
        """See `Tracing.done`."""
        now = time.time_ns()
        attributes = {f"consilium.{fact}": value for fact, value in facts.items()}
        span = self._tracer.start_span(
            name, context.Context(), attributes=attributes, start_time=now - round(seconds * 1e9)
        )
        if failed:
            span.set_status(Status(StatusCode.ERROR))
        span.end(now)

    @contextmanager
    def _started(self, name: str, facts: Facts, kind: SpanKind, parent: context.Context | None) -> Iterator[Span]:
        with self._tracer.start_as_current_span(
            name, parent, kind, facts, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield span
            except Exception as error:
                span.set_status(Status(StatusCode.ERROR))
                span.set_attribute("error.type", type(error).__name__)
                raise


@contextmanager
def open_tracing(endpoint: str) -> Iterator[OtlpTracing]:
    """Trace until the block ends; what still waits then has a moment to be sent."""
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)  # its texts quote answers; `Told` says what matters
    exporter = OTLPSpanExporter(endpoint=f"{endpoint}{SPANS_PATH}", timeout=SEND_SECONDS)
    provider = TracerProvider(resource=Resource.create({"service.name": "consilium"}), shutdown_on_exit=False)
    provider.add_span_processor(
        BatchSpanProcessor(Told(exporter), max_queue_size=MAX_WAITING, schedule_delay_millis=SEND_EVERY_MILLIS)
    )
    try:
        yield OtlpTracing(provider)
    finally:
        # Not waited for to its end: a frozen collector must not hold up a server that wants to stop.
        last = threading.Thread(target=provider.shutdown, name="tracing", daemon=True)
        last.start()
        last.join(LAST_SECONDS)
