"""The SQL of snapshots: kept with format, length and sha-256, passed over when one does not match [JRN-7]."""

from __future__ import annotations

import structlog
from sqlalchemy import Connection, delete, insert, select

from storage.blobs import is_intact, seal
from storage.tables import snapshots
from workspace.entries import SNAPSHOT_FORMAT, Snapshot
from workspace.errors import Conflict
from workspace.ids import Millis, Seq

KEPT = 2
"""The newest may turn out damaged; the one before it then spares the whole history."""

_log = structlog.stdlib.get_logger(__name__)


def newest_intact(connection: Connection, document: int) -> Snapshot | None:
    """The newest snapshot that can be read; None when the history alone must do."""
    query = select(snapshots).where(snapshots.c.document == document).order_by(snapshots.c.seq.desc())
    for row in connection.execute(query):
        if row.format == SNAPSHOT_FORMAT and is_intact(row):
            return Snapshot(Seq(row.seq), row.body)
        _log.warning("snapshot.passed_over", document=document, seq=row.seq, format=row.format)
    return None


def keep(connection: Connection, document: int, head: Seq, snapshot: Snapshot, at: Millis) -> None:
    """Add a snapshot and drop what it makes superfluous, damaged ones first. Raises: Conflict."""
    columns = snapshots.c
    older: list[int] = []
    for row in connection.execute(select(snapshots).where(columns.document == document).order_by(columns.seq.desc())):
        if is_intact(row):
            older.append(row.seq)
        else:
            connection.execute(delete(snapshots).where(columns.document == document, columns.seq == row.seq))
    if snapshot.seq > head or snapshot.seq <= max(older, default=0):
        raise Conflict("snapshot")
    blob_format, length, digest, body = seal(SNAPSHOT_FORMAT, snapshot.body)
    connection.execute(
        insert(snapshots).values(
            document=document, seq=snapshot.seq, at=at, format=blob_format, length=length, sha256=digest, body=body
        )
    )
    kept = [snapshot.seq, *older][:KEPT]
    connection.execute(delete(snapshots).where(columns.document == document, columns.seq < kept[-1]))
