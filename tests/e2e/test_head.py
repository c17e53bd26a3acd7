"""The head of a case: written by two people at once, and what is done with the case as a whole."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import PHONE, Visitor
from tests.servers import People, RunningServer

Visit = Callable[..., Visitor]
SAVED_SOON = 20_000


def head(visitor: Visitor) -> Locator:
    """The part of the page that is understood at a glance."""
    return visitor.page.get_by_role("region", name="At a glance")


def field(visitor: Visitor, name: str) -> Locator:
    """One field of the head."""
    return head(visitor).get_by_label(name, exact=True)


def choose(page: Page, action: str) -> None:
    """An action of the case's menu."""
    page.get_by_role("button", name="Case", exact=True).click()
    page.get_by_role("menuitem", name=action).click()


def agree(page: Page, yes: str) -> None:
    """Answer the question that the page asks."""
    page.get_by_role("dialog").get_by_role("button", name=yes, exact=True).click()


def take_back(page: Page) -> None:
    """Undo what the page has just told of."""
    page.locator(".messages").get_by_role("button", name="Undo").last.click()


def test_two_people_write_the_head(visit: Visit, server: RunningServer, people: People) -> None:
    """[HEAD-1] [HEAD-3] [HEAD-4] [HEAD-12] Each reads what the other types, keeps their own caret, loses no letter when
    both type at once, and takes back only their own words."""
    case = people.open_case(server)
    ada, grace = visit(people.lead), visit(people.contributor)
    ada.open_case(case)
    grace.open_case(case)
    question, theirs = (field(visitor, "Question for the room") for visitor in (ada, grace))
    expect(question).to_have_attribute("placeholder", re.compile("colleagues"))
    ada.page.keyboard.press("Alt+Shift+0")
    expect(question).to_be_focused()
    ada.page.keyboard.type("repeat it?")
    expect(theirs).to_have_value("repeat it?")
    expect(head(grace)).to_contain_text("Ada Lovelace is writing here")

    theirs.focus()
    grace.page.keyboard.press("End")
    grace.page.keyboard.press("ArrowLeft")
    ada.page.keyboard.press("Home")
    ada.page.keyboard.type("When do we ")
    expect(theirs).to_have_value("When do we repeat it?")
    grace.page.keyboard.type(" all")
    expect(question).to_have_value("When do we repeat it all?")

    ada.page.keyboard.press("Home")
    grace.page.keyboard.press("End")
    for letters in ("So,", "12?", " :)"):
        ada.page.keyboard.type(letters[:2])
        grace.page.keyboard.type(letters[2:])
    for either in (question, theirs):
        expect(either).to_have_value("So12 :When do we repeat it all?,?)")

    field(grace, "In one line").fill("Headaches after a delivery")
    expect(field(ada, "In one line")).to_have_value("Headaches after a delivery")
    grace.page.keyboard.press("Control+z")
    for visitor in (ada, grace):
        expect(field(visitor, "In one line")).to_have_value("")
        expect(field(visitor, "Question for the room")).to_have_value("So12 :When do we repeat it all?,?)")
    grace.page.keyboard.press("Control+Shift+z")
    expect(field(ada, "In one line")).to_have_value("Headaches after a delivery")
    expect(ada.status).to_contain_text("Saved", timeout=SAVED_SOON)
    ada.page.reload()
    expect(field(ada, "Question for the room")).to_have_value("So12 :When do we repeat it all?,?)")


def test_the_patient_and_what_is_next(visit: Visit, server: RunningServer, people: People) -> None:
    """[HEAD-4] [HEAD-6] Chosen in place, and live on the phone of somebody who may only read, where no field is."""
    case = people.open_case(server)
    ada, olu = visit(people.lead), visit(people.observer, size=PHONE)
    ada.open_case(case)
    olu.open_case(case)
    expect(head(olu)).to_contain_text("Nobody has said yet")
    field(ada, "Age").select_option("30–39 years")
    field(ada, "Sex").select_option("Female")
    field(ada, "Next").fill("MR angiogram")
    field(ada, "Who does it").select_option("Grace Hopper")
    day = datetime.now().astimezone().date() - timedelta(days=3)
    field(ada, "By when").fill(day.isoformat())
    for said in ("30–39 years, female", "Not asked yet", "MR angiogram", "Grace Hopper"):
        expect(head(olu)).to_contain_text(said)
    overdue = head(olu).get_by_text("Overdue: was due 3 days ago")
    expect(overdue).to_be_visible()
    expect(overdue.locator("svg")).to_be_visible()
    expect(head(olu).locator("textarea, input, select")).to_have_count(0)
    server.set_member(case, people.lead, people.contributor, "none")
    expect(head(olu)).to_contain_text("Somebody who is no longer in the case")
    field(ada, "Who does it").select_option("Ada Lovelace (you)")
    expect(head(olu)).not_to_contain_text("no longer in the case")
    expect(ada.status).to_contain_text("Saved", timeout=SAVED_SOON)
    ada.page.reload()
    expect(field(ada, "Age")).to_have_value("30-39")


def test_a_case_is_concluded_while_somebody_types(visit: Visit, server: RunningServer, people: People) -> None:
    """[HEAD-8] [HEAD-9] [LST-3] Asked first, told to everybody, read-only at once with nothing lost, and a way back."""
    case = people.open_case(server)
    ada, grace = visit(people.lead), visit(people.contributor, size=PHONE)
    ada.open_case(case)
    grace.open_case(case)
    grace.page.get_by_role("button", name="Edit", exact=True).click()
    expect(field(grace, "Question for the room")).to_be_focused()
    grace.page.keyboard.type("Is it RCVS?")
    choose(ada.page, "Conclude the case")
    expect(ada.page.get_by_role("dialog")).to_contain_text("Besides you 1 person has it open now.")
    agree(ada.page, "Cancel")
    expect(head(ada)).to_contain_text("Open")
    grace.write("Plan", "Wait for the angiogram")
    choose(ada.page, "Conclude the case")
    agree(ada.page, "Conclude")
    expect(grace.page.get_by_text("The case is now Concluded")).to_be_visible()
    expect(grace.status).to_contain_text("Read-only")
    expect(grace.section("Plan")).not_to_be_editable()
    expect(head(grace).locator("textarea")).to_have_count(0)
    expect(head(grace)).to_contain_text("Is it RCVS?")
    expect(grace.page.locator("main")).to_contain_text("Wait for the angiogram")
    take_back(ada.page)
    expect(grace.section("Plan")).to_be_editable()
    expect(head(ada)).not_to_contain_text("Concluded")


def test_a_draft_is_opened_and_a_case_renamed(visit: Visit, server: RunningServer, people: People) -> None:
    """[HEAD-8] [HEAD-9] [LST-1] [LST-2] A new title shows on open pages and in their tabs, and can be taken back; a
    contributor is offered neither."""
    made = server.request("POST", "/api/cases", people.lead.token, {"title": "Fever after travel", "draft": True})
    case = str(made.json()["case"]["id"])  # type: ignore[index]
    server.set_member(case, people.lead, people.contributor, "contributor")
    ada, grace = visit(people.lead), visit(people.contributor)
    ada.open_case(case)
    grace.open_case(case)
    expect(grace.page.get_by_text("This case is a draft")).to_be_visible()
    grace.page.get_by_role("button", name="Case", exact=True).click()
    expect(grace.page.get_by_role("menuitem")).to_have_text([re.compile("Leave the case")])
    grace.page.keyboard.press("Escape")
    ada.page.get_by_role("button", name="Open the case").click()
    agree(ada.page, "Open it")
    for visitor in (ada, grace):
        expect(visitor.page.get_by_text("This case is a draft")).to_have_count(0)
        expect(head(visitor)).to_contain_text("Open")
    choose(ada.page, "Rename the case")
    title = ada.page.get_by_role("dialog").get_by_label("Title")
    expect(title).to_have_value("Fever after travel")
    title.fill("Fever and rash after travel")
    ada.page.keyboard.press("Enter")
    expect(grace.page.get_by_role("heading", level=1)).to_have_text("Fever and rash after travel")
    expect(grace.page).to_have_title(re.compile("Fever and rash after travel"))
    expect(grace.page.get_by_text("The case has a new title")).to_be_visible()
    take_back(ada.page)
    expect(grace.page.get_by_role("heading", level=1)).to_have_text("Fever after travel")


def test_two_open_cases_are_never_mixed_up(visit: Visit, server: RunningServer, people: People) -> None:
    """[HEAD-5] [HEAD-7] Each wears its own letters and colour: on every pane, in its dialogs, and in the browser's
    tab."""
    ada = visit(people.lead)
    worn: list[tuple[str, str, str]] = []
    for _ in range(2):
        ada.page.goto(f"{server.url}/cases/{server.create_case(people.lead)}")
        expect(ada.section("Summary")).to_be_visible()
        letters = ada.page.title().split(" · ")[0]
        assert re.fullmatch("[A-Z]{2}", letters)
        expect(head(ada).get_by_text(letters, exact=True)).to_be_visible()
        colour = str(head(ada).evaluate("each => getComputedStyle(each).borderLeftColor"))
        panes = ada.page.locator("main .card.outline, main .bar, main aside")
        expect(panes).to_have_count(3)
        assert set(panes.evaluate_all("all => all.map(each => getComputedStyle(each).borderTopColor)")) == {colour}
        choose(ada.page, "Rename the case")
        dialog = ada.page.get_by_role("dialog")
        expect(dialog.get_by_text(letters, exact=True)).to_be_visible()
        assert dialog.evaluate("each => getComputedStyle(each).borderTopColor") == colour
        ada.page.keyboard.press("Escape")
        icon = str(ada.page.locator("link[rel=icon]").last.get_attribute("href"))
        assert letters in icon
        worn.append((letters, colour, icon))
    assert worn[0] != worn[1]
