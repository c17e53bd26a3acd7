"""What every answer has: headers, a problem for an error, one line in the log, and no content where it could leak."""

from __future__ import annotations

import io
import json

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.logs import configure
from server.meters import Meters
from server.middleware import Outermost, content_security_policy
from server.settings import load_settings
from tests.api.conftest import Entropy, Ward

SECRET_TEXT = "Mrs Example has a rash"


async def test_every_answer_carries_the_security_headers(ward: Ward) -> None:
    """[API-11]"""
    ids = set()
    for path in ("/livez", "/api/me", "/api/nothing", "/"):
        headers = (await ward.http.get(path)).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        policy = headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert "connect-src 'self' ws://consilium.test wss://consilium.test;" in policy
        ids.add(headers["X-Request-Id"])
    assert len(ids) == 4


@pytest.mark.parametrize("host", ["evil; script-src *", "a b", "", "x" * 256, "é"])
def test_a_made_up_host_does_not_reach_the_policy(host: str) -> None:
    """[API-11]"""
    assert "connect-src 'self';" in content_security_policy(host)


async def test_the_router_s_own_refusals_are_problems_too(ward: Ward) -> None:
    """[ERR-1]"""
    for method, path, status in (("GET", "/api/nothing", 404), ("DELETE", "/api/me", 405), ("POST", "/livez", 405)):
        answer = await ward.http.request(method, path)
        assert (answer.status_code, answer.json()["status"]) == (status, status)
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["type"] == f"/docs/errors#{answer.json()['reason']}"


async def fail(_: Request) -> Response:
    raise KeyError(SECRET_TEXT)


@pytest.mark.parametrize("log_format", ["json", "console"])
async def test_an_error_nobody_caught_is_a_500_and_a_trace_without_texts(log: io.StringIO, log_format: str) -> None:
    """[ERR-2] The text of an exception may quote a case."""
    settings = load_settings({"CONSILIUM_LOG_FORMAT": log_format})
    configure(settings, log)
    routes = [Route("/cases/{case}", fail)]
    app = Starlette(
        routes=routes, middleware=[Middleware(Outermost, settings=settings, entropy=Entropy(), meters=Meters())]
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as http:
        answer = await http.get(f"/cases/{SECRET_TEXT}?q={SECRET_TEXT}")
    assert answer.status_code == 500
    body = {"type": "/docs/errors#consilium-error", "title": "Something went wrong.", "status": 500}
    assert answer.json() == {**body, "reason": "consilium-error", "request": answer.headers["X-Request-Id"]}
    written = log.getvalue()
    assert "test_outermost.py" in written
    assert "KeyError" in written
    assert "rash" not in written
    assert "rash" not in answer.text


async def test_a_request_is_one_line_with_its_route_and_not_its_address(ward: Ward, log: io.StringIO) -> None:
    """[LOG-1]"""
    configure(load_settings({"CONSILIUM_LOG_FORMAT": "json"}), log)
    answer = await ward.http.get(f"/api/cases/{SECRET_TEXT}?token=hidden")
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert len(lines) == 1
    line = {name: value for name, value in lines[0].items() if name not in ("ms", "timestamp")}
    assert line == {
        "event": "http.request",
        "level": "info",
        "method": "GET",
        "route": "/api/cases/{case}",
        "status": 401,
        "request": answer.headers["X-Request-Id"],
    }


GIVEN = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("proxies", "given", "is_taken"),
    [
        ("127.0.0.1", GIVEN, True),
        ("127.0.0.1", "6ba7b810-9dad-11d1-80b4-00c04fd430c8", True),
        ("127.0.0.1", "", False),
        ("127.0.0.1", "mrs-example-has-a-rash", False),
        ("127.0.0.1", GIVEN * 2, False),
        ("127.0.0.1", f"{GIVEN}\u00e9", False),
        (None, GIVEN, False),
    ],
)
async def test_a_request_has_one_name_and_only_our_own_proxy_gives_it(
    log: io.StringIO, proxies: str | None, given: str, *, is_taken: bool
) -> None:
    """[LOG-3] In the header, in the problem, in the log: all the same."""
    settings = {"CONSILIUM_LOG_FORMAT": "json"} | ({"CONSILIUM_TRUSTED_PROXIES": proxies} if proxies else {})
    loaded = load_settings(settings)
    configure(loaded, log)
    app = Starlette(
        routes=[Route("/cases/{case}", fail)],
        middleware=[Middleware(Outermost, settings=loaded, entropy=Entropy(), meters=Meters())],
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as http:
        answer = await http.get("/cases/1", headers=[(b"x-request-id", given.encode("latin-1"))])
    name = answer.headers["X-Request-Id"]
    assert (name == given) is is_taken
    assert answer.json()["request"] == name
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [line["request"] for line in lines] == [name, name]
    assert [line["event"] for line in lines] == ["http.request_failed", "http.request"]


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [("OPTIONS", "/api/cases", "GET, HEAD, POST"), ("DELETE", "/livez", "GET, HEAD"), ("GET", "/api/tickets", "POST")],
)
async def test_a_method_that_is_not_taken_is_told_which_are(ward: Ward, method: str, path: str, allow: str) -> None:
    """[API-12] Those of all routes at the address: Starlette by itself names the first route's alone."""
    answer = await ward.http.request(method, path)
    assert answer.status_code == 405
    assert answer.headers["allow"] == allow
    assert answer.json()["reason"] == "method-not-allowed"
