"""Figures of kept views: what stands in the text is what was seen when the view was kept."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Page, expect

from tests.e2e.clinic import unfold_actions
from tests.e2e.conftest import Visitor
from tests.e2e.inspection import violations
from tests.e2e.media.files import film, photo, series
from tests.e2e.media.panel import WORK_MS, Visit, choose, open_panel, tiles
from tests.e2e.media.test_ecg import SOURCE
from tests.e2e.media.test_pages import document
from tests.servers import People, wait_until

GRID = (64, 36)
"""As coarse as two pictures are compared: words over a corner of one hardly count."""

Greys = NDArray[np.float64]


def greys(image: Image.Image) -> Greys:
    """Each square's mean."""
    return np.asarray(image.convert("L").resize(GRID, Image.Resampling.BOX), np.float64)


def seen(page: Page) -> Greys:
    """What the viewer shows."""
    box = page.locator(".stage canvas").first.bounding_box()
    assert box is not None
    clip = {"x": box["x"], "y": box["y"], "width": box["width"], "height": box["height"]}
    return greys(Image.open(io.BytesIO(page.screenshot(clip=clip))))  # type: ignore[arg-type]


def at_rest(page: Page, unlike: Greys | None = None) -> Greys:
    """What it shows once nothing of it changes any more."""
    last = seen(page)

    def rests() -> bool:
        nonlocal last
        before, last = last, seen(page)
        return off(before, last) == 0 and last.max() > 0 and (unlike is None or off(unlike, last) > 8)

    wait_until(rests, seconds=30, what="a picture at rest")
    return last


def figured(page: Page) -> Greys:
    """What stands in the text, which nobody fetches from elsewhere."""
    figure = page.locator("figure.figure img")
    expect(figure).to_have_attribute("data-kept", "shown", timeout=WORK_MS)
    source = figure.get_attribute("src")
    assert source is not None
    return greys(Image.open(io.BytesIO(base64.b64decode(source.partition("base64,")[2]))))


def off(one: Greys, other: Greys) -> float:
    return float(np.abs(one - other).mean())


def ecg(folder: Path) -> Path:
    file = folder / "ecg.dcm"
    file.write_bytes(SOURCE.read_bytes())
    return file


def review(visitor: Visitor) -> None:
    """A document is looked at by its sender before others see it."""
    page = visitor.page
    page.get_by_role("button", name="Look at it").click(timeout=WORK_MS)
    page.get_by_role("checkbox", name=re.compile("I have looked")).check()
    page.get_by_role("button", name="There is nothing: let the others see it").click()


@dataclass(frozen=True, slots=True)
class Kind:
    file: Callable[[Path], Path]
    is_there: str
    """Words that stand there once the medium can be seen."""
    keys: tuple[str, ...]
    """What makes its view another than the one that it opens with."""


KINDS = {
    "series": Kind(
        lambda folder: series(folder, 3), "Image 1 of 3", ("ArrowDown", "i", "r", "+", "+", "Shift+ArrowUp")
    ),
    "photo": Kind(photo, "Photo", ("h", "+", "+", "+", "Shift+ArrowLeft")),
    "film": Kind(film, "Frame 1, 25 a second", (*["."] * 21, "v", "+", "+")),
    "document": Kind(lambda folder: document(folder, 3), "Page 1 of 3", ("PageDown", "PageDown", "+", "+", "+")),
    "ecg": Kind(ecg, "25 mm/s", ("+", "+", "Shift+ArrowRight")),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_figure_shows_the_view_that_was_kept(
    visit: Visit, people: People, case: str, tmp_path: Path, kind: str
) -> None:
    """[FOL-16] Image or page, inversion, turn, mirror, part and moment, for who put it there and for who opens the case
    later; the picture as it comes is another one."""
    lead = visit(people.lead)
    lead.open_case(case)
    page = lead.page
    open_panel(lead)
    file = KINDS[kind].file(tmp_path)
    if file.is_dir():
        page.locator("[data-picker=folder]").set_input_files(file)
    else:
        choose(lead, file)
    if kind == "document":
        review(lead)
    expect(tiles(lead)).to_have_count(1, timeout=WORK_MS)
    tiles(lead).locator(".picture").click()
    dialog = page.locator("dialog.preview")
    expect(dialog.get_by_text(KINDS[kind].is_there).first).to_be_visible(timeout=WORK_MS)
    before = at_rest(page)
    for key in KINDS[kind].keys:
        page.keyboard.press(key)
    kept = at_rest(page, unlike=before)
    lead.picture(f"figure-viewer-{kind}")
    unfold_actions(page)
    dialog.get_by_role("button", name="Put into the text").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    mine = figured(page)
    page.locator("figure.figure").scroll_into_view_if_needed()
    lead.picture(f"figure-{kind}")
    assert off(mine, kept) < 0.3 * off(kept, before)
    assert violations(page) == []
    other = visit(people.contributor)
    other.open_case(case)
    other.page.locator("#imaging-title button").click()
    assert off(figured(other.page), mine) < 1
    other.page.emulate_media(media="print")
    expect(other.page.locator("figure.figure img")).to_be_visible()
