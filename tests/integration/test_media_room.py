"""Files are worked on where there is no room: a real file system that is full, under real children and real servers."""

from __future__ import annotations

import io
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image

from server.media_worker.job import Answer, CleanedLine, Job, RejectedLine, Told, read_line
from tests.cleaning.markers import written
from tests.cleaning.objects import image
from tests.integration.media_browser import MediaBrowser, photo
from tests.integration.media_steps import noise
from tests.object_server import ObjectServer
from tests.servers import ROOT, add_person, start_server, wait_until
from tests.unit.films import plain
from workspace.media import MediaLimits, Reason

pytestmark = [
    pytest.mark.timeout(600),
    pytest.mark.skipif(not sys.platform.startswith("linux") or os.geteuid() != 0, reason="mounting a disk needs root"),
]
SIZE = 64 * 1024 * 1024


class Disk:
    """A small file system, with as much room as a test says."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "filler"

    def leave(self, size: int) -> None:
        """Fill it up to so many bytes."""
        self.free()
        disk = os.statvfs(self.folder)
        self._filler.write_bytes(bytes(max(0, disk.f_bavail * disk.f_frsize - size)))

    def is_unused(self) -> bool:
        """Whether no worker has anything of an upload there."""
        return not list(self.folder.rglob("upload-*"))

    def free(self) -> None:
        """There is room again."""
        self._filler.unlink(missing_ok=True)


@contextmanager
def mounted(folder: Path) -> Iterator[Disk]:
    """One in memory, until the block ends."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=0700", "tmpfs", folder], check=True)
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    with mounted(tmp_path / "small") as disk:
        yield disk


class Child:
    """The child that cleans, asked as a worker asks it."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "server.media_worker", str(4 << 30), str(8 << 30), str(os.getpid())]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)

    def clean(self, source: Path, folder: Path) -> Answer:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(Job(source, folder, "00" * 16, MediaLimits()).to_line())
        self._process.stdin.flush()
        while isinstance(said := read_line(self._process.stdout.readline()), Told):
            pass
        return said

    def end(self) -> None:
        self._process.kill()
        self._process.communicate()


@pytest.fixture
def child() -> Iterator[Child]:
    child = Child()
    try:
        yield child
    finally:
        child.end()


def _photo(file: Path) -> None:
    made = io.BytesIO()
    Image.frombytes("RGB", (800, 600), random.Random(1).randbytes(800 * 600 * 3)).save(made, "JPEG", quality=90)
    file.write_bytes(made.getvalue())


def _copied(file: Path) -> None:
    plain(file.parent, "film.mp4").rename(file)


def _encoded(file: Path) -> None:
    plain(file.parent, "film.avi", ("-c:v", "mpeg4", "-q:v", "2")).rename(file)


def _dicom(file: Path) -> None:
    file.write_bytes(written(image(rows=512, columns=512, frames=2)))


@pytest.mark.parametrize("make", [_photo, _copied, _encoded, _dicom])
def test_a_file_is_not_refused_for_good_where_there_is_no_room(
    make: Callable[[Path], None], tmp_path: Path, disk: Disk, child: Child
) -> None:
    """[UPL-15] However much room there is, if it is less than it takes, that is what is said of it; and not that the
    file is damaged, as libraries see it whose writes broke off. The child lives on."""
    source, folder = tmp_path / "source", disk.folder / "made"
    make(source)

    def clean(room: int) -> Answer:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        disk.leave(room)
        return child.clean(source, folder)

    assert isinstance(clean(SIZE), CleanedLine)
    needed = sum(each.stat().st_blocks * 512 for each in folder.rglob("*") if each.is_file())
    said = [clean(needed * twelfths // 12) for twelfths in range(12)]
    refused = [each for each in said if isinstance(each, RejectedLine)]
    assert {each.reason for each in refused} == {Reason.NO_ROOM}
    assert len(refused) >= 8
    assert all(isinstance(each, CleanedLine) for each in said if each not in refused)
    assert isinstance(clean(SIZE), CleanedLine), "there is room again"


def test_uploads_say_that_there_is_no_room_and_go_on(tmp_path: Path, disk: Disk, objects_server: ObjectServer) -> None:
    """[UPL-15] [UPL-8] [UPL-11] The worker's disk is full: the file says so and stays in quarantine, what is small
    enough goes through, everything else goes on; when there is room, it is tried again and is ready."""
    settings = dict(objects_server.settings(objects_server.fresh())) | {"CONSILIUM_MEDIA_FOLDER": str(disk.folder)}
    with start_server(tmp_path / "data", settings) as server:
        ada = add_person(server.data, "ada@example.org", "Ada")
        browser = MediaBrowser(server, ada, server.create_case(ada))
        disk.leave(300 * 1024)
        large, small = browser.hand_in(noise(1)), browser.hand_in(photo())
        refused = browser.wait_for(large, "rejected")
        assert (refused["reason"], refused["can_retry"]) == ("no-room", True)
        browser.wait_for(small, "ready")
        wait_until(disk.is_unused, seconds=10, what="what the worker had of it to go, a moment after it is ready")
        disk.leave(0)
        none = browser.hand_in(photo(7))
        assert browser.wait_for(none, "rejected")["reason"] == "no-room"
        server.create_case(ada, "Meanwhile")
        disk.free()
        for upload in (large, none):
            browser.json("POST", f"/uploads/{upload}/retry")
            browser.wait_for(upload, "ready")
        assert len(browser.media()) == 3
        assert server.command("media", "verify").startswith("no fault in")
