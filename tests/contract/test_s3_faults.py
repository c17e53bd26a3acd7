"""A store that is dead, silent, full, or does not know us: told so, within seconds, and nothing else waits for it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from storage.ports import MultipartId, ObjectKey, ObjectsState, PartToSign, S3Access
from storage.s3_door import Door, open_door
from storage.s3_multiparts import S3Multiparts
from storage.s3_objects import S3Objects
from tests.faults.chaos import Chaos
from tests.object_server import BUCKET, ObjectServer
from tests.servers import wait_until
from workspace.errors import ObjectsFull, ObjectsStarting, ObjectsUnavailable

KEY = ObjectKey("media/aaaaaaaaaaaaaaaa/bbbbbbbbbbbbbbbb/cccccccccccccccc")
SMALL = b"what the camera saw"
LARGE = bytes(range(256)) * 4096 * 32
MIB = 1024 * 1024
pytestmark = pytest.mark.timeout(300)


@pytest.fixture
async def link(objects_server: ObjectServer) -> AsyncIterator[Chaos]:
    """What stands between us and the store."""
    link = Chaos("S3", objects_server.papers.ports.s3)
    await link.open()
    yield link
    link.close()


@pytest.fixture
def access(objects_server: ObjectServer, link: Chaos) -> S3Access:
    """The store, through the link."""
    return replace(objects_server.access(objects_server.fresh()), endpoint=f"http://127.0.0.1:{link.port}")


@pytest.fixture
async def door(access: S3Access) -> AsyncIterator[Door]:
    """One that has seen it ready."""
    async with open_door(lambda: access) as door:
        await becomes(door, ObjectsState.READY)
        yield door


async def becomes(door: Door, state: ObjectsState) -> None:
    await asyncio.to_thread(wait_until, lambda: door.state is state, seconds=60, what=f"it to be {state}")


async def test_a_dead_store_is_told_at_once_and_found_again(door: Door, link: Chaos, tmp_path: Path) -> None:
    """[OBJ-11] Whoever asks meanwhile does not wait at all."""
    objects = S3Objects(door)
    await objects.put(KEY, SMALL, "image/png")
    link.cut()
    with pytest.raises(ObjectsUnavailable):
        await objects.head(KEY)
    await becomes(door, ObjectsState.AWAY)
    began = time.monotonic()
    for _ in range(200):
        with pytest.raises(ObjectsUnavailable):
            await objects.fetch(KEY, tmp_path / "fetched")
        with pytest.raises(ObjectsUnavailable):
            await S3Multiparts(door).begin(KEY)
    assert time.monotonic() - began < 2
    assert objects.sign_get(KEY).url  # an address is made of what is known
    link.heal()
    await becomes(door, ObjectsState.READY)
    assert (await objects.fetch(KEY, tmp_path / "fetched")).size == len(SMALL)


async def test_a_silent_store_holds_up_nobody_for_long(door: Door, link: Chaos) -> None:
    """[OBJ-11] A black hole: many who ask are all told within seconds, more of them than there are threads, while the
    loop serves everybody else; who comes then is told at once."""
    objects = S3Objects(door)
    link.swallow()
    lateness = 0.0
    asked = [asyncio.create_task(objects.head(KEY)) for _ in range(60)]
    began = time.monotonic()
    while not all(each.done() for each in asked):
        tick = time.monotonic()
        await asyncio.sleep(0.05)
        lateness = max(lateness, time.monotonic() - tick - 0.05)
    assert time.monotonic() - began < 25
    assert all(isinstance(each.exception(), ObjectsUnavailable) for each in asked)
    assert lateness < 1.0
    await becomes(door, ObjectsState.AWAY)
    began = time.monotonic()
    with pytest.raises(ObjectsUnavailable):
        await objects.put(KEY, SMALL, "image/png")
    assert time.monotonic() - began < 0.5
    link.heal()
    await becomes(door, ObjectsState.READY)
    assert await objects.put(KEY, SMALL, "image/png")


async def test_what_breaks_off_is_not_taken_for_the_whole(door: Door, link: Chaos, tmp_path: Path) -> None:
    """[OBJ-11] [OBJ-2] Neither read nor written."""
    objects = S3Objects(door)
    await objects.put(KEY, LARGE, "image/png")
    loop = asyncio.get_running_loop()

    def cut(done: int) -> None:
        if done > 4 * MIB:
            loop.call_soon_threadsafe(link.cut)

    with pytest.raises(ObjectsUnavailable):
        await objects.fetch(KEY, tmp_path / "fetched", cut)
    link.heal()
    await becomes(door, ObjectsState.READY)
    (tmp_path / "given").write_bytes(LARGE)
    other = ObjectKey(f"{KEY}2")
    with pytest.raises(ObjectsUnavailable):
        await objects.put(other, tmp_path / "given", "image/png", cut)
    link.heal()
    await becomes(door, ObjectsState.READY)
    assert await objects.head(other) is None
    assert (await objects.fetch(KEY, tmp_path / "fetched")).size == len(LARGE)


async def test_what_nobody_waits_for_any_more_ends(door: Door, link: Chaos, tmp_path: Path) -> None:
    """[OBJ-11] Whoever is cancelled leaves at once, and the thread soon after: it is not in the way of others."""
    (tmp_path / "given").write_bytes(LARGE)
    link.delay_seconds = 0.1
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()
    told: list[int] = []

    def progress(done: int) -> None:
        told.append(done)
        loop.call_soon_threadsafe(begun.set)

    putting = [
        asyncio.create_task(S3Objects(door).put(ObjectKey(f"{KEY}{number}"), tmp_path / "given", "image/png", progress))
        for number in range(8)
    ]
    await begun.wait()
    for each in putting:
        each.cancel()
    assert all(
        isinstance(each, asyncio.CancelledError) for each in await asyncio.gather(*putting, return_exceptions=True)
    )
    link.delay_seconds = 0.0
    async with asyncio.timeout(30):
        assert await S3Objects(door).put(KEY, SMALL, "image/png")
    assert max(told) < len(LARGE)
    assert [await S3Objects(door).head(ObjectKey(f"{KEY}{number}")) for number in range(8)] == [None] * 8


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"secret_key": "another"}, "403"),
        ({"bucket": "nobody-made-it"}, "no such bucket"),
        ({"endpoint": "http://127.0.0.1:9"}, "EndpointConnectionError"),
    ],
)
async def test_one_that_does_not_know_us_is_told_to_operators(
    access: S3Access, wrong: dict[str, str], word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """[OBJ-11] By what it says, and with no key or address in it."""
    refused = replace(access, **wrong)  # type: ignore[arg-type]
    async with open_door(lambda: refused) as door:
        await becomes(door, ObjectsState.AWAY)
        with pytest.raises(ObjectsUnavailable):
            await S3Objects(door).put(KEY, SMALL, "image/png")
    said = capsys.readouterr().out
    assert word in said
    assert not any(secret in said for secret in (access.access_key, access.secret_key, "another"))


async def test_one_of_ours_that_is_not_there_yet_starts(access: S3Access, tmp_path: Path) -> None:
    """[OBJ-11] Before the first start, and while it does not answer."""
    known: list[S3Access] = []
    async with open_door(lambda: known[-1] if known else None) as door:
        with pytest.raises(ObjectsStarting):
            S3Objects(door).sign_get(KEY)
        with pytest.raises(ObjectsStarting):
            await S3Objects(door).head(KEY)
        assert S3Objects(door).origin is None
        known.append(replace(access, endpoint="http://127.0.0.1:9", folder=tmp_path))
        with pytest.raises(ObjectsStarting):
            await S3Objects(door).head(KEY)
        assert door.state is ObjectsState.STARTING
        known.append(access)
        await becomes(door, ObjectsState.READY)
        assert await S3Objects(door).head(KEY) is None


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk that has a little more room than a store of ours wants to have left."""
    if os.geteuid() != 0:
        pytest.skip("needs root: a small disk is mounted")
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1400m", "tmpfs", str(disk)], check=True)
    try:
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


async def test_a_full_disk_takes_nothing_and_gives_what_it_has(small_disk: Path, tmp_path: Path) -> None:
    """[OBJ-11] Nothing is begun any more, in words that say why; what is there can be looked at, and removed."""
    server = ObjectServer(small_disk)
    try:
        await asyncio.to_thread(server.start)
        access = replace(server.access(BUCKET), folder=small_disk)
        async with open_door(lambda: access) as door:
            objects, multiparts = S3Objects(door), S3Multiparts(door)
            await becomes(door, ObjectsState.READY)
            for number in range(6):
                await objects.put(ObjectKey(f"{KEY}{number}"), LARGE, "image/png")
            await becomes(door, ObjectsState.FULL)
            part = PartToSign(1, len(SMALL), bytes(32))
            for asked in (
                objects.put(KEY, SMALL, "image/png"),
                multiparts.begin(KEY),
                multiparts.sign_parts(KEY, MultipartId("any"), [part]),
            ):
                with pytest.raises(ObjectsFull):
                    await asked
            assert (await objects.fetch(ObjectKey(f"{KEY}0"), tmp_path / "fetched")).size == len(LARGE)
            assert objects.sign_get(KEY).url
            await objects.remove([ObjectKey(f"{KEY}0")])
            assert await objects.head(ObjectKey(f"{KEY}0")) is None
    finally:
        server.kill()
