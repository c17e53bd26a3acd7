"""GET /api/me, and what counts as a proof of who is asking."""

from __future__ import annotations

import pytest

from storage.ports import CredentialKind
from tests.api.conftest import NOW, Ward
from workspace.case import Standing
from workspace.session import colour_of


async def test_it_says_who_is_asking_and_until_when(ward: Ward) -> None:
    """[API-1]"""
    ida = await ward.person("ida", standing=Standing.MODERATOR)
    answer = await ward.http.get("/api/me", headers=await ward.as_(ida))
    person = {
        "id": ida.id,
        "name": "Ida",
        "email": "ida@example.org",
        "standing": "moderator",
        "color": colour_of(ida.id),
        "profession": "",
        "specialty": "",
        "registration": "",
        "language": None,
        "picture": None,
    }
    assert answer.json() == {"person": person, "expires_at": NOW + 3_600_000}
    assert answer.headers["Cache-Control"] == "no-store"


async def test_a_token_ends_when_it_says(ward: Ward) -> None:
    """[AUT-5]"""
    headers = await ward.as_(await ward.person("ada"))
    ward.clock.advance(3599.9)
    assert (await ward.http.get("/api/me", headers=headers)).status_code == 200
    ward.clock.advance(0.1)
    assert (await ward.http.get("/api/me", headers=headers)).status_code == 401


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer ", "Bearer nonsense", "Basic YWRhOmFkYQ==", "Bearer " + "a" * 5000, "Bearer é"],
)
async def test_no_other_header_is_a_proof_and_none_falls_back_to_the_cookie(ward: Ward, authorization: str) -> None:
    """[AUT-5]"""
    session = await ward.credential(await ward.person("ada"), CredentialKind.SESSION)
    headers = {b"Authorization": authorization.encode(), b"Cookie": f"consilium_session={session}".encode()}
    answer = await ward.http.get("/api/me", headers=headers)
    assert (answer.status_code, answer.json()["reason"]) == (401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("kind", [CredentialKind.SESSION, CredentialKind.TICKET, CredentialKind.LINK])
async def test_only_a_bearer_token_counts_in_the_bearer_header(ward: Ward, kind: CredentialKind) -> None:
    """[AUT-5]"""
    secret = await ward.credential(await ward.person("ada"), kind)
    answer = await ward.http.get("/api/me", headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 401
