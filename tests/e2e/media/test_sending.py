"""Files on their way: paused, broken off, after a reload, not taken."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, Request, expect

from tests.e2e.media.files import large_photo, photo
from tests.e2e.media.line import Line
from tests.e2e.media.panel import WORK_MS, Visit, choose, open_panel, tiles
from tests.servers import People, RunningServer, Someone, wait_until


def has_arrived(page: Page, server: RunningServer, sender: Someone, case: str) -> None:
    """The server has all of it; cleaning so large a file takes its time, and is proven elsewhere."""

    def is_there() -> bool:
        page.evaluate("1")  # or nothing is heard of the page meanwhile
        uploads = server.get(f"/api/cases/{case}/uploads", sender.token).json()["uploads"]
        assert isinstance(uploads, list)
        return all(each["state"] not in ("requested", "uploading") for each in uploads)

    wait_until(is_there, seconds=60, what="the file to arrive")


def choose_again(page: Page, file: Path) -> None:
    """As the page asks for it."""
    with page.expect_file_chooser() as choosing:
        page.get_by_role("button", name="Choose the file again").click()
    choosing.value.set_files(file)


def test_sending_is_paused_goes_on_by_itself_and_outlives_a_walk_through_the_application(
    visit: Visit, server: RunningServer, people: People, case: str, tmp_path: Path, line: Line
) -> None:
    """[GAL-2] [GAL-3] [GAL-12] Nothing stops it but its sender."""
    lead = visit(people.lead)
    lead.open_case(case)
    page = lead.page
    panel = open_panel(lead)
    line.slow(1_000_000)
    choose(lead, large_photo(tmp_path))
    expect(panel.get_by_text(re.compile(r"MB of .* a second"))).to_be_visible(timeout=WORK_MS)
    panel.get_by_role("button", name="Pause large.jpg").click()
    expect(panel.get_by_text("1 file is paused")).to_be_visible()
    panel.get_by_role("button", name="Go on with large.jpg").click()
    expect(panel.get_by_text("Sending 1 file")).to_be_visible()

    page.get_by_role("link", name="Cases", exact=True).click()
    moving = page.get_by_role("complementary", name="On the way")
    expect(moving).to_contain_text("1 file is being sent")
    leaving = page.evaluate("!window.dispatchEvent(new Event('beforeunload', { cancelable: true }))")
    assert leaving is True, "the browser would not ask before this page goes"
    moving.get_by_role("link", name="To the case").click()
    expect(lead.section("Summary")).to_be_visible()
    open_panel(lead)

    page.context.set_offline(True)
    line.cut()
    expect(page.get_by_text("No network. It goes on by itself.").first).to_be_visible()
    page.context.set_offline(False)
    line.free()
    expect(tiles(lead)).to_have_count(1, timeout=WORK_MS)


def test_after_a_reload_the_same_file_goes_on_and_another_one_is_told(
    visit: Visit, server: RunningServer, people: People, case: str, tmp_path: Path, line: Line
) -> None:
    """[GAL-4] With the parts that the store has."""
    lead = visit(people.lead)
    lead.open_case(case)
    page = lead.page
    open_panel(lead)
    line.slow(8_000_000)
    large = large_photo(tmp_path, megabytes=48)  # more parts than are sent at a time
    sent: list[str] = []

    def note(request: Request) -> None:
        if request.method == "PUT" and request.url.startswith(line.url):
            sent.append(request.url)

    page.on("requestfinished", note)
    choose(lead, large)
    wait_until(lambda: page.evaluate("1") == 1 and len(sent) >= 1, seconds=60, what="a part to arrive")
    line.slow(0)
    page.on("dialog", lambda dialog: dialog.accept())  # leaving the page is asked about
    page.reload()
    open_panel(lead)
    expect(page.get_by_text("1 file has not arrived")).to_be_visible()
    choose_again(page, photo(tmp_path))
    told = page.get_by_text("This is not the file that was asked for.")
    expect(told).to_be_visible()
    page.get_by_role("button", name="Understood").click()
    before = len(sent)
    line.free()
    choose_again(page, large)
    has_arrived(page, server, people.lead, case)
    parts = -(-large.stat().st_size // (8 * 1024 * 1024))
    assert len(sent) - before < parts


def test_what_is_not_taken_says_why_and_what_to_do(
    visit: Visit, server: RunningServer, people: People, case: str, tmp_path: Path
) -> None:
    """[GAL-5] Before it is sent where the page can see it, else by the server's word."""
    lead = visit(people.lead)
    lead.open_case(case)
    panel = open_panel(lead)
    archive = tmp_path / "study.zip"
    archive.write_bytes(b"PK\x03\x04" + b"\0" * 200)
    choose(lead, archive)
    expect(panel.get_by_text("This is an archive. Unpack it and drop the folder.")).to_be_visible()
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(photo(tmp_path).read_bytes()[:2000])
    choose(lead, broken)
    expect(panel.get_by_text("The file is damaged or cut off.")).to_be_visible(timeout=WORK_MS)
    good = photo(tmp_path, "a.jpg")
    choose(lead, good)
    expect(tiles(lead)).to_have_count(1, timeout=WORK_MS)
    choose(lead, good)
    expect(panel.get_by_text("1 file is in this case already")).to_be_visible(timeout=WORK_MS)
    understood = panel.get_by_role("button", name="Understood")
    for left in range(understood.count() - 1, -1, -1):
        understood.first.press("Enter")
        expect(understood).to_have_count(left)
    expect(panel.get_by_role("heading", name="On the way")).to_have_count(0)


def test_where_the_browser_says_where_a_file_is_one_press_goes_on_after_a_reload(
    visit: Visit, server: RunningServer, people: People, case: str, tmp_path: Path, line: Line
) -> None:
    """[GAL-4] The dialog is the one part of a browser that no test presses: it is answered with a file that the page
    itself keeps in the browser, whose handle is of the same kind. What has arrived is not kept any more."""
    lead = visit(people.lead)
    lead.open_case(case)
    page = lead.page
    open_panel(lead)
    large = large_photo(tmp_path, megabytes=48)
    chosen = page.evaluate_handle("Object.assign(document.createElement('input'), { type: 'file' })")
    element = chosen.as_element()
    assert element is not None
    element.set_input_files(large)
    page.evaluate(
        """async ({ files: [file] }) => {
            const kept = await (await navigator.storage.getDirectory()).getFileHandle('large.jpg', { create: true })
            const writable = await kept.createWritable()
            await writable.write(file)
            await writable.close()
            window.showOpenFilePicker = async () => [kept]
        }""",
        chosen,
    )
    line.slow(8_000_000)
    page.get_by_role("button", name="Add files").click()
    expect(page.get_by_text(re.compile(r"MB of .* a second"))).to_be_visible(timeout=WORK_MS)
    line.slow(0)
    page.on("dialog", lambda dialog: dialog.accept())  # leaving the page is asked about
    page.reload()
    open_panel(lead)
    expect(page.get_by_text("1 file has not arrived")).to_be_visible()
    line.free()
    page.get_by_role("button", name="Go on", exact=True).click()
    has_arrived(page, server, people.lead, case)
    expect(page.get_by_text("1 file has not arrived")).to_have_count(0)
    kept = """async () => {
        const opening = indexedDB.open('consilium-files')
        const database = await new Promise(done => { opening.onsuccess = () => done(opening.result) })
        const counting = database.transaction('files').objectStore('files').count()
        return new Promise(done => { counting.onsuccess = () => done(counting.result) })
    }"""
    wait_until(lambda: page.evaluate(kept) == 0, seconds=15, what="where the file is to be forgotten")
