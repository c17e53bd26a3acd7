"""One clinician, no pointer: through the whole page by keys, from signing in to signing out."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visitor
from tests.servers import PASSWORD, People, RunningServer

Visit = Callable[..., Visitor]

EYES = Path(__file__).with_name("eyes.js")
MOST_STEPS, FRAMES = 60, 60
FOCUSED = """() => {
    document.querySelectorAll('[data-walked]').forEach(each => each.removeAttribute('data-walked'))
    const { wrong = [] } = eyes.step()
    const element = document.activeElement
    const label = element.getAttribute('aria-label') ?? element.labels?.[0]?.innerText ?? element.innerText
    return [label.trim().replace(/\\s+/g, ' '), wrong]
}"""


def walk_to(page: Page, name: str, key: str = "Tab") -> None:
    """Press Tab until the focus is there; on the way it is always seen."""
    if not page.evaluate("'eyes' in window"):
        page.evaluate(EYES.read_text("utf-8"))
    passed = []
    for _ in range(MOST_STEPS):
        page.keyboard.press(key)
        label, wrong = page.evaluate(FOCUSED)
        for _ in range(FRAMES):  # the page may still be gliding there
            if wrong == []:
                break
            label, wrong = page.evaluate(f"new Promise(requestAnimationFrame).then({FOCUSED})")
        assert wrong == [], wrong
        if re.search(name, label):
            return
        passed.append(label)
    raise AssertionError(f"no {name} among {passed}")


def write_with_keys(ada: Visitor) -> None:
    """A heading, bold, a mention, a link and a table, and out of the table again."""
    page, keys, plan = ada.page, ada.page.keyboard, ada.section("Plan")
    keys.press("Alt+Shift+Digit3")
    expect(plan).to_be_focused()
    keys.type("### Today")
    keys.press("Enter")
    keys.press("Control+b")
    keys.type("Now")
    keys.press("Control+b")
    keys.type(": ask @Gra")
    expect(page.get_by_role("option", name="Grace Hopper Contributor")).to_be_visible()
    keys.press("Enter")
    keys.type("to read ")
    keys.press("Control+k")
    expect(page.get_by_role("dialog", name="Link")).to_be_visible()
    keys.type("example.org/guide")
    keys.press("Enter")
    expect(plan).to_be_focused()
    expect(plan.get_by_role("link", name="example.org/guide")).to_be_visible()
    keys.press("Alt+Shift+T")
    for word in ("Drug", "Dose", "Since"):
        keys.type(word)
        keys.press("Tab")
    keys.type("nimodipine")
    expect(plan.get_by_role("columnheader")).to_have_text(["Drug", "Dose", "Since"])
    expect(plan.get_by_role("cell").first).to_have_text("nimodipine")
    keys.press("Escape")
    keys.press("Tab")
    expect(plan).not_to_be_focused()
    keys.press("Shift+Tab")
    expect(plan).to_be_focused()
    keys.type("!")
    expect(plan.get_by_role("cell").first).to_have_text(re.compile("^(!nimodipine|nimodipine!)$"))


def use_dialogs(ada: Visitor) -> None:
    """The list of keys and the palette: each is left where one was."""
    page, keys, plan = ada.page, ada.page.keyboard, ada.section("Plan")
    for opener in ("Control+/", "F1"):
        keys.press(opener)
        sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
        expect(sheet).to_contain_text("Leave the text")
        expect(sheet).to_contain_text("Undo my last change")
        keys.press("Escape")
        expect(sheet).to_have_count(0)
        expect(plan).to_be_focused()
    keys.type("?")
    expect(plan).to_contain_text("?")
    keys.press("Control+Shift+P")
    expect(page.get_by_role("combobox", name="What would you like to do?")).to_be_focused()
    keys.type("previous section")
    keys.press("Enter")
    expect(ada.section("Impression")).to_be_focused()
    keys.type("RCVS")
    expect(ada.section("Impression")).to_have_text("RCVS")
    keys.press("Control+z")
    expect(ada.section("Impression")).to_have_text("")
    keys.press("Control+y")
    expect(ada.section("Impression")).to_have_text("RCVS")


def test_the_whole_page_without_a_pointer(visit: Visit, server: RunningServer, people: People) -> None:
    """[WRT-10] Sign in, open a case, write with formatting, leave a table, read the status, use the row of tools, the
    palette and the list of keys, take back, sign out; the focus is always seen and never caught."""
    server.create_case(people.lead, "Sudden headache")
    case = server.create_case(people.lead, "Fever after travel")
    server.set_member(case, people.lead, people.contributor, "contributor")
    ada = visit(people.lead, signs_in=False)
    page, keys = ada.page, ada.page.keyboard
    expect(page.get_by_label("E-mail")).to_be_visible()
    walk_to(page, "E-mail")
    keys.type(people.lead.email)
    walk_to(page, "Password")
    keys.type(PASSWORD)
    keys.press("Enter")
    expect(page.get_by_role("heading", name="My cases")).to_be_focused()
    walk_to(page, "^Fever after travel")
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Fever after travel")
    expect(ada.section("Plan")).to_be_visible()
    write_with_keys(ada)
    use_dialogs(ada)
    walk_to(page, "^Bold$", "Shift+Tab")
    keys.press("End")
    expect(page.get_by_role("toolbar").get_by_role("button").last).to_be_focused()
    keys.press("Home")
    keys.press("ArrowRight")
    expect(page.get_by_role("toolbar").get_by_role("button", name="Italic", exact=True)).to_be_focused()
    expect(ada.status).to_contain_text("Saved")
    walk_to(page, "^Saved$", "Shift+Tab")
    keys.press("Enter")
    expect(page.get_by_role("dialog", name="Saved")).to_contain_text("The server has confirmed everything you wrote")
    keys.press("Escape")
    expect(page.get_by_role("button", name="Saved")).to_be_focused()
    walk_to(page, "^A.*Ada Lovelace$", "Shift+Tab")
    keys.press("Enter")
    expect(page.get_by_role("menuitem").first).to_be_focused()
    keys.press("End")
    expect(page.get_by_role("menuitem", name="Sign out")).to_be_focused()
    keys.press("Enter")
    expect(page.get_by_label("E-mail")).to_be_visible()
