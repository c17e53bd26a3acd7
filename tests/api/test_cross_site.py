"""Every route that changes something, tried from a page of another origin and with what a form can send."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest
from starlette.routing import BaseRoute, Mount, Route

from server.app import build_app
from server.settings import load_settings
from storage.memory import memory_stores
from storage.ports import CredentialKind
from tests.api.conftest import ORIGIN, Ward
from workspace.case import Standing
from workspace.ids import Millis

SAFE = {"GET", "HEAD", "OPTIONS"}


def unsafe(routes: list[BaseRoute], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Method and path of all that is not safe, with something in the holes."""
    for route in routes:
        match route:
            case Mount():
                yield from unsafe(list(route.routes), prefix + route.path)
            case Route(methods=set(methods)):
                path = re.sub(r"\{[^}]*\}", "a" * 16, prefix + route.path)
                yield from ((method, path) for method in sorted(methods - SAFE))
            case _:
                pass


APP = build_app(load_settings({}), memory_stores(), clock=lambda: Millis(0), entropy=os.urandom)
UNSAFE = list(unsafe(list(APP.routes)))


def test_there_is_something_to_try() -> None:
    """[ACC-7] A check over nothing proves nothing."""
    assert len(UNSAFE) > 12
    assert ("POST", "/api/cases") in UNSAFE


@pytest.mark.parametrize(("method", "path"), UNSAFE)
@pytest.mark.parametrize("origin", ["http://evil.test", "null", f"{ORIGIN}.evil.test", None])
async def test_a_cookie_from_elsewhere_changes_nothing(ward: Ward, method: str, path: str, origin: str | None) -> None:
    """[ACC-7] Nor one without any origin: browsers always name it here. Those that need no cookie refuse by name."""
    sam = await ward.person("sam", standing=Standing.ADMIN)
    session = await ward.credential(sam, CredentialKind.SESSION)
    headers = {"Cookie": f"consilium_session={session}"} | ({} if origin is None else {"Origin": origin})
    answer = await ward.http.request(method, path, json={}, headers=headers)
    refused = {401, 403}
    if origin is None and (path.startswith("/api/password-") or path == "/api/sign-in"):
        refused = {400}  # no cookie is looked at, and nothing was sent
    assert answer.status_code in refused, (method, path, answer.text)
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize(("method", "path"), UNSAFE)
@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
async def test_what_a_form_can_send_is_not_taken(ward: Ward, method: str, path: str, kind: str) -> None:
    """[ACC-7] Only JSON, and images for a picture: for both a browser asks first, and is not allowed."""
    sam = await ward.person("sam", standing=Standing.ADMIN)
    session = await ward.credential(sam, CredentialKind.SESSION)
    headers = {"Cookie": f"consilium_session={session}", "Origin": ORIGIN, "Content-Type": kind}
    answer = await ward.http.request(method, path, content=b'{"title":"x"}', headers=headers)
    bodiless = method == "DELETE" or path in ("/api/sign-out", "/api/tickets")
    assert bodiless or answer.status_code in (400, 403, 404, 409), (method, path, answer.status_code)
    asked = await ward.http.options(
        path, headers={"Origin": "http://evil.test", "Access-Control-Request-Method": method}
    )
    assert asked.status_code in (404, 405)
    assert "access-control-allow-origin" not in asked.headers
