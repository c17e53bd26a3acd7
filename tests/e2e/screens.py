"""The list of screens: a new page is one line more here, and its access is tested and its pictures are kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO

from PIL import Image
from playwright.sync_api import Page, expect

from server.demo import CASES, PEOPLE
from tests.e2e.asked_case import ASKED
from tests.e2e.past_case import PAST
from tests.e2e.stage import Screen
from tests.e2e.still_server import BLANK

Said = Callable[[str], re.Pattern[str]]

RECORD = f"/cases/{next(case.id for case in CASES if case.key == 'thunderclap')}"
EMPTY = f"/cases/{BLANK.id}"
WITH_PAST = f"/cases/{PAST.id}"
WITH_PROPOSALS = f"/cases/{ASKED.id}"
WRITTEN = "#summary .ProseMirror"


def _person(key: str) -> str:
    return next(each.person.id for each in PEOPLE if each.key == key)


SOMEBODY = f"/admin/people/{_person('sam')}"


def press(key: str, role: str = "button") -> Callable[[Page, Said], object]:
    """Press what the page calls so."""

    def step(page: Page, said: Said) -> None:
        page.get_by_role(role, name=said(key)).first.click()  # type: ignore[arg-type]

    return step


def press_all(*keys: str) -> Callable[[Page, Said], object]:
    """One after the other: buttons, and then what a menu offers."""

    def steps(page: Page, said: Said) -> None:
        for key in keys:
            page.get_by_role("button", name=said(key)).or_(page.get_by_role("menuitem", name=said(key))).first.click()

    return steps


def open_role_menu(page: Page, said: Said) -> None:
    """What a member may become."""
    del said
    page.locator("aside .role-menu").nth(1).click()


def open_account(page: Page, said: Said) -> None:
    """The button in the application's bar."""
    del said
    page.locator("header [aria-haspopup=menu]").click()


def ask_what_it_means(page: Page, said: Said) -> None:
    """The line about saving, once it is at rest."""
    line = page.get_by_role("status").get_by_role("button", name=said("status.saved"))
    line.click()


def refuse_sign_in(page: Page, said: Said) -> None:
    """A wrong password."""
    page.locator("[name=email]").fill("amara@demo.example")
    page.locator("[name=password]").fill("not this one, surely")
    page.locator("form .primary").click()
    expect(page.get_by_role("alert")).to_be_visible()


def choose_password(page: Page, said: Said) -> None:
    """Something that is quickly guessed."""
    del said
    page.locator("[name=new-password]").fill("Password1")
    expect(
        page.locator("[name=new-password]").locator("xpath=ancestor::form").get_by_role("status").first
    ).to_contain_text(re.compile(r"\w"))


def choose_picture(page: Page, said: Said) -> None:
    """A picture that is looked at before it is kept."""
    drawn = BytesIO()
    Image.linear_gradient("L").resize((600, 400)).convert("RGB").save(drawn, "PNG")
    page.locator("input[type=file]").set_input_files(
        {"name": "me.png", "mimeType": "image/png", "buffer": drawn.getvalue()}
    )
    expect(page.get_by_role("button", name=said("account.usePicture"))).to_be_visible()


def invite(page: Page, said: Said) -> None:
    """Add somebody, as far as the form goes: the still server's people stay as they are."""
    press("admin.add")(page, said)
    page.locator("dialog [name=name]").fill("Dr Noor Haddad")
    page.locator("dialog [name=email]").fill("noor@demo.example")


def hand_over(page: Page, said: Said) -> None:
    """A link, with its secret covered: it is another one in every picture."""
    press("admin.resetLink")(page, said)
    box = page.locator("dialog input")
    expect(box).to_have_value(re.compile("/reset#"))
    box.evaluate("each => each.value = 'https://consilium.example/reset#8Qm3…'")


def follow_reset_link(page: Page, said: Said) -> None:
    """An admin's link for somebody who never signs in here, and a password that will do."""
    path = f"/api/admin/people/{_person('meihua')}/reset-link"
    link = page.evaluate(
        """async path => (await (await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' },
            body: '{}' })).json()).link""",
        path,
    )
    page.evaluate("link => { location.hash = new URL(link, location.origin).hash }", link)
    box = page.locator("[name=new-password]")
    box.fill("otter umbrella granite Tuesday")
    expect(page.get_by_text(said("sign.strength.4"))).to_be_visible()


def cover(texts: Mapping[str, str]) -> Callable[[Page, Said], object]:
    """Write other texts over what is not the same in every run: `{selector: text}`."""

    def step(page: Page, said: Said) -> None:
        del said
        for selector, text in texts.items():
            page.locator(selector).evaluate_all("(all, text) => all.forEach(each => (each.textContent = text))", text)

    return step


def open_versions(page: Page, said: Said) -> None:
    """The list: a tab at the desk, a sheet on the phone."""
    name = said("history.title")
    page.get_by_role("tab", name=name).or_(page.get_by_role("button", name=name)).first.click()
    expect(page.locator("ol button").first).to_be_visible()


def open_past(page: Page, said: Said) -> None:
    """By its key."""
    del said
    page.keyboard.press("Control+Shift+H")
    expect(page.locator(".cover h2").last).to_be_visible()


def compare_with_now(page: Page, said: Said) -> None:
    """Two sittings back."""
    open_past(page, said)
    for _ in range(2):
        page.get_by_role("button", name=said("history.previousVersion")).click()
    page.get_by_label(said("history.compare")).select_option("now")
    expect(page.locator(".cover del").last).to_be_visible()


def in_comparison(key: str) -> Callable[[Page, Said], object]:
    """Compare, and press what is offered there first."""

    def step(page: Page, said: Said) -> None:
        compare_with_now(page, said)
        page.get_by_role("button", name=said(key)).first.click()

    return step


def until_read(page: Page, said: Said) -> None:
    """Records are read a moment after the server has started; the list sees it when one comes back to it."""
    del said
    page.wait_for_function(
        """() => {
            document.dispatchEvent(new Event('visibilitychange'))
            return document.querySelector('.overdue') !== null
        }""",
        polling=500,
    )


def look_for(question: str, shows: str) -> Callable[[Page, Said], object]:
    """Type into the search, and wait for what comes of it."""

    def step(page: Page, said: Said) -> None:
        until_read(page, said)
        page.get_by_role("searchbox").fill(question)
        expect(page.locator(shows).first).to_be_visible()

    return step


def begin_case(page: Page, said: Said) -> None:
    """A new case, with the first template."""
    press("cases.create")(page, said)
    page.get_by_role("dialog").get_by_role("textbox").fill("Fever and rash after travel")
    page.get_by_role("dialog").get_by_role("radio").nth(1).check()
    expect(page.locator(".preview section:visible").first).to_be_visible()


def show_proposals(*then: str) -> Callable[[Page, Said], object]:
    """Unfold what is asked for, and press what is offered there first."""

    def step(page: Page, said: Said) -> None:
        notice = page.get_by_role("region", name=said("proposal.title"))
        for key in ("proposal.show", *then):
            notice.get_by_role("button", name=said(key)).first.click()
        expect(notice.get_by_role("article").first).to_be_visible()

    return step


def save_second(*then: str) -> Callable[[Page, Said], object]:
    """Another moderator was faster; for the next screen the template is again as it was."""

    def step(page: Page, said: Said) -> None:
        path = "/api/templates/tumour-board-en"
        page.locator("main input").first.fill("Tumour board, the short one")
        page.evaluate(
            """async path => {
                const { version } = await (await fetch(path)).json()
                const body = JSON.stringify({ retired: false, version })
                await (await fetch(`${path}/retired`, {
                    method: 'PUT', headers: { 'content-type': 'application/json' }, body
                })).text()
            }""",
            path,
        )
        press("templates.save")(page, said)
        expect(page.get_by_role("button", name=said("templates.saveOver"))).to_be_visible()
        page.evaluate("async path => { await (await fetch(`${path}/reset`, { method: 'POST' })).text() }", path)
        for key in then:
            press(key)(page, said)

    return step


def ask_who_wrote(page: Page, said: Said) -> None:
    """The caret in a paragraph of two people, and the key."""
    del said
    page.locator("#plan .ProseMirror p").nth(1).click()
    page.keyboard.press("Control+Shift+E")
    expect(page.locator("dialog li").first).to_be_visible()


def open_import(page: Page, said: Said) -> None:
    """By the palette: the toolbar has no room for it everywhere."""
    page.keyboard.press("Control+Shift+P")
    page.get_by_role("dialog").get_by_text(said("import.command")).click()
    expect(page.get_by_role("button", name=said("import.choose"))).to_be_visible()


def choose_file(name: str, content: str) -> Callable[[Page, Said], object]:
    """A file in the import dialog."""

    def step(page: Page, said: Said) -> None:
        open_import(page, said)
        page.locator("dialog input[type=file]").set_input_files(
            {"name": name, "mimeType": "", "buffer": content.encode()}
        )
        expect(page.locator("dialog").get_by_role("alert").or_(page.locator("dialog .prose").first)).to_be_visible()

    return step


def while_writing(*steps: Callable[[Page, Said], object]) -> Callable[[Page, Said], object]:
    """With the caret in the summary; nothing is typed, for all screens share one record."""

    def walk(page: Page, said: Said) -> None:
        page.locator(WRITTEN).click()
        for step in steps:
            step(page, said)

    return walk


def keys(*combination: str) -> Callable[[Page, Said], object]:
    """Press keys, and wait for the dialog that they open."""

    def step(page: Page, said: Said) -> None:
        del said
        for each in combination:
            page.keyboard.press(each)
        expect(page.locator("dialog[open]")).to_be_visible()

    return step


LETTER = """<html><h1>Discharge letter</h1><img src="scan.png"><p>Seen on day 9 with a <b>thunderclap headache</b>.</p>
<ul><li>CT head: normal</li><li>Lumbar puncture: normal</li></ul>
<table><tr><th>Test</th><th>Result</th></tr><tr><td>Sodium</td><td>139 mmol/l</td></tr></table></html>"""
NOTES = """Seen in the emergency department.

# Summary

Second thunderclap headache.

# Plan

- [x] CT angiogram
- [ ] MR angiogram on day 8
"""

SCREENS: Sequence[Screen] = (
    Screen("sign-in", None, "/", "Signing in."),
    Screen("sign-in-refused", None, "/", "A password that was not right.", steps=refuse_sign_in),
    Screen(
        "look", None, "/", "Language and appearance, before anybody has signed in.", steps=press("app.languageAndLook")
    ),
    Screen("forgot", None, "/forgot-password", "A forgotten password, where the server sends no mail.", shows="main a"),
    Screen("reset-spent", None, "/reset#used-up", "A link that was used before.", shows="main [role=alert]"),
    Screen(
        "reset",
        "sam",
        "/reset",
        "Choosing a password by a link, as an invitation does too.",
        shows="main [role=alert]",
        steps=follow_reset_link,
    ),
    Screen("profile", "amara", "/profile", "Who one is to colleagues, and the language."),
    Screen("profile-picture", "jonas", "/profile", "A picture, before it is shown to others.", steps=choose_picture),
    Screen("security", "amara", "/security", "The password, and where one is signed in.", shows="main li"),
    Screen("security-weak", "jonas", "/security", "A password that is quickly guessed.", steps=choose_password),
    Screen(
        "admin-people",
        "sam",
        "/admin/people",
        "Everybody with an account.",
        shows="main li",
        steps=cover({"main li a > :last-child": "16 Mar 2026"}),
    ),
    Screen("admin-nobody", "sam", "/admin/people?find=nobody", "Nobody has that name.", shows="main h2"),
    Screen("admin-add", "sam", "/admin/people", "Adding somebody.", shows="main li", steps=invite),
    Screen("admin-person", "sam", SOMEBODY, "One account.", shows="main h2"),
    Screen("admin-link", "sam", SOMEBODY, "A link to hand over.", shows="main h2", steps=hand_over),
    Screen(
        "admin-settings",
        "sam",
        "/admin/settings",
        "Settings in effect.",
        shows="main dt",
        steps=cover({"dt:has-text('_DATA') + dd > code": "/srv/consilium", "dt:has-text('_PORT') + dd > code": "8000"}),
    ),
    Screen(
        "admin-storage",
        "sam",
        "/admin/storage",
        "What the store holds.",
        shows="main td",
        steps=cover(
            {
                "main dd": "28",
                "main dd.hint": "15.1 kB",
                "main dl > :first-child dd": "270.3 kB",
                "main td": "14",
                "main td:nth-child(2)": "7.7 kB",
            }
        ),
    ),
    Screen("cases", "amara", "/", "The cases of a clinician.", steps=until_read),
    Screen("cases-act", "amara", "/?tab=act", "What waits for a clinician."),
    Screen("cases-no-hit", "amara", "/?state=archived&role=observer", "Filters that leave nothing."),
    Screen("cases-filters", "amara", "/", "The filters on a phone.", steps=press("cases.filters"), only="phone"),
    Screen("search", "amara", "/", "What was found, and where.", steps=look_for("VENTRICÚLAR tachy", "mark")),
    Screen("search-none", "amara", "/", "Nothing was found.", steps=look_for("xylophone", "main .card h2")),
    Screen("new-case", "amara", "/", "How a case begins.", steps=begin_case),
    Screen("cases-moderator", "ingrid", "/", "The cases as a moderator sees them."),
    Screen("cases-empty", "stan", "/", "Somebody new has no case yet."),
    Screen("templates", "ingrid", "/templates", "The templates of the house.", shows="main li"),
    Screen("template", "ingrid", "/templates/consult-en", "A template, to change.", shows="main .prose"),
    Screen("template-new", "ingrid", "/templates/new", "A new template.", shows="main .prose"),
    Screen(
        "template-conflict",
        "ingrid",
        "/templates/tumour-board-en",
        "A template that somebody else changed meanwhile.",
        shows="main .prose",
        steps=save_second(),
    ),
    Screen(
        "template-theirs",
        "ingrid",
        "/templates/tumour-board-en",
        "What somebody else made of a template.",
        shows="main .prose",
        steps=save_second("templates.seeTheirs"),
    ),
    Screen("account", "amara", "/", "The account's menu.", steps=open_account),
    Screen("nothing", "amara", "/nowhere", "An address that leads nowhere."),
    Screen("case", "amara", RECORD, "A written case, with a colleague in it.", shows=WRITTEN, company=("jonas",)),
    Screen(
        "status",
        "amara",
        RECORD,
        "What the line about saving means, and the choice to keep copies on this device.",
        shows=WRITTEN,
        steps=ask_what_it_means,
    ),
    Screen("case-empty", "jonas", EMPTY, "A case without a word yet.", shows=WRITTEN),
    Screen("case-reading", "rafael", RECORD, "The same case for somebody who may only read.", shows=WRITTEN),
    Screen(
        "head-editing",
        "amara",
        RECORD,
        "The head, written on a phone.",
        shows=WRITTEN,
        steps=press("head.edit"),
        only="phone",
    ),
    Screen("import", "amara", RECORD, "A file to import.", shows=WRITTEN, steps=open_import),
    Screen(
        "import-preview",
        "amara",
        RECORD,
        "What a file would bring into a section.",
        shows=WRITTEN,
        steps=choose_file("2026-03-16.html", LETTER),
    ),
    Screen(
        "import-sections",
        "amara",
        RECORD,
        "A file with sections of the record.",
        shows=WRITTEN,
        steps=choose_file("2026-03-16.md", NOTES),
    ),
    Screen(
        "import-refused",
        "amara",
        RECORD,
        "A file that cannot be imported.",
        shows=WRITTEN,
        steps=choose_file("scan.pdf", "%PDF-1.7"),
    ),
    Screen(
        "export", "amara", RECORD, "A copy of the record to take along.", shows=WRITTEN, steps=press("export.title")
    ),
    Screen("case-menu", "amara", RECORD, "What can be done with a case.", shows=WRITTEN, steps=press("case.actions")),
    Screen(
        "case-rename",
        "amara",
        RECORD,
        "Another title for a case.",
        shows=WRITTEN,
        steps=press_all("case.actions", "case.rename"),
    ),
    Screen(
        "case-conclude",
        "amara",
        RECORD,
        "A question before a case is concluded.",
        shows=WRITTEN,
        steps=press_all("case.actions", "case.conclude"),
        company=("jonas",),
    ),
    Screen(
        "people",
        "amara",
        RECORD,
        "Who is here and who belongs to the case, with somebody about to be added.",
        shows=WRITTEN,
        steps=press_all("people.count", "people.add"),
        company=("jonas",),
    ),
    Screen(
        "people-role",
        "amara",
        RECORD,
        "Another role for a member.",
        shows=WRITTEN,
        steps=open_role_menu,
        only="desktop",
    ),
    Screen(
        "proposals",
        "amara",
        WITH_PROPOSALS,
        "What colleagues who may not write ask to include.",
        shows=WRITTEN,
        steps=show_proposals(),
    ),
    Screen(
        "proposals-decline",
        "amara",
        WITH_PROPOSALS,
        "Declining it, with a line to who asks.",
        shows=WRITTEN,
        steps=show_proposals("proposal.decline"),
    ),
    Screen(
        "proposals-own",
        "rafael",
        WITH_PROPOSALS,
        "What became of what one asked for.",
        shows="#summary .ProseMirror, .included",
    ),
    Screen(
        "proposals-moderator",
        "ingrid",
        WITH_PROPOSALS,
        "A moderator sees what is asked for, and does not decide.",
        shows=WRITTEN,
        steps=show_proposals(),
    ),
    Screen("since", "amara", WITH_PAST, "What others changed since one last looked.", shows=".notice .button.quiet"),
    Screen("versions", "jonas", WITH_PAST, "Who wrote when, day by day.", shows=WRITTEN, steps=open_versions),
    Screen(
        "versions-compared",
        "jonas",
        WITH_PAST,
        "An earlier version compared with now: what came and went, and by whom.",
        shows=WRITTEN,
        steps=compare_with_now,
    ),
    Screen(
        "versions-name",
        "jonas",
        WITH_PAST,
        "Another name for a version.",
        shows=WRITTEN,
        steps=in_comparison("history.rename"),
    ),
    Screen(
        "versions-passages",
        "jonas",
        WITH_PAST,
        "Choosing passages to bring back.",
        shows=WRITTEN,
        steps=in_comparison("history.choosePassages"),
    ),
    Screen(
        "versions-restore",
        "jonas",
        WITH_PAST,
        "What a restored section would change.",
        shows=WRITTEN,
        steps=in_comparison("history.restoreSection"),
    ),
    Screen("versions-empty", "jonas", EMPTY, "No version yet.", shows=WRITTEN, steps=open_past),
    Screen("who-wrote", "jonas", WITH_PAST, "Who wrote a paragraph.", shows=WRITTEN, steps=ask_who_wrote),
    Screen(
        "tools",
        "amara",
        RECORD,
        "What the row of tools has no room for.",
        shows=WRITTEN,
        steps=while_writing(press("write.more")),
        only="phone",
    ),
    Screen(
        "palette",
        "amara",
        RECORD,
        "Everything that can be done now.",
        shows=WRITTEN,
        steps=while_writing(keys("Control+Shift+P")),
    ),
    Screen(
        "keys",
        "amara",
        RECORD,
        "Every key, and what to do while writing.",
        shows=WRITTEN,
        steps=while_writing(keys("Control+/")),
    ),
    Screen(
        "link", "amara", RECORD, "An address for some words.", shows=WRITTEN, steps=while_writing(keys("Control+k"))
    ),
)
