"""The append-only history of documents."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from workspace.audit import SYSTEM, Cause
from workspace.entries import Append, Entry, Mark, Outcome, Snapshot, Stored
from workspace.ids import DocumentId, Millis, PersonId, Seq, UpdateBytes


@dataclass(frozen=True, slots=True)
class Commit:
    """One transaction of the journal's writer, after it."""

    appends: int
    seconds: float
    failed: bool


class Journal(Protocol):
    """The append-only history of every document. Truth lives here; rooms and snapshots are caches of it."""

    async def open(self, document: DocumentId) -> Stored:
        """The document's stored state, creating an empty document if its case exists and the name was never used.

        Only a name of epoch 1 is created here; a later epoch comes from `supersede` alone.
        A snapshot whose length, digest or format does not match is passed over, and older history stands in for it.
        Raises: NotFound (no such case), Superseded (continues under a new name), StorageUnavailable.
        """
        ...

    def watch(self, told: Callable[[Commit], None]) -> None:
        """Tell of each commit from now on, right after it. There is one who is told, and who neither waits nor
        raises."""
        ...

    def append(self, appends: Sequence[Append]) -> asyncio.Future[Sequence[Outcome]]:
        """Journal updates in order; the answer comes after the commit is synced to disk, one per append, in order.

        Must be called on the event loop; queues at the call, so two calls commit in call order. `seq` is 1, 2, 3… per
        document without gaps. Idempotent: an append whose `op` is already there answers with the entry it has.
        Nothing is written twice [JRN-15]: of each update is left out what entries hold that `known` and `follows` of
        the append do not speak for, also those of other nodes and of the same call. The entry in the answer is what was
        written; an append with nothing left has none and is answered with Covered, however often it is sent. Who owns a
        client id is asked only for what is left. [JRN-6]
        All appends waiting, of all documents, share one commit. One rejected append does not harm its neighbours.
        The future fails with StorageUnavailable when the outcome is unknown; the same appends may then be sent again.
        With StorageFull nothing of them was written.
        """
        ...

    async def read(
        self, document: DocumentId, *, after: Seq, until: Seq | None = None, limit: int = 1_000
    ) -> Sequence[Entry]:
        """Entries with `after < seq <= until`, oldest first, at most `limit`. Raises: NotFound, StorageUnavailable."""
        ...

    async def marks(
        self, document: DocumentId, *, after: Seq, until: Seq | None = None, limit: int = 1_000
    ) -> Sequence[Mark]:
        """As `read`, without the content: for those who only ask who and when. Raises: NotFound, StorageUnavailable."""
        ...

    async def heads(self, documents: Collection[DocumentId]) -> Mapping[DocumentId, Seq]:
        """The newest seq of each document that exists. Raises: StorageUnavailable."""
        ...

    async def write_snapshot(self, document: DocumentId, snapshot: Snapshot, at: Millis) -> None:
        """Keep a snapshot with its format, length and sha-256. Entries stay; the newest two snapshots stay.

        A snapshot not newer than the newest intact one, or past the head, is refused with Conflict.
        Raises: NotFound, Conflict, StorageUnavailable.
        """
        ...

    async def supersede(
        self,
        document: DocumentId,
        seed: UpdateBytes | None,
        author: PersonId,
        at: Millis,
        cause: Cause = SYSTEM,
    ) -> DocumentId:
        """End a document and continue it, in the same transaction, as `document.successor()` seeded with one entry.

        The old one takes no more appends (they are rejected with Superseded) and says where it went. It is an event in
        the audit log. [AUD-1]
        Raises: NotFound, Superseded, StorageUnavailable.
        """
        ...
