"""Signing in, passwords, and who one is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from io import BytesIO

from PIL import Image
from playwright.sync_api import Page, expect

from tests.e2e.screens.places import person
from tests.e2e.screens.steps import Said, press
from tests.e2e.stage import Screen


def refuse_sign_in(page: Page, said: Said) -> None:
    """A wrong password."""
    page.locator("[name=email]").fill("amara@demo.example")
    page.locator("[name=password]").fill("not this one, surely")
    page.locator("form .primary").click()
    expect(page.get_by_role("alert")).to_be_visible()


def choose_password(page: Page, said: Said) -> None:
    """Something that is quickly guessed."""
    del said
    page.locator("[name=new-password]").fill("Password1")
    expect(
        page.locator("[name=new-password]").locator("xpath=ancestor::form").get_by_role("status").first
    ).to_contain_text(re.compile(r"\w"))


def choose_picture(page: Page, said: Said) -> None:
    """A picture that is looked at before it is kept."""
    drawn = BytesIO()
    Image.linear_gradient("L").resize((600, 400)).convert("RGB").save(drawn, "PNG")
    page.locator("input[type=file]").set_input_files(
        {"name": "me.png", "mimeType": "image/png", "buffer": drawn.getvalue()}
    )
    expect(page.get_by_role("button", name=said("account.usePicture"))).to_be_visible()


def follow_reset_link(page: Page, said: Said) -> None:
    """An admin's link for somebody who never signs in here, and a password that will do."""
    path = f"/api/admin/people/{person('meihua')}/reset-link"
    link = page.evaluate(
        """async path => (await (await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' },
            body: '{}' })).json()).link""",
        path,
    )
    page.evaluate("link => { location.hash = new URL(link, location.origin).hash }", link)
    box = page.locator("[name=new-password]")
    box.fill("otter umbrella granite Tuesday")
    expect(page.get_by_text(said("sign.strength.4"))).to_be_visible()


SCREENS: Sequence[Screen] = (
    Screen("sign-in", None, "/", "Signing in."),
    Screen("sign-in-refused", None, "/", "A password that was not right.", steps=refuse_sign_in),
    Screen(
        "look", None, "/", "Language and appearance, before anybody has signed in.", steps=press("app.languageAndLook")
    ),
    Screen("forgot", None, "/forgot-password", "A forgotten password, where the server sends no mail.", shows="main a"),
    Screen("reset-spent", None, "/reset#used-up", "A link that was used before.", shows="main [role=alert]"),
    Screen(
        "reset",
        "sam",
        "/reset",
        "Choosing a password by a link, as an invitation does too.",
        shows="main [role=alert]",
        steps=follow_reset_link,
    ),
    Screen("profile", "amara", "/profile", "Who one is to colleagues, and the language."),
    Screen("profile-picture", "jonas", "/profile", "A picture, before it is shown to others.", steps=choose_picture),
    Screen("security", "amara", "/security", "The password, and where one is signed in.", shows="main li"),
    Screen("security-weak", "jonas", "/security", "A password that is quickly guessed.", steps=choose_password),
)
