"""The work on an upload, step by step: held at one of them, so that whoever does it can be killed or frozen there; and
what must be true afterwards, whatever was done to whom."""

from __future__ import annotations

import asyncio
import contextlib
import io
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from server.embedded.found import find_access
from server.media_sweeper import ORPHAN_MILLIS, MediaSweeper
from server.media_verify import verify
from server.media_worker.beside import COMMAND
from server.premises import wall_clock
from server.settings import load_settings
from storage.ports import Stores
from storage.stores import open_node
from tests.integration.crossing import Crossing, Hold, Moment
from tests.integration.media_browser import MediaBrowser
from tests.object_server import ObjectServer
from tests.servers import POLL_SECONDS, RunningServer, Someone, add_people, wait_until
from workspace.audit import Action, Chain, decode
from workspace.ids import Millis

SECONDS = 120.0
"""For whatever has to come: a busy machine takes long to start a child."""
NAME = "Quillfeather"


LARGE = (3300, 2300)
"""It has tiles: cleaning it takes a second, and so does what is made of it."""


def noise(seed: int, size: tuple[int, int] = (800, 600)) -> bytes:
    """A PNG with a name in it; no two are of the same length."""
    picture = Image.frombytes("L", size, random.Random(seed).randbytes(size[0] * size[1]))
    said = PngInfo()
    said.add_text("Description", f"Jane {NAME}" + "." * seed)
    made = io.BytesIO()
    picture.save(made, "PNG", compress_level=1, pnginfo=said)
    return made.getvalue()


def media_processes(server: RunningServer) -> list[psutil.Process]:
    """Those that work on uploads: a worker itself, or the process beside a server."""
    if not server.is_alive:
        return []
    if server.does == "worker":
        return [psutil.Process(server.process.pid)]
    found = []
    for process in psutil.Process(server.process.pid).children():
        with contextlib.suppress(psutil.Error):
            if COMMAND in process.cmdline():
                found.append(process)
    return found


def children(server: RunningServer) -> list[psutil.Process]:
    """Those that clean."""
    found = []
    for process in media_processes(server):
        with contextlib.suppress(psutil.Error):
            found += [each for each in process.children() if "server.media_worker" in each.cmdline()]
    return found


@dataclass(frozen=True, slots=True)
class Upload:
    """One that was handed in, in a case of its own, by which keys tell it from others."""

    browser: MediaBrowser
    body: bytes
    id: str

    @property
    def state(self) -> str:
        """How it stands."""
        return str(self.browser.uploads()[self.id]["state"])


@dataclass(slots=True)
class Workshop:
    """A server, its S3 server behind a crossing, and whoever works on uploads."""

    server: RunningServer
    database: Path | str
    objects: ObjectServer
    bucket: str
    between: Crossing
    person: Someone
    workers: list[RunningServer]

    @property
    def folders(self) -> list[Path]:
        """Where files are while they are worked on."""
        return [each.data / "media-work" for each in self.workers]

    def jobs(self) -> dict[int, Path]:
        """The folders of files that are there whole, by the size of the file."""
        found = {}
        for folder in self.folders:
            for original in folder.glob("worker-*/upload-*/original"):
                with contextlib.suppress(OSError):
                    found[original.stat().st_size] = original.parent
        return found

    def hand_in(self, body: bytes) -> Upload:
        """In a new case."""
        browser = self.browser()
        return self.hand_in_at(browser, body)

    def browser(self) -> MediaBrowser:
        """At a new case."""
        return MediaBrowser(self.server, self.person, self.server.create_case(self.person))

    def hand_in_at(self, browser: MediaBrowser, body: bytes) -> Upload:
        return Upload(browser, body, browser.hand_in(body))

    @asynccontextmanager
    async def stores(self) -> AsyncIterator[Stores]:
        """As a command beside the server has them."""
        find = find_access(load_settings(self.objects.settings(self.bucket)))
        async with open_node(self.database, None, 0, find) as stores:
            yield stores

    def settled(self, uploads: Mapping[str, Upload]) -> None:
        """Everything is ready, once: in the gallery, in the audit log and in the storage; and nothing else is left."""
        for step, upload in uploads.items():

            def is_ready(upload: Upload = upload) -> bool:
                return upload.state == "ready"

            wait_until(is_ready, seconds=SECONDS, what=lambda: f"{step}: {upload.browser.uploads()}")  # noqa: B023
            [media] = upload.browser.media()
            assert media["files"] == 1, step

            def has_manifest(upload: Upload = upload, media: str = media["id"]) -> bool:
                manifest = upload.browser.json("GET", f"/media/{media}")["manifest"]
                return manifest is not None and manifest["is_current"]

            wait_until(has_manifest, seconds=SECONDS, what=f"{step}: a manifest")
        self.nothing_is_in_the_folders()
        asyncio.run(self._settled(uploads))
        for log in {each.log_file for each in (self.server, *self.workers)}:
            assert NAME not in log.read_text("utf-8", "replace")

    def nothing_is_in_the_folders(self) -> None:
        """Of whoever lives nothing but an empty folder, of the dead nothing at all, when the next one has come."""
        alive = sum(len(media_processes(each)) for each in self.workers)

        def is_empty() -> bool:
            found = [each for folder in self.folders for each in folder.glob("*") if each.is_dir()]
            return len(found) <= alive and not any(any(each.iterdir()) for each in found)

        wait_until(is_empty, seconds=SECONDS, what=lambda: str([list(each.rglob("*")) for each in self.folders]))

    async def _settled(self, uploads: Mapping[str, Upload]) -> None:
        async with self.stores() as stores:
            for step, upload in uploads.items():
                events = await stores.audit.kept(Chain(upload.browser.case), after=0, limit=1000)
                told = Counter(decode(each.body).event.action for each in events)
                assert told[Action.MEDIA_READY] == 1, (step, told)
                assert told[Action.MEDIA_REJECTED] == 0, (step, told)
            faults: list[str] = []
            await verify(stores, faults.append)
            assert faults == []
        await self.holds_nothing_else()

    async def holds_nothing_else(self) -> None:
        """A day later the storage holds what the database names. What was on its way for somebody who gave it up may
        still arrive, for as long as the S3 server waits for it."""
        async with self.stores() as stores, asyncio.timeout(SECONDS):
            sweeper = MediaSweeper(stores, 72.0, clock=lambda: Millis(wall_clock() + 2 * ORPHAN_MILLIS))
            while True:
                await sweeper.clear_quarantine()
                await sweeper.remove_orphans()
                known = {each.key async for each in stores.manifests.objects()}
                if {each.key async for each in stores.objects.listed("")} == known:
                    break
                await asyncio.sleep(POLL_SECONDS)
            late = Millis(wall_clock() + ORPHAN_MILLIS)
            assert [each async for each in stores.multiparts.unfinished(late)] == []


@dataclass(frozen=True, slots=True)
class Held:
    """An upload that is held at a step: by a request that waits, or by a child that is frozen."""

    upload: Upload
    hold: Hold | None


Holding = Callable[[Workshop, int], Held]
"""`(workshop, seed)`: a picture is held."""


def _at(method: str, target: str, moment: Moment, *, skip: int = 0) -> Holding:
    """At a request; `{case}` is the upload's."""

    def hold(workshop: Workshop, seed: int) -> Held:
        browser = workshop.browser()
        hold = workshop.between.hold(method, target.format(case=browser.case), moment, skip=skip)
        upload = workshop.hand_in_at(browser, noise(seed))
        hold.wait()
        return Held(upload, hold)

    return hold


def _frozen(made: str, *, not_yet: str) -> Holding:
    """When the child has made this, and not yet that."""

    def hold(workshop: Workshop, seed: int) -> Held:
        body = noise(seed, LARGE)
        upload = workshop.hand_in(body)

        def is_there() -> bool:
            folder = workshop.jobs().get(len(body))
            return folder is not None and any((folder / "made").glob(made))

        wait_until(is_there, seconds=SECONDS, what=lambda: f"{made}: {upload.browser.uploads()}")
        for child in [each for worker in workshop.workers for each in children(worker)]:
            child.send_signal(signal.SIGSTOP)
        folder = workshop.jobs()[len(body)]
        assert not any((folder / "made").glob(not_yet)), "it was faster than we"
        assert not workshop.between.count("PUT", f"/media/{upload.browser.case}/")
        return Held(upload, None)

    return hold


def steps(objects: int) -> Sequence[Mapping[str, Holding]]:
    """Every step of the work on a file of which so many objects are made, until it is ready; in groups, since a process
    carries four objects at a time, and one has to be free. The first ones freeze children: those that have nothing to
    do are frozen with them."""
    put = ("PUT", "/media/{case}/")
    return (
        {
            "cleaning": _frozen("photo*", not_yet="renditions"),
            "rendering": _frozen("renditions/*", not_yet="renditions/manifest.json"),
            "fetching": _at("GET", "/quarantine/{case}/[^?]*$", Moment.AMID),
            "before the first object": _at(*put, Moment.BEFORE),
            "the first object is there": _at(*put, Moment.AFTER),
        },
        {
            "before what viewers need": _at(*put, Moment.BEFORE, skip=1),
            "the last object is there": _at(*put, Moment.AFTER, skip=objects - 1),
        },
    )


def steps_afterwards() -> Mapping[str, Holding]:
    """Steps after the file is ready: what is left to do can be left to the sweeper, and is when it takes too long."""
    return {
        "it is in the database": _at("GET", "prefix=quarantine%2F{case}", Moment.BEFORE),
        "before the original is removed": _at("POST", r"\?delete", Moment.BEFORE),
        "the original is removed": _at("POST", r"\?delete", Moment.AFTER),
    }


def through(objects: ObjectServer, bucket: str, between: Crossing) -> dict[str, str]:
    """Settings: processes of ours go through the middle, browsers straight on."""
    ours = {"CONSILIUM_S3_ENDPOINT": between.url, "CONSILIUM_S3_PUBLIC_ENDPOINT": objects.url}
    return dict(objects.settings(bucket)) | ours


@contextmanager
def workshop(
    server: RunningServer,
    database: Path | str,
    objects: ObjectServer,
    bucket: str,
    between: Crossing,
    workers: list[RunningServer],
) -> Iterator[Workshop]:
    """With somebody who has a case."""
    yield Workshop(server, database, objects, bucket, between, add_people(database).lead, workers)
