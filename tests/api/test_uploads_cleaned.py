"""From what was sent to what everybody sees: a real worker with a real child that cleans, on memory stores."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from PIL import Image
from pydicom import dcmread

from server.media_worker.cleaner import Bounds, Cleaner
from server.media_worker.worker import MediaWorker
from server.settings import Settings
from storage.ports import ObjectKey, ObjectsState
from tests.api.conftest import Ward
from tests.api.media_scene import HOLDER, MediaScene, digest_of, set_scene
from tests.cleaning.markers import written
from tests.cleaning.objects import US, image
from tests.servers import wait_until
from tests.unit.films import mp4
from tests.unit.marked import Markers
from workspace.ids import MediaId
from workspace.media import MOST_ATTEMPTS, Reason, UploadState

BOUNDS = Bounds(memory=4 * 1024**3, file=1024**3, seconds=60)


@pytest.fixture
async def scene(ward: Ward) -> MediaScene:
    return await set_scene(ward)


@pytest.fixture
async def cleaner() -> AsyncIterator[Cleaner]:
    cleaner = Cleaner(BOUNDS)
    yield cleaner
    await cleaner.end()


def photo(shade: int = 90, size: tuple[int, int] = (640, 480)) -> bytes:
    """A JPEG with a place and a name in its EXIF."""
    made = io.BytesIO()
    picture = Image.new("RGB", size, (shade, 120, 40))
    exif = picture.getexif()
    exif[0x010E] = "Jane Quillfeather, Seaview Hospital"
    picture.save(made, "JPEG", exif=exif)
    return made.getvalue()


def slice_of(number: int, series: str = "1.2.826.0.1.3680043.9.3") -> bytes:
    """A CT slice of a patient."""
    dataset = image()
    dataset.SOPInstanceUID = f"1.2.826.0.1.3680043.9.100.{number}"
    dataset.SeriesInstanceUID = series
    dataset.InstanceNumber = number
    dataset.ImagePositionPatient = [0.0, 0.0, float(-5 * number)]
    dataset.ImageOrientationPatient = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0]
    return written(dataset)


async def work(
    scene: MediaScene, cleaner: Cleaner, folder: Path, seconds: float = 60, settings: Settings | None = None
) -> bool:
    """One claim; False when there is none."""
    claim = await scene.stores.upload_work.claim(HOLDER, seconds)
    if claim is None:
        return False
    chosen = settings or scene.ward.settings
    worker = MediaWorker(scene.stores, chosen, folder, clock=scene.ward.clock, entropy=scene.ward.entropy)
    await worker.work(claim, cleaner)
    assert list(folder.iterdir()) == [], "nothing stays in the worker's folder"
    return True


def later(scene: MediaScene) -> None:
    """What was given back may be taken again."""
    before = scene.stores.records.clock
    scene.stores.records.clock = lambda: before() + 60


def keys(scene: MediaScene) -> list[str]:
    return sorted(scene.stores.records.bucket.objects)


@pytest.mark.parametrize("keeps", [False, True], ids=["without", "with"])
async def test_a_video_keeps_its_sound_if_the_house_says_so(
    scene: MediaScene, cleaner: Cleaner, tmp_path: Path, *, keeps: bool
) -> None:
    """[CLN-12] Through the setting, the worker and its child; the certificate tells which."""
    film = mp4(tmp_path, Markers()).read_bytes()
    folder = tmp_path / "work"
    folder.mkdir()
    await scene.hand_in("contributor", film)
    settings = scene.ward.settings.model_copy(update={"video_sound": keeps})
    assert await work(scene, cleaner, folder, settings=settings)
    [medium] = await scene.stores.gallery.listed(scene.case)
    assert medium.certificate is not None
    assert json.loads(medium.certificate)["sound"] == ("encoded" if keeps else "left-out")


async def test_a_photo_is_seen_by_all_when_it_is_clean(scene: MediaScene, cleaner: Cleaner, tmp_path: Path) -> None:
    """[UPL-1] [UPL-9] [MED-1] Nothing of its name or its EXIF is in any object, and the original is gone."""
    await scene.hand_in("contributor", photo())
    assert await work(scene, cleaner, tmp_path)
    [shown] = (await scene.gallery("observer"))["media"]
    assert (shown["kind"], shown["width"], shown["height"]) == ("photo", 640, 480)
    assert Image.open(io.BytesIO(scene.get(shown["thumbnail"]))).size == (320, 240)
    assert Image.open(io.BytesIO(scene.get(shown["preview"]))).size == (640, 480)
    assert shown["certificate"]["format"] == "photo-certificate/1"
    assert all(each.startswith(f"media/{scene.case}/{shown['id']}/") for each in keys(scene))
    held = b"".join(each.body for each in scene.stores.records.bucket.objects.values())
    for word in (b"Quillfeather", b"Seaview", b"Doe"):
        assert word not in held
    [upload] = (await scene.listed("contributor"))["uploads"]
    assert (upload["state"], upload["media"], upload["name"]) == ("ready", shown["id"], None)


async def test_slices_of_a_series_are_one_medium(scene: MediaScene, cleaner: Cleaner, tmp_path: Path) -> None:
    """[MED-2] Of another case another, with other UIDs."""
    for number in (2, 1, 3):
        await scene.hand_in("lead", slice_of(number))
    while await work(scene, cleaner, tmp_path):
        pass
    [shown] = (await scene.gallery("observer"))["media"]
    assert (shown["kind"], shown["files"], shown["frames"]) == ("dicom", 3, 3)
    opened = (await scene.ask("observer", "GET", f"/media/{shown['id']}")).json()
    assert sorted(each["attributes"]["instance_number"] for each in opened["file_list"]) == [1, 2, 3]
    series = {each["attributes"]["series"] for each in opened["file_list"]}
    assert len(series) == 1
    assert "1.2.826.0.1.3680043.9.3" not in series
    dataset = dcmread(io.BytesIO(scene.get(opened["file_list"][0])))
    assert "Quillfeather" not in str(dataset)
    assert dataset.PatientIdentityRemoved == "YES"
    [stored] = [each for each in opened["file_list"][0]["renditions"] if each["role"] == "manifest"]
    files = await scene.stores.gallery.files(MediaId(shown["id"]))
    said = [json.loads(made.facts) for file in files for made in file.renditions if made.role == "manifest"]
    assert json.loads(scene.get(stored)) in said, "the manifest of the medium says what those of its files do"
    assert stored["facts"] == {}, "which would be a kilobyte of each slice"


async def test_what_may_show_a_name_is_seen_by_nobody_until_somebody_looked(
    scene: MediaScene, cleaner: Cleaner, tmp_path: Path
) -> None:
    """[UPL-12] [UPL-5] A moderator marks a place; it is blanked in the pixels, and only then others see it."""
    dataset = image(US, "US", rows=64, columns=96)
    upload = await scene.hand_in("contributor", written(dataset))
    assert await work(scene, cleaner, tmp_path)
    [mine] = (await scene.listed("contributor"))["uploads"]
    assert (mine["state"], mine["reason"]) == ("needs-review", "may-show-text")
    assert (await scene.listed("observer")) == {"uploads": [], "waiting_of_others": 1}
    assert (await scene.gallery("observer"))["media"] == []
    [theirs] = (await scene.listed("moderator"))["uploads"]
    assert (theirs["id"], theirs["name"], theirs["is_mine"]) == (upload, None, False)
    for who, status in (("observer", 404), ("lead", 404), ("consultant", 404), ("stranger", 404)):
        assert (await scene.ask(who, "GET", f"/uploads/{upload}/review")).status_code == status
    review = (await scene.ask("moderator", "GET", f"/uploads/{upload}/review")).json()
    [picture] = review["pictures"]
    seen = Image.open(io.BytesIO(scene.get(picture)))
    assert (seen.size, picture["width"], picture["height"]) == ((96, 64), 96, 64)
    body = {"blank": [{"frame": None, "x": 0, "y": 0, "width": 96, "height": 10}], "confirmed": True}
    assert (await scene.ask("lead", "POST", f"/uploads/{upload}/review", body)).status_code == 404
    done = await scene.ask("moderator", "POST", f"/uploads/{upload}/review", body)
    assert (done.status_code, done.json()["state"]) == (200, "quarantined")
    assert (await scene.ask("moderator", "POST", f"/uploads/{upload}/review", body)).status_code == 404
    assert await work(scene, cleaner, tmp_path)
    [shown] = (await scene.gallery("observer"))["media"]
    opened = (await scene.ask("observer", "GET", f"/media/{shown['id']}")).json()
    pixels = dcmread(io.BytesIO(scene.get(opened["file_list"][0]))).pixel_array
    assert not pixels[:10].any()
    assert pixels[10:].all()
    assert shown["certificate"]["reviewed"]
    assert all(each.startswith("media/") for each in keys(scene)), "what was shown for review is gone"


async def test_who_sends_it_may_say_that_there_is_nothing(scene: MediaScene, cleaner: Cleaner, tmp_path: Path) -> None:
    """[UPL-12] But never without saying so."""
    upload = await scene.hand_in("lead", written(image(US, "US")))
    assert await work(scene, cleaner, tmp_path)
    half: list[dict[str, object]] = [{"blank": []}, {"blank": [], "confirmed": False}, {"blank": [{"x": 1}]}]
    for body in half:
        assert (await scene.ask("lead", "POST", f"/uploads/{upload}/review", body)).status_code == 400
    assert (await scene.ask("lead", "POST", f"/uploads/{upload}/review", {"blank": [], "confirmed": True})).is_success
    assert await work(scene, cleaner, tmp_path)
    assert len((await scene.gallery("observer"))["media"]) == 1


async def test_a_redacted_photo_takes_the_place_of_the_first(
    scene: MediaScene, cleaner: Cleaner, tmp_path: Path
) -> None:
    """[MED-6] Its pixels are written anew; no object of the former form is left."""
    await scene.hand_in("lead", photo())
    assert await work(scene, cleaner, tmp_path)
    [shown] = (await scene.gallery("lead"))["media"]
    before = keys(scene)
    file = (await scene.ask("lead", "GET", f"/media/{shown['id']}")).json()["file_list"][0]["id"]
    body = {"file": file, "blank": [{"frame": None, "x": 0, "y": 0, "width": 640, "height": 100}]}
    assert (await scene.ask("lead", "POST", f"/media/{shown['id']}/redact", body)).status_code == 202
    assert await work(scene, cleaner, tmp_path)
    [again] = (await scene.gallery("observer"))["media"]
    pixels = np.asarray(Image.open(io.BytesIO(scene.get(again["preview"]))).convert("RGB"))
    assert pixels[:80].max() < 16
    assert pixels[120:].min() > 16
    assert again["id"] == shown["id"]
    assert not set(before) & set(keys(scene))


async def test_a_redacted_slice_takes_the_place_of_the_first(
    scene: MediaScene, cleaner: Cleaner, tmp_path: Path
) -> None:
    """[MED-6] What a brush painted too; the certificate goes on from that of the first."""
    await scene.hand_in("lead", slice_of(1))
    assert await work(scene, cleaner, tmp_path)
    [shown] = (await scene.gallery("lead"))["media"]
    file = (await scene.ask("lead", "GET", f"/media/{shown['id']}")).json()["file_list"][0]["id"]
    body = {"file": file, "strokes": [{"points": [[0, 2], [23, 2]], "width": 4}]}
    assert (await scene.ask("lead", "POST", f"/media/{shown['id']}/redact", body)).status_code == 202
    assert await work(scene, cleaner, tmp_path)
    opened = (await scene.ask("observer", "GET", f"/media/{shown['id']}")).json()
    pixels = dcmread(io.BytesIO(scene.get(opened["file_list"][0]))).pixel_array
    assert not pixels[:4].any()
    assert pixels[6:].all()
    assert opened["certificate"]["sha256_before"] == shown["certificate"]["sha256_before"]


async def test_a_document_is_looked_through_page_by_page(scene: MediaScene, cleaner: Cleaner, tmp_path: Path) -> None:
    """[UPL-12] What is marked on one page is blanked on that page."""
    made = io.BytesIO()
    pages = [Image.new("RGB", (400, 300), (200, 40, 40)) for _ in range(2)]
    pages[0].save(made, "PDF", save_all=True, append_images=pages[1:])
    upload = await scene.hand_in("lead", made.getvalue())
    assert await work(scene, cleaner, tmp_path)
    review = (await scene.ask("lead", "GET", f"/uploads/{upload}/review")).json()
    assert [each["frame"] for each in review["pictures"]] == [0, 1]
    width, height = review["pictures"][1]["width"], review["pictures"][1]["height"]
    blank = [{"frame": 1, "x": 0, "y": 0, "width": width, "height": height // 2}]
    body = {"blank": blank, "confirmed": True}
    assert (await scene.ask("lead", "POST", f"/uploads/{upload}/review", body)).is_success
    assert await work(scene, cleaner, tmp_path)
    [shown] = (await scene.gallery("observer"))["media"]
    assert (shown["kind"], shown["preview"]["content_type"]) == ("pdf", "application/pdf")
    document = pypdfium2.PdfDocument(scene.get(shown["preview"]))
    first, second = (np.asarray(page.render().to_pil().convert("RGB")) for page in document)
    assert first[10, 10].tolist() != second[10, 10].tolist()
    assert first[-10, 10].tolist() == second[-10, 10].tolist()
    document.close()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"PK\x03\x04 a zip with images", Reason.UNKNOWN_TYPE),
        (b"<html><script>alert(1)</script></html>", Reason.UNKNOWN_TYPE),
        (photo()[:2_000], Reason.UNREADABLE),
        (slice_of(1)[:600], Reason.UNREADABLE),
    ],
)
async def test_what_it_is_is_told_by_its_bytes(
    scene: MediaScene, cleaner: Cleaner, tmp_path: Path, body: bytes, reason: Reason
) -> None:
    """[UPL-1] [UPL-9] Whatever its name says; nothing of it is left."""
    await scene.hand_in("lead", body)
    assert await work(scene, cleaner, tmp_path)
    [shown] = (await scene.listed("lead"))["uploads"]
    assert (shown["state"], shown["reason"], shown["can_retry"]) == ("rejected", reason, False)
    assert keys(scene) == []


@pytest.mark.parametrize("environment", [{"CONSILIUM_MAX_PHOTO_BYTES": "1024"}])
async def test_each_kind_has_its_own_bound(scene: MediaScene, cleaner: Cleaner, tmp_path: Path) -> None:
    """[UPL-2] Known when the bytes are."""
    await scene.hand_in("lead", photo())
    assert await work(scene, cleaner, tmp_path)
    [shown] = (await scene.listed("lead"))["uploads"]
    assert (shown["reason"], shown["kind"]) == ("too-large", "photo")


async def test_a_digest_that_lies_is_found(scene: MediaScene, cleaner: Cleaner, tmp_path: Path) -> None:
    """[UPL-4] Every part was what was signed, and the whole is not what was announced."""
    body, other = photo(1), photo(2)
    files = [{"name": "x", "size": len(body), "digest": digest_of(other)}]
    [begun] = (await scene.ask("lead", "POST", "/uploads", {"files": files})).json()["uploads"]
    assert await scene.send("lead", begun["id"], body) == [200]
    assert (await scene.complete("lead", begun["id"])).json()["state"] == "quarantined"
    assert await work(scene, cleaner, tmp_path)
    [shown] = (await scene.listed("lead"))["uploads"]
    assert (shown["state"], shown["reason"], shown["can_retry"]) == ("rejected", "changed-on-the-way", True)
    assert (await scene.gallery("lead"))["media"] == []


async def test_a_file_whose_child_always_dies_is_rejected_after_some_tries(
    scene: MediaScene, cleaner: Cleaner, tmp_path: Path
) -> None:
    """[UPL-8] As when the kernel needs its memory."""
    await scene.hand_in("lead", photo())
    for _ in range(MOST_ATTEMPTS):
        working = asyncio.create_task(work(scene, cleaner, tmp_path))
        await asyncio.to_thread(wait_until, lambda: cleaner.pid is not None, seconds=10, what="a child")
        pid = cleaner.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        assert await working
        assert cleaner.pid is None
        later(scene)
    assert not await work(scene, cleaner, tmp_path)
    [shown] = (await scene.listed("lead"))["uploads"]
    assert (shown["state"], shown["reason"], shown["can_retry"]) == ("rejected", "worker-lost", True)


async def test_a_child_that_takes_too_long_is_ended(scene: MediaScene, tmp_path: Path) -> None:
    """[UPL-8] With all that it started."""
    await scene.hand_in("lead", photo())
    slow = Cleaner(Bounds(memory=4 * 1024**3, file=1024**3, seconds=0.01))
    assert await work(scene, slow, tmp_path)
    assert slow.pid is None
    [shown] = (await scene.listed("lead"))["uploads"]
    assert (shown["reason"], shown["can_retry"]) == ("took-too-long", True)


async def test_a_child_that_is_killed_is_counted_and_tried_again(
    scene: MediaScene, cleaner: Cleaner, tmp_path: Path
) -> None:
    """[UPL-8]"""
    await scene.hand_in("lead", photo(1))
    await scene.hand_in("lead", photo(2))
    assert await work(scene, cleaner, tmp_path)
    assert cleaner.pid is not None
    os.kill(cleaner.pid, signal.SIGKILL)
    assert await work(scene, cleaner, tmp_path)
    later(scene)
    while await work(scene, cleaner, tmp_path):
        pass
    assert len((await scene.gallery("lead"))["media"]) == 2


async def test_storage_that_is_away_counts_as_no_attempt(scene: MediaScene, cleaner: Cleaner, tmp_path: Path) -> None:
    """[UPL-11] [UPL-8] It goes on when it is back."""
    upload = await scene.hand_in("lead", photo())
    bucket = scene.stores.records.bucket
    bucket.state = ObjectsState.AWAY
    assert await work(scene, cleaner, tmp_path)
    held = await scene.found(upload)
    assert (held.state, held.attempts) == (UploadState.QUARANTINED, 0)
    bucket.state = ObjectsState.READY
    later(scene)
    assert await work(scene, cleaner, tmp_path)
    assert (await scene.found(upload)).state is UploadState.READY


async def test_an_original_that_is_gone_is_said(scene: MediaScene, cleaner: Cleaner, tmp_path: Path) -> None:
    """[UPL-8] Somebody emptied the bucket."""
    upload = await scene.hand_in("lead", photo())
    await scene.stores.objects.remove([ObjectKey(f"quarantine/{scene.case}/{upload}")])
    assert await work(scene, cleaner, tmp_path)
    assert (await scene.found(upload)).reason is Reason.SOURCE_GONE


async def test_the_child_is_told_no_secret_of_ours(monkeypatch: pytest.MonkeyPatch, cleaner: Cleaner) -> None:
    """[UPL-7] Files of strangers are read by a process that has no credential to give away."""
    monkeypatch.setenv("CONSILIUM_S3_SECRET_KEY", "hidden")
    process = await cleaner._start()
    environment = Path(f"/proc/{process.pid}/environ").read_bytes()
    assert b"PATH=" in environment
    assert b"CONSILIUM" not in environment
