"""Named versions, and how far each person has seen a document, in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from storage import documents as rows
from storage.audit import record
from storage.database import Database
from storage.events import version_changed
from storage.ports.versions import MOST_NAMED, LastSeen, NamedVersion
from storage.tables import seen, versions
from workspace.audit import SYSTEM, Action, Cause
from workspace.errors import Conflict, NotFound, TooMany
from workspace.ids import DocumentId, Millis, PersonId, Seq


class SqlVersions:
    """`storage.ports.Versions` on a Database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def name(self, document: DocumentId, version: NamedVersion, cause: Cause = SYSTEM) -> None:
        """See the port."""
        try:
            await self._database.write(partial(_name, document=document, version=version, cause=cause))
        except IntegrityError as error:
            raise Conflict("this moment has a name") from error

    async def rename(self, document: DocumentId, version: NamedVersion, cause: Cause = SYSTEM) -> None:
        """See the port."""
        await self._database.write(partial(_rename, document=document, version=version, cause=cause))

    async def forget(self, document: DocumentId, seq: Seq, cause: Cause = SYSTEM) -> None:
        """See the port."""
        await self._database.write(partial(_forget, document=document, seq=seq, cause=cause))

    async def named(self, document: DocumentId) -> Sequence[NamedVersion]:
        """See the port."""
        return await self._database.read(partial(_named, document=document))

    async def see(self, document: DocumentId, person: PersonId, seen: LastSeen) -> LastSeen:
        """See the port."""
        try:
            return await self._database.write(partial(_see, document=document, person=person, fresh=seen))
        except IntegrityError as error:  # nobody has this id
            raise NotFound from error

    async def seen(self, document: DocumentId, person: PersonId) -> LastSeen | None:
        """See the port."""
        return await self._database.read(partial(_seen, document=document, person=person))


def _key(connection: Connection, document: DocumentId, *, up_to: int = 0) -> int:
    """The document's key. Locked, so that two who write about one document come one after the other."""
    found = rows.find(connection, document, lock=True)
    if found is None or up_to > found.head:
        raise NotFound
    return found.key


def _name(connection: Connection, document: DocumentId, version: NamedVersion, cause: Cause) -> None:
    if version.seq < 1:
        raise NotFound
    key = _key(connection, document, up_to=version.seq)
    held = connection.execute(select(func.count()).where(versions.c.document == key)).scalar_one()
    if held >= MOST_NAMED:
        raise TooMany(f"at most {MOST_NAMED} names in a document")
    row = {"document": key, "seq": version.seq, "name": version.name, "author": version.author, "at": version.at}
    connection.execute(insert(versions).values(row))
    record(connection, version_changed(Action.VERSION_NAMED, document, version.seq, cause))


def _rename(connection: Connection, document: DocumentId, version: NamedVersion, cause: Cause) -> None:
    key = _key(connection, document)
    changed = connection.execute(
        update(versions)
        .where(versions.c.document == key, versions.c.seq == version.seq)
        .values(name=version.name, author=version.author, at=version.at)
    )
    if changed.rowcount != 1:
        raise NotFound
    record(connection, version_changed(Action.VERSION_RENAMED, document, version.seq, cause))


def _forget(connection: Connection, document: DocumentId, seq: Seq, cause: Cause) -> None:
    key = _key(connection, document)
    if connection.execute(delete(versions).where(versions.c.document == key, versions.c.seq == seq)).rowcount != 1:
        raise NotFound
    record(connection, version_changed(Action.VERSION_FORGOTTEN, document, seq, cause))


def _named(connection: Connection, document: DocumentId) -> Sequence[NamedVersion]:
    found = rows.find(connection, document)
    if found is None:
        return []
    columns = versions.c
    query = (
        select(columns.seq, columns.name, columns.author, columns.at)
        .where(columns.document == found.key)
        .order_by(columns.seq)
    )
    return [NamedVersion(Seq(seq), name, PersonId(who), Millis(at)) for seq, name, who, at in connection.execute(query)]


def _see(connection: Connection, document: DocumentId, person: PersonId, fresh: LastSeen) -> LastSeen:
    key = _key(connection, document, up_to=fresh.seq)
    held = _seen(connection, document, person)
    if held is None:
        row = {"document": key, "person": person, "seq": fresh.seq, "at": fresh.at}
        connection.execute(insert(seen).values(row))
        return fresh
    if fresh.seq < held.seq:
        return held
    connection.execute(
        update(seen).where(seen.c.document == key, seen.c.person == person).values(seq=fresh.seq, at=fresh.at)
    )
    return fresh


def _seen(connection: Connection, document: DocumentId, person: PersonId) -> LastSeen | None:
    found = rows.find(connection, document)
    if found is None:
        return None
    query = select(seen.c.seq, seen.c.at).where(seen.c.document == found.key, seen.c.person == person)
    row = connection.execute(query).first()
    return LastSeen(Seq(row.seq), Millis(row.at)) if row else None
