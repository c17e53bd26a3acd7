"""Series as a reader of images has them: each number held to pydicom's own decoding, each grey to the standard."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Locator, Page, Route, expect
from pydicom.data import get_testdata_file
from pydicom.pixels.processing import apply_modality_lut

from tests.e2e.conftest import PHONE
from tests.e2e.inspection import violations
from tests.e2e.media.files import series
from tests.e2e.media.panel import WORK_MS, Visit, choose, open_panel, tiles
from tests.servers import People, wait_until

AT = re.compile(r"\((\d+), (\d+)\): (-?[\d.]+)")
SPOTS = ((0.5, 0.5), (0.37, 0.41), (0.61, 0.33), (0.45, 0.7))
"""Of a window's width and height: inside of a square picture in it."""
SLICES = 12


@dataclass(frozen=True, slots=True)
class Read:
    """What is told of the place under the pointer."""

    x: int
    y: int
    value: float
    at: tuple[float, float]
    """In pixels of the canvas."""


def stage(page: Page) -> Locator:
    """Where the picture is."""
    return page.locator(".stage canvas").first


def read_at(page: Page, across: float, down: float) -> Read:
    """Point somewhere, and read. The former place must not be taken for it."""
    box = stage(page).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 1, box["y"] - 5)
    expect(page.get_by_text(AT)).to_have_count(0)
    # A browser tells whole pixels of the page; the picture may begin within one.
    left, top = int(box["x"] + box["width"] * across), int(box["y"] + box["height"] * down)
    page.mouse.move(left, top)
    found = AT.search(page.get_by_text(AT).inner_text())
    assert found is not None
    return Read(int(found[1]), int(found[2]), float(found[3]), (left - box["x"], top - box["y"]))


def greys_at(page: Page, at: tuple[float, float]) -> set[int]:
    """What the canvas shows around there: a mouse points at the corner of four of its pixels, one of which at least has
    its middle in what is pointed at."""
    levels: list[int] = stage(page).evaluate(
        """(canvas, [x, y]) => {
            const { data } = canvas.getContext('2d').getImageData(Math.round(x) - 1, Math.round(y) - 1, 2, 2)
            return [...data].filter((_, at) => at % 4 === 0)
        }""",
        list(at),
    )
    return set(levels)


def open_series(page: Page, at: int = 0) -> None:
    """From the gallery; wait until its numbers are there."""
    page.locator("article:has(.picture) .picture").nth(at).click()
    expect(page.get_by_text(re.compile(r"^Image \d+ of \d+$"))).to_be_visible(timeout=WORK_MS)
    wait_until(lambda: grey_sum(page) > 0, seconds=30, what="a picture")


def grey_sum(page: Page) -> int:
    total: int = stage(page).evaluate(
        """canvas => canvas.width === 0 ? 0 : canvas.getContext('2d')
            .getImageData(0, 0, canvas.width, canvas.height).data.reduce((sum, each) => sum + each, 0)"""
    )
    return total


def real(dataset: pydicom.Dataset) -> NDArray[np.float64]:
    """pydicom's own decoding and rescaling."""
    values: NDArray[np.float64] = np.asarray(apply_modality_lut(dataset.pixel_array, dataset), np.float64)
    return values


@pytest.mark.parametrize("name", ["CT_small.dcm", "MR_small_RLE.dcm", "emri_small_jpeg_2k_lossless.dcm"])
def test_the_numbers_under_the_pointer_are_those_of_the_file(
    visit: Visit, people: People, case: str, tmp_path: Path, name: str
) -> None:
    """[VIEW-7] [VIEW-3] As pydicom decodes and rescales them; and the grey is that of the file's own window."""
    source = get_testdata_file(name)
    assert source is not None
    dataset = pydicom.dcmread(str(source))
    frames = real(dataset)
    expected = frames[0] if frames.ndim == 3 else frames
    file = tmp_path / name
    file.write_bytes(Path(str(source)).read_bytes())
    lead = visit(people.lead)
    lead.open_case(case)
    open_panel(lead)
    choose(lead, file)
    expect(tiles(lead)).to_have_count(1, timeout=WORK_MS)
    open_series(lead.page)
    lead.page.keyboard.press("1")
    for _ in range(10):  # so close that a pixel is a square
        lead.page.keyboard.press("+")
    seen = set()
    for across, down in SPOTS:
        told = read_at(lead.page, across, down)
        seen.add((told.x, told.y))
        assert told.value == pytest.approx(expected[told.y, told.x], rel=1e-3), told
        if "WindowCenter" in dataset:
            centre, width = (float(np.ravel(each)[0]) for each in (dataset.WindowCenter, dataset.WindowWidth))
            grey = ((expected[told.y, told.x] - (centre - 0.5)) / (width - 1) + 0.5) * 255  # PS3.3 C.11.2.1.2.1
            shown = greys_at(lead.page, told.at)
            assert any(abs(level - min(max(grey, 0), 255)) <= 1.01 for level in shown), (told, grey, shown)
    assert len(seen) > 1


def test_a_large_photo_is_sharp_where_one_looks(visit: Visit, people: People, case: str, tmp_path: Path) -> None:
    """[VIEW-9] Of squares of a hundred pixels, each has its own colour where it should be, one pixel for each of the
    photo's, though the small picture has half as many."""
    squares = np.random.default_rng(7).integers(40, 216, (24, 32, 3), np.uint8)
    large = Image.fromarray(squares.repeat(100, axis=0).repeat(100, axis=1))
    path = tmp_path / "slide.png"
    large.save(path)
    lead = visit(people.lead)
    lead.open_case(case)
    page = lead.page
    open_panel(lead)
    choose(lead, path)
    expect(tiles(lead)).to_have_count(1, timeout=WORK_MS)
    tiles(lead).locator(".picture").click()
    expect(page.get_by_role("dialog").locator(".stage img")).to_be_visible()
    page.get_by_role("button", name=re.compile("^1:1")).click()
    wait_until(lambda: rgba_at(page, 0, 0)[3] == 255, seconds=30, what="a tile")
    for right, down in ((50, 50), (-150, 50), (250, -150), (-350, -50)):
        wait_until(lambda: rgba_at(page, right, down)[3] == 255, seconds=10, what="a tile")  # noqa: B023 it runs at once
        expected = squares[(1200 + down) // 100, (1600 + right) // 100]
        assert rgba_at(page, right, down)[:3] == pytest.approx(expected.tolist(), abs=6), (right, down)
    page.get_by_role("button", name="Turn right").click()
    for right, down in ((50, 50), (-150, 50)):
        wait_until(lambda: rgba_at(page, right, down)[3] == 255, seconds=10, what="a tile")  # noqa: B023 it runs at once
        expected = squares[(1200 - right) // 100, (1600 + down) // 100]
        assert rgba_at(page, right, down)[:3] == pytest.approx(expected.tolist(), abs=6), (right, down)
    page.get_by_role("button", name="Fit to the window").click()
    wait_until(lambda: rgba_at(page, 0, 0)[3] == 0, seconds=10, what="the small picture alone")


def rgba_at(page: Page, right: int, down: int) -> list[int]:
    """Of the canvas, so far from its middle; transparent where only the small picture is."""
    found: list[int] = stage(page).evaluate(
        """(canvas, [right, down]) => [...canvas.getContext('2d')
            .getImageData(Math.floor(canvas.width / 2) + right, Math.floor(canvas.height / 2) + down, 1, 1).data]""",
        [right, down],
    )
    return found


@pytest.fixture
def page(visit: Visit, people: People, case: str, tmp_path: Path) -> Page:
    """A series is open."""
    lead = visit(people.lead)
    lead.open_case(case)
    open_panel(lead)
    lead.page.locator("[data-picker=folder]").set_input_files(series(tmp_path, SLICES))
    expect(tiles(lead)).to_contain_text(f"{SLICES} images", timeout=WORK_MS)
    open_series(lead.page)
    is_at(lead.page, 1)
    return lead.page


def is_at(page: Page, number: int) -> None:
    """Said beside the picture, and to those who do not see it."""
    expect(page.get_by_text(f"Image {number} of {SLICES}", exact=True)).to_be_visible(timeout=10_000)
    expect(page.get_by_role("img", name=re.compile(f"image {number} of {SLICES}"))).to_be_visible()


def test_a_series_is_looked_through_by_keys_wheel_slider_and_as_a_film(page: Page) -> None:
    """[VIEW-7] [VIEW-8]"""
    page.keyboard.press("ArrowDown")
    is_at(page, 2)
    stage(page).hover()
    page.mouse.wheel(0, 200)
    is_at(page, 4)
    page.get_by_role("slider", name="Image").fill("8")
    is_at(page, 9)
    page.keyboard.press("End")
    is_at(page, SLICES)
    page.keyboard.press("Home")
    is_at(page, 1)
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_text(f"Image 1 of {SLICES}", exact=True)).to_have_count(0)
    page.get_by_role("button", name="Pause").click()
    assert int(page.get_by_role("slider", name="Image").input_value()) < SLICES


def test_a_window_is_chosen_typed_and_dragged_and_holds_for_all_of_them(page: Page) -> None:
    """[VIEW-8] Until it is reset."""
    west = page.locator(".letter.west")
    page.get_by_role("combobox", name="Window").select_option(label="Lung")
    expect(page.get_by_text("C -600 W 1500 HU")).to_be_visible()
    page.get_by_role("spinbutton", name="Centre").fill("40")
    page.get_by_role("spinbutton", name="Centre").press("Tab")
    expect(page.get_by_text("C 40 W 1500 HU")).to_be_visible()
    page.get_by_role("button", name="Exchange left and right").click()
    page.keyboard.press("ArrowDown")
    is_at(page, 2)
    expect(page.get_by_text("C 40 W 1500 HU")).to_be_visible()
    expect(west).to_have_text("L")

    box = stage(page).bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y + 30, steps=5)
    page.mouse.up()
    expect(page.get_by_text("C 40 W 1500 HU")).to_have_count(0)
    page.get_by_role("button", name="Reset").click()
    expect(west).to_have_text("R")
    is_at(page, 2)


def test_something_coarse_is_seen_until_the_exact_image_is_there(
    visit: Visit, people: People, case: str, tmp_path: Path
) -> None:
    """[VIEW-21] It is windowed as the exact one will be, and says what it is; no number is told of it."""
    source = get_testdata_file("examples_overlay.dcm")
    assert source is not None
    file = tmp_path / "slice.dcm"
    file.write_bytes(Path(str(source)).read_bytes())
    lead = visit(people.lead)
    lead.open_case(case)
    open_panel(lead)
    choose(lead, file)
    expect(tiles(lead)).to_have_count(1, timeout=WORK_MS)
    page = lead.page
    held: list[Route] = []

    def hold(route: Route) -> None:
        wanted = re.fullmatch(r"bytes=(\d+)-(\d+)", route.request.headers.get("range", ""))
        if wanted is not None and int(wanted[1]) == 0:  # the exact frame stands before the coarse one
            held.append(route)
        else:
            route.continue_()

    page.route("**/frames*", hold)
    open_series(page)
    words = page.get_by_text("Coarse: the exact image is on its way")
    expect(words).to_be_visible()
    box = stage(page).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    coarse = grey_sum(page)
    expect(page.get_by_text(AT)).to_have_count(0)
    for each in held:
        each.continue_()
    page.unroute("**/frames*")
    expect(words).to_have_count(0)
    expect(page.get_by_text(AT)).to_be_visible()
    assert grey_sum(page) == pytest.approx(coarse, rel=0.03)


def test_a_link_shows_another_member_exactly_the_same(page: Page, visit: Visit, people: People, case: str) -> None:
    """[VIEW-10] [VIEW-1] In a window of another size, the same slice, the same window, the same pixel in the middle."""
    page.keyboard.press("PageDown")
    page.get_by_role("combobox", name="Window").select_option(label="Bone")
    page.get_by_role("button", name="Exchange left and right").click()
    page.get_by_role("button", name="Turn right").click()
    for _ in range(4):
        page.keyboard.press("+")
    page.keyboard.press("Shift+ArrowLeft")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy a link to this view").click()
    expect(page.get_by_text("The link is copied")).to_be_visible()
    here = read_at(page, 0.5, 0.5)
    link = page.evaluate("navigator.clipboard.readText()")

    other = visit(people.contributor, size=PHONE)
    other.page.goto(link)
    is_at(other.page, 11)
    expect(other.page.get_by_text("C 600 W 2800 HU")).to_be_visible()
    expect(other.page.locator(".letter.north")).to_have_text(page.locator(".letter.north").inner_text())
    wait_until(lambda: grey_sum(other.page) > 0, seconds=30, what="a picture")
    there = read_at(other.page, 0.5, 0.5)
    assert max(abs(here.x - there.x), abs(here.y - there.y)) <= 1
    other.page.get_by_role("dialog").get_by_role("button", name="Close").click()
    other.page.reload()
    expect(other.section("Summary")).to_be_visible()
    expect(other.page.get_by_role("dialog")).to_have_count(0)

    other.page.goto(link.replace(link.partition("%22")[2][:16], "a" * 16))
    expect(other.page.get_by_text("What this link shows is not in this case any more.")).to_be_visible()


@pytest.mark.parametrize(("size", "theme"), [(PHONE, "light"), ((1280, 900), "dark")])
def test_the_viewer_is_accessible_on_the_phone_and_in_the_dark(
    visit: Visit, people: People, case: str, tmp_path: Path, size: tuple[int, int], theme: str
) -> None:
    """[VIEW-8] axe finds nothing; nothing scrolls sideways."""
    lead = visit(people.lead, size=size, dark=theme == "dark", touch=size == PHONE)
    lead.open_case(case)
    page = lead.page
    open_panel(lead)
    page.locator("[data-picker=folder]").set_input_files(series(tmp_path, 3))
    expect(tiles(lead)).to_contain_text("3 images", timeout=WORK_MS)
    open_series(page)
    assert violations(page) == []
    assert page.evaluate("[...document.querySelectorAll('dialog')].every(each => each.scrollWidth <= each.clientWidth)")
    lead.picture(f"viewer-{size[0]}-{theme}")
