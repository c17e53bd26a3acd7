"""Files of gigabytes go through a worker whose memory does not grow with them; `python3 run thorough` sends
whole ones."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Self

import psutil
import pytest

from tests.cleaning.markers import written
from tests.cleaning.objects import image
from tests.integration.media_browser import MediaBrowser, put
from tests.integration.media_steps import media_processes
from tests.object_server import ObjectServer
from tests.servers import RunningServer, add_person, start_server, wait_until
from tests.thorough import short_or_long
from tests.unit.films import plain
from workspace.media import PART_BYTES

pytestmark = pytest.mark.timeout(1800)
MIB = 1024 * 1024
VIDEO_BYTES = short_or_long(192 * MIB, 2048 * MIB)
FRAMES = short_or_long(48, 256)
"""Of 4 MiB each, in a DICOM file."""
SECONDS = 900.0
LOOK_SECONDS = 0.2
SPARE = 96 * MIB
"""By which a process may be larger than it was after a small file: buffers, and what libraries keep."""


@pytest.fixture
def server(tmp_path: Path, objects_server: ObjectServer) -> Iterator[RunningServer]:
    with start_server(tmp_path / "data", objects_server.settings(objects_server.fresh())) as server:
        yield server


class Watch:
    """The largest that each program of a worker ever was, by what it does."""

    def __init__(self, server: RunningServer) -> None:
        self.peaks: dict[str, int] = {}
        self._server = server
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            with suppress(psutil.Error, OSError):
                for worker in media_processes(self._server):
                    self._note("worker", worker)
                    for each in worker.children(recursive=True):
                        self._note("ffmpeg" if "ffmpeg" in each.name() else "child", each)

    def _note(self, what: str, process: psutil.Process) -> None:
        """What it was at most, as the kernel has it: no peak between two looks is missed while it lives."""
        for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                self.peaks[what] = max(self.peaks.get(what, 0), int(line.split()[1]) * 1024)


def send(browser: MediaBrowser, file: Path) -> str:
    """A file that is never whole in memory here either."""

    def parts() -> Iterator[bytes]:
        with file.open("rb") as opened:
            while part := opened.read(PART_BYTES):
                yield part

    digests = [hashlib.sha256(part).digest() for part in parts()]
    files = [{"name": "Doe^Jane", "size": file.stat().st_size, "digest": hashlib.sha256(b"".join(digests)).hexdigest()}]
    [begun] = browser.json("POST", "/uploads", {"files": files})["uploads"]
    for number, (part, digest) in enumerate(zip(parts(), digests, strict=True), 1):
        wanted = {"parts": [{"number": number, "sha256": digest.hex()}]}
        [signed] = browser.json("POST", f"/uploads/{begun['id']}/parts", wanted)["parts"]
        assert put(signed, part) == 200
    browser.complete(begun["id"])
    return str(begun["id"])


def video(folder: Path, size: int) -> Path:
    """One that browsers play, with a box of so many bytes that say nothing; the disk holds none of them."""
    file = plain(folder, f"film-{size}.mp4")
    with file.open("r+b") as opened:
        at = opened.seek(0, 2)
        opened.write((1).to_bytes(4, "big") + b"free" + (size + 16).to_bytes(8, "big"))
        opened.truncate(at + 16 + size)
    return file


def dicom(folder: Path, frames: int) -> Path:
    """An object with frames of 4 MiB."""
    file = folder / f"object-{frames}.dcm"
    file.write_bytes(written(image(frames=frames, rows=2048, columns=2048)))
    return file


@pytest.mark.parametrize("kind", ["video", "dicom"])
def test_memory_does_not_grow_with_the_file(server: RunningServer, tmp_path: Path, kind: str) -> None:
    """[UPL-16] A small one and a large one, through the whole way: fetched, digested, cleaned, made ready for viewers
    and put away again."""
    make, small, large = (video, MIB, VIDEO_BYTES) if kind == "video" else (dicom, 2, FRAMES)
    ada = add_person(server.data, "ada@example.org", "Ada")
    browser = MediaBrowser(server, ada, server.create_case(ada))
    peaks = []
    for size in (small, large):
        file = make(tmp_path, size)
        with Watch(server) as watch:
            upload = send(browser, file)

            def is_ready(upload: str = upload) -> bool:
                state = browser.uploads()[upload]["state"]
                assert state not in ("rejected", "needs-review"), browser.uploads()[upload]
                return bool(state == "ready")

            wait_until(is_ready, seconds=SECONDS, what=lambda: str(browser.uploads()))
        peaks.append(watch.peaks)
        file.unlink()
    before, after = peaks
    assert set(after) >= {"worker", "child"}
    for who, peak in after.items():
        # What was there too short to be seen with the small file has no more than the spare.
        assert peak < before.get(who, 0) + SPARE, (who, before, after)
    assert sum(each["files"] for each in browser.media()) == 2
