"""/api/admin: people, their sign-ins, settings, storage."""

from __future__ import annotations

import pytest

from storage.ports import CredentialKind
from tests.api.conftest import NOW, ORIGIN, PASSWORD, Ward
from workspace.case import Person, Standing
from workspace.ids import DocumentId, DocumentName

ROUTES = [
    ("GET", "/api/admin/people"),
    ("POST", "/api/admin/people"),
    ("GET", "/api/admin/people/{person}"),
    ("PATCH", "/api/admin/people/{person}"),
    ("POST", "/api/admin/people/{person}/reset-link"),
    ("GET", "/api/admin/people/{person}/sign-ins"),
    ("DELETE", "/api/admin/people/{person}/sign-ins"),
    ("DELETE", "/api/admin/people/{person}/sign-ins/aaaaaaaaaaaaaaaa"),
    ("GET", "/api/admin/settings"),
    ("GET", "/api/admin/storage"),
]
NEW = "violet-harbour-tricycle-9"
DAY = 24 * 3_600_000


async def admin(ward: Ward, name: str = "sam") -> tuple[Person, dict[str, str]]:
    """An admin and their headers."""
    sam = await ward.person(name, standing=Standing.ADMIN)
    return sam, await ward.as_(sam)


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize("standing", [Standing.CLINICIAN, Standing.MODERATOR, None])
async def test_it_is_for_admins_alone(ward: Ward, method: str, path: str, standing: Standing | None) -> None:
    """[ACC-16]"""
    ben = await ward.person("ben", standing=standing or Standing.CLINICIAN)
    headers = await ward.as_(ben) if standing else {}
    answer = await ward.http.request(method, path.format(person=ben.id), json={}, headers=headers)
    assert answer.status_code == (403 if standing else 401)


async def test_an_admin_has_no_right_in_any_case(ward: Ward) -> None:
    """[ACC-16] Neither to read it nor to let themselves in."""
    sam, headers = await admin(ward)
    case = await ward.case(await ward.person("ada"))
    assert (await ward.http.get(f"/api/cases/{case}", headers=headers)).status_code == 404
    body = {"email": sam.email, "role": "lead"}
    assert (await ward.http.put(f"/api/cases/{case}/members", json=body, headers=headers)).status_code == 404


async def test_everybody_is_listed_and_found(ward: Ward) -> None:
    """[ACC-17] In pages, by name or address."""
    _, headers = await admin(ward)
    for name in ("ada", "zoë", "ben"):
        await ward.person(name, password=PASSWORD if name == "ada" else None)
    page = (await ward.http.get("/api/admin/people", headers=headers)).json()
    assert [(each["name"], each["has_password"], each["active"]) for each in page["people"]] == [
        ("Ada", True, True),
        ("Ben", False, True),
        ("Sam", False, True),
        ("Zoë", False, True),
    ]
    assert page["total"] == 4
    found = await ward.http.get("/api/admin/people?search=ZOE&limit=1", headers=headers)
    assert [each["name"] for each in found.json()["people"]] == ["Zoë"]
    second = (await ward.http.get("/api/admin/people?offset=1&limit=2", headers=headers)).json()
    assert ([each["name"] for each in second["people"]], second["total"]) == (["Ben", "Sam"], 4)
    for query in ("limit=0", "limit=201", "offset=-1", "offset=x", "search=" + "x" * 201, "standing=admin"):
        assert (await ward.http.get(f"/api/admin/people?{query}", headers=headers)).status_code == 400


async def test_a_new_person_chooses_a_password_by_the_link(ward: Ward) -> None:
    """[ACC-17] Good once and for a week."""
    _, headers = await admin(ward)
    body = {"email": "Ada@example.org", "name": "Ada Lovelace", "standing": "moderator"}
    answer = await ward.http.post("/api/admin/people", json=body, headers=headers)
    made = answer.json()
    assert (answer.status_code, made["person"]["name"], made["person"]["standing"]) == (
        201,
        "Ada Lovelace",
        "moderator",
    )
    assert made["expires_at"] == NOW + 7 * DAY
    path, _, secret = made["link"].partition("#")
    assert path == "/reset"
    used = await ward.http.post("/api/password-resets/use", json={"reset": secret, "password": NEW})
    assert used.json()["person"]["id"] == made["person"]["id"]
    again = await ward.http.post("/api/password-resets/use", json={"reset": secret, "password": NEW})
    assert again.status_code == 401


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"email": "SAM@example.org", "name": "Another Sam"}, 409),
        ({"email": "ada", "name": "Ada"}, 400),
        ({"email": "ada@example.org", "name": " "}, 400),
        ({"email": "ada@example.org", "name": "Ada", "standing": "king"}, 400),
        ({"email": "ada@example.org", "name": "Ada", "password": "x"}, 400),
        ({"email": "ada@example.org"}, 400),
    ],
)
async def test_who_cannot_be_added_is_not(ward: Ward, body: object, status: int) -> None:
    """[ACC-17] An address that is taken in other letters, or no person at all."""
    _, headers = await admin(ward)
    assert (await ward.http.post("/api/admin/people", json=body, headers=headers)).status_code == status
    assert (await ward.http.get("/api/admin/people", headers=headers)).json()["total"] == 1


async def test_a_standing_is_changed_and_heard(ward: Ward) -> None:
    """[ACC-17]"""
    _, headers = await admin(ward)
    ada = await ward.person("ada")
    before = await ward.stores.notices.latest()
    path = f"/api/admin/people/{ada.id}"
    answer = await ward.http.patch(path, json={"standing": "moderator"}, headers=headers)
    assert answer.json()["person"]["standing"] == "moderator"
    assert [notice.person for notice in await ward.stores.notices.since(before)] == [ada.id]
    for body in ({"standing": None}, {"active": None}, {"active": "no"}, {"email": "x@example.org"}):
        assert (await ward.http.patch(path, json=body, headers=headers)).status_code == 400
    nobody = f"/api/admin/people/{'a' * 16}"
    assert (await ward.http.patch(nobody, json={"active": False}, headers=headers)).status_code == 404


async def test_who_is_deactivated_is_out_and_comes_back_with_their_password(ward: Ward) -> None:
    """[ACC-17]"""
    _, headers = await admin(ward)
    ada = await ward.person("ada", password=PASSWORD)
    session = {"Cookie": f"consilium_session={await ward.credential(ada, CredentialKind.SESSION)}"}
    path, body = f"/api/admin/people/{ada.id}", {"email": ada.email, "password": PASSWORD}
    out = await ward.http.patch(path, json={"active": False}, headers=headers)
    assert out.json()["person"]["active"] is False
    assert (await ward.http.get("/api/me", headers=session)).status_code == 401
    refused = await ward.http.post("/api/sign-in", json=body)
    unknown = await ward.http.post("/api/sign-in", json=body | {"email": "nobody@example.org"})
    assert refused.status_code == 401
    assert refused.json()["detail"] == unknown.json()["detail"]
    assert (await ward.http.post(f"{path}/reset-link", headers=headers)).status_code == 409
    await ward.http.patch(path, json={"active": True}, headers=headers)
    assert (await ward.http.post("/api/sign-in", json=body)).status_code == 200


@pytest.mark.parametrize("change", [{"standing": "clinician"}, {"active": False}])
async def test_the_last_admin_cannot_lock_everybody_out(ward: Ward, change: dict[str, object]) -> None:
    """[ACC-20] Not even by themselves; with another one it works."""
    sam, headers = await admin(ward)
    path = f"/api/admin/people/{sam.id}"
    refused = await ward.http.patch(path, json=change, headers=headers)
    assert (refused.status_code, refused.json()["reason"]) == (409, "conflict")
    await admin(ward, "tess")
    assert (await ward.http.patch(path, json=change, headers=headers)).status_code == 200


async def test_an_admin_makes_a_link_to_hand_over(ward: Ward) -> None:
    """[ACC-11] Good once and for a day."""
    _, headers = await admin(ward)
    ada = await ward.person("ada")
    made = await ward.http.post(f"/api/admin/people/{ada.id}/reset-link", headers=headers)
    assert (made.status_code, made.json()["expires_at"]) == (201, NOW + DAY)
    secret = made.json()["link"].partition("#")[2]
    ward.clock.advance(86_399)
    assert (await ward.http.post("/api/password-resets/owner", json={"reset": secret})).json()["name"] == "Ada"
    ward.clock.advance(1)
    assert (await ward.http.post("/api/password-resets/owner", json={"reset": secret})).status_code == 401


async def test_an_admin_sees_and_ends_where_somebody_is_signed_in(ward: Ward) -> None:
    """[ACC-17]"""
    _, headers = await admin(ward)
    ada = await ward.person("ada", password=PASSWORD)
    sessions = []
    for _ in range(3):
        await ward.http.post("/api/sign-in", json={"email": ada.email, "password": PASSWORD})
        sessions.append({"Cookie": f"consilium_session={ward.http.cookies['consilium_session']}"})
        ward.http.cookies.clear()
    path = f"/api/admin/people/{ada.id}/sign-ins"
    found = (await ward.http.get(path, headers=headers)).json()["sign_ins"]
    assert [each["is_this"] for each in found] == [False] * 3
    one = await ward.http.delete(f"{path}/{found[0]['id']}", headers=headers)
    assert len(one.json()["sign_ins"]) == 2
    assert (await ward.http.delete(f"{path}/{found[0]['id']}", headers=headers)).status_code == 404
    assert (await ward.http.delete(path, headers=headers)).json() == {"sign_ins": []}
    for session in sessions:
        assert (await ward.http.get("/api/me", headers=session | {"Origin": ORIGIN})).status_code == 401


class TestSettings:
    @pytest.fixture
    def environment(self) -> dict[str, str]:
        return {"CONSILIUM_DATABASE_URL": "sqlite:////srv/secret-place.db", "CONSILIUM_SESSION_HOURS": "8"}

    async def test_settings_are_shown_with_their_source_and_without_secrets(self, ward: Ward) -> None:
        """[ACC-18]"""
        _, headers = await admin(ward)
        answer = await ward.http.get("/api/admin/settings", headers=headers)
        shown = {each["name"]: (each["value"], each["source"]) for each in answer.json()["settings"]}
        assert shown["CONSILIUM_SESSION_HOURS"] == ("8.0", "environment")
        assert shown["CONSILIUM_DATABASE_URL"] == ("(hidden)", "environment")
        assert shown["CONSILIUM_PORT"] == ("8000", "default")
        assert shown["CONSILIUM_SMTP_PASSWORD"] == ("(not set)", "default")
        assert "secret-place" not in answer.text


async def test_storage_is_told_by_case_id_and_never_by_title(ward: Ward) -> None:
    """[ACC-19]"""
    _, headers = await admin(ward)
    ada = await ward.person("ada")
    case = await ward.case(ada)
    await ward.write(DocumentId(case, DocumentName("record")), ada, ["fever", "rash"])
    answer = await ward.http.get("/api/admin/storage", headers=headers)
    used = answer.json()
    assert (used["people"], used["documents"], used["entries"]) == (2, 1, 2)
    (room,) = used["cases"]
    assert (room["id"], room["documents"], room["entries"], room["bytes"]) == (case, 1, 2, used["entry_bytes"])
    assert "A case" not in answer.text
