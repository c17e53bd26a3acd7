"""What a route takes and answers, said beside its handler; `server/openapi.py` makes the API's description of it.

The pattern, for every handler under `/api`: one decorator, and a docstring whose first sentence is the summary.

    @described({201: CaseShown}, body=NewCaseBody, errors=(Conflict,))
    async def create(self, request: Request) -> Response:
        \"\"\"Open a case; its creator leads it.\"\"\"
        ...
        return reply(CaseShown(...), 201, {"Location": f"/api/cases/{case}"})

The mapping names each status that is no error with its `Answer` model, `None` for an answer without a body, or
`Says(...)` for another media type or for headers that always come. `body=` and `query=` are the `Body` models that the
handler reads with `read_body` and `read_query`; a body that is no JSON is named by its media type. `errors=` are only
those that follow from what this handler does: what any handler may answer (500, 503), a path with an id (404), a body
(400, 413), a query (400) and signing in (401) are added by themselves; `anybody=True` says that no sign-in is needed.
The ids in a path are described in `server/openapi.py`, once for all routes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

from starlette.responses import Response

from server.body import Answer, Body
from workspace.errors import ConsiliumError

MARK = "described"


@dataclass(frozen=True, slots=True)
class Says:
    """An answer: its model, or its media type where there is none, and the headers that always come with it."""

    model: type[Answer] | None = None
    media: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    """Name, and what it says."""


Answers: TypeAlias = Mapping[int, "type[Answer] | Says | None"]


@dataclass(frozen=True, slots=True)
class Described:
    """What the decorator was told."""

    answers: Mapping[int, Says]
    body: type[Body] | str | None
    query: type[Body] | None
    errors: tuple[type[ConsiliumError], ...]
    anybody: bool


Handler = TypeVar("Handler", bound=Callable[..., Awaitable[Response]])


def described(
    answers: Answers,
    *,
    body: type[Body] | str | None = None,
    query: type[Body] | None = None,
    errors: tuple[type[ConsiliumError], ...] = (),
    anybody: bool = False,
) -> Callable[[Handler], Handler]:
    """Keep a description with a handler. Nothing is wrapped: a request costs the same as without."""

    said = {status: answer if isinstance(answer, Says) else Says(answer) for status, answer in answers.items()}

    def keep(handler: Handler) -> Handler:
        setattr(handler, MARK, Described(said, body, query, errors, anybody))
        return handler

    return keep


def description_of(handler: object) -> Described | None:
    """What the handler's decorator was told; None if it has none."""
    found = getattr(handler, MARK, None)
    return found if isinstance(found, Described) else None
