"""What the keys of offline copies are made from, in SQL: the row goes with its credential."""

from __future__ import annotations

from functools import partial

from sqlalchemy import Connection, insert, select

from storage.audit import record
from storage.database import Database
from storage.events import of_account
from storage.tables import credentials, offline_keys
from workspace.audit import SYSTEM, Action, Cause
from workspace.errors import NotFound
from workspace.ids import Millis, PersonId


class SqlOfflineKeys:
    """`storage.ports.OfflineKeys` on a Database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def salt(self, credential: bytes, fresh: bytes, at: Millis, cause: Cause = SYSTEM) -> bytes:
        """See the port."""
        return await self._database.write(partial(_salt, credential=credential, fresh=fresh, at=at, cause=cause))


def _salt(connection: Connection, credential: bytes, fresh: bytes, at: Millis, cause: Cause) -> bytes:
    # The lock on the credential's row makes the second of two first callers wait and find what the first one kept.
    columns = credentials.c
    alive = select(columns.person).where(columns.digest == credential, columns.expires_at > at).with_for_update()
    person = connection.execute(alive).scalar_one_or_none()
    if person is None:
        raise NotFound
    held = select(offline_keys.c.salt).where(offline_keys.c.credential == credential)
    salt: bytes | None = connection.execute(held).scalar_one_or_none()
    if salt is None:
        connection.execute(insert(offline_keys).values(credential=credential, salt=fresh, created_at=at))
        record(connection, of_account(Action.OFFLINE_KEY_MADE, PersonId(person), cause))
    return fresh if salt is None else salt
