"""How long a person waits until everybody sees a series, and what the work takes: `python -m bench.media`.

A real server as it is installed, its own S3 server beside it, and files handed in as a page does. The clock starts with
the first `complete`, when all bytes are there; it ends when the last file is in the gallery, and when the manifest that
puts the series in order is there.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from bench.cleaning import CT, phantom, write_image
from server.upload_answers import MOST_SIGNED
from tests.api.media_scene import parts_of
from tests.integration.media_browser import MediaBrowser, put
from tests.servers import EMBEDDED, RunningServer, add_person, start_server, wait_until

SLICES = 200
FRAMES = 2048
"""Of 512 KiB each: 1 GiB."""
AT_ONCE = 4
"""Files that are sent side by side."""
LOOK_SECONDS = 0.1
PATIENCE_SECONDS = 1_800.0
MIB = 1024 * 1024


@dataclass(slots=True)
class Watched:
    """The processes that work on files, looked at while they do."""

    server: int
    peaks: dict[str, int] = field(default_factory=dict)
    """Most resident bytes of one process, by what it does."""
    busy: dict[tuple[str, int], float] = field(default_factory=dict)
    """Processor seconds of each, as last seen."""

    def look(self) -> None:
        """Once."""
        for process in psutil.Process(self.server).children(recursive=True):
            with suppress(psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError):
                what = role_of(process.cmdline())
                if what is not None:
                    self.peaks[what] = max(self.peaks.get(what, 0), peak_bytes(process.pid))
                    times = process.cpu_times()
                    self.busy[what, process.pid] = times.user + times.system

    def busy_seconds(self, what: str) -> float:
        """Of all processes that did the same."""
        return sum(seconds for (role, _), seconds in self.busy.items() if role == what)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one measurement came to."""

    what: str
    megabytes: float
    ready_seconds: float
    manifest_seconds: float
    watched: Watched


def role_of(words: Sequence[str]) -> str | None:
    """What one of the server's processes does, by its command line."""
    if "media-worker" in words:
        return "worker"
    if "server.media_worker" in words:
        return "cleaner"
    return "S3" if words and Path(words[0]).name == "weed" and "server" in words else None


def peak_bytes(pid: int) -> int:
    """The most that was ever resident. Linux."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")), 0)


@contextmanager
def looking(server: RunningServer) -> Iterator[Watched]:
    """Look all the while until the block ends."""
    watched, is_over = Watched(server.process.pid), threading.Event()

    def look() -> None:
        while not is_over.wait(LOOK_SECONDS):
            watched.look()

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield watched
    finally:
        is_over.set()
        thread.join()


def measure(what: str, make: Callable[[Path], None]) -> Cost:
    """On a server of its own."""
    with tempfile.TemporaryDirectory(prefix="bench-media-") as scratch:
        files = Path(scratch) / "files"
        files.mkdir()
        make(files)
        bodies = sorted(files.iterdir())
        with start_server(Path(scratch) / "data", EMBEDDED) as server:
            person = add_person(server.data, "ada@example.org", "Ada")
            browser = MediaBrowser(server, person, server.create_case(person))
            wait_until(lambda: b"ready" in objects_state(server), seconds=60, what="the store")
            with ThreadPoolExecutor(AT_ONCE) as threads:
                uploads = list(threads.map(lambda path: sent(browser, path), bodies))
                with looking(server) as watched:
                    began = time.monotonic()
                    list(threads.map(browser.complete, uploads))
                    ready = until(lambda: is_ready(browser, len(bodies)), began)
                    listed = until(lambda: has_manifest(browser), began)
        return Cost(what, sum(path.stat().st_size for path in bodies if path.exists()) / 1e6, ready, listed, watched)


def sent(browser: MediaBrowser, path: Path) -> str:
    """A file that is all there, and not called complete yet."""
    body = path.read_bytes()
    upload = str(browser.begin(body)["id"])
    cut = parts_of(body)
    for first in range(0, len(cut), MOST_SIGNED):
        some = range(first, min(first + MOST_SIGNED, len(cut)))
        asked = [{"number": n + 1, "sha256": hashlib.sha256(cut[n]).hexdigest()} for n in some]
        signed = browser.json("POST", f"/uploads/{upload}/parts", {"parts": asked})["parts"]
        for n, each in zip(some, signed, strict=True):
            if put(each, cut[n]) != 200:
                raise RuntimeError("a part was refused")
    return upload


def objects_state(server: RunningServer) -> bytes:
    """How the server finds its store."""
    return server.get("/readyz").body.partition(b'"objects"')[2]


def until(condition: Callable[[], bool], began: float) -> float:
    """How many seconds after `began` it holds."""
    deadline = began + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(LOOK_SECONDS)
    return time.monotonic() - began


def is_ready(browser: MediaBrowser, count: int) -> bool:
    """Whether the gallery has so many files. A look costs the server little: it is what a page asks."""
    states = {each["state"] for each in browser.uploads().values()}
    if states & {"rejected", "needs-review"}:
        raise RuntimeError(f"{states}")
    return sum(int(each["files"]) for each in browser.media()) == count


def has_manifest(browser: MediaBrowser) -> bool:
    """Whether the series is in order."""
    [medium] = browser.media()
    shown = browser.json("GET", f"/media/{medium['id']}")
    return shown["manifest"] is not None


def series(folder: Path) -> None:
    """A CT series as a scanner makes it."""
    for number in range(SLICES):
        write_image(folder / f"{number:04}", CT, number=number + 1, frame=phantom(number))


def volume(folder: Path) -> None:
    """The same in one file of a gigabyte."""
    write_image(folder / "volume", CT, frames=FRAMES, frame=phantom(0))


WHAT = {
    "series": (f"a series of {SLICES} CT slices, 512 × 512, 16 bit", series),
    "volume": (f"a CT in one file of 1 GiB ({FRAMES:,} frames)", volume),
}


def main() -> int:
    """Prints a table in Markdown."""
    parser = argparse.ArgumentParser(prog="python -m bench.media", description=__doc__)
    parser.add_argument("--only", choices=sorted(WHAT))
    only = parser.parse_args().only
    load = os.getloadavg()[0]
    costs = [measure(*what) for name, what in WHAT.items() if only in (None, name)]
    print(f"{os.cpu_count()} cores, load {load:.1f} before, Python {platform.python_version()}\n")
    print(
        "| | MB | s until ready | s until in order | of a processor: worker, s | cleaner, s | S3, s |"
        " most memory: worker, MiB | cleaner, MiB |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|"
    )
    for each in costs:
        busy = " | ".join(f"{each.watched.busy_seconds(what):.1f}" for what in ("worker", "cleaner", "S3"))
        peaks = " | ".join(f"{each.watched.peaks.get(what, 0) / MIB:.0f}" for what in ("worker", "cleaner"))
        times = f"{each.ready_seconds:.1f} | {each.manifest_seconds:.1f}"
        print(f"| {each.what} | {each.megabytes:.0f} | {times} | {busy} | {peaks} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
