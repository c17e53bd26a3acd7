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

COVERED = """() => {
    const message = document.querySelector('.message').getBoundingClientRect()
    const middle = document.elementFromPoint(message.left + message.width / 2, message.top + message.height / 2)
    if (middle.closest('.message') === null) return ['the message is covered itself']
    const isUnder = each => {
        const { left, right, top, bottom } = each.getBoundingClientRect()
        const end = Math.min(bottom, each.closest('.inside')?.getBoundingClientRect().bottom ?? bottom)
        const isBeside = right <= message.left || left >= message.right || right - left <= 1
        return !isBeside && top < message.bottom && end > message.top
    }
    const dialog = document.querySelector('.message').closest('dialog')
    return [...(dialog?.querySelectorAll('a, button, input, select') ?? [])]
        .filter(each => each.closest('.message') === null && each.checkVisibility() && isUnder(each))
        .map(each => each.outerHTML)
}"""
LINES = """each => {
    const words = document.createRange()
    words.selectNodeContents(each)
    return new Set([...words.getClientRects()].map(({ top }) => Math.round(top))).size
}"""


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


@pytest.mark.parametrize("size", [PHONE, (1280, 900), (1000, 640)])
def test_a_message_in_a_dialog_is_seen_and_lies_on_no_control(
    visit: Visit, people: People, case: str, tmp_path: Path, size: tuple[int, int]
) -> None:
    """[LOOK-12] In an image that is open, and in the sheet of a phone. One long word of a caption has a line."""
    lead = visit(people.lead, size=size, touch=size == PHONE)
    lead.open_case(case)
    page = lead.page
    open_panel(lead)
    choose(lead, photo(tmp_path))
    expect(tiles(lead)).to_have_count(1, timeout=WORK_MS)
    tiles(lead).get_by_role("button", name="Needs a description").click()
    page.locator("textarea[name=alt]").fill("A ventricle.")
    page.locator("input[name=caption]").fill("Echocardiogram")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    page.locator(".message").get_by_role("button", name="Put the message away").click()
    caption = tiles(lead).get_by_text("Echocardiogram", exact=True)
    assert caption.evaluate(LINES) == 1
    tiles(lead).locator(".picture").click()
    page.get_by_role("button", name="Copy a link to this view").click()
    expect(page.locator(".message")).to_be_visible()
    assert page.evaluate(COVERED) == []
    assert violations(page) == []
    page.locator(".message").get_by_role("button", name="Put the message away").click()
    page.keyboard.press("Escape")
    tiles(lead).get_by_role("button", name=re.compile("^What to do")).click()
    page.get_by_role("menuitem", name="Remove").click()
    expect(page.locator(".message")).to_be_visible()
    assert size != PHONE or page.evaluate(COVERED) == []
