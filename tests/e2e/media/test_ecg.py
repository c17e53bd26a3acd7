"""An ECG on paper in the browser: the file's own numbers, to scale, and what calipers say of them."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pydicom
import pytest
from playwright.sync_api import Page, expect
from pydicom.data import get_testdata_file

from tests.e2e.conftest import PHONE, Visitor
from tests.e2e.inspection import violations
from tests.e2e.media.panel import WORK_MS, Visit, choose, open_panel, tiles
from tests.servers import People, wait_until

SOURCE = Path(str(get_testdata_file("waveform_ecg.dcm")))
LEFT_MM, TOP_MM, ROW_MM = 16, 8, 30
"""Of the paper: before the curves, above the rows, and between them."""


def open_ecg(visitor: Visitor, case: str, folder: Path) -> Page:
    """Sent, and open."""
    file = folder / "ecg.dcm"
    file.write_bytes(SOURCE.read_bytes())
    visitor.open_case(case)
    open_panel(visitor)
    choose(visitor, file)
    expect(tiles(visitor)).to_have_count(1, timeout=WORK_MS)
    tiles(visitor).locator(".picture").click()
    expect(visitor.page.get_by_role("img", name=re.compile("ECG of 10 s, leads I, II, III, aVR"))).to_be_visible(
        timeout=WORK_MS
    )
    return visitor.page


def ink(page: Page) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """Where the canvas is black."""
    found = page.locator(".stage canvas").evaluate(
        """canvas => {
            const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
            const dark = []
            for (let at = 0; at < data.length; at += 4)
                if (data[at] + data[at + 1] + data[at + 2] < 300) dark.push(at / 4)
            return [canvas.width, canvas.height, dark]
        }"""
    )
    black = np.zeros(found[0] * found[1], bool)
    black[found[2]] = True
    return black.reshape(found[1], found[0])


def test_the_curves_are_the_numbers_of_the_file_to_scale(
    visit: Visit, people: People, case: str, tmp_path: Path
) -> None:
    """[VIEW-16] Of the rhythm, the ink is where pydicom's own values belong; slower, larger, and by a link."""
    lead = visit(people.lead)
    page = open_ecg(lead, case, tmp_path)
    expect(page.get_by_text("Not for primary diagnosis")).to_be_visible()
    expect(page.get_by_text("25 mm/s · 10 mm/mV")).to_be_visible()
    wait_until(lambda: bool(ink(page).any()), seconds=30, what="a curve")
    black = ink(page)
    height, width = black.shape
    paper_width, paper_height = LEFT_MM + 250 + 4, TOP_MM + 4 * ROW_MM
    scale = min(width / paper_width, height / paper_height)
    left, top = (width - scale * paper_width) / 2, (height - scale * paper_height) / 2
    dataset = pydicom.dcmread(SOURCE)
    values = dataset.waveform_array(0)[:, 1] / 1000  # millivolts of lead II, a thousand a second
    zero = TOP_MM + 3 * ROW_MM + ROW_MM / 2
    hits = []
    for millisecond in range(300, 9900, 37):
        x = left + (LEFT_MM + millisecond / 1000 * 25) * scale
        y = top + (zero - values[millisecond] * 10) * scale
        near = black[max(0, int(y) - 2) : int(y) + 3, int(x) - 1 : int(x) + 2]
        hits.append(bool(near.any()))
    assert np.mean(hits) > 0.97
    page.get_by_role("combobox", name="Paper speed").select_option("50")
    page.get_by_role("combobox", name="Gain").select_option("20")
    expect(page.get_by_text("50 mm/s · 20 mm/mV")).to_be_visible()
    page.get_by_role("combobox", name="Layout").select_option("lines")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy a link to this view").click()
    expect(page.get_by_text("The link is copied")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    other = visit(people.contributor, size=PHONE)
    other.page.goto(link)
    expect(other.page.get_by_text("50 mm/s · 20 mm/mV")).to_be_visible(timeout=WORK_MS)
    expect(other.page.get_by_role("combobox", name="Layout")).to_have_value("lines")


@pytest.mark.parametrize(("size", "theme"), [(PHONE, "light"), ((1280, 900), "dark")])
def test_calipers_are_moved_by_keys_presses_and_drags(
    visit: Visit, people: People, case: str, tmp_path: Path, size: tuple[int, int], theme: str
) -> None:
    """[VIEW-17] A step is four milliseconds or two hundredths of a millivolt. axe finds nothing."""
    lead = visit(people.lead, size=size, dark=theme == "dark", touch=size == PHONE)
    page = open_ecg(lead, case, tmp_path)
    page.get_by_role("button", name="Calipers").click()
    said = page.locator("output")
    expect(said).to_have_text(re.compile(r"1000 ms\s+· 60 a minute\s+· 1 mV"))
    second = page.get_by_role("button", name=re.compile("^Second caliper"))
    second.focus()
    for key in ("ArrowLeft", "ArrowLeft", "Shift+ArrowLeft", "Shift+ArrowUp", "ArrowUp"):
        page.keyboard.press(key)
    expect(said).to_have_text(re.compile(r"952 ms\s+· 63 a minute\s+· 1\.22 mV"))
    place = page.locator(".stage .stage").bounding_box()
    assert place is not None
    page.mouse.click(place["x"] + place["width"] * 0.7, place["y"] + place["height"] * 0.4)
    handle = second.bounding_box()
    first = page.get_by_role("button", name=re.compile("^First caliper")).bounding_box()
    assert handle is not None
    assert handle["x"] + 22 == pytest.approx(place["x"] + place["width"] * 0.7, abs=1)
    page.mouse.move(handle["x"] + 22, handle["y"] + 22)
    page.mouse.down()
    page.mouse.move(handle["x"] + 2, handle["y"] + 32, steps=4)
    page.mouse.up()
    moved = second.bounding_box()
    assert moved is not None
    assert (moved["x"], moved["y"]) == pytest.approx((handle["x"] - 20, handle["y"] + 10), abs=1.5)
    assert page.get_by_role("button", name=re.compile("^First caliper")).bounding_box() == first, "the paper moved"
    assert violations(page) == []
    assert page.evaluate("[...document.querySelectorAll('dialog')].every(each => each.scrollWidth <= each.clientWidth)")
    lead.picture(f"ecg-{size[0]}-{theme}")
