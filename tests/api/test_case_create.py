"""POST /api/cases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest
from starlette.requests import Request
from starlette.types import Message

from server.body import read_body
from server.cases import NewCaseBody
from storage.ports import CredentialKind
from tests.api.conftest import NOW, Ward
from workspace.errors import InvalidRequest


async def test_its_creator_leads_it(ward: Ward) -> None:
    """[API-4]"""
    ada = await ward.person("ada")
    headers = await ward.as_(ada)
    answer = await ward.http.post("/api/cases", json={"title": "  Fièvre — 発熱 "}, headers=headers)
    assert answer.status_code == 201
    body = answer.json()
    assert answer.headers["Location"] == f"/api/cases/{body['case']['id']}"
    assert body["case"] == {"id": body["case"]["id"], "title": "Fièvre — 発熱", "state": "open", "created_at": NOW}
    assert body["role"] == "lead"
    assert [(member["person"]["id"], member["role"]) for member in body["members"]] == [(ada.id, "lead")]
    assert (await ward.http.get(answer.headers["Location"], headers=headers)).json() == body


@pytest.mark.parametrize(
    "body", [{}, {"title": ""}, {"title": "  "}, {"title": "two\nlines"}, {"title": "x" * 201}, {"title": 7}]
)
async def test_a_title_is_one_line_of_text(ward: Ward, body: object) -> None:
    """[API-2]"""
    headers = await ward.as_(await ward.person("ada"))
    answer = await ward.http.post("/api/cases", json=body, headers=headers)
    assert (answer.status_code, answer.json()["reason"]) == (400, "invalid-request")
    assert answer.json()["detail"].startswith("title: ")


async def test_another_origin_cannot_create_by_cookie(ward: Ward) -> None:
    """[AUT-2]"""
    session = await ward.credential(await ward.person("ada"), CredentialKind.SESSION)
    headers = {"Cookie": f"consilium_session={session}", "Origin": "http://evil.test"}
    assert (await ward.http.post("/api/cases", json={"title": "A"}, headers=headers)).status_code == 401


async def test_only_json_is_read(ward: Ward) -> None:
    """[AUT-2] A form, which a foreign page can send without asking, is not."""
    headers = {**await ward.as_(await ward.person("ada")), "Content-Type": "text/plain"}
    answer = await ward.http.post("/api/cases", content=b'{"title": "A"}', headers=headers)
    assert answer.status_code == 400
    assert "content-type" in answer.json()["detail"]


@pytest.mark.parametrize("content", [b"", b"{", b'{"title": "\xff"}', b'{"title": "\\ud800"}', b"[" * 10_000])
async def test_what_is_not_json_is_refused(ward: Ward, content: bytes) -> None:
    """[API-2]"""
    headers = {**await ward.as_(await ward.person("ada")), "Content-Type": "application/json"}
    answer = await ward.http.post("/api/cases", content=content, headers=headers)
    assert answer.status_code == 400


async def test_a_body_is_bounded(ward: Ward) -> None:
    """[API-2]"""
    headers = await ward.as_(await ward.person("ada"))
    answer = await ward.http.post("/api/cases", json={"title": "x" * ward.settings.max_body_bytes}, headers=headers)
    assert (answer.status_code, answer.json()["reason"]) == (413, "too-large")


class TestSlowBodies:
    """With little patience."""

    @pytest.fixture
    def environment(self) -> dict[str, str]:
        return {"CONSILIUM_BODY_SECONDS": "0.01"}

    async def test_a_body_has_to_arrive(self, ward: Ward) -> None:
        """[API-2] A client that never finishes its sentence holds nothing open."""

        async def endless() -> AsyncGenerator[bytes, None]:
            yield b'{"title": '
            await asyncio.Event().wait()

        async def receive() -> Message:
            return {"type": "http.request", "body": await anext(chunks), "more_body": True}

        chunks = endless()
        headers = [(b"content-type", b"application/json")]
        request = Request({"type": "http", "method": "POST", "path": "/", "headers": headers}, receive)
        with pytest.raises(InvalidRequest, match="did not arrive in time"):
            await read_body(request, NewCaseBody, ward.settings)
        await chunks.aclose()
