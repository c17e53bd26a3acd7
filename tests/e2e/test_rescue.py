"""A refused edit leaves what was written, and why, with its author: to copy, to ask for, to put back."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, expect

from tests.e2e.conftest import PHONE, Visitor
from tests.e2e.inspection import PAINTED, violations
from tests.e2e.pictures import THEMES, turn
from tests.e2e.test_history import Line
from tests.e2e.test_offline import keep_copies, until
from tests.servers import People, RunningServer, wait_until

Visit = Callable[..., Visitor]
HEALED_MS = 45_000


def conclude(server: RunningServer, case: str, people: People, state: str) -> None:
    """The lead, elsewhere, takes the case a step on."""
    answer = server.request("PUT", f"/api/cases/{case}/state", people.lead.token, {"state": state})
    assert answer.status == 200, answer


def test_a_case_concluded_while_somebody_writes_leaves_their_words(
    visit: Visit, server: RunningServer, people: People
) -> None:
    """[OFF-11] [PAGE-10] Written without a network, concluded meanwhile by another: the reason is told; the words
    outlive a reload, can be copied and asked for, and go in again once the case is open."""
    case = people.open_case(server)
    ada, grace = visit(people.lead), visit(people.contributor, size=PHONE)
    ada.open_case(case)
    grace.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    grace.open_case(case)
    keep_copies(grace)
    grace.write("Plan", "Saved.")
    expect(grace.status).to_have_text("Saved")
    server.kill()
    grace.page.context.set_offline(True)
    grace.page.keyboard.press("Enter")
    grace.page.keyboard.type("Stop the heparin.")
    expect(grace.status).to_contain_text("kept on this device")
    server.start()
    conclude(server, case, people, "concluded")
    grace.page.context.set_offline(False)
    draft = grace.page.get_by_role("region", name="Not saved: Plan")
    expect(draft.get_by_role("alert")).to_contain_text("The case was concluded", timeout=HEALED_MS)
    expect(draft.locator("ins")).to_have_text("Stop the heparin.")
    expect(draft).to_contain_text("It stays on this device, encrypted")
    expect(grace.status).to_have_text("Read-only")
    expect(grace.section("Plan")).to_have_text("Saved.")
    grace.picture("rescue-concluded-phone")
    outlives_a_reload_and_is_copied(grace, draft)
    expect(ada.section("Plan")).to_have_text("Saved.")

    conclude(server, case, people, "open")
    goes_in_again_and_out(grace, ada, draft)


def outlives_a_reload_and_is_copied(grace: Visitor, draft: Locator) -> None:
    """It is no news after a reload, and the words are ready to be pasted."""
    grace.page.reload()
    expect(draft.locator("ins")).to_have_text("Stop the heparin.")
    expect(draft).to_contain_text("The case was concluded")
    expect(draft.get_by_role("alert")).not_to_be_attached()
    expect(draft.get_by_role("button", name="Ask to include it")).to_be_visible()
    draft.get_by_role("button", name="Copy", exact=True).click()
    expect(grace.page.get_by_text("Copied.")).to_be_visible()
    assert grace.page.evaluate("navigator.clipboard.readText()") == "Plan\nStop the heparin."


def goes_in_again_and_out(grace: Visitor, ada: Visitor, draft: Locator) -> None:
    """Put into the record, taken back by undo, put away for good."""
    draft.get_by_role("button", name="Put it into the record now").click(timeout=HEALED_MS)
    expect(grace.status).to_have_text("Saved")
    for visitor in (grace, ada):
        expect(visitor.section("Plan").locator("p")).to_have_text(["Saved.", "Stop the heparin."])
    expect(draft).not_to_be_attached()
    grace.page.get_by_role("button", name="Undo", exact=True).last.click()
    expect(ada.section("Plan").locator("p")).to_have_text(["Saved."])
    expect(draft.locator("ins")).to_have_text("Stop the heparin.")
    draft.get_by_role("button", name="Put away").click()
    grace.page.get_by_role("button", name="Put away for good").click()
    expect(draft).not_to_be_attached()
    grace.page.reload()
    expect(grace.status).to_have_text("Saved")
    expect(draft).not_to_be_attached()


def test_words_written_into_what_others_changed_meanwhile_are_kept(
    visit: Visit, server: RunningServer, people: People
) -> None:
    """[OFF-13] [LOOK-2] Written without a network into a paragraph that became a heading, and into one that was
    removed: both are told to their author, with what stood around them, and go in again."""
    case = people.open_case(server)
    ada, grace = visit(people.lead), visit(people.contributor)
    ada.open_case(case)
    ada.write("Plan", "Give heparin")
    ada.page.keyboard.press("Enter")
    ada.page.keyboard.type("Second")
    line = Line(grace.page)
    grace.open_case(case)
    expect(grace.section("Plan").locator("p")).to_have_text(["Give heparin", "Second"])
    line.cut()
    expect(grace.status).not_to_contain_text("Saved")
    write_behind(grace, "Give heparin", " unless she bleeds")
    write_behind(grace, "Second", " opinion")
    ada.section("Plan").get_by_text("Give heparin").click()
    ada.page.evaluate(PAINTED)  # the editor learns of a new selection a moment after the browser
    ada.page.keyboard.press("Control+Alt+3")
    expect(ada.section("Plan").get_by_role("heading")).to_have_text("Give heparin")
    ada.section("Plan").get_by_text("Second").click(click_count=3)
    ada.page.evaluate(PAINTED)
    ada.page.keyboard.press("Backspace")
    expect(ada.section("Plan").locator("p")).to_have_text("")
    ada.page.keyboard.press("Backspace")
    expect(ada.section("Plan").locator("p")).to_have_count(0)
    expect(ada.status).to_have_text("Saved")
    line.mend()
    draft = grace.page.get_by_role("region", name="No longer in the text: Plan")
    expect(draft.get_by_role("alert")).to_contain_text("without having seen it", timeout=HEALED_MS)
    expect(draft.locator("ins")).to_have_text([" unless she bleeds", " opinion"])
    expect(draft.locator(".words")).to_contain_text("Give heparin unless she bleeds")
    expect(grace.status).to_have_text("Saved")
    for visitor in (ada, grace):
        expect(visitor.section("Plan")).to_have_text("Give heparin")
    grace.picture("rescue-stranded")
    for theme in THEMES:
        turn(grace.page, theme)
        assert violations(grace.page) == []
    draft.get_by_role("button", name="Put it into the record now").click()
    for visitor in (ada, grace):
        expect(visitor.section("Plan").locator("p")).to_have_text([" unless she bleeds", " opinion"])
    expect(draft).not_to_be_attached()


def test_who_changed_a_paragraph_on_a_broken_line_is_told_what_came_into_it(
    visit: Visit, server: RunningServer, people: People
) -> None:
    """[OFF-13] One turns a paragraph into a heading without a network; the other, in sight of everybody, writes on in
    it and leaves. Who comes back finds the words, and puts them in again."""
    case = people.open_case(server)
    ada, grace = visit(people.lead), visit(people.contributor)
    line = Line(ada.page)
    ada.open_case(case)
    ada.write("Plan", "Give heparin")
    expect(ada.status).to_have_text("Saved")
    grace.open_case(case)
    expect(grace.section("Plan")).to_have_text("Give heparin")
    line.cut()
    expect(ada.status).not_to_contain_text("Saved")
    ada.section("Plan").click()
    ada.page.keyboard.press("Control+Alt+3")
    expect(ada.section("Plan").get_by_role("heading")).to_have_text("Give heparin")
    write_behind(grace, "Give heparin", " unless she bleeds")
    expect(grace.status).to_have_text("Saved")
    grace.page.goto("about:blank")
    line.mend()
    draft = ada.page.get_by_role("region", name="No longer in the text: Plan")
    expect(draft.get_by_role("alert")).to_contain_text("Somebody wrote this", timeout=HEALED_MS)
    expect(draft.locator("ins")).to_have_text(" unless she bleeds")
    expect(draft.locator(".words")).to_contain_text("Give heparin unless she bleeds")
    draft.get_by_role("button", name="Put it into the record now").click()
    expect(ada.section("Plan").locator("p")).to_have_text(" unless she bleeds")
    expect(ada.status).to_have_text("Saved")


def write_behind(visitor: Visitor, paragraph: str, text: str) -> None:
    """At the end of a paragraph of the plan."""
    visitor.section("Plan").get_by_text(paragraph).click()
    visitor.page.keyboard.press("End")
    visitor.page.keyboard.type(text)


def test_every_letter_typed_while_the_right_goes_is_saved_or_kept(
    visit: Visit, server: RunningServer, people: People
) -> None:
    """[OFF-11] [PAGE-8] The role changes between two keystrokes, over a live connection: what was typed before is in
    the record, what came after in the draft, and nothing is in neither or both."""
    case = people.open_case(server)
    ada, grace = visit(people.lead), visit(people.contributor)
    ada.open_case(case)
    grace.open_case(case)
    words = " ".join(f"word{number}" for number in range(12))
    grace.write("Summary", "")
    for number, letter in enumerate(words):
        if number == 30:
            server.set_member(case, people.lead, people.contributor, "observer")
        grace.page.keyboard.type(letter)
    expect(grace.status).to_have_text("Read-only", timeout=HEALED_MS)
    expect(grace.section("Summary")).not_to_be_editable()
    draft = grace.page.get_by_role("region", name="Not saved: Summary")
    expect(grace.section("Summary")).to_contain_text(words[:30])
    saved = grace.section("Summary").inner_text()
    kept = "".join(draft.locator("ins").all_inner_texts())
    assert words.startswith(saved + kept), (saved, kept)
    expect(ada.section("Summary")).to_have_text(saved)


def test_words_of_a_closed_tab_are_told_to_who_lost_the_case(
    visit: Visit, server: RunningServer, people: People
) -> None:
    """[OFF-5] [OFF-11] Written without a network, the tab closed, taken out of the case meanwhile: the copies go, and
    the words are shown above the list, with why."""
    case = people.open_case(server)
    grace = visit(people.contributor)
    grace.open_case(case)
    keep_copies(grace)
    server.kill()
    expect(grace.status).to_contain_text("Offline")
    grace.write("Impression", "It is not a tumour.")
    expect(grace.status).to_contain_text("kept on this device")
    # Playwright closes a page without the question that the page asks while something is only in the tab.
    leaves = "dispatchEvent(new Event('beforeunload', { cancelable: true }))"
    wait_until(lambda: bool(grace.page.evaluate(leaves)), seconds=15, what="all words to be kept on the device")
    context = grace.page.context
    grace.page.close()
    server.command("case", "member", case, people.contributor.email, "--role", "none")
    server.start()
    page = context.new_page()
    page.goto(server.url)
    draft = page.get_by_role("region", name="Not saved: Impression")
    expect(draft.locator("ins")).to_have_text("It is not a tumour.")
    expect(draft.get_by_role("alert")).to_contain_text("Your access ended")
    expect(draft).to_contain_text("A case")
    until(page, lambda held: (held.updates, held.facts) == (0, 1))
    draft.get_by_role("button", name="Put away").click()
    page.get_by_role("button", name="Put away for good").click()
    expect(draft).not_to_be_attached()
