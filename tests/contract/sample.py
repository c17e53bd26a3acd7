"""A few people, a case and its documents, for the contract suites."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

from sqlalchemy import Connection, insert

from storage.cases import SqlCases
from storage.database import Database
from storage.journal import open_journal
from storage.people import SqlPeople
from storage.ports import NewCase, Stores
from storage.tables import access_notices
from workspace.case import CaseState, Person, Standing
from workspace.entries import Append, Covered, Entry, Outcome, Rejected
from workspace.ids import CaseId, ClientId, DocumentId, DocumentName, Millis, OpId, PersonId, UpdateBytes

ADA = Person(PersonId("a" * 16), "Ada@Example.org", "Ada", Standing.CLINICIAN)
BEN = Person(PersonId("b" * 16), "ben@example.org", "ben", Standing.CLINICIAN)
CLEO = Person(PersonId("c" * 16), "cleo@example.org", "Cleo", Standing.MODERATOR)

CASE = CaseId("k" * 16)
OTHER_CASE = CaseId("m" * 16)
RECORD = DocumentId(CASE, DocumentName("record"))
DISCUSSION = DocumentId(CASE, DocumentName("discussion"))
ABSENT = DocumentId(CaseId("z" * 16), DocumentName("record"))

NOW = Millis(1_700_000_000_000)

_numbers = itertools.count(1)


def op() -> OpId:
    """An op that no other append of this run has."""
    return OpId(next(_numbers).to_bytes(16, "big"))


def edit(
    document: DocumentId = RECORD,
    update: bytes = b"edit",
    *,
    author: Person = ADA,
    clients: frozenset[int] = frozenset(),
    at: int = NOW,
) -> Append:
    """An append with an op of its own."""
    return Append(
        op(), document, UpdateBytes(update), author.id, frozenset(ClientId(each) for each in clients), Millis(at)
    )


def entry(answer: Outcome) -> Entry:
    """The answer, which must be an entry."""
    assert isinstance(answer, Entry), answer
    return answer


def rejected(answer: Outcome) -> Rejected:
    """The answer, which must be a rejection."""
    assert isinstance(answer, Rejected), answer
    return answer


def covered(answer: Outcome) -> Covered:
    """The answer, which must say that all was there."""
    assert isinstance(answer, Covered), answer
    return answer


def new_case(
    case: CaseId = CASE,
    *,
    lead: Person = ADA,
    at: int = NOW,
    seeds: Mapping[str, bytes] | None = None,
    title: str = "A fever",
) -> NewCase:
    """A case led by `lead`."""
    content = {DocumentName(name): UpdateBytes(seed) for name, seed in (seeds or {}).items()}
    return NewCase(case, title, lead.id, CaseState.OPEN, Millis(at), content)


async def add_people(stores: Stores) -> None:
    """Ada, Ben and Cleo."""
    for person in (ADA, BEN, CLEO):
        await stores.people.add(person, None, NOW)


async def fill(database: Database) -> None:
    """Ada, her case and its record."""
    await SqlPeople(database).add(ADA, None, NOW)
    await SqlCases(database).create(new_case())
    async with open_journal(database) as journal:
        await journal.open(RECORD)


def add_notice(connection: Connection) -> None:
    """The smallest write there is."""
    connection.execute(insert(access_notices).values(person=ADA.id))
