"""Manifests, the sweeper and the verifier, on memory stores and a clock that the test owns."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from server.manifests import OVERDUE_MILLIS, QUIET_MILLIS, Manifests
from server.media_sweeper import GRACE_MILLIS, ORPHAN_MILLIS, RESTORED_MILLIS, SHOWN_MILLIS, MediaSweeper
from server.media_verify import Verified, verify
from storage.memory.objects import Kept
from storage.ports import Lease, ObjectKey, ObjectsState
from tests.api.conftest import Ward
from tests.api.media_scene import HOLDER, MediaScene, set_scene
from workspace.audit import COMMAND_LINE, Action, Event
from workspace.ids import Millis
from workspace.media import Kind, Reason, UploadState

HOUR = 3600


@pytest.fixture
async def scene(ward: Ward) -> MediaScene:
    scene = await set_scene(ward)
    scene.stores.records.clock = lambda: ward.clock() / 1000  # the storage's clock is ours
    return scene


@pytest.fixture
def manifests(scene: MediaScene) -> Manifests:
    return Manifests(scene.stores, clock=scene.ward.clock, entropy=scene.ward.entropy)


@pytest.fixture
def sweeper(scene: MediaScene) -> MediaSweeper:
    return MediaSweeper(scene.stores, 72.0, clock=scene.ward.clock)


async def add_slice(scene: MediaScene, number: int) -> str:
    await scene.hand_in("lead", f"slice {number}".encode())
    return await scene.make_ready(f"clean {number}".encode(), series="1.2.3", kind=Kind.DICOM)


def keys(scene: MediaScene) -> list[ObjectKey]:
    return sorted(scene.stores.records.bucket.objects)


class TestManifests:
    async def test_it_says_what_a_medium_is_made_of(self, scene: MediaScene, manifests: Manifests) -> None:
        """[MED-7] Once the series is quiet; what it names can be asked for by those names."""
        media, *_ = [await add_slice(scene, number) for number in (1, 2, 3)]
        assert await manifests.sweep() == 0, "it is not quiet yet"
        scene.ward.clock.advance(QUIET_MILLIS / 1000 + 1)
        assert await manifests.sweep() == 1
        assert await manifests.sweep() == 0
        shown = (await scene.ask("observer", "GET", f"/media/{media}")).json()
        assert shown["manifest"]["is_current"]
        manifest = json.loads(scene.get(shown["manifest"]))
        assert (manifest["format"], manifest["kind"]) == ("consilium-manifest/1", "dicom")
        assert [each["id"] for each in manifest["files"]] == [each["id"] for each in shown["file_list"]]
        file = manifest["files"][0]
        assert file["attributes"] == {"instance": 1}
        asked = {"paths": [file["path"], file["renditions"][0]["path"]]}
        signed = (await scene.ask("observer", "POST", f"/media/{media}/urls", asked)).json()["paths"]
        assert [scene.get(each) for each in signed] == [b"clean 1", b"small"]

    async def test_viewers_ask_where_it_is(self, scene: MediaScene, manifests: Manifests) -> None:
        """[MED-7] Without being told a thousand addresses; whoever may not see the case is told nothing."""
        media = await add_slice(scene, 1)
        assert (await scene.ask("observer", "GET", f"/media/{media}/manifest")).status_code == 404
        scene.ward.clock.advance(QUIET_MILLIS / 1000 + 1)
        await manifests.sweep()
        told = (await scene.ask("observer", "GET", f"/media/{media}/manifest")).json()
        assert json.loads(scene.get(told))["media"] == media
        assert told["is_current"]
        assert (await scene.ask("stranger", "GET", f"/media/{media}/manifest")).status_code == 404

    async def test_a_further_file_has_it_written_again(self, scene: MediaScene, manifests: Manifests) -> None:
        """[MED-7] The one before is removed; while a file of the case waits for a worker nobody hurries."""
        media = await add_slice(scene, 1)
        scene.ward.clock.advance(10)
        assert await manifests.sweep() == 1
        before = {key for key in keys(scene) if scene.stores.records.bucket.objects[key].content_type.endswith("json")}
        await add_slice(scene, 2)
        shown = (await scene.ask("lead", "GET", f"/media/{media}")).json()
        assert not shown["manifest"]["is_current"]
        await scene.hand_in("lead", b"waits")
        scene.ward.clock.advance(10)
        assert await manifests.sweep() == 0
        scene.ward.clock.advance(OVERDUE_MILLIS / 1000)
        assert await manifests.sweep() == 1
        after = {key for key in keys(scene) if scene.stores.records.bucket.objects[key].content_type.endswith("json")}
        assert len(before) == len(after) == 1
        assert before != after

    async def test_a_file_that_comes_while_it_is_written_is_not_forgotten(
        self, scene: MediaScene, manifests: Manifests
    ) -> None:
        """[MED-7] What was written for nothing is removed."""
        media = await add_slice(scene, 1)
        scene.ward.clock.advance(10)
        [due] = await scene.stores.manifests.outdated(scene.ward.clock(), Millis(0), 1)
        await add_slice(scene, 2)
        before = keys(scene)
        await manifests._write(due)
        assert keys(scene) == before
        assert (await scene.ask("lead", "GET", f"/media/{media}")).json()["manifest"] is None
        scene.ward.clock.advance(10)
        assert await manifests.sweep() == 1
        assert (await scene.ask("lead", "GET", f"/media/{media}")).json()["manifest"]["is_current"]

    async def test_without_its_storage_it_waits(self, scene: MediaScene, manifests: Manifests) -> None:
        """[UPL-11]"""
        await add_slice(scene, 1)
        scene.ward.clock.advance(10)
        scene.stores.records.bucket.state = ObjectsState.AWAY
        await manifests.sweep()
        scene.stores.records.bucket.state = ObjectsState.READY
        assert await manifests.sweep() == 1
        assert await manifests.sweep() == 0


class TestSweeper:
    @pytest.mark.parametrize("step", ["announced", "sending"])
    async def test_what_nobody_goes_on_with_expires(self, scene: MediaScene, sweeper: MediaSweeper, step: str) -> None:
        """[UPL-13] [UPL-6] It is told, without its name, and nothing stays of it; a while later it is put away."""
        [begun] = await scene.begin("lead", b"one")
        if step == "sending":
            await scene.send("lead", begun["id"], b"one")
        scene.ward.clock.advance(71 * HOUR)
        assert await sweeper.end_stale() == 0
        scene.ward.clock.advance(2 * HOUR)
        assert await sweeper.end_stale() == 1
        [shown] = (await scene.listed("lead"))["uploads"]
        assert (shown["state"], shown["reason"], shown["name"]) == ("expired", "not-finished", None)
        assert scene.stores.records.bucket.open == {}
        scene.ward.clock.advance(73 * HOUR)
        assert await sweeper.end_stale() == 1
        assert (await scene.listed("lead"))["uploads"] == []

    async def test_what_waits_for_a_worker_does_not(self, scene: MediaScene, sweeper: MediaSweeper) -> None:
        """[UPL-13] However long: it is no fault of its uploader's."""
        upload = await scene.hand_in("lead", b"one")
        scene.ward.clock.advance(1000 * HOUR)
        assert await sweeper.end_stale() == await sweeper.clear_quarantine() == 0
        assert (await scene.found(upload)).state is UploadState.QUARANTINED

    async def test_what_was_not_looked_at_or_tried_again_expires(
        self, scene: MediaScene, sweeper: MediaSweeper
    ) -> None:
        """[UPL-13] [UPL-9] With its original."""
        for body, state, reason in (
            (b"1", UploadState.NEEDS_REVIEW, Reason.MAY_SHOW_TEXT),
            (b"2", UploadState.REJECTED, Reason.NO_ROOM),
        ):
            await scene.hand_in("lead", body)
            claim = await scene.stores.upload_work.claim(HOLDER, 60)
            assert claim is not None
            await scene.stores.upload_work.settle(claim, replace(claim.upload, state=state, reason=reason))
        assert len(keys(scene)) == 2
        scene.ward.clock.advance(73 * HOUR)
        assert await sweeper.end_stale() == 2
        assert await sweeper.clear_quarantine() == 2
        assert keys(scene) == []

    async def test_what_is_ready_is_told_for_an_hour(self, scene: MediaScene, sweeper: MediaSweeper) -> None:
        """[UPL-13] The gallery shows it anyhow."""
        await add_slice(scene, 1)
        assert await sweeper.end_stale() == 0
        scene.ward.clock.advance(SHOWN_MILLIS / 1000 + 1)
        assert await sweeper.end_stale() == 1
        assert (await scene.listed("lead"))["uploads"] == []
        assert len((await scene.gallery("lead"))["media"]) == 1

    async def test_an_original_that_nobody_needs_is_removed(self, scene: MediaScene, sweeper: MediaSweeper) -> None:
        """[UPL-9] Its worker died between the gallery and its removal; or somebody put something there."""
        await add_slice(scene, 1)
        waiting = await scene.hand_in("lead", b"waits")
        stem = f"quarantine/{scene.case}"
        for key in (f"{stem}/{'z' * 16}", f"{stem}/{'z' * 16}.review/x/0", "quarantine/x"):
            await scene.stores.objects.put(ObjectKey(key), b"x", "text/plain")
        assert await sweeper.clear_quarantine() == 0, "its row may be on its way"
        scene.ward.clock.advance(GRACE_MILLIS / 1000 + 1)
        assert await sweeper.clear_quarantine() == 4
        assert [key for key in keys(scene) if key.startswith("quarantine/")] == [f"{stem}/{waiting}"]

    async def test_parts_that_nobody_needs_are_given_up(self, scene: MediaScene, sweeper: MediaSweeper) -> None:
        """[UPL-9] Those of an upload that is under way stay."""
        going, gone = await scene.begin("lead", b"one", b"two")
        await scene.send("lead", going["id"], b"one")
        await scene.send("lead", gone["id"], b"two")
        scene.stores.records.bucket.state = ObjectsState.AWAY
        await scene.ask("lead", "DELETE", f"/uploads/{gone['id']}")
        scene.stores.records.bucket.state = ObjectsState.READY
        scene.ward.clock.advance(GRACE_MILLIS / 1000 + 1)
        assert await sweeper.clear_quarantine() == 1
        assert (await scene.complete("lead", going["id"])).json()["state"] == "quarantined"

    async def test_objects_that_nothing_names_are_removed(self, scene: MediaScene, sweeper: MediaSweeper) -> None:
        """[MED-10] When they are a day old: a worker may be about to name them. So do those below a file's."""
        media = await add_slice(scene, 1)
        named = keys(scene)
        [file] = [key for key in named if key.startswith("media/") and not key.endswith("thumbnail")]
        orphans = [
            ObjectKey(f"media/{scene.case}/{media}/{'o' * 16}"),
            ObjectKey(f"media/{'q' * 16}/x/y/thumbnail"),
            ObjectKey(f"{file}/{'n' * 16}/thumbnail"),
        ]
        for key in orphans:
            await scene.stores.objects.put(key, b"x", "text/plain")
        assert await sweeper.remove_orphans() == 0
        scene.ward.clock.advance(ORPHAN_MILLIS / 1000 + 1)
        assert await sweeper.remove_orphans() == 3
        assert keys(scene) == named

    async def test_a_restore_spares_what_was_written_before_it(self, scene: MediaScene, sweeper: MediaSweeper) -> None:
        """[BAK-12] For a week nothing of a time that the database does not know is removed: it may be taken to that
        yet. What came afterwards is removed as ever."""
        before, later = (ObjectKey(f"media/{scene.case}/m/{letter * 16}") for letter in "bl")
        original = ObjectKey(f"quarantine/{scene.case}/{'z' * 16}")
        for key in (before, original):
            await scene.stores.objects.put(key, b"x", "text/plain")
        scene.ward.clock.advance(10 * HOUR)
        await scene.stores.audit.record([Event(Action.RESTORED, COMMAND_LINE)])
        scene.ward.clock.advance(2 * HOUR)
        await scene.stores.objects.put(later, b"x", "text/plain")
        scene.ward.clock.advance(ORPHAN_MILLIS / 1000 + 1)
        assert (await sweeper.clear_quarantine(), await sweeper.remove_orphans()) == (0, 1)
        assert keys(scene) == [before, original]
        scene.ward.clock.advance(RESTORED_MILLIS / 1000)
        assert (await sweeper.clear_quarantine(), await sweeper.remove_orphans()) == (1, 1)

    async def test_uploads_have_their_time_from_a_restore(self, scene: MediaScene, sweeper: MediaSweeper) -> None:
        """[BAK-12] [UPL-13] Nobody could go on with them before."""
        await scene.begin("lead", b"one")
        scene.ward.clock.advance(500 * HOUR)
        await scene.stores.audit.record([Event(Action.RESTORED, COMMAND_LINE)])
        scene.ward.clock.advance(71 * HOUR)
        assert await sweeper.end_stale() == 0
        scene.ward.clock.advance(2 * HOUR)
        assert await sweeper.end_stale() == 1

    async def test_a_look_without_storage_does_the_rest(self, scene: MediaScene, sweeper: MediaSweeper) -> None:
        """[UPL-11]"""
        await scene.begin("lead", b"one")
        scene.ward.clock.advance(73 * HOUR)
        scene.stores.records.bucket.state = ObjectsState.OFF
        done = await sweeper.duty.look(Lease("media", HOLDER, 1))
        assert done.count == 1


class TestVerifying:
    async def test_what_is_sound_has_no_fault(self, scene: MediaScene, manifests: Manifests) -> None:
        """[MED-9] Everything was read."""
        await add_slice(scene, 1)
        scene.ward.clock.advance(10)
        await manifests.sweep()
        said: list[str] = []
        found = await verify(scene.stores, said.append)
        assert (found.objects, found.faults, found.unnamed, said) == (3, 0, 0, [])
        assert found.read_bytes > 12

    async def test_each_fault_is_said(self, scene: MediaScene) -> None:
        """[MED-9] One that is gone, one of another length, one with a bit flipped; what nothing names is counted."""
        for number in (1, 2):
            await add_slice(scene, number)
        bucket = scene.stores.records.bucket.objects
        one, two = sorted(key for key in bucket if key.endswith("thumbnail"))
        file = ObjectKey(one.removesuffix("/thumbnail"))
        del bucket[one]
        bucket[two] = Kept(b"short", bucket[two].content_type, bucket[two].at)
        bucket[two] = replace(bucket[two], body=b"shor")
        bucket[file] = replace(bucket[file], body=bytes([bucket[file].body[0] ^ 1]) + bucket[file].body[1:])
        bucket[ObjectKey(f"media/{scene.case}/x/y")] = Kept(b"z", "text/plain", Millis(0))
        said: list[str] = []
        found = await verify(scene.stores, said.append)
        assert sorted(said) == sorted(
            [
                f"{one}: is not there",
                f"{two}: has 4 bytes instead of 5",
                f"{file}: holds other bytes than were stored",
            ]
        )
        assert found == Verified(4, found.read_bytes, 3, 1)
