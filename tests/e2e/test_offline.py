"""Working without a network: what is kept on the device, for whom, and for how long; nothing lost, nothing doubled."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.conftest import PHONE, Visitor
from tests.e2e.devices import Held, held_by
from tests.servers import PASSWORD, People, RunningServer, Someone, add_person

Visit = Callable[..., Visitor]


def keep_copies(visitor: Visitor) -> None:
    """Say yes to the question, and wait until this device has the page and the case."""
    visitor.page.get_by_role("button", name="Keep copies", exact=True).click()
    expect(visitor.page.get_by_role("region", name="Offline copies")).not_to_be_attached()
    visitor.page.evaluate("navigator.serviceWorker.ready.then(() => true)")


def test_a_tab_closed_offline_is_there_again_after_a_cold_start(
    visit: Visit, server: RunningServer, people: People
) -> None:
    """[OFF-3] [OFF-8] Typed offline, the tab closed, opened again with the server dead: listed, readable, writable, and
    saved once when the server is back."""
    case = people.open_case(server)
    ada = visit(people.lead)
    ada.open_case(case)
    keep_copies(ada)
    ada.write("Summary", "Saved before. ")
    expect(ada.status).to_contain_text("Saved")
    server.kill()
    ada.write("Summary", "Typed offline. ")
    expect(ada.status).to_contain_text(re.compile(r"Offline: \d+ changes kept on this device"))
    ada.picture("offline-kept-on-device")
    context = ada.page.context
    ada.page.close()
    ada.tab = context.new_page()
    ada.page.goto(server.url)
    kept = ada.page.get_by_role("list", name="Cases on this device")
    expect(kept).to_contain_text("A case")
    expect(kept).to_contain_text("not saved yet")
    ada.picture("offline-list")
    kept.get_by_role("link").click()
    expect(ada.section("Summary")).to_have_text("Saved before. Typed offline. ")
    expect(ada.status).to_contain_text(re.compile(r"Offline: \d+ changes kept on this device"))
    ada.write("Summary", "After the cold start.")
    server.start()
    expect(ada.status).to_contain_text("Saved", timeout=45_000)
    whole = "Saved before. Typed offline. After the cold start."
    expect(ada.section("Summary")).to_have_text(whole)
    grace = visit(people.contributor, size=PHONE)
    grace.open_case(case)
    expect(grace.section("Summary")).to_have_text(whole)


def until(page: Page, holds: Callable[[Held], bool]) -> Held:
    """Wait until the browser keeps what it should."""
    held = held_by(page)
    for _ in range(150):
        if holds(held):
            return held
        page.wait_for_timeout(100)
        held = held_by(page)
    raise AssertionError(held)


def sign_in_by_link(page: Page, server: RunningServer, admin: Someone, someone: Someone) -> None:
    """Somebody follows a link that an admin has handed them, chooses a password, and is signed in."""
    answer = server.request("POST", f"/api/admin/people/{someone.id}/reset-link", admin.token, {})
    assert answer.status == 201, answer
    page.goto(f"{server.url}{answer.json()['link']}")
    page.locator("[name=new-password]").fill("otter umbrella granite Tuesday")
    page.locator("form .primary").click()
    expect(page.get_by_role("heading", name="My cases")).to_be_visible()


def leave_and_let_in(page: Page, who: Someone, other: Someone) -> None:
    """One signs out, another signs in."""
    page.get_by_role("button", name=re.compile(re.escape(who.name))).click()
    page.get_by_role("menuitem", name="Sign out").click()
    page.get_by_label("E-mail").fill(other.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def begin_keeping(visitor: Visitor, case: str, words: str) -> None:
    """Open a case, keep it, and write something that is saved and kept."""
    visitor.open_case(case)
    keep_copies(visitor)
    visitor.write("Summary", words)
    expect(visitor.status).to_have_text("Saved")


def test_copies_are_asked_for_sealed_and_gone_after_signing_out(
    visit: Visit, server: RunningServer, people: People
) -> None:
    """[OFF-4] [OFF-5] [OFF-9] Off until somebody says yes; a no is kept; nothing that is kept can be read without the
    key, nor can the key; no answer of the API is in a cache; signing out leaves nothing."""
    case = server.create_case(people.lead, "Rash after Lisbon")
    ada = visit(people.lead)
    ada.open_case(case)
    ada.write("Summary", "Petechiae. ")
    expect(ada.status).to_have_text("Saved")
    assert held_by(ada.page).is_nothing
    ada.page.get_by_role("button", name="Not on this device").click()
    expect(ada.page.get_by_role("region", name="Offline copies")).not_to_be_attached()
    ada.page.reload()
    expect(ada.section("Summary")).to_have_text("Petechiae. ")
    expect(ada.status).to_have_text("Saved")
    expect(ada.page.get_by_role("region", name="Offline copies")).not_to_be_attached()
    assert held_by(ada.page).is_nothing

    ada.status.get_by_role("button").click()
    ada.page.get_by_role("checkbox", name="Keep offline copies on this device").check()
    ada.page.keyboard.press("Escape")
    ada.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    ada.write("Summary", "Platelets 9.")
    expect(ada.status).to_have_text("Saved")
    held = until(ada.page, lambda held: held.updates > 0 and held.facts > 1 and "/index.html" in held.cached)
    assert held.sealed >= held.updates + held.facts
    texts = held_by(ada.page, words=True).texts
    for secret in ("Petechiae", "Platelets", "Lisbon", people.lead.email, "Lovelace", "a key that can be read"):
        assert secret not in texts
    assert not [path for path in held.cached if path.startswith(("/api", "/collab", "/yjs", "/cases"))]

    ada.page.get_by_role("button", name=re.compile("Account")).click()
    ada.page.get_by_role("menuitem", name="Sign out").click()
    expect(ada.page.get_by_label("E-mail")).to_be_visible()
    until(ada.page, lambda held: held.is_nothing)


def test_copies_go_with_a_revoked_sign_in_and_with_lost_access(
    visit: Visit, server: RunningServer, people: People
) -> None:
    """[OFF-5] Removed from one case: its copies go, the other's stay. Signed out from elsewhere: all go, also what was
    open; the words that were not saved are saved after signing in again."""
    lost, kept = people.open_case(server), people.open_case(server)
    grace = visit(people.contributor)
    begin_keeping(grace, kept, "Stays. ")
    grace.open_case(lost)
    grace.write("Summary", "Goes. ")
    expect(grace.status).to_have_text("Saved")
    both = until(grace.page, lambda held: held.facts == 3)
    server.set_member(lost, people.lead, people.contributor, "none")
    expect(grace.status).to_contain_text("You no longer have access")
    one = until(grace.page, lambda held: held.facts == 2)
    assert 0 < one.updates < both.updates

    grace.open_case(kept)
    expect(grace.status).to_have_text("Saved")
    server.kill()
    grace.write("Summary", "On the train.")
    expect(grace.status).to_contain_text("kept on this device")
    server.start()  # and before the page is back:
    grace.page.context.set_offline(True)
    assert server.request("DELETE", "/api/me/sign-ins", people.contributor.token).status == 200
    grace.page.context.set_offline(False)
    dialog = grace.page.get_by_role("dialog", name="Sign in again")
    expect(dialog).to_be_visible(timeout=45_000)
    until(grace.page, lambda held: held.is_nothing)
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Sign in again").click()
    expect(grace.status).to_have_text("Saved", timeout=45_000)
    expect(grace.section("Summary")).to_have_text("Stays. On the train.")
    ada = visit(people.lead)
    ada.open_case(kept)
    expect(ada.section("Summary")).to_have_text("Stays. On the train.")


def test_copies_are_gone_after_their_time_and_shut_while_the_clock_is_wrong(
    visit: Visit, server: RunningServer, people: People
) -> None:
    """[OFF-7] Set back by a day: closed until the server is there. Four days ahead, without the server: removed."""
    case = people.open_case(server)
    ada = visit(people.lead)
    begin_keeping(ada, case, "Kept for a while.")
    context = ada.page.context
    ada.page.close()
    server.kill()

    def start_cold(hours: int) -> Page:
        page = context.new_page()
        page.add_init_script(f"{{ const real = Date.now; Date.now = () => real() + {hours} * 36e5 }}")
        page.goto(server.url)
        return page

    back = start_cold(-24)
    expect(back.get_by_text("The clock of this device was set back")).to_be_visible()
    expect(back.get_by_text("A case")).not_to_be_attached()
    assert held_by(back).vaults == 1
    back.close()
    right = start_cold(0)
    expect(right.get_by_role("list", name="Cases on this device")).to_contain_text("A case")
    right.close()
    late = start_cold(24 * 4)
    expect(late.get_by_text("has not reached the server for too long")).to_be_visible()
    held = until(late, lambda held: held.vaults == 0)
    assert (held.updates, held.facts) == (0, 0)


def goes_on_for_nobody(ada: Visitor) -> None:
    """Her tab asks for her password, keeps what she writes, and goes on once it has it."""
    again = ada.page.get_by_role("dialog", name="Sign in again")
    expect(again).to_be_visible(timeout=45_000)
    ada.page.keyboard.press("Escape")
    ada.write("Summary", "Ada, later. ")
    expect(ada.status).to_contain_text("kept in this tab")
    ada.page.get_by_role("button", name="Sign in again").click()
    again.get_by_label("Password").fill(PASSWORD)
    again.get_by_role("button", name="Sign in again").click()
    expect(ada.status).to_have_text("Saved", timeout=45_000)
    until(ada.page, lambda held: held.updates > 0 and "/index.html" in held.cached)


def test_a_tab_goes_on_for_nobody_when_somebody_else_signs_in(
    visit: Visit, server: RunningServer, people: People
) -> None:
    """[OFF-10] [AUT-7] Somebody signs in where Ada has a case open: her tab asks for her password and writes in the
    name of nobody; what she kept is gone from the device, and what she writes is saved when she is back."""
    case = people.open_case(server)
    admin = add_person(server.data, people.lead.email.replace("ada@", "root@"), "Root", standing="admin")
    ada = visit(people.lead)
    begin_keeping(ada, case, "Ada, saved. ")
    page = ada.page.context.new_page()
    sign_in_by_link(page, server, admin, people.stranger)
    until(page, lambda held: (held.updates, held.facts) == (0, 0))
    goes_on_for_nobody(ada)
    expect(ada.section("Summary")).to_have_text("Ada, saved. Ada, later. ")
    assert all(people.lead.id in str(entry["author"]) for entry in server.history(people.lead, case))


def test_nobody_sees_the_copies_of_who_was_there_before(visit: Visit, server: RunningServer, people: People) -> None:
    """[OFF-10] Words of Ada's never reached the server when somebody else signs in in her browser. They are shown
    nothing of hers, with and without a network; her words are saved when she is back."""
    case = people.open_case(server)
    admin = add_person(server.data, people.lead.email.replace("ada@", "root@"), "Root", standing="admin")
    ada = visit(people.lead)
    begin_keeping(ada, case, "Ada, saved. ")
    server.kill()
    ada.write("Summary", "Ada, not yet.")
    expect(ada.status).to_contain_text("kept on this device")
    page = ada.page.context.new_page()
    ada.page.close()
    server.start()
    sign_in_by_link(page, server, admin, people.stranger)
    held = until(page, lambda held: held.facts == 0)
    assert held.updates > 0
    server.kill()
    page.goto(server.url)
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    expect(page.get_by_text("A case", exact=True)).not_to_be_attached()
    server.start()
    page.goto(server.url)
    expect(page.get_by_role("heading", name="My cases")).to_be_visible()
    expect(page.get_by_text("A case", exact=True)).not_to_be_attached()
    assert "Ada, not yet" not in held_by(page).texts
    leave_and_let_in(page, people.stranger, people.lead)

    expect(page.get_by_role("complementary", name="Not saved yet")).to_contain_text("A case")
    page.get_by_role("link", name="Open it to save").click()
    ada.tab = page
    expect(ada.status).to_have_text("Saved", timeout=45_000)
    expect(ada.section("Summary")).to_have_text("Ada, saved. Ada, not yet.")
    assert all(people.lead.id in str(entry["author"]) for entry in server.history(people.lead, case))
