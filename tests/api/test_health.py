"""GET /livez and /readyz."""

from __future__ import annotations

import dataclasses

import httpx

from server.app import build_house
from server.settings import load_settings
from storage.memory import memory_stores
from tests.api.conftest import Entropy, FakeClock, Ward


async def test_a_healthy_server_lives_and_is_ready(ward: Ward) -> None:
    """[API-9]"""
    for path in ("/livez", "/readyz"):
        answer = await ward.http.get(path)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-store"


async def test_a_draining_server_lives_but_is_not_ready(ward: Ward) -> None:
    """[API-9]"""
    house = build_house(ward.settings, ward.stores, clock=ward.clock, entropy=ward.entropy)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(house.app), base_url="http://test") as http:
        assert (await http.get("/readyz")).status_code == 200
        await house.drain()
        assert (await http.get("/livez")).status_code == 200
        answer = await http.get("/readyz")
    assert (answer.status_code, answer.json()["reasons"]) == (503, ["draining"])
    assert answer.headers["Retry-After"] == "2"


async def test_a_server_whose_store_failed_is_not_ready() -> None:
    """[API-9]"""
    stores = dataclasses.replace(memory_stores(), failed=lambda: "SQLITE_IOERR_FSYNC")
    house = build_house(load_settings({}), stores, clock=FakeClock(), entropy=Entropy())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(house.app), base_url="http://test") as http:
        answer = await http.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["reasons"] == ["storage failed (SQLITE_IOERR_FSYNC)"]
