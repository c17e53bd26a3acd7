"""An ECG on paper in the browser: the file's own numbers, to scale, and what calipers say of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pydicom
import pytest
from playwright.sync_api import Locator, Page, expect
from pydicom.data import get_testdata_file

from tests.e2e.conftest import PHONE, Visitor
from tests.e2e.inspection import violations
from tests.e2e.media.panel import WORK_MS, Visit, choose, open_panel, tiles
from tests.e2e.media.test_marks import press, rows, tool
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
    return look(visitor)


def look(visitor: Visitor) -> Page:
    """The one of a case whose panel is open."""
    expect(tiles(visitor)).to_have_count(1, timeout=WORK_MS)
    tiles(visitor).locator(".picture").click()
    expect(visitor.page.get_by_role("img", name=re.compile("ECG of 10 s, leads I, II, III, aVR"))).to_be_visible(
        timeout=WORK_MS
    )
    return visitor.page


def ink(page: Page) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """Where the canvas is black."""
    found = page.locator(".stage [role=img] canvas").evaluate(
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


@dataclass(frozen=True, slots=True)
class Paper:
    """The sheet of columns, whole in its window."""

    page: Page
    speed: int = 25
    gain: int = 10

    def placed(self) -> tuple[float, float, float]:
        """Pixels of the page for a millimetre, and where the paper begins."""
        box = self.page.locator(".stage .stage").bounding_box()
        assert box is not None
        width, height = LEFT_MM + 10 * self.speed + 4, TOP_MM + 4 * ROW_MM
        scale = min(box["width"] / width, box["height"] / height)
        left = box["x"] + (box["width"] - scale * width) / 2
        return scale, left, box["y"] + (box["height"] - scale * height) / 2

    def at(self, seconds: float, millivolts: float) -> tuple[float, float]:
        """In pixels of the page, on the rhythm."""
        scale, left, top = self.placed()
        zero = TOP_MM + 3.5 * ROW_MM
        return (
            left + scale * (LEFT_MM + seconds * self.speed),
            top + scale * (zero - millivolts * self.gain),
        )

    def read(self, grip: Locator) -> tuple[float, float]:
        """The seconds and millivolts of the rhythm that it lies over."""
        box = grip.bounding_box()
        assert box is not None
        scale, left, top = self.placed()
        zero = TOP_MM + 3.5 * ROW_MM
        return (
            ((box["x"] + box["width"] / 2 - left) / scale - LEFT_MM) / self.speed,
            (zero - (box["y"] + box["height"] / 2 - top) / scale) / self.gain,
        )


def peaks() -> list[tuple[float, float]]:
    """Two of lead II, one after the other: seconds and millivolts."""
    values = pydicom.dcmread(SOURCE).waveform_array(0)[:, 1] / 1000
    found = [begin + int(values[begin : begin + 1000].argmax()) for begin in (4000, 5000)]
    return [(at / 1000, float(values[at])) for at in found]


def points(page: Page) -> list[Locator]:
    """The grips of the chosen length."""
    return [page.get_by_role("button", name=f"Point {number} of 2") for number in (1, 2)]


def milliseconds(row: Locator) -> int:
    expect(row).to_contain_text(re.compile(r"\d ms"))
    found = re.search(r"(\d+) ms", row.inner_text())
    assert found is not None
    return int(found[1])


def test_a_mark_lies_over_the_same_moments_on_everybodys_paper(
    visit: Visit, people: People, case: str, tmp_path: Path
) -> None:
    """[MARK-11] From peak to peak at 25 mm/s and 10 mm/mV; by another person at 50 and 20, who moves an end by keys and
    draws by keys. A mark of the other layout leads to it."""
    lead, other = visit(people.lead), visit(people.contributor)
    here = open_ecg(lead, case, tmp_path)
    mine = Paper(here)
    tool(here, "Length")
    expect(here.get_by_role("button", name="Cobb angle")).to_have_count(0)
    first, second = peaks()
    here.mouse.move(*mine.at(*first))
    here.mouse.down()
    here.mouse.move(*mine.at(*second), steps=4)
    here.mouse.up()
    pixel_ms = 1000 / mine.placed()[0] / mine.speed
    assert milliseconds(rows(here)) == pytest.approx((second[0] - first[0]) * 1000, abs=2 * pixel_ms)
    expect(rows(here)).to_contain_text(re.compile(r"\d+ ms · 6[0-4] a minute · 0(\.\d+)? mV"))
    expect(rows(here)).to_contain_text("4 columns and rhythm")
    assert violations(here) == []
    lead.picture("ecg-marks-light")

    other.open_case(case)
    open_panel(other)
    there = look(other)
    there.get_by_role("combobox", name="Paper speed").select_option("50")
    there.get_by_role("combobox", name="Gain").select_option("20")
    theirs = Paper(there, 50, 20)
    expect(rows(there)).to_contain_text(f"{milliseconds(rows(here))} ms")
    rows(there).click()
    for seen, drawn in zip(points(there), points(here), strict=True):
        assert theirs.read(seen) == pytest.approx(mine.read(drawn), abs=0.005)
    points(there)[1].focus()
    before = milliseconds(rows(there))
    press(there, "Shift+ArrowRight")
    moved = before + round(10 * 1000 / theirs.placed()[0] / theirs.speed)
    expect(rows(here)).not_to_contain_text(f"{before} ms")
    assert milliseconds(rows(here)) == milliseconds(rows(there)) == pytest.approx(moved, abs=1)
    expect(there.get_by_role("status").filter(has_text=re.compile(r"^II, at 5\.\d+ s"))).to_have_count(1)
    other.picture("ecg-marks-theirs")

    draw_by_keys(theirs, here)
    change_layout(here, there)


def draw_by_keys(paper: Paper, elsewhere: Page) -> None:
    """A length, which others see as long; Escape then ends writing, and what is chosen, and the dialog stays."""
    there = paper.page
    there.get_by_role("button", name="Length", exact=True).press("Enter")
    press(there, "ArrowLeft", "Enter", *["Shift+ArrowRight"] * 6, "Enter")
    expect(rows(elsewhere)).to_have_count(2)
    wide = 60 * 1000 / paper.placed()[0] / paper.speed
    assert milliseconds(rows(elsewhere).last) == pytest.approx(wide, abs=1)
    press(there, "Escape", "Escape")
    expect(points(there)[0]).to_have_count(0)
    expect(there.get_by_role("dialog")).to_be_visible()


def change_layout(here: Page, there: Page) -> None:
    """A point on lines, chosen by who has columns before them; and back."""
    here.get_by_role("combobox", name="Layout").select_option("lines")
    tool(here, "Point")
    box = here.locator(".stage .stage").bounding_box()
    assert box is not None
    here.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(rows(there).last).to_contain_text("One lead a line")
    rows(there).last.click()
    expect(there.get_by_role("combobox", name="Layout")).to_have_value("lines")
    rows(there).first.click()
    expect(there.get_by_role("combobox", name="Layout")).to_have_value("columns")
    expect(points(there)[0]).to_be_visible()


@pytest.mark.parametrize(("size", "theme"), [(PHONE, "dark"), ((1280, 900), "light")])
def test_calipers_and_marks_leave_each_other_alone(
    visit: Visit, people: People, case: str, tmp_path: Path, size: tuple[int, int], theme: str
) -> None:
    """[MARK-11] [VIEW-17] What is pressed while something is drawn is its point and moves no caliper, also over a
    handle; with nothing drawn or chosen a press moves a caliper. axe finds nothing."""
    lead = visit(people.lead, size=size, dark=theme == "dark", touch=size == PHONE)
    page = open_ecg(lead, case, tmp_path)
    page.get_by_role("button", name="Calipers").click()
    if size == PHONE:
        page.get_by_role("button", name="Mark", exact=True).tap()
    first, second = (page.get_by_role("button", name=re.compile(f"^{name} caliper")) for name in ("First", "Second"))
    before = [each.get_attribute("aria-label") for each in (first, second)]
    handle = second.bounding_box()
    assert handle is not None
    centre = handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2

    def touch(x: float, y: float) -> None:
        if size == PHONE:
            page.touchscreen.tap(x, y)
        else:
            page.mouse.click(x, y)

    tool(page, "Rectangle")
    touch(*centre)
    touch(centre[0] - 60, centre[1] + 40)
    expect(page.get_by_role("button", name="Upper left corner")).to_be_visible()
    expect(page.get_by_role("application")).to_have_count(0)
    assert [each.get_attribute("aria-label") for each in (first, second)] == before
    assert page.evaluate("[...document.querySelectorAll('dialog')].every(each => each.scrollWidth <= each.clientWidth)")
    lead.picture(f"ecg-marks-{size[0]}-{theme}")
    press(page, *["Escape"] * (1 if size == PHONE else 2))  # at the desk the first ends writing
    expect(page.get_by_role("button", name="Upper left corner")).to_have_count(0)
    touch(centre[0] + 50, centre[1] - 30)
    expect(first).not_to_have_attribute("aria-label", str(before[0]))
    assert violations(page) == []
