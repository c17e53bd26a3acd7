"""The journal port over a `MemoryHistory`, with switches that tests use to stop and break its commits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

from storage.events import document_continued
from storage.memory.history import MemoryHistory
from storage.ports.journal import Commit
from workspace.audit import SYSTEM, Cause, Event
from workspace.entries import Append, Entry, Mark, Outcome, Snapshot, Stored
from workspace.errors import StorageUnavailable
from workspace.ids import DocumentId, Millis, PersonId, Seq, UpdateBytes


class _Call(NamedTuple):
    """One call of `append`, waiting for its commit."""

    appends: Sequence[Append]
    answer: asyncio.Future[Sequence[Outcome]]


class MemoryJournal:
    """`storage.ports.Journal`: commits on the loop's next turn, unless held."""

    def __init__(self, history: MemoryHistory, record: Callable[[Event], None]) -> None:
        self.history = history
        self._record = record
        self._waiting: list[_Call] = []
        self._held = False
        self._failures = 0
        self._failures_commit = False
        self._told: Callable[[Commit], None] = lambda _: None

    @property
    def waiting(self) -> int:
        """How many calls of `append` are not committed yet."""
        return len(self._waiting)

    def hold(self) -> None:
        """Commit nothing until `release`."""
        self._held = True

    def release(self) -> None:
        """Commit what waits, on the loop's next turn."""
        self._held = False
        asyncio.get_running_loop().call_soon(self._commit)

    def fail(self, times: int, *, committed: bool = False) -> None:
        """Answer the next `times` calls of `append` with StorageUnavailable, having written nothing, or
        (`committed`) everything: the answer was lost, the edit is there."""
        self._failures = times
        self._failures_commit = committed

    def watch(self, told: Callable[[Commit], None]) -> None:
        """See the port."""
        self._told = told

    def append(self, appends: Sequence[Append]) -> asyncio.Future[Sequence[Outcome]]:
        """See the port."""
        loop = asyncio.get_running_loop()
        call = _Call(tuple(appends), loop.create_future())
        self._waiting.append(call)
        loop.call_soon(self._commit)
        return call.answer

    async def open(self, document: DocumentId) -> Stored:
        """See the port."""
        return self.history.open(document)

    async def read(
        self, document: DocumentId, *, after: Seq, until: Seq | None = None, limit: int = 1_000
    ) -> Sequence[Entry]:
        """See the port."""
        return self.history.read(document, after=after, until=until, limit=limit)

    async def marks(
        self, document: DocumentId, *, after: Seq, until: Seq | None = None, limit: int = 1_000
    ) -> Sequence[Mark]:
        """See the port."""
        entries = self.history.read(document, after=after, until=until, limit=limit)
        return [Mark(entry.seq, entry.author, entry.at, len(entry.update)) for entry in entries]

    async def heads(self, documents: Collection[DocumentId]) -> Mapping[DocumentId, Seq]:
        """See the port."""
        return self.history.heads(documents)

    async def write_snapshot(self, document: DocumentId, snapshot: Snapshot, at: Millis) -> None:
        """See the port."""
        self.history.write_snapshot(document, snapshot)

    async def supersede(
        self,
        document: DocumentId,
        seed: UpdateBytes | None,
        author: PersonId,
        at: Millis,
        cause: Cause = SYSTEM,
    ) -> DocumentId:
        """See the port."""
        successor = self.history.supersede(document, seed, author, at)
        self._record(document_continued(document, successor, cause))
        return successor

    def _commit(self) -> None:
        if self._held:
            return
        calls, self._waiting = self._waiting, []
        for call in calls:
            failing = self._failures > 0
            self._failures -= failing
            answers = self.history.append(call.appends) if not failing or self._failures_commit else []
            if call.answer.done():  # cancelled by who waited
                continue
            if failing:
                call.answer.set_exception(StorageUnavailable())
            else:
                call.answer.set_result(answers)
            self._told(Commit(len(call.appends), 0.0, failed=failing))
