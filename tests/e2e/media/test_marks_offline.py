"""Marks that are drawn without a network: there for both once it is back, or kept by whoever drew them."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visitor
from tests.e2e.inspection import violations
from tests.e2e.media.panel import Visit
from tests.e2e.media.test_marks import Place, bring, draw, look, rows, write
from tests.e2e.test_offline import keep_copies
from tests.servers import People, RunningServer

HEALED_MS = 45_000
KEPT = re.compile(r"Offline: \d+ changes? kept on this device")


def draw_offline(visitor: Visitor, page: Page) -> None:
    """A mark with a label and a reply, in a picture that is open; then it is closed."""
    draw(page, "Rectangle", Place(0.4, 0.4), Place(0.6, 0.55))
    expect(rows(page)).to_have_count(1)
    write(page, "Label", "Fracture")
    write(page, "Reply", "Compare with the last one.")
    expect(page.get_by_role("list", name="Replies")).to_contain_text("Compare with the last one.")
    page.locator("dialog.preview").get_by_role("button", name="Close").click()
    expect(visitor.status).to_contain_text(KEPT)


def is_marked(page: Page) -> None:
    """As it was drawn, named and answered."""
    expect(rows(page)).to_have_count(1, timeout=HEALED_MS)
    expect(rows(page)).to_contain_text("Fracture")
    rows(page).click()
    expect(page.get_by_role("list", name="Replies")).to_contain_text("Compare with the last one.")


def test_marks_drawn_without_a_network_outlive_their_tab(
    visit: Visit, server: RunningServer, people: People, scan: Path
) -> None:
    """[OFF-3] [DISC-2] [MARK-5] Drawn, named and answered with the server dead, the tab closed: all of it is there for
    both once somebody opens the case again."""
    case = people.open_case(server)
    lead, consultant = visit(people.lead), visit(people.consultant)
    bring(lead, case, scan)
    keep_copies(lead)
    here = look(lead, case)
    there = look(consultant, case)
    server.kill()
    draw_offline(lead, here)
    context = here.context
    here.close()
    server.start()
    lead.tab = context.new_page()
    is_marked(look(lead, case))
    is_marked(there)
    lead.page.locator("dialog.preview").get_by_role("button", name="Close").click()
    expect(lead.status).to_have_text("Saved")


def test_a_refused_mark_is_kept_as_it_was_drawn_and_put_back(
    visit: Visit, server: RunningServer, people: People, scan: Path
) -> None:
    """[DISC-4] [OFF-11] Drawn with the server dead by a consultant who is an observer when it is back: the drawing is
    shown with its words, outlives a reload, and is put back once they may mark again."""
    case = people.open_case(server)
    lead, consultant = visit(people.lead), visit(people.consultant)
    bring(lead, case, scan)
    consultant.open_case(case)
    keep_copies(consultant)
    there = look(consultant, case)
    server.kill()
    there.context.set_offline(True)
    draw_offline(consultant, there)
    server.start()
    server.set_member(case, people.lead, people.consultant, "observer")
    there.context.set_offline(False)
    draft = there.get_by_role("region", name=re.compile("^Not saved: "))
    expect(draft).to_contain_text("Your right to write here was taken away", timeout=HEALED_MS)
    there.reload()
    drawn = draft.get_by_role("list", name="What was drawn")
    expect(drawn).to_contain_text("Rectangle: Fracture")
    expect(draft.get_by_role("button", name="Put the mark back")).to_have_count(0)
    draft.scroll_into_view_if_needed()
    consultant.picture("marks-refused")
    assert violations(there) == []
    server.set_member(case, people.lead, people.consultant, "consultant")
    draft.get_by_role("button", name="Put the mark back").click(timeout=HEALED_MS)
    expect(draft).to_have_count(0)
    is_marked(look(lead, case))


def test_a_refused_change_to_a_mark_of_another_is_kept_and_made_again(
    visit: Visit, server: RunningServer, people: People, scan: Path
) -> None:
    """[DISC-5] [OFF-11] Moved, named and answered with the server dead by a consultant who is an observer when it is
    back: it is said what was not saved, outlives a reload, and is made again once they may, with what the mark's author
    did meanwhile."""
    case = people.open_case(server)
    lead, consultant = visit(people.lead), visit(people.consultant)
    bring(lead, case, scan)
    here = look(lead, case)
    draw(here, "Rectangle", Place(0.4, 0.4), Place(0.6, 0.55))
    consultant.open_case(case)
    keep_copies(consultant)
    there = look(consultant, case)
    expect(rows(there)).to_have_count(1)
    server.kill()
    there.context.set_offline(True)
    change_offline(consultant, there)
    server.start()
    write(here, "Label", "Airway")
    server.set_member(case, people.lead, people.consultant, "observer")
    there.context.set_offline(False)
    draft = there.get_by_role("region", name=re.compile("^Not saved: "))
    expect(draft).to_contain_text("Your right to write here was taken away", timeout=HEALED_MS)
    there.reload()
    changed = draft.get_by_role("list", name="What was changed of marks")
    expect(changed).to_contain_text("moved and answered")
    expect(draft.get_by_role("button", name="Make the change again")).to_have_count(0)
    draft.scroll_into_view_if_needed()
    consultant.picture("marks-refused-change")
    assert violations(there) == []
    server.set_member(case, people.lead, people.consultant, "consultant")
    draft.get_by_role("button", name="Make the change again").click(timeout=HEALED_MS)
    expect(draft).to_have_count(0)
    expect(rows(here)).to_contain_text("1 reply")
    expect(rows(here)).to_contain_text("Airway")


def change_offline(visitor: Visitor, page: Page) -> None:
    """The one mark of a picture that is open is moved and answered; then the picture is closed."""
    rows(page).click()
    page.get_by_role("button", name="Right side").focus()
    page.keyboard.press("Shift+ArrowRight")
    write(page, "Reply", "Further to the right.")
    expect(page.get_by_role("list", name="Replies")).to_contain_text("Further to the right.")
    page.locator("dialog.preview").get_by_role("button", name="Close").click()
    expect(visitor.status).to_contain_text(KEPT)
