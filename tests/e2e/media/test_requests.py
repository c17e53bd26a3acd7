"""What an open page asks while a series arrives."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

from playwright.sync_api import Request, WebSocket, expect

from tests.e2e.media.files import series
from tests.e2e.media.panel import WORK_MS, Visit, open_panel, tiles
from tests.servers import People, RunningServer

SLICES = 40
LISTS = ("", "/media", "/uploads", "/proposals")
MORE = 3
"""At the beginning, at the end, and where two pages' seconds do not begin together."""


def test_an_open_page_asks_once_a_second_while_a_series_arrives(
    visit: Visit, server: RunningServer, people: People, case: str, tmp_path: Path
) -> None:
    """[GAL-16] However many changes it is told of; its sender's page too, which also looks how far the server is."""
    lead, other = visit(people.lead), visit(people.contributor)
    asked: dict[str, Counter[str]] = {"lead": Counter(), "other": Counter()}
    told: Counter[str] = Counter()

    def count(whose: str, request: Request) -> None:
        if request.method == "GET" and f"/api/cases/{case}" in request.url:
            asked[whose][request.url.partition(f"/api/cases/{case}")[2]] += 1

    def hear(socket: WebSocket) -> None:
        socket.on(
            "framereceived", lambda frame: told.update(["case-changed"] if b"case-changed" in bytes_of(frame) else [])
        )

    other.page.on("websocket", hear)
    for visitor in (lead, other):
        visitor.open_case(case)
        open_panel(visitor)
    lead.page.on("request", lambda request: count("lead", request))
    other.page.on("request", lambda request: count("other", request))
    began = time.monotonic()
    lead.page.locator("[data-picker=folder]").set_input_files(series(tmp_path, SLICES))
    for visitor in (lead, other):
        expect(tiles(visitor)).to_contain_text(f"{SLICES} images", timeout=3 * WORK_MS)
    seconds = time.monotonic() - began
    most = int(seconds) + MORE
    assert told["case-changed"] > SLICES, "not enough happened for a page to be chatty about"
    for whose, paths in asked.items():
        assert {path: paths[path] for path in LISTS if paths[path] > most} == {}, (whose, seconds)
    assert sum(asked["other"].values()) < told["case-changed"] * len(LISTS)


def bytes_of(frame: str | bytes) -> bytes:
    """A text as it went over the line."""
    return frame.encode() if isinstance(frame, str) else frame
