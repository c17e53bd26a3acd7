"""What was refused is asked for, and included or declined by those who write the record: two browsers, live."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Route, expect

from tests.e2e.conftest import PHONE, Visitor
from tests.e2e.test_offline import keep_copies
from tests.e2e.test_rescue import HEALED_MS, conclude
from tests.servers import People, RunningServer, Someone

Visit = Callable[..., Visitor]
WORDS = "Stop the heparin."


def write_while_away(
    visitor: Visitor, server: RunningServer, change: Callable[[], None], words: str = WORDS
) -> Locator:
    """Words written while the server is away, refused when it is back because of the change: the card that says so."""
    visitor.write("Plan", "Saved.")
    expect(visitor.status).to_have_text("Saved")
    visitor.page.context.set_offline(True)
    server.kill()
    visitor.page.keyboard.press("Enter")
    visitor.page.keyboard.type(WORDS)
    expect(visitor.status).to_contain_text("Offline")
    server.start()
    change()
    visitor.page.context.set_offline(False)
    draft = visitor.page.get_by_role("region", name="Not saved: Plan")
    expect(draft.locator("ins")).to_have_text(WORDS, timeout=HEALED_MS)
    return draft


def notice(visitor: Visitor) -> Locator:
    """What those who decide see above the record."""
    return visitor.page.get_by_role("region", name="Asked to be included")


def open_notice(visitor: Visitor) -> Locator:
    """Unfold it."""
    notice(visitor).get_by_role("button", name="Show").click(timeout=HEALED_MS)
    return notice(visitor)


def last_author(server: RunningServer, case: str, people: People) -> object:
    """Who wrote the newest edit of the record."""
    author = server.history(people.lead, case)[-1]["author"]
    return author["id"] if isinstance(author, dict) else author


def ask_for(server: RunningServer, case: str, person: Someone, words: str, draft: str = "7:0-9") -> str:
    """Somebody asks from another device."""
    run = {"text": words, "own": True, "bold": False, "italic": False}
    section = {"section": "plan", "blocks": [{"kind": "paragraph", "runs": [run]}]}
    body = {"draft": draft, "reason": "read-only", "writing": {"sections": [section], "head": []}}
    answer = server.request("POST", f"/api/cases/{case}/proposals", person.token, body)
    assert answer.status == 201, answer
    return str(answer.json()["id"])


def test_a_demoted_member_asks_and_the_lead_includes(visit: Visit, server: RunningServer, people: People) -> None:
    """[PRO-1] [PRO-2] [PRO-4] [PRO-5] [OFF-11] The lead sees who asks for what without a reload and puts it in as an
    edit of their own; the author sees that at once; undo takes the words out again, and the proposal waits again."""
    case = people.open_case(server)
    ada, grace = visit(people.lead), visit(people.contributor, size=PHONE)
    ada.open_case(case)
    grace.open_case(case)
    keep_copies(grace)
    draft = write_while_away(
        grace, server, lambda: server.set_member(case, people.lead, people.contributor, "observer")
    )
    draft.get_by_role("button", name="Ask to include it").click()
    expect(draft).to_contain_text("You asked to include it")
    grace.picture("proposal-asked-phone")

    expect(notice(ada)).to_contain_text("Grace Hopper asks to include 1 passage.", timeout=HEALED_MS)
    asked = open_notice(ada).get_by_role("article", name="Grace Hopper, for: Plan")
    expect(asked.locator("ins")).to_have_text(WORDS)
    expect(asked).to_contain_text("They could no longer write here")
    ada.picture("proposal-open-desktop")
    asked.get_by_role("button", name="Include").click()
    for visitor in (ada, grace):
        expect(visitor.section("Plan").locator("p")).to_have_text(["Saved.", WORDS])
    expect(notice(ada)).not_to_be_attached()
    expect(grace.page.get_by_text("Ada Lovelace included what you wrote: Plan.")).to_be_visible()
    done = grace.page.get_by_role("region", name="Asked to include: Plan")
    expect(done).to_contain_text("Ada Lovelace included it in the record")
    assert last_author(server, case, people) == people.lead.id

    ada.page.locator(".messages").get_by_role("button", name="Undo").click()
    expect(grace.section("Plan").locator("p")).to_have_text(["Saved."])
    expect(draft).to_contain_text("Nobody has decided yet")
    open_notice(ada).get_by_role("button", name="Include").click()
    expect(done).to_contain_text("Ada Lovelace included it")
    done.get_by_role("button", name="Put away").click()
    expect(done).not_to_be_attached()
    grace.page.reload()
    expect(grace.section("Plan").locator("p")).to_have_text(["Saved.", WORDS])
    expect(grace.page.get_by_role("region", name=re.compile("Plan$"))).to_have_count(1)  # the section itself


def test_in_a_concluded_case_it_waits_until_it_is_reopened(visit: Visit, server: RunningServer, people: People) -> None:
    """[PRO-1] [PRO-3] A contributor asks in the case that was concluded while they wrote; the lead may decline, and can
    include once the case is open again."""
    case = people.open_case(server)
    ada, grace = visit(people.lead, size=PHONE), visit(people.contributor)
    ada.open_case(case)
    grace.open_case(case)
    draft = write_while_away(grace, server, lambda: conclude(server, case, people, "concluded"))
    draft.get_by_role("button", name="Ask to include it").click()
    shown = open_notice(ada)
    expect(shown).to_contain_text("Reopen it to include this")
    expect(shown.get_by_role("button", name="Include")).not_to_be_attached()
    expect(shown.get_by_role("button", name="Decline")).to_be_visible()
    ada.picture("proposal-concluded-phone")
    ada.page.get_by_role("button", name="Reopen the case").click()
    shown.get_by_role("button", name="Include").click(timeout=HEALED_MS)
    expect(ada.section("Plan").locator("p")).to_have_text(["Saved.", WORDS])
    expect(grace.page.get_by_text("Ada Lovelace included it in the record")).to_be_visible()


def test_a_proposal_is_declined_with_a_line(visit: Visit, server: RunningServer, people: People) -> None:
    """[PRO-3] [PRO-5] Asked from another device; its author reads why here, and what they wrote; a moderator sees it
    and is not asked to decide; the record stays as it is."""
    case = people.open_case(server)
    ada, olu, mona = visit(people.lead), visit(people.observer, size=PHONE), visit(people.moderator)
    for visitor in (ada, olu, mona):
        visitor.open_case(case)
    ask_for(server, case, people.observer, WORDS)
    expect(olu.page.get_by_role("region", name="Asked to include: Plan")).to_contain_text("Nobody has decided yet")
    expect(open_notice(mona).locator("ins")).to_have_text(WORDS)
    expect(notice(mona)).to_contain_text("The lead and the contributors decide")
    expect(notice(mona).get_by_role("button", name=re.compile("Include|Decline"))).to_have_count(0)
    open_notice(ada).get_by_role("button", name="Decline").click()
    dialog = ada.page.get_by_role("dialog", name="Decline what Olu")
    dialog.get_by_label("A line to Olu").fill("The plan says this already.")
    dialog.get_by_role("button", name="Decline", exact=True).click()
    expect(notice(ada)).not_to_be_attached()
    expect(notice(mona)).not_to_be_attached()
    told = olu.page.get_by_role("region", name="Asked to include: Plan")
    expect(told).to_contain_text("Ada Lovelace declined it")
    expect(told).to_contain_text("“The plan says this already.”")
    expect(told.locator("ins")).to_have_text(WORDS)
    olu.picture("proposal-declined-phone")
    assert server.history(people.lead, case) == []
    told.get_by_role("button", name="Understood").click()
    olu.page.reload()
    expect(olu.section("Summary")).to_be_visible()
    expect(told).not_to_be_attached()


def test_two_who_include_at_once_put_the_words_in_once(visit: Visit, server: RunningServer, people: People) -> None:
    """[PRO-3] [PRO-4] Both press; the words of the second go out again, and the second is told."""
    case = people.open_case(server)
    ada, grace = visit(people.lead), visit(people.contributor)
    for visitor in (ada, grace):
        visitor.open_case(case)
    ask_for(server, case, people.observer, WORDS)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    for visitor in (ada, grace):
        open_notice(visitor)
        visitor.page.route("**/outcome", hold)
    for visitor in (ada, grace):
        with visitor.page.expect_request("**/outcome"):
            notice(visitor).get_by_role("button", name="Include").click()
        expect(visitor.section("Plan").locator("p")).to_have_text([WORDS] * (1 if visitor is ada else 2))
    for route in held:
        route.continue_()
    for visitor in (ada, grace):
        expect(visitor.section("Plan").locator("p")).to_have_text([WORDS])
        expect(notice(visitor)).not_to_be_attached()
    told = [
        visitor.page.get_by_text("Somebody else has decided on this meanwhile.").count() for visitor in (ada, grace)
    ]
    assert sorted(told) == [0, 1]


def test_without_a_network_the_request_is_not_lost(visit: Visit, server: RunningServer, people: People) -> None:
    """[PRO-5] Asking fails, says so, and the draft stays; who includes without being heard is heard later, and nothing
    comes twice."""
    case = people.open_case(server)
    ada, grace = visit(people.lead), visit(people.contributor)
    ada.open_case(case)
    grace.open_case(case)
    draft = write_while_away(
        grace, server, lambda: server.set_member(case, people.lead, people.contributor, "consultant")
    )
    grace.page.route("**/proposals", lambda route: route.abort())
    draft.get_by_role("button", name="Ask to include it").click()
    expect(grace.page.get_by_text("What you wrote is still here.")).to_be_visible()
    expect(draft.locator("ins")).to_have_text(WORDS)
    grace.page.unroute("**/proposals")
    draft.get_by_role("button", name="Ask to include it").click()
    expect(draft).to_contain_text("Nobody has decided yet")
    draft.get_by_role("button", name="Take the request back").click()
    expect(draft.get_by_role("button", name="Ask to include it")).to_be_visible()
    expect(notice(ada)).not_to_be_attached()
    draft.get_by_role("button", name="Ask to include it").click()

    ada.page.route("**/outcome", lambda route: route.abort())
    open_notice(ada).get_by_role("button", name="Include").click()
    expect(ada.section("Plan").locator("p")).to_have_text(["Saved.", WORDS])
    expect(notice(ada)).not_to_be_attached()
    expect(draft).to_contain_text("Nobody has decided yet")
    ada.page.unroute("**/outcome")
    answer = server.request("PUT", f"/api/cases/{case}/title", people.lead.token, {"title": "Heard of"})
    assert answer.status == 200
    expect(grace.page.get_by_text("Ada Lovelace included it in the record")).to_be_visible()
    expect(ada.section("Plan").locator("p")).to_have_text(["Saved.", WORDS])


def test_who_lost_the_case_can_only_copy(visit: Visit, server: RunningServer, people: People) -> None:
    """[PRO-1] [OFF-11] The page says why nobody can be asked, and has the words ready for a message."""
    case = people.open_case(server)
    grace = visit(people.contributor)
    grace.open_case(case)
    draft = write_while_away(grace, server, lambda: server.set_member(case, people.lead, people.contributor, "none"))
    expect(draft).to_contain_text("You can no longer see this case, so you cannot ask for it there.")
    expect(draft.get_by_role("button", name="Ask to include it")).not_to_be_attached()
    grace.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    draft.get_by_role("button", name="Copy for Ada Lovelace").click()
    expect(grace.page.get_by_text("Paste it into a message to them")).to_be_visible()
    copied = grace.page.evaluate("navigator.clipboard.readText()")
    assert re.match(r"For Ada Lovelace: I wrote this in “A case” \(Plan\).*\n\nPlan\nStop the heparin\.$", copied)
