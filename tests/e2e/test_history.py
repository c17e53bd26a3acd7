"""The past of a record in real browsers: read, compared, named and brought back, and who wrote what."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, Response, WebSocketRoute, expect

from tests.e2e.conftest import PHONE, Visitor
from tests.e2e.test_nothing_lost import write_with_another_client
from tests.servers import People, RunningServer

Visit = Callable[..., Visitor]


class Line:
    """The way from one page to the server's live room; HTTP goes another way and stays open."""

    def __init__(self, page: Page) -> None:
        self._is_cut = False
        self._open: list[WebSocketRoute] = []
        page.route_web_socket(re.compile(r"/collab\?"), self._take)

    def _take(self, socket: WebSocketRoute) -> None:
        if self._is_cut:
            socket.close()
            return
        socket.connect_to_server()
        self._open.append(socket)

    def cut(self) -> None:
        """Nothing goes through any more."""
        self._is_cut = True
        for socket in self._open:
            socket.close()
        self._open.clear()

    def mend(self) -> None:
        """The next try gets through."""
        self._is_cut = False


def past(visitor: Visitor) -> Locator:
    """What stands in place of the record."""
    return visitor.page.locator(".past.cover")


def saved(visitor: Visitor) -> None:
    """Everything typed so far is with the server."""
    expect(visitor.status).to_contain_text("Saved", timeout=45_000)


def seen(response: Response) -> bool:
    """The page has kept how far its reader has seen the record."""
    return response.request.method == "PUT" and response.url.endswith("/seen")


def name_what_is_there(ada: Visitor, name: str) -> None:
    """By the list, the view and the dialog, and back again; the head beside it is not written meanwhile."""
    ada.page.get_by_role("tab", name="Versions").click()
    ada.page.get_by_role("button", name="Look at earlier versions").click()
    expect(past(ada).get_by_role("button", name="Name this version")).to_be_visible()
    head = ada.page.get_by_role("region", name="At a glance", exact=True)
    expect(head.get_by_label("Question for the room")).not_to_be_attached()
    past(ada).get_by_role("button", name="Name this version").click()
    ada.page.get_by_label("Name", exact=True).fill(name)
    ada.page.get_by_role("button", name="Save the name").click()
    expect(past(ada).get_by_text(name).first).to_be_visible()
    past(ada).get_by_role("button", name="Back to now").click()
    expect(head.get_by_label("Question for the room")).to_be_editable()


def test_a_version_is_named_read_compared_and_brought_back(visit: Visit, server: RunningServer, people: People) -> None:
    """[HIS-6] [HIS-10] [HIS-11] [HIS-16] One names a version, the other rewrites it; the first compares and restores a
    section, which the other sees at once, and takes it back without touching what the other wrote since."""
    case = people.open_case(server)
    ada, grace = visit(people.lead), visit(people.contributor)
    ada.open_case(case)
    grace.open_case(case)
    ada.write("Plan", "Give heparin 5000 units.")
    saved(ada)
    name_what_is_there(ada, "Before the bleeding")
    expect(grace.section("Plan")).to_have_text("Give heparin 5000 units.")
    grace.section("Plan").click()
    grace.page.keyboard.press("Control+a")
    grace.page.keyboard.type("No heparin: she bleeds.")
    grace.write("Impression", "Bleeding ulcer.")
    saved(grace)

    ada.page.get_by_role("tabpanel").get_by_role("button", name="Before the bleeding").click()
    expect(past(ada)).to_contain_text("You are looking at the past")
    plan = past(ada).get_by_role("region", name="Plan")
    expect(plan).to_contain_text("Give heparin 5000 units.")
    expect(past(ada).locator("[contenteditable=true]")).to_have_count(0)
    past(ada).get_by_label("Compare with").select_option("now")
    expect(plan.locator("del").first).to_have_attribute("title", re.compile("Removed by Grace Hopper"))
    expect(plan.locator("ins").first).to_have_attribute("title", re.compile("Added by Grace Hopper"))
    expect(past(ada).get_by_role("region", name="Summary")).not_to_be_attached()  # only what changed is shown
    expect(past(ada).get_by_role("region", name="Impression")).to_contain_text("Bleeding ulcer.")
    ada.picture("history-compared")
    plan.get_by_role("button", name="Restore section").click()
    bring_back_and_undo(ada, grace)

    ada.page.get_by_role("tabpanel").get_by_role("button", name="Before the bleeding").click()
    past(ada).get_by_role("button", name="Remove the name").click()
    ada.page.get_by_role("dialog").get_by_role("button", name="Remove the name").click()
    expect(ada.page.get_by_role("tabpanel").get_by_role("button", name="Before the bleeding")).to_have_count(0)


def bring_back_and_undo(ada: Visitor, grace: Visitor) -> None:
    """From the dialog on: what it shows, what the other sees, and what undo leaves."""
    dialog = ada.page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 passage comes back")
    expect(dialog.locator("del")).to_have_text("No heparin: she bleeds.")
    dialog.get_by_role("button", name="Restore", exact=True).click()
    told = ada.page.get_by_text("Restored as a new edit.")
    told.hover()  # it stays for as long as it is pointed at
    expect(grace.section("Plan")).to_have_text("Give heparin 5000 units.")
    expect(ada.section("Plan")).to_have_text("Give heparin 5000 units.")
    grace.write("Plan", "")
    grace.page.keyboard.press("Enter")
    grace.page.keyboard.type("Written since.")
    expect(ada.section("Plan")).to_contain_text("Written since.")
    ada.page.get_by_role("button", name="Undo", exact=True).last.click()
    for visitor in (ada, grace):
        expect(visitor.section("Plan").locator("p")).to_have_text(["No heparin: she bleeds.", "Written since."])
        expect(visitor.section("Impression")).to_have_text("Bleeding ulcer.")


def told_apart(visitor: Visitor) -> None:
    """The dialog says what of the paragraph is whose."""
    dialog = visitor.page.get_by_role("dialog")
    by_grace = dialog.get_by_role("listitem").filter(has_text="Grace Hopper")
    by_ada = dialog.get_by_role("listitem").filter(has_text="Ada Lovelace")
    expect(by_grace.locator("blockquote")).to_have_text("Grace, offline.")
    expect(by_ada.first.locator("blockquote")).to_contain_text("Known to all.")
    expect(by_ada.last.locator("blockquote")).to_contain_text("Ada, meanwhile.")
    visitor.page.keyboard.press("Escape")


def write_apart(ada: Visitor, grace: Visitor) -> None:
    """Grace without a line, Ada meanwhile; then Grace's line is back."""
    line = Line(grace.page)
    grace.page.reload()  # the line is taken when the page opens it
    expect(grace.section("Summary")).to_be_visible()
    ada.write("Summary", "Known to all. ")
    expect(grace.section("Summary")).to_have_text("Known to all. ")
    line.cut()
    expect(grace.status).not_to_contain_text("Saved")
    grace.write("Summary", "Grace, offline. ")
    ada.write("Summary", "Ada, meanwhile. ")
    saved(ada)
    grace.page.keyboard.press("Control+Shift+E")
    mine = grace.page.get_by_role("dialog").get_by_role("listitem")
    expect(mine).to_have_count(2)
    expect(mine.nth(0)).to_contain_text("Ada Lovelace")
    expect(mine.nth(1)).to_contain_text("Not saved yet")
    expect(mine.nth(1).locator("blockquote")).to_have_text("Grace, offline.")
    grace.page.keyboard.press("Escape")
    line.mend()
    saved(grace)


def test_who_wrote_this_is_right_after_an_offline_merge(visit: Visit, server: RunningServer, people: People) -> None:
    """[HIS-15] One writes while their line is cut, the other meanwhile, in one paragraph: each is told apart, by
    key, by pointer, and to somebody who only reads; what is not saved yet says so."""
    case = people.open_case(server)
    ada, grace, olu = visit(people.lead), visit(people.contributor), visit(people.observer, size=PHONE)
    ada.open_case(case)
    grace.open_case(case)
    write_apart(ada, grace)
    expect(ada.section("Summary")).to_contain_text("Grace, offline.")
    expect(grace.section("Summary")).to_contain_text("Ada, meanwhile.")
    ada.section("Summary").click()
    ada.page.keyboard.press("Control+Shift+E")
    told_apart(ada)
    grace.section("Summary").click()
    grace.page.get_by_role("button", name="More", exact=True).click()
    grace.page.get_by_role("menuitem", name="Who wrote this").click()
    told_apart(grace)
    olu.open_case(case)
    expect(olu.section("Summary")).to_contain_text("Grace, offline.")
    olu.section("Summary").locator("p").click(click_count=3)
    olu.page.get_by_role("button", name="Who wrote this").click()
    told_apart(olu)
    olu.picture("who-wrote-this")


def told_of(visitor: Visitor, paragraph: str) -> Locator:
    """The dialog on who wrote this paragraph of the plan."""
    visitor.section("Plan").get_by_text(paragraph).click()
    visitor.page.keyboard.press("Control+Shift+E")
    dialog = visitor.page.get_by_role("dialog")
    expect(dialog.get_by_role("listitem")).to_have_count(1)
    expect(dialog.locator("blockquote")).to_have_text(paragraph)
    return dialog.get_by_role("listitem")


BEFORE_DOSE = """() => {
    const words = document.querySelector('#plan .ProseMirror p').firstChild
    getSelection().collapse(words, words.data.indexOf('5 mg'))
}"""


def test_a_moved_dose_keeps_its_writer_and_names_the_mover(visit: Visit, server: RunningServer, people: People) -> None:
    """[HIS-17] One writes a paragraph, the other splits it, turns the end into a heading, and takes that back: the
    words stay the first one's, with who moved them beside; what was not touched has no mover."""
    case = people.open_case(server)
    ada, grace = visit(people.lead), visit(people.contributor)
    ada.open_case(case)
    grace.open_case(case)
    ada.write("Plan", "Give heparin. Dose: 5 mg")
    expect(grace.section("Plan")).to_have_text("Give heparin. Dose: 5 mg")
    grace.section("Plan").click()
    keys = grace.page.keyboard
    grace.page.evaluate(BEFORE_DOSE)  # by keys it would take one more, or not: the other's caret stands at the end
    keys.press("Enter")
    expect(ada.section("Plan").locator("p")).to_have_text(["Give heparin. Dose: ", "5 mg"])
    saved(grace)
    item = told_of(ada, "5 mg")
    expect(item).to_contain_text("Ada Lovelace")
    expect(item).to_contain_text("moved by Grace Hopper")
    ada.picture("who-wrote-moved")
    ada.page.keyboard.press("Escape")
    expect(told_of(ada, "Give heparin. Dose:")).not_to_contain_text("moved by")
    ada.page.keyboard.press("Escape")

    keys.press("Control+Alt+3")
    expect(ada.section("Plan").get_by_role("heading")).to_have_text("5 mg")
    keys.press("Control+Shift+End")
    keys.press("Delete")
    expect(ada.section("Plan")).not_to_contain_text("mg")
    keys.press("Control+z")  # and the heading with it, on a fast machine
    expect(ada.section("Plan")).to_contain_text("5 mg")
    saved(grace)
    item = told_of(ada, "5 mg")
    expect(item).to_contain_text("Ada Lovelace")
    expect(item).to_contain_text("moved by Grace Hopper")
    ada.page.keyboard.press("Escape")

    ada.page.keyboard.press("Control+Shift+H")
    past(ada).get_by_label("Compare with").select_option("start")
    moved = past(ada).locator("[data-by='AL → GH']").filter(has_text="5 mg")
    expect(moved).to_have_attribute("title", re.compile("^Written by Ada Lovelace, moved by Grace Hopper"))
    expect(past(ada).get_by_role("list", name="Signs and people")).to_contain_text("moved by the second")


def test_what_changed_since_one_last_looked(visit: Visit, server: RunningServer, people: People) -> None:
    """[HIS-14] Told once, quietly, by whom and where; it leads to the comparison and is gone when that was seen."""
    case = people.open_case(server)
    ada, grace = visit(people.lead), visit(people.contributor)
    with ada.page.expect_response(seen):
        ada.open_case(case)
    with ada.page.expect_response(seen):
        ada.write("Summary", "As Ada knows it.")
    saved(ada)
    ada.page.goto(f"{server.url}/")
    grace.open_case(case)
    grace.write("Plan", "New since then.")
    grace.page.get_by_role("button", name="Imaging").first.click()
    grace.write("Imaging", "CT done.")
    saved(grace)
    ada.open_case(case)
    notice = ada.page.get_by_role("region", name="Since you last saw this case")
    expect(notice).to_contain_text("Grace Hopper changed 2 sections since you last saw this case")
    ada.picture("history-since")
    with ada.page.expect_response(seen):
        notice.get_by_role("button", name="Show").click()
        expect(past(ada).get_by_role("region", name="Plan").locator(".came")).to_contain_text("New since then.")
    expect(past(ada).get_by_role("region", name="Imaging").locator(".came")).to_contain_text("CT done.")
    expect(past(ada).get_by_role("region", name="Summary")).not_to_be_attached()
    expect(past(ada)).to_contain_text("2 differences")
    with ada.page.expect_response(re.compile("/seen$")):
        ada.page.reload()
    expect(ada.section("Plan")).to_have_text("New since then.")
    saved(ada)
    expect(notice).not_to_be_attached()


def step_through_edits(olu: Visitor, summary: Locator) -> None:
    """Tab to the slider of single edits, and along it."""
    keys = olu.page.keyboard
    edits = past(olu).get_by_role("slider", name="Single edit of this version")
    for _ in range(20):
        keys.press("Tab")
        if edits.evaluate("slider => slider === document.activeElement"):
            break
    expect(edits).to_be_focused()
    keys.press("ArrowLeft")
    expect(past(olu)).to_contain_text("You are looking at the past")
    expect(summary.locator(".came")).to_have_text(re.compile("e$"))
    expect(summary).not_to_contain_text("one two three")
    keys.press("Home")
    expect(edits).to_have_attribute("aria-valuetext", re.compile("^Edit 1 of .*Ada Lovelace"))
    expect(past(olu).get_by_text("one two")).to_have_count(0)
    keys.press("End")
    expect(edits).to_have_attribute("aria-valuetext", re.compile(r"^Edit (\d+) of \1,"))
    expect(summary).to_contain_text("one two three")


def test_the_history_by_keyboard_alone(visit: Visit, server: RunningServer, people: People) -> None:
    """[HIS-6] [HIS-10] [HIS-13] Opened, gone through edit by edit, difference by difference and left by keys; a server
    that is away is told of and asked again. One who only reads is offered neither names nor restoring."""
    case = people.open_case(server)
    ada, olu = visit(people.lead), visit(people.observer)
    ada.open_case(case)
    ada.page.keyboard.press("Control+Shift+H")
    expect(past(ada)).to_contain_text("Nothing has been written yet")
    ada.page.keyboard.press("Escape")
    expect(past(ada)).to_have_count(0)
    ada.write("Summary", "one two three")
    saved(ada)

    olu.open_case(case)
    olu.page.get_by_role("heading", name="Summary").focus()
    keys = olu.page.keyboard
    keys.press("Control+Shift+H")
    summary = past(olu).get_by_role("region", name="Summary")
    expect(summary).to_contain_text("one two three")
    expect(past(olu).get_by_role("heading", level=2)).to_be_focused()
    step_through_edits(olu, summary)
    keys.press("n")
    expect(past(olu).get_by_text("Difference 1 of 1")).to_be_visible()
    expect(past(olu).get_by_role("status").filter(has_text="Added by Ada Lovelace")).to_be_visible()
    expect(summary.locator(".came")).to_be_focused()
    for forbidden in ("Name this version", "Restore section", "Bring the whole record back"):
        expect(past(olu).get_by_role("button", name=forbidden)).to_have_count(0)
    keys.press("Escape")
    expect(past(olu)).to_have_count(0)
    expect(olu.page.get_by_role("heading", name="Summary")).to_be_focused()

    server.kill()
    keys.press("Control+Shift+H")
    failure = past(olu).get_by_role("alert")
    expect(failure).to_be_visible()
    server.start()
    failure.get_by_role("button", name="Try again").click()
    expect(summary).to_contain_text("one two three")


def test_what_the_editor_does_not_know_comes_back_whole(visit: Visit, server: RunningServer, people: People) -> None:
    """[HIS-11] [PAGE-11] A table of another client is shown by its words, and restoring it loses nothing of it."""
    case = people.open_case(server)
    write_with_another_client(server, people.lead, case, remove=True)
    ada = visit(people.lead)
    ada.open_case(case)
    ada.page.keyboard.press("Control+Shift+H")
    past(ada).get_by_role("button", name="Previous edit").click()
    plan = past(ada).get_by_role("region", name="Plan", exact=True)
    expect(plan).to_contain_text("Nimodipine 60 mg")
    plan.get_by_role("button", name="Restore section").click()
    ada.page.get_by_role("dialog").get_by_role("button", name="Restore", exact=True).click()
    expect(ada.section("Plan")).to_have_text("Nimodipine 60 mg")
    expect(ada.section("Plan")).not_to_be_editable()
    saved(ada)
    ada.page.reload()
    expect(ada.section("Plan")).to_have_text("Nimodipine 60 mg")
