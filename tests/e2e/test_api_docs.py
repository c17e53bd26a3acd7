"""`/docs`: the description of the API, read and tried out in a browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Request, expect

from tests.e2e.conftest import DESKTOP, PHONE, Visitor
from tests.servers import People


@pytest.mark.parametrize(("size", "theme"), [(DESKTOP, "light"), (PHONE, "dark")])
def test_the_api_is_read_and_tried_out_with_the_pages_own_session(
    visit: Callable[..., Visitor], people: People, size: tuple[int, int], theme: str
) -> None:
    """[OAS-6] A case opened from `/docs` is there; no other host was asked anything, and the policy stopped nothing."""
    ada = visit(people.lead, size=size, dark=theme == "dark")
    foreign: list[str] = []

    def note(request: Request) -> None:
        if not request.url.startswith((ada.server.url, "data:")):
            foreign.append(request.url)

    ada.page.on("request", note)
    ada.go("/docs")
    expect(ada.page.get_by_text("Signed in as Ada")).to_be_visible()
    operation = ada.page.locator("[id$=cases_create]")
    operation.locator(".opblock-summary-control").click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("textbox").fill('{"title": "Tried out"}')
    operation.get_by_role("button", name="Execute").click()
    expect(operation.locator(".live-responses-table .response").first).to_contain_text("201")
    overflow = ada.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0, f"the page is {overflow} px too wide"
    ada.picture(f"api-docs-{size[0]}-{theme}")
    ada.page.goto(ada.server.url)
    expect(ada.page.get_by_text("Tried out")).to_be_visible()
    assert foreign == []


def test_the_errors_are_one_link_away(visit: Callable[..., Visitor], people: People) -> None:
    """[OAS-6]"""
    ada = visit(people.lead)
    ada.go("/docs")
    ada.page.get_by_role("link", name="Errors", exact=True).click()
    expect(ada.page.get_by_role("cell", name="not-found", exact=True)).to_be_visible()
