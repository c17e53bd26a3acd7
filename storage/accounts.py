"""Accounts in SQL: passwords, activity, the list of everybody."""

from __future__ import annotations

from functools import partial

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, func, insert, select, update

from storage.audit import record
from storage.database import Database
from storage.events import of_account, themselves
from storage.folding import by_name, is_found
from storage.notices import leave
from storage.people import exists, keep_an_admin, lock_admins, person_of
from storage.ports import Account, AccountPage, CredentialKind
from storage.sign_ins import ENDED_TOGETHER, end_credentials
from storage.tables import credentials, deactivations, people, sign_ins
from workspace.audit import SYSTEM, Action, Cause
from workspace.case import Person
from workspace.errors import NotFound
from workspace.ids import Millis, PersonId

ENDED_BY_A_NEW_PASSWORD = (*ENDED_TOGETHER, CredentialKind.RESET)


class SqlAccounts:
    """`storage.ports.Accounts` on a Database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, person: PersonId) -> Account | None:
        """See the port."""
        query = _accounts(people.c.id == person)
        row = await self._database.read(lambda connection: connection.execute(query).first())
        return _account(row) if row else None

    async def list(self, search: str, offset: int, limit: int) -> AccountPage:
        """See the port. Filtered here and not in SQL: no database folds accents as Unicode does."""
        rows = await self._database.read(lambda connection: connection.execute(_accounts()).all())
        found = [account for account in map(_account, rows) if is_found(account.person, search)]
        found.sort(key=lambda account: by_name(account.person))
        return AccountPage(found[offset : offset + limit], len(found))

    async def set_password(
        self, person: PersonId, password_hash: str, at: Millis, keep: bytes | None, cause: Cause = SYSTEM
    ) -> None:
        """See the port."""
        await self._database.write(
            partial(_set_password, person=person, password_hash=password_hash, keep=keep, cause=cause)
        )

    async def reset_password(
        self, digest: bytes, password_hash: str, now: Millis, cause: Cause = SYSTEM
    ) -> Person | None:
        """See the port."""
        return await self._database.write(
            partial(_reset, digest=digest, password_hash=password_hash, now=now, cause=cause)
        )

    async def set_active(self, person: PersonId, *, active: bool, at: Millis, cause: Cause = SYSTEM) -> None:
        """See the port."""
        await self._database.write(partial(_set_active, person=person, active=active, at=at, cause=cause))


def _accounts(*conditions: ColumnElement[bool]) -> Select[tuple[object, ...]]:
    last = (
        select(func.max(sign_ins.c.seen_at))
        .select_from(sign_ins.join(credentials))
        .where(credentials.c.person == people.c.id)
        .scalar_subquery()
    )
    return (
        select(people, deactivations.c.at.label("deactivated_at"), last.label("last_seen_at"))
        .select_from(people.outerjoin(deactivations))
        .where(*conditions)
    )


def _account(row: Row[tuple[object, ...]]) -> Account:
    return Account(
        person_of(row),
        created_at=Millis(row.created_at),
        is_active=row.deactivated_at is None,
        has_password=row.password_hash is not None,
        seen_at=None if row.last_seen_at is None else Millis(row.last_seen_at),
    )


def _set_password(
    connection: Connection, *, person: PersonId, password_hash: str, keep: bytes | None, cause: Cause
) -> None:
    changed = connection.execute(update(people).where(people.c.id == person).values(password_hash=password_hash))
    if not changed.rowcount:
        raise NotFound
    changed_by = themselves(person, cause)
    event = of_account(Action.PASSWORD_CHANGED, person, changed_by)
    end_credentials(connection, person=person, kinds=ENDED_BY_A_NEW_PASSWORD, keep=keep, event=event)


def _reset(connection: Connection, *, digest: bytes, password_hash: str, now: Millis, cause: Cause) -> Person | None:
    own = (
        credentials.c.digest == digest,
        credentials.c.kind == CredentialKind.RESET,
        credentials.c.expires_at > now,
        credentials.c.person.not_in(select(deactivations.c.person)),
    )
    person = connection.execute(delete(credentials).where(*own).returning(credentials.c.person)).scalar_one_or_none()
    if person is None:
        return None
    _set_password(connection, person=PersonId(person), password_hash=password_hash, keep=None, cause=cause)
    return person_of(connection.execute(select(people).where(people.c.id == person)).one())


def _set_active(connection: Connection, *, person: PersonId, active: bool, at: Millis, cause: Cause) -> None:
    if not active:
        lock_admins(connection)
    if not exists(connection, person, lock=True):
        raise NotFound
    own = deactivations.c.person == person
    is_active = connection.execute(select(deactivations.c.at).where(own)).first() is None
    if active == is_active:
        return
    if active:
        connection.execute(delete(deactivations).where(own))
        record(connection, of_account(Action.ACCOUNT_REACTIVATED, person, cause))
        leave(connection, person, None)
    else:
        keep_an_admin(connection, person)
        connection.execute(insert(deactivations).values(person=person, at=at))
        event = of_account(Action.ACCOUNT_DEACTIVATED, person, cause)
        end_credentials(connection, person=person, kinds=list(CredentialKind), keep=None, event=event)
