"""The SQL of a commit: appends of many documents become entries in one transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, insert, select, tuple_, update

from storage.between import read_between
from storage.blobs import seal
from storage.tables import document_clients, documents, entries
from workspace.brought import Brought, Run
from workspace.entries import UPDATE_FORMAT, Append, Covered, Entry, Outcome, Rejected
from workspace.errors import Conflict, ForeignClient, NotFound, Superseded
from workspace.ids import CaseId, ClientId, DocumentId, DocumentName, OpId, PersonId, Seq, UpdateBytes


class Binding(NamedTuple):
    """A client id within one document, by the document's key."""

    document: int
    client: ClientId


@dataclass(slots=True)
class _Document:
    """A document's row, locked until the commit."""

    key: int
    head: Seq
    superseded_by: DocumentName | None
    run: Run
    """The newest entries, as far as this process wrote them, and those of this transaction if all are written."""
    brought: Brought | None = None
    """What may be sent again; None where nothing may."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What a process remembers of what it committed, so as not to ask for it."""

    owners: dict[Binding, PersonId] = field(default_factory=dict)
    """A binding never changes, so one that was ever committed may be remembered."""
    runs: dict[int, Run] = field(default_factory=dict)
    """The newest run of a document, by its key."""

    def learn(self, learnt: Memory, at_most: int) -> None:
        """Take in what was committed. When it becomes too much all is forgotten: the database knows it."""
        if len(self.owners) + len(learnt.owners) > at_most:
            self.owners.clear()
        if len(self.runs) + len(learnt.runs) > at_most:
            self.runs.clear()
        self.owners.update(learnt.owners)
        self.runs.update(learnt.runs)


@dataclass(slots=True)
class _Batch:
    """What one transaction has found and will write."""

    documents: Mapping[DocumentId, _Document]
    known: Mapping[Binding, PersonId]
    learnt: dict[Binding, PersonId]
    bound: list[tuple[Binding, PersonId]] = field(default_factory=list)
    rows: list[tuple[Append, int, Seq]] = field(default_factory=list)

    def owner(self, binding: Binding) -> PersonId | None:
        return self.known.get(binding) or self.learnt.get(binding)


def commit(
    connection: Connection, appends: Sequence[Append], memory: Memory, *, look_up: bool
) -> tuple[list[Outcome], Memory]:
    """Write the appends that may be, and answer each, in order; also what there is to remember, once it is committed.

    Without `look_up` an op that is already there raises IntegrityError, and so does an op that comes twice, always:
    [JRN-3] the caller then comes back with `look_up`, and at last one by one.
    """
    found = _find_ops(connection, [append.op for append in appends]) if look_up else {}
    rows = _lock_documents(connection, {append.document for append in appends}, memory.runs)
    _find_brought(connection, rows, appends)
    batch = _Batch(rows, memory.owners, _find_owners(connection, rows, appends, memory.owners))
    answers = [_known_answer(append, found) or _answer(append, batch) for append in appends]
    if not look_up:
        answers = _without_retries(connection, appends, answers)
    _write(connection, batch)
    return answers, Memory(batch.learnt, {each.key: each.run for each in rows.values() if each.run.head == each.head})


def _answer(append: Append, batch: _Batch) -> Outcome:
    document = batch.documents.get(append.document)
    if document is None:
        return Rejected(append.op, NotFound())
    if document.superseded_by is not None:  # [JRN-9]
        return Rejected(append.op, Superseded(str(DocumentId(append.document.case, document.superseded_by))))
    if document.brought is not None:  # [JRN-15]
        rest = document.brought.leave_out(append)
        if rest is None:
            return Covered(append.op, document.head)
        append = rest
    for client in append.clients:  # [JRN-6]
        if batch.owner(Binding(document.key, client)) not in (None, append.author):
            return Rejected(append.op, ForeignClient())
    for client in append.clients:
        binding = Binding(document.key, client)
        if batch.owner(binding) is None:
            batch.learnt[binding] = append.author
            batch.bound.append((binding, append.author))
    document.head = seq = Seq(document.head + 1)  # [JRN-2] under the row's lock: no reader can pass over a late commit
    batch.rows.append((append, document.key, seq))
    if document.brought is not None:
        document.brought.add(append.news)
    return Entry(seq, append.op, append.update, append.author, append.at)


def _known_answer(append: Append, found: Mapping[OpId, tuple[DocumentId, Entry]]) -> Outcome | None:
    """[JRN-3] A retry answers with the entry it has."""
    if append.op not in found:
        return None
    document, entry = found[append.op]
    return entry if document == append.document else Rejected(append.op, Conflict("op of another document"))


def _without_retries(connection: Connection, appends: Sequence[Append], answers: list[Outcome]) -> list[Outcome]:
    """What is not written now may have been before: a retry finds its own words, or its document superseded."""
    unwritten = [answer.op for answer in answers if not isinstance(answer, Entry)]
    found = _find_ops(connection, unwritten) if unwritten else {}
    if not found:
        return answers
    return [_known_answer(append, found) or answer for append, answer in zip(appends, answers, strict=True)]


def _write(connection: Connection, batch: _Batch) -> None:
    if batch.bound:
        connection.execute(
            insert(document_clients),
            [{"document": b.document, "client_id": b.client, "person": person} for b, person in batch.bound],
        )
    if not batch.rows:
        return
    heads = {key: seq for _, key, seq in batch.rows}
    connection.execute(_ADVANCE, [{"key": key, "seq": seq} for key, seq in heads.items()])
    connection.execute(_INSERT, [_entry_row(*row) for row in batch.rows])


_LOCK = (
    select(documents.c.case_id, documents.c.name, documents.c.id, documents.c.head, documents.c.superseded_by)
    .where(tuple_(documents.c.case_id, documents.c.name).in_(bindparam("names", expanding=True)))
    .order_by(documents.c.id)
    .with_for_update()
)
_ADVANCE = update(documents).where(documents.c.id == bindparam("key")).values(head=bindparam("seq"))
_INSERT = insert(entries)


def _entry_row(append: Append, key: int, seq: Seq) -> dict[str, object]:
    blob_format, length, digest, body = seal(UPDATE_FORMAT, append.update)
    return {
        "document": key,
        "seq": seq,
        "op": append.op,
        "author": append.author,
        "at": append.at,
        "format": blob_format,
        "length": length,
        "sha256": digest,
        "body": body,
    }


def _lock_documents(
    connection: Connection, ids: Collection[DocumentId], runs: Mapping[int, Run]
) -> dict[DocumentId, _Document]:
    """The rows of those that exist, locked in one order everywhere, so that two nodes cannot wait for each other."""
    names = [(each.case, each.name) for each in ids]
    # PostgreSQL prepares a statement for each number of names; there are ten of them when that is a power of two.
    names += names[-1:] * ((1 << (len(names) - 1).bit_length()) - len(names))
    return {
        DocumentId(CaseId(case), DocumentName(name)): _Document(key, head, successor, _run(runs.get(key), head))
        for case, name, key, head, successor in connection.execute(_LOCK, {"names": names})
    }


def _run(known: Run | None, head: int) -> Run:
    """A run to go on with: a copy of the one that was remembered, unless somebody wrote since."""
    return replace(known) if known is not None and known.head == head else Run(head, head)


def _find_brought(connection: Connection, rows: Mapping[DocumentId, _Document], appends: Sequence[Append]) -> None:
    """[JRN-15] Note what may be sent again: what is in entries that the room of an append cannot have known."""
    gaps: dict[int, range] = {}
    for append in appends:
        document = rows.get(append.document)
        if document is not None and not document.run.take(append):
            gap = range(append.known + 1, document.head + 1)
            gaps[document.key] = max(gap, gaps.get(document.key, gap), key=len)
    if gaps:
        brought = read_between(connection, gaps)
        for document in rows.values():
            document.brought = brought.get(document.key)


def _find_owners(
    connection: Connection,
    rows: Mapping[DocumentId, _Document],
    appends: Sequence[Append],
    known: Mapping[Binding, PersonId],
) -> dict[Binding, PersonId]:
    wanted: defaultdict[int, set[ClientId]] = defaultdict(set)
    for append in appends:
        if append.document in rows:
            key = rows[append.document].key
            wanted[key] |= {client for client in append.clients if Binding(key, client) not in known}
    owners: dict[Binding, PersonId] = {}
    columns = document_clients.c
    for key, clients in wanted.items():
        if clients:
            query = select(columns.client_id, columns.person).where(
                columns.document == key, columns.client_id.in_(clients)
            )
            owners |= {Binding(key, ClientId(client)): PersonId(p) for client, p in connection.execute(query)}
    return owners


def _find_ops(connection: Connection, ops: Sequence[OpId]) -> dict[OpId, tuple[DocumentId, Entry]]:
    query = (
        select(documents.c.case_id, documents.c.name, entries)
        .join(documents, documents.c.id == entries.c.document)
        .where(entries.c.op.in_(ops))
    )
    return {
        OpId(row.op): (
            DocumentId(CaseId(row.case_id), DocumentName(row.name)),
            Entry(Seq(row.seq), OpId(row.op), UpdateBytes(row.body), PersonId(row.author), row.at),
        )
        for row in connection.execute(query)
    }
