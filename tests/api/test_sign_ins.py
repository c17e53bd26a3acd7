"""GET and DELETE /api/me/sign-ins, and /api/me/sign-ins/{sign_in}."""

from __future__ import annotations

import pytest

from server.sign_ins import BROWSERS, SYSTEMS, first_of
from storage.ports import CredentialKind
from tests.api.conftest import NOW, ORIGIN, PASSWORD, Ward
from workspace.case import Person

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.5 Mobile/15E148 Safari/604.1"
)


async def sign_in(ward: Ward, person: Person, agent: str) -> dict[str, str]:
    """A browser's headers for unsafe requests."""
    ward.http.cookies.clear()
    body = {"email": person.email, "password": PASSWORD}
    answer = await ward.http.post("/api/sign-in", json=body, headers={"User-Agent": agent})
    assert answer.status_code == 200
    cookie = f"consilium_session={ward.http.cookies['consilium_session']}"
    ward.http.cookies.clear()
    return {"Cookie": cookie, "Origin": ORIGIN}


async def test_it_says_in_plain_words_where_one_is_signed_in(ward: Ward) -> None:
    """[ACC-8] Last used first, this one marked."""
    ada = await ward.person("ada", password=PASSWORD)
    desk = await sign_in(ward, ada, FIREFOX)
    ward.clock.advance(60)
    phone = await sign_in(ward, ada, IPHONE)
    ward.clock.advance(60)
    found = (await ward.http.get("/api/me/sign-ins", headers=desk)).json()["sign_ins"]
    assert [(each["browser"], each["system"], each["is_this"]) for each in found] == [
        ("Firefox", "Linux", True),
        ("Safari", "iPhone", False),
    ]
    assert [(each["since"], each["seen_at"]) for each in found] == [(NOW, NOW + 120_000), (NOW + 60_000,) * 2]
    assert {each["address"] for each in found} == {"127.0.0.1"}
    assert {each["expires_at"] for each in found} == {NOW + 12 * 3_600_000, NOW + 60_000 + 12 * 3_600_000}
    ward.clock.advance(60)
    assert (await ward.http.get("/api/me/sign-ins", headers=phone)).json()["sign_ins"][0]["is_this"]


async def test_ending_one_ends_it_at_once_and_open_rooms_hear_of_it(ward: Ward) -> None:
    """[ACC-8]"""
    ada = await ward.person("ada", password=PASSWORD)
    desk, phone = await sign_in(ward, ada, FIREFOX), await sign_in(ward, ada, IPHONE)
    found = (await ward.http.get("/api/me/sign-ins", headers=desk)).json()["sign_ins"]
    (lost,) = [each["id"] for each in found if not each["is_this"]]
    before = await ward.stores.notices.latest()
    left = await ward.http.delete(f"/api/me/sign-ins/{lost}", headers=desk)
    assert [each["is_this"] for each in left.json()["sign_ins"]] == [True]
    assert [notice.person for notice in await ward.stores.notices.since(before)] == [ada.id]
    assert (await ward.http.get("/api/me", headers=phone)).status_code == 401
    assert (await ward.http.get("/api/me", headers=desk)).status_code == 200
    assert (await ward.http.delete(f"/api/me/sign-ins/{lost}", headers=desk)).status_code == 404


async def test_nobody_ends_somebody_else_s(ward: Ward) -> None:
    """[ACC-8] It looks like one that is not there."""
    ada, ben = await ward.person("ada", password=PASSWORD), await ward.person("ben", password=PASSWORD)
    adas, bens = await sign_in(ward, ada, FIREFOX), await sign_in(ward, ben, FIREFOX)
    (own,) = (await ward.http.get("/api/me/sign-ins", headers=adas)).json()["sign_ins"]
    assert (await ward.http.delete(f"/api/me/sign-ins/{own['id']}", headers=bens)).status_code == 404
    assert (await ward.http.get("/api/me", headers=adas)).status_code == 200


async def test_signing_out_everywhere_else_leaves_this_one(ward: Ward) -> None:
    """[ACC-8] Links end as well: whoever holds one could come back by it. Tokens of programs stay."""
    ada = await ward.person("ada", password=PASSWORD)
    desk, phone = await sign_in(ward, ada, FIREFOX), await sign_in(ward, ada, IPHONE)
    link, token = await ward.credential(ada, CredentialKind.LINK), await ward.as_(ada)
    left = await ward.http.delete("/api/me/sign-ins", headers=desk)
    assert [each["is_this"] for each in left.json()["sign_ins"]] == [True]
    assert (await ward.http.get("/api/me", headers=phone)).status_code == 401
    assert (await ward.http.post("/api/sign-in", json={"link": link})).status_code == 401
    assert (await ward.http.get("/api/me", headers=token)).status_code == 200


@pytest.mark.parametrize(
    ("agent", "browser", "system"),
    [
        (FIREFOX, "Firefox", "Linux"),
        (IPHONE, "Safari", "iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/143.0 Safari/537.36 Edg/143.0", "Edge", "Windows"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/143.0 Safari/537.36", "Chrome", "Windows"),
        ("Mozilla/5.0 (Linux; Android 16; Pixel 9) Chrome/143.0 Mobile Safari/537.36", "Chrome", "Android"),
        ("Mozilla/5.0 (Linux; Android 15) SamsungBrowser/28.0 Chrome/130.0", "Samsung Internet", "Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18 Safari/605.1.15", "Safari", "macOS"),
        ("Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) CriOS/143.0 Safari/604.1", "Chrome", "iPad"),
        ("Mozilla/5.0 (X11; CrOS x86_64) Chrome/143.0 Safari/537.36", "Chrome", "ChromeOS"),
        ("curl/8.14", None, None),
        ("", None, None),
    ],
)
def test_a_device_has_a_name_that_people_know(agent: str, browser: str | None, system: str | None) -> None:
    """[ACC-8] Browsers claim to be each other; the most particular name counts."""
    assert (first_of(BROWSERS, agent), first_of(SYSTEMS, agent)) == (browser, system)
