"""Working without a network: what is kept on the device, for whom, and for how long; nothing lost, nothing doubled."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.conftest import PHONE, Visitor
from tests.servers import People, RunningServer

Visit = Callable[..., Visitor]


def keep_copies(visitor: Visitor) -> None:
    """Say yes to the question, and wait until this device has the page and the case."""
    visitor.page.get_by_role("button", name="Keep copies", exact=True).click()
    expect(visitor.page.get_by_role("region", name="Offline copies")).not_to_be_attached()
    visitor.page.evaluate("navigator.serviceWorker.ready.then(() => true)")


def test_a_tab_closed_offline_is_there_again_after_a_cold_start(
    visit: Visit, server: RunningServer, people: People
) -> None:
    """[OFF-3] [OFF-8] Typed offline, the tab closed, opened again with the server dead: listed, readable, writable, and
    saved once when the server is back."""
    case = people.open_case(server)
    ada = visit(people.lead)
    ada.open_case(case)
    keep_copies(ada)
    ada.write("Summary", "Saved before. ")
    expect(ada.status).to_contain_text("Saved")
    server.kill()
    ada.write("Summary", "Typed offline. ")
    expect(ada.status).to_contain_text(re.compile(r"Offline: \d+ changes kept on this device"))
    ada.picture("offline-kept-on-device")
    context = ada.page.context
    ada.page.close()
    ada.page = context.new_page()
    ada.page.goto(server.url)
    kept = ada.page.get_by_role("list", name="Cases on this device")
    expect(kept).to_contain_text("A case")
    expect(kept).to_contain_text("not saved yet")
    ada.picture("offline-list")
    kept.get_by_role("link").click()
    expect(ada.section("Summary")).to_have_text("Saved before. Typed offline. ")
    expect(ada.status).to_contain_text(re.compile(r"Offline: \d+ changes kept on this device"))
    ada.write("Summary", "After the cold start.")
    server.start()
    expect(ada.status).to_contain_text("Saved", timeout=45_000)
    whole = "Saved before. Typed offline. After the cold start."
    expect(ada.section("Summary")).to_have_text(whole)
    grace = visit(people.contributor, size=PHONE)
    grace.open_case(case)
    expect(grace.section("Summary")).to_have_text(whole)
