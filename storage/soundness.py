"""Whether a database holds what it should: each journal whole, each blob as it was stored, each snapshot what its
entries come to. Reads, and changes nothing. [BAK-3]"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from sqlalchemy import Connection, func, inspect, select

from storage.audit import SqlAudit
from storage.blobs import Sealed, is_intact
from storage.database import Database
from storage.media_soundness import Shelf, examine_media
from storage.ports.audit import walk_all
from storage.tables import audit_events, document_clients, documents, entries, files, snapshots
from workspace.audit import Chain
from workspace.compaction import decode_snapshot
from workspace.entries import SNAPSHOT_FORMAT, UPDATE_FORMAT, Snapshot
from workspace.errors import InvalidMessage
from workspace.ids import CaseId, ClientId, DocumentId, DocumentName, Millis, PersonId, Seq, UpdateBytes
from workspace.ranges import Ranges
from workspace.replica import Holding, Replica
from workspace.update import read_update

PAGE = 1_000
"""Entries in memory at once, beside what they come to."""

Same = Callable[[UpdateBytes, Holding], Awaitable[bool]]
"""Whether an update says what these chunks say; asked of a child process, since a `Doc` may die. [JRN-14]"""


class Fault(NamedTuple):
    """What is not as it should be, in a document, in a chain of the audit log or among media."""

    place: DocumentId | Chain | Shelf
    what: str


@dataclass(slots=True)
class Census:
    """What was looked at."""

    documents: int = 0
    entries: int = 0
    snapshots: int = 0
    newest: Millis | None = None
    """When the newest entry was written."""
    events: int = 0
    """Of the audit log."""
    media: int = 0
    files: int = 0
    faults: list[Fault] = field(default_factory=list)


class _Row(NamedTuple):
    """A document's row."""

    key: int
    case: str
    name: str
    head: int
    superseded_by: str | None

    @property
    def id(self) -> DocumentId:
        return DocumentId(CaseId(self.case), DocumentName(self.name))


async def examine(database: Database, same: Same) -> Census:
    """Look at every document, one after the other.

    What is written meanwhile is not looked at, or found whole: a journal only grows. Raises: StorageUnavailable.
    """
    census = Census()
    rows = await database.read(lambda connection: [_Row(*row) for row in connection.execute(_ROWS)])
    names = {(row.case, row.name) for row in rows}
    for row in rows:
        census.documents += 1
        if row.superseded_by is not None and (row.case, row.superseded_by) not in names:
            census.faults.append(Fault(row.id, f"continues as {row.superseded_by}, which is not there"))
        await _examine(database, row, same, census)
    there = await database.read(lambda connection: set(inspect(connection).get_table_names()))
    if audit_events.name in there:
        await _examine_audit(SqlAudit(database), census)
    if files.name in there:
        found = await examine_media(database)
        census.media, census.files = found.media, found.files
        census.faults += [Fault(place, what) for place, what in found.wrong]
    return census


async def _examine_audit(audit: SqlAudit, census: Census) -> None:
    """[AUD-3] Every chain."""
    async for walk, broken in walk_all(audit):
        census.events += walk.head.seq
        if broken is not None:
            census.faults.append(Fault(broken.chain, f"event {broken.seq} of the audit log {broken.what}"))


_ROWS = select(
    documents.c.id, documents.c.case_id, documents.c.name, documents.c.head, documents.c.superseded_by
).order_by(documents.c.id)


async def _examine(database: Database, row: _Row, same: Same, census: Census) -> None:
    kept = await database.read(partial(_snapshots, key=row.key))
    due = {snapshot.seq: snapshot for snapshot in kept}
    replica = Replica(Seq(0), None, Ranges(), Ranges())
    clients: dict[ClientId, PersonId] = {}
    is_readable = True
    while replica.seq < row.head:
        page = await database.read(partial(_page, key=row.key, after=replica.seq, until=row.head))
        for entry in page:
            census.entries += 1
            census.newest = Millis(max(entry.at, census.newest or 0))
            what = _judge_entry(entry, replica, clients)
            if what is not None:
                census.faults.append(Fault(row.id, what))
            is_readable &= what is None
            if (snapshot := due.pop(Seq(entry.seq), None)) is not None and is_readable:
                await _compare(row.id, snapshot, replica, same, census)
        if not page:
            census.faults.append(Fault(row.id, f"entries {replica.seq + 1} to {row.head} are missing"))
            break
    for seq in due:
        if seq > row.head or is_readable:
            census.faults.append(Fault(row.id, f"snapshot {seq} stands for entries that are not there"))
    await _judge_rest(database, row, clients, census)


class _Entry(NamedTuple):
    """A row of `entries`, read."""

    seq: int
    author: str
    at: int
    format: str
    length: int
    sha256: bytes
    body: bytes


class _Kept(NamedTuple):
    """A row of `snapshots`, read."""

    seq: int
    format: str
    length: int
    sha256: bytes
    body: bytes


def _page(connection: Connection, key: int, after: Seq, until: int) -> Sequence[_Entry]:
    columns = entries.c
    query = (
        select(columns.seq, columns.author, columns.at, columns.format, columns.length, columns.sha256, columns.body)
        .where(columns.document == key, columns.seq > after, columns.seq <= until)
        .order_by(columns.seq)
        .limit(PAGE)
    )
    return [_Entry(*row) for row in connection.execute(query)]


def _snapshots(connection: Connection, key: int) -> Sequence[_Kept]:
    columns = snapshots.c
    query = select(columns.seq, columns.format, columns.length, columns.sha256, columns.body)
    return [_Kept(*row) for row in connection.execute(query.where(columns.document == key))]


def _judge_blob(blob: Sealed, expected: str) -> str | None:
    if blob.format != expected:
        return f"is of the format {blob.format!r}, which this release does not know"
    return None if is_intact(blob) else "does not match its length or its sha-256"


def _judge_entry(entry: _Entry, replica: Replica, clients: dict[ClientId, PersonId]) -> str | None:
    """What is wrong with the next entry; the replica and who owns which client id grow by it."""
    expected = replica.seq + 1
    what = _judge_blob(entry, UPDATE_FORMAT)
    update = UpdateBytes(entry.body)
    try:
        facts = read_update(update)
    except InvalidMessage:
        facts, what = None, what or "cannot be read"
    if facts is None or what is not None:
        replica.seq = Seq(entry.seq)
    else:
        for client in replica.new_clients(facts):
            clients.setdefault(client, PersonId(entry.author))
        replica.take(Seq(entry.seq), update, facts)
    if entry.seq != expected:
        return f"entries {expected} to {entry.seq - 1} are missing"
    return None if what is None else f"entry {entry.seq} {what}"


async def _compare(document: DocumentId, kept: _Kept, replica: Replica, same: Same, census: Census) -> None:
    """[JRN-12] A snapshot forgets nothing and makes nothing up."""
    census.snapshots += 1
    what = _judge_blob(kept, SNAPSHOT_FORMAT)
    if what is None:
        holding = replica.seal()
        replica.unseal()
        try:
            snapshot = decode_snapshot(Snapshot(Seq(kept.seq), kept.body))
        except InvalidMessage:
            what = "cannot be read"
        else:
            what = await _difference(snapshot, holding, same)
    if what is not None:
        census.faults.append(Fault(document, f"snapshot {kept.seq} {what}"))


async def _difference(snapshot: Replica, holding: Holding, same: Same) -> str | None:
    if snapshot.held != holding.held or any(
        not snapshot.deleted.covers(client, start, end) for client, spans in holding.deleted for start, end in spans
    ):
        return "does not hold what its entries hold"
    [update] = snapshot.seal().chunks
    return None if await same(update, holding) else "does not say what its entries say"


async def _judge_rest(database: Database, row: _Row, clients: dict[ClientId, PersonId], census: Census) -> None:
    """[JRN-2] [JRN-6] Nothing before the first, and no client id bound to somebody else than whoever wrote with it
    first. Those of a seed are bound to nobody."""

    def read(connection: Connection) -> tuple[int, dict[ClientId, PersonId]]:
        past = select(func.count()).where(entries.c.document == row.key, entries.c.seq < 1)
        bound = select(document_clients.c.client_id, document_clients.c.person)
        owners = connection.execute(bound.where(document_clients.c.document == row.key))
        return connection.execute(past).scalar_one(), {ClientId(c): PersonId(p) for c, p in owners}

    odd, owners = await database.read(read)
    if odd:
        census.faults.append(Fault(row.id, f"{odd} entries have a seq below 1"))
    for client, person in clients.items():
        if owners.get(client, person) != person:
            census.faults.append(Fault(row.id, f"client id {client} is not bound to {person}, who wrote with it first"))
