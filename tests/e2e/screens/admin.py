"""What an admin sees."""

from __future__ import annotations

import re
from collections.abc import Sequence

from playwright.sync_api import Page, expect

from tests.e2e.screens.places import SOMEBODY
from tests.e2e.screens.steps import Said, cover, press
from tests.e2e.stage import Screen


def invite(page: Page, said: Said) -> None:
    """Add somebody, as far as the form goes: the still server's people stay as they are."""
    press("admin.add")(page, said)
    page.locator("dialog [name=name]").fill("Dr Noor Haddad")
    page.locator("dialog [name=email]").fill("noor@demo.example")


def hand_over(page: Page, said: Said) -> None:
    """A link, with its secret covered: it is another one in every picture."""
    press("admin.resetLink")(page, said)
    box = page.locator("dialog input")
    expect(box).to_have_value(re.compile("/reset#"))
    box.evaluate("each => each.value = 'https://consilium.example/reset#8Qm3…'")


def only_accounts(page: Page, said: Said) -> None:
    """Of one kind, which nothing on the still server adds to."""
    page.locator("main select").last.select_option("accounts")
    expect(page.locator(".days")).to_have_attribute("aria-busy", "false")
    page.locator(".whole span").evaluate("each => { each.textContent = each.textContent.replace(/[0-9]+/, '260') }")
    cover({"main .who .hint": "09:41", "main .day": "16 · 3 · 2026"})(page, said)


SCREENS: Sequence[Screen] = (
    Screen(
        "admin-people",
        "sam",
        "/admin/people",
        "Everybody with an account.",
        shows="main li",
        steps=cover({"main li a > :last-child": "16 Mar 2026"}),
    ),
    Screen("admin-nobody", "sam", "/admin/people?find=nobody", "Nobody has that name.", shows="main h2"),
    Screen("admin-add", "sam", "/admin/people", "Adding somebody.", shows="main li", steps=invite),
    Screen("admin-person", "sam", SOMEBODY, "One account.", shows="main h2"),
    Screen("admin-link", "sam", SOMEBODY, "A link to hand over.", shows="main h2", steps=hand_over),
    Screen(
        "admin-settings",
        "sam",
        "/admin/settings",
        "Settings in effect.",
        shows="main dt",
        steps=cover({"dt:has-text('_DATA') + dd > code": "/srv/consilium", "dt:has-text('_PORT') + dd > code": "8000"}),
    ),
    Screen(
        "admin-storage",
        "sam",
        "/admin/storage",
        "What the store holds.",
        shows="main td",
        steps=cover(
            {
                "main dd": "28",
                "main dd.hint": "15.1 kB",
                "main dl > :first-child dd": "270.3 kB",
                "main td": "14",
                "main td:nth-child(2)": "7.7 kB",
            }
        ),
    ),
    Screen("admin-log", "sam", "/admin/log", "What happened in the house.", shows="main ol li", steps=only_accounts),
)
