"""The post office: takes mails from the queue, writes them and hands them to the mail server (SMTP, RFC 5321). [ACC-14]

A mail waits as "this kind, for this address"; the secret in a reset mail is made when it is sent, so none waits
anywhere. A mail server that is dead, slow or refuses costs one task its time and nobody else anything: the mail is
tried again, later and later, until it is too old to be of use.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr

import aiosmtplib
import structlog

from server.access import Clock
from server.entrance import HOUR_MILLIS, Entropy, grant, make_secret
from server.logs import trace
from server.mail_words import words_for
from server.settings import Settings
from storage.ports import CredentialKind, Mail, MailKind, Stores
from workspace.case import Person
from workspace.ids import Millis

RESET_MILLIS = HOUR_MILLIS
GIVE_UP_MILLIS = 4 * HOUR_MILLIS
"""Nobody waits longer for a reset link; whoever still needs one asks again."""
WAITS_SECONDS = (5, 15, 60, 180, 600, 900)
"""Before the second try, the third, …; the last one repeats."""
AT_ONCE = 20
LOOK_SECONDS = 5.0
"""How often the queue is looked at when nobody rings."""

log = structlog.stdlib.get_logger(__name__)


class PostOffice:
    """One per server; the queue in the database is shared."""

    def __init__(self, settings: Settings, stores: Stores, *, clock: Clock, entropy: Entropy) -> None:
        self._settings = settings
        self._stores = stores
        self._clock = clock
        self._entropy = entropy
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """There is something to send."""
        self._rung.set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Send what is due until the block ends; what is being sent then is broken off, and due again."""
        if self._settings.smtp_host is None:
            yield
            return
        async with asyncio.TaskGroup() as tasks:
            working = tasks.create_task(self._work())
            try:
                yield
            finally:
                working.cancel()

    async def send_due(self) -> int:
        """Try everything that is due, once, several at a time; how many were sent."""
        due = await self._stores.mails.due(self._clock(), AT_ONCE)
        return sum(await asyncio.gather(*[self._try(mail) for mail in due]))

    async def _work(self) -> None:
        while True:
            try:
                await self.send_due()
            except Exception as error:  # the store, mostly; later mails must be sent
                log.warning("post.failed", trace=trace(error))
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._rung.wait()
            except TimeoutError:
                pass
            self._rung.clear()

    async def _try(self, mail: Mail) -> bool:
        found = await self._stores.people.find_by_email(mail.email)
        account = await self._stores.accounts.find(found[0].id) if found else None
        if account is None or not account.is_active:
            await self._stores.mails.done(mail.id)  # nobody is told that there is nobody
            return False
        try:
            await self._send(await self._write(mail.kind, account.person), account.person)
        except Exception as error:  # SMTP, network, or an address that no header can hold: other mails must go out
            await self._postpone(mail, error)
            return False
        await self._stores.mails.done(mail.id)
        log.info("post.sent", kind=mail.kind, person=account.person.id, tries=mail.tries + 1)
        return True

    async def _postpone(self, mail: Mail, error: Exception) -> None:
        now = self._clock()
        wait = WAITS_SECONDS[min(mail.tries, len(WAITS_SECONDS) - 1)]
        gives_up = now - mail.asked_at > GIVE_UP_MILLIS or _is_for_good(error)
        log.warning(
            "post.refused",
            kind=mail.kind,
            error=type(error).__name__,
            code=getattr(error, "code", None),  # of SMTP: 535 is our password, 554 our sender
            tries=mail.tries + 1,
            gives_up=gives_up,
        )
        if gives_up:
            await self._stores.mails.done(mail.id)
        else:
            await self._stores.mails.later(mail.id, Millis(now + wait * 1000))

    async def _write(self, kind: MailKind, person: Person) -> EmailMessage:
        settings, now = self._settings, self._clock()
        link = f"{settings.public_url}/sign-in"
        if kind is MailKind.RESET:
            secret = make_secret(self._entropy)
            until = Millis(now + RESET_MILLIS)
            await grant(self._stores.people, CredentialKind.RESET, secret, person.id, now=now, until=until)
            link = f"{settings.public_url}/reset#{secret}"  # what follows # never reaches a log or another server
        profile = (await self._stores.profiles.of([person.id]))[person.id]
        words = words_for(kind, profile.language)
        name, sender = parseaddr(settings.mail_from or "")
        message = EmailMessage()
        message["Subject"] = words.subject
        message["From"] = Address(name, addr_spec=sender)
        message["To"] = Address(person.name, addr_spec=person.email)
        message["Date"] = format_datetime(datetime.fromtimestamp(now / 1000, UTC))
        message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(words.text.format(name=person.name, link=link))
        return message

    async def _send(self, message: EmailMessage, person: Person) -> None:
        settings = self._settings
        password = settings.smtp_password
        async with asyncio.timeout(settings.smtp_seconds):  # the whole of it: a slow server answers each line in time
            await aiosmtplib.send(
                message,
                recipients=[person.email],
                hostname=settings.smtp_host,
                port=settings.smtp_port,
                username=settings.smtp_user,
                password=password.get_secret_value() if password else None,
                use_tls=settings.smtp_tls == "tls",
                start_tls=settings.smtp_tls == "starttls",
                cert_bundle=str(settings.smtp_ca_file) if settings.smtp_ca_file else None,
                timeout=settings.smtp_seconds,
            )


def _is_for_good(error: Exception) -> bool:
    """Whether the server said that it will never take this mail: an address that does not exist there. A refused
    sign-in or sender is ours to mend, and the mail waits for it."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return all(500 <= refused.code < 600 for refused in error.recipients)
    return False
