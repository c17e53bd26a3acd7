"""Large pictures while somebody windows them: at once, and then exactly."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.media.pixels import prepare, sources
from tests.e2e.probe import build, served

RADIOGRAPH = "RG1_UNCI.dcm"
"""3.6 million pixels, the lowest the brightest."""
REST = "() => probe.viewing.away().most === 0"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A series of one radiograph, beside the page's own modules."""
    folder = tmp_path_factory.mktemp("windowing")
    build(folder)
    [path] = [path for path in sources().values() if path.name == RADIOGRAPH]
    prepared = prepare(path, folder / "0")
    assert prepared.because is None
    (folder / "series.json").write_text(json.dumps([json.loads((folder / "0" / "manifest.json").read_text())]))
    return folder


@pytest.fixture
def page(browser: Browser, folder: Path) -> Iterator[Page]:
    """The radiograph, open."""
    with served(folder) as url:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(url)
        page.wait_for_function("window.probe")
        page.evaluate("() => probe.viewing.open(0)")
        yield page
        page.close()


def test_a_large_picture_is_exact_when_the_hand_rests(page: Page) -> None:
    """[VIEW-25] To the last grey of every pixel of the window, as if all of it had been windowed at one time."""
    page.wait_for_function(REST)
    for _ in range(2):
        moved = page.evaluate("() => probe.viewing.moved({ width: 40, height: 25 })")
        assert moved["most"] > 0, "nothing but all of it was ever painted"
        page.wait_for_function(REST)


def test_while_a_hand_moves_the_window_is_the_one_that_was_chosen(page: Page) -> None:
    """[VIEW-25] Right after each movement, and before any rest, what is seen differs in sharpness alone."""
    for turn in range(8):
        moved = page.evaluate("by => probe.viewing.moved(by)", {"width": 30 if turn < 4 else -30, "height": 20})
        assert moved["mean"] < 2


def test_enlarged_it_is_exact_while_the_hand_moves(page: Page) -> None:
    """[VIEW-25] Where the window shows no more pixels than it has, each of them is windowed."""
    page.evaluate("() => probe.viewing.scaled(2)")
    for _ in range(3):
        moved = page.evaluate("() => probe.viewing.moved({ width: 30, height: 20 })")
        assert moved["most"] <= 1


def test_what_the_first_movement_needs_is_made_before(page: Page) -> None:
    """[VIEW-25] Of a radiograph, the first movement then takes about as long as any other."""
    taken = page.evaluate("() => probe.viewing.painting(2880, 3520)")
    assert taken["prepared"] < taken["first"] / 2


def test_moved_at_rest_it_is_exact_and_ready(page: Page) -> None:
    """[VIEW-25] Another part is in sight then: it is seen as it is, and so is each change of its window."""
    page.wait_for_function(REST)
    page.evaluate("() => probe.viewing.scaled(0.7)")
    page.wait_for_function(REST)
    page.wait_for_timeout(400)  # what is made ready meanwhile
    assert page.evaluate("() => probe.viewing.moved({ width: 30, height: 20 })")["mean"] < 2
    page.wait_for_function(REST)
