"""The README's first steps, done as it says: from its command to two people who see each other write."""

from __future__ import annotations

import re
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.e2e.demo_server import demo, links_in
from tests.e2e.media.files import photo
from tests.servers import ROOT

MOST_SECONDS = 120
WORK_MS = 60_000
"""Sending, cleaning and making of one picture, on a shared machine."""


def steps_of_the_readme() -> list[str]:
    """The numbered list under "Try it"."""
    text = (ROOT / "README.md").read_text("utf-8")
    part = re.search(r"^## Try it\n(.*?)^## ", text, re.DOTALL | re.MULTILINE)
    assert part is not None
    return re.findall(r"^\d\. (.+(?:\n   .+)*)", part[1], re.MULTILINE)


def enter(browser: Browser, link: str, title: str) -> Page:
    """Two clicks: the link, and the case."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.goto(link)
    page.get_by_role("link", name=title).first.click()
    expect(page.get_by_role("textbox", name="Plan", exact=True)).to_be_editable()
    return page


def present(page: Page, other: Page, image: Path) -> None:
    """Open an image and present: the other follows to it, and sees what is marked. This demo brings no images by
    itself, so that one is added first."""
    page.get_by_role("tab", name="Images").click()
    page.locator("[data-picker=files]").set_input_files(image)
    page.locator("article .picture").click(timeout=WORK_MS)
    shown, followed = (each.get_by_role("dialog", name="Photo") for each in (page, other))
    shown.get_by_role("button", name="Present", exact=True).click()
    expect(shown.get_by_role("button", name="Stop", exact=True)).to_be_focused()
    other.get_by_role("button", name="Follow", exact=True).click()
    expect(followed.get_by_role("img").first).to_be_visible()
    shown.get_by_role("button", name="Ellipse", exact=True).click()
    box = shown.locator(".stage canvas").first.bounding_box()
    assert box is not None
    for share in (0.45, 0.55):
        page.mouse.click(box["x"] + box["width"] * share, box["y"] + box["height"] * share)
    expect(followed.get_by_role("complementary", name="Marks").locator("li")).to_contain_text("Ellipse")


def test_the_readme_leads_to_a_shared_case_in_two_minutes(browser: Browser, tmp_path: Path) -> None:
    """[DEMO-4] [FOL-14] One command, two links, one click in each browser: both write, and each sees the other's words;
    one presents an open image, and the other follows and sees it marked."""
    steps = steps_of_the_readme()
    assert len(steps) == 4
    assert "python3 run demo" in steps[0]
    assert 'argv[0] == "demo"' not in (ROOT / "run").read_text("utf-8"), "`run` hands the word on as it is"
    began = time.monotonic()
    with demo(tmp_path / "data") as said:
        links = links_in(said)
        title = "Thunderclap headaches nine days after a delivery"
        for name in ("Dr Amara Okafor", "Dr Jonas Müller"):
            assert name in steps[1], "the README names whom to be"
        assert "Thunderclap" in steps[2]
        amara, jonas = (enter(browser, links[key], title) for key in ("amara", "jonas"))
        for page, other, words in ((amara, jonas, "Amara was here. "), (jonas, amara, "Jonas too. ")):
            page.get_by_role("textbox", name="Plan", exact=True).click()
            page.keyboard.type(words)
            expect(other.get_by_role("textbox", name="Plan", exact=True)).to_contain_text(words.strip())
        assert "“Present”" in steps[3]
        present(amara, jonas, photo(tmp_path))
        took = time.monotonic() - began
        amara.get_by_role("dialog").get_by_role("button", name="Close", exact=True).click()
        expect(jonas.get_by_role("dialog")).to_have_count(0)
        for page in (amara, jonas):
            expect(page.get_by_role("status").first).to_contain_text("Saved")
            page.context.close()
    assert took < MOST_SECONDS
