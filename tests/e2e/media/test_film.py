"""Films as somebody looks at them: frame by frame, each shown as it is told."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import PHONE
from tests.e2e.inspection import violations
from tests.e2e.media.files import FILM_BITS, film
from tests.e2e.media.panel import WORK_MS, Visit, choose, drawn, open_panel, tiles
from tests.servers import People, RunningServer, wait_until

FRAMES = 75
RATE = 25

READ = f"""picture => {{
    const canvas = document.createElement('canvas')
    canvas.width = {FILM_BITS}
    canvas.height = 1
    const context = canvas.getContext('2d')
    context.drawImage(picture, 0, 0, {FILM_BITS}, 1)
    const pixels = context.getImageData(0, 0, {FILM_BITS}, 1).data
    const bits = Array.from({{ length: {FILM_BITS} }}, (_, at) => pixels[at * 4] > 127 ? 1 : 0)
    return bits.reduce((all, bit) => all * 2 + bit, 0)
}}"""
"""The number that a frame shows; it can be read only where the store lets the page."""


def shown(page: Page) -> int:
    """The number of the frame that is seen, from 0."""
    number: int = page.locator("dialog video").evaluate(READ)
    return number


def is_at(page: Page, number: int) -> None:
    """What is told and what is seen are the same frame; `number` is from 0."""
    expect(page.get_by_text(f"Frame {number + 1}, 25 a second")).to_be_visible(timeout=10_000)
    assert shown(page) == number
    begin = int(number / RATE * 1000 + 1e-6)
    expect(page.locator("dialog .now")).to_have_text(f"0:{begin // 1000:02}.{begin % 1000:03}")


def open_film(page: Page) -> None:
    page.locator("article:has(.picture) .picture").first.click()
    expect(page.get_by_text("Frame 1, 25 a second")).to_be_visible(timeout=WORK_MS)
    wait_until(
        lambda: page.locator("dialog video").evaluate("each => each.readyState") >= 2, seconds=30, what="a frame"
    )


@pytest.fixture
def page(visit: Visit, people: People, case: str, tmp_path: Path) -> Page:
    """A film is open."""
    lead = visit(people.lead)
    lead.open_case(case)
    open_panel(lead)
    choose(lead, film(tmp_path, frames=FRAMES, rate=RATE))
    expect(tiles(lead)).to_have_count(1, timeout=WORK_MS)
    open_film(lead.page)
    return lead.page


def test_each_step_shows_the_next_frame_and_its_own_number(page: Page) -> None:
    """[VIEW-11] By keys and by controls, quickly pressed, at both ends, and after it ran."""
    is_at(page, 0)
    for number in (1, 2, 3):
        page.keyboard.press(".")
        is_at(page, number)
    page.get_by_role("button", name="One frame on").click()
    is_at(page, 4)
    page.get_by_role("button", name="One frame back").click()
    is_at(page, 3)
    for _ in range(6):
        page.keyboard.press("ArrowDown")
    is_at(page, 9)
    page.keyboard.press("PageDown")
    is_at(page, 19)
    page.keyboard.press("End")
    page.keyboard.press("ArrowDown")
    is_at(page, FRAMES - 1)
    page.keyboard.press("Home")
    is_at(page, 0)
    page.keyboard.press("ArrowUp")
    is_at(page, 0)
    page.get_by_role("combobox", name="Speed").select_option("2")
    page.keyboard.press("p")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    wait_until(lambda: shown(page) > 5, seconds=10, what="a film that runs")
    page.keyboard.press(",")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    words = page.get_by_text(re.compile(r"Frame \d+, 25 a second"))
    wait_until(
        lambda: words.inner_text().startswith(f"Frame {shown(page) + 1},"), seconds=10, what="what is seen is told"
    )


def test_a_part_is_shown_again_and_again(page: Page) -> None:
    """[VIEW-11] Its ends are set by keys or controls, and nothing beyond them is seen."""
    for _ in range(10):
        page.keyboard.press(".")
    is_at(page, 10)
    page.keyboard.press("[")
    page.keyboard.press("PageDown")
    is_at(page, 20)
    page.get_by_role("button", name="Repeat up to here").click()
    expect(page.get_by_role("button", name="Repeats 0:00.400 – 0:00.840")).to_be_visible()
    page.keyboard.press("p")
    seen = page.locator("dialog video").evaluate(
        f"""video => new Promise(resolve => {{
            const read = {READ}
            const seen = []
            const next = () => {{
                seen.push(read(video))
                if (seen.length < 60) video.requestVideoFrameCallback(next)
                else resolve(seen)
            }}
            video.requestVideoFrameCallback(next)
        }})"""
    )
    assert sum(later < earlier for earlier, later in itertools.pairwise(seen)) >= 1, seen
    assert min(seen) >= 10, seen
    assert max(seen) <= 22, seen  # a frame or so may be on its way to the screen
    page.keyboard.press("p")
    page.keyboard.press("Backspace")
    expect(page.get_by_role("button", name=re.compile("^Repeats"))).to_have_count(0)


def test_a_frame_becomes_an_image_of_the_case(page: Page) -> None:
    """[VIEW-12] The frame that is seen, by the same way as every photo."""
    for _ in range(5):
        page.keyboard.press(".")
    is_at(page, 5)
    page.get_by_role("button", name="Keep this frame").click()
    expect(page.get_by_text("The frame is on its way to the images.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("article:has(.picture)")).to_have_count(2, timeout=WORK_MS)
    page.locator("article:has(.picture) .picture").nth(1).click()
    picture = page.locator("dialog .stage img")
    drawn(picture, least=40 * FILM_BITS)
    source = picture.get_attribute("src")
    number = page.evaluate(
        f"""async source => ({READ})(await createImageBitmap(await (await fetch(source)).blob()))""", source
    )
    assert number == 5


def test_a_link_shows_a_reader_the_same_frame(
    page: Page, server: RunningServer, visit: Visit, people: People, case: str
) -> None:
    """[VIEW-10] [VIEW-12] An observer cannot add images, and everything else is there."""
    server.set_member(case, people.lead, people.observer, "observer")
    for _ in range(7):
        page.keyboard.press(".")
    page.keyboard.press("h")
    is_at(page, 7)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy a link to this view").click()
    expect(page.get_by_text("The link is copied")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    other = visit(people.observer, size=PHONE)
    other.page.goto(link)
    is_at(other.page, 7)
    expect(other.page.get_by_role("button", name="Exchange left and right")).to_have_attribute("aria-pressed", "true")
    expect(other.page.get_by_role("button", name="Keep this frame")).to_have_count(0)


@pytest.mark.parametrize(("size", "theme"), [(PHONE, "light"), ((1280, 900), "dark")])
def test_a_film_is_accessible_on_the_phone_and_in_the_dark(
    visit: Visit, people: People, case: str, tmp_path: Path, size: tuple[int, int], theme: str
) -> None:
    """[VIEW-11] axe finds nothing; nothing scrolls sideways."""
    lead = visit(people.lead, size=size, dark=theme == "dark", touch=size == PHONE)
    lead.open_case(case)
    open_panel(lead)
    choose(lead, film(tmp_path))
    expect(tiles(lead)).to_have_count(1, timeout=WORK_MS)
    open_film(lead.page)
    lead.page.keyboard.press("PageDown")
    lead.page.keyboard.press("[")
    for _ in range(3):
        lead.page.keyboard.press("PageDown")
    lead.page.keyboard.press("]")
    is_at(lead.page, 40)
    assert violations(lead.page) == []
    assert lead.page.evaluate(
        "[...document.querySelectorAll('dialog')].every(each => each.scrollWidth <= each.clientWidth)"
    )
    lead.picture(f"film-{size[0]}-{theme}")


def test_a_mark_lies_on_the_frame_that_was_shown(page: Page) -> None:
    """[MARK-9] Drawn while the film runs: it stands still. Chosen from elsewhere, the film goes there."""
    page.keyboard.press("PageDown")
    is_at(page, 10)
    page.get_by_role("button", name="Rectangle", exact=True).click()
    box = page.locator("dialog .stage canvas").first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.4)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.6, steps=3)
    page.mouse.up()
    expect(page.locator("dialog .timeline .marker")).to_have_count(1)
    told = page.get_by_role("complementary").get_by_role("button", name=re.compile("Rectangle"))
    expect(told).to_contain_text("0:00.4")
    page.locator("dialog h2").focus()
    page.keyboard.press("Home")
    is_at(page, 0)
    told.click()
    is_at(page, 10)
    page.locator("dialog h2").focus()
    page.keyboard.press("p")
    page.get_by_role("button", name="Ellipse", exact=True).click()
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
