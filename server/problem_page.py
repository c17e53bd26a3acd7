"""`/docs/errors`: where the `type` of a problem leads (RFC 9457 §3.1.1). The same table as `docs/errors.md`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from server.problem import outcome_of
from workspace.errors import ConsiliumError, Superseded

HEAD = "<!doctype html><html lang=en><meta charset=utf-8><title>Errors of Consilium</title><h1>Errors</h1>"
COLUMNS = ("reason", "what it means", "HTTP status", "closing code", "what the client does")


def routes() -> Sequence[BaseRoute]:
    """One page."""
    return [Route("/docs/errors", page, methods=["GET"])]


async def page(_: Request) -> Response:
    """One row per error; the row's id is the error's reason."""
    head = "".join(f"<th scope=col>{column}" for column in COLUMNS)
    return HTMLResponse(f"{HEAD}<table><tr>{head}{''.join(map(_row, _errors(ConsiliumError)))}</table></html>")


def _errors(kind: type[ConsiliumError]) -> Iterator[ConsiliumError]:
    yield kind("") if kind is Superseded else kind()
    for child in kind.__subclasses__():
        yield from _errors(child)


def _row(error: ConsiliumError) -> str:
    outcome = outcome_of(error)
    cells = (error.reason, error.title, str(outcome.status), str(outcome.close_code), outcome.client)
    return f'<tr id="{error.reason}">{"".join(f"<td>{escape(cell)}" for cell in cells)}'
