"""Everybody can use every screen: axe in both themes and languages, the keyboard, sizes, zoom, spacing of text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.e2e.foreign import english_words
from tests.e2e.screens import SCREENS
from tests.e2e.stage import ADD_STYLE, Screen, Stage, View, settle
from tests.servers import ROOT

AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
EYES = Path(__file__).with_name("eyes.js")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
DESK, PHONE = View("en", (1440, 900)), View("es", (390, 844), dark=True)
"""Spanish has the longer words, the phone the smaller place for them."""
SPACED = """* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }
p { margin-bottom: 2em !important }"""
"""What WCAG 1.4.12 lets a person do to the text."""
PAINTED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(null))))"
"""What measures its own width has done so."""
MOST_STEPS = 200
PARTS_OF_A_DATE = 4
"""Day, month, year and the calendar of a date are one element to a script, and a step each to the keyboard."""
READABLE_PX = 1000


def violations(page: Page, rules: Sequence[str] | None = None) -> list[str]:
    """What axe finds, one line each."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text("utf-8"))
    only = {"type": "tag", "values": TAGS} if rules is None else {"type": "rule", "values": rules}
    found = page.evaluate(
        """async only => (await axe.run(document, { runOnly: only, resultTypes: ['violations'] })).violations
            .flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) =>
                `${id}: ${target.join(' ')}: ${failureSummary.replace(/\\s+/g, ' ')}`))""",
        only,
    )
    return list(found)


def eye(page: Page, question: str) -> list[str]:
    """What our own eyes find."""
    if not page.evaluate("'eyes' in window"):
        page.evaluate(EYES.read_text("utf-8"))
    return list(page.evaluate(f"eyes.{question}"))


def turn(page: Page, *, dark: bool) -> None:
    """The other theme, on the page as it is."""
    page.emulate_media(color_scheme="dark" if dark else "light")


def seen_by(view: View) -> Sequence[Screen]:
    """The screens that this view has."""
    kind = "phone" if view.size[0] < 700 else "desktop"
    return [screen for screen in SCREENS if screen.only in (None, kind)]


@pytest.mark.parametrize("screen", seen_by(DESK), ids=lambda screen: screen.name)
def test_a_screen_at_the_desk(stage: Stage, screen: Screen) -> None:
    """[LOOK-2] [LOOK-3] [LOOK-4] [LOOK-5] [ACC-27] axe in English and both themes, sizes, lines on a huge display, and
    the keyboard from one end to the other; and no other server is asked."""
    with stage.shown(screen, DESK) as page:
        found = violations(page)
        turn(page, dark=True)
        found += violations(page, ["color-contrast"])
        found += eye(page, f"targets({40 if screen.ours else 24})")
        found += walk(page) if page.locator(":popover-open").count() == 0 else []
        page.set_viewport_size({"width": 3840, "height": 2160})
        page.evaluate(PAINTED)
        found += eye(page, f"longLines({READABLE_PX})") if screen.ours else []
    assert "\n".join(found) == ""


@pytest.mark.parametrize("screen", seen_by(PHONE), ids=lambda screen: screen.name)
def test_a_screen_on_the_phone(stage: Stage, screen: Screen) -> None:
    """[LANG-2] [LOOK-2] [LOOK-4] [LOOK-5] No English word in Spanish; axe in both themes, sizes, 320 px without
    scrolling sideways, and text spaced as a person may space it."""
    with stage.shown(screen, PHONE) as page:
        found = english_words(page) if screen.ours else []
        found += violations(page)
        turn(page, dark=False)
        found += violations(page, ["color-contrast"])
        found += eye(page, f"targets({40 if screen.ours else 24})")
        for width in (640, 320):  # 1280 at 200 %, and at 400 %
            page.set_viewport_size({"width": width, "height": 640})
            page.evaluate(PAINTED)
            found += eye(page, "tooWide()")
        already = eye(page, "cut()")
        page.evaluate(ADD_STYLE, SPACED)
        found += [f"{each} is cut off" for each in eye(page, "cut()") if each not in already]
        found += eye(page, "tooWide()")
    assert "\n".join(found) == ""


def walk(page: Page) -> list[str]:
    """Tab from the top of the page until it is left: nothing is passed over, nothing holds the focus, all show it."""
    eye(page, "targets(0)")
    page.evaluate("eyes.startWalk()")
    wrong: list[str] = []
    for _ in range(MOST_STEPS):
        page.keyboard.press("Tab")
        state = page.evaluate("eyes.step()")
        if state["kind"] == "outside":
            break
        if state["kind"] == "again":
            if not state["same"]:
                break
            page.keyboard.press("Escape")  # an editor may use Tab for itself if Escape lets one out
            for _ in range(PARTS_OF_A_DATE):
                page.keyboard.press("Tab")
                state = page.evaluate("eyes.step()")
                if state["kind"] != "again" or not state["same"]:
                    break
            else:
                return [*wrong, f"{state['name']} holds the focus for ever"]
            if state["kind"] != "new":
                break
        wrong += state["wrong"]
    else:
        wrong.append(f"{MOST_STEPS} steps did not leave the page")
    return wrong + [f"{each} is not reached by Tab" for each in page.evaluate("eyes.missed()")]


def test_a_stranger_is_noticed(stage: Stage) -> None:
    """[ACC-27] What every screen is held to: a picture from elsewhere and a style of its own fail it."""
    signing_in = next(screen for screen in SCREENS if screen.name == "sign-in")
    for code in (
        "new Image().src = 'http://elsewhere.example/pixel.png'",
        "document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">x</p>')",
    ):
        with pytest.raises(AssertionError, match="Content Security Policy"), stage.shown(signing_in, DESK) as page:
            page.evaluate(code)
            settle(page)


def test_the_eyes_see(stage: Stage) -> None:
    """[LOOK-2] [LOOK-3] [LOOK-4] [LOOK-5] A page with one of every fault, so that the tests above are able to fail."""
    with stage.browser.new_context(viewport={"width": 320, "height": 600}) as context:
        page = context.new_page()
        page.set_content(
            """<html lang=en><title>x</title><main><h1>x</h1><img src=x>
            <button style="width:20px;height:20px;padding:0">a</button>
            <button id=mute style="outline:none">mute</button><div style="width:500px">wide</div>
            <p id=cut style="height:20px;overflow:hidden">one two three four five six seven eight nine ten eleven</p>
            <button id=under style="position:absolute;top:300px;left:0">under</button>
            <div style="position:absolute;top:290px;left:0;width:300px;height:100px;background:red"></div>
            <input id=trap onkeydown="event.key === 'Tab' && event.preventDefault()"></main>"""
        )
        assert any("image-alt" in each for each in violations(page))
        assert "<button> “a” is 20 × 20" in eye(page, "targets(24)")
        assert eye(page, "tooWide()") != []
        assert eye(page, "cut()") != []
        wrong = " · ".join(walk(page))
    for fault in ("mute” has the focus and does not", "under” has the focus under", "id=trap> “” holds"):
        assert fault in wrong
