"""What can be written in a section, by whom, on what, and how it looks to the others."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from functools import partial

from playwright.sync_api import Error, Locator, Page, expect

from tests.e2e.conftest import PHONE, Visitor
from tests.e2e.inspection import PAINTED
from tests.servers import ROOT, People, RunningServer

Visit = Callable[..., Visitor]
Step = Callable[[], object]

FIRST = ("Summary", "Impression", "Plan")
FOLDED = ("History", "Examination", "Investigations", "Imaging", "Timeline", "Outcome")
CLIPBOARD = ROOT / "web" / "tests" / "clipboard"
SHAPE = """element => {
    const copy = element.cloneNode(true)
    const drawn = '.caret, .ProseMirror-trailingBreak, .ProseMirror-separator, label'
    copy.querySelectorAll(drawn).forEach(each => each.remove())
    copy.querySelectorAll('.selected-by-other, .suggestion').forEach(each => each.replaceWith(...each.childNodes))
    copy.querySelectorAll('*').forEach(each => {
        for (const name of each.getAttributeNames())
            if (!['href', 'data-checked', 'data-label', 'scope', 'colspan'].includes(name)) each.removeAttribute(name)
    })
    copy.normalize()
    return copy.innerHTML
}"""
"""What is in a section, without what only this page draws."""
SAID = """name => [...document.querySelectorAll(`#${name} .prose > *`)].map(block => {
    const copy = block.cloneNode(true)
    copy.querySelectorAll('.caret').forEach(each => each.remove())
    return copy.textContent
}).join('')"""
"""The words of a section."""
PASTE = """(element, data) => {
    const carried = new DataTransfer()
    for (const [type, text] of Object.entries(data)) carried.setData(type, text)
    element.focus()
    element.dispatchEvent(new ClipboardEvent('paste', { clipboardData: carried, bubbles: true, cancelable: true }))
}"""


def shape(text: Locator) -> str:
    """The structure that a reader is shown."""
    return str(text.evaluate(SHAPE))


def expect_same(visitors: list[Visitor], section: str, expected: str) -> None:
    """Everybody is shown exactly this."""
    for visitor in visitors:
        text = visitor.section(section)
        expect(text).to_be_visible()
        with contextlib.suppress(Error):  # the comparison below says what is different
            visitor.page.wait_for_function(
                f"([e, w]) => ({SHAPE})(e) === w", arg=[text.element_handle(), expected], timeout=15_000
            )
        assert shape(text) == expected, visitor.someone.name


def tool(page: Page, name: str) -> None:
    """Press a tool of the row."""
    page.get_by_role("toolbar", name="Formatting").get_by_role("button", name=name, exact=True).click()


def repeat_until(visitor: Visitor, step: Step, section: str, text: str) -> None:
    """On a slow machine words that were typed in one breath are several steps."""
    for _ in range(12):
        if visitor.page.evaluate(SAID, section.lower()) == text:
            break
        step()
    expect(visitor.section(section)).to_have_text(text)


def undo_until(visitor: Visitor, section: str, text: str) -> None:
    """Take back, letter by letter if need be."""
    repeat_until(visitor, lambda: visitor.page.keyboard.press("Control+z"), section, text)


def by_palette(page: Page, words: str) -> None:
    """Find an action by its words, and do it."""
    page.keyboard.press("Control+Shift+P")
    palette = page.get_by_role("combobox", name="What would you like to do?")
    palette.fill(words)
    page.keyboard.press("Enter")
    expect(palette).to_have_count(0)


def test_a_case_opens_on_what_is_read_first(visit: Visit, server: RunningServer, people: People) -> None:
    """[WRT-1] [WRT-2] [WRT-6] Summary, impression and plan are open; each other section says what belongs in it and is
    one key away; spelling is checked in the page's language."""
    case = people.open_case(server)
    ada, olu = visit(people.lead), visit(people.observer, size=PHONE)
    ada.open_case(case)
    olu.open_case(case)
    for name in FIRST:
        expect(ada.section(name)).to_be_visible()
    for name in FOLDED:
        expect(ada.page.get_by_role("button", name=name, exact=True, expanded=False)).to_be_visible()
        expect(ada.section(name)).to_have_count(0)
    examination = ada.page.get_by_role("region", name="Examination")
    expect(examination).to_contain_text("Empty. Belongs here: Vital signs and findings")
    expect(ada.section("Plan")).to_have_attribute("aria-placeholder", re.compile("What happens next"))
    expect(olu.section("Plan")).to_have_attribute("aria-placeholder", re.compile("Nothing here yet.*What happens next"))
    ada.page.keyboard.press("Alt+Shift+Digit5")
    expect(ada.section("Examination")).to_be_focused()
    ada.page.keyboard.type("Alert, apyrexial.")
    ada.page.keyboard.press("Alt+PageDown")
    expect(ada.section("Investigations")).to_be_focused()
    ada.page.keyboard.press("Alt+Shift+Digit3")
    expect(ada.section("Plan")).to_be_focused()
    by_palette(ada.page, "timeline")
    expect(ada.section("Timeline")).to_be_focused()
    for attribute, value in (("lang", "en"), ("spellcheck", "true"), ("aria-multiline", "true")):
        expect(ada.section("Timeline")).to_have_attribute(attribute, value)
    olu.page.get_by_role("button", name="Sections").click()
    olu.page.get_by_role("dialog", name="Sections").get_by_role("button", name="Examination").click()
    expect(olu.section("Examination")).to_have_text("Alert, apyrexial.")
    expect(olu.page.get_by_role("heading", name="Examination")).to_be_focused()


HEADED = "<h3>Findings</h3><p>The <strong>wall</strong> is <em>thick</em>.</p>"
BULLETS = "<ul><li><p>echo</p></li><li><p>MRI</p></li></ul>"
NUMBERS = "<ol><li><p>stop</p></li><li><p>start</p></li></ol>"
TASKS = (
    '<ul><li data-checked="false"><div><p>call</p></div></li><li data-checked="false"><div><p>write</p></div></li></ul>'
)
CELL, HEAD_CELL = "<td><p></p></td>", '<th scope="col"><p></p></th>'
TABLE = f"<div><table><tbody><tr>{HEAD_CELL * 3}</tr><tr>{CELL * 3}</tr><tr>{CELL * 3}</tr></tbody></table></div>"
MENTION = '<p><span data-label="Grace Hopper">@Grace Hopper</span> agrees</p>'
LINKED = '<p>see <a href="https://example.org/guide">the guide</a></p>'


LISTS = (
    ("Bullets", "Digit8", "echo", "MRI"),
    ("Numbers", "Digit7", "stop", "start"),
    ("Tasks", "Digit9", "call", "write"),
)


def type_headed(page: Page, heading: Step, bold: Step, italic: Step) -> None:
    """A heading and a sentence with two words that stand out."""
    heading()
    page.keyboard.type("Findings")
    page.keyboard.press("Enter")
    for before, mark, word in (("The ", bold, "wall"), (" is ", italic, "thick")):
        page.keyboard.type(before)
        mark()
        page.keyboard.type(word)
        mark()
    page.keyboard.type(".")
    page.keyboard.press("Enter")


def type_list(page: Page, begin: Step, one: str, two: str) -> None:
    """Two items, and out of the list."""
    begin()
    for words in (one, two, ""):
        page.keyboard.type(words)
        page.keyboard.press("Enter")


def with_tools(ada: Visitor, section: str) -> None:
    """By the row of tools and the pointer."""
    page, keys = ada.page, ada.page.keyboard
    ada.section(section).click()
    type_headed(page, *[partial(tool, page, name) for name in ("Heading", "Bold", "Italic")])
    for name, _, one, two in LISTS:
        type_list(page, partial(tool, page, name), one, two)
    tool(page, "Mention")
    keys.type("hop")
    page.get_by_role("option", name="Grace Hopper Contributor").click()
    keys.type("agrees")
    keys.press("Enter")
    keys.type("see ")
    tool(page, "Link")
    dialog = page.get_by_role("dialog", name="Link")
    dialog.get_by_label("Text").fill("the guide")
    dialog.get_by_label("Address").fill("example.org/guide")
    keys.press("Enter")
    expect(dialog).to_have_count(0)
    tool(page, "Table")


def with_keys(grace: Visitor, section: str) -> None:
    """By shortcuts and what is typed."""
    page, keys = grace.page, grace.page.keyboard
    grace.section(section).click()
    type_headed(page, *[partial(keys.press, name) for name in ("Control+Alt+Digit3", "Control+b", "Control+i")])
    for _, digit, one, two in LISTS:
        type_list(page, partial(keys.press, f"Control+Shift+{digit}"), one, two)
    keys.type("@grace")
    expect(page.get_by_role("option", name="Grace Hopper Contributor")).to_be_visible()
    keys.press("Enter")
    keys.type("agrees")
    keys.press("Enter")
    keys.type("see ")
    keys.press("Control+k")
    dialog = page.get_by_role("dialog", name="Link")
    expect(dialog.get_by_label("Address")).to_be_focused()
    keys.type("https://example.org/guide")
    keys.press("Tab")
    keys.type("the guide")
    keys.press("Enter")
    expect(dialog).to_have_count(0)
    expect(grace.section(section)).to_be_focused()
    keys.press("Alt+Shift+T")


def with_palette(ada: Visitor, section: str) -> None:
    """By the words for what one wants."""
    page, keys = ada.page, ada.page.keyboard
    ada.section(section).click()
    type_headed(page, *[partial(by_palette, page, words) for words in ("make heading", "bold", "italic")])
    for words, (_, _, one, two) in zip(("bulleted", "numbered", "tasks"), LISTS, strict=True):
        type_list(page, partial(by_palette, page, words), one, two)
    by_palette(page, "mention")
    keys.type("grace")
    expect(page.get_by_role("option", name="Grace Hopper Contributor")).to_be_visible()
    keys.press("Tab")
    keys.type("agrees")
    keys.press("Enter")
    keys.type("see ")
    by_palette(page, "link")
    dialog = page.get_by_role("dialog", name="Link")
    expect(dialog.get_by_label("Address")).to_be_focused()
    keys.type("https://example.org/guide")
    keys.press("Tab")
    keys.type("the guide")
    keys.press("Enter")
    expect(dialog).to_have_count(0)
    by_palette(page, "insert table")


def test_all_kinds_of_text_by_toolbar_by_key_and_by_palette(
    visit: Visit, server: RunningServer, people: People
) -> None:
    """[WRT-3] Headings, bold, lists, tasks, tables, links and mentions: three ways to each, and the same for a
    reader."""
    case = people.open_case(server)
    # Wide enough for the whole row of tools.
    ada, grace, olu = visit(people.lead, size=(1600, 900)), visit(people.contributor), visit(people.observer)
    everybody = [ada, grace, olu]
    for visitor in everybody:
        visitor.open_case(case)
    whole = HEADED + BULLETS + NUMBERS + TASKS + MENTION + LINKED + TABLE + "<p></p>"
    with_tools(ada, "Summary")
    expect_same(everybody, "Summary", whole)
    with_keys(grace, "Impression")
    expect_same(everybody, "Impression", whole)
    with_palette(ada, "Plan")
    expect_same(everybody, "Plan", whole)
    expect(olu.section("Summary").get_by_role("checkbox").first).to_be_disabled()
    ada.section("Summary").get_by_role("checkbox", name="call").click()
    expect(olu.section("Summary").get_by_role("checkbox", name="call")).to_be_checked()
    with olu.page.context.expect_page() as opened:
        olu.section("Summary").get_by_role("link", name="the guide").click()
    opened.value.close()


def add_to_item(visitor: Visitor, number: int, text: str) -> None:
    """Go on writing at the end of an item."""
    visitor.section("Impression").get_by_role("listitem").nth(number).click()
    visitor.page.evaluate(PAINTED)  # the editor learns of a new selection a moment later
    visitor.page.keyboard.press("End")
    visitor.page.evaluate(PAINTED)
    visitor.page.keyboard.type(text)


def test_two_people_change_one_list_and_one_table_at_once(visit: Visit, server: RunningServer, people: People) -> None:
    """[WRT-4] Both type in one table and one list and add rows and items between each other's, for a while without a
    server: every word is there for both, and the table is whole."""
    case = people.open_case(server)
    ada, grace = visit(people.lead), visit(people.contributor)
    ada.open_case(case)
    grace.open_case(case)
    ada.section("Plan").click()
    ada.page.keyboard.press("Alt+Shift+T")
    cells = ada.section("Plan").locator("th, td")
    expect(cells).to_have_count(9)
    ada.page.keyboard.type("Drug")
    plan = grace.section("Plan")
    expect(plan.locator("th").first).to_have_text("Drug")
    plan.locator("td").nth(2).click()
    for turn in range(4):  # each letter of one arrives between two letters of the other
        ada.page.keyboard.type(f" a{turn}")
        grace.page.keyboard.type(f"g{turn} ")
    ada.section("Plan").locator("td").nth(1).click()
    by_palette(ada.page, "row below")
    by_palette(grace.page, "column right")
    for visitor in (ada, grace):
        text = visitor.section("Plan")
        expect(text.locator("th").first).to_have_text("Drug a0 a1 a2 a3")
        expect(text.locator("td", has_text="g0 g1 g2 g3")).to_have_count(1)
        expect(text.locator("tr")).to_have_count(4)
        expect(text.locator("th, td")).to_have_count(16)

    ada.section("Impression").click()
    for line in ("- first", "second"):
        ada.page.keyboard.type(line)
        ada.page.keyboard.press("Enter")
    ada.page.keyboard.press("Enter")
    expect(grace.section("Impression").get_by_role("listitem")).to_have_count(2)
    server.kill()
    add_to_item(grace, 0, "\nfrom Grace")
    add_to_item(ada, 1, " too\nfrom Ada")
    server.start()
    for visitor in (ada, grace):
        items = visitor.section("Impression").get_by_role("listitem")
        expect(items).to_have_text(["first", "from Grace", "second too", "from Ada"], timeout=45_000)
        expect(visitor.status).to_contain_text("Saved", timeout=45_000)


def test_undo_follows_a_person_through_all_sections(visit: Visit, server: RunningServer, people: People) -> None:
    """[WRT-5] One's last change is taken back first, in whatever section it was, and the page goes there; what the
    other wrote into it stays; redo walks back."""
    case = people.open_case(server)
    ada, grace = visit(people.lead), visit(people.contributor)
    ada.open_case(case)
    grace.open_case(case)
    ada.write("Summary", "Ada sums up.")
    ada.page.keyboard.press("Alt+Shift+Digit8")
    expect(ada.section("Timeline")).to_be_focused()
    ada.page.keyboard.type("Day 0.")
    ada.page.keyboard.press("Alt+Shift+Digit3")
    expect(ada.section("Plan")).to_be_focused()
    ada.page.keyboard.press("Control+Alt+Digit3")
    ada.page.keyboard.type("Today")
    expect(grace.section("Plan").locator("h3")).to_have_text("Today")
    grace.write("Plan", " and tomorrow")
    expect(ada.section("Plan").locator("h3")).to_have_text("Today and tomorrow")
    ada.page.get_by_role("button", name="Timeline", exact=True, expanded=True).click()
    ada.section("Plan").click()
    undo_until(ada, "Plan", " and tomorrow")
    expect(grace.section("Plan")).to_have_text(" and tomorrow")
    undo_until(ada, "Timeline", "")
    expect(ada.section("Timeline")).to_be_focused()
    undo_until(ada, "Summary", "")
    expect(ada.section("Summary")).to_be_focused()
    expect(ada.page.get_by_role("button", name="Undo")).to_have_attribute("aria-disabled", "true")
    repeat_until(ada, lambda: tool(ada.page, "Redo"), "Timeline", "Day 0.")
    expect(grace.section("Summary")).to_have_text("Ada sums up.")
    expect(ada.section("Timeline")).to_be_focused()
    expect(grace.section("Plan")).to_have_text(" and tomorrow")


def test_a_paste_is_words_and_nothing_else(visit: Visit, server: RunningServer, people: People) -> None:
    """[WRT-7] [WRT-8] What Word, Google Docs, LibreOffice, Outlook and a hostile page put on the clipboard: shown alike
    to the writer and to a reader, with no script run, nothing fetched, and a word about what was left out."""
    case = people.open_case(server)
    ada, olu = visit(people.lead), visit(people.observer)
    ada.open_case(case)
    olu.open_case(case)
    asked: list[str] = []
    for visitor in (ada, olu):
        visitor.page.on("request", lambda request: asked.append(request.url))
    summary = ada.section("Summary")

    def paste(**data: str) -> None:
        summary.evaluate(PASTE, {f"text/{kind}": text for kind, text in data.items()})

    for source, words in (
        ("word365", "Nimodipine 60 mg every 4 h"),
        ("google-docs", "Repeat the angiogram"),
        ("libreoffice", "412 × 10⁹/l"),
        ("outlook", "nothing to eat after midnight"),
        ("web-page", "transcranial Doppler"),
    ):
        paste(html=(CLIPBOARD / f"{source}.html").read_text("utf-8"), plain="not this")
        expect(summary).to_contain_text(words)
        ada.page.keyboard.press("Control+End")
    expect(ada.page.get_by_text("pictures were left out")).to_be_visible()
    expect(summary.locator("table table")).to_have_count(0)
    expect(summary.locator("ul ul, ol ol")).to_have_count(4)
    expect(summary.locator("h3")).to_have_count(4)
    expect(summary.locator("script, img, style, iframe, svg, form, [style], [onclick]")).to_have_count(0)
    expect(ada.status).to_contain_text("Saved")
    expect(olu.section("Summary")).to_contain_text("transcranial Doppler")
    expect_same([ada, olu], "Summary", shape(summary))
    plan = ada.section("Plan")
    plan.evaluate(PASTE, {"text/plain": "one\n\ntwo"})
    expect(plan.locator("p")).to_have_text(["one", "two"])
    plan.evaluate(PASTE, {"text/plain": " https://example.org/a "})
    expect(plan.get_by_role("link")).to_have_attribute("href", "https://example.org/a")
    before = shape(plan)
    plan.evaluate(PASTE, {"text/plain": "x" * 500_001})
    expect(ada.page.get_by_text("too much to paste at once: up to 500,000")).to_be_visible()
    assert shape(plan) == before
    for visitor in (ada, olu):
        assert visitor.page.evaluate("window.hacked") is None
    assert [url for url in asked if not url.startswith(server.url)] == []
    ada.picture("pasted")


SEEN = """() => {
    const wider = element => element.scrollWidth - element.clientWidth
    const cell = getSelection().getRangeAt(0).startContainer.parentElement.closest('td')
    return {
        inside: wider(document.querySelector('.table-scroll')), around: wider(document.documentElement),
        bar: document.querySelector('.bar').getBoundingClientRect(), caret: cell.getBoundingClientRect(),
    }
}"""


def test_a_phone_writes_too(visit: Visit, server: RunningServer, people: People) -> None:
    """[WRT-9] With fingers and the keyboard over half of the window: tools within reach and with the caret in sight, a
    member chosen by touch, a wide table that scrolls inside the page, which does not."""
    case = people.open_case(server)
    ada = visit(people.lead, size=PHONE, touch=True)
    ada.open_case(case)
    page = ada.page
    plan = ada.section("Plan")
    plan.tap()
    page.set_viewport_size({"width": 390, "height": 430})  # the keyboard came up
    expect(plan).to_be_focused()
    expect(page.get_by_role("navigation", name="Panels")).not_to_be_visible()
    page.get_by_role("toolbar", name="Formatting").get_by_role("button", name="More").tap()
    menu = page.get_by_role("menu", name="More tools")
    expect(plan).to_be_focused()
    menu.get_by_role("menuitem", name="Mention a member").tap()
    grace = page.get_by_role("option", name="Grace Hopper Contributor")
    expect(grace).to_be_in_viewport(ratio=1)
    grace.tap()
    expect(plan).to_have_text("@Grace Hopper ")
    page.keyboard.press("Enter")
    page.get_by_role("toolbar", name="Formatting").get_by_role("button", name="More").tap()
    menu.get_by_role("menuitem", name="Insert a table").tap()
    table = plan.locator("table")
    expect(table).to_be_visible()
    for _ in range(3):
        page.get_by_role("toolbar", name="Table").get_by_role("button", name="Column right").tap()
    expect(table.locator("tr").first.locator("th")).to_have_count(6)
    for number in range(18):
        page.keyboard.type(f"cell {number}")
        if number < 17:
            page.keyboard.press("Tab")
    expect(plan.locator("td").last).to_have_text("cell 17")
    for _ in range(12):
        page.keyboard.press("Tab")
    expect(plan.locator("tr")).to_have_count(5)
    seen = page.evaluate(SEEN)
    assert seen["inside"] > 0, "the table should be too wide"
    assert seen["around"] == 0
    assert 0 <= seen["bar"]["top"] < seen["bar"]["bottom"] <= seen["caret"]["top"] < seen["caret"]["bottom"] <= 430
    page.get_by_role("toolbar", name="Table").get_by_role("button", name="More").tap()
    page.get_by_role("menu", name="More tools").get_by_role("menuitem", name="Delete table").tap()
    expect(table).to_have_count(0)
    expect(plan).to_have_text("@Grace Hopper ")
    ada.picture("phone-writing")
