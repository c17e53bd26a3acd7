"""The SQL of documents outside the hot path: created, found, loaded, read back, ended."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, Row, insert, select, tuple_, update

from storage.audit import record
from storage.blobs import is_intact, seal
from storage.events import document_continued
from storage.snapshots import newest_intact
from storage.tables import cases, document_clients, documents, entries
from workspace.audit import Cause
from workspace.entries import UPDATE_FORMAT, Entry, Mark, Stored
from workspace.errors import NotFound, StorageUnavailable, Superseded
from workspace.ids import CaseId, ClientId, DocumentId, DocumentName, Millis, OpId, PersonId, Seq, UpdateBytes


class Found(NamedTuple):
    """A document's row."""

    key: int
    head: Seq
    superseded_by: DocumentName | None


class Seed(NamedTuple):
    """Content that a document starts with, as its entry 1."""

    update: UpdateBytes
    author: PersonId
    at: Millis


_BY_NAME = documents.c.case_id, documents.c.name
_CHUNK = 1_000  # of names in one query; SQLite takes 32,766 parameters


def find(connection: Connection, document: DocumentId, *, lock: bool = False) -> Found | None:
    """The document's row; with `lock` nobody else changes it before this transaction ends."""
    columns = documents.c
    query = select(columns.id, columns.head, columns.superseded_by).where(
        columns.case_id == document.case, columns.name == document.name
    )
    row = connection.execute(query.with_for_update() if lock else query).first()
    return Found(*row) if row else None


def _refuse_superseded(document: DocumentId, found: Found) -> None:
    if found.superseded_by is not None:
        raise Superseded(str(DocumentId(document.case, found.superseded_by)))


def create(connection: Connection, document: DocumentId, seed: Seed | None) -> None:
    """[JRN-11] A new document and its seed in one transaction. IntegrityError when the name was ever used."""
    key = connection.execute(
        insert(documents)
        .values(case_id=document.case, name=document.name, head=1 if seed else 0)
        .returning(documents.c.id)
    ).scalar_one()
    if seed is None:
        return
    blob_format, length, digest, body = seal(UPDATE_FORMAT, seed.update)
    op = secrets.token_bytes(16)  # nobody retries a seed: the document's unique name is what makes it happen once
    connection.execute(
        insert(entries).values(
            document=key,
            seq=1,
            op=op,
            author=seed.author,
            at=seed.at,
            format=blob_format,
            length=length,
            sha256=digest,
            body=body,
        )
    )


def create_at_first_open(connection: Connection, document: DocumentId) -> None:
    """An empty document, if there is none yet. Raises: NotFound: no such case, or a later epoch, which only
    `supersede` makes."""
    if find(connection, document) is not None:
        return
    if document.epoch > 1 or connection.execute(select(cases.c.id).where(cases.c.id == document.case)).first() is None:
        raise NotFound
    create(connection, document, None)


def load(connection: Connection, document: DocumentId) -> Stored | None:
    """What a room opens with; None for a document that is not there. Raises: Superseded, StorageUnavailable."""
    found = find(connection, document)
    if found is None:
        return None
    _refuse_superseded(document, found)
    snapshot = newest_intact(connection, found.key)
    after = snapshot.seq if snapshot else Seq(0)
    columns = document_clients.c
    owners = connection.execute(select(columns.client_id, columns.person).where(columns.document == found.key))
    return Stored(
        snapshot,
        tuple(_entries(connection, found.key, after, found.head, limit=None)),
        {ClientId(client): PersonId(person) for client, person in owners},
    )


def read(connection: Connection, document: DocumentId, after: Seq, until: Seq | None, limit: int) -> Sequence[Entry]:
    """[JRN-8] Entries of a document, superseded or not. Raises: NotFound, StorageUnavailable."""
    found = find(connection, document)
    if found is None:
        raise NotFound
    return _entries(connection, found.key, after, found.head if until is None else until, limit)


def marks(connection: Connection, document: DocumentId, after: Seq, until: Seq | None, limit: int) -> Sequence[Mark]:
    """Who, when and how much, without the bodies. Raises: NotFound."""
    found = find(connection, document)
    if found is None:
        raise NotFound
    columns = entries.c
    query = (
        select(columns.seq, columns.author, columns.at, columns.length)
        .where(columns.document == found.key, columns.seq > after)
        .where(columns.seq <= (found.head if until is None else until))
        .order_by(columns.seq)
        .limit(limit)
    )
    return [
        Mark(Seq(seq), PersonId(author), Millis(at), length) for seq, author, at, length in connection.execute(query)
    ]


def heads(connection: Connection, ids: Collection[DocumentId]) -> Mapping[DocumentId, Seq]:
    """The newest seq of each document that is there."""
    names = [(each.case, each.name) for each in ids]
    query = select(*_BY_NAME, documents.c.head)
    return {
        DocumentId(CaseId(case), DocumentName(name)): Seq(head)
        for start in range(0, len(names), _CHUNK)
        for case, name, head in connection.execute(query.where(tuple_(*_BY_NAME).in_(names[start : start + _CHUNK])))
    }


def supersede(connection: Connection, document: DocumentId, seed: Seed | None, cause: Cause) -> DocumentId:
    """End a document and continue it under its successor's name. Raises: NotFound, Superseded."""
    found = find(connection, document, lock=True)
    if found is None:
        raise NotFound
    _refuse_superseded(document, found)
    successor = document.successor()
    create(connection, successor, seed)
    connection.execute(update(documents).where(documents.c.id == found.key).values(superseded_by=successor.name))
    record(connection, document_continued(document, successor, cause))
    return successor


def _entries(connection: Connection, key: int, after: Seq, until: Seq, limit: int | None) -> list[Entry]:
    columns = entries.c
    query = (
        select(entries)
        .where(columns.document == key, columns.seq > after, columns.seq <= until)
        .order_by(columns.seq)
        .limit(limit)
    )
    return [_entry(row) for row in connection.execute(query)]


def _entry(row: Row[tuple[object, ...]]) -> Entry:
    """Raises: StorageUnavailable: an entry cannot be passed over, as a snapshot can."""
    if row.format != UPDATE_FORMAT or not is_intact(row):
        raise StorageUnavailable(f"entry {row.seq} of document {row.document} cannot be read")
    return Entry(Seq(row.seq), OpId(row.op), UpdateBytes(row.body), PersonId(row.author), Millis(row.at))
