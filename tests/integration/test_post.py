"""The post office at real mail servers: good ones, and dead, slow, refusing and impostor ones."""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from server.background import Background
from server.post import GIVE_UP_MILLIS, PostOffice
from server.settings import load_settings
from server.work_meters import WorkMeters
from storage.memory import memory_stores
from storage.ports import Holder, MailKind, Profile, Stores
from tests.api.conftest import NOW, Entropy, FakeClock
from tests.integration.mail_server import LetterBox, certificate, mail_server, silent_server
from tests.servers import free_port
from workspace.case import Person, Standing
from workspace.ids import Millis, PersonId

ADA = Person(PersonId("a" * 16), "ada@example.org", "Ada Lovelace", Standing.CLINICIAN)
PUBLIC = "https://consilium.example"


@dataclass
class Office:
    """A post office that this test opens and closes."""

    stores: Stores
    clock: FakeClock
    entropy: Entropy

    def at(self, port: int, **more: str) -> PostOffice:
        """With a mail server at this port."""
        environment = {
            "CONSILIUM_SMTP_HOST": "127.0.0.1",
            "CONSILIUM_SMTP_PORT": str(port),
            "CONSILIUM_SMTP_TLS": "none",
            "CONSILIUM_MAIL_FROM": "Consilium at St Elsewhere <consilium@hospital.example>",
            "CONSILIUM_PUBLIC_URL": PUBLIC,
            "CONSILIUM_SMTP_SECONDS": "5",
        }
        given = {f"CONSILIUM_{name.upper()}": value for name, value in more.items()}
        return PostOffice(load_settings(environment | given), self.stores, clock=self.clock, entropy=self.entropy)

    async def send(self, port: int, **more: str) -> int:
        """All that is due, by whoever may send now; how many were sent."""
        lease = await self.stores.leases.acquire("mail", Holder("a process"), 60.0)
        assert lease is not None
        return await self.at(port, **more).send_due(lease)

    def work(self, port: int) -> AbstractAsyncContextManager[None]:
        """As a running server does."""
        duties = [self.at(port).duty]
        meters = WorkMeters(CollectorRegistry())
        return Background(self.stores.leases, Holder("a server"), duties, meters).running()

    async def ask(self, email: str = ADA.email, kind: MailKind = MailKind.RESET) -> None:
        await self.stores.mails.ask(kind, email, self.clock())

    async def waiting(self) -> int:
        """How many mails wait, whenever they are due."""
        return len(await self.stores.mails.due(Millis(self.clock() + 10 * GIVE_UP_MILLIS), 99))


@pytest.fixture
async def office() -> Office:
    stores = memory_stores()
    await stores.people.add(ADA, "$hash", NOW)
    return Office(stores, FakeClock(), Entropy())


async def test_a_reset_mail_brings_a_link_that_works(office: Office) -> None:
    """[ACC-13] [ACC-14] To the public address, as plain text, and it is good for an hour from now."""
    box = LetterBox()
    with mail_server(box) as port:
        await office.ask()
        office.clock.advance(90)
        assert await office.send(port) == 1
    (mail,) = box.mails
    assert mail["From"] == "Consilium at St Elsewhere <consilium@hospital.example>"
    assert mail["To"] == "Ada Lovelace <ada@example.org>"
    assert mail["Subject"] == "Choose a new password for Consilium"
    assert mail["Auto-Submitted"] == "auto-generated"
    found = re.search(rf"{PUBLIC}/reset#([\w-]{{43}})", mail.get_content())
    assert found is not None
    reset = await office.stores.accounts.reset_password(
        sha256(found[1].encode()).digest(), "$new", Millis(office.clock() + 3_599_999)
    )
    assert reset == ADA
    assert await office.waiting() == 0


@pytest.mark.parametrize(
    ("language", "subject"),
    [
        ("es", "Elija una nueva contraseña para Consilium"),
        ("es-MX", "Elija una"),
        ("fi", "Choose a new"),
        (None, "Cho"),
    ],
)
async def test_a_mail_is_in_its_reader_s_language(office: Office, language: str | None, subject: str) -> None:
    """[ACC-13] Also a name that no ASCII holds; a language that we do not write gets English."""
    box = LetterBox()
    await office.stores.profiles.tell(ADA.id, "Zoë {link} 林", Profile(language=language))
    with mail_server(box) as port:
        await office.ask()
        await office.ask(kind=MailKind.CHANGED)
        assert await office.send(port) == 2
    assert str(box.mails[0]["Subject"]).startswith(subject) or str(box.mails[1]["Subject"]).startswith(subject)
    assert all("Zoë {link} 林" in mail.get_content() for mail in box.mails)


async def test_an_unknown_address_and_one_who_was_deactivated_get_nothing(office: Office) -> None:
    """[ACC-12] And nothing waits for them any more."""
    box = LetterBox()
    await office.stores.accounts.set_active(ADA.id, active=False, at=NOW)
    with mail_server(box) as port:
        await office.ask()
        await office.ask("nobody@example.org")
        assert await office.send(port) == 0
    assert box.mails == []
    assert await office.waiting() == 0


async def test_a_dead_server_loses_nothing_and_the_mail_goes_out_when_it_is_back(office: Office) -> None:
    """[ACC-14] Tried again, later and later; a new process finds it too."""
    port, box = free_port(), LetterBox()
    await office.ask()
    for wait in (5, 15, 60):
        assert await office.send(port) == 0
        assert await office.waiting() == 1
        assert await office.send(port) == 0  # not due yet: nothing is tried
        office.clock.advance(wait)
    with mail_server(box, port=port):
        assert await office.send(port) == 1
    assert len(box.mails) == 1
    assert await office.waiting() == 0


async def test_a_server_that_says_nothing_is_left_in_time(office: Office) -> None:
    """[ACC-14] Twenty mails cost as long as one, and all of them wait."""
    for number in range(20):
        person = Person(PersonId(f"{number:016}"), f"{number}@example.org", "N", Standing.CLINICIAN)
        await office.stores.people.add(person, None, NOW)
        await office.ask(person.email)
    started = time.monotonic()
    with silent_server() as port:
        assert await office.send(port, smtp_seconds="0.5") == 0
    assert time.monotonic() - started < 5
    assert await office.waiting() == 20


@pytest.mark.parametrize("answer", ["451 try later", "552 full", "554 no", "421 closing"])
async def test_a_server_that_refuses_is_asked_again(office: Office, answer: str) -> None:
    """[ACC-14] A refused mail may be our setting, or theirs: it waits for whoever mends it."""
    box = LetterBox(answer=answer)
    with mail_server(box) as port:
        await office.ask()
        assert await office.send(port) == 0
        assert await office.waiting() == 1
        box.answer = "250 OK"
        office.clock.advance(5)
        assert await office.send(port) == 1


async def test_an_address_that_is_none_there_is_given_up(office: Office) -> None:
    """[ACC-14] 550 for the recipient is for good; 450 is not."""
    box = LetterBox(recipient_answer="450 greylisted")
    with mail_server(box) as port:
        await office.ask()
        await office.send(port)
        assert await office.waiting() == 1
        box.recipient_answer = "550 no such user"
        office.clock.advance(5)
        await office.send(port)
        assert await office.waiting() == 0


async def test_a_mail_that_is_too_old_is_given_up(office: Office) -> None:
    """[ACC-14] Nobody waits four hours for a link; the queue does not fill for ever."""
    port = free_port()
    await office.ask()
    tries = 0
    while await office.waiting():
        tries += 1
        await office.send(port)
        office.clock.advance(900)
    assert 15 < tries < 30


async def test_one_mail_that_cannot_be_written_holds_up_no_other(office: Office) -> None:
    """[ACC-14] An address that no mail server can take."""
    odd = Person(PersonId("o" * 16), "ö\u200b@exa mple", "Odd", Standing.CLINICIAN)
    await office.stores.people.add(odd, None, NOW)
    box = LetterBox()
    with mail_server(box) as port:
        await office.ask(odd.email)
        await office.ask()
        assert await office.send(port) == 1
    assert [mail["To"] for mail in box.mails] == ["Ada Lovelace <ada@example.org>"]


async def test_a_name_is_no_header(office: Office) -> None:
    """[ACC-13] Whatever somebody calls themselves."""
    box = LetterBox()
    sly = replace(ADA, name='Ada" <eve@evil.test>, "x')
    await office.stores.profiles.tell(ADA.id, sly.name, Profile())
    with mail_server(box) as port:
        await office.ask()
        await office.send(port)
    (mail,) = box.mails
    assert [address.addr_spec for address in mail["To"].addresses] == ["ada@example.org"]


class TestTls:
    @pytest.mark.parametrize("mode", ["tls", "starttls"])
    async def test_a_server_with_a_certificate_we_trust_gets_the_mail(
        self, office: Office, tmp_path: Path, mode: str
    ) -> None:
        """[ACC-14] After STARTTLS with our user name and password; aiosmtpd asks for none on a port that begins with
        TLS."""
        file, context = certificate(tmp_path)
        box, given = LetterBox(), {"smtp_ca_file": str(file), "smtp_tls": mode}
        with contextlib.ExitStack() as stack:
            if mode == "tls":
                port = stack.enter_context(mail_server(box, tls=context))
            else:
                port = stack.enter_context(mail_server(box, starttls=context, password="hunter2"))
                given |= {"smtp_user": "consilium", "smtp_password": "hunter2"}
            await office.ask()
            assert await office.send(port, **given) == 1
        assert len(box.mails) == 1

    @pytest.mark.parametrize("mode", ["tls", "starttls"])
    async def test_an_impostor_gets_neither_mail_nor_password(self, office: Office, tmp_path: Path, mode: str) -> None:
        """[ACC-14] A certificate that nobody vouches for; the mail waits."""
        _, context = certificate(tmp_path)
        box = LetterBox()
        contexts = {"tls": context} if mode == "tls" else {"starttls": context}
        with mail_server(box, **contexts) as port:  # type: ignore[arg-type]
            await office.ask()
            assert await office.send(port, smtp_tls=mode) == 0
        assert box.mails == []
        assert await office.waiting() == 1

    async def test_a_server_without_starttls_gets_nothing_in_the_clear(self, office: Office) -> None:
        """[ACC-14] Somebody on the way may have cut the offer out."""
        box = LetterBox()
        with mail_server(box) as port:
            await office.ask()
            assert await office.send(port, smtp_tls="starttls") == 0
        assert box.mails == []

    async def test_a_wrong_password_waits_for_the_right_one(self, office: Office, tmp_path: Path) -> None:
        """[ACC-14]"""
        file, context = certificate(tmp_path)
        box = LetterBox()
        with mail_server(box, starttls=context, password="hunter2") as port:
            await office.ask()
            for password, sent in (("wrong", 0), ("hunter2", 1)):
                given = {"smtp_ca_file": str(file), "smtp_user": "c", "smtp_password": password}
                assert await office.send(port, smtp_tls="starttls", **given) == sent
                office.clock.advance(5)


async def test_it_works_by_itself_while_the_server_runs(office: Office) -> None:
    """[ACC-14] Rung for what is asked, and ended at once in the middle of a stalled mail; that one still waits."""
    box = LetterBox()
    with mail_server(box) as port:
        async with office.work(port):
            await office.ask()
            assert await asyncio.to_thread(box.arrived.wait, 10)
    with silent_server() as port:
        await office.ask(kind=MailKind.CHANGED)
        started = time.monotonic()
        async with office.work(port):
            await asyncio.sleep(0)
        assert time.monotonic() - started < 3
    assert await office.waiting() >= 1


async def test_no_secret_waits_in_the_queue(office: Office) -> None:
    """[ACC-14] It is made when the mail is sent."""
    await office.ask()
    (mail,) = await office.stores.mails.due(office.clock(), 9)
    assert (mail.kind, mail.email, mail.tries) == (MailKind.RESET, "ada@example.org", 0)
