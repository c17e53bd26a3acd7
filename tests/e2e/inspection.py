"""How a screen is inspected: by axe, by the eyes in `eyes.js`, and by whoever has only a keyboard."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Page

from tests.e2e.screens import SCREENS
from tests.e2e.stage import Screen
from tests.servers import ROOT

AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
EYES = Path(__file__).with_name("eyes.js")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAINTED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(null))))"
"""What measures its own width has done so."""
MOST_STEPS = 200
PARTS_OF_A_DATE = 4
"""Day, month, year and the calendar of a date are one element to a script, and a step each to the keyboard."""


def seen_by(kind: str) -> Sequence[Screen]:
    """The screens that a desktop or a phone has."""
    return [screen for screen in SCREENS if screen.only in (None, kind)]


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


def resize(page: Page, width: int, height: int) -> None:
    """Another size, and all that follows from it."""
    page.set_viewport_size({"width": width, "height": height})
    page.evaluate(PAINTED)


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
