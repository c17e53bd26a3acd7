"""The journal in SQL: what waits, of all documents, goes into one commit [JRN-4]."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import NamedTuple

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import DataError, IntegrityError

from storage import documents as rows
from storage import snapshots
from storage.appends import Memory, commit
from storage.database import Database
from storage.ports.journal import Commit
from workspace.audit import SYSTEM, Cause
from workspace.entries import Append, Entry, Mark, Outcome, Rejected, Snapshot, Stored
from workspace.errors import Conflict, NotFound, StorageFull, StorageUnavailable
from workspace.ids import DocumentId, Millis, OpId, PersonId, Seq, UpdateBytes

MAX_BATCH = 512
"""Appends in one transaction: more gains nothing, and the next ones wait longer."""
MAX_WAITING_BYTES = 64 * 1024 * 1024
"""What may wait for the disk before appends are refused. Arbitrary; some seconds of a very busy server."""
MAX_REMEMBERED = 100_000
"""Of bindings and of runs, each about 20 MB."""

_WRONG_DATA = IntegrityError, DataError, OverflowError
_log = structlog.stdlib.get_logger(__name__)


class _Call(NamedTuple):
    """One call of `append`, waiting."""

    appends: Sequence[Append]
    size: int
    answer: asyncio.Future[Sequence[Outcome]]


class SqlJournal:
    """`storage.ports.Journal` on a Database. Made by `open_journal`, whose task is the only one that commits."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: deque[_Call] = deque()
        self._waiting_bytes = 0
        self._wake = asyncio.Event()
        self._closing = False
        self._memory = Memory()
        self._failed: dict[DocumentId, tuple[OpId, Exception]] = {}
        """The newest append of a document that failed and why, until another is written."""
        self._told: Callable[[Commit], None] | None = None

    def watch(self, told: Callable[[Commit], None]) -> None:
        """See the port."""
        self._told = told

    async def open(self, document: DocumentId) -> Stored:
        """See the port."""
        stored = await self._database.read(partial(rows.load, document=document))
        if stored is None:
            try:
                await self._database.write(partial(rows.create_at_first_open, document=document))
            except IntegrityError:  # [JRN-10] another node was first
                _log.info("document.opened_elsewhere", document=str(document))
            stored = await self._database.read(partial(rows.load, document=document))
        if stored is None:
            raise NotFound
        return stored

    def append(self, appends: Sequence[Append]) -> asyncio.Future[Sequence[Outcome]]:
        """See the port. Refused at once when too much waits already; nothing of it was written then."""
        call = _Call(tuple(appends), sum(len(a.update) for a in appends), asyncio.get_running_loop().create_future())
        if self._closing or self._waiting_bytes + call.size > MAX_WAITING_BYTES:
            self._fail([call], StorageUnavailable())
        else:
            self._waiting.append(call)
            self._waiting_bytes += call.size
            self._wake.set()
        return call.answer

    async def read(
        self, document: DocumentId, *, after: Seq, until: Seq | None = None, limit: int = 1_000
    ) -> Sequence[Entry]:
        """See the port."""
        return await self._database.read(partial(rows.read, document=document, after=after, until=until, limit=limit))

    async def marks(
        self, document: DocumentId, *, after: Seq, until: Seq | None = None, limit: int = 1_000
    ) -> Sequence[Mark]:
        """See the port."""
        return await self._database.read(partial(rows.marks, document=document, after=after, until=until, limit=limit))

    async def heads(self, documents: Collection[DocumentId]) -> Mapping[DocumentId, Seq]:
        """See the port."""
        return await self._database.read(partial(rows.heads, ids=documents))

    async def write_snapshot(self, document: DocumentId, snapshot: Snapshot, at: Millis) -> None:
        """See the port. Also raises: NotFound."""

        def write(connection: Connection) -> None:
            found = rows.find(connection, document, lock=True)
            if found is None:
                raise NotFound
            snapshots.keep(connection, found.key, found.head, snapshot, at)

        await self._database.write(write)

    async def supersede(
        self,
        document: DocumentId,
        seed: UpdateBytes | None,
        author: PersonId,
        at: Millis,
        cause: Cause = SYSTEM,
    ) -> DocumentId:
        """See the port."""
        content = None if seed is None else rows.Seed(seed, author, at)
        return await self._database.write(partial(rows.supersede, document=document, seed=content, cause=cause))

    async def run(self) -> None:
        """Commit what waits, until closed and nothing waits any more."""
        while self._waiting or not self._closing:
            await self._wake.wait()
            self._wake.clear()
            while calls := self._take():
                await self._commit(calls)

    def close(self) -> None:
        """Take no more appends; `run` ends when those that wait are committed."""
        self._closing = True
        self._wake.set()

    def _take(self) -> list[_Call]:
        """The calls that wait, whole and in order, up to a batch; at least one."""
        calls: list[_Call] = []
        count = 0
        while self._waiting and (not calls or count + len(self._waiting[0].appends) <= MAX_BATCH):
            call = self._waiting.popleft()
            self._waiting_bytes -= call.size
            count += len(call.appends)
            calls.append(call)
        return calls

    async def _commit(self, calls: list[_Call]) -> None:
        if self._failed:
            calls = self._without_orphans(calls)
        appends = [append for call in calls for append in call.appends]
        answers: list[Outcome] = []
        started = time.perf_counter()
        failed = True
        try:
            for start in range(0, len(appends), MAX_BATCH):
                answers += await self._commit_batch(appends[start : start + MAX_BATCH])
        except Exception as error:  # whatever it is, nobody may wait for ever
            if not isinstance(error, StorageUnavailable):
                _log.exception("journal.failed")
            self._fail(calls, error)
        else:
            failed = False
            _resolve(calls, answers)
        if self._told is not None:
            self._told(Commit(len(appends), time.perf_counter() - started, failed=failed))

    def _fail(self, calls: list[_Call], cause: Exception) -> None:
        for call in calls:
            self._failed.update((append.document, (append.op, cause)) for append in call.appends)
            if not call.answer.done():
                error = StorageFull() if isinstance(cause, StorageFull) else StorageUnavailable()
                error.__cause__ = cause
                call.answer.set_exception(error)

    def _without_orphans(self, calls: list[_Call]) -> list[_Call]:
        """[JRN-16] Without those that follow what failed; their room is dropped anyway."""
        kept: list[_Call] = []
        for call in calls:
            before = [(append.follows, self._failed.get(append.document)) for append in call.appends]
            cause = next((failed[1] for follows, failed in before if failed and failed[0] == follows), None)
            if cause is not None:
                self._fail([call], cause)
                continue
            kept.append(call)
            for append in call.appends:
                self._failed.pop(append.document, None)
        return kept

    async def _commit_batch(self, appends: list[Append]) -> list[Outcome]:
        """[JRN-5] Together if possible; what the database refuses for its data is found out one by one."""
        for look_up in (False, True):  # [JRN-3] looking for ops costs a query: only when one was there already
            try:
                return await self._attempt(appends, look_up=look_up)
            except _WRONG_DATA as error:
                _log.info("journal.second_try", error=type(error).__name__, appends=len(appends))
        answers: list[Outcome] = []
        for append in appends:
            try:
                answers += await self._attempt([append], look_up=True)
            except _WRONG_DATA:
                answers.append(Rejected(append.op, Conflict("the journal cannot hold this")))
        return answers

    async def _attempt(self, appends: list[Append], *, look_up: bool) -> list[Outcome]:
        answers, learnt = await self._database.write(
            partial(commit, appends=appends, memory=self._memory, look_up=look_up)
        )
        self._memory.learn(learnt, MAX_REMEMBERED)  # only now: what was rolled back must not be remembered
        return answers


def _resolve(calls: list[_Call], answers: list[Outcome]) -> None:
    start = 0
    for call in calls:
        end = start + len(call.appends)
        if not call.answer.done():  # cancelled by who waited
            call.answer.set_result(answers[start:end])
        start = end


@asynccontextmanager
async def open_journal(database: Database) -> AsyncIterator[SqlJournal]:
    """A journal that commits; on leaving, what waits is committed first."""
    journal = SqlJournal(database)
    committer = asyncio.create_task(journal.run(), name="journal")
    try:
        yield journal
    finally:
        journal.close()
        await committer
