"""POST /api/sign-in."""

from __future__ import annotations

import pytest

from storage.ports import CredentialKind
from tests.api.conftest import ORIGIN, PASSWORD, Ward
from workspace.session import colour_of


async def test_a_password_signs_in_and_the_session_comes_as_a_cookie(ward: Ward) -> None:
    """[API-1]"""
    ada = await ward.person("ada", password=PASSWORD)
    answer = await ward.http.post("/api/sign-in", json={"email": " ADA@example.org", "password": PASSWORD})
    assert answer.status_code == 200
    person = {
        "id": ada.id,
        "name": "Ada",
        "email": "ada@example.org",
        "standing": "clinician",
        "color": colour_of(ada.id),
        "profession": "",
        "specialty": "",
        "registration": "",
        "language": None,
        "picture": None,
    }
    assert answer.json() == {"person": person}
    cookie = answer.headers["set-cookie"]
    for part in ("consilium_session=", "HttpOnly", "SameSite=lax", "Path=/", "Max-Age=43200"):
        assert part in cookie
    assert "Secure" not in cookie
    assert (await ward.http.get("/api/me")).json()["person"] == person


async def test_a_decomposed_spelling_of_the_password_is_the_same_password(ward: Ward) -> None:
    """[AUT-1] Keyboards differ in how they spell é."""
    await ward.person("ada", password="caf\u00e9-caf\u00e9")
    body = {"email": "ada@example.org", "password": "cafe\u0301-cafe\u0301"}
    assert (await ward.http.post("/api/sign-in", json=body)).status_code == 200


async def test_wrong_password_unknown_person_and_no_password_get_the_same_answer(ward: Ward) -> None:
    """[AUT-1] An answer does not say whether an account exists."""
    await ward.person("ada", password=PASSWORD)
    await ward.person("linked")
    answers = [
        await ward.http.post("/api/sign-in", json={"email": email, "password": password})
        for email, password in (
            ("ada@example.org", "wrong password"),
            ("nobody@example.org", PASSWORD),
            ("linked@example.org", PASSWORD),
        )
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    assert not any("set-cookie" in answer.headers for answer in answers)


async def test_a_link_signs_in_until_it_ends(ward: Ward) -> None:
    """[API-1]"""
    ada = await ward.person("ada")
    link = await ward.credential(ada, CredentialKind.LINK, seconds=60)
    assert (await ward.http.post("/api/sign-in", json={"link": link})).status_code == 200
    assert (await ward.http.post("/api/sign-in", json={"link": link})).status_code == 200
    ward.clock.advance(61)
    assert (await ward.http.post("/api/sign-in", json={"link": link})).status_code == 401


@pytest.mark.parametrize("kind", [CredentialKind.SESSION, CredentialKind.BEARER, CredentialKind.TICKET])
async def test_another_kind_of_secret_is_no_link(ward: Ward, kind: CredentialKind) -> None:
    """[AUT-5] A secret is good for one purpose."""
    secret = await ward.credential(await ward.person("ada"), kind)
    assert (await ward.http.post("/api/sign-in", json={"link": secret})).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"email": "ada@example.org"},
        {"password": PASSWORD},
        {"email": "ada@example.org", "password": PASSWORD, "link": "x"},
        {"email": "ada", "password": PASSWORD},
        {"email": "ada@example.org", "password": 12345678},
        {"email": "ada@example.org", "password": PASSWORD, "remember": True},
        ["ada@example.org", PASSWORD],
    ],
)
async def test_any_other_body_is_refused(ward: Ward, body: object) -> None:
    """[API-2]"""
    await ward.person("ada", password=PASSWORD)
    answer = await ward.http.post("/api/sign-in", json=body)
    assert (answer.status_code, answer.json()["reason"]) == (400, "invalid-request")
    assert PASSWORD not in answer.text


async def test_a_page_of_another_origin_cannot_sign_anybody_in(ward: Ward) -> None:
    """[AUT-2]"""
    link = await ward.credential(await ward.person("ada"), CredentialKind.LINK)
    foreign = await ward.http.post("/api/sign-in", json={"link": link}, headers={"Origin": "http://evil.test"})
    assert foreign.status_code == 403
    own = await ward.http.post("/api/sign-in", json={"link": link}, headers={"Origin": ORIGIN})
    assert own.status_code == 200


async def test_signing_in_ends_the_session_that_the_cookie_held(ward: Ward) -> None:
    """[AUT-6]"""
    ada = await ward.person("ada")
    link = await ward.credential(ada, CredentialKind.LINK)
    await ward.http.post("/api/sign-in", json={"link": link})
    first = ward.http.cookies["consilium_session"]
    await ward.http.post("/api/sign-in", json={"link": link})
    ward.http.cookies.clear()
    answer = await ward.http.get("/api/me", headers={"Cookie": f"consilium_session={first}"})
    assert answer.status_code == 401


async def test_an_account_takes_so_many_tries_and_says_how_long_to_wait(ward: Ward) -> None:
    """[AUT-4]"""
    await ward.person("ada", password=PASSWORD)
    wrong = {"email": "ada@example.org", "password": "wrong password"}
    tries = [await ward.http.post("/api/sign-in", json=wrong) for _ in range(ward.settings.sign_ins_per_minute)]
    assert {answer.status_code for answer in tries} == {401}
    refused = await ward.http.post("/api/sign-in", json={"email": "ADA@example.org", "password": PASSWORD})
    assert (refused.status_code, refused.json()["reason"]) == (429, "too-many")
    ward.clock.advance(int(refused.headers["Retry-After"]))
    good = await ward.http.post("/api/sign-in", json={"email": "ada@example.org", "password": PASSWORD})
    assert good.status_code == 200


async def test_an_address_takes_so_many_tries_over_all_accounts(ward: Ward) -> None:
    """[AUT-4]"""
    link = await ward.credential(await ward.person("ada"), CredentialKind.LINK)
    statuses = [
        (await ward.http.post("/api/sign-in", json={"link": f"guess-{number}"})).status_code for number in range(31)
    ]
    assert statuses == [401] * 30 + [429]
    assert (await ward.http.post("/api/sign-in", json={"link": link})).status_code == 429


async def test_good_sign_ins_are_not_counted(ward: Ward) -> None:
    """[AUT-4] A ward of many shares one address."""
    link = await ward.credential(await ward.person("ada"), CredentialKind.LINK)
    answers = [await ward.http.post("/api/sign-in", json={"link": link}) for _ in range(40)]
    assert {answer.status_code for answer in answers} == {200}


class TestBehindHttps:
    """With a public address of https."""

    @pytest.fixture
    def environment(self) -> dict[str, str]:
        return {"CONSILIUM_PUBLIC_URL": "https://consilium.example"}

    async def test_the_cookie_is_secure_and_the_public_origin_counts(self, ward: Ward) -> None:
        """[AUT-2]"""
        link = await ward.credential(await ward.person("ada"), CredentialKind.LINK)
        headers = {"Origin": "https://consilium.example"}
        answer = await ward.http.post("/api/sign-in", json={"link": link}, headers=headers)
        assert answer.status_code == 200
        assert "Secure" in answer.headers["set-cookie"]
        assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
