"""The journal's promises as a plain object without an event loop: what `MemoryJournal` wraps."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from storage.blobs import Blob, is_intact, seal
from workspace.brought import Brought, Run
from workspace.entries import SNAPSHOT_FORMAT, Append, Covered, Entry, Outcome, Rejected, Snapshot, Stored
from workspace.errors import Conflict, ConsiliumError, ForeignClient, InvalidUpdate, NotFound, Superseded
from workspace.ids import CaseId, ClientId, DocumentId, DocumentName, Millis, OpId, PersonId, Seq, UpdateBytes
from workspace.update import read_update

_KEPT = 2


@dataclass(slots=True)
class MemoryDocument:
    """One document's rows. Entry `seq` is at index `seq - 1`; snapshots are in order of `seq`."""

    entries: list[Entry] = field(default_factory=list)
    owners: dict[ClientId, PersonId] = field(default_factory=dict)
    snapshots: dict[Seq, Blob] = field(default_factory=dict)
    successor: DocumentId | None = None
    run: Run = field(default_factory=lambda: Run(0, 0))

    @property
    def head(self) -> Seq:
        return Seq(len(self.entries))


class MemoryHistory:
    """All documents of all cases. Each method is one transaction; see `storage.ports.Journal` for what it promises."""

    def __init__(self) -> None:
        self.documents: dict[DocumentId, MemoryDocument] = {}
        self._cases: set[CaseId] = set()
        self._ops: dict[OpId, tuple[DocumentId, Entry]] = {}

    def add_case(self, case: CaseId) -> None:
        """Only documents of a known case can be opened."""
        self._cases.add(case)

    def create(self, document: DocumentId, seed: UpdateBytes | None, author: PersonId, at: Millis) -> None:
        """[JRN-11] A new document with its seed as entry 1."""
        if document in self.documents:
            raise Conflict(str(document))
        self.documents[document] = MemoryDocument()
        if seed is not None:
            self._write(Append(OpId(secrets.token_bytes(16)), document, seed, author, frozenset(), at))

    def open(self, document: DocumentId) -> Stored:
        """See the port. Raises: NotFound, Superseded."""
        if document not in self.documents:
            if document.case not in self._cases or document.epoch > 1:
                raise NotFound
            self.documents[document] = MemoryDocument()
        found = self._current(document)
        snapshot = next((s for s in map(_opened, *_newest_first(found)) if s is not None), None)
        after = snapshot.seq if snapshot else 0
        return Stored(snapshot, tuple(found.entries[after:]), dict(found.owners))

    def append(self, appends: Sequence[Append]) -> list[Outcome]:
        """See the port: one answer per append, in order."""
        return [self._append(append) for append in appends]

    def read(
        self, document: DocumentId, *, after: Seq, until: Seq | None = None, limit: int = 1_000
    ) -> Sequence[Entry]:
        """See the port. Raises: NotFound."""
        found = self._found(document).entries
        return found[after : len(found) if until is None else until][:limit]

    def heads(self, documents: Collection[DocumentId]) -> dict[DocumentId, Seq]:
        """See the port."""
        return {each: self.documents[each].head for each in documents if each in self.documents}

    def names(self, case: CaseId) -> dict[DocumentName, Seq]:
        """The current documents of a case, with their heads."""
        return {
            document.name: found.head
            for document, found in self.documents.items()
            if document.case == case and found.successor is None
        }

    def write_snapshot(self, document: DocumentId, snapshot: Snapshot) -> None:
        """See the port. Raises: NotFound, Conflict."""
        found = self._found(document)
        intact = {seq: blob for seq, blob in found.snapshots.items() if is_intact(blob)}
        if snapshot.seq > found.head or snapshot.seq <= max(intact, default=0):
            raise Conflict("snapshot")
        intact[snapshot.seq] = seal(SNAPSHOT_FORMAT, snapshot.body)
        found.snapshots = dict(sorted(intact.items())[-_KEPT:])

    def supersede(self, document: DocumentId, seed: UpdateBytes | None, author: PersonId, at: Millis) -> DocumentId:
        """See the port. Raises: NotFound, Superseded."""
        found = self._current(document)
        successor = document.successor()
        self.create(successor, seed, author, at)
        found.successor = successor
        return successor

    def _found(self, document: DocumentId) -> MemoryDocument:
        if document not in self.documents:
            raise NotFound
        return self.documents[document]

    def _current(self, document: DocumentId) -> MemoryDocument:
        found = self._found(document)
        if found.successor is not None:
            raise Superseded(str(found.successor))
        return found

    def _append(self, append: Append) -> Outcome:
        if append.op in self._ops:
            document, entry = self._ops[append.op]
            return entry if document == append.document else Rejected(append.op, Conflict("op of another document"))
        try:
            found = self._current(append.document)
        except ConsiliumError as error:
            return Rejected(append.op, error)
        if not replace(found.run).take(append):  # [JRN-15]
            rest = _brought_by(found.entries[append.known :]).leave_out(append)
            if rest is None:
                return Covered(append.op, found.head)
            append = rest
        if any(found.owners.get(client, append.author) != append.author for client in append.clients):
            return Rejected(append.op, ForeignClient())
        return self._write(append)

    def _write(self, append: Append) -> Entry:
        found = self.documents[append.document]
        found.run.take(append)
        entry = Entry(Seq(found.head + 1), append.op, append.update, append.author, append.at)
        found.entries.append(entry)
        found.owners |= dict.fromkeys(append.clients, append.author)
        self._ops[append.op] = append.document, entry
        return entry


def _brought_by(entries: Sequence[Entry]) -> Brought:
    brought = Brought()
    for entry in entries:
        with suppress(InvalidUpdate):
            brought.add(read_update(entry.update))
    return brought


def _newest_first(document: MemoryDocument) -> tuple[list[Seq], list[Blob]]:
    seqs = sorted(document.snapshots, reverse=True)
    return seqs, [document.snapshots[seq] for seq in seqs]


def _opened(seq: Seq, blob: Blob) -> Snapshot | None:
    return Snapshot(seq, blob.body) if blob.format == SNAPSHOT_FORMAT and is_intact(blob) else None
