"""Documents as somebody looks at them: page by page, marked like any other picture."""

from __future__ import annotations

import re
from pathlib import Path

from PIL import Image
from playwright.sync_api import expect

from tests.e2e.inspection import violations
from tests.e2e.media.panel import WORK_MS, Visit, choose, open_panel, tiles
from tests.servers import People


def document(folder: Path, pages: int) -> Path:
    """A PDF, each page of it in a shade of its own."""
    path = folder / "letter.pdf"
    first, *others = (Image.new("RGB", (600, 800), (250 - 40 * page, 250, 250)) for page in range(pages))
    first.save(path, "PDF", save_all=True, append_images=others)
    return path


def test_a_mark_lies_on_its_page(visit: Visit, people: People, case: str, tmp_path: Path) -> None:
    """[VIEW-18] [MARK-9] Gone through by keys and controls; a mark made on the second page leads back to it."""
    lead = visit(people.lead)
    lead.open_case(case)
    page = lead.page
    panel = open_panel(lead)
    choose(lead, document(tmp_path, 3))
    panel.get_by_role("button", name="Look at it").click(timeout=WORK_MS)
    page.get_by_role("checkbox", name=re.compile("I have looked")).check()
    page.get_by_role("button", name="There is nothing: let the others see it").click()
    expect(tiles(lead)).to_have_count(1, timeout=WORK_MS)
    tiles(lead).locator(".picture").click()
    dialog = page.get_by_role("dialog")
    told = dialog.locator(".count")
    expect(told).to_have_text("Page 1 of 3", timeout=WORK_MS)
    page.keyboard.press("PageDown")
    expect(told).to_have_text("Page 2 of 3")
    dialog.get_by_role("button", name="Rectangle", exact=True).click()
    box = dialog.locator(".stage canvas").first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.45, box["y"] + box["height"] * 0.4)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.55, box["y"] + box["height"] * 0.6, steps=3)
    page.mouse.up()
    mark = dialog.get_by_role("complementary").get_by_role("button", name=re.compile("Rectangle"))
    expect(mark).to_contain_text("Page 2 of 3")
    assert violations(page) == []
    lead.picture("pages-marked")
    dialog.get_by_role("button", name="Next", exact=True).last.click()
    expect(told).to_have_text("Page 3 of 3")
    mark.click()
    expect(told).to_have_text("Page 2 of 3")
