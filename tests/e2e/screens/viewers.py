"""Images as they are looked at: alone, beside each other and marked."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from playwright.sync_api import Page, expect

from tests.e2e.clinic import CT, ECG, FILM, PAGES, Seen, open_seen, unfold_actions
from tests.e2e.screens.places import IMAGES, WRITTEN
from tests.e2e.screens.steps import Said
from tests.e2e.stage import Screen

TIMES = """() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (walker.nextNode()) {
        const { currentNode } = walker
        const still = currentNode.data.replace(/\\d{1,2} \\p{L}+ 20\\d\\d, \\d{1,2}:\\d\\d/u, '16.3.2026, 09:41')
        if (still !== currentNode.data) currentNode.data = still
    }
}"""
"""This server's clock goes on: its times are another one in every picture."""


def show_images(page: Page, said: Said) -> None:
    """A tab at the desk, a sheet on the phone."""
    name = said("media.short")
    page.get_by_role("tab", name=name).or_(page.get_by_role("button", name=name)).first.click()
    expect(page.locator("article .picture").first).to_be_visible()


def look_at(seen: Seen, then: Callable[[Page, Said], object] | None = None) -> Callable[[Page, Said], object]:
    """Open one of the gallery and go on."""

    def steps(page: Page, said: Said) -> None:
        show_images(page, said)
        open_seen(page, seen)
        if then is not None:
            then(page, said)
        page.evaluate(TIMES)

    return steps


def choose_mark(page: Page, said: Said) -> None:
    """In the list, which lies in a sheet where room is short."""
    lister = page.locator("dialog[open] .lister")
    expect(lister).to_be_visible()
    if lister.get_attribute("aria-pressed") == "false":
        lister.click()
    page.locator("li button.head").last.click()
    expect(page.get_by_label(said("marks.label"))).to_be_visible()


def compare(page: Page, said: Said) -> None:
    """With itself, in the window for bone."""
    unfold_actions(page)
    itself = page.locator("dialog option", has_text=said("viewer.pair.itself")).get_attribute("value")
    page.get_by_role("combobox", name=said("viewer.pair.with")).select_option(itself)
    page.locator(".pane .name").nth(1).click()  # a phone shows the controls of one of them
    bone = page.locator(".pane").nth(1).locator("option", has_text=said("viewer.preset.bone"))
    expect(bone).to_be_attached()
    page.locator(".pane").nth(1).locator("select.windows").select_option(bone.get_attribute("value"))
    page.wait_for_load_state("networkidle")


def measure(page: Page, said: Said) -> None:
    """With the calipers, from a wave to the next."""
    page.get_by_role("button", name=said("viewer.ecg.calipers")).click()
    expect(page.locator("dialog output")).to_be_visible()


def next_page(page: Page, said: Said) -> None:
    """The second, which is marked."""
    at = page.locator("dialog .count")
    expect(at).to_have_text(re.compile("^\\D+1 "))
    page.get_by_role("button", name=said("media.nextFrame")).last.click()
    expect(at).to_have_text(re.compile("^\\D+2 "))


SCREENS: Sequence[Screen] = (
    Screen(
        "viewer-marks",
        "amara",
        IMAGES,
        "A series with what was marked in it, in words beside it.",
        shows=WRITTEN,
        steps=look_at(CT, choose_mark),
        has_images=True,
    ),
    Screen(
        "viewer-compare",
        "amara",
        IMAGES,
        "A series beside itself, in two windows.",
        shows=WRITTEN,
        steps=look_at(CT, compare),
        has_images=True,
    ),
    Screen(
        "viewer-film",
        "amara",
        IMAGES,
        "A film, frame by frame.",
        shows=WRITTEN,
        steps=look_at(FILM),
        has_images=True,
    ),
    Screen(
        "viewer-ecg",
        "amara",
        IMAGES,
        "An ECG on paper, with calipers.",
        shows=WRITTEN,
        steps=look_at(ECG, measure),
        has_images=True,
    ),
    Screen(
        "viewer-pages",
        "amara",
        IMAGES,
        "A page of a document, marked.",
        shows=WRITTEN,
        steps=look_at(PAGES, next_page),
        has_images=True,
    ),
)
