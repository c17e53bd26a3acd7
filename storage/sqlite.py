"""A SQLite file: one writer, in a thread of its own, that commits in order, and readers beside it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError

from storage.engines import BACKUP_MARK, Failure, judge, reader_engine, writer_engine
from storage.migrations import Schema, check, upgrade
from storage.reserve import RESERVE, Reserve
from workspace.errors import StorageFull, StorageUnavailable

T = TypeVar("T")

READERS = 4
"""4 is arbitrary: a reader waits for the disk more than for the interpreter."""

_log = structlog.stdlib.get_logger(__name__)


class SqliteDatabase:
    """`storage.database.Database` on a file. [STO-2] After a real I/O error nothing is written any more."""

    def __init__(self, path: Path, *, wait_seconds: float, busy_seconds: float, reserve_bytes: int = 0) -> None:
        """Opens nothing yet that can fail; use `storage.database.open_database`."""
        self._path = path
        self._reserve = Reserve(path.with_name(f"{path.name}{RESERVE}"), reserve_bytes)
        self._writer_engine = writer_engine(path, busy_seconds)
        self._reader_engine = reader_engine(path, READERS)
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="storage-writer")
        self._readers = ThreadPoolExecutor(max_workers=READERS, thread_name_prefix="storage-reader")
        self._wait_seconds = wait_seconds
        self._failed: str | None = None
        self._writing: Connection | None = None  # kept between writes: the pool would cost a fifth of a small commit

    @property
    def failed(self) -> str | None:
        """See the protocol. Only a restart mends it."""
        return self._failed

    @property
    def is_full(self) -> bool:
        """See the protocol."""
        return self._reserve.is_spent

    async def refill(self) -> None:
        """See the protocol. Between two writes: its room must not be taken for a moment that it is not there."""
        if self.is_full:
            await self._run(self._writer, self._reserve.make, None)

    async def write(self, fn: Callable[[Connection], T]) -> T:
        """See the protocol. Calls run in order, one at a time."""
        return await self._run(self._writer, partial(self._write, fn), self._wait_seconds)

    async def read(self, fn: Callable[[Connection], T]) -> T:
        """See the protocol."""
        return await self._run(self._readers, partial(self._read, fn), self._wait_seconds)

    async def migrate(self) -> None:
        """See the protocol. Without an end to the wait: half a migration serves nobody."""
        await self._run(self._writer, partial(self._translated, self._migrate), None)

    async def schema(self) -> Schema:
        """See the protocol. No file is made."""
        return await self.read(check) if self._path.exists() else Schema.BEHIND

    async def close(self) -> None:
        """See the protocol."""
        await asyncio.to_thread(self._close)

    async def _run(self, threads: ThreadPoolExecutor, job: Callable[[], T], wait_seconds: float | None) -> T:
        try:
            submitted = threads.submit(job)
        except RuntimeError as error:  # closed
            raise StorageUnavailable from error
        try:
            async with asyncio.timeout(wait_seconds):
                return await asyncio.wrap_future(submitted)
        except TimeoutError as error:  # cancelled if it had not begun; otherwise it runs on, and may yet commit
            _log.error("storage.timeout")
            raise StorageUnavailable from error

    def _migrate(self) -> None:
        with self._writer_engine.begin() as connection:
            if connection.exec_driver_sql("PRAGMA application_id").scalar_one() == BACKUP_MARK:
                raise StorageUnavailable("this file is a backup; `consilium restore` makes a data folder of it")
            upgrade(connection)

    def _write(self, fn: Callable[[Connection], T]) -> T:
        if self._failed is not None:
            raise StorageUnavailable
        try:
            return self._translated(partial(self._transact, fn))
        except StorageFull:
            if not self._reserve.spend():
                raise
            return self._translated(partial(self._transact, fn))

    def _transact(self, fn: Callable[[Connection], T]) -> T:
        if self._writing is None:
            self._writing = self._writer_engine.connect()
        try:
            with self._writing.begin():
                return fn(self._writing)
        except SQLAlchemyError:  # it may not even have rolled back: a fresh connection knows nothing of it
            self._writing.close()
            self._writing = None
            raise

    def _read(self, fn: Callable[[Connection], T]) -> T:
        def transaction() -> T:
            with self._reader_engine.begin() as connection:
                return fn(connection)

        return self._translated(transaction)

    def _translated(self, fn: Callable[[], T]) -> T:
        try:
            return fn()
        except (IntegrityError, DataError):
            raise
        except SQLAlchemyError as error:
            cause = error.orig if isinstance(error, DBAPIError) else error
            name = getattr(cause, "sqlite_errorname", type(cause).__name__)
            failure = judge(cause)
            if failure is Failure.FATAL:
                self._failed = self._failed or str(name)
            # Only the name: a driver's message may quote what was to be written.
            _log.error("storage.error", error=name, stopped=self._failed is not None)
            raise (StorageFull if failure is Failure.FULL else StorageUnavailable) from error

    def _close(self) -> None:
        self._writer.shutdown(wait=True)
        self._readers.shutdown(wait=True)
        if self._writing is not None:
            self._writing.close()
        self._reader_engine.dispose()
        self._writer_engine.dispose()
