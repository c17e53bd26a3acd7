"""Lists of cases in SQL. Who may see a case is a condition of every query here."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from functools import partial

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, case, func, or_, select, true

from storage.database import Database
from storage.ports.lists import Counts, Listed, Named, Order, Place, Wanted
from storage.tables import cases, documents, entries, members, people, projections
from workspace.case import Case, CaseState, Role
from workspace.ids import CaseId, Millis, PersonId
from workspace.record import Head

NEVER = "9999-99-99"
"""Sorts after every day."""
MOST_LEADS = 200


class SqlLists:
    """`storage.ports.Lists` on a Database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, person: PersonId, wanted: Wanted) -> Sequence[Listed]:
        """See the port."""
        return await self._database.read(partial(_page, person=person, wanted=wanted))

    async def counts(self, person: PersonId, *, all_cases: bool) -> Counts:
        """See the port."""
        return await self._database.read(partial(_counts, person=person, all_cases=all_cases))

    async def leads(self, person: PersonId, *, all_cases: bool) -> Sequence[Named]:
        """See the port."""
        seen = visible(person, all_cases=all_cases).with_only_columns(cases.c.id)
        query = (
            select(people.c.id, people.c.name)
            .join(members, members.c.person == people.c.id)
            .where(members.c.role == Role.LEAD, members.c.case_id.in_(seen))
            .distinct()
            .limit(MOST_LEADS)
        )
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return sorted((Named(PersonId(row.id), row.name) for row in rows), key=lambda each: each.name.casefold())


def visible(person: PersonId, *, all_cases: bool) -> Select[tuple[object, ...]]:
    """The cases that a person may see, with what is known of each and when it last changed."""
    # The newest entry of each document is one look-up by key; a column kept up to date would cost one per keystroke.
    newest = and_(entries.c.document == documents.c.id, entries.c.seq == documents.c.head)
    edited = (
        select(func.coalesce(func.max(entries.c.at), 0))
        .select_from(documents.join(entries, newest))
        .where(documents.c.case_id == cases.c.id)
        .scalar_subquery()
    )
    known = projections.c
    return (
        select(
            cases,
            members.c.role,
            edited.label("edited"),
            *(column for column in known if column.key not in ("id", "case_id", "texts", "at")),
            known.id.label("number"),
        )
        .select_from(
            cases.outerjoin(members, and_(members.c.case_id == cases.c.id, members.c.person == person)).join(
                projections, known.case_id == cases.c.id
            )
        )
        .where(true() if all_cases else members.c.role.is_not(None), cases.c.state != CaseState.PURGED)
    )


def listed_from(connection: Connection, rows: Sequence[Row[tuple[object, ...]]], person: PersonId) -> list[Listed]:
    """Cases from rows of `visible`, with the people that each names."""
    ids = [row.id for row in rows]
    authors = _authors(connection, ids)
    concerned = {*authors.values(), *(row.next_owner for row in rows if row.next_owner)}
    named = _named(connection, ids, concerned)
    made = []
    for row in rows:
        here = named.get(row.id, {})
        author, owner = here.get(authors.get(row.id, "")), here.get(row.next_owner)
        made.append(
            Listed(
                Case(CaseId(row.id), row.title, CaseState(row.state), Millis(row.created_at)),
                None if row.role is None else Role(row.role),
                Millis(max(row.edited, row.changed_at)),
                changed_by=author[0] if author is not None and row.edited >= row.changed_at else None,
                leads=tuple(sorted((who for who, role in here.values() if role == Role.LEAD), key=_by_name)),
                head=_head(row),
                next_owner=owner[0] if owner is not None else None,
                is_mentioned=person in json.loads(row.mentions),
            )
        )
    return made


def _by_name(named: Named) -> tuple[str, str]:
    return named.name.casefold(), named.id


def _head(row: Row[tuple[object, ...]]) -> Head:
    return Head(
        age_band=row.age_band,
        sex=row.sex,
        question=row.question,
        line=row.line,
        next_action=row.next_action,
        next_owner=row.next_owner,
        next_due=row.next_due,
    )


def _page(connection: Connection, person: PersonId, wanted: Wanted) -> Sequence[Listed]:
    listed = visible(person, all_cases=wanted.all_cases).subquery()
    columns = listed.c
    changed = case((columns.edited > columns.changed_at, columns.edited), else_=columns.changed_at)
    keys: Mapping[Order, ColumnElement[int] | ColumnElement[str]] = {
        Order.CHANGED: changed,
        Order.CREATED: columns.created_at,
        Order.TITLE: columns.title_folded,
        Order.DUE: func.coalesce(columns.next_due, NEVER),
    }
    key = keys[wanted.order]
    is_newest_first = wanted.order in (Order.CHANGED, Order.CREATED)
    query = select(listed, key.label("sort_key")).limit(wanted.limit)
    query = query.order_by(key.desc() if is_newest_first else key, columns.id)
    if wanted.is_theirs_to_act:
        query = query.where(columns.next_owner == person)
    if wanted.states:
        query = query.where(columns.state.in_(sorted(wanted.states)))
    if wanted.role is not None:
        query = query.where(columns.role == wanted.role)
    if wanted.lead is not None:
        led = select(members.c.case_id).where(members.c.person == wanted.lead, members.c.role == Role.LEAD)
        query = query.where(columns.id.in_(led))
    if wanted.since is not None:
        query = query.where(changed >= wanted.since)
    if wanted.after is not None:
        beyond = key < wanted.after.key if is_newest_first else key > wanted.after.key
        query = query.where(or_(beyond, and_(key == wanted.after.key, columns.id > wanted.after.case)))
    rows = connection.execute(query).all()
    return [
        _placed(each, Place(row.sort_key, each.case.id))
        for row, each in zip(rows, listed_from(connection, rows, person), strict=True)
    ]


def _placed(listed: Listed, place: Place) -> Listed:
    return Listed(
        listed.case,
        listed.role,
        listed.changed_at,
        listed.changed_by,
        listed.leads,
        listed.head,
        listed.next_owner,
        listed.is_mentioned,
        place,
    )


def _counts(connection: Connection, person: PersonId, *, all_cases: bool) -> Counts:
    everything = visible(person, all_cases=all_cases).with_only_columns(
        func.count(),
        func.count(members.c.role),
        func.coalesce(func.sum(case((projections.c.next_owner == person, 1), else_=0)), 0),
    )
    total, mine, to_act = connection.execute(everything).one()
    return Counts(int(mine), int(to_act), int(total))


def _authors(connection: Connection, ids: Collection[str]) -> Mapping[str, str]:
    """Who wrote last in each case."""
    query = (
        select(documents.c.case_id, entries.c.author, entries.c.at)
        .join(entries, and_(entries.c.document == documents.c.id, entries.c.seq == documents.c.head))
        .where(documents.c.case_id.in_(ids))
        .order_by(entries.c.at)
    )
    return {row.case_id: row.author for row in connection.execute(query)}


def _named(
    connection: Connection, ids: Collection[str], concerned: Collection[str]
) -> Mapping[str, Mapping[str, tuple[Named, str]]]:
    """Of each case its leads and those of the concerned who are members, with their roles."""
    query = (
        select(members.c.case_id, members.c.role, people.c.id, people.c.name)
        .join(people, people.c.id == members.c.person)
        .where(members.c.case_id.in_(ids), or_(members.c.role == Role.LEAD, members.c.person.in_(sorted(concerned))))
    )
    named: dict[str, dict[str, tuple[Named, str]]] = {}
    for row in connection.execute(query):
        named.setdefault(row.case_id, {})[row.id] = Named(PersonId(row.id), row.name), row.role
    return named
