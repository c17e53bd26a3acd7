"""What was dropped, a folder, and what may show a name: two people, real files."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.clinic import unfold_actions
from tests.e2e.inspection import violations
from tests.e2e.media.files import photo, series, ultrasound
from tests.e2e.media.panel import WORK_MS, Visit, choose, drawn, drop, open_panel, tiles
from tests.servers import People, RunningServer


def test_what_is_dropped_on_the_page_is_seen_by_everybody_without_what_was_in_it(
    visit: Visit, server: RunningServer, people: People, case: str, tmp_path: Path
) -> None:
    """[GAL-1] [GAL-11] Anywhere on the page; the others see it come, live."""
    lead, other = visit(people.lead), visit(people.contributor)
    lead.open_case(case)
    other.open_case(case)
    open_panel(other)
    drop(lead.page, "main h1", "Ada Quillfeather.jpg", photo(tmp_path).read_bytes(), "image/jpeg")
    expect(lead.page.get_by_role("heading", name="On the way")).to_be_visible()
    for visitor in (lead, other):
        expect(tiles(visitor)).to_have_count(1, timeout=WORK_MS)
        drawn(tiles(visitor).locator("img"))
    expect(other.page.get_by_text("Quillfeather")).to_have_count(0)
    expect(tiles(lead).get_by_role("button", name="Needs a description")).to_be_visible()

    tiles(other).locator(".picture").click()
    large = other.page.get_by_role("dialog")
    drawn(large.locator("img"), least=500)
    unfold_actions(other.page)
    large.get_by_text("What was removed from this file").click()
    expect(large.get_by_role("listitem").first).to_be_visible()
    with other.page.expect_download() as downloading:
        large.get_by_role("button", name="Download, cleaned").click()
    kept = downloading.value
    assert re.fullmatch(r"photo-\d+\.jpg", kept.suggested_filename)
    content = kept.path().read_bytes()
    assert content.startswith(b"\xff\xd8\xff")
    for secret in (b"Quillfeather", b"Ward 7", b"GPS", b"2024:02:29"):
        assert secret not in content


def test_a_folder_of_slices_is_one_line_and_one_item(
    visit: Visit, server: RunningServer, people: People, case: str, tmp_path: Path
) -> None:
    """[GAL-6] [GAL-7] Without its index and what a system put beside it, which is said."""
    lead = visit(people.lead)
    lead.open_case(case)
    page = lead.page
    panel = open_panel(lead)
    page.locator("[data-picker=folder]").set_input_files(series(tmp_path, 24))
    expect(page.get_by_text("Left out: 1 DICOMDIR index and 1 file of the operating system.")).to_be_visible()
    expect(panel.locator(".moving, .line").first).to_be_visible()
    assert panel.locator(".moving, .line").count() <= 2
    expect(tiles(lead)).to_have_count(1, timeout=WORK_MS)
    expect(tiles(lead)).to_contain_text("24 images", timeout=WORK_MS)
    tiles(lead).locator(".picture").click()
    expect(page.get_by_role("dialog").get_by_text("Not for primary diagnosis")).to_be_visible()


def test_what_may_show_a_name_is_looked_at_by_a_moderator_before_anybody_else_sees_it(
    visit: Visit, server: RunningServer, people: People, case: str, tmp_path: Path
) -> None:
    """[GAL-8] [GAL-13] By keys alone; the other member sees only that something is being checked."""
    lead, other, moderator = visit(people.lead), visit(people.contributor), visit(people.moderator)
    for visitor in (lead, other, moderator):
        visitor.open_case(case)
        open_panel(visitor)
    choose(lead, ultrasound(tmp_path))
    page = moderator.page
    expect(page.get_by_text("A file waits for somebody to look")).to_be_visible(timeout=WORK_MS)
    expect(lead.page.get_by_text("Please look: it may show a name")).to_be_visible()
    expect(other.page.get_by_text("1 file of others is being checked.")).to_be_visible()
    expect(other.page.get_by_role("button", name="Look at it")).to_have_count(0)
    answer = server.get(f"/api/cases/{case}/uploads", people.contributor.token)
    assert answer.json()["uploads"] == []

    page.get_by_role("button", name="Look at it").press("Enter")
    dialog = page.get_by_role("dialog", name="Does this picture show a name?")
    go_on = dialog.locator("footer .primary")
    expect(go_on).to_be_disabled()
    dialog.get_by_role("button", name="Add an area").press("Enter")
    area = dialog.locator("[id*=-area-]").last
    expect(area).to_be_focused()
    before = area.inner_text()
    for key in ("ArrowUp", "ArrowLeft", "Shift+ArrowRight", "Alt+Shift+ArrowDown"):
        page.keyboard.press(key)
    assert area.inner_text() != before
    assert violations(page) == []
    dialog.get_by_role("checkbox", name="I have looked: everything that identifies anyone is marked.").check()
    go_on.press("Enter")
    for visitor in (lead, other, moderator):
        expect(tiles(visitor)).to_have_count(1, timeout=WORK_MS)
    expect(other.page.get_by_text("is being checked")).to_have_count(0)


def test_a_reader_sees_and_cannot_change_and_a_text_still_goes_the_way_of_imports(
    visit: Visit, server: RunningServer, people: People, case: str, tmp_path: Path
) -> None:
    """[GAL-1] Dropped by one who may not, a file is not taken, and that is said."""
    server.set_member(case, people.lead, people.contributor, "observer")
    lead, reader = visit(people.lead), visit(people.contributor)
    for visitor in (lead, reader):
        visitor.open_case(case)
        open_panel(visitor)
    expect(reader.page.get_by_text("Nobody has added images or files yet.")).to_be_visible()
    drop(reader.page, "main h1", "a.jpg", photo(tmp_path).read_bytes(), "image/jpeg")
    expect(reader.page.get_by_text("You can read this case, but not add files to it.")).to_be_visible()
    drop(lead.page, "main h1", "letter.txt", b"Dear colleague,\nthank you.", "text/plain")
    expect(lead.page.get_by_role("dialog", name=re.compile("Import"))).to_be_visible()
    lead.page.keyboard.press("Escape")
    choose(lead, photo(tmp_path))
    expect(tiles(reader)).to_have_count(1, timeout=WORK_MS)
    reader.page.get_by_role("button", name="What to do with Photo").click()
    expect(reader.page.get_by_role("menuitem")).to_have_text(["Open", "Download"])
