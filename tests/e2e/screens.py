"""The list of screens: a new page is one line more here, and its access is tested and its pictures are kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from playwright.sync_api import Page, expect

from server.demo import CASES
from tests.e2e.stage import Screen
from tests.e2e.still_server import BLANK

Said = Callable[[str], re.Pattern[str]]

RECORD = f"/cases/{next(case.id for case in CASES if case.key == 'thunderclap')}"
EMPTY = f"/cases/{BLANK.id}"
WRITTEN = "#summary .ProseMirror"


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


def open_role_menu(page: Page, said: Said) -> None:
    """What a member may become."""
    del said
    page.locator("aside .role-menu").nth(1).click()


def open_account(page: Page, said: Said) -> None:
    """The button in the application's bar."""
    del said
    page.locator("header [aria-haspopup=menu]").click()


def refuse_sign_in(page: Page, said: Said) -> None:
    """A wrong password."""
    page.locator("[name=email]").fill("amara@demo.example")
    page.locator("[name=password]").fill("not this one, surely")
    page.locator("form .primary").click()
    expect(page.get_by_role("alert")).to_be_visible()


SCREENS: Sequence[Screen] = (
    Screen("sign-in", None, "/", "Signing in."),
    Screen("sign-in-refused", None, "/", "A password that was not right.", steps=refuse_sign_in),
    Screen(
        "look", None, "/", "Language and appearance, before anybody has signed in.", steps=press("app.languageAndLook")
    ),
    Screen("cases", "amara", "/", "The cases of a clinician."),
    Screen("cases-moderator", "ingrid", "/", "The cases as a moderator sees them."),
    Screen("cases-empty", "stan", "/", "Somebody new has no case yet."),
    Screen("account", "amara", "/", "The account's menu.", steps=open_account),
    Screen("nothing", "amara", "/nowhere", "An address that leads nowhere."),
    Screen("case", "amara", RECORD, "A written case, with a colleague in it.", shows=WRITTEN, company=("jonas",)),
    Screen("case-empty", "jonas", EMPTY, "A case without a word yet.", shows=WRITTEN),
    Screen("case-reading", "rafael", RECORD, "The same case for somebody who may only read.", shows=WRITTEN),
    Screen(
        "head-editing",
        "amara",
        RECORD,
        "The head, written on a phone.",
        shows=WRITTEN,
        steps=press("head.edit"),
        only="phone",
    ),
    Screen("case-menu", "amara", RECORD, "What can be done with a case.", shows=WRITTEN, steps=press("case.actions")),
    Screen(
        "case-rename",
        "amara",
        RECORD,
        "Another title for a case.",
        shows=WRITTEN,
        steps=press_all("case.actions", "case.rename"),
    ),
    Screen(
        "case-conclude",
        "amara",
        RECORD,
        "A question before a case is concluded.",
        shows=WRITTEN,
        steps=press_all("case.actions", "case.conclude"),
        company=("jonas",),
    ),
    Screen(
        "people",
        "amara",
        RECORD,
        "Who is here and who belongs to the case, with somebody about to be added.",
        shows=WRITTEN,
        steps=press_all("people.count", "people.add"),
        company=("jonas",),
    ),
    Screen(
        "people-role",
        "amara",
        RECORD,
        "Another role for a member.",
        shows=WRITTEN,
        steps=open_role_menu,
        only="desktop",
    ),
)
