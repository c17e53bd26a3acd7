"""GET /openapi.json: what it says, and that it says everything."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any, get_args

import httpx
import jsonschema_rs
import pytest
from pydantic import BaseModel
from starlette.routing import Mount, Route

from server.app import build_app
from server.body import Answer, Body
from server.described import described, description_of
from server.openapi import PATH
from server.problem import PROBLEM
from server.settings import load_settings
from storage.memory import memory_stores
from tests.api.conftest import ORIGIN, Ward
from tests.api.description import check, description, operations
from workspace.ids import Millis


def api_routes() -> Iterator[tuple[str, Route]]:
    """What stands under `/api`."""
    app = build_app(load_settings({}), memory_stores(), clock=lambda: Millis(0), entropy=os.urandom)
    mounts = [route for route in app.routes if isinstance(route, Mount) and route.path == "/api"]
    for mount in mounts:
        for route in mount.routes:
            assert isinstance(route, Route), f"what is {route}?"
            yield mount.path + route.path, route


def enumerations_in(annotation: object) -> Iterator[type[Enum]]:
    """The lists of words that a field's type is made of."""
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        yield annotation
    for part in get_args(annotation):
        yield from enumerations_in(part)


def kinds_of(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for kind in model.__subclasses__():
        yield kind
        yield from kinds_of(kind)


async def test_it_is_served_to_anybody(ward: Ward) -> None:
    """[OAS-1]"""
    answer = await ward.http.get("/openapi.json")
    assert answer.json() == description()
    assert answer.json()["openapi"].startswith("3.1.")
    assert answer.headers["content-type"] == "application/json"


def test_every_route_of_the_api_is_described() -> None:
    """[OAS-2] A handler without `@described` is named here."""
    routes = sorted(
        (method, path) for path, route in api_routes() for method in (route.methods or set()) - {"HEAD", "OPTIONS"}
    )
    bare = [path for path, route in api_routes() if not description_of(route.endpoint)]
    assert bare == []
    assert sorted((method, path) for method, path, _ in operations() if path.startswith("/api/")) == routes
    assert len(routes) > 10


@pytest.mark.parametrize(("method", "path", "operation"), list(operations()))
def test_an_operation_says_all_of_itself(method: str, path: str, operation: Mapping[str, Any]) -> None:
    """[OAS-2] Summary, answers, errors of its kind, what is in its path."""
    assert operation["summary"].endswith((".", "?"))
    assert "[" not in operation["summary"]
    answers = operation["responses"]
    assert any(status.startswith("2") for status in answers)
    expected = {"500"} | ({"404"} if "{" in path else set()) | ({"400", "413"} if "requestBody" in operation else set())
    expected |= {"401"} if "security" not in operation else set()
    assert expected <= set(answers)
    parameters = {each["name"]: each for each in operation["parameters"]}
    holes = {part[1:-1] for part in path.split("/") if part.startswith("{")}
    assert holes <= set(PATH), "describe it in server/openapi.py, PATH"
    assert holes <= set(parameters)
    for parameter in parameters.values():
        typed = {"type", "enum", "const", "anyOf", "$ref", "allOf"} & set(parameter["schema"])
        assert typed, f"{parameter['name']} has no type"


def test_errors_are_problems_with_their_own_reasons() -> None:
    """[OAS-3]"""
    answers = description()["paths"]["/api/cases/{case}/members"]["put"]["responses"]
    schema = {status: answer["content"][PROBLEM]["schema"] for status, answer in answers.items() if status >= "400"}
    assert schema["403"]["properties"] == {"status": {"const": 403}, "reason": {"enum": ["forbidden"]}}
    assert schema["404"]["properties"]["reason"] == {"enum": ["not-found"]}
    assert answers["503"]["headers"]["Retry-After"]["required"]
    assert "`conflict`: This changed while you were working on it." in answers["409"]["description"]


def test_both_ways_to_sign_in_are_named_and_who_needs_neither() -> None:
    """[OAS-4]"""
    schemes = description()["components"]["securitySchemes"]
    assert schemes["session"] | {"description": ""} == {
        "type": "apiKey",
        "in": "cookie",
        "name": "consilium_session",
        "description": "",
    }
    assert schemes["bearer"]["scheme"] == "bearer"
    assert description()["security"] == [{"session": []}, {"bearer": []}]
    free = {path for _, path, operation in operations() if operation.get("security") == []}
    assert {"/api/sign-in", "/api/sign-out", "/livez"} <= free
    assert "/api/cases" not in free


def test_the_sockets_are_told_of() -> None:
    """[OAS-2]"""
    assert "`/yjs/{case}/{document}`" in description()["info"]["description"]
    assert "`/collab`" in description()["info"]["description"]


def test_two_models_never_share_a_name() -> None:
    """[OAS-2] One of them would be described as the other."""
    ours = {kind for base in (Answer, Body) for kind in kinds_of(base) if kind.__module__.startswith("server.")}
    words = {
        word for model in ours for field in model.model_fields.values() for word in enumerations_in(field.annotation)
    }
    assert [name for name, count in Counter(kind.__name__ for kind in ours | words).items() if count > 1] == []
    assert len(ours) > 15
    assert len(words) > 5


def test_no_word_about_the_code_is_published() -> None:
    """[OAS-1] Rules cited and exceptions raised are for whoever reads the code."""
    said = str(description())
    assert "Raises:" not in said
    for rule in ("[AUT-", "[API-", "[PER-", "[OFF-"):
        assert rule not in said


def answer_of(method: str, path: str, status: int, *, json: object, headers: dict[str, str]) -> httpx.Response:
    answer = httpx.Response(status, json=json, request=httpx.Request(method, f"{ORIGIN}{path}"))
    answer.headers.update({"X-Request-Id": "1"} | headers)
    return answer


GOOD = {"ticket": "a", "expires_at": 1}


def test_a_good_answer_passes_the_check() -> None:
    """[OAS-5] Otherwise the next test would prove nothing."""
    check(answer_of("POST", "/api/tickets", 201, json=GOOD, headers={}))


@pytest.mark.parametrize(
    ("path", "status", "json", "headers"),
    [
        ("/api/tickets", 200, GOOD, {}),  # another status
        ("/api/tickets", 201, GOOD, {"content-type": "text/plain"}),
        ("/api/tickets", 201, {**GOOD, "more": 1}, {}),
        ("/api/tickets", 201, {"ticket": "a"}, {}),
        ("/api/tickets", 201, {**GOOD, "expires_at": "1"}, {}),
        ("/api/cases", 201, {}, {}),  # no Location
        ("/api/tickets", 401, {"reason": "unauthenticated"}, {"content-type": PROBLEM}),
        ("/api/nothing", 200, {}, {}),  # a route that is not described
    ],
)
def test_an_answer_that_is_not_as_described_fails_the_check(
    path: str, status: int, json: object, headers: dict[str, str]
) -> None:
    """[OAS-5] Every answer of every test of the API goes through this check (tests/api/conftest.py)."""
    with pytest.raises((AssertionError, jsonschema_rs.ValidationError)):
        check(answer_of("POST", path, status, json=json, headers=headers))


def test_describing_a_handler_does_not_wrap_it() -> None:
    """[OAS-1] A request costs the same as without."""

    async def handler() -> httpx.Response:
        raise NotImplementedError

    assert described({200: None})(handler) is handler  # type: ignore[type-var]
