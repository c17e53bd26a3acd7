"""What a person wrote, here or with another client, is never lost by the page without a word."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect
from pycrdt import Doc, XmlElement, XmlFragment, XmlText
from websockets.sync.client import connect

from tests.e2e.conftest import PHONE, Visitor
from tests.integration import lib0
from tests.servers import People, RunningServer, Someone

Visit = Callable[..., Visitor]
FIRST_ACK, SECOND_ACK = bytes((100, 1)), bytes((100, 2))


def write_with_another_client(server: RunningServer, who: Someone, case: str, *, remove: bool = False) -> None:
    """Put something into the section `plan` that our editor has no word for (a table whose row holds words instead of
    cells), and wait until it is saved; then take it away again, if asked to."""
    doc = Doc[XmlFragment]()
    plan: XmlFragment = doc.get("plan", type=XmlFragment)
    plan.children.append(XmlElement("table", {}, [XmlElement("tableRow", {}, [XmlText("Nimodipine 60 mg")])]))
    headers = {"Authorization": f"Bearer {who.token}"}
    with connect(f"{server.sockets}/yjs/{case}/record?ack=1", additional_headers=headers, proxy=None) as socket:
        socket.send(lib0.step_1(doc.get_state()))
        socket.send(lib0.update(doc.get_update()))
        while socket.recv(timeout=10) != FIRST_ACK:
            pass
        if remove:
            before = doc.get_state()
            del plan.children[0]
            socket.send(lib0.update(doc.get_update(before)))
            while socket.recv(timeout=10) != SECOND_ACK:
                pass


def test_a_refused_edit_stays_on_the_page_to_be_copied(visit: Visit, server: RunningServer, people: People) -> None:
    """[PAGE-10] [ROOM-4] Written while the server was away, refused because the role was taken meanwhile: kept, with
    the reason."""
    case = people.open_case(server)
    grace = visit(people.contributor, size=PHONE)
    grace.open_case(case)
    grace.write("Plan", "Saved.")
    expect(grace.status).to_contain_text("Saved")
    server.kill()
    grace.write("Plan", " My thought on the way home.")
    server.command("case", "member", case, people.contributor.email, "--role", "observer")
    server.start()
    kept = grace.page.get_by_role("region", name="Not saved: Plan")
    expect(kept.locator("ins")).to_have_text("My thought on the way home.", use_inner_text=True, timeout=45_000)
    expect(kept.get_by_role("alert")).to_contain_text("Your right to write here was taken away")
    expect(grace.status).to_contain_text("Read-only")
    expect(grace.section("Plan")).to_have_text("Saved.")
    grace.picture("rescued-text-phone")
    kept.get_by_role("button", name="Put away").click()
    grace.page.get_by_role("button", name="Put away for good").click()
    expect(kept).not_to_be_attached()


def test_opening_a_case_writes_nothing(visit: Visit, server: RunningServer, people: People) -> None:
    """[PAGE-11] Neither a writer's page nor a reader's adds an entry to the journal by looking."""
    case = people.open_case(server)
    write_with_another_client(server, people.lead, case)
    before = server.history(people.lead, case)
    for person in (people.lead, people.observer):
        visitor = visit(person)
        visitor.open_case(case)
        for name in ("History", "Timeline", "Outcome"):
            visitor.page.get_by_role("navigation", name="Sections").get_by_role("button", name=name).click()
            expect(visitor.section(name)).to_be_visible()
    assert server.history(people.lead, case) == before


def test_what_the_editor_does_not_know_is_shown_and_kept(visit: Visit, server: RunningServer, people: People) -> None:
    """[PAGE-11] A table from another client can be read, and writing elsewhere does not remove it."""
    case = people.open_case(server)
    write_with_another_client(server, people.lead, case)
    ada = visit(people.lead)
    ada.open_case(case)
    expect(ada.page.get_by_text("Nimodipine 60 mg")).to_be_visible()
    ada.write("Summary", "Written beside it.")
    expect(ada.status).to_contain_text("Saved")
    ada.page.reload()
    expect(ada.page.get_by_text("Nimodipine 60 mg")).to_be_visible()
    ada.picture("foreign-content")
