"""The people in a case: who is here and where, who belongs to it, and what happens when that changes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

from playwright.sync_api import Locator, expect

from tests.e2e.conftest import PHONE, Visitor
from tests.e2e.test_head import agree, choose, head, take_back
from tests.servers import People, RunningServer, Someone, wait_until

Visit = Callable[..., Visitor]


def members(visitor: Visitor) -> Locator:
    """The list of who belongs to the case."""
    return visitor.page.get_by_role("list", name="Members")


def give(visitor: Visitor, someone: Someone, role: str) -> None:
    """Choose another role for somebody, or `Remove`."""
    visitor.page.get_by_role("button", name=re.compile(f"^Role of {someone.name}")).click()
    kind: Literal["menuitem", "menuitemradio"] = "menuitem" if role.startswith("Remove") else "menuitemradio"
    visitor.page.get_by_role(kind, name=re.compile(f"^{role}")).click()


def test_who_is_here_and_where(visit: Visit, server: RunningServer, people: People) -> None:
    """[HEAD-10] A press on somebody's place leads there; coming and going is said, politely."""
    case = people.open_case(server)
    ada, grace = visit(people.lead), visit(people.contributor)
    ada.open_case(case)
    here = ada.page.get_by_role("region", name="Here now")
    expect(here).to_contain_text("Ada Lovelace (you)")
    expect(here).to_contain_text("Nobody else has this case open.")
    expect(ada.status).to_contain_text("Saved")
    settled = float(ada.page.evaluate("performance.now()")) + 2000  # who comes before that was here already
    wait_until(lambda: ada.page.evaluate("performance.now()") > settled, seconds=30, what="the page to settle")
    grace.open_case(case)
    spoken = ada.page.locator("p[aria-live=polite].unseen")
    expect(spoken).to_have_text("Grace Hopper joined.")
    grace.page.get_by_role("button", name="Outcome", exact=True).first.click()
    grace.write("Outcome", "Well.")
    place = here.get_by_role("button", name=re.compile("Grace Hopper.*Outcome"))
    place.click()
    expect(ada.section("Outcome")).to_be_in_viewport()
    expect(ada.page.get_by_role("heading", name="Outcome")).to_be_focused()
    grace.page.keyboard.press("Alt+Shift+0")
    expect(here.get_by_role("button", name=re.compile("Grace Hopper.*At a glance"))).to_be_visible()
    grace.page.close()
    expect(spoken).to_have_text("Grace Hopper left.")
    expect(here).not_to_contain_text("Grace Hopper")


def test_roles_change_live(visit: Visit, server: RunningServer, people: People) -> None:
    """[HEAD-9] [HEAD-11] [PAGE-8] [CAS-2] A role is given, taken back, and a member removed and put back; the last lead
    stays one."""
    case = people.open_case(server)
    told = {"profession": "Physician", "specialty": "Neurology"}
    assert server.request("PATCH", "/api/me", people.contributor.token, told).status == 200
    ada, grace = visit(people.lead), visit(people.contributor, size=PHONE)
    ada.open_case(case)
    grace.open_case(case)
    head(ada).get_by_label("Next", exact=True).fill("MR angiogram")
    expect(head(grace)).to_contain_text("MR angiogram")
    expect(members(ada)).to_contain_text("Physician · Neurology")
    give(ada, people.contributor, "Observer")
    expect(grace.page.get_by_text("You are now an observer: you can read this case")).to_be_visible()
    expect(grace.section("Plan")).not_to_be_editable()
    expect(ada.page.get_by_text("Grace Hopper is now Observer.")).to_be_visible()
    take_back(ada.page)
    expect(grace.section("Plan")).to_be_editable()
    expect(members(ada)).to_contain_text("Contributor")

    give(ada, people.contributor, "Remove")
    agree(ada.page, "Cancel")
    expect(members(ada)).to_contain_text("Grace Hopper")
    give(ada, people.contributor, "Remove")
    agree(ada.page, "Remove")
    expect(grace.page.get_by_text("no longer have access").first).to_be_visible()
    expect(grace.page.locator("main")).not_to_contain_text(re.compile("MR angiogram|Lead|Ada"))
    expect(members(ada)).not_to_contain_text("Grace Hopper")
    take_back(ada.page)
    expect(members(ada)).to_contain_text("Grace Hopper")

    give(ada, people.lead, "Observer")
    agree(ada.page, "Change it")
    expect(ada.page.get_by_text("A case needs a lead.")).to_be_visible()
    expect(members(ada)).to_contain_text("Lead")


def test_somebody_is_added(visit: Visit, server: RunningServer, people: People) -> None:
    """[HEAD-11] By e-mail; an address that nobody has, and one that is here already, are told where they were typed. On
    a phone, where all of it stands in a sheet."""
    case = server.create_case(people.lead)
    ada = visit(people.lead, size=PHONE)
    ada.open_case(case)
    ada.page.get_by_role("navigation", name="Panels").get_by_role("button", name="1 here").click()
    expect(ada.page.get_by_text("You are the only member.")).to_be_visible()
    ada.page.get_by_role("button", name="Add somebody").click()
    form = ada.page.get_by_role("form", name="Add somebody")
    email = form.get_by_label("E-mail")
    expect(email).to_be_focused()
    for address, complaint in (
        ("nobody@example.org", "Nobody with this e-mail"),
        (people.lead.email.upper(), "already"),
    ):
        email.fill(address)
        ada.page.keyboard.press("Enter")
        expect(form).to_contain_text(complaint)
    email.fill(people.stranger.email)
    form.get_by_label("Role").select_option("consultant")
    ada.page.keyboard.press("Enter")
    expect(ada.page.get_by_text("Stan Kowalski is in the case now: Consultant.")).to_be_visible()
    expect(members(ada)).to_contain_text("Stan Kowalski")
    expect(email).to_have_value("")
    take_back(ada.page)
    expect(members(ada)).not_to_contain_text("Stan Kowalski")


def test_a_member_leaves_and_the_last_lead_stays(visit: Visit, server: RunningServer, people: People) -> None:
    """[HEAD-8] [LST-4] Leaving is asked, leads back to the list without the case, and shows on the others' pages."""
    case = people.open_case(server)
    ada, grace = visit(people.lead), visit(people.contributor)
    ada.open_case(case)
    grace.open_case(case)
    choose(ada.page, "Leave the case")
    expect(ada.page.get_by_text("you are the only one")).to_be_visible()
    title = str(grace.page.get_by_role("heading", level=1).text_content())
    choose(grace.page, "Leave the case")
    agree(grace.page, "Leave")
    expect(grace.page.get_by_text(f"You have left “{title}”.")).to_be_visible()
    expect(grace.page.get_by_role("heading", level=1)).not_to_have_text(title)
    expect(grace.page.get_by_role("link", name=title)).to_have_count(0)
    expect(members(ada)).not_to_contain_text("Grace Hopper")
    expect(head(ada)).to_contain_text("Ada Lovelace (you)")
