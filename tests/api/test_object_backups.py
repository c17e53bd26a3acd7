"""Objects on an operator's disk, beside memory stores: what is copied, what is put back, what is said of the rest."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from server.manifests import Manifests
from server.media_verify import verify
from server.object_backups import (
    FORMAT_FILE,
    NamedObjects,
    Tally,
    check_folder,
    count,
    forget_passed,
    give_back,
    keep,
    lacking,
    made_folder,
    owed_by,
)
from server.premises import CommandFailed
from server.progress import Progress
from storage.memory.objects import Kept
from storage.ports import ObjectKey, ObjectsState
from tests.api.conftest import Ward
from tests.api.media_scene import HOLDER, MediaScene, set_scene
from workspace.errors import ObjectsUnavailable
from workspace.media import Reason, UploadState

ORIGINAL = b"with a name in it"


@pytest.fixture
async def scene(ward: Ward) -> MediaScene:
    """A case with one photo in its gallery, and one that waits for somebody to look."""
    scene = await set_scene(ward)
    await scene.hand_in("lead", b"sent")
    await scene.make_ready(b"clean")
    objects_of(scene).pop(next(key for key in objects_of(scene) if key.startswith("quarantine/")))  # as a worker does
    await scene.hand_in("lead", ORIGINAL)
    claim = await scene.stores.upload_work.claim(HOLDER, 60)
    assert claim is not None
    shown = ObjectKey(f"quarantine/{scene.case}/{claim.upload.id}.review/abc/0")
    await scene.stores.objects.put(shown, b"a picture of it", "image/png")
    asked = replace(
        claim.upload,
        state=UploadState.NEEDS_REVIEW,
        reason=Reason.MAY_SHOW_TEXT,
        review=f'{{"pictures": [{{"frame": null, "key": "{shown}", "width": 1, "height": 1}}], "suggested": []}}',
    )
    await scene.stores.upload_work.settle(claim, asked)
    return scene


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    return tmp_path / "shelf"


def named(scene: MediaScene) -> NamedObjects:
    return lambda: owed_by(scene.stores.manifests, scene.stores.uploads)


def objects_of(scene: MediaScene) -> dict[ObjectKey, Kept]:
    return scene.stores.records.bucket.objects


async def back_up(scene: MediaScene, shelf: Path) -> Tally:
    with made_folder(shelf):
        progress = Progress("copied", *await count(named(scene)()))
        return await keep(scene.stores.objects, named(scene)(), shelf, progress)


async def restore(scene: MediaScene, shelf: Path) -> Tally:
    check_folder(shelf)
    progress = Progress("restored", *await count(named(scene)()))
    return await give_back(scene.stores.objects, named(scene), shelf, progress)


def clean(shelf: Path) -> list[Path]:
    return sorted(path for path in shelf.rglob("*") if path.is_file() and len(path.name) == 64)


async def test_what_was_copied_comes_back(scene: MediaScene, shelf: Path) -> None:
    """[BAK-9] [BAK-10] Files and what was made of them, originals that wait and what a reviewer is shown, with their
    types. Each cleaned file is called by its digest, so that anybody can check it."""
    before = dict(objects_of(scene))
    tally = await back_up(scene, shelf)
    assert (tally.objects, tally.moved, tally.wrong) == (4, 4, [])
    assert tally.bytes == sum(len(each.body) for each in before.values())
    assert [hashlib.sha256(path.read_bytes()).hexdigest() for path in clean(shelf)] == [p.name for p in clean(shelf)]
    assert len(clean(shelf)) == 2
    objects_of(scene).clear()
    tally = await restore(scene, shelf)
    assert (tally.objects, tally.moved, tally.wrong) == (4, 4, [])
    after = objects_of(scene)
    assert {key: each.body for key, each in after.items()} == {key: each.body for key, each in before.items()}
    cleaned = [key for key in before if key.startswith("media/")]
    assert [after[key].content_type for key in cleaned] == [before[key].content_type for key in cleaned]
    assert (await verify(scene.stores, print)).faults == 0


async def test_both_go_on_where_they_were(scene: MediaScene, shelf: Path) -> None:
    """[BAK-9] [BAK-10] What is there is not moved again; what is there by half is."""
    await back_up(scene, shelf)
    assert (await back_up(scene, shelf)).moved == 0
    torn = clean(shelf)[0]
    torn.write_bytes(torn.read_bytes()[:-1])
    assert (await back_up(scene, shelf)).moved == 1
    assert hashlib.sha256(torn.read_bytes()).hexdigest() == torn.name
    assert (await restore(scene, shelf)).moved == 0
    del objects_of(scene)[ObjectKey(next(key for key in objects_of(scene) if key.endswith("thumbnail")))]
    assert (await restore(scene, shelf)).moved == 1
    assert (await restore(scene, shelf)).moved == 0


async def test_manifests_are_left_out(scene: MediaScene, shelf: Path) -> None:
    """[BAK-11] They are written again after a restore, and under load none is ever the one that the copy names."""
    scene.ward.clock.advance(60)
    writer = Manifests(scene.stores, clock=scene.ward.clock, entropy=scene.ward.entropy)
    assert await writer.sweep() == 1
    assert (await back_up(scene, shelf)).objects == 4


async def test_what_the_store_lacks_or_has_otherwise_is_named(scene: MediaScene, shelf: Path) -> None:
    """[BAK-9] The rest is copied. An original that went meanwhile is none of it: its upload went on."""
    photo, small = sorted(key for key in objects_of(scene) if key.startswith("media/"))
    original = next(key for key in objects_of(scene) if key.startswith("quarantine/") and "review" not in key)
    del objects_of(scene)[photo], objects_of(scene)[original]
    objects_of(scene)[small] = replace(objects_of(scene)[small], body=b"smalk")
    tally = await back_up(scene, shelf)
    assert sorted(tally.wrong) == [(photo, "is not there"), (small, "holds other bytes than were stored")]
    assert tally.objects == 1
    assert clean(shelf) == []


async def test_what_the_backup_lacks_or_has_otherwise_is_named(scene: MediaScene, shelf: Path) -> None:
    """[BAK-10] A length is seen before anything is done, a digest before it is put."""
    await back_up(scene, shelf)
    photo, small = sorted(key for key in objects_of(scene) if key.startswith("media/"))
    objects_of(scene).clear()
    places = {each.key: shelf / each.place async for each in named(scene)()}
    body = places[photo].read_bytes()
    places[photo].write_bytes(bytes([body[0] ^ 1]) + body[1:])
    places[small].unlink()
    assert (await lacking(named(scene)(), shelf)).wrong == [(small, "is not in the backup")]
    tally = await restore(scene, shelf)
    assert sorted(tally.wrong) == [(photo, "is damaged in the backup"), (small, "is not in the backup")]
    assert tally.objects == 2
    assert not any(key.startswith("media/") for key in objects_of(scene))


async def test_an_object_that_stands_where_another_should_is_left(scene: MediaScene, shelf: Path) -> None:
    """[BAK-10] [OBJ-1] It is said; nothing is ever written over, and a name that is a folder by now is not taken."""
    await back_up(scene, shelf)
    photo, small = sorted(key for key in objects_of(scene) if key.startswith("media/"))
    objects_of(scene)[small] = replace(objects_of(scene)[small], body=b"longer than that")
    del objects_of(scene)[photo]
    tally = await restore(scene, shelf)
    assert sorted(tally.wrong) == [(photo, "is not taken by the store"), (small, "has 16 bytes instead of 5")]
    assert objects_of(scene)[small].body == b"longer than that"


async def test_what_left_quarantine_leaves_the_folder(scene: MediaScene, shelf: Path) -> None:
    """[BAK-9] It may show a name. What is cleaned stays: other backups name it."""
    await back_up(scene, shelf)
    await forget_passed(named(scene)(), shelf)
    assert any(path.read_bytes() == ORIGINAL for path in (shelf / "quarantine").iterdir())
    [waiting] = [each async for each in scene.stores.uploads.in_quarantine()]
    await scene.stores.uploads.change(waiting, replace(waiting, state=UploadState.CANCELLED))
    await forget_passed(named(scene)(), shelf)
    assert list((shelf / "quarantine").iterdir()) == []
    assert len(clean(shelf)) == 2


async def test_a_store_that_goes_away_ends_it(scene: MediaScene, shelf: Path) -> None:
    """[BAK-9] With its own word, and without leaving a half of anything."""
    scene.stores.records.bucket.state = ObjectsState.AWAY
    with pytest.raises(ObjectsUnavailable):
        await back_up(scene, shelf)
    assert clean(shelf) == []
    scene.stores.records.bucket.state = ObjectsState.READY
    assert (await back_up(scene, shelf)).objects == 4


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    """[BAK-9] [BAK-10] And one of a later format; two at once do not write to one."""
    letters = tmp_path / "letters"
    letters.mkdir()
    (letters / "aunt").write_text("dear")
    with pytest.raises(CommandFailed, match="holds something else"), made_folder(letters):
        pytest.fail("it was taken")
    assert [path.name for path in letters.iterdir()] == ["aunt"]
    with pytest.raises(CommandFailed, match="there is no folder"):
        check_folder(tmp_path / "none")
    shelf = tmp_path / "shelf"
    with made_folder(shelf), pytest.raises(CommandFailed, match="another backup"), made_folder(shelf):
        pytest.fail("it was taken twice")
    (shelf / FORMAT_FILE).write_text("consilium-object-backup/9\n")
    with pytest.raises(CommandFailed, match="that this release can read"):
        check_folder(shelf)
