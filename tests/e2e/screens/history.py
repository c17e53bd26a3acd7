"""Earlier versions, and who wrote what."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from playwright.sync_api import Page, expect

from tests.e2e.screens.places import EMPTY, RECORD, WITH_PAST, WRITTEN
from tests.e2e.screens.steps import Said, cover
from tests.e2e.stage import Screen


def open_versions(page: Page, said: Said) -> None:
    """The list: a tab at the desk, a sheet on the phone."""
    name = said("history.title")
    page.get_by_role("tab", name=name).or_(page.get_by_role("button", name=name)).first.click()
    expect(page.locator("ol button").first).to_be_visible()


def open_past(page: Page, said: Said) -> None:
    """By its key."""
    del said
    page.keyboard.press("Control+Shift+H")
    expect(page.locator(".cover h2").last).to_be_visible()


def compare_with_now(page: Page, said: Said) -> None:
    """Two sittings back."""
    open_past(page, said)
    for _ in range(2):
        page.get_by_role("button", name=said("history.previousVersion")).click()
    page.get_by_label(said("history.compare")).select_option("now")
    expect(page.locator(".cover del").last).to_be_visible()


def in_comparison(key: str) -> Callable[[Page, Said], object]:
    """Compare, and press what is offered there first."""

    def step(page: Page, said: Said) -> None:
        compare_with_now(page, said)
        page.get_by_role("button", name=said(key)).first.click()

    return step


def ask_who_wrote(page: Page, said: Said) -> None:
    """The caret in a paragraph of two people, and the key."""
    del said
    page.locator("#plan .ProseMirror p").nth(1).click()
    page.keyboard.press("Control+Shift+E")
    expect(page.locator("dialog li").first).to_be_visible()


def open_log(page: Page, said: Said) -> None:
    """Of one kind, which nothing on the still server adds to."""
    name = said("access.short")
    page.get_by_role("tab", name=name).or_(page.get_by_role("button", name=name)).first.click()
    expect(page.locator(".whole")).to_be_visible()
    page.locator("select.select").last.select_option("members")
    expect(page.locator(".days[aria-busy=false] ul li")).to_have_count(3)
    page.locator(".whole span").evaluate("each => { each.textContent = each.textContent.replace(/[0-9]+/, '60') }")
    cover({".what .who .hint": "09:41", ".days .day": "16 · 3 · 2026"})(page, said)


SCREENS: Sequence[Screen] = (
    Screen("log", "amara", RECORD, "Who saw and changed what.", shows=WRITTEN, steps=open_log),
    Screen("since", "amara", WITH_PAST, "What others changed since one last looked.", shows=".notice .button.quiet"),
    Screen("versions", "jonas", WITH_PAST, "Who wrote when, day by day.", shows=WRITTEN, steps=open_versions),
    Screen(
        "versions-compared",
        "jonas",
        WITH_PAST,
        "An earlier version compared with now: what came and went, and by whom.",
        shows=WRITTEN,
        steps=compare_with_now,
    ),
    Screen(
        "versions-name",
        "jonas",
        WITH_PAST,
        "Another name for a version.",
        shows=WRITTEN,
        steps=in_comparison("history.rename"),
    ),
    Screen(
        "versions-passages",
        "jonas",
        WITH_PAST,
        "Choosing passages to bring back.",
        shows=WRITTEN,
        steps=in_comparison("history.choosePassages"),
    ),
    Screen(
        "versions-restore",
        "jonas",
        WITH_PAST,
        "What a restored section would change.",
        shows=WRITTEN,
        steps=in_comparison("history.restoreSection"),
    ),
    Screen("versions-empty", "jonas", EMPTY, "No version yet.", shows=WRITTEN, steps=open_past),
    Screen("who-wrote", "jonas", WITH_PAST, "Who wrote a paragraph.", shows=WRITTEN, steps=ask_who_wrote),
)
