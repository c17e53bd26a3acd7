"""The post office: takes mails from the queue, writes them and hands them to the mail server (SMTP, RFC 5321). [ACC-14]

A mail waits as "this kind, for this address"; the secret in a reset mail is made when it is sent, so none waits
anywhere. A mail server that is dead, slow or refuses costs one task its time and nobody else anything: the mail is
tried again, later and later, until it is too old to be of use.

In the whole cluster one process sends, and each mail is claimed for longer than sending it may take. Whoever dies
between the mail server's yes and our note of it leaves the mail to be sent again, under the same Message-ID: a link
twice is better than none (docs/adr/0010). [NODE-7]
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

import aiosmtplib
import structlog

from server.access import Clock
from server.background import Done, Duty
from server.entrance import HOUR_MILLIS, Entropy, grant, make_secret
from server.mail_words import words_for
from server.settings import Settings
from storage.ports import CredentialKind, Lease, Mail, MailKind, Stores
from workspace.audit import SYSTEM
from workspace.case import Person
from workspace.ids import Millis

RESET_MILLIS = HOUR_MILLIS
GIVE_UP_MILLIS = 4 * HOUR_MILLIS
"""Nobody waits longer for a reset link; whoever still needs one asks again."""
WAITS_SECONDS = (5, 15, 60, 180, 600, 900)
"""Before the second try, the third, …; the last one repeats."""
AT_ONCE = 20
LOOK_SECONDS = 2.0
"""How often the queue is looked at when nobody rings."""
CLAIM_SECONDS = 10.0
"""How much longer than the mail server's time a mail is claimed, for what the store takes."""

log = structlog.stdlib.get_logger(__name__)


class PostOffice:
    """One per server; the queue in the database is shared."""

    def __init__(self, settings: Settings, stores: Stores, *, clock: Clock, entropy: Entropy) -> None:
        self._settings = settings
        self._stores = stores
        self._clock = clock
        self._entropy = entropy
        self.duty = Duty("mail", LOOK_SECONDS, self._look)

    def ring(self) -> None:
        """There is something to send."""
        self.duty.rung.set()

    async def send_due(self, lease: Lease) -> int:
        """Try everything that is due, once, several at a time; how many were sent. Raises: Conflict (the lease is
        lost), StorageUnavailable."""
        now = self._clock()
        if not await self._stores.mails.due(now, 1):  # reading costs nothing, claiming a transaction
            return 0
        patience = self._settings.smtp_seconds + CLAIM_SECONDS
        give_up_at = asyncio.get_running_loop().time() + patience
        claimed = await self._stores.mails.claim(lease, now, Millis(now + round(patience * 1000)), AT_ONCE)
        return sum(await asyncio.gather(*[self._try_in_time(mail, give_up_at) for mail in claimed]))

    async def _look(self, lease: Lease) -> Done:
        sent = await self.send_due(lease)
        oldest = await self._stores.mails.oldest()
        return Done(sent, 0.0 if oldest is None else max(self._clock() - oldest, 0) / 1000)

    async def _try_in_time(self, mail: Mail, give_up_at: float) -> bool:
        """Not beyond the claim: whoever froze over a mail must not send it when somebody else may have."""
        try:
            async with asyncio.timeout_at(give_up_at):
                return await self._try(mail)
        except TimeoutError:
            log.warning("post.claim_ended", kind=mail.kind)
            return False

    async def _try(self, mail: Mail) -> bool:
        found = await self._stores.people.find_by_email(mail.email)
        account = await self._stores.accounts.find(found[0].id) if found else None
        if account is None or not account.is_active:
            await self._stores.mails.done(mail.id)  # nobody is told that there is nobody
            return False
        try:
            await self._send(await self._write(mail, account.person), account.person)
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

    async def _write(self, mail: Mail, person: Person) -> EmailMessage:
        settings, now = self._settings, self._clock()
        link = f"{settings.public_url}/sign-in"
        if mail.kind is MailKind.RESET:
            secret = make_secret(self._entropy)
            until = Millis(now + RESET_MILLIS)
            await grant(
                self._stores.people, CredentialKind.RESET, secret, person.id, now=now, until=until, cause=SYSTEM
            )
            link = f"{settings.public_url}/reset#{secret}"  # what follows # never reaches a log or another server
        profile = (await self._stores.profiles.of([person.id]))[person.id]
        words = words_for(mail.kind, profile.language)
        name, sender = parseaddr(settings.mail_from or "")
        message = EmailMessage()
        message["Subject"] = words.subject
        message["From"] = Address(name, addr_spec=sender)
        message["To"] = Address(person.name, addr_spec=person.email)
        message["Date"] = format_datetime(datetime.fromtimestamp(now / 1000, UTC))
        message["Message-ID"] = f"<{mail.kind}.{mail.id}.{mail.asked_at}@{sender.rpartition('@')[2]}>"
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
