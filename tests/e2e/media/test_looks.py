"""Every part of it on the phone and in the dark."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.clinic import unfold_actions
from tests.e2e.conftest import PHONE
from tests.e2e.inspection import violations
from tests.e2e.media.files import photo, ultrasound
from tests.e2e.media.panel import WORK_MS, Visit, choose, open_panel, tiles
from tests.servers import People, RunningServer

TOO_WIDE = """[...document.querySelectorAll('dialog[open]')]
    .filter(each => each.scrollWidth > each.clientWidth + 1).length"""


@pytest.mark.parametrize(("size", "theme"), [(PHONE, "light"), (PHONE, "dark"), ((1280, 900), "dark")])
def test_every_part_of_it_is_accessible_on_the_phone_and_in_the_dark(
    visit: Visit, server: RunningServer, people: People, case: str, tmp_path: Path, size: tuple[int, int], theme: str
) -> None:
    """[GAL-15] axe finds nothing on panel, preview, description and the tool that blanks; nothing scrolls sideways."""
    lead = visit(people.lead, size=size, dark=theme == "dark", touch=size == PHONE)
    lead.open_case(case)
    page = lead.page
    panel = open_panel(lead)
    assert violations(page) == []
    choose(lead, photo(tmp_path), ultrasound(tmp_path))
    expect(tiles(lead)).to_have_count(1, timeout=WORK_MS)
    expect(panel.get_by_role("button", name="Look at it")).to_be_visible(timeout=WORK_MS)

    def look(name: str) -> None:
        assert violations(page) == [], name
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        assert page.evaluate(TOO_WIDE) == 0, name
        lead.picture(f"media-{name}-{size[0]}-{theme}")

    look("panel")
    panel.get_by_role("button", name="Look at it").click()
    expect(page.get_by_role("checkbox", name=re.compile("I have looked"))).to_be_visible()
    look("review")
    page.get_by_role("button", name="Not now").click()
    tiles(lead).get_by_role("button", name="Needs a description").click()
    look("describe")
    page.get_by_role("button", name="Cancel").click()
    tiles(lead).locator(".picture").click()
    expect(page.get_by_role("dialog").locator("img").last).to_be_visible()
    look("preview")
    unfold_actions(page)
    look("preview-about")
    page.get_by_role("button", name="Make something unreadable").click()
    expect(page.get_by_role("button", name="Brush")).to_be_visible()
    look("redact")
