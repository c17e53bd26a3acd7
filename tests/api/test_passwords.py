"""PUT /api/me/password, /api/password-strength and /api/password-resets."""

from __future__ import annotations

import asyncio
import time

import httpx
import pytest

from server.passwords import Weakness, rate
from storage.ports import CredentialKind, MailKind
from tests.api.conftest import ORIGIN, PASSWORD, Ward
from workspace.case import Person

NEW = "violet-harbour-tricycle-9"
HOUR = 3_600


@pytest.fixture
def environment() -> dict[str, str]:
    return {
        "CONSILIUM_SMTP_HOST": "127.0.0.1",
        "CONSILIUM_MAIL_FROM": "Consilium <consilium@hospital.example>",
        "CONSILIUM_PUBLIC_URL": ORIGIN,
    }


async def signed_in(ward: Ward, name: str = "ada") -> tuple[Person, dict[str, str]]:
    """A person with a session of the page."""
    person = await ward.person(name, password=PASSWORD)
    session = await ward.credential(person, CredentialKind.SESSION)
    return person, {"Cookie": f"consilium_session={session}", "Origin": ORIGIN}


async def can_sign_in(ward: Ward, password: str, name: str = "ada") -> bool:
    answer = await ward.http.post("/api/sign-in", json={"email": f"{name}@example.org", "password": password})
    ward.http.cookies.clear()
    return answer.status_code == 200


class TestChange:
    async def test_the_new_one_counts_and_other_sign_ins_end(self, ward: Ward) -> None:
        """[ACC-10] This one stays; the owner gets a mail about it."""
        ada, desk = await signed_in(ward)
        other = {"Cookie": f"consilium_session={await ward.credential(ada, CredentialKind.SESSION)}"}
        answer = await ward.http.put("/api/me/password", json={"old": PASSWORD, "password": NEW}, headers=desk)
        assert answer.status_code == 204
        assert (await ward.http.get("/api/me", headers=desk)).status_code == 200
        assert (await ward.http.get("/api/me", headers=other)).status_code == 401
        assert (await can_sign_in(ward, PASSWORD), await can_sign_in(ward, NEW)) == (False, True)
        assert [mail.kind for mail in await ward.stores.mails.due(ward.clock(), 9)] == [MailKind.CHANGED]

    @pytest.mark.parametrize("old", ["", "wrong password", NEW])
    async def test_the_old_one_is_asked_for(self, ward: Ward, old: str) -> None:
        """[ACC-10] An unlocked desk is not enough."""
        _, desk = await signed_in(ward)
        answer = await ward.http.put("/api/me/password", json={"old": old, "password": NEW}, headers=desk)
        assert (answer.status_code, answer.json()["detail"]) == (400, "old: this is not your password")
        assert await can_sign_in(ward, PASSWORD)

    async def test_the_old_one_cannot_be_guessed_at_an_unlocked_desk(self, ward: Ward) -> None:
        """[ACC-10] As few tries as for a sign-in, wherever they come from."""
        _, desk = await signed_in(ward)
        body = {"old": "wrong password", "password": NEW}
        statuses = [(await ward.http.put("/api/me/password", json=body, headers=desk)).status_code for _ in range(12)]
        assert statuses == [400] * 10 + [429] * 2

    @pytest.mark.parametrize("new", ["", "short", "password1234", "ada@example.org", "x" * 1025])
    async def test_a_weak_one_is_refused_and_nothing_changes(self, ward: Ward, new: str) -> None:
        """[ACC-9] Too short, too common, one's own address, too long."""
        _, desk = await signed_in(ward)
        answer = await ward.http.put("/api/me/password", json={"old": PASSWORD, "password": new}, headers=desk)
        assert (answer.status_code, answer.json()["reason"]) == (400, "invalid-request")
        assert answer.json()["detail"].startswith("password: ")
        assert await can_sign_in(ward, PASSWORD)


class TestReset:
    async def test_a_link_says_whose_it_is_and_works_once(self, ward: Ward) -> None:
        """[ACC-11] Looking at it does not use it up; using it signs in here and out everywhere else."""
        ada, desk = await signed_in(ward)
        reset = await ward.credential(ada, CredentialKind.RESET)
        owner = {"name": "Ada", "email": "ada@example.org", "language": None}
        for _ in range(3):
            assert (await ward.http.post("/api/password-resets/owner", json={"reset": reset})).json() == owner
        body = {"reset": reset, "password": NEW}
        used = await ward.http.post("/api/password-resets/use", json=body)
        assert used.json()["person"]["id"] == ada.id
        assert (await ward.http.get("/api/me")).status_code == 200
        ward.http.cookies.clear()
        assert (await ward.http.get("/api/me", headers=desk)).status_code == 401
        again = await ward.http.post("/api/password-resets/use", json=body)
        looked = await ward.http.post("/api/password-resets/owner", json={"reset": reset})
        assert (again.status_code, looked.status_code) == (401, 401)
        assert (await can_sign_in(ward, PASSWORD), await can_sign_in(ward, NEW)) == (False, True)

    async def test_a_weak_password_does_not_use_the_link_up(self, ward: Ward) -> None:
        """[ACC-11] One who chose badly tries again."""
        ada, _ = await signed_in(ward)
        reset = await ward.credential(ada, CredentialKind.RESET)
        for password, status in (("password", 400), (NEW, 200)):
            body = {"reset": reset, "password": password}
            assert (await ward.http.post("/api/password-resets/use", json=body)).status_code == status

    async def test_a_link_ends_with_its_hour(self, ward: Ward) -> None:
        """[ACC-11]"""
        ada, _ = await signed_in(ward)
        reset = await ward.credential(ada, CredentialKind.RESET, seconds=HOUR)
        ward.clock.advance(HOUR)
        body = {"reset": reset, "password": NEW}
        assert (await ward.http.post("/api/password-resets/use", json=body)).status_code == 401

    @pytest.mark.parametrize("kind", [kind for kind in CredentialKind if kind is not CredentialKind.RESET])
    async def test_another_kind_of_secret_resets_nothing(self, ward: Ward, kind: CredentialKind) -> None:
        """[ACC-11]"""
        ada, _ = await signed_in(ward)
        body = {"reset": await ward.credential(ada, kind), "password": NEW}
        assert (await ward.http.post("/api/password-resets/use", json=body)).status_code == 401

    async def test_asking_does_the_same_for_everybody(self, ward: Ward) -> None:
        """[ACC-12] Same answer, same rows written: who it is, is looked up when it is sent."""
        await signed_in(ward)
        answers = []
        for email in ("ada@example.org", "nobody@example.org"):
            before = len(await ward.stores.mails.due(ward.clock(), 99))
            answers.append(await ward.http.post("/api/password-resets", json={"email": email}))
            assert len(await ward.stores.mails.due(ward.clock(), 99)) == before + 1
        assert [answer.status_code for answer in answers] == [202, 202]
        assert answers[0].content == answers[1].content == b""

    async def test_asking_again_and_again_fills_no_letter_box(self, ward: Ward) -> None:
        """[ACC-12] One mail a minute for an address; an address may ask as often as it may fail to sign in."""
        await signed_in(ward)
        body = {"email": "ada@example.org"}
        statuses = [(await ward.http.post("/api/password-resets", json=body)).status_code for _ in range(12)]
        assert statuses == [202] * 10 + [429] * 2
        assert len(await ward.stores.mails.due(ward.clock(), 99)) == 1

    async def test_the_page_is_told_that_mail_is_sent(self, ward: Ward) -> None:
        """[ACC-12]"""
        assert (await ward.http.get("/api/sign-in")).json() == {"reset_by_mail": True}

    async def test_a_page_of_another_origin_resets_nothing(self, ward: Ward) -> None:
        """[ACC-7]"""
        ada, _ = await signed_in(ward)
        reset = await ward.credential(ada, CredentialKind.RESET)
        evil = {"Origin": "http://evil.test"}
        for path, body in (
            ("/api/password-resets", {"email": "ada@example.org"}),
            ("/api/password-resets/owner", {"reset": reset}),
            ("/api/password-resets/use", {"reset": reset, "password": NEW}),
            ("/api/password-strength", {"reset": reset, "password": NEW}),
        ):
            assert (await ward.http.post(path, json=body, headers=evil)).status_code == 403


class TestWithoutMail:
    """No mail server is set."""

    @pytest.fixture
    def environment(self) -> dict[str, str]:
        return {}

    async def test_the_page_is_told_and_asking_is_refused(self, ward: Ward) -> None:
        """[ACC-12] For everybody alike; an administrator makes links."""
        assert (await ward.http.get("/api/sign-in")).json() == {"reset_by_mail": False}
        for email in ("ada@example.org", "nobody@example.org"):
            answer = await ward.http.post("/api/password-resets", json={"email": email})
            assert (answer.status_code, answer.json()["reason"]) == (409, "conflict")


class TestStrength:
    @pytest.mark.parametrize(
        ("password", "weakness"),
        [
            ("abc", Weakness.SHORT),
            ("password1234", Weakness.COMMON),
            ("Lovelace1815", Weakness.OWN),
            ("ada.lovelace@example.org", Weakness.OWN),
            ("qwertyuiop", Weakness.COMMON),
            ("aaaaaaaaaaaa", Weakness.REPEAT),
            ("zyxwvutsrq", Weakness.SEQUENCE),
            ("consilium", Weakness.OWN),
            (NEW, None),
            (PASSWORD, None),
        ],
    )
    def test_it_says_what_is_wrong(self, password: str, weakness: Weakness | None) -> None:
        """[ACC-9] With the person's own name and address in mind."""
        found = rate(password, ["Ada Lovelace", "ada.lovelace@example.org", "consilium"])
        assert (found.weakness, found.is_enough) == (weakness, weakness is None)

    @pytest.mark.parametrize("password", ["a" * 1024, "p4ssw0rd" * 128, "1@$" * 300, "é" * 1000, "\0" * 500])
    def test_long_ones_are_rated_in_no_time(self, password: str) -> None:
        """[ACC-9] zxcvbn's own time grows much faster than the length."""
        started = time.perf_counter()
        rate(password, ["x" * 200] * 50)
        assert time.perf_counter() - started < 2

    async def test_it_is_asked_by_who_is_signed_in_or_holds_a_link(self, ward: Ward) -> None:
        """[ACC-9]"""
        ada, desk = await signed_in(ward)
        expected = {"score": 0, "is_enough": False, "weakness": "own"}
        body = {"password": "ada@example.org"}
        assert (await ward.http.post("/api/password-strength", json=body, headers=desk)).json() == expected
        link = body | {"reset": await ward.credential(ada, CredentialKind.RESET)}
        assert (await ward.http.post("/api/password-strength", json=link)).json() == expected
        for unknown in (body, body | {"reset": "x"}):
            assert (await ward.http.post("/api/password-strength", json=unknown)).status_code == 401

    async def test_it_is_not_asked_without_end(self, ward: Ward) -> None:
        """[ACC-9]"""
        _, desk = await signed_in(ward)
        statuses = {
            (await ward.http.post("/api/password-strength", json={"password": "x"}, headers=desk)).status_code
            for _ in range(125)
        }
        assert statuses == {200, 429}


async def test_a_flood_of_sign_ins_is_told_to_come_back(ward: Ward) -> None:
    """[ACC-4] Checks that wait are bounded; what was let in is answered."""
    await ward.person("ada", password=PASSWORD)
    transport = ward.http._transport
    assert isinstance(transport, httpx.ASGITransport)

    async def guess(number: int) -> int:
        apart = httpx.ASGITransport(transport.app, client=(f"10.0.{number // 250}.{number % 250}", 1))
        async with httpx.AsyncClient(transport=apart, base_url=ORIGIN) as http:
            body = {"email": f"{number}@example.org", "password": "x"}
            return (await http.post("/api/sign-in", json=body)).status_code

    statuses = await asyncio.gather(*[guess(number) for number in range(80)])
    assert set(statuses) == {401, 429}
