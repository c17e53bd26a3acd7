"""Every picture of pydicom's test files, decoded and painted by our page in Chromium, held to pydicom's decoding."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from http.server import ThreadingHTTPServer
from multiprocessing import get_context
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser

from tests.e2e.media.pixels import LOSSY_IN_THE_BROWSER, Prepared, prepare, sources, table, wanted
from tests.e2e.probe import Files, build
from tests.servers import ROOT

# Cleaning and decoding all of them takes a minute or two where others work beside it.
pytestmark = pytest.mark.timeout(400)

Numbers = NDArray[Any]
DOCUMENT = ROOT / "docs" / "viewing.md"
BEGIN, END = "<!-- files -->\n", "<!-- end of files -->"
CLOSE_MEAN, CLOSE_MOST = 3.0, 32
"""Of 255, between JPEGs as Chromium and as pydicom decodes them: they spread half-sized colours differently."""


class Exchange(Files):
    """Also takes what the browser saw, and puts it beside what was wanted."""

    def do_POST(self) -> None:  # noqa: N802 — the name it has in http.server
        body = self.rfile.read(int(self.headers["Content-Length"]))
        Path(self.translate_path(self.path)).write_bytes(body)
        self.send_response(204)
        self.end_headers()


@dataclass(frozen=True, slots=True)
class Seen:
    """What the browser said of one file: why it shows nothing, or how the numbers of each frame are to be read."""

    because: str | None
    dtype: str
    samples: int


Checked = tuple[Path, list[Prepared], list[Seen]]


@pytest.fixture(scope="module")
def checked(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Checked:
    """All of them, once, on one page."""
    return looked_at(browser, tmp_path_factory.mktemp("pixels"), list(sources().values()))


def looked_at(browser: Browser, folder: Path, paths: list[Path]) -> Checked:
    """Prepare `paths` and let a browser decode and paint them; what it saw stands in `folder`."""
    build(folder)
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        prepared = list(pool.map(prepare, paths, [folder / str(number) for number in range(len(paths))]))
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Exchange, directory=str(folder)))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{server.server_address[1]}")
        page.wait_for_function("window.probe")
        seen = [
            Seen(**page.evaluate("([folder, frames]) => probe.pixels(folder, frames)", [str(number), each.frames]))
            if each.because is None or not each.because.startswith("refused")
            else Seen(each.because, "", 0)
            for number, each in enumerate(prepared)
        ]
        page.close()
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
    return folder, prepared, seen


def differences(folder: Path, prepared: Prepared, seen: Seen) -> Iterator[str]:
    """What is not as pydicom has it."""
    for frame in prepared.frames:
        ours, theirs = np.fromfile(folder / f"numbers-{frame}", seen.dtype), wanted(folder, frame)
        if ours.size != theirs.numbers.size:
            yield f"frame {frame}: {ours.size} numbers, not {theirs.numbers.size}"
            continue
        ours = ours.reshape(theirs.numbers.shape)
        away = np.abs(ours.astype(np.float64) - theirs.numbers)
        if prepared.coding == LOSSY_IN_THE_BROWSER:
            if away.mean() > CLOSE_MEAN or away.max() > CLOSE_MOST:
                yield f"frame {frame}: {away.mean():.2f} away in the middle, {away.max():.0f} at most"
        elif away.any():
            yield f"frame {frame}: {np.count_nonzero(away)} numbers differ, by {away.max()} at most"
        painted = np.fromfile(folder / f"painted-{frame}", np.uint8).reshape(*theirs.numbers.shape[:2], 4)
        yield from (f"frame {frame}: {each}" for each in _painted_wrongly(ours, painted, theirs.greys))
        if theirs.real is not None:
            real = np.fromfile(folder / f"real-{frame}", np.float64)
            if not np.allclose(real, theirs.real, rtol=1e-12, atol=1e-9):
                yield f"frame {frame}: {np.abs(real - theirs.real).max()} away after rescaling"
        if theirs.greys is not None:
            off = np.abs(painted[..., 0] - np.clip(theirs.greys, 0, 255))
            if off.max() > 0.51:
                yield f"frame {frame}: a grey is {off.max():.2f} away, {np.count_nonzero(off > 0.51)} are"


def _painted_wrongly(ours: Numbers, painted: Numbers, greys: Numbers | None) -> Iterator[str]:
    if (painted[..., 3] != 255).any():
        yield "not opaque"
    if ours.ndim == 3 and not np.array_equal(painted[..., :3], ours):
        yield "other colours on the canvas"
    if ours.ndim == 2 and (painted[..., 0] != painted[..., 1]).any():
        yield "grey is coloured"
    if ours.ndim == 2 and greys is None and np.ptp(ours) > 0 and np.ptp(painted[..., 0]) == 0:
        yield "nothing can be told apart"


def test_every_file_is_seen_as_pydicom_decodes_it(checked: Checked) -> None:
    """[VIEW-20] Stored numbers to the last bit, JPEGs within what decoders differ by; real values; greys."""
    folder, prepared, seen = checked
    wrong = [
        f"{one.name}: {each}"
        for number, (one, other) in enumerate(zip(prepared, seen, strict=True))
        if one.because is None
        for each in differences(folder / str(number), one, other)
    ]
    assert wrong == []
    assert sum(one.because is None for one in prepared) > 140


def test_what_is_not_shown_is_named(checked: Checked) -> None:
    """[VIEW-20] By its transfer syntax, in the standard's words."""
    _, prepared, seen = checked
    assert [one.because for one in prepared] == [each.because for each in seen]
    not_decoded = [one for one in prepared if one.because is not None and not one.because.startswith("refused")]
    assert not_decoded != []
    for one in not_decoded:
        assert one.because is not None
        assert one.because.startswith(one.about[0]), one.name


def test_the_document_tells_how_each_file_is_shown(checked: Checked) -> None:
    """[VIEW-20] The table in docs/viewing.md is what came of it."""
    _, prepared, _ = checked
    says = {"gzip": "exactly", "jpeg": "as a JPEG, by the browser"}
    rows = {one.name: (one.about, one.because or says[one.coding or ""]) for one in prepared}
    made = table(rows)
    (ROOT / "screenshots").mkdir(exist_ok=True)
    (ROOT / "screenshots" / "files.md").write_text(made)
    assert made == DOCUMENT.read_text().split(BEGIN)[1].split(END)[0], "screenshots/files.md is how it should be"
