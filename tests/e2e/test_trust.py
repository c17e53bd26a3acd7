"""What the page says about saving is true, also while servers go away and rights change."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.conftest import Visitor
from tests.servers import People, RunningServer

Visit = Callable[..., Visitor]


def test_the_status_tells_the_truth_through_a_killed_server(
    visit: Visit, server: RunningServer, people: People
) -> None:
    """[ROOM-12] [PAGE-7] Saved, then not, then saved: what is typed while the server is dead is kept and saved when it
    is back."""
    case = people.open_case(server)
    ada, grace = visit(people.lead), visit(people.contributor)
    ada.open_case(case)
    grace.open_case(case)
    ada.write("Summary", "Before. ")
    expect(ada.status).to_contain_text("Saved")
    server.kill()
    ada.write("Summary", "While it was dead. ")
    expect(ada.status).to_contain_text(re.compile("Offline|Not saved"))
    expect(ada.status).not_to_contain_text(re.compile("^Saved"))
    ada.picture("server-away")
    grace.write("Plan", "Also offline.")
    server.start()
    for visitor in (ada, grace):
        expect(visitor.status).to_contain_text("Saved", timeout=45_000)
        expect(visitor.section("Summary")).to_have_text("Before. While it was dead. ")
        expect(visitor.section("Plan")).to_have_text("Also offline.")
    ada.page.reload()
    expect(ada.section("Summary")).to_have_text("Before. While it was dead. ")


def test_a_role_changed_from_the_command_line_acts_at_once(visit: Visit, server: RunningServer, people: People) -> None:
    """[ROOM-10] [CLI-2] [PAGE-8] A contributor becomes an observer while typing, then a contributor again, then
    nobody."""
    case = people.open_case(server)
    grace = visit(people.contributor)
    grace.open_case(case)
    grace.write("Plan", "As contributor.")
    expect(grace.status).to_contain_text("Saved")
    server.command("case", "member", case, people.contributor.email, "--role", "observer")
    expect(grace.status).to_contain_text("Read-only")
    expect(grace.section("Plan")).not_to_be_editable()
    server.command("case", "member", case, people.contributor.email, "--role", "contributor")
    expect(grace.section("Plan")).to_be_editable()
    grace.write("Plan", " Again.")
    expect(grace.section("Plan")).to_have_text("As contributor. Again.")
    expect(grace.status).to_contain_text("Saved")
    server.command("case", "member", case, people.contributor.email, "--role", "none")
    expect(grace.page.get_by_text("no longer have access").first).to_be_visible()
    grace.picture("access-taken-away")


def test_a_lead_changes_roles_from_the_page(visit: Visit, server: RunningServer, people: People) -> None:
    """[PER-3] [PAGE-9] Members are added and changed from the page, with effect on open pages."""
    case = people.open_case(server)
    ada, olu = visit(people.lead), visit(people.observer)
    ada.open_case(case)
    olu.open_case(case)
    expect(olu.status).to_contain_text("Read-only")
    ada.page.get_by_role("button", name=re.compile("Role of Olu")).click()
    ada.page.get_by_role("menuitemradio", name=re.compile("Contributor")).click()
    expect(olu.section("Summary")).to_be_editable()
    olu.write("Summary", "Now I may write.")
    expect(ada.section("Summary")).to_contain_text("Now I may write.")
