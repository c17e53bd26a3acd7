"""The templates of the house."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from playwright.sync_api import Page, expect

from tests.e2e.screens.steps import Said, press
from tests.e2e.stage import Screen


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


SCREENS: Sequence[Screen] = (
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
)
