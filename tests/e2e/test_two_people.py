"""Two clinicians write one case in two real browsers."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.conftest import PHONE, Visitor
from tests.servers import People, RunningServer

Visit = Callable[..., Visitor]


def test_two_people_write_one_case(visit: Visit, server: RunningServer, people: People) -> None:
    """[ROOM-7] [ROOM-15] [PAGE-1] What one types the other reads, in both directions; both are told that it is
    saved."""
    case = people.open_case(server)
    ada, grace = visit(people.lead), visit(people.contributor, size=PHONE, dark=True)
    ada.open_case(case)
    grace.open_case(case)
    ada.write("Summary", "Sudden headache, day nine. 突然 🫀 ñ")
    expect(grace.section("Summary")).to_contain_text("Sudden headache, day nine. 突然 🫀 ñ")
    grace.write("Summary", " CT normal.")
    expect(ada.section("Summary")).to_contain_text("Sudden headache, day nine. 突然 🫀 ñ CT normal.")
    grace.write("Plan", "Repeat the angiogram.")
    expect(ada.section("Plan")).to_contain_text("Repeat the angiogram.")
    for visitor in (ada, grace):
        expect(visitor.status).to_contain_text("Saved")
    ada.picture("two-people-desktop-light")
    grace.picture("two-people-phone-dark")
    ada.page.reload()
    expect(ada.section("Summary")).to_contain_text("day nine. 突然 🫀 ñ CT normal.")


def test_each_sees_who_is_here_and_where(visit: Visit, server: RunningServer, people: People) -> None:
    """[AWR-1] [PAGE-2] Names and roles of those present, a named cursor that is no text, and its going when its owner
    goes."""
    case = people.open_case(server)
    ada, grace = visit(people.lead), visit(people.contributor)
    ada.open_case(case)
    grace.open_case(case)
    here = ada.page.get_by_role("region", name="Here now")
    expect(here).to_contain_text("Grace Hopper")
    expect(here).to_contain_text("Contributor")
    grace.write("Impression", "RCVS")
    cursor = ada.section("Impression").locator('[data-name="Grace Hopper"]')
    expect(cursor).to_be_attached()
    expect(ada.section("Impression")).to_have_text("RCVS")
    ada.picture("named-cursor")
    grace.page.close()
    expect(here).not_to_contain_text("Grace Hopper")
    expect(cursor).not_to_be_attached()


def test_undo_takes_back_only_ones_own_words(visit: Visit, server: RunningServer, people: People) -> None:
    """[PAGE-3] Undo is per person."""
    case = people.open_case(server)
    ada, grace = visit(people.lead), visit(people.contributor)
    ada.open_case(case)
    grace.open_case(case)
    ada.write("Plan", "Stop the drug. ")
    expect(grace.section("Plan")).to_contain_text("Stop the drug.")
    grace.write("Plan", "Call neurology.")
    expect(ada.section("Plan")).to_contain_text("Call neurology.")
    ada.section("Plan").click()
    ada.page.keyboard.press("Control+z")
    for visitor in (ada, grace):
        expect(visitor.section("Plan")).to_contain_text("Call neurology.")
        expect(visitor.section("Plan")).not_to_contain_text("Stop the drug.")
    ada.page.keyboard.press("Control+Shift+z")
    expect(grace.section("Plan")).to_contain_text("Stop the drug.")


def test_an_observer_reads_and_cannot_write(visit: Visit, server: RunningServer, people: People) -> None:
    """[ROOM-4] [PAGE-4] The page of one who may not write says so and takes no text."""
    case = people.open_case(server)
    ada, olu = visit(people.lead), visit(people.observer, size=PHONE)
    ada.open_case(case)
    ada.write("Summary", "Visible to all")
    olu.open_case(case)
    expect(olu.section("Summary")).to_contain_text("Visible to all")
    expect(olu.status).to_contain_text("Read-only")
    expect(olu.section("Summary")).not_to_be_editable()
    olu.picture("observer-phone-light")


def test_a_case_can_be_opened_from_an_empty_list(visit: Visit, server: RunningServer, people: People) -> None:
    """[PAGE-5] The empty list says what to do next; a case that is opened there can be written at once."""
    stan = visit(people.stranger)
    stan.picture("empty-list")
    stan.page.get_by_role("button", name="Open a case").first.click()
    stan.page.get_by_label("Title").fill("Fever after travel")
    stan.page.keyboard.press("Enter")
    expect(stan.page.get_by_role("heading", name="Fever after travel")).to_be_visible()
    stan.write("Summary", "Day four.")
    expect(stan.status).to_contain_text("Saved")
    assert server.get("/api/cases", people.stranger.token).json()["cases"] != []


def test_a_wrong_password_is_told_and_nothing_more(visit: Visit, server: RunningServer, people: People) -> None:
    """[AUT-1] [PAGE-6] A failed sign-in says so in words."""
    ada = visit(people.lead)
    ada.page.get_by_role("button", name="Account").click()
    ada.page.get_by_role("menuitem", name="Sign out").click()
    ada.page.get_by_label("E-mail").fill(people.lead.email)
    ada.page.get_by_label("Password").fill("not this one, surely")
    ada.page.get_by_role("button", name="Sign in").click()
    expect(ada.page.get_by_role("alert")).to_be_visible()
    ada.picture("sign-in-refused")
