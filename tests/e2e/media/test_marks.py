"""Marks on pictures: drawn by one, seen, named and answered by others, measured as pydicom and numpy measure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Locator, Page, expect
from pydicom.pixels.processing import apply_modality_lut

from tests.e2e.conftest import PHONE, Visitor
from tests.e2e.inspection import violations
from tests.e2e.media.files import photo
from tests.e2e.media.panel import WORK_MS, Visit, choose, open_panel, tiles
from tests.e2e.media.test_viewer import grey_sum, open_series, stage
from tests.servers import People, RunningServer, wait_until

STATISTICS = re.compile(r"Mean (-?[\d.]+) HU, SD ([\d.]+), (-?[\d.]+) to (-?[\d.]+), (\d+) pixels")


@dataclass(frozen=True, slots=True)
class Place:
    """Of the window's width and height."""

    across: float
    down: float


@pytest.fixture
def case(server: RunningServer, people: People) -> str:
    """One with somebody of every kind."""
    return people.open_case(server)


def bring(lead: Visitor, case: str, file: Path) -> None:
    """Into the case, and wait until it stands in the gallery."""
    lead.open_case(case)
    open_panel(lead)
    choose(lead, file)
    expect(tiles(lead)).to_have_count(1, timeout=WORK_MS)


def look(visitor: Visitor, case: str) -> Page:
    """Have the one series of the case open."""
    visitor.open_case(case)
    open_panel(visitor)
    open_series(visitor.page)
    return visitor.page


def tool(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def at(page: Page, place: Place) -> tuple[float, float]:
    """In pixels of the page."""
    box = stage(page).bounding_box()
    assert box is not None
    return box["x"] + round(box["width"] * place.across), box["y"] + round(box["height"] * place.down)


def drag(page: Page, start: Place, to: Place) -> None:
    page.mouse.move(*at(page, start))
    page.mouse.down()
    page.mouse.move(*at(page, to), steps=4)
    page.mouse.up()


def draw(page: Page, name: str, start: Place, to: Place) -> None:
    """By one drag."""
    tool(page, name)
    drag(page, start, to)


def write(page: Page, field: str, text: str) -> None:
    page.get_by_label(field, exact=True).fill(text)
    page.get_by_label(field, exact=True).press("Enter")


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def rows(page: Page) -> Locator:
    """Marks in the list, removed ones not."""
    return page.get_by_role("complementary", name="Marks").locator("li button.head")


def in_picture(page: Page, places: list[Place], size: int) -> NDArray[np.float64]:
    """Pixels of a square picture that is fitted to the window."""
    box = stage(page).bounding_box()
    assert box is not None
    scale = min(box["width"], box["height"]) / size
    corner = box["x"] + (box["width"] - size * scale) / 2, box["y"] + (box["height"] - size * scale) / 2
    return np.array(
        [[(value - from_) / scale for value, from_ in zip(at(page, each), corner, strict=True)] for each in places]
    )


def test_marks_are_drawn_by_one_and_seen_named_and_answered_by_others(
    visit: Visit, people: People, case: str, scan: Path
) -> None:
    """[MARK-5] [MARK-6] [MARK-8] The consultant, who may not write the record, marks as well; each takes back only what
    they did themselves; an observer sees all of it and has no tools."""
    lead = visit(people.lead)
    bring(lead, case, scan)
    here = look(lead, case)
    expect(here.get_by_text("Nothing is marked yet. Choose a shape")).to_be_visible()
    consultant = visit(people.consultant)
    there = look(consultant, case)

    draw(here, "Length", Place(0.4, 0.4), Place(0.6, 0.4))
    expect(rows(there)).to_have_count(1)
    expect(rows(there)).to_contain_text(re.compile(r"1\s*Length\s*[\d.]+ mm"))
    expect(rows(there)).to_contain_text(f"{people.lead.name}, Lead")

    rows(there).click()
    write(there, "Label", "Widest part")
    write(there, "Reply", "Wider than last year?")
    expect(rows(here)).to_contain_text("Widest part")
    expect(rows(here)).to_contain_text("1 reply")
    expect(here.get_by_role("list", name="Replies")).to_contain_text("Wider than last year?")
    draw(there, "Ellipse", Place(0.45, 0.5), Place(0.55, 0.6))
    expect(rows(here)).to_have_count(2)

    observer = visit(people.observer)
    watching = look(observer, case)
    expect(rows(watching)).to_have_count(2)
    rows(watching).first.click()
    expect(watching.get_by_role("list", name="Replies")).to_contain_text("Wider than last year?")
    for name in ("Length", "Resolve", "Remove"):
        expect(watching.get_by_role("button", name=name, exact=True)).to_have_count(0)
    expect(watching.get_by_label("Reply")).to_have_count(0)

    stage(here).hover()
    press(here, "Escape", "Control+z")  # the label has the keys
    expect(rows(there)).to_have_count(1)
    expect(rows(there)).to_contain_text("Ellipse")
    here.keyboard.press("Control+y")
    expect(rows(there)).to_have_count(2)
    expect(rows(there).first).to_contain_text("Widest part")
    settle(there, here, people)
    lead.picture("marks-desk")
    follow_a_link(here, observer)


def follow_a_link(here: Page, observer: Visitor) -> None:
    """[ANN-13] To the first mark, copied by the lead and opened by the observer; then to one that is not there."""
    here.context.grant_permissions(["clipboard-read", "clipboard-write"])
    expect(rows(here).first).to_have_attribute("aria-expanded", "true")
    here.get_by_role("button", name="Copy a link to the mark").click()
    expect(here.get_by_text("leads members of this case to this mark")).to_be_visible()
    link = str(here.evaluate("navigator.clipboard.readText()"))
    page = observer.page.context.new_page()
    page.goto(link)
    expect(rows(page).first).to_have_attribute("aria-expanded", "true", timeout=WORK_MS)
    expect(rows(page).last).to_have_attribute("aria-expanded", "false")
    page.goto("about:blank")
    page.goto(f"{link}x")
    expect(page.get_by_text("What this link shows is not in this case any more.")).to_be_visible()
    page.close()


def settle(there: Page, here: Page, people: People) -> None:
    """The consultant locks and resolves what they drew, and the lead hides it."""
    there.get_by_role("button", name="Lock", exact=True).click()
    there.get_by_role("button", name="Resolve", exact=True).click()
    expect(rows(here).last).to_contain_text("resolved")
    expect(rows(here).last).to_contain_text("locked")
    here.get_by_text("Whose marks are shown").click()
    here.get_by_role("checkbox", name=re.compile(people.consultant.name)).uncheck()
    expect(here.locator("[data-marks='1']")).to_have_count(1)
    expect(rows(here).last).to_contain_text("hidden")


def test_a_mark_is_drawn_moved_named_and_removed_by_keys_alone(
    visit: Visit, people: People, case: str, scan: Path
) -> None:
    """[MARK-4] [MARK-5] [MARK-6] Arrows and Enter set points, a grip is moved by arrows, and each is a step to take
    back."""
    lead = visit(people.lead)
    bring(lead, case, scan)
    page = look(lead, case)
    page.get_by_role("button", name="Length", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("application", name="Drawing: Length")).to_be_focused()
    press(page, "ArrowLeft", "Enter")
    expect(page.get_by_role("status").filter(has_text="Point 1 is set")).to_have_count(1)
    press(page, *["Shift+ArrowRight"] * 10, "Enter")
    expect(page.get_by_label("Label", exact=True)).to_be_focused()
    page.keyboard.type("Canal")
    press(page, "Enter")
    expect(rows(page)).to_contain_text("Canal")
    box = stage(page).bounding_box()
    assert box is not None
    millimetres = 0.661468 / (min(box["width"], box["height"]) / 128)
    expect(rows(page)).to_contain_text(f"{100 * millimetres:.3g} mm")
    assert violations(page) == []

    page.get_by_role("button", name="Point 2 of 2").focus()
    press(page, "Shift+ArrowRight")
    expect(rows(page)).to_contain_text(f"{110 * millimetres:.3g} mm")
    press(page, "Control+z")
    expect(rows(page)).to_contain_text(f"{100 * millimetres:.3g} mm")
    expect(rows(page)).to_contain_text("Canal")
    page.get_by_role("button", name="All of the mark").focus()
    press(page, "ArrowDown", "Delete")
    expect(rows(page)).to_have_count(0)
    page.get_by_role("button", name="1 removed mark").press("Enter")
    page.get_by_role("button", name="Bring back").press("Enter")
    expect(rows(page)).to_have_count(1)

    page.get_by_role("button", name="Polygon", exact=True).press("Enter")
    for key in ("ArrowLeft", "Shift+ArrowDown", "Shift+ArrowRight"):
        press(page, key, "Enter")
    press(page, "Enter")
    expect(rows(page)).to_have_count(2)
    expect(page.get_by_role("button", name="Point 1 of 3")).to_have_count(1)
    press(page, "Escape", "Escape")
    expect(page.get_by_role("button", name="Point 1 of 3")).to_have_count(0)
    expect(page.get_by_role("dialog")).to_be_visible()


@pytest.mark.parametrize("size", [(1440, 900), (1280, 700), (900, 820)])
def test_whoever_has_drawn_writes_at_once_and_draws_on(
    visit: Visit, people: People, case: str, scan: Path, size: tuple[int, int]
) -> None:
    """[MARK-12] With the list beside the picture, and without room for it."""
    lead = visit(people.lead, size=size)
    bring(lead, case, scan)
    page = look(lead, case)
    label = page.get_by_label("Label", exact=True)
    count = page.get_by_role("button", name=re.compile(r"^\d+ marks?$"))
    draw(page, "Length", Place(0.4, 0.4), Place(0.6, 0.4))
    expect(label).to_be_focused()
    expect(page.get_by_role("status").filter(has_text="Drawn: 1, Length, ")).to_have_count(1)
    shown = grey_sum(page)
    page.keyboard.type("Airway i + r")
    assert grey_sum(page) == shown
    press(page, "Escape")
    expect(page.locator("dialog.preview")).to_be_visible()
    expect(label).to_have_value("Airway i + r")
    expect(label).not_to_be_focused()
    press(page, "i")
    wait_until(lambda: grey_sum(page) != shown, seconds=10, what="an inverted picture")

    draw(page, "Ellipse", Place(0.45, 0.5), Place(0.55, 0.6))
    expect(label).to_be_focused()
    page.keyboard.type("Left")
    draw(page, "Rectangle", Place(0.3, 0.5), Place(0.4, 0.6))
    expect(label).to_be_focused()
    expect(label).to_have_value("")
    press(page, "Control+z")
    expect(count).to_have_text("2 marks")
    draw(page, "Point", Place(0.3, 0.5), Place(0.3, 0.5))
    expect(label).to_be_focused()
    press(page, "Delete")
    expect(count).to_have_text("2 marks")
    press(page, "Control+z")
    expect(count).to_have_text("3 marks")
    page.mouse.click(*at(page, Place(0.5, 0.5)))
    expect(label).to_have_value("Left")
    lead.picture(f"marks-drawn-{size[0]}")


def test_who_writes_a_label_of_a_mark_that_others_remove_or_lock_is_told(
    visit: Visit, people: People, case: str, scan: Path
) -> None:
    """[MARK-13] What is typed on inverts nothing; removed, the words are kept; locked, they can be copied."""
    lead, consultant = visit(people.lead), visit(people.consultant)
    bring(lead, case, scan)
    here, there = look(lead, case), look(consultant, case)
    draw(here, "Length", Place(0.4, 0.4), Place(0.6, 0.4))
    shown = grey_sum(there)
    rows(there).click()
    there.get_by_label("Label", exact=True).click()
    there.keyboard.type("Aor")
    here.get_by_role("button", name="Remove", exact=True).click()
    expect(there.get_by_text("Somebody removed the mark that you were naming. “Aor” is kept")).to_be_visible()
    there.keyboard.type("ti")
    assert grey_sum(there) == shown
    stage(here).hover()
    here.keyboard.press("Control+z")
    expect(rows(there)).to_contain_text("Aor")
    there.get_by_label("Label", exact=True).click()
    there.keyboard.type("ta")
    rows(here).click()
    here.get_by_role("button", name="Lock", exact=True).click()
    expect(there.get_by_text("was locked, or your right to mark ended. Not saved: “Aorta”")).to_be_visible()
    there.keyboard.type("i")
    assert grey_sum(there) == shown
    press(there, "Escape", "i")
    wait_until(lambda: grey_sum(there) != shown, seconds=10, what="an inverted picture")


def test_values_in_a_region_are_those_of_numpy(visit: Visit, people: People, case: str, scan: Path) -> None:
    """[MARK-3] Of pydicom's own decoding and rescaling, in a rectangle, an ellipse and a polygon."""
    dataset = pydicom.dcmread(scan)
    real = np.asarray(apply_modality_lut(dataset.pixel_array, dataset), np.float64)
    down, across = np.mgrid[0 : real.shape[0], 0 : real.shape[1]] + 0.5
    lead = visit(people.lead)
    bring(lead, case, scan)
    page = look(lead, case)
    one, two, three = Place(0.42, 0.33), Place(0.58, 0.62), Place(0.37, 0.71)

    def told(inside: NDArray[np.bool_]) -> None:
        found = STATISTICS.search(page.get_by_text(STATISTICS).inner_text())
        assert found is not None
        values = real[inside]
        assert int(found[5]) == values.size > 100
        expected = values.mean(), values.std(), values.min(), values.max()
        assert [float(found[each]) for each in range(1, 5)] == pytest.approx(expected, rel=5e-4)

    (x0, y0), (x1, y1) = in_picture(page, [one, two], 128)
    tool(page, "Rectangle")
    drag(page, one, two)
    told((across >= x0) & (across <= x1) & (down >= y0) & (down <= y1))
    tool(page, "Ellipse")
    drag(page, one, two)
    told(((across - (x0 + x1) / 2) / ((x1 - x0) / 2)) ** 2 + ((down - (y0 + y1) / 2) / ((y1 - y0) / 2)) ** 2 <= 1)
    tool(page, "Polygon")
    for each in (one, two, three, three):
        page.mouse.click(*at(page, each))
    corners = in_picture(page, [one, two, three], 128)
    turns = [
        (b[0] - a[0]) * (down - a[1]) - (b[1] - a[1]) * (across - a[0])
        for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True)
    ]
    told(np.all([each >= 0 for each in turns], axis=0) | np.all([each <= 0 for each in turns], axis=0))


def test_millimetres_are_told_only_of_what_is_calibrated(
    visit: Visit, people: People, case: str, scan: Path, tmp_path: Path
) -> None:
    """[MARK-2] The same slice without the spacing of its pixels is measured in pixels, and says so; so is a photo."""
    dataset = pydicom.dcmread(scan)
    spacing = float(dataset.PixelSpacing[0])
    del dataset.PixelSpacing
    bare = tmp_path / "bare.dcm"
    dataset.save_as(bare)
    lead = visit(people.lead)
    bring(lead, case, bare)
    page = look(lead, case)
    start, to = Place(0.4, 0.4), Place(0.6, 0.55)
    (x0, y0), (x1, y1) = in_picture(page, [start, to], 128)
    length = float(np.hypot(x1 - x0, y1 - y0))
    tool(page, "Length")
    drag(page, start, to)
    expect(rows(page)).to_contain_text(f"{length:.3g} px")
    assert spacing == pytest.approx(0.661468)
    expect(page.get_by_text("Not calibrated: pixels", exact=True)).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    choose(lead, photo(tmp_path))
    expect(tiles(lead)).to_have_count(2, timeout=WORK_MS)
    tiles(lead).filter(has=page.locator("img")).last.locator(".picture").click()
    expect(page.get_by_role("dialog").locator(".stage img")).to_be_visible()
    tool(page, "Length")
    drag(page, start, to)
    expect(rows(page)).to_contain_text(re.compile(r"[\d.]+ px"))


@pytest.mark.parametrize(("size", "theme"), [(PHONE, "dark"), ((1280, 900), "light")])
def test_marking_is_accessible_on_the_phone_and_in_the_dark(
    visit: Visit, people: People, case: str, scan: Path, size: tuple[int, int], theme: str
) -> None:
    """[MARK-6] axe finds nothing, with a mark chosen and its list open; nothing scrolls sideways; a tap after the other
    draws, and the picture stays as large as it was. [MARK-10] A side is moved by keys, as it is
    named. [MARK-12] A finger brings no keyboard."""
    lead = visit(people.lead, size=size, dark=theme == "dark", touch=size == PHONE)
    bring(lead, case, scan)
    page = look(lead, case)
    if size == PHONE:
        page.get_by_role("button", name="Mark", exact=True).tap()
    before = stage(page).bounding_box()
    tool(page, "Rectangle")
    for place in (Place(0.3, 0.3), Place(0.6, 0.5)):
        if size == PHONE:
            page.touchscreen.tap(*at(page, place))
        else:
            page.mouse.click(*at(page, place))
    assert stage(page).bounding_box() == before
    label = page.get_by_label("Label", exact=True)
    if size == PHONE:
        expect(label).to_be_visible()
        expect(label).not_to_be_focused()
        lead.picture("marks-phone-drawn")
    else:
        expect(label).to_be_focused()
    assert violations(page) == []
    right, corner = (page.get_by_role("button", name=name) for name in ("Right side", "Lower right corner"))
    before, upper = corner.bounding_box(), page.get_by_role("button", name="Upper left corner").bounding_box()
    right.focus()
    press(page, "Shift+ArrowRight")
    after = corner.bounding_box()
    assert before is not None
    assert after is not None
    assert (after["x"], after["y"]) == pytest.approx((before["x"] + 10, before["y"]), abs=0.5)
    assert page.get_by_role("button", name="Upper left corner").bounding_box() == upper
    assert violations(page) == []
    if size == PHONE:
        page.get_by_role("button", name="Details", exact=True).tap()
        expect(page.get_by_role("dialog", name="Marks")).to_contain_text("Rectangle")
        assert violations(page) == []
    assert page.evaluate("[...document.querySelectorAll('dialog')].every(each => each.scrollWidth <= each.clientWidth)")
    lead.picture(f"marks-{size[0]}-{theme}")
