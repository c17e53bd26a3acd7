"""What becomes of an error at the edge: its HTTP status, WebSocket close code, the client's duty and the log level.

Problems are rendered as RFC 9457 `application/problem+json`. `docs/errors.md` is the same table in words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from pydantic import Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route, compile_path

from server.body import Answer
from server.logs import request_id
from workspace import errors
from workspace.errors import ConsiliumError, Superseded, TooMany

PROBLEM = "application/problem+json"


class Level(StrEnum):
    """How loud an outcome is in the log."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an error means outside. `client` is what a well-made client does next."""

    status: int
    close_code: int
    client: str
    level: Level
    retry_after_seconds: int | None = None


OUTCOMES: Mapping[type[ConsiliumError], Outcome] = MappingProxyType(
    {
        ConsiliumError: Outcome(500, 1011, "backs off", Level.ERROR),
        errors.InvalidMessage: Outcome(400, 4400, "stops, reports", Level.INFO),
        errors.InvalidRequest: Outcome(400, 4400, "stops, reports", Level.INFO),
        errors.Unauthenticated: Outcome(401, 4401, "signs in afresh", Level.INFO),
        errors.Forbidden: Outcome(403, 4403, "goes read-only or leaves", Level.INFO),
        errors.NotFound: Outcome(404, 4404, "leaves", Level.INFO),
        errors.Conflict: Outcome(409, 4409, "reloads", Level.INFO),
        errors.Superseded: Outcome(409, 4409, "opens the document that is named", Level.INFO),
        errors.TooLarge: Outcome(413, 1009, "stops, reports", Level.WARNING),
        errors.TooMany: Outcome(429, 4429, "backs off", Level.WARNING, 1),
        errors.HelloTimeout: Outcome(408, 4408, "reconnects and says what it came for", Level.INFO),
        errors.AccessChanged: Outcome(403, 4205, "reconnects now, is judged again", Level.INFO),
        errors.SlowConsumer: Outcome(503, 1013, "backs off, resyncs", Level.WARNING, 1),
        errors.StorageUnavailable: Outcome(503, 1013, "backs off, resyncs", Level.ERROR, 5),
        errors.ObjectsUnavailable: Outcome(503, 1013, "goes on without, tries again", Level.WARNING, 5),
        errors.Overloaded: Outcome(503, 1013, "backs off, resyncs", Level.WARNING, 10),
        errors.Draining: Outcome(503, 1012, "backs off, resyncs", Level.INFO, 2),
    }
)
"""Looked up along `__mro__`: a class without a row shares its nearest ancestor's."""


class Problem(Answer):
    """What went wrong (RFC 9457). `docs/errors.md` says what a client does about each reason."""

    type: str = Field(description="Where the reason is explained, on this server.", pattern="^/docs/errors#[a-z-]+$")
    title: str = Field(description="A sentence for a person.")
    status: int
    reason: str = Field(description="The machine's word for it, which never changes.", pattern="^[a-z-]+$")
    detail: str | None = Field(default=None, description="Names of fields, ids and bounds; never content.")
    successor: str | None = Field(
        default=None, description="With `superseded`: the `{case}/{document}` to open instead of this one."
    )
    request: str | None = Field(
        default=None, description="With a status from 500 on: `X-Request-Id`, the request's name in the log."
    )


def outcome_of(error: BaseException) -> Outcome:
    """Total: anything that is not ours is a 500 and a 1011. [ERR-1]"""
    return next((OUTCOMES[kind] for kind in type(error).__mro__ if kind in OUTCOMES), OUTCOMES[ConsiliumError])


def problem(error: ConsiliumError) -> Response:
    """Render an error for HTTP. What it says comes from classes and ids, never from a case. [ERR-2]"""
    outcome = outcome_of(error)
    # What failed inside is for the operator's log.
    detail = "; ".join(str(argument) for argument in error.args) if outcome.status < 500 else ""
    body = Problem(
        type=f"/docs/errors#{error.reason}",
        title=error.title,
        status=outcome.status,
        reason=error.reason,
        detail=detail or None,
        successor=error.successor if isinstance(error, Superseded) else None,
        # Refusals that must look alike (absent and forbidden, wrong and unknown) are the same to the byte.
        request=request_id() if outcome.status >= 500 else None,
    )
    retry = error.retry_after_seconds if isinstance(error, TooMany) else outcome.retry_after_seconds
    headers = {} if retry is None else {"Retry-After": str(max(1, retry))}
    if outcome.status == 401:
        headers["WWW-Authenticate"] = "Bearer"  # RFC 9110 §11.6.1
    return _render(body, headers)


def http_problem(error: HTTPException) -> Response:
    """Render what the router itself refuses: no such route, or not by this method."""
    if error.status_code == 404:
        return problem(errors.NotFound())
    reason = "method-not-allowed" if error.status_code == 405 else "refused"
    title = "This address does not take that method." if error.status_code == 405 else "The request was refused."
    body = Problem(type=f"/docs/errors#{reason}", title=title, status=error.status_code, reason=reason)
    return _render(body, dict(error.headers or {}))


def _render(body: Problem, headers: Mapping[str, str]) -> Response:
    return Response(body.model_dump_json(exclude_none=True), body.status, headers, media_type=PROBLEM)


def allowed(routes: Sequence[BaseRoute], path: str, prefix: str = "") -> frozenset[str]:
    """The methods that some route takes at this path. Starlette names those of the first route alone. [API-12]"""
    found: frozenset[str] = frozenset()
    for route in routes:
        match route:
            case Mount():
                found |= allowed(route.routes, path, prefix + route.path)
            case Route() if ":path}" in route.path:
                pass  # the page, which has only what nothing else answers
            case Route(methods=set(methods)) if compile_path(prefix + route.path)[0].match(path):
                found |= methods
            case _:
                pass
    return found


async def handle(request: Request, error: Exception) -> Response:
    """Starlette's exception handler for `ConsiliumError` and `HTTPException`; the outermost middleware has the rest."""
    match error:
        case HTTPException(status_code=405):
            methods = allowed(request.app.routes, request.url.path)
            return http_problem(HTTPException(405, headers={"Allow": ", ".join(sorted(methods))}))
        case HTTPException():
            return http_problem(error)
        case ConsiliumError():
            return problem(error)
        case _:
            return problem(ConsiliumError())
