"""A collector of OpenTelemetry for tests: takes OTLP over HTTP, and keeps what it was sent."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span


class Collector:
    """What came, span by span."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.bytes = b""
        self.services: set[str] = set()
        self.port = 0
        self._thawed = threading.Event()
        self._thawed.set()

    @property
    def url(self) -> str:
        """What `CONSILIUM_OTLP_ENDPOINT` is set to."""
        return f"http://127.0.0.1:{self.port}"

    def freeze(self) -> None:
        """Take requests and answer none."""
        self._thawed.clear()

    def thaw(self) -> None:
        """Answer again."""
        self._thawed.set()

    def named(self, name: str) -> list[Span]:
        """The spans of one kind."""
        return [span for span in self.spans if span.name == name]

    def take(self, path: str, body: bytes) -> int:
        """One request; the status of its answer."""
        self._thawed.wait()
        if path != "/v1/traces":
            return 404
        self.bytes += body
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            self.services |= {a.value.string_value for a in resource.resource.attributes if a.key == "service.name"}
            for scope in resource.scope_spans:
                self.spans.extend(scope.spans)
        return 200


def facts(span: Span) -> dict[str, str | int]:
    """What a span says."""
    return {
        fact.key: fact.value.int_value if fact.value.HasField("int_value") else fact.value.string_value
        for fact in span.attributes
    }


@contextmanager
def running_collector() -> Iterator[Collector]:
    """A collector until the block ends; who asks afterwards is refused."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            zipped = self.headers.get("Content-Encoding") == "gzip"
            self.send_response(collector.take(self.path, gzip.decompress(body) if zipped else body))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing: a test's output is its own."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        collector.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield collector
        finally:
            collector.thaw()
            server.shutdown()
            thread.join()
