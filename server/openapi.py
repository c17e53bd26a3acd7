"""`/openapi.json`: the API's description (OpenAPI 3.1), made by spectree of routes, models and docstrings. [OAS-1]

spectree only describes: its wrappers, which would validate a second time and answer in another shape, are made for
their documentation and never called. Why spectree: docs/adr/0006.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from functools import cached_property, wraps
from importlib.metadata import version
from inspect import getdoc, getmodule
from typing import Any, NamedTuple

from spectree import Response as SpecResponse
from spectree import SecurityScheme, SpecTree, Tag
from spectree.models import InType, SecureType, SecuritySchemeData
from spectree.plugins.starlette_plugin import StarlettePlugin
from spectree.utils import get_model_key
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from server.access import COOKIE
from server.described import Described, Says, described, description_of
from server.problem import PROBLEM, Problem, outcome_of
from workspace import errors
from workspace.errors import ConsiliumError, Superseded

ID = {"type": "string", "pattern": "^[a-z2-7]{16}$"}
PATH: Mapping[str, tuple[Mapping[str, object], str]] = {
    "case": (ID, "A case."),
    "document": (
        {"type": "string", "pattern": r"^(record|discussion|opinion\.[a-z2-7]{16})(~[1-9][0-9]{0,5})?$"},
        "`record`, `discussion`, or `opinion.` and a member's id; with `~2`, `~3`… when it was continued anew.",
    ),
    "person": (ID, "A person."),
    "digest": ({"type": "string", "pattern": "^[0-9a-f]{64}$"}, "The sha-256 of the picture, in hexadecimal."),
    "sign_in": (ID, "One of the places where somebody is signed in."),
    "template": (
        {"type": "string", "pattern": "^[a-z0-9-]{1,40}$"},
        "A template: a name and a language, or 16 characters that say nothing.",
    ),
    "proposal": (ID, "What somebody asks to include."),
    "upload": (ID, "A file on its way."),
    "media": (ID, "An image, a video or another file of a case, or a series of them."),
    "annotation": (
        {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,200}$"},
        "What somebody marked in an image of the case.",
    ),
    "number": ({"type": "integer", "minimum": 1}, "A presenter's turn: the number that `GET …/presenter` names."),
    "seq": ({"type": "integer", "minimum": 0}, "An entry of the journal; 0 is before the first."),
}
"""What stands between braces in a path, for every route alike."""

ABOUT = """
The JSON API of Consilium, where clinicians work on one medical case together, live.

**Who asks** is told by the session cookie, which `POST /api/sign-in` sets, or by `Authorization: Bearer`. The cookie
counts for anything but GET only when the request comes from this server's own page. A case that is absent, malformed or
not yours is the same 404.

**What goes wrong** is `application/problem+json` (RFC 9457). Its `reason` never changes; each is explained, with what a
client does about it, on [/docs/errors](/docs/errors).

**What is written in a case** travels over WebSockets as Yjs updates, not over this API:

- `/yjs/{case}/{document}` speaks y-websocket, one document per socket; `?ack=1` asks for acknowledgements. Sign in by
  cookie (our own page only), bearer header, or a ticket of `POST /api/tickets` as `?ticket=`.
- `/collab` speaks Hocuspocus, several documents per socket, each named `{case}/{document}`. Sign in by its Auth
  message, cookie or header.

Times are milliseconds since 1970-01-01 UTC.
"""
SECURITY = [
    SecurityScheme(
        name="session",
        data=SecuritySchemeData(
            type=SecureType.API_KEY, name=COOKIE, field_in=InType.COOKIE, description="Set by `POST /api/sign-in`."
        ),
    ),
    SecurityScheme(
        name="bearer",
        data=SecuritySchemeData(
            type=SecureType.HTTP, scheme="bearer", description="Made by the command `consilium token EMAIL`."
        ),
    ),
]
HEADERS: Mapping[int, Mapping[str, str]] = {
    401: {"WWW-Authenticate": "`Bearer`."},
    429: {"Retry-After": "Seconds to wait."},
    503: {"Retry-After": "Seconds to wait."},
}
CITATION = re.compile(r"\s*\[[A-Z]{2,4}-\d+\]")
RAISES = re.compile(r"\s*Raises: .*\Z", re.DOTALL)
SENTENCE = re.compile(r"(?<=[.!?])\s+")


class Endpoint(NamedTuple):
    """A route as spectree's plugins see one."""

    path: str
    methods: frozenset[str]
    func: Callable[..., Awaitable[Response]]


class OpenApi:
    """The description of some routes, and the address it stands at."""

    def __init__(self, described_routes: Sequence[BaseRoute]) -> None:
        self._routes = described_routes

    def routes(self) -> Sequence[BaseRoute]:
        """One document."""
        return [Route("/openapi.json", self.show, methods=["GET"])]

    @described({200: Says(media="application/json")}, anybody=True)
    async def show(self, _: Request) -> Response:
        """This description."""
        return Response(self._bytes, media_type="application/json", headers={"Cache-Control": "no-cache"})

    @cached_property
    def document(self) -> Mapping[str, Any]:
        """The description as JSON values."""
        tree = SpecTree(
            backend=_Plugin,
            title="Consilium",
            version=version("consilium"),
            description=ABOUT.strip(),
            openapi_version="3.1.0",
            security_schemes=SECURITY,
            security=[{scheme.name: []} for scheme in SECURITY],
            naming_strategy=lambda model: model.__name__,
            nested_naming_strategy=lambda _, child: child,
            validation_error_status=400,
            validation_error_model=Problem,
            annotations=False,
        )
        tree.register([_described_to(tree, *found) for found in endpoints(self._routes)])
        made: dict[str, Any] = tree.spec
        for path, route, found in endpoints(self._routes):
            for method in (route.methods or set()) if isinstance(found.body, str) else ():
                if (operation := made["paths"][path].get(method.lower())) is not None:
                    operation["requestBody"] = {"required": True, "content": {found.body: {"schema": {}}}}
        return made

    @cached_property
    def _bytes(self) -> bytes:
        return json.dumps(self.document, ensure_ascii=False).encode()


def endpoints(routes: Sequence[BaseRoute], prefix: str = "") -> Iterator[tuple[str, Route, Described]]:
    """Full path, route and description of everything that has one."""
    for route in routes:
        match route:
            case Mount():
                yield from endpoints(route.routes, prefix + route.path)
            case Route() if (found := description_of(route.endpoint)) is not None:
                yield prefix + route.path, route, found
            case _:
                pass


class _Plugin(StarlettePlugin):
    """spectree's plugin for Starlette, told the routes instead of an application: it knows neither WebSockets nor bound
    methods behind a `Mount`."""

    def register_route(self, app: object) -> None:
        """The address is ours to choose."""

    def find_routes(self) -> Sequence[Endpoint]:
        found: Sequence[Endpoint] = self.spectree.app
        return found

    def parse_path(
        self, route: Endpoint, path_parameter_descriptions: Mapping[str, str] | None
    ) -> tuple[str, list[Mapping[str, Any]]]:
        path, parameters = super().parse_path(route, path_parameter_descriptions)  # type: ignore[no-untyped-call]
        return path, [{**parameter, **_path_parameter(parameter["name"])} for parameter in parameters]


class _Responses(SpecResponse):
    """spectree's responses, with other media types, headers and our problems, which it has no words for."""

    def __init__(self, answers: Mapping[int, Says], raised: Sequence[type[ConsiliumError]]) -> None:
        super().__init__(
            *(f"HTTP_{status}" for status, says in answers.items() if says.model is None),
            **{f"HTTP_{status}": says.model for status, says in answers.items() if says.model is not None},
        )
        self._answers = answers
        self._raised = raised

    def generate_spec(self, naming_strategy: Callable[[type[Any]], str] = get_model_key) -> dict[str, Any]:
        made = super().generate_spec(naming_strategy)
        answers: dict[str, Any] = {}
        for status, says in self._answers.items():
            answer = made[str(status)]
            if says.media is not None:
                answer["content"] = {says.media: {"schema": {}}}  # 3.1: bytes are a media type without a schema
            answers[str(status)] = answer | {"headers": _headers(says.headers)}
        by_status: dict[int, list[ConsiliumError]] = {}
        for kind in self._raised:
            error = kind("") if issubclass(kind, Superseded) else kind()
            by_status.setdefault(outcome_of(error).status, []).append(error)
        for status, found in sorted(by_status.items()):
            answers.setdefault(str(status), _problem(status, found))
        return answers


def _described_to(tree: SpecTree, path: str, route: Route, found: Described) -> Endpoint:
    handler: Callable[..., Awaitable[Response]] = route.endpoint
    name = handler.__module__.rpartition(".")[2]
    about, *_ = _public(getdoc(getmodule(handler)) or "").splitlines()
    documented = tree.validate(
        query=found.query,
        json=None if isinstance(found.body, str) else found.body,
        resp=_Responses(found.answers, _raised(path, found)),
        tags=[Tag(name=name.replace("_", " ").capitalize(), description=about)],
        security=[] if found.anybody else None,
        operation_id=f"{name}_{handler.__name__}",
        skip_validation=True,
    )(_with_public_docstring(handler))
    return Endpoint(path, frozenset(route.methods or ()), documented)


def _raised(path: str, found: Described) -> Sequence[type[ConsiliumError]]:
    """What the handler says it raises, and what follows from its kind."""
    return [
        *((errors.InvalidRequest,) if found.body or found.query else ()),
        *((errors.TooLarge,) if found.body else ()),
        *(() if found.anybody else (errors.Unauthenticated, errors.SomebodyElse)),
        *((errors.NotFound,) if "{" in path else ()),
        *found.errors,
        ConsiliumError,
        errors.StorageUnavailable,
    ]


def _problem(status: int, found: Sequence[ConsiliumError]) -> dict[str, Any]:
    reasons = {error.reason: error.title for error in found}
    schema = {
        "allOf": [{"$ref": f"#/components/schemas/{Problem.__name__}"}],
        "properties": {"status": {"const": status}, "reason": {"enum": sorted(reasons)}},
    }
    return {
        "description": " ".join(f"`{reason}`: {title}" for reason, title in reasons.items()),
        "content": {PROBLEM: {"schema": schema}},
        "headers": _headers(HEADERS.get(status, {})),
    }


def _headers(said: Mapping[str, str]) -> Mapping[str, Any]:
    always = {"X-Request-Id": "Names this request in the server's log."} | dict(said)
    return {
        name: {"description": text, "required": True, "schema": {"type": "string"}} for name, text in always.items()
    }


def _path_parameter(name: str) -> Mapping[str, object]:
    if name not in PATH:
        return {}
    schema, text = PATH[name]
    return {"schema": schema, "description": text}


def _with_public_docstring(handler: Callable[..., Awaitable[Response]]) -> Callable[..., Awaitable[Response]]:
    """The handler under a docstring for the reader of the description: its first sentence, then the rest."""

    @wraps(handler)
    async def documented(request: Request) -> Response:
        return await handler(request)

    first, *rest = SENTENCE.split(_public(getdoc(handler) or ""), maxsplit=1)
    documented.__doc__ = "\n\n".join([first, *rest])
    return documented


def _public(docstring: str) -> str:
    """Without what only concerns the code: the rules cited, the errors raised."""
    return CITATION.sub("", RAISES.sub("", docstring))
