"""Holds every answer of the tests against the API's description: what is not described must not be answered."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import httpx
import jsonschema_rs
from starlette.routing import Route

from server.app import build_app
from server.openapi import OpenApi
from server.settings import load_settings
from storage.memory import memory_stores
from workspace.ids import Millis

OWNER = "__self__"


@cache
def description() -> Mapping[str, Any]:
    """The description, as the application gives it."""
    app = build_app(load_settings({}), memory_stores(), clock=lambda: Millis(0), entropy=os.urandom)
    (route,) = (route for route in app.routes if isinstance(route, Route) and route.path == "/openapi.json")
    owner = getattr(route.endpoint, OWNER)
    assert isinstance(owner, OpenApi)
    return owner.document


def operations() -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Method, path and description of each."""
    for path, methods in description()["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def find(method: str, path: str) -> tuple[str, str, Mapping[str, Any]] | None:
    """The operation that answers this request; of two that fit the one with fewer holes, as the router has it."""
    fitting = [
        (template.count("{"), template, operation)
        for each, template, operation in operations()
        if each == method and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path)
    ]
    return (method, *min(fitting, key=lambda each: each[0])[1:]) if fitting else None


@cache
def validator(method: str, path: str, status: str, media: str) -> jsonschema_rs.Validator:
    """For one answer's JSON."""
    operation = description()["paths"][path][method.lower()]
    schema = operation["responses"][status]["content"][media]["schema"]
    return jsonschema_rs.validator_for({**schema, "components": description()["components"]})


def check(response: httpx.Response) -> None:
    """Status, media type, headers and JSON are as described. Requests that no route answers are problems, no more."""
    request = response.request
    found = find("GET" if request.method == "HEAD" else request.method, request.url.path)
    if found is None:
        if request.url.path.startswith("/api/"):
            assert response.status_code in (404, 405), f"{request.method} {request.url.path} is not described"
        return
    method, path, operation = found
    said = f"{method} {path} {response.status_code}"
    answer = operation["responses"].get(str(response.status_code))
    assert answer is not None, f"{said} is not described: {response.text}"
    for name in answer["headers"]:
        assert name in response.headers, f"{said} has no {name}"
    content = answer.get("content")
    if content is None:
        assert response.content == b"", f"{said} is described as empty"
        return
    media = response.headers["content-type"].partition(";")[0]
    assert media in content, f"{said} is {media}"
    if media.endswith("json") and request.method != "HEAD":
        validator(method, path, str(response.status_code), media).validate(response.json())


async def check_each(response: httpx.Response) -> None:
    """httpx's hook."""
    await response.aread()
    check(response)
