"""Renditions made anew: a real worker with a real child that renders, on memory stores. [REN-11]"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from server.manifests import Manifests
from server.media_meters import Came, Ended
from server.media_sweeper import REPLACED_MILLIS, MediaSweeper
from server.media_worker.cleaner import Bounds, Cleaner
from server.media_worker.lanes import Lanes
from server.media_worker.remaker import Remaker
from server.renditions.rules import RULES
from storage.memory.objects import Kept
from storage.ports import Holder, ObjectKey, ObjectsState, RemakeLoad
from tests.api.conftest import Ward
from tests.api.media_scene import HOLDER, MediaScene, set_scene
from tests.api.test_uploads_cleaned import BOUNDS, keys, photo, slice_of, work
from tests.faults.scene import until_true
from workspace.media import Kind, Reason

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
async def scene(ward: Ward) -> MediaScene:
    scene = await set_scene(ward)
    scene.stores.records.clock = lambda: ward.clock() / 1000
    return scene


@pytest.fixture
async def cleaner() -> AsyncIterator[Cleaner]:
    cleaner = Cleaner(BOUNDS)
    yield cleaner
    await cleaner.end()


@pytest.fixture
def told() -> list[Ended]:
    return []


async def old_series(scene: MediaScene, cleaner: Cleaner, folder: Path, count: int = 2) -> str:
    """A series whose manifests know nothing of padding, as earlier code made them: its medium."""
    for number in range(1, count + 1):
        await scene.hand_in("lead", slice_of(number))
        assert await work(scene, cleaner, folder)
    for file, held in scene.stores.records.files.items():
        renditions = [replace(each, facts="{}") if each.role == "manifest" else each for each in held.renditions]
        scene.stores.records.files[file] = replace(held, rules=0, renditions=renditions, attributes="{}")
    [medium] = await scene.stores.gallery.listed(scene.case)
    await write(scene)
    return medium.id


async def write(scene: MediaScene) -> None:
    """The manifests of media, once they are quiet."""
    scene.ward.clock.advance(40)
    await Manifests(scene.stores, clock=scene.ward.clock, entropy=scene.ward.entropy).sweep()


async def remake(scene: MediaScene, cleaner: Cleaner, folder: Path, told: list[Ended]) -> bool:
    """One claim; False when there is none."""
    claim = await scene.stores.remakes.claim(RULES, HOLDER, 60)
    if claim is None:
        return False
    remaker = Remaker(scene.stores, scene.ward.settings, folder, entropy=scene.ward.entropy, ended=told.append)
    await remaker.work(claim, cleaner)
    assert list(folder.iterdir()) == [], "nothing stays in the worker's folder"
    return True


async def manifest(scene: MediaScene, media: str) -> Mapping[str, Any]:
    shown = (await scene.ask("observer", "GET", f"/media/{media}/manifest")).json()
    found = json.loads(scene.get(shown))
    assert isinstance(found, dict)
    return found


async def test_viewers_are_told_what_later_code_knows(
    scene: MediaScene, cleaner: Cleaner, tmp_path: Path, told: list[Ended]
) -> None:
    """[REN-11] [REN-12] From the cleaned file, whose original is gone; what an open page shows stays where it was, for
    a day, and goes then."""
    media = await old_series(scene, cleaner, tmp_path)
    before, opened = keys(scene), await manifest(scene, media)
    assert all(each["renditions"][1]["facts"] == {} for each in opened["files"])
    while await remake(scene, cleaner, tmp_path, told):
        pass
    assert [(each.came, each.kind) for each in told] == [(Came.REMADE, Kind.DICOM)] * 2
    await write(scene)
    after = await manifest(scene, media)
    assert {each["path"] for each in after["files"]} == {each["path"] for each in opened["files"]}
    assert {each["sha256"] for each in after["files"]} == {each["sha256"] for each in opened["files"]}
    for file in after["files"]:
        [facts] = [each["facts"] for each in file["renditions"] if each["role"] == "manifest"]
        assert (facts["rules"], facts["values"]["slope"]) == (RULES[Kind.DICOM], 1)
        assert file["attributes"]["instance"] in (1, 2)
    shown = {"paths": [each["path"] for file in opened["files"] for each in file["renditions"]]}
    signed = (await scene.ask("observer", "POST", f"/media/{media}/urls", shown)).json()["paths"]
    assert all(scene.get(each) for each in signed), "an open page goes on"
    sweeper = MediaSweeper(scene.stores, 72.0, clock=scene.ward.clock)
    assert await sweeper.remove_replaced() == await sweeper.remove_orphans() == 0
    scene.ward.clock.advance(REPLACED_MILLIS / 1000)
    assert await sweeper.remove_replaced() == len(shown["paths"])
    assert await sweeper.remove_orphans() == 0
    stem = f"media/{scene.case}/{media}/"
    assert not {f"{stem}{path}" for path in shown["paths"]} & set(keys(scene))
    assert len(keys(scene)) == len(before)


async def test_what_cannot_be_made_anew_stops_nothing(
    scene: MediaScene, cleaner: Cleaner, tmp_path: Path, told: list[Ended]
) -> None:
    """[REN-11] One file is not what it was, one is gone: both stay as they are, and are told; the third is made."""
    await old_series(scene, cleaner, tmp_path, 3)
    bucket = scene.stores.records.bucket.objects
    one, two, _ = sorted(scene.stores.records.files.values(), key=lambda each: each.id)
    bucket[one.key] = Kept(b"other bytes", "application/dicom", bucket[one.key].at)
    del bucket[two.key]
    while await remake(scene, cleaner, tmp_path, told):
        pass
    assert sorted((each.came.value, each.reason or "") for each in told) == [
        ("not-remade", Reason.CHANGED_ON_THE_WAY),
        ("not-remade", Reason.SOURCE_GONE),
        ("remade", ""),
    ]
    assert await scene.stores.remakes.load(RULES) == RemakeLoad(0, 2)
    assert {each.rules for each in scene.stores.records.files.values()} == {0, RULES[Kind.DICOM]}
    assert scene.stores.records.files[one.id] == one


async def test_a_child_that_dies_or_lingers_is_counted(
    scene: MediaScene, cleaner: Cleaner, tmp_path: Path, told: list[Ended]
) -> None:
    """[REN-11] The first is tried again, the other not; nothing of what was begun is left."""
    await old_series(scene, cleaner, tmp_path, 1)
    before = keys(scene)
    small = Cleaner(Bounds(memory=1024**2, file=1024**3, seconds=60))
    assert await remake(scene, small, tmp_path, told)
    await small.end()
    assert not await scene.stores.remakes.waiting(RULES), "it pauses"
    scene.ward.clock.advance(60)
    hasty = Cleaner(Bounds(BOUNDS.memory, BOUNDS.file, 0.01))
    assert await remake(scene, hasty, tmp_path, told)
    assert [(each.came, each.reason) for each in told] == [
        (Came.CHILD_LOST, None),
        (Came.NOT_REMADE, Reason.TOOK_TOO_LONG),
    ]
    assert keys(scene) == before


async def test_without_its_storage_it_waits(
    scene: MediaScene, cleaner: Cleaner, tmp_path: Path, told: list[Ended]
) -> None:
    """[REN-11] [UPL-11] And counts as no attempt."""
    await old_series(scene, cleaner, tmp_path, 1)
    scene.stores.records.bucket.state = ObjectsState.AWAY
    assert await remake(scene, cleaner, tmp_path, told)
    scene.stores.records.bucket.state = ObjectsState.READY
    scene.ward.clock.advance(60)
    assert await remake(scene, cleaner, tmp_path, told)
    assert [each.came for each in told] == [Came.STORAGE_AWAY, Came.REMADE]


async def test_a_redaction_goes_before(scene: MediaScene, cleaner: Cleaner, tmp_path: Path, told: list[Ended]) -> None:
    """[REN-12] [MED-6] What a file showed is gone with it, however often it was made anew."""
    media = await old_series(scene, cleaner, tmp_path, 1)
    assert await remake(scene, cleaner, tmp_path, told)
    [file] = await scene.stores.gallery.files((await scene.stores.gallery.listed(scene.case))[0].id)
    blank = {"file": file.id, "blank": [{"frame": None, "x": 0, "y": 0, "width": 4, "height": 4}]}
    assert (await scene.ask("lead", "POST", f"/media/{media}/redact", blank)).status_code == 202
    assert await work(scene, cleaner, tmp_path)
    [new] = await scene.stores.gallery.files((await scene.stores.gallery.listed(scene.case))[0].id)
    await write(scene)
    named = {new.key, *(each.key for each in new.renditions)}
    assert {key for key in keys(scene) if key.count("/") > 3 or key == new.key} == named
    assert not await scene.stores.remakes.waiting(RULES)


async def test_what_people_wait_for_goes_first(scene: MediaScene, cleaner: Cleaner, tmp_path: Path) -> None:
    """[REN-11] A file that somebody sends is worked on before what is only made anew; then that is done, too."""
    await old_series(scene, cleaner, tmp_path, 2)
    await scene.hand_in("lead", photo())
    ended: list[Ended] = []
    settings = scene.ward.settings.model_copy(update={"media_workers": 1, "media_folder": tmp_path / "lanes"})
    lanes = Lanes(
        settings, scene.stores, Holder("w"), clock=scene.ward.clock, entropy=scene.ward.entropy, ended=ended.append
    )

    async def are_three() -> bool:
        return len(ended) == 3

    async with lanes.running(), asyncio.timeout(60):
        await until_true(are_three, "all to be worked on")
        await lanes.drain()
    assert [each.came for each in ended] == [Came.READY, Came.REMADE, Came.REMADE]
    assert await scene.stores.remakes.load(RULES) == RemakeLoad(0, 0)


async def test_what_came_by_todays_rules_says_so(scene: MediaScene, cleaner: Cleaner, tmp_path: Path) -> None:
    """[REN-11] In the manifest that stands beside it; nobody makes it anew."""
    await scene.hand_in("lead", photo())
    assert await work(scene, cleaner, tmp_path)
    [held] = scene.stores.records.files.values()
    [told] = [each for each in held.renditions if each.role == "manifest"]
    said = json.loads(scene.stores.records.bucket.objects[ObjectKey(told.key)].body)
    assert (said["rules"], held.rules) == (RULES[Kind.PHOTO], RULES[Kind.PHOTO])
    assert not await scene.stores.remakes.waiting(RULES)
