"""A case: its record, its people and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence

from playwright.sync_api import Page

from tests.e2e.screens.places import EMPTY, RECORD, WRITTEN
from tests.e2e.screens.steps import Said, press, press_all
from tests.e2e.stage import Screen


def ask_what_it_means(page: Page, said: Said) -> None:
    """The line about saving, once it is at rest."""
    line = page.get_by_role("status").get_by_role("button", name=said("status.saved"))
    line.click()


def open_role_menu(page: Page, said: Said) -> None:
    """What a member may become."""
    del said
    page.locator("aside .role-menu").nth(1).click()


SCREENS: Sequence[Screen] = (
    Screen("case", "amara", RECORD, "A written case, with a colleague in it.", shows=WRITTEN, company=("jonas",)),
    Screen(
        "status",
        "amara",
        RECORD,
        "What the line about saving means, and the choice to keep copies on this device.",
        shows=WRITTEN,
        steps=ask_what_it_means,
    ),
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
