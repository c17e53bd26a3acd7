"""POST /api/cases/{case}/uploads/{upload}/parts, …/complete, …/retry, and DELETE …/{upload}."""

from __future__ import annotations

import asyncio
import hashlib
import time
from dataclasses import replace

import pytest

from storage.ports import MultipartId, ObjectKey, ObjectsState
from tests.api.conftest import Ward
from tests.api.media_scene import HOLDER, MediaScene, parts_of, set_scene
from workspace.media import PART_BYTES, Reason, UploadState

ONE = b"one"
LONG = b"a" * PART_BYTES + b"b" * PART_BYTES + b"tail"


@pytest.fixture
async def scene(ward: Ward) -> MediaScene:
    return await set_scene(ward)


def key(scene: MediaScene, upload: str) -> ObjectKey:
    return ObjectKey(f"quarantine/{scene.case}/{upload}")


async def test_parts_go_straight_to_the_object_storage(scene: MediaScene) -> None:
    """[UPL-3] In any order, each with its own address; then they are one object in quarantine."""
    [begun] = await scene.begin("lead", LONG)
    assert await scene.send("lead", begun["id"], LONG, [3, 1]) == [200, 200]
    assert (await scene.listed("lead"))["uploads"][0]["state"] == "uploading"
    assert await scene.send("lead", begun["id"], LONG, [2]) == [200]
    done = await scene.complete("lead", begun["id"])
    assert (done.status_code, done.json()["state"]) == (200, "quarantined")
    assert scene.stores.records.bucket.objects[key(scene, begun["id"])].body == LONG


async def test_other_bytes_than_were_announced_are_refused_by_the_storage(scene: MediaScene) -> None:
    """[UPL-3] Of another digest and of another length."""
    [begun] = await scene.begin("lead", ONE)
    [part] = (await scene.sign("lead", begun["id"], ONE)).json()["parts"]
    assert scene.put(part, b"two") == 400
    assert scene.put(part, b"three") == 403
    assert scene.put(part, ONE) == 200
    scene.stores.records.clock = lambda: time.time() + 24 * 3600
    assert scene.put(part, ONE) == 403, "its time is over"


async def test_only_parts_that_the_file_has_are_signed(scene: MediaScene) -> None:
    """[UPL-3]"""
    [begun] = await scene.begin("lead", LONG)
    for number, status in ((0, 400), (4, 400), (10_001, 400), (3, 200)):
        body = {"parts": [{"number": number, "sha256": "0" * 64}]}
        assert (await scene.ask("lead", "POST", f"/uploads/{begun['id']}/parts", body)).status_code == status
    many = {"parts": [{"number": 1, "sha256": "0" * 64}] * 33}
    assert (await scene.ask("lead", "POST", f"/uploads/{begun['id']}/parts", many)).status_code == 400


async def test_two_tabs_that_begin_sending_at_once_send_to_one_place(scene: MediaScene) -> None:
    """[UPL-3] Nothing stays of the other."""
    [begun] = await scene.begin("lead", ONE)
    answers = await asyncio.gather(*(scene.sign("lead", begun["id"], ONE) for _ in range(4)))
    assert [each.status_code for each in answers] == [200] * 4
    assert len(scene.stores.records.bucket.open) == 1
    assert scene.put(answers[3].json()["parts"][0], ONE) == 200
    assert (await scene.complete("lead", begun["id"])).status_code == 200


async def test_what_has_not_arrived_is_named(scene: MediaScene) -> None:
    """[UPL-4]"""
    [begun] = await scene.begin("lead", LONG)
    nothing = await scene.complete("lead", begun["id"])
    assert (nothing.status_code, nothing.json()["reason"], nothing.json()["detail"]) == (
        409,
        "parts-missing",
        "1, 2, 3",
    )
    await scene.send("lead", begun["id"], LONG, [2])
    assert (await scene.complete("lead", begun["id"])).json()["detail"] == "1, 3"


async def test_completing_again_answers_how_it_stands(scene: MediaScene) -> None:
    """[UPL-4] Whatever became of it meanwhile; four at once too."""
    [begun] = await scene.begin("lead", ONE)
    await scene.send("lead", begun["id"], ONE)
    answers = await asyncio.gather(*(scene.complete("lead", begun["id"]) for _ in range(4)))
    assert [(each.status_code, each.json()["state"]) for each in answers] == [(200, "quarantined")] * 4
    media = await scene.make_ready(b"clean")
    late = await scene.complete("lead", begun["id"])
    assert (late.json()["state"], late.json()["media"], late.json()["name"]) == ("ready", media, None)


async def test_a_lost_answer_loses_nothing(scene: MediaScene) -> None:
    """[UPL-4] The storage joined the parts, and the server died before it wrote that down."""
    [begun] = await scene.begin("lead", LONG)
    await scene.send("lead", begun["id"], LONG)
    [multipart] = scene.stores.records.bucket.open
    await scene.stores.multiparts.complete(key(scene, begun["id"]), multipart, len(LONG))
    assert (await scene.complete("lead", begun["id"])).json()["state"] == "quarantined"


async def test_what_was_completed_is_not_sent_again(scene: MediaScene) -> None:
    """[UPL-2] [UPL-4] The same, and whoever sends begins again with the file; where the storage has given the parts up,
    all of them are to be sent."""
    joined, gone = await scene.begin("lead", LONG, ONE)
    for upload, body in ((joined, LONG), (gone, ONE)):
        await scene.send("lead", upload["id"], body)
    for upload, is_joined in ((joined, True), (gone, False)):
        multipart = MultipartId((await scene.found(upload["id"])).multipart or "")
        if is_joined:
            await scene.stores.multiparts.complete(key(scene, upload["id"]), multipart, len(LONG))
        else:
            await scene.stores.multiparts.abort(key(scene, upload["id"]), multipart)
    again = await scene.begin("lead", LONG, ONE)
    assert [(each["id"], each["state"]) for each in again] == [(joined["id"], "quarantined"), (gone["id"], "requested")]
    await scene.send("lead", gone["id"], ONE)
    assert (await scene.complete("lead", gone["id"])).json()["state"] == "quarantined"


async def test_parts_that_the_storage_gave_up_are_sent_again(scene: MediaScene) -> None:
    """[UPL-4] A bucket's own rules may remove what was not completed."""
    [begun] = await scene.begin("lead", LONG)
    await scene.send("lead", begun["id"], LONG)
    scene.stores.records.bucket.open.clear()
    gone = await scene.complete("lead", begun["id"])
    assert (gone.status_code, gone.json()["detail"]) == (409, "1, 2, 3")
    assert (await scene.listed("lead"))["uploads"][0]["state"] == "requested"
    await scene.send("lead", begun["id"], LONG)
    assert (await scene.complete("lead", begun["id"])).json()["state"] == "quarantined"


async def test_another_file_under_its_key_is_not_taken(scene: MediaScene) -> None:
    """[UPL-4] Whoever has the keys of the storage put it there; it can be sent again."""
    [begun] = await scene.begin("lead", ONE)
    await scene.send("lead", begun["id"], ONE)
    await scene.stores.objects.put(key(scene, begun["id"]), b"something else", "text/plain")
    refused = (await scene.complete("lead", begun["id"])).json()
    assert (refused["state"], refused["reason"], refused["can_retry"]) == ("rejected", "changed-on-the-way", True)
    again = await scene.ask("lead", "POST", f"/uploads/{begun['id']}/retry")
    assert (again.status_code, again.json()["state"]) == (200, "requested")
    await scene.send("lead", begun["id"], ONE)
    assert (await scene.complete("lead", begun["id"])).json()["state"] == "quarantined"


@pytest.mark.parametrize("reason", [Reason.WORKER_LOST, Reason.TOOK_TOO_LONG, Reason.NO_ROOM, Reason.CASE_CLOSED])
async def test_what_may_pass_is_tried_again(scene: MediaScene, reason: Reason) -> None:
    """[UPL-8] Without sending it again."""
    upload = await scene.hand_in("lead", ONE)
    claim = await scene.stores.upload_work.claim(HOLDER, 60)
    assert claim is not None
    rejected = replace(claim.upload, state=UploadState.REJECTED, reason=reason, attempts=3)
    await scene.stores.upload_work.settle(claim, rejected)
    assert (await scene.listed("lead"))["uploads"][0]["can_retry"]
    for _ in range(2):
        again = await scene.ask("lead", "POST", f"/uploads/{upload}/retry")
        assert (again.status_code, again.json()["state"], again.json()["reason"]) == (200, "quarantined", None)
    assert (await scene.found(upload)).attempts == 0


async def test_what_does_not_pass_is_not(scene: MediaScene) -> None:
    """[UPL-8]"""
    upload = await scene.hand_in("lead", ONE)
    claim = await scene.stores.upload_work.claim(HOLDER, 60)
    assert claim is not None
    rejected = replace(claim.upload, state=UploadState.REJECTED, reason=Reason.UNKNOWN_TYPE)
    await scene.stores.upload_work.settle(claim, rejected)
    assert not (await scene.listed("lead"))["uploads"][0]["can_retry"]
    assert (await scene.ask("lead", "POST", f"/uploads/{upload}/retry")).status_code == 409


@pytest.mark.parametrize("step", ["announced", "sending", "sent", "worked on"])
async def test_it_is_cancelled_at_any_step(scene: MediaScene, step: str) -> None:
    """[UPL-10] [UPL-9] Twice is no error; nothing of it is left in the storage, nor its name."""
    [begun] = await scene.begin("lead", LONG)
    if step != "announced":
        await scene.send("lead", begun["id"], LONG, [1] if step == "sending" else None)
    if step in ("sent", "worked on"):
        await scene.complete("lead", begun["id"])
    claim = await scene.stores.upload_work.claim(HOLDER, 60) if step == "worked on" else None
    for _ in range(2):
        assert (await scene.ask("lead", "DELETE", f"/uploads/{begun['id']}")).status_code == 204
    assert await scene.listed("lead") == {"uploads": [], "waiting_of_others": 0}
    held = await scene.found(begun["id"])
    assert (held.state, held.name) == (UploadState.CANCELLED, None)
    assert scene.stores.records.bucket.objects == {}
    assert scene.stores.records.bucket.open == {}
    if claim is not None:
        assert await scene.stores.upload_work.renew([claim], 60) == []
    assert (await scene.sign("lead", begun["id"], LONG)).status_code == 409


async def test_what_has_ended_is_put_away(scene: MediaScene) -> None:
    """[UPL-10] And stays what it is."""
    upload = await scene.hand_in("lead", ONE)
    media = await scene.make_ready(b"clean")
    [shown] = (await scene.listed("lead"))["uploads"]
    assert (shown["state"], shown["media"]) == ("ready", media)
    assert (await scene.ask("lead", "DELETE", f"/uploads/{upload}")).status_code == 204
    assert (await scene.listed("lead"))["uploads"] == []
    assert [each["id"] for each in (await scene.gallery("lead"))["media"]] == [media]


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (ObjectsState.AWAY, "objects-unavailable"),
        (ObjectsState.STARTING, "objects-starting"),
        (ObjectsState.OFF, "objects-off"),
        (ObjectsState.FULL, "objects-full"),
    ],
)
async def test_without_its_storage_it_says_why_and_goes_on_later(
    scene: MediaScene, state: ObjectsState, reason: str
) -> None:
    """[UPL-11] Announcing needs none; nothing is lost meanwhile."""
    bucket = scene.stores.records.bucket
    bucket.state = state
    [begun] = await scene.begin("lead", ONE)
    refused = await scene.sign("lead", begun["id"], ONE)
    assert (refused.status_code, refused.json()["reason"]) == (503, reason)
    assert int(refused.headers["retry-after"]) > 0
    bucket.state = ObjectsState.READY
    await scene.send("lead", begun["id"], ONE)
    bucket.state = state
    assert (await scene.complete("lead", begun["id"])).status_code == 503
    bucket.state = ObjectsState.READY
    assert (await scene.complete("lead", begun["id"])).json()["state"] == "quarantined"


async def test_cancelling_needs_no_storage(scene: MediaScene) -> None:
    """[UPL-11] What is left there is removed later."""
    [begun] = await scene.begin("lead", ONE)
    await scene.send("lead", begun["id"], ONE)
    scene.stores.records.bucket.state = ObjectsState.AWAY
    assert (await scene.ask("lead", "DELETE", f"/uploads/{begun['id']}")).status_code == 204
    assert len(scene.stores.records.bucket.open) == 1


async def test_an_upload_is_of_its_case(scene: MediaScene) -> None:
    """[PER-1] Its uploader finds it under no other."""
    [begun] = await scene.begin("lead", ONE)
    other = await scene.ward.case(scene.people["lead"])
    path = f"/api/cases/{other}/uploads/{begun['id']}"
    headers = scene.headers["lead"]
    assert (await scene.ward.http.post(f"{path}/complete", headers=headers)).status_code == 404
    assert (await scene.ward.http.delete(path, headers=headers)).status_code == 404
    sha256 = hashlib.sha256(parts_of(ONE)[0]).hexdigest()
    body = {"parts": [{"number": 1, "sha256": sha256}]}
    assert (await scene.ward.http.post(f"{path}/parts", json=body, headers=headers)).status_code == 404
