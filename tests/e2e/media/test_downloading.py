"""A series is taken along as one zip: two ways to keep it, straight from a real store."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zipfile
from io import BytesIO
from pathlib import Path

from playwright.sync_api import Page, Route, expect

from tests.e2e.media.files import series
from tests.e2e.media.panel import WORK_MS, Visit, open_panel, tiles
from tests.servers import People, RunningServer, wait_until

SLICES = 12
NO_PICKER = "delete window.showSaveFilePicker"
PICKER = """() => {
  window.showSaveFilePicker = async ({ suggestedName }) => {
    window.asked = suggestedName
    return (await navigator.storage.getDirectory()).getFileHandle(suggestedName, { create: true })
  }
}"""
"""A browser's own dialog cannot be pressed from here; a page's private folder has files of the same kind."""
KEPT = """async (name) => {
  const found = []
  for await (const each of (await navigator.storage.getDirectory()).keys()) found.push(each)
  if (!found.includes(name)) return null
  const file = await (await (await navigator.storage.getDirectory()).getFileHandle(name)).getFile()
  const bytes = new Uint8Array(await file.arrayBuffer())
  let text = ''
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192))
  return btoa(text)
}"""


def with_a_series(visit: Visit, people: People, case: str, folder: Path) -> Page:
    """The lead's page, whose gallery holds one."""
    lead = visit(people.lead)
    lead.open_case(case)
    open_panel(lead)
    lead.page.locator("[data-picker=folder]").set_input_files(series(folder, SLICES))
    expect(tiles(lead)).to_contain_text(f"{SLICES} images", timeout=WORK_MS)
    return lead.page


def download(page: Page) -> None:
    """From the tile's menu; asked, they go on."""
    page.get_by_role("button", name="What to do with").click()
    page.get_by_role("menuitem", name="Download").click()
    page.get_by_role("dialog").get_by_role("button", name="Download").click()


def wanted(page: Page, case: str) -> dict[str, str]:
    """Digests of the files by their names, as the server tells them."""
    told = page.evaluate(
        """async (path) => {
          const [media] = (await (await fetch(path)).json()).media
          const shown = await (await fetch(`${path}/${media.id}`)).json()
          const asked = await fetch(`${path}/${media.id}/download`, { method: 'POST', body: '{}' })
          return JSON.stringify([shown.file_list, (await asked.json()).files])
        }""",
        f"/api/cases/{case}/media",
    )
    files, named = json.loads(told)
    digests = {each["id"]: each["sha256"] for each in files}
    return {each["name"]: digests[each["id"]] for each in named}


def check(content: bytes, digests: dict[str, str]) -> None:
    """Whole by Python's own reader, and byte for byte what the store has."""
    with zipfile.ZipFile(BytesIO(content)) as made:
        assert made.testzip() is None
        assert len(digests) == SLICES
        assert {each: hashlib.sha256(made.read(each)).hexdigest() for each in made.namelist()} == digests
        assert all(re.fullmatch(r"dicom-\d+-\d+\.dcm", each) for each in made.namelist())


def test_a_series_is_one_zip(visit: Visit, server: RunningServer, people: People, case: str, tmp_path: Path) -> None:
    """[GAL-18] [MED-8] In memory where the browser writes no files; into a file as it comes where it does."""
    page = with_a_series(visit, people, case, tmp_path)
    digests = wanted(page, case)
    page.evaluate(NO_PICKER)
    with page.expect_download() as downloading:
        download(page)
    assert re.fullmatch(r"dicom-\d+\.zip", downloading.value.suggested_filename)
    check(downloading.value.path().read_bytes(), digests)
    expect(page.get_by_text(f"{SLICES} cleaned files are in one zip file.")).to_be_visible()

    page.evaluate(PICKER)
    download(page)
    wait_until(lambda: page.evaluate("'asked' in window"), seconds=15, what="the browser to be asked where to")
    name = page.evaluate("window.asked")
    expect(page.get_by_text("Downloading", exact=False)).to_have_count(0)
    check(base64.b64decode(page.evaluate(KEPT, name)), digests)


def test_what_does_not_come_whole_is_not_kept(
    visit: Visit, server: RunningServer, people: People, case: str, tmp_path: Path
) -> None:
    """[GAL-18] One file breaks off, or somebody cancels: it is told, and nothing is left. An address that has ended is
    asked for again."""
    page = with_a_series(visit, people, case, tmp_path)
    page.evaluate(PICKER)
    held: list[Route] = []
    failing = re.compile(r"response-content-disposition=.*dicom-\d+-7\.dcm")

    page.route(failing, lambda route: route.abort())
    download(page)
    expect(page.get_by_text("Not all files came, so nothing was saved.")).to_be_visible()
    assert page.evaluate(KEPT, page.evaluate("window.asked")) is None
    page.unroute(failing)

    page.route(failing, lambda route: held.append(route))  # noqa: PLW0108 — Playwright marks what it is given
    download(page)
    progress = page.get_by_role("progressbar", name=re.compile(rf"Downloading {SLICES} files as one zip"))
    expect(progress).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("The download was cancelled. Nothing was saved.")).to_be_visible()
    assert page.evaluate(KEPT, page.evaluate("window.asked")) is None
    page.unroute(failing)

    ended: list[str] = []

    def end_once(route: Route) -> None:
        if ended:
            route.continue_()
        else:
            ended.append(route.request.url)
            route.fulfill(status=403, headers={"Access-Control-Allow-Origin": "*"}, body="expired")

    page.route(failing, end_once)
    download(page)
    expect(page.get_by_text(f"{SLICES} cleaned files are in one zip file.")).to_be_visible()
    assert len(ended) == 1
    check(base64.b64decode(page.evaluate(KEPT, page.evaluate("window.asked"))), wanted(page, case))
