"""POST /api/sign-out."""

from __future__ import annotations

from storage.ports import CredentialKind
from tests.api.conftest import ORIGIN, Ward


async def test_signing_out_ends_the_session_everywhere(ward: Ward) -> None:
    """[AUT-6] The secret is dead, not only forgotten, and open sessions hear of it."""
    session = await ward.credential(await ward.person("ada"), CredentialKind.SESSION)
    cookie = {"Cookie": f"consilium_session={session}"}
    answer = await ward.http.post("/api/sign-out", headers={**cookie, "Origin": ORIGIN})
    assert answer.status_code == 204
    assert 'consilium_session=""' in answer.headers["set-cookie"]
    assert (await ward.http.get("/api/me", headers=cookie)).status_code == 401
    assert await ward.stores.notices.latest() == 1


async def test_a_page_of_another_origin_cannot_sign_anybody_out(ward: Ward) -> None:
    """[AUT-2]"""
    session = await ward.credential(await ward.person("ada"), CredentialKind.SESSION)
    cookie = {"Cookie": f"consilium_session={session}"}
    for headers in ({}, {"Origin": "http://evil.test"}, {"Origin": "null"}):
        assert (await ward.http.post("/api/sign-out", headers={**cookie, **headers})).status_code == 403
    assert (await ward.http.get("/api/me", headers=cookie)).status_code == 200


async def test_a_token_can_end_itself(ward: Ward) -> None:
    """[AUT-6]"""
    headers = await ward.as_(await ward.person("ada"))
    assert (await ward.http.post("/api/sign-out", headers=headers)).status_code == 204
    assert (await ward.http.get("/api/me", headers=headers)).status_code == 401


async def test_signing_out_twice_is_no_error(ward: Ward) -> None:
    """[AUT-6]"""
    assert (await ward.http.post("/api/sign-out")).status_code == 204
    headers = {"Cookie": "consilium_session=long-gone", "Origin": ORIGIN}
    assert (await ward.http.post("/api/sign-out", headers=headers)).status_code == 204
