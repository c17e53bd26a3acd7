"""What comes into a record from a file, and goes out in one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from playwright.sync_api import Page, expect

from tests.e2e.screens.places import RECORD, WRITTEN
from tests.e2e.screens.steps import Said, press
from tests.e2e.stage import Screen

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


SCREENS: Sequence[Screen] = (
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
)
