"""The administration in the page: people from invitation to deactivation, settings and storage."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import PHONE, Visitor
from tests.servers import People, RunningServer, Someone, add_person, start_server

Visit = Callable[..., Visitor]
BETTER = "otter umbrella granite Tuesday"
SECRET = "the mail server's password"


@pytest.fixture
def people(people_apart: People) -> People:
    """With their server."""
    return people_apart


@pytest.fixture
def server(tmp_path: Path, people: People) -> Iterator[RunningServer]:
    """A server with a secret among its settings."""
    del people
    with start_server(tmp_path / "data", {"CONSILIUM_SMTP_PASSWORD": SECRET}) as running:
        yield running


@pytest.fixture
def root(server: RunningServer) -> Someone:
    return add_person(server.data, "root@example.org", "Ruth Admin", standing="admin")


def invite(page: Page, who: Someone, taken: str) -> str:
    """Fill in the form, first with an address that somebody has; the link, as the button copied it."""
    page.get_by_role("button", name="Add somebody").click()
    form = page.get_by_role("dialog", name="Add somebody")
    form.get_by_label("Name").fill(who.name)
    form.get_by_label("E-mail").fill(taken)
    form.get_by_role("button", name="Add and make the link").click()
    expect(form.get_by_text("Somebody already has this e-mail address.")).to_be_visible()
    form.get_by_label("E-mail").fill(who.email)
    form.get_by_role("button", name="Add and make the link").click()
    handed = page.get_by_role("dialog", name=f"Link for {who.name}")
    link = handed.get_by_label("Link", exact=True).input_value()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    handed.get_by_role("button", name="Copy the link").click()
    expect(handed.get_by_text("Copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == link
    handed.get_by_role("button", name="Done").click()
    return link


def look_after(page: Page, server: RunningServer) -> None:
    """Another standing and a link to hand over, and both are there in the list."""
    page.get_by_label("Standing").select_option("moderator")
    expect(page.get_by_text("Dr Noor Haddad is now: Moderator.")).to_be_visible()
    page.get_by_role("button", name="Make a link for a new password").click()
    expect(page.get_by_label("Link", exact=True)).to_have_value(re.compile(f"^{server.url}/reset#"))
    page.get_by_role("dialog").get_by_role("button", name="Done").click()
    page.get_by_role("link", name="All people").click()
    expect(page.get_by_role("link", name=re.compile("Noor.*Moderator"))).to_be_visible()


def test_somebody_is_invited_signed_out_and_deactivated(visit: Visit, server: RunningServer, root: Someone) -> None:
    """[ACC-21] [ACC-26] [ACC-17] [ACC-22] From the admin's form by a link to a first sign-in; what the admin ends, ends
    on the open page."""
    admin = visit(root)
    page = admin.page
    page.get_by_role("button", name="Account").click()
    page.get_by_role("menuitem", name="Administration").click()
    noor = Someone("", "noor@example.org", "Dr Noor Haddad", "")
    link = invite(page, noor, taken=root.email)

    guest = visit(noor, size=PHONE, signs_in=False)
    guest.go(link.removeprefix(server.url))
    expect(guest.page.get_by_text("Dr Noor Haddad")).to_be_visible()
    guest.page.get_by_label("New password").fill(BETTER)
    guest.page.keyboard.press("Enter")
    expect(guest.page.get_by_role("heading", name="My cases")).to_be_visible()

    page.get_by_label("Find people").fill("haddad noor")
    expect(page.get_by_role("list", name="People").get_by_role("listitem")).to_have_count(1)
    page.get_by_role("link", name=re.compile("Noor")).click()
    expect(page.get_by_role("heading", level=1, name="Dr Noor Haddad")).to_be_focused()
    page.get_by_role("button", name="Sign out there").click()
    expect(guest.page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(page.get_by_text("Signed in nowhere.")).to_be_visible()
    guest.sign_in(BETTER)

    page.get_by_role("button", name="Deactivate").click()
    page.get_by_role("dialog").get_by_role("button", name="Deactivate").click()
    expect(page.get_by_text("Dr Noor Haddad is deactivated.")).to_be_visible()
    expect(guest.page.get_by_role("heading", name="Sign in")).to_be_visible()
    guest.page.get_by_label("E-mail").fill(noor.email)
    guest.page.get_by_label("Password").fill(BETTER)
    guest.page.get_by_role("button", name="Sign in").click()
    expect(guest.page.get_by_role("alert")).to_be_visible()
    page.get_by_role("button", name="Reactivate").click()
    expect(page.get_by_role("button", name="Deactivate")).to_be_visible()
    guest.sign_in(BETTER)
    look_after(page, server)


def test_the_last_admin_stays_and_secrets_are_hidden(
    visit: Visit, server: RunningServer, root: Someone, people: People
) -> None:
    """[ACC-26] [ACC-20] [ACC-18] [ACC-19] [ACC-16] Why is told; settings without secrets, storage without titles, and
    nothing for others."""
    title = "Painless haematuria"
    case = server.create_case(people.lead, title)
    admin = visit(root)
    page = admin.page
    page.goto(f"{server.url}/admin/people/{root.id}")
    standing = page.get_by_label("Standing")
    standing.select_option("clinician")
    page.get_by_role("dialog").get_by_role("button", name="Give it up").click()
    expect(page.get_by_role("alert")).to_contain_text("This is the last active administrator.")
    expect(standing).to_have_value("admin")
    page.get_by_role("button", name="Deactivate").click()
    page.get_by_role("dialog").get_by_role("button", name="Deactivate").click()
    expect(page.get_by_role("alert")).to_contain_text("This is the last active administrator.")

    page.get_by_role("link", name="Settings").click()
    terms = page.get_by_role("term")
    expect(terms.filter(has_text="CONSILIUM_HOST")).to_be_visible()
    page.get_by_label("Only those that were set").check()
    page.get_by_label("Find settings").fill("smtp")
    expect(terms).to_have_text(["CONSILIUM_SMTP_PASSWORD"])
    expect(page.get_by_role("definition").first).to_have_text("Set, and hidden")
    assert SECRET not in page.content()
    page.get_by_label("Find settings").fill("no such thing")
    page.get_by_role("button", name="Show all").click()
    expect(terms.filter(has_text="CONSILIUM_SMTP_PORT")).to_be_visible()

    page.get_by_role("link", name="Storage").click()
    expect(page.get_by_role("row", name=re.compile(case))).to_be_visible()
    page.get_by_role("button", name="Documents").click()
    expect(page.get_by_role("columnheader", name="Documents")).to_have_attribute("aria-sort", "descending")
    page.get_by_role("button", name="Documents").click()
    expect(page.get_by_role("columnheader", name="Documents")).to_have_attribute("aria-sort", "ascending")
    assert title not in page.content()

    ada = visit(people.lead, size=PHONE)
    ada.page.get_by_role("button", name="Account").click()
    expect(ada.page.get_by_role("menuitem", name="Profile")).to_be_visible()
    expect(ada.page.get_by_role("menuitem", name="Administration")).to_have_count(0)
    ada.go("/admin/people")
    expect(ada.page.get_by_role("heading", name="Nothing here")).to_be_visible()
