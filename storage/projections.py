"""Projections and the full-text index in SQL; both change in one transaction."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection, Select, and_, case, func, insert, or_, select, true, update

from storage import case_words
from storage.database import Database
from storage.lists import listed_from, visible
from storage.ports.projections import Behind, Found
from storage.tables import documents, entries, projections
from workspace.case import CaseState
from workspace.errors import NotFound
from workspace.ids import CaseId, DocumentId, DocumentName, Millis, PersonId, Seq
from workspace.record import Projection
from workspace.searching import Term, fold

Q = TypeVar("Q", bound=Select[object])


def begin(connection: Connection, case_id: CaseId, title: str) -> None:
    """Part of the transaction that creates a case: it is found by its title from then on."""
    row = {"case_id": case_id, "title_folded": fold(title), "seq": 0, "at": 0, "is_unreadable": False}
    number = connection.execute(
        insert(projections).values({**row, "texts": "{}", "mentions": "[]"}).returning(projections.c.id)
    ).scalar_one()
    case_words.add(connection, number, title)


def retitle(connection: Connection, case_id: CaseId, title: str) -> None:
    """Part of the transaction that renames a case."""
    number = connection.execute(
        update(projections)
        .where(projections.c.case_id == case_id)
        .values(title_folded=fold(title))
        .returning(projections.c.id)
    ).scalar_one()
    case_words.retitle(connection, number, title)


class SqlProjections:
    """`storage.ports.Projections` on a Database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def behind(self, behind: Behind, limit: int = 100) -> Sequence[DocumentId]:
        """See the port."""
        return await self._database.read(partial(_behind, behind=behind, limit=limit))

    async def keep(self, document: DocumentId, seq: Seq, projection: Projection | None, at: Millis) -> None:
        """See the port."""
        await self._database.write(partial(_keep, document=document, seq=seq, projection=projection, at=at))

    async def oldest_unread(self) -> Millis | None:
        """See the port."""
        query = _unread(select(func.min(_OLDEST.c.at))).where(_KNOWN.is_unreadable.is_not(true()))
        return await self._database.read(lambda connection: connection.execute(query).scalar_one())

    async def find(
        self,
        terms: Sequence[Term],
        person: PersonId,
        *,
        all_cases: bool,
        states: frozenset[CaseState] = frozenset(),
        skip: int = 0,
        limit: int = 20,
    ) -> Sequence[Found]:
        """See the port."""
        if not terms:
            return []
        query = partial(_find, terms=terms, person=person, all_cases=all_cases, states=states, skip=skip, limit=limit)
        return await self._database.read(query)


_KNOWN = projections.c
_IS_KNOWN = _KNOWN.document == documents.c.name
_NEWEST, _OLDEST = entries.alias(), entries.alias()
"""Of the entries that no projection knows of."""


def _unread(query: Q) -> Q:
    """Current records that have entries which were not read."""
    read = case((_IS_KNOWN, _KNOWN.seq), else_=0)
    return (
        query.select_from(documents)
        .join(projections, _KNOWN.case_id == documents.c.case_id)
        .join(_NEWEST, and_(_NEWEST.c.document == documents.c.id, _NEWEST.c.seq == documents.c.head))
        .join(_OLDEST, and_(_OLDEST.c.document == documents.c.id, _OLDEST.c.seq == read + 1))
        .where(
            documents.c.superseded_by.is_(None),
            or_(documents.c.name == "record", documents.c.name.like("record~%")),
            read < documents.c.head,
        )
    )


def _behind(connection: Connection, behind: Behind, limit: int) -> Sequence[DocumentId]:
    query = _unread(select(documents.c.case_id, documents.c.name)).where(
        case(
            (
                and_(_IS_KNOWN, _KNOWN.is_unreadable),
                or_(_OLDEST.c.at <= behind.retry, _OLDEST.c.at > behind.ahead),
            ),
            else_=or_(_NEWEST.c.at <= behind.quiet, _OLDEST.c.at <= behind.overdue, _NEWEST.c.at > behind.ahead),
        )
    )
    rows = connection.execute(query.limit(limit))
    return [DocumentId(CaseId(row.case_id), DocumentName(row.name)) for row in rows]


def _keep(connection: Connection, document: DocumentId, seq: Seq, projection: Projection | None, at: Millis) -> None:
    query = select(_KNOWN.id, _KNOWN.document, _KNOWN.seq).where(_KNOWN.case_id == document.case).with_for_update()
    known = connection.execute(query).first()
    if known is None:
        raise NotFound
    if known.document == document.name and known.seq > seq:
        return
    values: dict[str, object] = {"document": document.name, "seq": seq, "at": at, "is_unreadable": projection is None}
    if projection is not None:
        head = projection.head
        values |= {
            "line": head.line,
            "question": head.question,
            "age_band": head.age_band,
            "sex": head.sex,
            "next_action": head.next_action,
            "next_owner": head.next_owner,
            "next_due": head.next_due,
            "texts": json.dumps(dict(projection.texts), ensure_ascii=False),
            "mentions": json.dumps(projection.mentions),
        }
    connection.execute(update(projections).where(_KNOWN.id == known.id).values(values))
    if projection is not None:
        case_words.rewrite(connection, known.id, projection.head.said, projection.words)


def _find(
    connection: Connection,
    terms: Sequence[Term],
    person: PersonId,
    *,
    all_cases: bool,
    states: frozenset[CaseState],
    skip: int,
    limit: int,
) -> Sequence[Found]:
    seen = visible(person, all_cases=all_cases).subquery()
    words = case_words.matching(connection, terms)
    query = (
        select(seen, projections.c.texts)
        .select_from(words)
        .join(seen, seen.c.number == words.c.number)
        .join(projections, projections.c.id == words.c.number)
        .order_by(words.c.rank, seen.c.id)
        .offset(skip)
        .limit(limit)
    )
    if states:
        query = query.where(seen.c.state.in_(sorted(states)))
    rows = connection.execute(query).all()
    found = listed_from(connection, rows, person)
    return [Found(each, Projection(each.head, json.loads(row.texts))) for row, each in zip(rows, found, strict=True)]
