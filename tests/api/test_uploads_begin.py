"""POST /api/cases/{case}/uploads, and GET of the same."""

from __future__ import annotations

import io
import re

import pytest

from server.logs import configure
from tests.api.conftest import NOW, Ward
from tests.api.media_scene import EVERYBODY, NAME, MediaScene, digest_of, set_scene
from workspace.audit import chain_of
from workspace.case import CaseState, Role
from workspace.media import PART_BYTES

ONE, TWO = b"one", b"second"


@pytest.fixture
async def scene(ward: Ward) -> MediaScene:
    return await set_scene(ward)


@pytest.mark.parametrize("who", ["lead", "contributor"])
async def test_who_writes_the_record_announces_files(scene: MediaScene, who: str) -> None:
    """[UPL-2] Each is answered in its place."""
    first, second = await scene.begin(who, ONE, TWO)
    assert first == {
        "outcome": "begun",
        "id": first["id"],
        "name": NAME,
        "size": 3,
        "digest": digest_of(ONE),
        "state": "requested",
        "reason": None,
        "kind": None,
        "at": NOW,
        "part_bytes": PART_BYTES,
        "parts_done": [],
        "progress": {"done": 0, "total": 0},
        "media": None,
        "duplicate_of": None,
        "can_retry": False,
        "is_mine": True,
    }
    assert second["digest"] == digest_of(TWO)
    listed = (await scene.listed(who))["uploads"]
    assert sorted(each["id"] for each in listed) == sorted([first["id"], second["id"]])


@pytest.mark.parametrize(
    ("who", "status"), [("consultant", 403), ("observer", 403), ("moderator", 403), ("stranger", 404)]
)
async def test_nobody_else_does(scene: MediaScene, who: str, status: int) -> None:
    """[UPL-2] [PER-1]"""
    files = {"files": [{"name": NAME, "size": 3, "digest": digest_of(ONE)}]}
    assert (await scene.ask(who, "POST", "/uploads", files)).status_code == status
    assert (await scene.ward.http.post(f"{scene.path}/uploads", json=files)).status_code == 401


@pytest.mark.parametrize("state", [CaseState.CONCLUDED, CaseState.ARCHIVED, CaseState.PUBLISHED])
async def test_a_case_that_is_closed_takes_none(scene: MediaScene, state: CaseState) -> None:
    """[UPL-14] In every step."""
    [begun] = await scene.begin("lead", ONE)
    await scene.stores.cases.set_state(scene.case, CaseState.OPEN, state, NOW)
    files = {"files": [{"name": NAME, "size": 3, "digest": digest_of(TWO)}]}
    refused = await scene.ask("lead", "POST", "/uploads", files)
    assert (refused.status_code, refused.json()["detail"]) == (409, f"the case is {state}")
    assert (await scene.sign("lead", begun["id"], ONE)).status_code == 409
    assert (await scene.complete("lead", begun["id"])).status_code == 409
    assert (await scene.ask("lead", "DELETE", f"/uploads/{begun['id']}")).status_code == 204


async def test_a_purged_case_is_not_there(scene: MediaScene) -> None:
    """[UPL-14] [PER-1]"""
    [begun] = await scene.begin("lead", ONE)
    await scene.stores.cases.set_state(scene.case, CaseState.OPEN, CaseState.PURGED, NOW)
    for method, path in (
        ("GET", "/uploads"),
        ("GET", "/media"),
        ("POST", f"/uploads/{begun['id']}/complete"),
        ("DELETE", f"/uploads/{begun['id']}"),
    ):
        assert (await scene.ask("lead", method, path)).status_code == 404


async def test_a_role_that_goes_goes_at_once(scene: MediaScene) -> None:
    """[UPL-2] [PER-1] In the middle of sending: a reader may still cancel, and one who left finds nothing."""
    [begun] = await scene.begin("contributor", ONE)
    person = scene.people["contributor"].id
    await scene.stores.cases.set_member(scene.case, person, Role.OBSERVER, NOW)
    for step in (scene.sign("contributor", begun["id"], ONE), scene.complete("contributor", begun["id"])):
        assert (await step).status_code == 403
    await scene.stores.cases.set_member(scene.case, person, None, NOW)
    for method, path in (("POST", "/complete"), ("DELETE", "")):
        assert (await scene.ask("contributor", method, f"/uploads/{begun['id']}{path}")).status_code == 404


async def test_announced_again_it_goes_on_where_it_stopped(scene: MediaScene) -> None:
    """[UPL-2] As a page does after a reload: what has arrived is not sent again."""
    body = b"a" * PART_BYTES + b"b" * PART_BYTES + b"c"
    [begun] = await scene.begin("lead", body)
    await scene.send("lead", begun["id"], body, [1, 3])
    [again] = await scene.begin("lead", body, name="renamed.jpg")
    assert (again["id"], again["state"], again["parts_done"]) == (begun["id"], "uploading", [1, 3])
    await scene.send("lead", begun["id"], body, [2])
    assert (await scene.complete("lead", begun["id"])).json()["state"] == "quarantined"
    [later] = await scene.begin("lead", body)
    assert (later["id"], later["state"], later["parts_done"]) == (begun["id"], "quarantined", [])


async def test_what_the_case_has_is_told_before_a_byte_is_sent(scene: MediaScene) -> None:
    """[UPL-2] Whoever brought it."""
    await scene.hand_in("lead", ONE)
    media = await scene.make_ready(b"clean")
    assert await scene.begin("contributor", ONE) == [{"outcome": "duplicate", "duplicate_of": media}]


@pytest.mark.parametrize(
    ("environment", "size", "reason", "limit"),
    [
        ({}, 0, "empty", None),
        ({}, 2_684_354_561, "too-large", 2_684_354_560),
        (
            {"CONSILIUM_MAX_VIDEO_BYTES": "1024", "CONSILIUM_MAX_DICOM_BYTES": "2048"},
            104857601,
            "too-large",
            104857600,
        ),
        ({"CONSILIUM_MAX_CASE_MEDIA_BYTES": "1024"}, 1_025, "case-full", 1024),
    ],
)
async def test_what_is_too_much_is_refused_with_its_bound(
    scene: MediaScene, size: int, reason: str, limit: int | None
) -> None:
    """[UPL-2] By setting; a neighbour is taken."""
    files = [
        {"name": NAME, "size": size, "digest": "0" * 64},
        {"name": NAME, "size": 3, "digest": digest_of(ONE)},
    ]
    answer = await scene.ask("lead", "POST", "/uploads", {"files": files})
    refused, begun = answer.json()["uploads"]
    assert refused == {"outcome": "refused", "reason": reason, "limit_bytes": limit}
    assert begun["outcome"] == "begun"


@pytest.mark.parametrize("environment", [{"CONSILIUM_MAX_OPEN_UPLOADS": "2"}])
async def test_how_many_one_person_has_on_the_way_is_bounded(scene: MediaScene) -> None:
    """[UPL-2] What ends makes room; others have their own."""
    first, _, third = await scene.begin("lead", b"1", b"2", b"3")
    assert third == {"outcome": "refused", "reason": "too-many", "limit_bytes": None}
    assert (await scene.begin("contributor", b"4"))[0]["outcome"] == "begun"
    await scene.ask("lead", "DELETE", f"/uploads/{first['id']}")
    assert (await scene.begin("lead", b"3"))[0]["outcome"] == "begun"


async def test_a_thousand_files(scene: MediaScene) -> None:
    """[UPL-2] As many as a long study has, a hundred at a time."""
    bodies = [f"slice {number}".encode() for number in range(1_000)]
    for start in range(0, 1_000, 100):
        begun = await scene.begin("lead", *bodies[start : start + 100])
        assert {each["outcome"] for each in begun} == {"begun"}
    assert len((await scene.listed("lead"))["uploads"]) == 1_000
    assert (await scene.listed("observer"))["waiting_of_others"] == 1_000


async def test_others_learn_how_many_there_are_and_nothing_else(scene: MediaScene) -> None:
    """[UPL-5] Before it is ready; every route is tried."""
    [begun] = await scene.begin("contributor", ONE)
    for who in ("lead", "consultant", "observer", "moderator"):
        assert await scene.listed(who) == {"uploads": [], "waiting_of_others": 1}
        for method, path, body in (
            ("POST", "/parts", {"parts": [{"number": 1, "sha256": "0" * 64}]}),
            ("POST", "/complete", None),
            ("POST", "/retry", None),
            ("DELETE", "", None),
            ("GET", "/review", None),
            ("POST", "/review", {"blank": [], "confirmed": True}),
        ):
            answer = await scene.ask(who, method, f"/uploads/{begun['id']}{path}", body)
            assert answer.status_code in ((403, 404) if who in ("consultant", "observer", "moderator") else (404,))
    assert (await scene.ask("stranger", "GET", "/uploads")).status_code == 404


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"size": -1}, 400),
        ({"size": 1.5}, 400),
        ({"digest": "0" * 63}, 400),
        ({"digest": "G" * 64}, 400),
        ({"name": ""}, 400),
        ({"name": "x" * 301}, 400),
        ({"kind": "photo"}, 400),
    ],
)
async def test_what_is_no_announcement_is_refused(scene: MediaScene, change: dict[str, object], status: int) -> None:
    """[UPL-2] [API-2]"""
    file = {"name": NAME, "size": 3, "digest": "0" * 64, **change}
    assert (await scene.ask("lead", "POST", "/uploads", {"files": [file]})).status_code == status
    assert (await scene.ask("lead", "POST", "/uploads", {"files": []})).status_code == 400
    many = {"files": [{"name": "n", "size": 3, "digest": "0" * 64}] * 101}
    assert (await scene.ask("lead", "POST", "/uploads", many)).status_code == 400


async def test_a_name_that_cannot_be_shown_is_shown_as_that(scene: MediaScene) -> None:
    """[UPL-6] Folders of patients' discs hold anything."""
    [begun] = await scene.begin("lead", ONE, name="Müller\n\u2028\x00 突.jpg")
    assert begun["name"] == "Müller��� 突.jpg"


async def test_its_name_is_in_no_log_and_no_error(ward: Ward, scene: MediaScene, log: io.StringIO) -> None:
    """[UPL-6] [ERR-2] Nor in a key, an address or an event."""
    configure(ward.settings, log)
    [begun] = await scene.begin("lead", ONE)
    said = [
        (await scene.ask("lead", "POST", "/uploads", {"files": [{"name": NAME * 20, "size": 1, "digest": "x"}]})).text,
        (await scene.sign("lead", begun["id"], ONE)).text,
        *[(await scene.ask(who, "GET", "/uploads")).text for who in EVERYBODY if who != "lead"],
    ]
    await scene.ask("lead", "DELETE", f"/uploads/{begun['id']}")
    chains = [kept.body.decode() for kept in await ward.stores.audit.kept(chain_of(scene.case), after=0, limit=100)]
    logged = log.getvalue()
    assert logged.count("uploads") >= 3, logged
    assert len(chains) >= 2
    assert not re.search("Doe|Jane|1970", logged + "".join(said) + "".join(chains))
    assert (await scene.found(begun["id"])).name is None
