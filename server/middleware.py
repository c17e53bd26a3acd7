"""The outermost layer: a request id, security headers, one log line, and the last word on errors nobody caught.

A request has one name: `X-Request-Id`, which our own proxy gives or we make. The log's lines, a problem's document and
the sessions of a WebSocket carry it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from http import HTTPMethod

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.entrance import Entropy
from server.logs import REQUEST, REQUEST_FAILED, REQUEST_STATE, trace
from server.meters import Meters
from server.problem import problem
from server.settings import Settings
from server.tracing import RequestSpan, Tracing, Untraced
from storage.ports import NoObjects, Objects
from workspace.errors import ConsiliumError

REQUEST_ID_BYTES = 8
REQUEST_ID = re.compile(r"[0-9a-f]{16,32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""What proxies make: hexadecimal, or a UUID. Nothing that could be a word of somebody's. [LOG-3]"""
HOST = re.compile(r"[A-Za-z0-9.:\[\]-]{1,255}")
SECURITY_HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(self), geolocation=(), payment=(), usb=()",
}
YEAR_SECONDS = 31_536_000
METHODS = frozenset(HTTPMethod)
PROBES = frozenset({"/livez", "/readyz", "/metrics"})
"""Asked every few seconds by whatever watches over the process."""

log = structlog.stdlib.get_logger(__name__)


def content_security_policy(host: str, objects: str | None = None) -> str:
    """What a page of ours may load: nothing from elsewhere, nothing inline, but what lies in the store of images, whose
    origin is `objects`. Older Safari does not count a WebSocket of the same host as 'self', so it is named."""
    sockets = f" ws://{host} wss://{host}" if HOST.fullmatch(host) else ""
    store = f" {objects}" if objects else ""
    return (
        f"default-src 'self'; connect-src 'self'{sockets}{store}; img-src 'self' data:{store}; "
        f"media-src 'self'{store}; style-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    )


class Outermost:
    """ASGI middleware around the whole application."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        settings: Settings,
        entropy: Entropy,
        meters: Meters,
        tracing: Tracing | None = None,
        objects: Objects | None = None,
    ) -> None:
        self._app = app
        self._objects = objects or NoObjects()
        self._meters = meters
        self._tracing = tracing or Untraced()
        self._entropy = entropy
        self._has_proxy = bool(settings.trusted_proxies)
        self._always_https = (settings.public_url or "").startswith("https://")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass lifespan through; wrap requests and WebSockets."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        request_id = self._name(scope)
        scope.setdefault("state", {})[REQUEST_STATE] = request_id  # for what outlives this context: a socket's sessions
        with structlog.contextvars.bound_contextvars(request=request_id):
            if scope["type"] == "http" and self._tracing.is_on and scope["path"] not in PROBES:
                await self._traced(scope, receive, send, request_id)
            elif scope["type"] == "http":
                await self._request(scope, receive, send, request_id)
            else:
                await self._socket(scope, receive, send)

    def _name(self, scope: Scope) -> str:
        """What our proxy calls the request, or a name of our own. Without a proxy of ours nobody may give one: many
        requests by one name would hide each other."""
        given = Headers(scope=scope).get("x-request-id", "") if self._has_proxy else ""
        return given if REQUEST_ID.fullmatch(given) else self._entropy(REQUEST_ID_BYTES).hex()

    async def _traced(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        """As part of a trace that our own proxy began, or of a new one."""
        parent = Headers(scope=scope).get("traceparent") if self._has_proxy else None
        with (
            self._tracing.request(request_id, parent) as span,
            structlog.contextvars.bound_contextvars(**({} if span is None else {"trace_id": span.trace_id})),
        ):
            await self._request(scope, receive, send, request_id, span)

    async def _request(
        self, scope: Scope, receive: Receive, send: Send, request_id: str, span: RequestSpan | None = None
    ) -> None:
        started = time.perf_counter()
        status = 0

        async def stamped(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id
                headers["Content-Security-Policy"] = content_security_policy(
                    Headers(scope=scope).get("host", ""), self._objects.origin
                )
                headers.update(SECURITY_HEADERS)
                if self._always_https or scope["scheme"] == "https":
                    headers["Strict-Transport-Security"] = f"max-age={YEAR_SECONDS}"
                if scope["path"].startswith("/api/"):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        try:
            await self._app(scope, receive, stamped)
        except Exception as error:
            log.error(REQUEST_FAILED, route=route_of(scope), trace=trace(error))
            if status:  # the answer has begun; breaking it off is all that is left to say
                raise
            await problem(ConsiliumError())(scope, receive, stamped)
        finally:
            seconds = time.perf_counter() - started
            route = route_of(scope)
            if route not in PROBES:
                self._meters.requests.labels(method_of(scope), route, status).observe(seconds)
            if span is not None:
                span.answered(method_of(scope), route, status)
            say = log.debug if route in PROBES else log.info
            say(REQUEST, method=scope["method"], route=route, status=status, ms=round(seconds * 1000, 1))

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        except Exception as error:
            log.error(REQUEST_FAILED, route=route_of(scope), trace=trace(error))
            await send({"type": "websocket.close", "code": 1011, "reason": ConsiliumError().reason})


def method_of(scope: Scope) -> str:
    """The method if it is one that HTTP knows: a client may make up any other."""
    method = str(scope["method"])
    return method if method in METHODS else "other"


def route_of(scope: Scope) -> str:
    """The route's template: a URL may hold ids and, from a careless client, anything."""
    path = getattr(scope.get("route"), "path", None)
    return "-" if path is None else f"{scope.get('root_path', '')}{path}"
