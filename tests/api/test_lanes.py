"""server.media_worker.lanes: several files at a time, in processes of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from server.media_worker.lanes import Lanes
from storage.memory.objects import MemoryObjects
from storage.ports import Holder, ObjectKey, Progress
from tests.api.conftest import Ward
from tests.api.media_scene import MediaScene, set_scene
from tests.api.test_uploads_cleaned import photo
from tests.faults.scene import until_true

PATIENCE_SECONDS = 60.0


class Slow(MemoryObjects):
    """A store that takes nothing into the gallery before it is told to."""

    def __init__(self, scene: MediaScene) -> None:
        records = scene.stores.records
        super().__init__(records.bucket, records.now)
        self.takes = asyncio.Event()
        self.media: set[str] = set()
        """Media of which something waits to be put."""
        self.changed = asyncio.Event()

    async def put(
        self, key: ObjectKey, source: Path | bytes, content_type: str, progress: Progress | None = None
    ) -> bytes:
        self.media.add(key.split("/")[2])
        self.changed.set()
        await self.takes.wait()
        return await super().put(key, source, content_type, progress)

    async def until_two_wait(self) -> None:
        while len(self.media) < 2:
            await self.changed.wait()
            self.changed.clear()


@pytest.fixture
async def scene(ward: Ward) -> MediaScene:
    return await set_scene(ward)


async def states(scene: MediaScene) -> Mapping[str, str]:
    return {each["id"]: each["state"] for each in (await scene.listed("lead"))["uploads"]}


async def are_ready(scene: MediaScene) -> bool:
    return set((await states(scene)).values()) == {"ready"}


def lanes_of(scene: MediaScene, store: Slow, folder: Path) -> Lanes:
    """One child, and this store."""
    settings = scene.ward.settings.model_copy(update={"media_workers": 1, "media_folder": folder})
    stores = replace(scene.stores, objects=store)
    return Lanes(
        settings, stores, Holder("worker"), clock=scene.ward.clock, entropy=scene.ward.entropy, ended=lambda _: None
    )


@pytest.mark.timeout(120)
async def test_one_file_is_cleaned_while_the_one_before_is_put(scene: MediaScene, tmp_path: Path) -> None:
    """[UPL-7] With one child: a series would wait for the object storage after each slice. A third file waits for
    whoever has a hand free."""
    for shade in (20, 90, 160):
        await scene.hand_in("lead", photo(shade))
    slow = Slow(scene)
    lanes = lanes_of(scene, slow, tmp_path)
    async with lanes.running(), asyncio.timeout(PATIENCE_SECONDS):
        await slow.until_two_wait()
        assert sorted((await states(scene)).values()) == ["cleaning", "cleaning", "quarantined"]
        slow.takes.set()
        await until_true(lambda: are_ready(scene), "all to be ready")
        await lanes.drain()


@pytest.mark.timeout(120)
async def test_what_is_being_done_is_given_back_at_the_end(scene: MediaScene, tmp_path: Path) -> None:
    """[UPL-7] [UPL-8] Both files: the one that is put, and the one that is cleaned."""
    for shade in (20, 90):
        await scene.hand_in("lead", photo(shade))
    slow = Slow(scene)
    lanes = lanes_of(scene, slow, tmp_path)
    async with lanes.running(), asyncio.timeout(PATIENCE_SECONDS):
        await slow.until_two_wait()
        await lanes.drain()
    assert set((await states(scene)).values()) == {"quarantined"}
    assert list(tmp_path.glob("worker-*")) == []
