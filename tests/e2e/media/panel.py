"""Images and files of a case, as a person has them on the page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Visitor
from tests.servers import wait_until

Visit = Callable[..., Visitor]
WORK_MS = 60_000
"""Sending, cleaning and making of small pictures, on a shared machine."""


def open_panel(visitor: Visitor) -> Locator:
    """Images and files, at the desk or on the phone."""
    page = visitor.page
    expect(visitor.section("Summary")).to_be_visible()  # or nothing of the page is there yet
    tab = page.get_by_role("tab", name="Images")
    (tab if tab.count() else page.get_by_role("button", name="Images", exact=True)).click()
    panel = page.get_by_role("tabpanel").or_(page.get_by_role("dialog", name="Images and files"))
    expect(panel).to_be_visible()
    return panel


def choose(visitor: Visitor, *files: Path) -> None:
    """Through the picker of the panel."""
    visitor.page.locator("[data-picker=files]").set_input_files(list(files))


def tiles(visitor: Visitor) -> Locator:
    """What stands in the gallery."""
    return visitor.page.locator("article:has(.picture)")


def drawn(picture: Locator, *, least: int = 1) -> None:
    """It came from the store, and is so many pixels wide."""
    expect(picture).to_be_visible()
    wait_until(lambda: picture.evaluate("each => each.naturalWidth") >= least, seconds=30, what="a picture")


def drop(page: Page, onto: str, name: str, content: bytes, kind: str) -> None:
    """Files come from outside of the page: a drop is made of the same events as one by hand."""
    page.evaluate(
        """([onto, name, bytes, type]) => {
            const data = new DataTransfer()
            data.items.add(new File([new Uint8Array(bytes)], name, { type }))
            const target = document.querySelector(onto)
            for (const kind of ['dragenter', 'dragover', 'drop'])
                target.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }))
        }""",
        [onto, name, list(content), kind],
    )
