"""Every kind of picture in the same viewer: what is the same for all of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from pydicom.data import get_testdata_file

from tests.e2e.clinic import unfold_actions
from tests.e2e.conftest import PHONE, Visitor
from tests.e2e.inspection import resize, violations
from tests.e2e.media.files import film, photo, series
from tests.e2e.media.panel import WORK_MS, Visit, choose, open_panel, tiles
from tests.e2e.media.test_pages import document
from tests.servers import People

CONTROLS = {
    "Zoom in": "+",
    "Zoom out": "-",
    "Fit to the window": "0",
    "1:1, one pixel for each of the image": "1",
    "Turn right": "r",
    "Exchange left and right": "h",
    "Exchange top and bottom": "v",
    "Copy a link to this view": None,
}
"""In their order, with their keys."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the gallery, by its place there."""

    name: str
    at: int
    shown: str
    """What is seen once it is there."""


KINDS = (
    Kind("photo", 0, ".stage img"),
    Kind("film", 1, ".stage video"),
    Kind("ecg", 2, ".stage [role=img]"),
    Kind("pages", 3, ".stage [role=img]"),
    Kind("series", 4, ".stage [role=img]"),
)


@pytest.fixture
def lead(visit: Visit, people: People, case: str, tmp_path: Path) -> Visitor:
    """One of each kind is in the case."""
    lead = visit(people.lead)
    lead.open_case(case)
    panel = open_panel(lead)
    ecg = tmp_path / "ecg.dcm"
    ecg.write_bytes(Path(str(get_testdata_file("waveform_ecg.dcm"))).read_bytes())
    for number, file in enumerate((photo(tmp_path), film(tmp_path, frames=25), ecg, document(tmp_path, 2)), 1):
        choose(lead, file)
        if file.suffix == ".pdf":
            panel.get_by_role("button", name="Look at it").click(timeout=WORK_MS)
            lead.page.get_by_role("checkbox", name=re.compile("I have looked")).check()
            lead.page.get_by_role("button", name="There is nothing: let the others see it").click()
        expect(tiles(lead)).to_have_count(number, timeout=WORK_MS)
    lead.page.locator("[data-picker=folder]").set_input_files(series(tmp_path, 6))
    expect(tiles(lead)).to_have_count(len(KINDS), timeout=WORK_MS)
    expect(tiles(lead).last).to_contain_text("6 images", timeout=WORK_MS)
    return lead


def open_kind(page: Page, kind: Kind) -> Locator:
    """Its dialog, once the picture is there."""
    page.locator("article:has(.picture) .picture").nth(kind.at).click()
    dialog = page.locator("dialog[open].preview")
    expect(dialog.locator(kind.shown).first).to_be_visible(timeout=WORK_MS)
    return dialog


def test_what_every_picture_has_is_called_placed_and_keyed_alike(lead: Visitor) -> None:
    """[VIEW-22] Zoom in and out, fit, 1:1, turn, mirrors, link: of a photo, a film, an ECG, a document, a series."""
    page = lead.page
    for kind in KINDS:
        dialog = open_kind(page, kind)
        group = dialog.locator("[data-view-tools]")
        found = group.locator("button.only-icon").evaluate_all(
            "all => all.map(each => [each.getAttribute('aria-label'), each.getAttribute('aria-keyshortcuts')])"
        )
        assert dict(found) == CONTROLS, kind
        assert [name for name, _ in found] == list(CONTROLS), kind
        mirror = group.get_by_role("button", name="Exchange left and right")
        for way in ("key", "control"):
            before = mirror.get_attribute("aria-pressed")
            if way == "key":
                page.keyboard.press("h")
            else:
                mirror.click()
            expect(mirror).to_have_attribute("aria-pressed", "false" if before == "true" else "true")
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)


SHARE = """() => {
    const area = each => { const { width, height } = each.getBoundingClientRect(); return width * height }
    const dialog = document.querySelector('dialog[open].preview')
    const pictures = [...dialog.querySelectorAll('[data-picture]')]
    return pictures.reduce((all, each) => all + area(each), 0) / area(dialog)
}"""
LEAST_SHARE = 0.6
DESKS = ((1000, 640), (1280, 720), (1280, 900), (1440, 900), (1920, 1080))


@pytest.mark.parametrize("state", ["alone", "presenting"])
@pytest.mark.parametrize("sizes", [DESKS, (PHONE,)], ids=["desk", "phone"])
def test_in_every_window_the_picture_has_most_of_the_room(
    lead: Visitor, visit: Visit, people: People, case: str, sizes: Sequence[tuple[int, int]], state: str
) -> None:
    """[VIEW-23] Every kind, alone, while one draws, and two beside each other; presenting and not."""
    lead.page.close()  # it has sent them, and would take time
    is_phone = sizes == (PHONE,)
    other = visit(people.lead, size=sizes[0], touch=is_phone, dark=is_phone)
    other.open_case(case)
    page = other.page
    found: dict[str, float] = {}

    def look(name: str) -> None:
        for width, height in sizes:
            resize(page, width, height)
            found[f"{name}-{width}-{height}"] = round(page.evaluate(SHARE), 3)
            assert page.evaluate("document.querySelector('dialog.preview').scrollWidth <= innerWidth"), name
        assert violations(page) == [], name

    if state == "presenting":
        page.keyboard.press("Alt+Shift+P")
        expect(page.get_by_text("You present").first).to_be_visible()
    open_panel(other)
    for kind in KINDS:
        dialog = open_kind(page, kind)
        look(kind.name)
        if not is_phone:
            dialog.get_by_role("button", name="Rectangle", exact=True).click()
            look(f"{kind.name}-drawing")
            dialog.get_by_role("button", name="Cancel").click()
        if kind.name in ("film", "series"):
            unfold_actions(page)
            page.get_by_role("combobox", name="Compare with…").select_option(label="Itself, a second time")
            expect(dialog.locator(kind.shown)).to_have_count(2, timeout=WORK_MS)
            look(f"{kind.name}-twice")
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
    assert {name: share for name, share in found.items() if share < LEAST_SHARE} == {}
    assert len(found) == len(sizes) * (len(KINDS) * (1 if is_phone else 2) + 2)
