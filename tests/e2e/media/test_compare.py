"""Two pictures beside each other, looked at as one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.clinic import unfold_actions
from tests.e2e.conftest import PHONE, Visitor
from tests.e2e.inspection import violations
from tests.e2e.media.files import film, photo, series
from tests.e2e.media.panel import WORK_MS, Visit, choose, open_panel, tiles
from tests.e2e.media.test_film import READ, open_film
from tests.servers import People, wait_until


def is_at(page: Page, first: int, second: int) -> None:
    """Which picture of twelve, and which of six."""
    expect(page.get_by_text(f"Image {first} of 12", exact=True)).to_be_visible(timeout=30_000)
    expect(page.get_by_text(f"Image {second} of 6", exact=True)).to_be_visible(timeout=30_000)


def send(lead: Visitor, folder: Path, already: int) -> None:
    lead.page.locator("[data-picker=folder]").set_input_files(folder)
    expect(tiles(lead)).to_have_count(already + 1, timeout=WORK_MS)


@pytest.fixture
def lead(visit: Visit, people: People, case: str, tmp_path: Path) -> Visitor:
    """Slices of 2.5 mm beside slices of 5 mm."""
    lead = visit(people.lead)
    lead.open_case(case)
    open_panel(lead)
    send(lead, series(tmp_path, 12), 0)
    send(lead, series(tmp_path, 6, apart=5, name="coarse"), 1)
    expect(tiles(lead).nth(0)).to_contain_text("12 images", timeout=WORK_MS)
    expect(tiles(lead).nth(1)).to_contain_text("6 images", timeout=WORK_MS)
    tiles(lead).nth(0).locator(".picture").click()
    expect(lead.page.get_by_text("Image 1 of 12", exact=True)).to_be_visible(timeout=WORK_MS)
    unfold_actions(lead.page)
    lead.page.get_by_role("combobox", name="Compare with…").select_option(label="DICOM, 6 images")
    is_at(lead.page, 1, 1)
    return lead


def test_two_series_of_one_body_are_looked_at_as_one(lead: Visitor) -> None:
    """[VIEW-13] [VIEW-14] Scrolled by place, placed and windowed alike; one has the keys, and that is seen."""
    page = lead.page
    expect(page.get_by_text("by place in the body")).to_be_visible()
    first = page.get_by_role("button", name=re.compile("^DICOM, 12 images"))
    second = page.get_by_role("button", name=re.compile("^DICOM, 6 images"))
    first.click()
    page.keyboard.press("End")
    is_at(page, 12, 6)
    page.keyboard.press("PageUp")
    is_at(page, 2, 1)
    expect(first).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("ArrowRight")
    expect(second).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("ArrowDown")
    is_at(page, 4, 2)
    for key in ("r", "+", "+"):
        page.keyboard.press(key)
    north, zooms = page.locator(".letter.north"), page.get_by_text(re.compile(r"^Zoom \d+ %$"))
    assert north.nth(0).inner_text() == north.nth(1).inner_text() != ""
    assert zooms.nth(0).inner_text() == zooms.nth(1).inner_text()
    page.keyboard.press("]")
    windows = page.get_by_text(re.compile(r"^C .* HU$"))
    assert windows.nth(0).inner_text() != windows.nth(1).inner_text()
    page.get_by_role("checkbox", name="Same window").check()
    second.click()
    page.keyboard.press("]")
    expect(windows.nth(0)).to_have_text(windows.nth(1).inner_text())
    assert violations(page) == []
    lead.picture("compare-desk")

    page.get_by_role("checkbox", name="Linked").uncheck()
    second.click()
    page.keyboard.press("ArrowDown")
    is_at(page, 4, 3)
    page.get_by_role("button", name="End comparing").click()
    expect(page.get_by_text(re.compile("of 6$"))).to_have_count(0)
    page.keyboard.press("ArrowDown")
    expect(page.get_by_text("Image 5 of 12", exact=True)).to_be_visible()


def test_a_figure_of_the_text_opens_its_picture_and_a_photo_stands_beside_itself(
    visit: Visit, people: People, case: str, tmp_path: Path
) -> None:
    """[VIEW-15] [VIEW-13] [VIEW-14] A figure opens what a tile opens. One photo twice, turned as one."""
    lead = visit(people.lead, size=PHONE)
    lead.open_case(case)
    page = lead.page
    open_panel(lead)
    choose(lead, photo(tmp_path))
    expect(tiles(lead)).to_have_count(1, timeout=WORK_MS)
    tiles(lead).locator(".picture").click()
    unfold_actions(page)
    page.get_by_role("button", name="Put into the text").click()
    figure = page.locator("figure.figure button")
    expect(figure).to_be_visible(timeout=WORK_MS)
    page.locator(".message").get_by_role("button", name="Put the message away").click()
    figure.click()
    expect(page.locator("dialog .stage img")).to_be_visible()
    unfold_actions(page)
    page.get_by_role("combobox", name="Compare with…").select_option(label="Itself, a second time")
    pictures = page.locator("dialog .stage img")
    expect(pictures).to_have_count(2)
    page.get_by_role("button", name="Photo", exact=True).click()
    page.locator(".pane").nth(1).get_by_role("button", name="Exchange left and right").click()
    page.get_by_role("button", name="Photo", exact=True).click()
    page.locator(".pane").nth(0).get_by_role("button", name="Turn right").click()
    turned = "each => new DOMMatrix(getComputedStyle(each).transform)"
    first, second = (
        pictures.nth(at).evaluate(f"each => {{ const m = ({turned})(each); return [m.a, m.b] }}") for at in (0, 1)
    )
    assert violations(page) == []
    assert page.evaluate("[...document.querySelectorAll('dialog')].every(each => each.scrollWidth <= each.clientWidth)")
    lead.picture("compare-phone")
    assert first[0] == second[0] == 0
    assert first[1] < 0
    assert second[1] < 0


def frames(page: Page) -> list[int]:
    """The numbers that both films show, from 0."""
    numbers: list[int] = page.locator("dialog video").evaluate_all(f"all => all.map({READ})")
    return numbers


def show(page: Page, first: int, second: int) -> None:
    """Both are where they belong."""
    wait_until(
        lambda: frames(page) == [first, second], seconds=10, what=lambda: f"{[first, second]}, not {frames(page)}"
    )


def open_film_twice(lead: Visitor, folder: Path) -> None:
    """Beside itself, both at its beginning."""
    page = lead.page
    open_panel(lead)
    choose(lead, film(folder, frames=75))
    expect(tiles(lead)).to_have_count(1, timeout=WORK_MS)
    open_film(page)
    unfold_actions(page)
    page.get_by_role("combobox", name="Compare with…").select_option(label="Itself, a second time")
    expect(page.get_by_text("by time")).to_be_visible()
    show(page, 0, 0)


def test_two_films_run_as_one_with_the_distance_that_they_had(
    visit: Visit, people: People, case: str, tmp_path: Path
) -> None:
    """[VIEW-13] Stepped, sought, run and slowed down together; unlinked, moved and linked again they keep that
    distance; the one that is over stands still."""
    lead = visit(people.lead)
    lead.open_case(case)
    page = lead.page
    open_film_twice(lead, tmp_path)
    first, second = page.locator(".pane .name").nth(0), page.locator(".pane .name").nth(1)
    first.click()
    for number in (1, 2, 3):
        page.keyboard.press(".")
        show(page, number, number)
    second.click()
    page.keyboard.press("PageDown")
    show(page, 13, 13)

    page.get_by_role("checkbox", name="Linked").uncheck()
    second.click()
    for number in (14, 15):
        page.keyboard.press(".")
        show(page, 13, number)
    page.get_by_role("checkbox", name="Linked").check()
    first.click()
    page.keyboard.press(".")
    show(page, 14, 16)
    page.keyboard.press("Home")
    show(page, 0, 2)
    page.locator(".pane").nth(0).get_by_role("combobox", name="Speed").select_option("0.5")
    page.keyboard.press("p")
    wait_until(lambda: min(frames(page)) > 5, seconds=10, what="two films that run")
    assert page.locator("dialog video").evaluate_all("all => all.map(each => each.playbackRate)") == [0.5, 0.5]
    page.keyboard.press("p")
    wait_until(lambda: frames(page)[1] - frames(page)[0] == 2, seconds=10, what="the same distance")
    lead.picture("compare-films")
    page.keyboard.press("End")
    show(page, 74, 74)
    page.keyboard.press(",")
    show(page, 73, 74)
    second.click()
    page.keyboard.press("Home")
    show(page, 0, 0)
