"""Sign-ins in SQL: what tells one session credential from another. Their rows go with the credential's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from sqlalchemy import Connection, delete, insert, select, update

from storage.audit import record
from storage.database import Database
from storage.events import signed_out
from storage.notices import leave
from storage.ports import CredentialKind, Seen, SignIn, SignInId
from storage.tables import credentials, sign_ins
from workspace.audit import SYSTEM, Cause, Event
from workspace.errors import NotFound
from workspace.ids import Millis, PersonId

ENDED_TOGETHER = (CredentialKind.SESSION, CredentialKind.TICKET, CredentialKind.LINK, CredentialKind.DEVICE)
"""What `end_all` ends. Bearer tokens are made by operators for programs, and end one by one."""


class SqlSignIns:
    """`storage.ports.SignIns` on a Database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, digest: bytes, sign_in: SignInId, agent: str, seen: Seen) -> None:
        """See the port."""
        row = {"digest": digest, "id": sign_in, "agent": agent, "address": seen.address, "seen_at": seen.at}
        await self._database.write(partial(_note, row=row, digest=digest))

    async def seen(self, used: Mapping[bytes, Seen]) -> None:
        """See the port."""
        if used:
            await self._database.write(partial(_seen, used=dict(used)))

    async def of(self, person: PersonId, now: Millis) -> Sequence[SignIn]:
        """See the port."""
        query = (
            select(sign_ins, credentials.c.created_at, credentials.c.expires_at)
            .join(credentials)
            .where(credentials.c.person == person, credentials.c.expires_at > now)
            .order_by(sign_ins.c.seen_at.desc(), sign_ins.c.id)
        )
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return [
            SignIn(
                SignInId(row.id),
                row.digest,
                row.agent,
                row.address,
                Millis(row.created_at),
                Millis(row.seen_at),
                Millis(row.expires_at),
            )
            for row in rows
        ]

    async def end(self, person: PersonId, sign_in: SignInId, cause: Cause = SYSTEM) -> None:
        """See the port."""
        await self._database.write(partial(_end, person=person, sign_in=sign_in, cause=cause))

    async def end_all(self, person: PersonId, keep: bytes | None, cause: Cause = SYSTEM) -> None:
        """See the port."""
        event = signed_out(person, None, cause)
        await self._database.write(
            partial(end_credentials, person=person, kinds=ENDED_TOGETHER, keep=keep, event=event)
        )


def end_credentials(
    connection: Connection, *, person: PersonId, kinds: Sequence[CredentialKind], keep: bytes | None, event: Event
) -> None:
    """Part of the transaction of whoever ends a person's access; records it and leaves the one notice for it."""
    ended = delete(credentials).where(credentials.c.person == person, credentials.c.kind.in_(kinds))
    connection.execute(ended if keep is None else ended.where(credentials.c.digest != keep))
    record(connection, event)
    leave(connection, person, None)


def _note(connection: Connection, row: dict[str, object], digest: bytes) -> None:
    alive = select(credentials.c.digest).where(credentials.c.digest == digest).with_for_update()
    if connection.execute(alive).first() is None:
        raise NotFound
    connection.execute(insert(sign_ins).values(row))


def _seen(connection: Connection, used: dict[bytes, Seen]) -> None:
    for digest, last in sorted(used.items()):  # in one order: two nodes may have seen the same people
        own = (sign_ins.c.digest == digest, sign_ins.c.seen_at < last.at)
        connection.execute(update(sign_ins).where(*own).values(address=last.address, seen_at=last.at))


def _end(connection: Connection, person: PersonId, sign_in: SignInId, cause: Cause) -> None:
    query = select(credentials.c.digest).join(sign_ins).where(sign_ins.c.id == sign_in, credentials.c.person == person)
    digest = connection.execute(query).scalar_one_or_none()
    if digest is None:
        raise NotFound
    connection.execute(delete(credentials).where(credentials.c.digest == digest))
    record(connection, signed_out(person, sign_in, cause))
    leave(connection, person, None)
