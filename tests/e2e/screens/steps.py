"""What is pressed and typed on more than one screen, once it is there."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from playwright.sync_api import Page, expect

from tests.e2e.screens.places import WRITTEN

Said = Callable[[str], re.Pattern[str]]


def press(key: str, role: str = "button") -> Callable[[Page, Said], object]:
    """Press what the page calls so."""

    def step(page: Page, said: Said) -> None:
        page.get_by_role(role, name=said(key)).first.click()  # type: ignore[arg-type]

    return step


def press_all(*keys: str) -> Callable[[Page, Said], object]:
    """One after the other: buttons, and then what a menu offers."""

    def steps(page: Page, said: Said) -> None:
        for key in keys:
            page.get_by_role("button", name=said(key)).or_(page.get_by_role("menuitem", name=said(key))).first.click()

    return steps


def keys(*combination: str) -> Callable[[Page, Said], object]:
    """Press keys, and wait for the dialog that they open."""

    def step(page: Page, said: Said) -> None:
        del said
        for each in combination:
            page.keyboard.press(each)
        expect(page.locator("dialog[open]")).to_be_visible()

    return step


def while_writing(*steps: Callable[[Page, Said], object]) -> Callable[[Page, Said], object]:
    """With the caret in the summary; nothing is typed, for all screens share one record."""

    def walk(page: Page, said: Said) -> None:
        page.locator(WRITTEN).click()
        for step in steps:
            step(page, said)

    return walk


def cover(texts: Mapping[str, str]) -> Callable[[Page, Said], object]:
    """Write other texts over what is not the same in every run: `{selector: text}`."""

    def step(page: Page, said: Said) -> None:
        del said
        for selector, text in texts.items():
            page.locator(selector).evaluate_all("(all, text) => all.forEach(each => (each.textContent = text))", text)

    return step
