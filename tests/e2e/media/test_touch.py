"""Fingers on a picture: real touch events of the browser, as its own protocol sends them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.e2e.conftest import PHONE, Visitor
from tests.e2e.media.files import photo, series
from tests.e2e.media.panel import WORK_MS, Visit, choose, open_panel, tiles
from tests.servers import People, wait_until

Place = tuple[float, float]
MOVES = 12
SLICES = 12
COPIED = "navigator.clipboard.readText()"


@dataclass(frozen=True, slots=True)
class View:
    """How it is looked at, as a link says it: the frame, the middle, and how much is seen, in the picture's pixels."""

    frame: int
    centre: Place
    extent: Place
    window: tuple[float | None, float | None]

    def scale(self, size: Place) -> float:
        """Window pixels for each of the picture."""
        return min(size[0] / self.extent[0], size[1] / self.extent[1])

    def under(self, at: Place, size: Place) -> Place:
        """The place in the picture that is at `at` in a window of `size`."""
        scale = self.scale(size)
        return (
            self.centre[0] + (at[0] - size[0] / 2) / scale,
            self.centre[1] + (at[1] - size[1] / 2) / scale,
        )


def view(page: Page) -> View:
    page.evaluate("navigator.clipboard.writeText('')")
    page.get_by_role("button", name="Copy a link to this view").press("Enter")  # a message may lie over it
    wait_until(lambda: page.evaluate(COPIED) != "", seconds=15, what="a copied link")
    said = json.loads(unquote(str(page.evaluate(COPIED)).partition("#view=")[2]))
    return View(said[2], (said[3], said[4]), (said[5], said[6]), (said[9], said[10]))


class Fingers:
    """On the picture that is open."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.session: CDPSession = page.context.new_cdp_session(page)
        box = page.locator(".stage .stage").bounding_box()
        assert box is not None
        self.left, self.top = box["x"], box["y"]
        self.size: Place = (box["width"], box["height"])

    def _say(self, kind: str, at: Sequence[Place]) -> None:
        points = [{"x": self.left + x, "y": self.top + y, "id": number} for number, (x, y) in enumerate(at)]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def move(self, begin: Sequence[Place], end: Sequence[Place]) -> None:
        """Put down one after the other, moved together, and lifted."""
        for count in range(1, len(begin) + 1):
            self._say("touchStart", begin[:count])
        for step in range(1, MOVES + 1):
            share = step / MOVES
            self._say(
                "touchMove",
                [
                    (one[0] + (other[0] - one[0]) * share, one[1] + (other[1] - one[1]) * share)
                    for one, other in zip(begin, end, strict=True)
                ],
            )
        self._say("touchEnd", [])


def about(at: Place, half: float) -> list[Place]:
    """Two fingers, so far to the left and to the right of `at`."""
    return [(at[0] - half, at[1]), (at[0] + half, at[1])]


@pytest.fixture
def phone(visit: Visit, people: People, case: str, tmp_path: Path) -> Visitor:
    """A photo and a series are in the case, and a finger has room for them."""
    phone = visit(people.lead, size=PHONE, touch=True)
    phone.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    phone.open_case(case)
    open_panel(phone)
    choose(phone, photo(tmp_path))
    expect(tiles(phone)).to_have_count(1, timeout=WORK_MS)
    phone.page.locator("[data-picker=folder]").set_input_files(series(tmp_path, SLICES))
    expect(tiles(phone).last).to_contain_text(f"{SLICES} images", timeout=WORK_MS)
    return phone


@pytest.mark.parametrize("kind", ["photo", "series"])
def test_two_fingers_zoom_about_their_middle_and_move_and_the_page_stays(phone: Visitor, kind: str) -> None:
    """[VIEW-24] What was between the fingers stays there, whatever one of them did before the other came; the page
    itself neither zooms nor scrolls."""
    page = phone.page
    tiles(phone).nth(0 if kind == "photo" else 1).locator(".picture").click()
    expect(page.locator(".stage .stage").locator("img, [role=img]").first).to_be_visible(timeout=WORK_MS)
    fingers = Fingers(page)
    size = fingers.size
    before = view(page)
    at = (size[0] * 0.4, size[1] * 0.45)
    fingers.move(about(at, 40), about(at, 80))
    zoomed = view(page)
    assert zoomed.scale(size) / before.scale(size) == pytest.approx(2, rel=0.02)
    assert zoomed.under(at, size) == pytest.approx(before.under(at, size), abs=1)
    to = (at[0] + 50, at[1] + 30)
    fingers.move(about(at, 60), about(to, 60))
    moved = view(page)
    assert moved.scale(size) == pytest.approx(zoomed.scale(size), rel=0.02)
    assert moved.under(to, size) == pytest.approx(zoomed.under(at, size), abs=1)
    fingers.move(about(to, 90), about(to, 45))
    farther = view(page)
    assert farther.scale(size) / moved.scale(size) == pytest.approx(0.5, rel=0.02)
    assert {before.frame, zoomed.frame, moved.frame, farther.frame} == {0}
    assert {before.window, zoomed.window, moved.window, farther.window} == {(None, None)}
    assert page.evaluate("[visualViewport.scale, scrollX, scrollY, document.querySelector('dialog').scrollTop]") == [
        1,
        page.evaluate("scrollX"),
        page.evaluate("scrollY"),
        0,
    ]


def test_one_finger_scrolls_through_a_stack(phone: Visitor) -> None:
    """[VIEW-24] With the tool for it: an image for every twelve pixels, down is on; the image itself stays."""
    page = phone.page
    tiles(phone).nth(1).locator(".picture").click()
    expect(page.locator(".stage .stage").locator("img, [role=img]").first).to_be_visible(timeout=WORK_MS)
    page.locator("label").filter(has=page.get_by_role("radio", name="Scroll", exact=True)).tap()
    fingers = Fingers(page)
    at = (fingers.size[0] * 0.5, fingers.size[1] * 0.4)
    before = view(page)
    for by, frame in ((61, 5), (-37, 2)):
        fingers.move([at], [(at[0], at[1] + by)])
        assert view(page) == replace(before, frame=frame)
