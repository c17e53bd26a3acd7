"""What a document's journal holds: entries, and the snapshots that stand for a run of them."""

from __future__ import annotations

from dataclasses import dataclass

from workspace.errors import ConsiliumError
from workspace.ids import ClientId, DocumentId, Millis, OpId, PersonId, Seq, UpdateBytes
from workspace.update import NOTHING, UpdateFacts

UPDATE_FORMAT = "yjs-update/1"
SNAPSHOT_FORMAT = "consilium-snapshot/1"
EVERYTHING = Seq(2**53)
"""More than any document has entries: what somebody knows who is behind nobody."""


@dataclass(frozen=True, slots=True)
class Append:
    """A request to journal one update as received.

    `clients` are the client ids whose *new* structs the update carries: the journal binds each to `author` in the same
    transaction, or refuses the append when another person owns it.

    `news` is what of the update is not in entries 1…`known`. If `follows` names an append, nothing of it is in that one
    either, nor in those that the same room had on their way before it. So the journal need look only at what else is
    there. [JRN-15]
    """

    op: OpId
    document: DocumentId
    update: UpdateBytes
    author: PersonId
    clients: frozenset[ClientId]
    at: Millis
    news: UpdateFacts = NOTHING
    known: Seq = EVERYTHING
    follows: OpId | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One journalled update: committed and synced to disk."""

    seq: Seq
    op: OpId
    update: UpdateBytes
    author: PersonId
    at: Millis


@dataclass(frozen=True, slots=True)
class Mark:
    """An entry without its content."""

    seq: Seq
    author: PersonId
    at: Millis
    length: int
    """Bytes of its update."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """The journal's answer to an append that may not be: nothing of it was written."""

    op: OpId
    error: ConsiliumError


@dataclass(frozen=True, slots=True)
class Covered:
    """The journal's answer to an append that has nothing new: all of it stands in entries 1…`seq`. It has no entry."""

    op: OpId
    seq: Seq


Outcome = Entry | Covered | Rejected
"""The journal's answer to an append."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Entries 1…`seq` of a document in one blob of `SNAPSHOT_FORMAT` (see `workspace.compaction`)."""

    seq: Seq
    body: bytes


@dataclass(frozen=True, slots=True)
class Stored:
    """All that a room needs to open a document: the newest good snapshot, what came after it, and whose ids are
    whose."""

    snapshot: Snapshot | None
    entries: tuple[Entry, ...]
    owners: dict[ClientId, PersonId]
