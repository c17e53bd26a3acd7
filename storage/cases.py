"""Cases and their members in SQL. Every change of rights leaves a notice in its own transaction [CAS-1]."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from storage import documents as rows
from storage import events, projections
from storage.audit import record
from storage.database import Database
from storage.notices import leave
from storage.people import exists, person_of
from storage.ports import NewCase
from storage.tables import cases, documents, members, people
from workspace.audit import SYSTEM, Cause
from workspace.case import MEMBER_ROLES, Case, CaseState, Member, Role, Standing
from workspace.errors import Conflict, InvalidRequest, NotFound
from workspace.ids import CaseId, DocumentId, DocumentName, Millis, PersonId, Seq


class SqlCases:
    """`storage.ports.Cases` on a Database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, case: NewCase, cause: Cause = SYSTEM) -> None:
        """See the port."""
        try:
            await self._database.write(partial(_create, new=case, cause=cause))
        except IntegrityError as error:
            raise Conflict from error

    async def find(self, case: CaseId, person: PersonId) -> tuple[Case, Role | None] | None:
        """See the port."""
        query = select(cases, members.c.role).outerjoin(members, _membership(person)).where(cases.c.id == case)
        row = await self._database.read(lambda connection: connection.execute(query).first())
        return (_case(row), _role(row.role)) if row else None

    async def members(self, case: CaseId) -> Sequence[Member]:
        """See the port."""
        query = select(people, members.c.role, members.c.since).join(members).where(members.c.case_id == case)
        found = await self._database.read(lambda connection: connection.execute(query).all())
        listed = [Member(person_of(row), Role(row.role), Millis(row.since)) for row in found]
        return sorted(listed, key=lambda m: (m.role is not Role.LEAD, m.person.name.casefold(), m.person.id))

    async def documents(self, case: CaseId) -> Mapping[DocumentName, Seq]:
        """See the port."""
        columns = documents.c
        query = select(columns.name, columns.head).where(columns.case_id == case, columns.superseded_by.is_(None))
        found = await self._database.read(lambda connection: connection.execute(query).all())
        return {DocumentName(name): Seq(head) for name, head in found}

    async def set_member(
        self, case: CaseId, person: PersonId, role: Role | None, at: Millis, cause: Cause = SYSTEM
    ) -> None:
        """See the port. A role that stays the same leaves no notice. InvalidRequest: no membership gives this role."""
        if role is not None and role not in MEMBER_ROLES:
            raise InvalidRequest(role)
        await self._database.write(partial(_set_member, case_id=case, person=person, role=role, at=at, cause=cause))

    async def set_state(
        self, case: CaseId, was: CaseState, state: CaseState, at: Millis, cause: Cause = SYSTEM
    ) -> None:
        """See the port."""
        await self._database.write(partial(_set_state, case_id=case, was=was, state=state, at=at, cause=cause))

    async def rename(self, case: CaseId, title: str, at: Millis, cause: Cause = SYSTEM) -> None:
        """See the port."""
        await self._database.write(partial(_rename, case_id=case, title=title, at=at, cause=cause))


def _create(connection: Connection, new: NewCase, cause: Cause) -> None:
    if not exists(connection, new.lead):
        raise NotFound
    connection.execute(
        insert(cases).values(id=new.id, title=new.title, state=new.state, created_at=new.at, changed_at=new.at)
    )
    connection.execute(insert(members).values(case_id=new.id, person=new.lead, role=Role.LEAD, since=new.at))
    for name, seed in new.seeds.items():  # [JRN-11]
        rows.create(connection, DocumentId(new.id, name), rows.Seed(seed, new.lead, new.at))
    projections.begin(connection, new.id, new.title)
    record(connection, events.case_created(new, cause))
    leave(connection, new.lead, new.id)


def _set_member(
    connection: Connection, case_id: CaseId, person: PersonId, role: Role | None, at: Millis, cause: Cause
) -> None:
    # The case's row is the lock: two leads who remove each other at once must not both succeed.
    locked = connection.execute(select(cases.c.id).where(cases.c.id == case_id).with_for_update()).first()
    if locked is None or not exists(connection, person):
        raise NotFound
    rows_held = connection.execute(select(members.c.person, members.c.role).where(members.c.case_id == case_id))
    held = {who: Role(its) for who, its in rows_held.all()}
    if held.get(person) == role:
        return
    if held.get(person) == Role.LEAD and list(held.values()).count(Role.LEAD) == 1:  # [CAS-2]
        raise Conflict("last lead")
    place = and_(members.c.case_id == case_id, members.c.person == person)
    if role is None:
        connection.execute(delete(members).where(place))
    elif person in held:
        connection.execute(update(members).where(place).values(role=role))
    else:
        connection.execute(insert(members).values(case_id=case_id, person=person, role=role, since=at))
    connection.execute(update(cases).where(cases.c.id == case_id).values(changed_at=at))
    record(connection, events.member_changed(case_id, person, held.get(person), role, cause))
    leave(connection, person, case_id)


def _set_state(
    connection: Connection, case_id: CaseId, was: CaseState, state: CaseState, at: Millis, cause: Cause
) -> None:
    held = connection.execute(select(cases.c.state).where(cases.c.id == case_id).with_for_update()).scalar_one_or_none()
    if held is None:
        raise NotFound
    if held != was:
        raise Conflict(f"the case is {held}")
    connection.execute(update(cases).where(cases.c.id == case_id).values(state=state, changed_at=at))
    # Whoever may have it open: a moderator needs no membership for that.
    moderators = select(people.c.id).where(people.c.standing == Standing.MODERATOR)
    concerned = select(members.c.person).where(members.c.case_id == case_id).union(moderators)
    people_concerned = sorted(connection.execute(concerned).scalars())
    record(connection, events.state_changed(case_id, was, state, cause))
    for person in people_concerned:
        leave(connection, PersonId(person), case_id)


def _rename(connection: Connection, case_id: CaseId, title: str, at: Millis, cause: Cause) -> None:
    held = connection.execute(select(cases.c.title).where(cases.c.id == case_id).with_for_update()).scalar_one_or_none()
    if held is None:
        raise NotFound
    if held != title:
        connection.execute(update(cases).where(cases.c.id == case_id).values(title=title, changed_at=at))
        projections.retitle(connection, case_id, title)
        record(connection, events.case_renamed(case_id, cause))
        leave(connection, None, case_id)


def _membership(person: PersonId) -> ColumnElement[bool]:
    return and_(members.c.case_id == cases.c.id, members.c.person == person)


def _case(row: Row[tuple[object, ...]]) -> Case:
    return Case(CaseId(row.id), row.title, CaseState(row.state), Millis(row.created_at))


def _role(role: str | None) -> Role | None:
    return None if role is None else Role(role)
