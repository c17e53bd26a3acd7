"""People and their credentials in SQL. Secrets are here as digests only [PEO-2]."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial

from sqlalchemy import Connection, Delete, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from storage import events
from storage.audit import record
from storage.database import Database
from storage.notices import leave
from storage.ports import KEPT_MILLIS, CredentialKind
from storage.tables import credentials, deactivations, people
from workspace.audit import SYSTEM, Cause, Event
from workspace.case import Person, Standing
from workspace.errors import Conflict, NotFound
from workspace.ids import Millis, PersonId

_CHUNK = 1_000
"""Ids in one query; SQLite takes 32,766 parameters."""


def person_of(row: Row[tuple[object, ...]]) -> Person:
    """The person in a row with the columns of `people`, the id as `person` or `id`."""
    return Person(PersonId(row.id), row.email, row.name, Standing(row.standing))


def exists(connection: Connection, person: PersonId, *, lock: bool = False) -> bool:
    """Whether there is such an account; with `lock` nobody else changes it before this transaction ends."""
    query = select(people.c.id).where(people.c.id == person)
    return connection.execute(query.with_for_update() if lock else query).first() is not None


class SqlPeople:
    """`storage.ports.People` on a Database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, person: Person, password_hash: str | None, at: Millis, cause: Cause = SYSTEM) -> None:
        """See the port. Conflict also for an id that is taken."""
        row = {
            "id": person.id,
            "email": person.email,
            "email_folded": person.email.casefold(),
            "name": person.name,
            "standing": person.standing,
            "password_hash": password_hash,
            "created_at": at,
        }
        try:
            await self._database.write(partial(_add, row=row, event=events.account_created(person, cause)))
        except IntegrityError as error:
            raise Conflict from error

    async def find_by_email(self, email: str) -> tuple[Person, str | None] | None:
        """See the port."""
        query = (
            select(people, deactivations.c.at.label("deactivated_at"))
            .select_from(people.outerjoin(deactivations))
            .where(people.c.email_folded == email.casefold())
        )
        row = await self._database.read(lambda connection: connection.execute(query).first())
        if row is None:
            return None
        return person_of(row), row.password_hash if row.deactivated_at is None else None

    async def find(self, ids: Collection[PersonId]) -> Mapping[PersonId, Person]:
        """See the port."""
        return await self._database.read(partial(_find_all, ids=list(ids)))

    async def set_standing(self, person: PersonId, standing: Standing, at: Millis, cause: Cause = SYSTEM) -> None:
        """See the port. A standing that stays the same leaves no notice."""
        await self._database.write(partial(_set_standing, person=person, standing=standing, cause=cause))

    async def grant(
        self,
        kind: CredentialKind,
        digest: bytes,
        person: PersonId,
        at: Millis,
        expires_at: Millis,
        cause: Cause = SYSTEM,
    ) -> None:
        """See the port. Sweeps the expired ones. Conflict when the digest is there already."""
        row = {"digest": digest, "kind": kind, "person": person, "created_at": at, "expires_at": expires_at}
        told = events.credential_made(kind, person, expires_at, cause)
        try:
            await self._database.write(partial(_grant, row=row, person=person, at=at, told=told))
        except IntegrityError as error:
            raise Conflict from error

    async def redeem(self, kind: CredentialKind, digest: bytes, now: Millis) -> tuple[Person, Millis] | None:
        """See the port."""
        if kind is CredentialKind.TICKET:
            return await self._database.write(partial(_spend, digest=digest, now=now))
        return await self._database.read(partial(_find, kind=kind, digest=digest, now=now))

    async def sweep(self, now: Millis) -> int:
        """See the port."""
        return await self._database.write(lambda connection: connection.execute(_swept(now)).rowcount)

    async def revoke(self, digest: bytes, at: Millis, cause: Cause = SYSTEM) -> None:
        """See the port."""
        await self._database.write(partial(_revoke, digest=digest, cause=cause))


_ADMINS = select(people.c.id).where(people.c.standing == Standing.ADMIN)


def lock_admins(connection: Connection) -> None:
    """[ACC-20] Called before anybody's row is locked by whoever may end an admin: two who end each other at once must
    not both succeed, and locking in one order keeps them from waiting for each other."""
    connection.execute(_ADMINS.order_by(people.c.id).with_for_update()).all()


def keep_an_admin(connection: Connection, person: PersonId) -> None:
    """[ACC-20] Called under those locks before a person stops being an active admin: what was read while waiting for
    them is older than they are. Raises: Conflict when there is no other."""
    active = _ADMINS.where(people.c.id.not_in(select(deactivations.c.person)))
    if connection.execute(active).scalars().all() == [person]:
        raise Conflict("last admin")


def _find_all(connection: Connection, ids: list[PersonId]) -> Mapping[PersonId, Person]:
    rows = [
        row
        for start in range(0, len(ids), _CHUNK)
        for row in connection.execute(select(people).where(people.c.id.in_(ids[start : start + _CHUNK])))
    ]
    return {PersonId(row.id): person_of(row) for row in rows}


def _add(connection: Connection, row: Mapping[str, object], event: Event) -> None:
    connection.execute(insert(people).values(row))
    record(connection, event)


def _set_standing(connection: Connection, person: PersonId, standing: Standing, cause: Cause) -> None:
    if standing != Standing.ADMIN:
        lock_admins(connection)
    query = select(people.c.standing).where(people.c.id == person).with_for_update()
    held = connection.execute(query).scalar_one_or_none()
    if held is None:
        raise NotFound
    if held != standing:
        if held == Standing.ADMIN:
            keep_an_admin(connection, person)
        connection.execute(update(people).where(people.c.id == person).values(standing=standing))
        record(connection, events.standing_changed(person, Standing(held), standing, cause))
        leave(connection, person, None)


def _swept(now: Millis) -> Delete:
    return delete(credentials).where(credentials.c.expires_at <= now - KEPT_MILLIS)


def _grant(connection: Connection, row: dict[str, object], person: PersonId, at: Millis, told: Sequence[Event]) -> None:
    if not exists(connection, person):
        raise NotFound
    connection.execute(_swept(at))
    connection.execute(insert(credentials).values(row))
    record(connection, *told)


def _find(connection: Connection, kind: CredentialKind, digest: bytes, now: Millis) -> tuple[Person, Millis] | None:
    columns = credentials.c
    row = connection.execute(
        select(people, columns.expires_at)
        .join(credentials, columns.person == people.c.id)
        .where(columns.digest == digest, columns.kind == kind, columns.expires_at > now)
        .where(people.c.id.not_in(select(deactivations.c.person)))
    ).first()
    return (person_of(row), Millis(row.expires_at)) if row else None


def _spend(connection: Connection, digest: bytes, now: Millis) -> tuple[Person, Millis] | None:
    """[PEO-3] Who deletes the row wins; the other process finds none."""
    found = _find(connection, CredentialKind.TICKET, digest, now)
    spent = connection.execute(delete(credentials).where(credentials.c.digest == digest)) if found else None
    return found if spent is not None and spent.rowcount == 1 else None


def _revoke(connection: Connection, digest: bytes, cause: Cause) -> None:
    columns = credentials.c
    ended = connection.execute(
        delete(credentials).where(columns.digest == digest).returning(columns.person, columns.kind)
    ).first()
    if ended is not None:
        person = PersonId(ended.person)
        record(connection, events.credential_ended(CredentialKind(ended.kind), person, cause))
        leave(connection, person, None)
