"""The queue of mails in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import partial

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from storage import leases
from storage.audit import record
from storage.database import Database
from storage.ports import Lease, Mail, MailKind
from storage.ports.mails import MOST_MAILS
from storage.tables import mails
from workspace.audit import SYSTEM, Action, Cause, Event
from workspace.errors import TooMany
from workspace.ids import Millis


class SqlMails:
    """`storage.ports.Mails` on a Database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def ask(self, kind: MailKind, email: str, at: Millis, cause: Cause = SYSTEM) -> None:
        """See the port."""
        with suppress(IntegrityError):  # somebody asked for the same in the meantime
            await self._database.write(partial(_ask, kind=kind, email=email, at=at, cause=cause))

    async def due(self, now: Millis, limit: int) -> Sequence[Mail]:
        """See the port."""
        return await self._database.read(partial(_due, now=now, limit=limit))

    async def claim(self, lease: Lease, now: Millis, until: Millis, limit: int) -> Sequence[Mail]:
        """See the port."""

        def write(connection: Connection) -> Sequence[Mail]:
            leases.expect(connection, lease)
            claimed = _due(connection, now, limit)
            ids = [mail.id for mail in claimed]
            connection.execute(update(mails).where(mails.c.id.in_(ids)).values(next_at=until))
            return claimed

        return await self._database.write(write)

    async def oldest(self) -> Millis | None:
        """See the port."""
        query = select(func.min(mails.c.asked_at))
        return await self._database.read(lambda connection: connection.execute(query).scalar_one())

    async def later(self, mail: int, next_at: Millis) -> None:
        """See the port."""
        change = update(mails).where(mails.c.id == mail).values(tries=mails.c.tries + 1, next_at=next_at)
        await self._database.write(lambda connection: connection.execute(change))

    async def done(self, mail: int) -> None:
        """See the port."""
        await self._database.write(lambda connection: connection.execute(delete(mails).where(mails.c.id == mail)))


def _due(connection: Connection, now: Millis, limit: int) -> Sequence[Mail]:
    query = select(mails).where(mails.c.next_at <= now).order_by(mails.c.next_at, mails.c.id).limit(limit)
    rows = connection.execute(query).all()
    return [Mail(row.id, MailKind(row.kind), row.email, Millis(row.asked_at), row.tries) for row in rows]


def _ask(connection: Connection, *, kind: MailKind, email: str, at: Millis, cause: Cause) -> None:
    waits = select(mails.c.id).where(mails.c.kind == kind, mails.c.email_folded == email.casefold())
    if connection.execute(waits).first() is not None:
        return
    if connection.execute(select(func.count()).select_from(mails)).scalar_one() >= MOST_MAILS:
        raise TooMany(retry_after_seconds=60)
    row = {
        "kind": kind,
        "email": email,
        "email_folded": email.casefold(),
        "asked_at": at,
        "tries": 0,
        "next_at": at,
    }
    connection.execute(insert(mails).values(row))
    if kind is MailKind.RESET:
        record(connection, Event(Action.RESET_ASKED, cause))
