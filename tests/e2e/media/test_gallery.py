"""What stands in the gallery and in the text, for two people at once."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.sync_api import Locator, Request, expect
from pydicom.data import get_testdata_file

from tests.e2e.conftest import Visitor
from tests.e2e.inspection import violations
from tests.e2e.media.files import photo, series
from tests.e2e.media.panel import WORK_MS, Visit, choose, open_panel, tiles
from tests.servers import People, RunningServer, wait_until


def test_the_gallery_is_ordered_described_and_emptied_by_keys_and_for_everybody(
    visit: Visit, server: RunningServer, people: People, case: str, tmp_path: Path
) -> None:
    """[GAL-10] [GAL-14] What two people write at once is shown to the later one, and nothing is lost."""
    lead, other = visit(people.lead), visit(people.contributor)
    for visitor in (lead, other):
        visitor.open_case(case)
        open_panel(visitor)
    choose(lead, photo(tmp_path, "a.jpg"), photo(tmp_path, "b.jpg", of="immunohistochemistry"))
    expect(tiles(lead)).to_have_count(2, timeout=WORK_MS)
    for at, name in enumerate(("First", "Second")):
        tiles(lead).nth(at).get_by_role("button", name="Needs a description").click()
        dialog = lead.page.get_by_role("dialog", name="Description and caption")
        dialog.get_by_label("Description").fill(f"{name}, in words.")
        dialog.get_by_label("Caption").fill(name)
        dialog.get_by_role("button", name="Save").click()
        expect(dialog).to_have_count(0)
    expect(tiles(other).locator(".caption")).to_have_text(["First", "Second"])

    lead.page.get_by_role("button", name="Open Second").focus()
    lead.page.keyboard.press("Alt+ArrowLeft")
    expect(tiles(other).locator(".caption")).to_have_text(["Second", "First"])
    expect(lead.page.get_by_role("button", name="Open Second")).to_be_focused()
    expect(lead.page.get_by_text("Second is now at place 1 of 2.")).to_be_attached()
    other.page.get_by_role("button", name="Open Second").focus()
    for key, order in (("Alt+ArrowRight", ["First", "Second"]), ("Alt+ArrowLeft", ["Second", "First"])):
        other.page.keyboard.press(key)
        expect(tiles(lead).locator(".caption")).to_have_text(order)
        expect(lead.page.get_by_role("button", name="Open Second")).to_be_focused()

    def describe(visitor: Visitor) -> Locator:
        visitor.page.get_by_role("button", name="What to do with Second").click()
        visitor.page.get_by_role("menuitem", name="Description and caption").click()
        return visitor.page.get_by_role("dialog", name="Description and caption")

    theirs, mine = describe(other), describe(lead)
    mine.get_by_label("Caption").fill("Second, by the lead")
    theirs.get_by_label("Caption").fill("Second, by the other")
    theirs.get_by_role("button", name="Save").click()
    expect(mine.get_by_text("Somebody else has just changed it. Now it says:")).to_be_visible()
    expect(mine.get_by_text("Second, by the other")).to_be_visible()
    expect(mine.get_by_label("Caption")).to_have_value("Second, by the lead")
    mine.get_by_role("button", name="Go on with mine").click()
    mine.get_by_role("button", name="Save").click()
    expect(tiles(other).locator(".caption")).to_have_text(["Second, by the lead", "First"])

    lead.page.get_by_role("button", name="What to do with First").click()
    lead.page.get_by_role("menuitem", name="Remove").click()
    expect(tiles(other)).to_have_count(1)
    lead.page.locator("button:not([data-stop])", has_text="Undo").click()
    expect(tiles(other)).to_have_count(2)


def test_a_figure_stands_in_the_text_and_says_so_when_it_is_not_there(
    visit: Visit, server: RunningServer, people: People, case: str, tmp_path: Path
) -> None:
    """[GAL-9] [GAL-1] By reference: the record holds no address."""
    lead, other = visit(people.lead), visit(people.contributor)
    for visitor in (lead, other):
        visitor.open_case(case)
    open_panel(lead)
    choose(lead, photo(tmp_path))
    expect(tiles(lead)).to_have_count(1, timeout=WORK_MS)
    lead.write("Summary", "Before it.")
    lead.page.keyboard.press("Alt+Shift+I")
    lead.page.get_by_role("dialog", name="Put an image into the text").get_by_role("button", name="Photo").click()
    expect(lead.section("Summary").locator("figure")).to_be_visible()
    expect(lead.section("Summary")).to_be_focused()
    lead.page.keyboard.type("After it.")
    for visitor in (lead, other):
        figure = visitor.section("Summary").locator("figure")
        expect(figure.get_by_role("button", name="Open Photo")).to_be_visible()
        expect(visitor.section("Summary")).to_contain_text("After it.")
    expect(lead.status).to_have_text("Saved")
    text = json.dumps(server.history(people.lead, case))
    assert "http" not in text or "X-Amz" not in text
    other.section("Summary").locator("figure button").click()
    expect(other.page.get_by_role("dialog", name="Photo")).to_be_visible()
    other.page.keyboard.press("Escape")

    lead.page.get_by_role("button", name="What to do with Photo").click()
    lead.page.get_by_role("menuitem", name="Remove").click()
    for visitor in (lead, other):
        expect(visitor.section("Summary").locator("figure")).to_have_text("Image not available: Photo")
    lead.section("Summary").locator("figure figcaption").click()
    lead.page.keyboard.press("Delete")
    expect(other.section("Summary").locator("figure")).to_have_count(0)
    expect(other.section("Summary")).to_contain_text("Before it.")


def test_an_area_is_blanked_in_every_image_of_a_series_or_in_one(
    visit: Visit, server: RunningServer, people: People, case: str, tmp_path: Path
) -> None:
    """[GAL-17] Drawn on the first, it is in all of them; said to be on one, in that alone."""
    lead = visit(people.lead)
    lead.open_case(case)
    page = lead.page
    open_panel(lead)
    page.locator("[data-picker=folder]").set_input_files(series(tmp_path, 3))
    expect(tiles(lead)).to_contain_text("3 images", timeout=WORK_MS)
    asked: list[object] = []

    def note(request: Request) -> None:
        if request.method == "POST" and request.url.endswith("/redact"):
            asked.append(request.post_data_json)

    page.on("request", note)
    tiles(lead).get_by_role("button", name="What to do with").click()
    page.get_by_role("menuitem", name="Make something unreadable").click()
    dialog = page.get_by_role("dialog", name="Make something unreadable")
    expect(dialog.get_by_text("Image 1 of 3")).to_be_visible()
    dialog.get_by_role("button", name="Add an area").click()
    expect(dialog.get_by_role("checkbox", name="On all images")).to_be_checked()
    dialog.get_by_role("button", name="Next").click()
    dialog.get_by_role("button", name="Add an area").click()
    dialog.get_by_role("checkbox", name="On all images").last.uncheck()
    lead.picture("media-redact-series")
    dialog.get_by_role("button", name="Erase what is marked").click()
    expect(dialog).to_have_count(0)
    assert [len(each["blank"]) for each in asked if isinstance(each, dict)] == [1, 2, 1]

    def is_written() -> bool:
        uploads = server.get(f"/api/cases/{case}/uploads", people.lead.token).json()["uploads"]
        assert isinstance(uploads, list)
        states = [each["state"] for each in uploads]
        assert "rejected" not in states, uploads
        return not {"quarantined", "cleaning"} & set(states)

    wait_until(is_written, seconds=60, what="all of them to be written anew")
    expect(tiles(lead)).to_contain_text("3 images")


def test_an_area_is_blanked_in_every_frame_of_a_file_or_in_one(
    visit: Visit, server: RunningServer, people: People, case: str
) -> None:
    """[GAL-17] Each frame of a file can be seen; the one that is looked at is another picture than the first."""
    lead = visit(people.lead)
    lead.open_case(case)
    page = lead.page
    open_panel(lead)
    choose(lead, Path(str(get_testdata_file("emri_small.dcm"))))
    expect(tiles(lead)).to_have_count(1, timeout=WORK_MS)
    tiles(lead).get_by_role("button", name="What to do with").click()
    page.get_by_role("menuitem", name="Make something unreadable").click()
    dialog = page.get_by_role("dialog", name="Make something unreadable")
    expect(dialog.get_by_text("Image 1 of 10")).to_be_visible()
    dialog.get_by_role("button", name="Add an area").click()
    shown = dialog.get_by_role("img")
    first = shown.get_attribute("src")
    dialog.get_by_role("slider", name="Which image").focus()
    page.keyboard.press("End")
    expect(dialog.get_by_text("Image 10 of 10").first).to_be_visible()
    expect(shown).not_to_have_attribute("src", str(first))
    assert violations(page) == []
    dialog.get_by_role("button", name="Add an area").click()
    dialog.get_by_role("checkbox", name="On all images").last.uncheck()
    lead.picture("media-redact-frames")
    with page.expect_request(lambda request: request.url.endswith("/redact")) as asked:
        dialog.get_by_role("button", name="Erase what is marked").click()
    body = asked.value.post_data_json
    assert body is not None
    assert [each["frame"] for each in body["blank"]] == [None, 9]
    expect(dialog).to_have_count(0)
