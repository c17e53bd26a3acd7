"""POST /api/tickets, and `Access.ticket`, which spends them."""

from __future__ import annotations

import pytest

from storage.ports import CredentialKind
from tests.api.conftest import NOW, ORIGIN, Ward
from workspace.errors import Unauthenticated


async def test_a_ticket_opens_once(ward: Ward) -> None:
    """[AUT-3]"""
    ada = await ward.person("ada")
    answer = await ward.http.post("/api/tickets", headers=await ward.as_(ada))
    assert answer.status_code == 201
    assert answer.json()["expires_at"] == NOW + 60_000
    ticket = answer.json()["ticket"]
    assert (await ward.access.ticket(ticket)).person == ada
    with pytest.raises(Unauthenticated):
        await ward.access.ticket(ticket)


async def test_a_ticket_is_good_for_a_minute(ward: Ward) -> None:
    """[AUT-3]"""
    headers = await ward.as_(await ward.person("ada"))
    ticket = (await ward.http.post("/api/tickets", headers=headers)).json()["ticket"]
    ward.clock.advance(60)
    with pytest.raises(Unauthenticated):
        await ward.access.ticket(ticket)


async def test_what_a_ticket_opened_lasts_as_long_as_the_credential_that_bought_it(ward: Ward) -> None:
    """[AUT-3] A minute to come in, not a minute to stay; and no longer than the token would have."""
    headers = await ward.as_(await ward.person("ada"))
    ticket = (await ward.http.post("/api/tickets", headers=headers)).json()["ticket"]
    assert (await ward.access.ticket(ticket)).expires_at == NOW + 3_600_000


async def test_the_end_written_in_a_ticket_cannot_be_changed(ward: Ward) -> None:
    """[AUT-3]"""
    headers = await ward.as_(await ward.person("ada"))
    ticket = (await ward.http.post("/api/tickets", headers=headers)).json()["ticket"]
    for forged in (ticket + "0", ticket.partition(".")[0], ticket.replace(".", ".9")):
        with pytest.raises(Unauthenticated):
            await ward.access.ticket(forged)
    await ward.access.ticket(ticket)


async def test_a_cookie_buys_a_ticket_only_for_a_page_of_ours(ward: Ward) -> None:
    """[AUT-2]"""
    session = await ward.credential(await ward.person("ada"), CredentialKind.SESSION)
    cookie = {"Cookie": f"consilium_session={session}"}
    for headers, status in (
        ({}, 401),
        ({"Origin": "http://evil.test"}, 401),
        ({"Origin": "null"}, 401),
        ({"Origin": ORIGIN + ":81"}, 401),
        ({"Origin": ORIGIN.replace("http", "https")}, 401),
        ({"Origin": ORIGIN}, 201),
    ):
        answer = await ward.http.post("/api/tickets", headers={**cookie, **headers})
        assert answer.status_code == status, headers


class TestAllowedOrigins:
    """With another origin allowed by setting."""

    @pytest.fixture
    def environment(self) -> dict[str, str]:
        return {"CONSILIUM_ALLOWED_ORIGINS": "https://ward.example, http://localhost:5173"}

    async def test_its_pages_count_as_ours(self, ward: Ward) -> None:
        """[AUT-2]"""
        session = await ward.credential(await ward.person("ada"), CredentialKind.SESSION)
        headers = {"Cookie": f"consilium_session={session}", "Origin": "https://ward.example"}
        assert (await ward.http.post("/api/tickets", headers=headers)).status_code == 201
