"""The disks that the contract suites run on, each with what a test may do to it behind the ports' backs."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from pathlib import Path
from typing import Protocol

from storage.memory import MemoryRecords, memory_stores
from storage.ports import Stores
from storage.stores import open_stores
from tests.postgres import Postgres
from workspace.ids import DocumentId, Seq

_SHIFTS = (
    "UPDATE leases SET begins = begins - ({0}), ends = ends - ({0})",
    "UPDATE uploads SET begins = begins - ({0}), ends = ends - ({0})",
    "UPDATE remakes SET begins = begins - ({0}), ends = ends - ({0})",
    "UPDATE presenters SET begins = begins - ({0}), ends = ends - ({0})",
)


class World(Protocol):
    """One disk, and the nodes on it."""

    def node(self) -> AbstractAsyncContextManager[Stores]:
        """A node on this disk: the first, one beside it, or one after a restart."""
        ...

    def set_clock(self, seconds: float) -> None:
        """Let the database's clock jump, ahead or back. As nobody sees a clock but by what was timed with it, the
        stored times of leases jump the other way where the clock itself cannot be set."""
        ...

    def damage_snapshot(self, document: DocumentId, seq: Seq) -> None:
        """Flip a byte of it."""
        ...

    def truncate_snapshot(self, document: DocumentId, seq: Seq) -> None:
        """Drop its last byte."""
        ...

    def relabel_snapshot(self, document: DocumentId, seq: Seq, snapshot_format: str) -> None:
        """As a release that writes another format would have left it."""
        ...


class MemoryWorld:
    """A disk that is a value."""

    def __init__(self) -> None:
        self._records = MemoryRecords()
        self._records.clock = lambda: time.time() + self._ahead
        self._ahead = 0.0

    @asynccontextmanager
    async def node(self) -> AsyncIterator[Stores]:
        yield memory_stores(self._records)

    def set_clock(self, seconds: float) -> None:
        self._ahead += seconds

    def damage_snapshot(self, document: DocumentId, seq: Seq) -> None:
        held = self._records.history.documents[document].snapshots
        body = held[seq].body
        held[seq] = held[seq]._replace(body=bytes([body[0] ^ 1]) + body[1:])

    def truncate_snapshot(self, document: DocumentId, seq: Seq) -> None:
        held = self._records.history.documents[document].snapshots
        held[seq] = held[seq]._replace(body=held[seq].body[:-1])

    def relabel_snapshot(self, document: DocumentId, seq: Seq, snapshot_format: str) -> None:
        held = self._records.history.documents[document].snapshots
        held[seq] = held[seq]._replace(format=snapshot_format)


class SqliteWorld:
    """A real file. What a test does behind the ports is another process's connection to it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def location(self) -> Path:
        """Of the file."""
        return self.path

    def unguard(self) -> None:
        """Let the audit log be changed."""
        for verb in ("update", "delete"):
            self.run(f"DROP TRIGGER audit_events_no_{verb}")

    def run(self, statement: str) -> None:
        """As an operator could."""
        with closing(sqlite3.connect(self.path)) as connection, connection:
            connection.execute(statement)

    def node(self) -> AbstractAsyncContextManager[Stores]:
        return open_stores(self.path)

    def set_clock(self, seconds: float) -> None:
        with closing(sqlite3.connect(self.path)) as connection, connection:
            for shift in _SHIFTS:
                connection.execute(shift.format(round(seconds * 1000)))

    def damage_snapshot(self, document: DocumentId, seq: Seq) -> None:
        self._set(document, seq, "body = CAST(X'FF' || substr(body, 2) AS BLOB)")

    def truncate_snapshot(self, document: DocumentId, seq: Seq) -> None:
        self._set(document, seq, "body = substr(body, 1, length(body) - 1)")

    def relabel_snapshot(self, document: DocumentId, seq: Seq, snapshot_format: str) -> None:
        self._set(document, seq, f"format = '{snapshot_format}'")

    def _set(self, document: DocumentId, seq: Seq, change: str) -> None:
        with closing(sqlite3.connect(self.path)) as connection, connection:
            changed = connection.execute(
                f"UPDATE snapshots SET {change} WHERE seq = ? AND document ="
                " (SELECT id FROM documents WHERE case_id = ? AND name = ?)",
                (seq, document.case, document.name),
            )
            assert changed.rowcount == 1


class PostgresWorld:
    """A database of a real PostgreSQL. What a test does behind the ports is what an operator could."""

    def __init__(self, postgres: Postgres, url: str) -> None:
        self._postgres = postgres
        self.url = url

    @property
    def location(self) -> str:
        """Of the database."""
        return self.url

    def unguard(self) -> None:
        """Let the audit log be changed."""
        self.run("DROP TRIGGER audit_events_append_only ON audit_events")

    def run(self, statement: str) -> None:
        """As an operator could."""
        self._postgres.execute(statement, url=self.url)

    def node(self) -> AbstractAsyncContextManager[Stores]:
        return open_stores(self.url)

    def set_clock(self, seconds: float) -> None:
        for shift in _SHIFTS:
            self._postgres.execute(shift.format(round(seconds * 1000)), url=self.url)

    def damage_snapshot(self, document: DocumentId, seq: Seq) -> None:
        self._set(document, seq, "body = set_byte(body, 0, get_byte(body, 0) # 1)")

    def truncate_snapshot(self, document: DocumentId, seq: Seq) -> None:
        self._set(document, seq, "body = substr(body, 1, length(body) - 1)")

    def relabel_snapshot(self, document: DocumentId, seq: Seq, snapshot_format: str) -> None:
        self._set(document, seq, f"format = '{snapshot_format}'")

    def _set(self, document: DocumentId, seq: Seq, change: str) -> None:
        changed = self._postgres.execute(
            f"UPDATE snapshots SET {change} WHERE seq = {seq} AND document ="
            f" (SELECT id FROM documents WHERE case_id = '{document.case}' AND name = '{document.name}') RETURNING 1",
            url=self.url,
        )
        assert changed == "1"
