"""server.access: what opens a WebSocket, and the door to a case as other parts of the server use it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from starlette.requests import HTTPConnection

from storage.ports import CredentialKind
from tests.api.conftest import HOST, ORIGIN, Ward
from workspace.case import Principal, Role
from workspace.errors import Forbidden, NotFound, SomebodyElse, Unauthenticated
from workspace.ids import DocumentId, DocumentName, Millis
from workspace.policy import Access as DocumentAccess
from workspace.policy import Right


def handshake(
    headers: Mapping[str, str], *, scheme: str = "ws", host: str = HOST, query: bytes = b""
) -> HTTPConnection:
    pairs = [(name.lower().encode(), value.encode()) for name, value in {"Host": host, **headers}.items()]
    return HTTPConnection(
        {"type": "websocket", "scheme": scheme, "path": "/collab", "query_string": query, "headers": pairs}
    )


@pytest.mark.parametrize(
    ("scheme", "host", "origin", "counts"),
    [
        ("ws", HOST, ORIGIN, True),
        ("wss", HOST, f"https://{HOST}", True),
        ("ws", f"{HOST}:8000", f"{ORIGIN}:8000", True),
        ("ws", f"{HOST}:80", ORIGIN, True),
        ("ws", f"{HOST}:8000", ORIGIN, False),
        ("ws", HOST, f"https://{HOST}", False),
        ("ws", HOST, f"http://evil.{HOST}", False),
        ("ws", HOST, "http://evil.test", False),
        ("ws", HOST, "null", False),
        ("ws", "", "http://", False),
        ("ws", HOST, None, False),
    ],
)
async def test_a_cookie_opens_a_websocket_only_for_a_page_of_ours(
    ward: Ward, scheme: str, host: str, origin: str | None, *, counts: bool
) -> None:
    """[AUT-2] Browsers let any page open a WebSocket anywhere, cookies included."""
    ada = await ward.person("ada")
    session = await ward.credential(ada, CredentialKind.SESSION)
    name = "__Host-consilium_session" if scheme == "wss" else "consilium_session"
    headers = {"Cookie": f"{name}={session}"} | ({} if origin is None else {"Origin": origin})
    connection = handshake(headers, scheme=scheme, host=host)
    if counts:
        assert (await ward.access.authenticate(connection)).person == ada
    else:
        with pytest.raises(Unauthenticated):
            await ward.access.authenticate(connection)


async def test_an_older_tab_does_nothing_in_the_name_of_whoever_signed_in_since(ward: Ward) -> None:
    """[AUT-7] Its cookie is by now somebody else's. Who says nothing, as every program does, is not asked."""
    ada, ben = await ward.person("ada"), await ward.person("ben")
    cookie = {"Cookie": f"consilium_session={await ward.credential(ben, CredentialKind.SESSION)}"}
    for said, status in (({"Consilium-Person": ada.id}, 401), ({"Consilium-Person": ben.id}, 200), ({}, 200)):
        answer = await ward.http.get("/api/me", headers={**cookie, **said})
        assert answer.status_code == status
        assert (answer.json().get("reason") == "somebody-else") == (status == 401)
    socket = {**cookie, "Origin": ORIGIN}
    with pytest.raises(SomebodyElse):
        await ward.access.authenticate(handshake(socket, query=f"person={ada.id}".encode()))
    assert (await ward.access.authenticate(handshake(socket, query=f"person={ben.id}".encode()))).person == ben
    assert (await ward.access.authenticate(handshake(socket))).person == ben
    token = await ward.as_(ada)
    assert (await ward.http.get("/api/me", headers={**token, "Consilium-Person": ben.id})).status_code == 200


async def test_a_bearer_token_opens_a_websocket_from_anywhere(ward: Ward) -> None:
    """[AUT-2] No browser sends it by itself."""
    ada = await ward.person("ada")
    headers = {**await ward.as_(ada), "Origin": "http://evil.test"}
    principal = await ward.access.authenticate(handshake(headers))
    assert principal == await ward.access.bearer(headers["Authorization"].removeprefix("Bearer "))
    assert principal.person == ada


@pytest.mark.parametrize("token", ["", "x", "é" * 10, "\ud800", "a" * 100_000])
async def test_any_other_token_is_nobody_s(ward: Ward, token: str) -> None:
    """[AUT-5]"""
    with pytest.raises(Unauthenticated):
        await ward.access.bearer(token)
    with pytest.raises(Unauthenticated):
        await ward.access.ticket(token)


async def test_the_door_asks_for_a_right(ward: Ward) -> None:
    """[PER-1] Who may not even read finds nothing; who may read is told what they may not."""
    ada, ben, stan = await ward.person("ada"), await ward.person("ben"), await ward.person("stan")
    case = await ward.case(ada, {Role.OBSERVER: ben})
    until = Millis(ward.clock() + 1)
    opened = await ward.access.open_case(Principal(ada, until), case, Right.WRITE_RECORD)
    assert opened.role is Role.LEAD
    with pytest.raises(Forbidden):
        await ward.access.open_case(Principal(ben, until), case, Right.WRITE_RECORD)
    with pytest.raises(NotFound):
        await ward.access.open_case(Principal(stan, until), case, Right.WRITE_RECORD)
    reading = await ward.access.open_case(Principal(ben, until), case)
    record = DocumentId(case, DocumentName("record"))
    assert (opened.access(record), reading.access(record)) == (DocumentAccess.WRITE, DocumentAccess.READ)


async def test_the_door_is_shut_after_the_principal_s_end(ward: Ward) -> None:
    """[AUT-5]"""
    ada = await ward.person("ada")
    case = await ward.case(ada)
    principal = Principal(ada, Millis(ward.clock() + 1000))
    await ward.access.open_case(principal, case)
    ward.clock.advance(1)
    with pytest.raises(Unauthenticated):
        await ward.access.open_case(principal, case)
