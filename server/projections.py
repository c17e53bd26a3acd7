"""Reads records when their edits have settled, and keeps what lists and search show of them. [LST-6]

What is behind follows from the journal, not from anything remembered here: edits of another process, and those before a
restart, are found the same way.
"""

from __future__ import annotations

import asyncio

import structlog

from server.access import Clock
from server.background import Done, Duty
from server.child import Child, ChildLost
from server.tracing import Facts, Tracing, Untraced
from storage.ports import Behind, Lease, Stores
from workspace.compaction import open_replica
from workspace.entries import Stored
from workspace.errors import NotFound, Superseded
from workspace.ids import DocumentId, Millis, Seq, UpdateBytes
from workspace.record import Projection, UnreadableRecord, project
from workspace.replica import fold

log = structlog.get_logger("consilium.projections")

LOOK_SECONDS = 2.0
QUIET_MILLIS = 3_000
"""A pause in writing: somebody has finished a sentence."""
OVERDUE_MILLIS = 20_000
"""Somebody who never pauses is read all the same."""
RETRY_MILLIS = 600_000
"""A record that ended its reader would most likely end the next one too."""
AHEAD_MILLIS = 60_000
"""Clocks of nodes may differ by less; an edit that is further ahead was made before the clock was set back."""
PATIENCE_SECONDS = 30.0
"""The largest documents take a second or two."""


class Projector:
    """Reads one record at a time."""

    def __init__(
        self, stores: Stores, *, clock: Clock, tracing: Tracing | None = None, child: Child | None = None
    ) -> None:
        self._stores = stores
        self._clock = clock
        self._tracing = tracing or Untraced()
        self._child = child or Child(PATIENCE_SECONDS)
        self.duty = Duty("records", LOOK_SECONDS, self._look)

    async def sweep(self) -> int:
        """Read what is to be read now; how many records that were. Raises: StorageUnavailable."""
        now = self._clock()
        behind = Behind(
            Millis(now - QUIET_MILLIS),
            Millis(now - OVERDUE_MILLIS),
            Millis(now - RETRY_MILLIS),
            Millis(now + AHEAD_MILLIS),
        )
        due = await self._stores.projections.behind(behind)
        for document in due:
            with self._tracing.work("record.read", {"document": str(document)}) as facts:
                await self._read(document, facts)
        return len(due)

    async def _read(self, document: DocumentId, facts: Facts) -> None:
        try:
            seq, update = await self._fetch(document)
        except (NotFound, Superseded):  # it was continued meanwhile: its successor is next
            return
        facts |= {"seq": seq, "bytes": len(update)}
        projection: Projection | None = None
        try:
            projection = await self._child.run(project, update)
        except (ChildLost, UnreadableRecord) as error:
            log.warning("projections.unreadable", document=str(document), seq=seq, error=str(error))
        await self._stores.projections.keep(document, seq, projection, self._clock())

    async def _fetch(self, document: DocumentId) -> tuple[Seq, UpdateBytes]:
        stored = await self._stores.journal.open(document)
        return await asyncio.to_thread(_merged, stored)

    async def _look(self, _: Lease) -> Done:
        """The lease only spares work: what two read at once, the later reading of it is kept. [NODE-6]"""
        count = await self.sweep()
        oldest = await self._stores.projections.oldest_unread()
        return Done(count, 0.0 if oldest is None else max(self._clock() - oldest, 0) / 1000)


def _merged(stored: Stored) -> tuple[Seq, UpdateBytes]:
    """One update: fed edit by edit a `Doc` dies of less."""
    holding = open_replica(stored).seal()
    return holding.seq, fold(list(holding.chunks))
