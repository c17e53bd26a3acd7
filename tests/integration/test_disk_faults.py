"""The real server, and a real PostgreSQL, on a disk that breaks under writers."""

from __future__ import annotations

import asyncio
import errno
import os
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from tests.disk import Disk, faulty, missing
from tests.integration.test_metrics import value
from tests.integration.test_postgres import write_until
from tests.integration.yclient import YClient, read_fresh
from tests.postgres import running_postgres
from tests.servers import (
    STOP_SECONDS,
    People,
    RunningServer,
    add_people,
    data_with_people,
    free_port,
    start_server,
)

pytestmark = pytest.mark.skipif(missing() is not None, reason=missing() or "")

WRITERS = ("lead", "contributor")
BEFORE = 100
"""Acknowledged edits before the fault: it hits a server at work."""
FAST = {"CONSILIUM_MAX_FRAMES_PER_SECOND": "100000", "CONSILIUM_FRAME_BURST": "100000", "CONSILIUM_COMPACT_EVERY": "60"}


@dataclass(frozen=True, slots=True)
class Scene:
    """A server at work on a disk that a test may break."""

    disk: Disk
    server: RunningServer
    people: People
    case: str
    writers: tuple[YClient, ...]
    watcher: YClient

    def acknowledged(self) -> int:
        """Edits that somebody was told are saved."""
        return sum(len(writer.acknowledged) for writer in self.writers)

    async def at_work(self) -> None:
        """Wait until enough is saved."""
        await self.writers[0].until(lambda: self.acknowledged() >= BEFORE, "enough to be acknowledged", seconds=60)


def scene(disk: Disk, server: RunningServer, people: People) -> Scene:
    case = people.open_case(server)
    writers = tuple(YClient(server, getattr(people, role), case) for role in WRITERS)
    return Scene(disk, server, people, case, writers, YClient(server, people.observer, case))


@pytest.fixture
def on_a_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """One node on a SQLite file."""
    data = tmp_path_factory.mktemp("disk") / "data"
    people = data_with_people(tmp_path_factory.getbasetemp(), data)
    with faulty(data) as disk, start_server(data, FAST | dict(disk.environment())) as server:
        yield scene(disk, server, people)


@pytest.fixture
def on_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """One node on a PostgreSQL, which has the broken disk; the node's own is well."""
    with running_postgres() as postgres, faulty(postgres.folder / "data") as disk:
        url = postgres.fresh()
        people = add_people(url)
        postgres.stop()
        postgres.environment = disk.environment()
        postgres.start()
        data = tmp_path_factory.mktemp("disk") / "data"
        with start_server(data, FAST | {"CONSILIUM_DATABASE_URL": url}) as server:
            yield scene(disk, server, people)


async def until_ended(server: RunningServer) -> int:
    """Its exit status."""
    return await asyncio.to_thread(server.process.wait, STOP_SECONDS)


async def all_is_there(scene: Scene) -> None:
    """What was acknowledged is stored, and nothing else was shown; then everybody comes back, and all is there once."""
    stored = await read_fresh(scene.server, scene.people.moderator, scene.case)
    assert not Counter(stored) - Counter(word for writer in scene.writers for word in writer.made), "doubled"
    for writer in scene.writers:
        assert writer.acknowledged <= set(stored)
        assert set(writer.content()) - set(writer.made) <= set(stored)
    assert set(scene.watcher.content()) <= set(stored)
    async with AsyncExitStack() as connections:
        for client in (*scene.writers, scene.watcher):
            await connections.enter_async_context(client.connected())
        await asyncio.gather(*(writer.until_saved() for writer in scene.writers))
        made = Counter(word for writer in scene.writers for word in writer.made)
        await scene.watcher.until_length(made.total())
        assert Counter(scene.watcher.content()) == made
    seqs = [entry["seq"] for entry in scene.server.history(scene.people.lead, scene.case)]
    assert seqs == list(range(1, len(seqs) + 1))


async def test_a_sync_that_failed_ends_the_server_and_no_acknowledged_edit(on_a_file: Scene) -> None:
    """[STO-9] [STO-2] [ROOM-1] One failed fsync, after which all seems well: the kernel may have dropped the pages, so
    nothing is tried again. The process says why and ends; started again, it has all that it had acknowledged."""
    is_over = asyncio.Event()
    async with on_a_file.watcher.connected():
        writing = [asyncio.create_task(write_until(writer, is_over)) for writer in on_a_file.writers]
        await on_a_file.at_work()
        on_a_file.disk.fail_syncs(errno.EIO, times=1)
        assert await until_ended(on_a_file.server) == 1
        is_over.set()
        await asyncio.gather(*writing)
    last = on_a_file.server.log().splitlines()[-1]
    assert last == (
        "consilium: storage failed (SQLITE_IOERR_FSYNC); what was acknowledged is safe: check the disk, start again"
    )
    assert on_a_file.disk.refusals == 1
    on_a_file.server.start()
    await all_is_there(on_a_file)


async def test_a_sync_that_fails_under_postgres_costs_no_acknowledged_edit(on_postgres: Scene) -> None:
    """[STO-9] [STO-5] PostgreSQL panics and recovers by itself; the node stays and goes on."""
    is_over = asyncio.Event()
    writing = [asyncio.create_task(write_until(writer, is_over)) for writer in on_postgres.writers]
    await on_postgres.at_work()
    on_postgres.disk.fail_syncs(errno.EIO, times=1)
    goal = on_postgres.acknowledged() + BEFORE
    await on_postgres.writers[0].until(lambda: on_postgres.acknowledged() >= goal, "to go on", seconds=60)
    is_over.set()
    await asyncio.gather(*writing)
    assert on_postgres.disk.refusals == 1
    assert on_postgres.server.is_alive
    await all_is_there(on_postgres)


@pytest.mark.timeout(240)
async def test_a_full_disk_under_postgres_costs_no_acknowledged_edit(on_postgres: Scene) -> None:
    """[STO-5] [STO-10] Its disk is its own concern; edits are refused with the reason, and go through when there is
    room."""
    is_over = asyncio.Event()
    writing = [asyncio.create_task(write_until(writer, is_over)) for writer in on_postgres.writers]
    await on_postgres.at_work()
    on_postgres.disk.leave_room(0)
    await on_postgres.writers[0].until(lambda: 1013 in on_postgres.writers[0].codes, "to be sent away", seconds=60)
    assert "DiskFullError" in on_postgres.server.log()
    on_postgres.disk.leave_room(256 * 1024 * 1024)
    goal = on_postgres.acknowledged() + BEFORE
    await on_postgres.writers[0].until(lambda: on_postgres.acknowledged() >= goal, "to go on", seconds=60)
    is_over.set()
    await asyncio.gather(*writing)
    assert on_postgres.disk.refusals > 0
    assert on_postgres.server.is_alive
    await all_is_there(on_postgres)


RESERVE_BYTES = 2 * 1024 * 1024


class SmallDisk(Protocol):
    """A disk that can be filled to its last byte, and emptied."""

    def fill(self) -> None: ...

    def free(self) -> None: ...


class SmallFileSystem:
    """A real one, in memory, mounted for the test."""

    def __init__(self, folder: Path) -> None:
        self._ballast = folder / "ballast"

    def fill(self) -> None:
        with self._ballast.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space"):
            while True:
                file.write(bytes(4096))

    def free(self) -> None:
        self._ballast.unlink()


class CountedDisk:
    """Any file system, with the room that is left counted by `tests.disk`."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk

    def fill(self) -> None:
        self._disk.leave_room(0)

    def free(self) -> None:
        self._disk.leave_room(64 * 1024 * 1024)


@dataclass(frozen=True, slots=True)
class FullScene:
    """A server with a reserve, on a disk that a test fills."""

    scene: Scene
    small: SmallDisk

    def metric(self, name: str) -> float:
        return value(self.scene.server, name)

    @property
    def reserve(self) -> Path:
        return self.scene.server.data / "consilium.sqlite3.reserve"


@pytest.fixture(params=["a small file system", "a counted disk"])
def filling(
    request: pytest.FixtureRequest, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FullScene]:
    """One node on a SQLite file with 2 MiB set aside."""
    settings = FAST | {"CONSILIUM_RESERVE_BYTES": str(RESERVE_BYTES)}
    folder = tmp_path / "disk"
    folder.mkdir()
    with ExitStack() as opened:
        disk = opened.enter_context(faulty(folder))
        if request.param == "a small file system":
            if os.geteuid() != 0:
                pytest.skip("a full disk of its own is mounted by root only")
            subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", folder], check=True)
            opened.callback(lambda: subprocess.run(["umount", "--lazy", folder], check=True))
            small: SmallDisk = SmallFileSystem(folder)
        else:
            settings |= dict(disk.environment())
            small = CountedDisk(disk)
        people = data_with_people(tmp_path_factory.getbasetemp(), folder / "data")
        running = RunningServer(folder / "data", free_port(), settings, tmp_path / "log")
        running.start()
        opened.callback(running.stop)
        yield FullScene(scene(disk, running, people), small)


async def until_metric(filling: FullScene, name: str, expected: float) -> None:
    async with asyncio.timeout(60):
        while await asyncio.to_thread(filling.metric, name) != expected:  # noqa: ASYNC110  (in another process)
            await asyncio.sleep(0.05)


@pytest.mark.timeout(240)
async def test_a_full_disk_loses_nothing_and_is_told(filling: FullScene) -> None:
    """[STO-10] [STO-3] [OPS-4] What was on its way when the disk was full is saved in the room that is given back. New
    edits end their sessions with the reason and are kept by who made them; whoever reads stays, and other things go on.
    When there is room the reserve is there again, and so is everything that was written."""
    here = filling.scene
    assert filling.reserve.stat().st_size == RESERVE_BYTES
    is_over = asyncio.Event()
    async with here.watcher.connected():
        writing = [asyncio.create_task(write_until(writer, is_over)) for writer in here.writers]
        await here.at_work()
        filling.small.fill()
        await until_metric(filling, "consilium_storage_full", 1)
        assert not filling.reserve.exists()
        assert filling.metric("consilium_journal_failures_total") == 0, "what was on its way was not saved"
        for writer in here.writers:
            sent_away = len(writer.codes)
            await writer.until(lambda: len(writer.codes) > sent_away + 1, "to be sent away", seconds=30)  # noqa: B023
            assert writer.codes[-1] == 1013
        assert here.watcher.codes == []
        assert here.server.get(f"/api/cases/{here.case}", here.people.lead.token).status == 200
        assert here.server.get("/api/me", here.server.command("token", here.people.stranger.email)).status == 200
        assert here.server.get("/readyz").status == 200
        saved = here.acknowledged()
        filling.small.free()
        await until_metric(filling, "consilium_storage_full", 0)
        await here.writers[0].until(lambda: here.acknowledged() > saved + BEFORE, "to write on", seconds=60)
        is_over.set()
        await asyncio.gather(*writing)
        assert here.watcher.codes == []
    assert filling.reserve.stat().st_size == RESERVE_BYTES
    events = here.server.log()
    assert events.index("storage.reserve_spent") < events.rindex("storage.reserve_made")
    await all_is_there(here)
