"""POST /api/sign-in: known devices, cookies, and who can lock whom out."""

from __future__ import annotations

import httpx
import pytest

from server.app import build_app
from tests.api.conftest import HOST, ORIGIN, PASSWORD, Ward

GOOD = {"email": "ada@example.org", "password": PASSWORD}
WRONG = {"email": "ada@example.org", "password": "wrong password"}


def from_address(ward: Ward, address: str) -> httpx.AsyncClient:
    """Another browser, in another network, at the same server."""
    transport = ward.http._transport
    assert isinstance(transport, httpx.ASGITransport)
    return httpx.AsyncClient(transport=httpx.ASGITransport(transport.app, client=(address, 1)), base_url=ORIGIN)


async def test_who_hammers_from_elsewhere_keeps_nobody_out(ward: Ward) -> None:
    """[ACC-4] The attacker is refused; the owner signs in on a new device, and on a known one."""
    await ward.person("ada", password=PASSWORD)
    async with from_address(ward, "203.0.113.66") as attacker:
        statuses = [(await attacker.post("/api/sign-in", json=WRONG)).status_code for _ in range(12)]
        assert statuses == [401] * 10 + [429] * 2
        assert (await attacker.post("/api/sign-in", json=GOOD)).status_code == 429
    assert (await ward.http.post("/api/sign-in", json=GOOD)).status_code == 200


async def test_a_known_device_has_tries_of_its_own_in_a_network_that_is_shut(ward: Ward) -> None:
    """[ACC-4] Also when several persons share the device."""
    for name in ("ada", "ben"):
        await ward.person(name, password=PASSWORD)
        body = {"email": f"{name}@example.org", "password": PASSWORD}
        assert (await ward.http.post("/api/sign-in", json=body)).status_code == 200
    device = ward.http.cookies["consilium_device"]
    for number in range(31):
        body = {"email": f"{number}@example.org", "password": "x"}
        await ward.http.post("/api/sign-in", json=body, headers={"Cookie": ""})
    ward.http.cookies.clear()
    for email in ("ada@example.org", "ben@example.org"):
        body = {"email": email, "password": PASSWORD}
        assert (await ward.http.post("/api/sign-in", json=body)).status_code == 429
        known = {"Cookie": f"consilium_device={device}"}
        assert (await ward.http.post("/api/sign-in", json=body, headers=known)).status_code == 200
        ward.http.cookies.clear()


@pytest.mark.parametrize("device", ["", "x", "x" * 300, "é", "a; b"])
async def test_a_made_up_device_is_none(ward: Ward, device: str) -> None:
    """[ACC-4] It gives no tries, and a good sign-in replaces one that we cannot have made."""
    await ward.person("ada", password=PASSWORD)
    headers = {b"Cookie": f"consilium_device={device}".encode()}
    statuses = [(await ward.http.post("/api/sign-in", json=WRONG, headers=headers)).status_code for _ in range(11)]
    assert statuses == [401] * 10 + [429]
    ward.clock.advance(60)
    assert (await ward.http.post("/api/sign-in", json=GOOD, headers=headers)).status_code == 200


async def test_a_device_that_is_known_for_one_is_not_for_another(ward: Ward) -> None:
    """[ACC-4] An attacker with an account has no more guesses at somebody else's."""
    await ward.person("ada", password=PASSWORD)
    await ward.person("eve", password=PASSWORD)
    await ward.http.post("/api/sign-in", json={"email": "eve@example.org", "password": PASSWORD})
    statuses = [(await ward.http.post("/api/sign-in", json=WRONG)).status_code for _ in range(12)]
    assert statuses == [401] * 10 + [429] * 2


async def test_a_forwarded_address_is_not_believed_from_just_anybody(ward: Ward) -> None:
    """[ACC-5] A new claim with every try changes nothing."""
    await ward.person("ada", password=PASSWORD)
    statuses = [
        (
            await ward.http.post(
                "/api/sign-in", json=WRONG, headers={"X-Forwarded-For": f"10.0.0.{n}", "Forwarded": f"for=10.0.0.{n}"}
            )
        ).status_code
        for n in range(12)
    ]
    assert statuses == [401] * 10 + [429] * 2


async def test_the_cookies_are_out_of_reach_of_scripts_and_other_sites(ward: Ward) -> None:
    """[ACC-6]"""
    await ward.person("ada", password=PASSWORD)
    answer = await ward.http.post("/api/sign-in", json=GOOD)
    cookies = answer.headers.get_list("set-cookie")
    assert [cookie.partition("=")[0] for cookie in cookies] == ["consilium_session", "consilium_device"]
    for cookie in cookies:
        assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
        assert "Domain" not in cookie


class TestBehindHttps:
    """With a public address of https."""

    @pytest.fixture
    def environment(self) -> dict[str, str]:
        return {"CONSILIUM_PUBLIC_URL": f"https://{HOST}"}

    async def test_only_the_protected_names_count(self, ward: Ward) -> None:
        """[ACC-6] A neighbour on a sub-domain can plant a plain cookie; it signs nobody in."""
        await ward.person("ada", password=PASSWORD)
        answer = await ward.http.post("/api/sign-in", json=GOOD, headers={"Origin": f"https://{HOST}"})
        cookies = answer.headers.get_list("set-cookie")
        names = [cookie.partition("=")[0] for cookie in cookies]
        assert names == ["__Host-consilium_session", "__Host-consilium_device"]
        assert all("Secure" in cookie.split("; ") for cookie in cookies)
        secret = cookies[0].partition("=")[2].partition(";")[0]
        ward.http.cookies.clear()
        plain = await ward.http.get("/api/me", headers={"Cookie": f"consilium_session={secret}"})
        protected = await ward.http.get("/api/me", headers={"Cookie": f"__Host-consilium_session={secret}"})
        assert (plain.status_code, protected.status_code) == (401, 200)

    async def test_browsers_are_told_to_stay_with_https(self, ward: Ward) -> None:
        """[ACC-6]"""
        assert (await ward.http.get("/livez")).headers["Strict-Transport-Security"] == "max-age=31536000"


async def test_tls_that_ends_at_us_or_a_proxy_is_seen_without_a_setting(ward: Ward) -> None:
    """[ACC-6] The scheme of the request decides too."""
    app = build_app(ward.settings, ward.stores, clock=ward.clock, entropy=ward.entropy)
    await ward.person("ada", password=PASSWORD)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=f"https://{HOST}") as http:
        answer = await http.post("/api/sign-in", json=GOOD)
        assert answer.headers["set-cookie"].startswith("__Host-consilium_session=")
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
        assert (await http.get("/api/me")).status_code == 200
