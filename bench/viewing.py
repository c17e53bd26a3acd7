"""How fast a series is seen over a clinic's line, and how fluent it is then: `python -m bench.viewing`.

The viewer's own modules in Chromium, and the renditions that a worker makes, from a server of files behind a line of
10 Mbit/s. Beside it a plain page that fetches the same slices as PNG files, 8 bits in one window.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from http.server import ThreadingHTTPServer
from multiprocessing import get_context
from pathlib import Path
from typing import BinaryIO

import numpy as np
import psutil
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from bench.cleaning import CT, SIDE, phantom, write_image
from server.cleaning.outcome import Cleaned
from server.renditions.render import render
from tests.e2e.conftest import FLAGS
from tests.e2e.probe import Files, build
from workspace.media import Kind

SLICES = 500
BYTES_A_SECOND = 10_000_000 / 8
TRIP_SECONDS = 0.02
PIECE_BYTES = 4096
TURNS = 150
MIB = 1024 * 1024


class Pace:
    """Lets so many bytes a second through, of all connections together."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._free_at = 0.0
        self.is_slow = False
        self.passed = 0

    def take(self, count: int) -> None:
        """Waits for the turn of `count` bytes."""
        with self._lock:
            self.passed += count
            if not self.is_slow:
                return
            self._free_at = max(self._free_at, time.monotonic()) + count / BYTES_A_SECOND
            free_at = self._free_at
        time.sleep(max(0.0, free_at - time.monotonic()))


class Paced:
    """A stream to a browser that goes through the line."""

    def __init__(self, stream: BinaryIO, pace: Pace) -> None:
        self._stream, self._pace = stream, pace
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> int:
        view = memoryview(data)
        for start in range(0, len(view), PIECE_BYTES):
            piece = view[start : start + PIECE_BYTES]
            self._pace.take(len(piece))
            self._stream.write(piece)
        return len(view)

    def flush(self) -> None:
        self._stream.flush()

    def close(self) -> None:
        self.closed = True
        self._stream.close()


class Slow(Files):
    """Answers after the time that a question takes to a server in the same country, through the line."""

    def __init__(self, *args: object, pace: Pace, **named: object) -> None:
        self._pace = pace
        super().__init__(*args, **named)  # type: ignore[arg-type]  # as socketserver gives them

    def setup(self) -> None:
        super().setup()
        self.wfile = Paced(self.wfile, self._pace)  # type: ignore[arg-type,assignment]  # what of a stream is used here

    def do_GET(self) -> None:  # noqa: N802 — the name it has in http.server
        if self._pace.is_slow:
            time.sleep(TRIP_SECONDS)
        super().do_GET()

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")
        super().end_headers()


def make(folder: Path, number: int) -> str:
    """One slice, as the viewer and as the plain page have it; its manifest."""
    here = folder / str(number)
    here.mkdir()
    pixels = phantom(number)
    write_image(here / "slice.dcm", CT, number=number + 1, frame=pixels)
    render(Cleaned(here / "slice.dcm", "application/dicom", Kind.DICOM, {}, {}), here, lambda done, total: None)
    stored = np.frombuffer(pixels, "<u2").reshape(SIDE, SIDE).astype(np.float32)
    Image.fromarray(np.clip(stored / 1200 * 255, 0, 255).astype(np.uint8)).save(here / "slice.png")
    manifest = (here / "manifest.json").read_text()
    for each in here.iterdir():
        if each.name not in ("frames", "slice.png"):
            each.unlink()
    return manifest


def memory() -> float:
    """MiB of the fattest page: its process, decoded frames and all."""
    found = [each.memory_info().rss for each in psutil.Process().children(recursive=True) if is_page(each)]
    return max(found, default=0) / MIB


def is_page(process: psutil.Process) -> bool:
    try:
        return "--type=renderer" in process.cmdline()
    except psutil.Error:
        return False


def opened(browser: Browser, url: str) -> Page:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(url)
    page.wait_for_function("window.probe")
    return page


def measure(browser: Browser, url: str, pace: Pace, slices: int) -> dict[str, float]:
    """Everything, by name."""
    middle = slices // 2
    found: dict[str, float] = {}
    page = opened(browser, url)
    pace.is_slow = True
    for name, value in page.evaluate("at => probe.viewing.open(at)", middle).items():
        found[f"open {name}"] = value
    for name, value in page.evaluate("to => probe.viewing.jump(to)", slices // 5).items():
        found[f"jump {name}"] = value
    pace.is_slow = False
    page.evaluate("to => probe.viewing.jump(to)", middle)
    for what in ("windowing", "scrolling"):
        for name, value in page.evaluate(f"times => probe.viewing.{what}(times)", TURNS).items():
            found[f"{what} {name}"] = value
    found["memory before"] = memory()
    found["held after"] = page.evaluate("() => probe.viewing.through()")
    found["memory after"] = memory()
    for name, (width, height) in {"512": (512, 512), "radiograph": (2880, 3520)}.items():
        taken = page.evaluate("([width, height]) => probe.viewing.painting(width, height)", [width, height])
        for what, millis in taken.items():
            found[f"painting {name} {what}"] = millis
    page.close()
    page = opened(browser, url)
    pace.is_slow = True
    for name, value in page.evaluate("([at, of]) => probe.plain.open(at, of)", [middle, slices]).items():
        found[f"plain {name}"] = value
    turns = [page.evaluate("([at, turn]) => probe.plain.window(at, turn)", [middle, turn]) for turn in range(9)]
    found["plain window"] = sorted(turns)[4]
    pace.is_slow = False
    page.close()
    return found


def report(found: dict[str, float], slices: int) -> str:
    """The tables of bench/README.md."""

    def beside(ours: str, theirs: str) -> str:
        return f"{found[ours]:,.0f} | {found[theirs]:,.0f} | {found[ours] / found[theirs]:.2f}"

    def told(*names: str) -> str:
        return ", ".join(f"{found[name]:,.1f}" if found[name] < 10 else f"{found[name]:,.0f}" for name in names)

    found["window"] = 1000 / found["windowing framesASecond"]
    compared = {
        "something of the slice is seen, ms": beside("open first", "plain first"),
        "the slice is exact, ms": beside("open exact", "plain first"),
        "ten slices on each side are seen at once, ms": beside("open smooth", "plain smooth"),
        "ten on each side are exact, ms": beside("open exactlySmooth", "plain smooth"),
        "another window, ms": beside("window", "plain window"),
    }
    alone = {
        "a jump to elsewhere: seen, exact, ten on each side seen, ms": told("jump first", "jump exact", "jump smooth"),
        "frames a second while windowing by hand; the longest, ms": told(
            "windowing framesASecond", "windowing longest"
        ),
        "frames a second while scrolling; the longest, ms": told("scrolling framesASecond", "scrolling longest"),
        "windowing and drawing 512 × 512, 2,880 × 3,520 pixels, ms": told(
            "painting 512 whole", "painting radiograph whole"
        ),
        "the latter while a hand moves: its first movement unprepared, prepared, each other, ms": told(
            "painting radiograph first", "painting radiograph prepared", "painting radiograph inSight"
        ),
        "the longest piece of preparing it, ms": told("painting radiograph piece"),
        "memory of the page before and after all slices, MiB": told("memory before", "memory after"),
        "slices held after all": told("held after"),
    }
    return "\n".join(
        (
            f"| {slices} slices of 512 × 512, 16 bit, over 10 Mbit/s | Consilium | PNG files, 8 bits | ours by it |",
            "|---|---:|---:|---:|",
            *(f"| {what} | {values} |" for what, values in compared.items()),
            "",
            "| | |",
            "|---|---:|",
            *(f"| {what} | {values} |" for what, values in alone.items()),
        )
    )


def main() -> None:
    """Print the tables."""
    reading = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reading.add_argument("--slices", type=int, default=SLICES)
    slices: int = reading.parse_args().slices
    folder = Path(tempfile.mkdtemp())
    try:
        build(folder)
        with ProcessPoolExecutor(2, get_context("spawn")) as pool:
            manifests = list(pool.map(partial(make, folder), range(slices), chunksize=10))
        (folder / "series.json").write_text(json.dumps([json.loads(each) for each in manifests]))
        pace = Pace()
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Slow, directory=str(folder), pace=pace))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
            print(report(measure(browser, f"http://127.0.0.1:{server.server_address[1]}", pace, slices), slices))
            browser.close()
        server.shutdown()
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
