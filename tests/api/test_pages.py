"""GET of everything else: the browser client's files and its page."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException

from server.pages import Pages
from server.problem import handle
from workspace.errors import ConsiliumError

HTML = {"Accept": "text/html,application/xhtml+xml"}


@pytest.fixture
def built(tmp_path: Path) -> Path:
    static = tmp_path / "static"
    (static / "assets").mkdir(parents=True)
    (static / "index.html").write_text("<!doctype html><title>Consilium</title>")
    (static / "assets" / "index-abc123.js").write_text("export {}")
    (static / "icon.svg").write_text("<svg/>")
    (static / ".stamp").write_text("secret")
    (tmp_path / "outside.txt").write_text("secret")
    return static


def client(directory: Path) -> httpx.AsyncClient:
    handlers = {ConsiliumError: handle, HTTPException: handle}
    app = Starlette(routes=list(Pages(directory).routes()), exception_handlers=handlers)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


async def test_hashed_files_are_kept_for_ever_and_others_asked_for_again(built: Path) -> None:
    """[API-10]"""
    async with client(built) as http:
        script = await http.get("/assets/index-abc123.js")
        assert script.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert script.headers["Content-Type"].startswith("text/javascript")
        icon = await http.get("/icon.svg")
        assert icon.headers["Cache-Control"] == "no-cache"
        again = await http.get("/icon.svg", headers={"If-None-Match": icon.headers["ETag"]})
        assert (again.status_code, again.headers["Cache-Control"]) == (304, "no-cache")


@pytest.mark.parametrize("path", ["/", "/enter", "/cases/abc", "/cases/abc/anything?x=1"])
async def test_every_other_address_is_the_page(built: Path, path: str) -> None:
    """[API-10] The client reads the address itself."""
    async with client(built) as http:
        answer = await http.get(path, headers=HTML)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-cache")
    assert "<title>Consilium</title>" in answer.text


@pytest.mark.parametrize(
    "path",
    ["/api/nothing", "/assets/index-old.js", "/.stamp", "/%2e%2e/outside.txt", "/assets/%2e%2e/%2e%2e/outside.txt"],
)
async def test_what_is_no_page_is_not_found(built: Path, path: str) -> None:
    """[API-10]"""
    async with client(built) as http:
        answer = await http.get(path, headers={"Accept": "*/*"})
    assert (answer.status_code, answer.json()["reason"]) == (404, "not-found")


@pytest.mark.parametrize("path", ["/api/nothing", "/%2e%2e/outside.txt", "/.stamp", "/assets/%00", "/" + "a" * 300])
async def test_a_browser_gets_no_file_from_outside_either(built: Path, path: str) -> None:
    """[API-10]"""
    async with client(built) as http:
        assert "secret" not in (await http.get(path, headers=HTML)).text


async def test_a_client_that_was_not_built_says_so(tmp_path: Path) -> None:
    """[API-10]"""
    async with client(tmp_path / "nothing") as http:
        answer = await http.get("/", headers=HTML)
    assert answer.status_code == 503
    assert "was not built" in answer.text
