"""The lists of cases, the search, and how a case begins."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from playwright.sync_api import Page, expect

from tests.e2e.screens.steps import Said, press
from tests.e2e.stage import Screen


def until_read(page: Page, said: Said) -> None:
    """Records are read a moment after the server has started; the list sees it when one comes back to it."""
    del said
    page.wait_for_function(
        """() => {
            document.dispatchEvent(new Event('visibilitychange'))
            return document.querySelector('.overdue') !== null
        }""",
        polling=500,
    )


def look_for(question: str, shows: str) -> Callable[[Page, Said], object]:
    """Type into the search, and wait for what comes of it."""

    def step(page: Page, said: Said) -> None:
        until_read(page, said)
        page.get_by_role("searchbox").fill(question)
        expect(page.locator(shows).first).to_be_visible()

    return step


def begin_case(page: Page, said: Said) -> None:
    """A new case, with the first template."""
    press("cases.create")(page, said)
    page.get_by_role("dialog").get_by_role("textbox").fill("Fever and rash after travel")
    page.get_by_role("dialog").get_by_role("radio").nth(1).check()
    expect(page.locator(".preview section:visible").first).to_be_visible()


def open_account(page: Page, said: Said) -> None:
    """The button in the application's bar."""
    del said
    page.locator("header [aria-haspopup=menu]").click()


SCREENS: Sequence[Screen] = (
    Screen("cases", "amara", "/", "The cases of a clinician.", steps=until_read),
    Screen("cases-act", "amara", "/?tab=act", "What waits for a clinician."),
    Screen("cases-no-hit", "amara", "/?state=archived&role=observer", "Filters that leave nothing."),
    Screen("cases-filters", "amara", "/", "The filters on a phone.", steps=press("cases.filters"), only="phone"),
    Screen("search", "amara", "/", "What was found, and where.", steps=look_for("VENTRICÚLAR tachy", "mark")),
    Screen("search-none", "amara", "/", "Nothing was found.", steps=look_for("xylophone", "main .card h2")),
    Screen("new-case", "amara", "/", "How a case begins.", steps=begin_case),
    Screen("cases-moderator", "ingrid", "/", "The cases as a moderator sees them."),
    Screen("cases-empty", "stan", "/", "Somebody new has no case yet."),
    Screen("account", "amara", "/", "The account's menu.", steps=open_account),
    Screen("nothing", "amara", "/nowhere", "An address that leads nowhere."),
)
