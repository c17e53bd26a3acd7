"""GET /api/offline-key: the key of the copies on one device."""

from __future__ import annotations

import base64
from collections.abc import Mapping

import pytest

from storage.ports import CredentialKind
from tests.api.conftest import NOW, Ward
from workspace.case import Person

HOURS = 3_600


async def session(ward: Ward, person: Person) -> Mapping[str, str]:
    """Headers of a browser that this person has signed in."""
    return {"Cookie": f"consilium_session={await ward.credential(person, CredentialKind.SESSION)}"}


async def test_a_session_is_given_one_key_for_as_long_as_it_lives(ward: Ward) -> None:
    """[OFF-6] 32 bytes, the same at every question, with what the device must know to obey."""
    ada = await ward.person("ada")
    headers = await session(ward, ada)
    first = await ward.http.get("/api/offline-key", headers=headers)
    assert first.status_code == 200
    assert first.headers["Cache-Control"] == "no-store"
    body = first.json()
    assert len(base64.urlsafe_b64decode(body.pop("key") + "=")) == 32
    assert body == {"person": ada.id, "keep_hours": 72.0, "expires_at": NOW + HOURS * 1000}
    assert (await ward.http.get("/api/offline-key", headers=headers)).json() == first.json()


async def test_every_session_has_a_key_of_its_own(ward: Ward) -> None:
    """[OFF-6] Also of one person."""
    ada, ben = await ward.person("ada"), await ward.person("ben")
    keys = {
        (await ward.http.get("/api/offline-key", headers=await session(ward, person))).json()["key"]
        for person in (ada, ada, ben)
    }
    assert len(keys) == 3


async def test_the_key_dies_with_the_session(ward: Ward) -> None:
    """[OFF-6] Signed out, and expired."""
    ada = await ward.person("ada")
    left, forgotten = await session(ward, ada), await session(ward, ada)
    assert (await ward.http.get("/api/offline-key", headers=left)).status_code == 200
    out = await ward.http.post("/api/sign-out", headers={**left, "Origin": "http://consilium.test"})
    assert out.status_code == 204
    assert (await ward.http.get("/api/offline-key", headers=left)).status_code == 401
    ward.clock.advance(HOURS)
    assert (await ward.http.get("/api/offline-key", headers=forgotten)).status_code == 401


async def test_nobody_else_is_given_one(ward: Ward) -> None:
    """[OFF-6] No sign-in: 401; a bearer token, which no page has: 403."""
    assert (await ward.http.get("/api/offline-key")).status_code == 401
    answer = await ward.http.get("/api/offline-key", headers=await ward.as_(await ward.person("ada")))
    assert (answer.status_code, answer.json()["reason"]) == (403, "forbidden")


@pytest.mark.parametrize("environment", [{"CONSILIUM_OFFLINE_HOURS": "0.5"}])
async def test_the_operator_says_how_long_copies_stay(ward: Ward) -> None:
    """[OFF-6]"""
    headers = await session(ward, await ward.person("ada"))
    assert (await ward.http.get("/api/offline-key", headers=headers)).json()["keep_hours"] == 0.5
