"""GET /api/cases/{case}/media, and what is done to one: words, order, taking out, redacting, downloading."""

from __future__ import annotations

import json
import time

import pytest

from tests.api.conftest import NOW, Ward
from tests.api.media_scene import MediaScene, set_scene
from workspace.case import CaseState
from workspace.media import Kind, UploadState
from workspace.session import colour_of


@pytest.fixture
async def scene(ward: Ward) -> MediaScene:
    return await set_scene(ward)


async def filled(scene: MediaScene, count: int = 3) -> list[str]:
    """So many media of the contributor's, in their order."""
    media = []
    for number in range(count):
        await scene.hand_in("contributor", f"original {number}".encode())
        media.append(await scene.make_ready(f"clean {number}".encode()))
    return media


@pytest.mark.parametrize("who", ["lead", "contributor", "consultant", "observer", "moderator"])
async def test_whoever_may_read_sees_what_is_ready(scene: MediaScene, who: str) -> None:
    """[MED-1] With addresses that a browser reads from."""
    [media] = await filled(scene, 1)
    person = scene.people["contributor"]
    gallery = await scene.gallery(who)
    [shown] = gallery["media"]
    thumbnail = shown.pop("thumbnail")
    preview = shown.pop("preview")
    assert shown == {
        "id": media,
        "kind": "photo",
        "caption": "",
        "alt": "",
        "version": 1,
        "position": 1,
        "by": {"id": person.id, "name": person.name, "color": colour_of(person.id)},
        "at": NOW,
        "files": 1,
        "width": 640,
        "height": 480,
        "frames": 1,
        "seconds": None,
        "certificate": {"engine": "test"},
        "removed_by": None,
        "removed_at": None,
    }
    assert (scene.get(thumbnail), thumbnail["content_type"], thumbnail["width"]) == (b"small", "image/webp", 64)
    assert scene.get(preview) == b"clean 0"
    assert gallery["may_change"] is (who in ("lead", "contributor"))


async def test_nobody_else_does(scene: MediaScene) -> None:
    """[MED-1] [PER-1] Every route."""
    [media] = await filled(scene, 1)
    for method, path, body in (
        ("GET", "", None),
        ("GET", f"/{media}", None),
        ("PATCH", f"/{media}", {"version": 1, "alt": "x"}),
        ("PUT", "", {"media": []}),
        ("DELETE", f"/{media}", None),
        ("POST", f"/{media}/restore", None),
        ("POST", f"/{media}/redact", {"file": media, "blank": []}),
        ("POST", f"/{media}/download", None),
        ("POST", f"/{media}/urls", {"paths": ["x"]}),
    ):
        assert (await scene.ask("stranger", method, f"/media{path}", body)).status_code == 404, path
        other = await scene.ward.case(scene.people["stranger"])
        if media in path:
            answer = await scene.ward.http.request(
                method, f"/api/cases/{other}/media{path}", json=body, headers=scene.headers["stranger"]
            )
            assert answer.status_code == 404, path


@pytest.mark.parametrize("who", ["consultant", "observer", "moderator"])
async def test_who_does_not_write_the_record_changes_nothing(scene: MediaScene, who: str) -> None:
    """[MED-3] [MED-4] [MED-5]"""
    [media] = await filled(scene, 1)
    for method, path, body in (
        ("PATCH", f"/{media}", {"version": 1, "alt": "x"}),
        ("PUT", "", {"media": [media]}),
        ("DELETE", f"/{media}", None),
        ("POST", f"/{media}/restore", None),
        ("POST", f"/{media}/redact", {"file": media, "blank": []}),
    ):
        assert (await scene.ask(who, method, f"/media{path}", body)).status_code == 403, path


async def test_a_case_that_is_closed_is_changed_by_nobody(scene: MediaScene) -> None:
    """[UPL-14] It is still seen and downloaded."""
    [media] = await filled(scene, 1)
    await scene.stores.cases.set_state(scene.case, CaseState.OPEN, CaseState.CONCLUDED, NOW)
    for method, path, body in (
        ("PATCH", f"/{media}", {"version": 1, "alt": "x"}),
        ("PUT", "", {"media": [media]}),
        ("DELETE", f"/{media}", None),
    ):
        assert (await scene.ask("lead", method, f"/media{path}", body)).status_code == 409, path
    assert (await scene.gallery("lead"))["may_change"] is False
    assert (await scene.ask("lead", "POST", f"/media/{media}/download")).status_code == 200


async def test_words_are_changed_from_how_they_were_seen(scene: MediaScene) -> None:
    """[MED-4] What is left out stays; who comes second is told."""
    [media] = await filled(scene, 1)
    path = f"/media/{media}"
    first = await scene.ask("lead", "PATCH", path, {"alt": "A chest.", "version": 1})
    assert (first.json()["alt"], first.json()["caption"], first.json()["version"]) == ("A chest.", "", 2)
    late = await scene.ask("contributor", "PATCH", path, {"caption": "Thorax", "version": 1})
    assert (late.status_code, late.json()["reason"]) == (409, "conflict")
    second = await scene.ask("contributor", "PATCH", path, {"caption": "Thorax", "version": 2})
    assert (second.json()["alt"], second.json()["caption"]) == ("A chest.", "Thorax")
    for change in ({"alt": "x" * 2_001}, {"caption": "two\nlines"}, {"version": 0}, {"position": 1}):
        assert (await scene.ask("lead", "PATCH", path, {"version": 3, **change})).status_code == 400


async def test_they_are_put_in_order(scene: MediaScene) -> None:
    """[MED-3]"""
    first, second, third = await filled(scene)
    arranged = await scene.ask("lead", "PUT", "/media", {"media": [third, first]})
    assert [each["id"] for each in arranged.json()["media"]] == [third, first, second]
    assert [each["id"] for each in (await scene.gallery("observer"))["media"]] == [third, first, second]
    assert (await scene.ask("lead", "PUT", "/media", {"media": ["a" * 16]})).status_code == 404
    assert (await scene.ask("lead", "PUT", "/media", {"media": ["x"]})).status_code == 400


async def test_one_is_taken_out_and_put_back(scene: MediaScene) -> None:
    """[MED-5] It may be another patient's: who only reads sees nothing of it then, not even its own address."""
    first, second = await filled(scene, 2)
    out = await scene.ask("lead", "DELETE", f"/media/{first}")
    assert (out.status_code, out.json()["removed_by"]["id"], out.json()["removed_at"]) == (
        200,
        scene.people["lead"].id,
        NOW,
    )
    for who, removed in (("contributor", [first]), ("moderator", [first]), ("observer", []), ("consultant", [])):
        gallery = await scene.gallery(who)
        assert [each["id"] for each in gallery["media"]] == [second], who
        assert [each["id"] for each in gallery["removed"]] == removed, who
        status = 200 if removed else 404
        assert (await scene.ask(who, "GET", f"/media/{first}")).status_code == status
        assert (await scene.ask(who, "POST", f"/media/{first}/download")).status_code == status
    assert (await scene.ask("lead", "DELETE", f"/media/{first}")).status_code == 200
    back = await scene.ask("contributor", "POST", f"/media/{first}/restore")
    assert (back.status_code, back.json()["removed_at"]) == (200, None)
    assert [each["id"] for each in (await scene.gallery("observer"))["media"]] == [first, second]


async def test_one_is_shown_with_all_that_it_is_made_of(scene: MediaScene) -> None:
    """[MED-7] [MED-2]"""
    media = ""
    for number in (1, 2):
        await scene.hand_in("lead", f"slice {number}".encode())
        media = await scene.make_ready(f"clean {number}".encode(), series="1.2.3", kind=Kind.DICOM)
    shown = (await scene.ask("observer", "GET", f"/media/{media}")).json()
    assert (shown["files"], shown["frames"], shown["manifest"], shown["preview"]) == (2, 2, None, None)
    assert sorted(scene.get(each) for each in shown["file_list"]) == [b"clean 1", b"clean 2"]
    file = shown["file_list"][0]
    assert (file["attributes"], file["size"], file["frames"]) == ({"instance": 1}, 7, 1)
    [made] = file["renditions"]
    assert (made["role"], made["facts"], scene.get(made)) == ("thumbnail", {"of": 1}, b"small")


async def test_it_is_downloaded_clean_under_a_name_that_says_nothing(scene: MediaScene) -> None:
    """[MED-8]"""
    [media] = await filled(scene, 1)
    got = (await scene.ask("observer", "POST", f"/media/{media}/download")).json()
    [file] = got["files"]
    assert (file["name"], file["url"], file["size"]) == ("photo-1.png", got["url"], 7)
    assert scene.get({"url": got["url"], "expires_at": got["expires_at"]}) == b"clean 0"


async def test_addresses_are_asked_for_again(scene: MediaScene) -> None:
    """[MED-8] Each ends; those of objects of this item alone are given, and of none that is not in use."""
    [media, other] = await filled(scene, 2)
    shown = (await scene.ask("observer", "GET", f"/media/{media}")).json()
    stem = f"media/{scene.case}/{media}/"
    [file] = shown["file_list"]
    path = file["url"].partition("?")[0].removeprefix("memory:").removeprefix(stem)
    asked = {"paths": [path, f"{path}/thumbnail", f"{path}/tiles/0/1_2.webp"]}
    signed = (await scene.ask("observer", "POST", f"/media/{media}/urls", asked)).json()["paths"]
    assert [scene.get(each) for each in signed[:2]] == [b"clean 0", b"small"]
    for strange in (f"{path}/../x", f"../{other}/x", "/x", f"{path}//x", "A"):
        answer = await scene.ask("observer", "POST", f"/media/{media}/urls", {"paths": [strange]})
        assert answer.status_code == 400, strange
    for absent in ("a" * 16, f"{'a' * 16}/thumbnail"):
        answer = await scene.ask("observer", "POST", f"/media/{media}/urls", {"paths": [path, absent]})
        assert answer.status_code == 404, absent
    assert (await scene.ask("observer", "POST", f"/media/{other}/urls", {"paths": [path]})).status_code == 404
    scene.stores.records.clock = lambda: time.time() + 24 * 3600
    with pytest.raises(AssertionError):
        scene.get(signed[0])


async def test_a_redaction_is_handed_to_a_worker(scene: MediaScene) -> None:
    """[MED-6] What is to be blanked goes with it; one at a time, and never nothing."""
    [media] = await filled(scene, 1)
    file = (await scene.ask("lead", "GET", f"/media/{media}")).json()["file_list"][0]["id"]
    blank = [{"frame": None, "x": 1, "y": 2, "width": 30, "height": 40}]
    body = {"file": file, "blank": blank, "strokes": [{"points": [[1, 2], [3, 4]], "width": 9}]}
    ordered = await scene.ask("lead", "POST", f"/media/{media}/redact", body)
    assert (ordered.status_code, ordered.json()["state"]) == (202, "quarantined")
    held = await scene.found(ordered.json()["id"])
    assert held.decision is not None
    decision = json.loads(held.decision)
    assert (decision["blank"], decision["strokes"]) == (blank, body["strokes"])
    assert (await scene.ask("lead", "POST", f"/media/{media}/redact", body)).status_code == 409
    assert (await scene.ask("lead", "POST", f"/media/{media}/redact", {"file": file})).status_code == 400
    absent = {**body, "file": "a" * 16}
    assert (await scene.ask("lead", "POST", f"/media/{media}/redact", absent)).status_code == 404
    await scene.make_ready(b"blanked")
    shown = (await scene.ask("observer", "GET", f"/media/{media}")).json()
    assert [scene.get(each) for each in shown["file_list"]] == [b"blanked"]
    assert (await scene.found(ordered.json()["id"])).state is UploadState.READY
