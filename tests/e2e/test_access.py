"""The access log on the page: who saw, changed and took along what, for those who answer for the case."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, expect

from tests.e2e.conftest import PHONE, Visitor
from tests.e2e.inspection import violations
from tests.e2e.stage import Screen, Stage, View
from tests.servers import People, RunningServer

Visit = Callable[..., Visitor]


def entries(visitor: Visitor) -> Locator:
    """What one person did in a row, each."""
    return (
        visitor.page.get_by_role("list", name=re.compile("^What happened on"))
        .get_by_role("listitem")
        .filter(has=visitor.page.locator("strong"))
    )


def of(visitor: Visitor, name: str) -> Locator:
    """What this person did."""
    return entries(visitor).filter(has=visitor.page.locator("strong", has_text=name))


def test_a_lead_reads_who_saw_changed_and_took_along_what(
    visit: Visit, server: RunningServer, people: People, tmp_path: Path
) -> None:
    """[AUD-14] [AUD-12] [AUD-13] Two people: one reads, exports and prints; the other is told, filters, and saves it.

    Who may not read the log has no way there.
    """
    case = people.open_case(server)
    grace = visit(people.contributor)
    grace.open_case(case)
    grace.write("Plan", "Written by Grace.")
    expect(grace.status).to_contain_text("Saved")
    expect(grace.page.get_by_role("tab", name="Versions")).to_be_visible()
    expect(grace.page.get_by_role("tab", name="Log")).to_have_count(0)
    grace.page.get_by_role("button", name="Export").click()
    with grace.page.expect_download():
        grace.page.get_by_role("menuitem", name="Markdown").click()
    with grace.page.expect_response(lambda answer: answer.url.endswith("/copies")):
        grace.page.evaluate("dispatchEvent(new Event('beforeprint')); dispatchEvent(new Event('afterprint'))")

    ada = visit(people.lead)
    ada.open_case(case)
    ada.page.get_by_role("tab", name="Log").click()
    expect(ada.page.get_by_text(re.compile(r"^Unbroken: \d+ entries$"))).to_be_visible()
    expect(of(ada, "Grace Hopper").first).to_contain_text("printed the record")
    expect(of(ada, "Grace Hopper").first).to_contain_text(
        re.compile(r"took a copy of the record along as Markdown, up to entry \d+")
    )
    expect(of(ada, "Grace Hopper").last).to_contain_text("opened the case")
    expect(ada.page.get_by_text("The log begins here.")).to_be_visible()
    assert violations(ada.page) == []

    ada.page.get_by_label("Who", exact=True).select_option("Grace Hopper")
    expect(of(ada, "Ada Lovelace")).to_have_count(1)  # what was done to her is asked for, too
    expect(of(ada, "Ada Lovelace")).to_contain_text("added Grace Hopper")
    ada.page.get_by_label("What", exact=True).select_option("Members")
    expect(entries(ada)).to_have_count(1)
    expect(entries(ada)).to_contain_text("added Grace Hopper as contributor")
    ada.page.get_by_label("What", exact=True).select_option("Changed")
    expect(ada.page.get_by_text("Nothing of the kind is in the log.")).to_be_visible()
    ada.page.get_by_role("button", name="Show everything").click()
    expect(of(ada, "Ada Lovelace").first).to_contain_text("read this log")

    with ada.page.expect_download() as coming:
        ada.page.get_by_role("button", name="Save as a table").click()
    file = tmp_path / coming.value.suggested_filename
    coming.value.save_as(file)
    rows = list(csv.DictReader(io.StringIO(file.read_text("utf-8-sig"))))
    assert ("Grace Hopper", "printed the record") in {(row["Who"], row["What"]) for row in rows}
    seqs = [int(row["Entry"]) for row in rows]
    assert seqs == list(range(seqs[0], 0, -1))


def test_a_log_comes_in_pages_and_says_what_went_wrong(visit: Visit, server: RunningServer, people: People) -> None:
    """[AUD-14] By keys, at a phone's width; older ones on request; a server that is away is said, and asked again."""
    case = people.open_case(server)
    path = f"/api/cases/{case}/documents/record/copies"
    for _ in range(130):
        assert server.request("POST", path, people.lead.token, {"format": "md"}).status == 204
    mona = visit(people.moderator, size=PHONE, touch=True)
    mona.open_case(case)
    mona.page.route("**/audit?*", lambda route: route.abort())
    mona.page.get_by_role("button", name="Log", exact=True).press("Enter")
    sheet = mona.page.get_by_role("dialog", name="Access log")
    expect(sheet.get_by_role("alert")).to_contain_text("cannot be reached")
    mona.page.unroute("**/audit?*")
    sheet.get_by_role("button", name="Try again").press("Enter")
    copies = sheet.get_by_role("listitem").filter(has_text="took a copy of the page along as Markdown").last
    expect(copies).to_contain_text(re.compile(r"\d\d times"))
    expect(sheet.get_by_text("The log begins here.")).to_have_count(0)
    sheet.get_by_role("button", name="Show earlier ones").press("Enter")
    expect(copies).to_contain_text("130 times")
    expect(sheet.get_by_text("The log begins here.")).to_be_visible()
    assert mona.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(mona.page) == []
    mona.page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)


def test_an_admin_reads_what_happened_in_the_house(stage: Stage) -> None:
    """[AUD-14] With addresses; of no case."""
    with stage.shown(Screen("log", "sam", "/admin/log", "The house's log.", shows="main ol li"), View()) as page:
        expect(page.get_by_role("heading", name="Access log", level=1)).to_be_visible()
        sam = page.locator("main ol > li").filter(has=page.locator("strong", has_text="Sam Whitfield")).first
        expect(sam).to_contain_text("from 127.0.0.1")
        expect(sam).to_contain_text("read this log")
        expect(page.get_by_text(re.compile("^Unbroken: "))).to_be_visible()
