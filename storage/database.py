"""The one way to run SQL: functions over a `Connection`, one writer that commits in order, readers beside it.

The functions are plain and synchronous, so that an engine with another driver can run the same ones.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError

from storage.engines import BUSY_SECONDS, Failure, judge, parse_location, reader_engine, writer_engine
from storage.migrations import upgrade
from workspace.errors import StorageUnavailable

T = TypeVar("T")

READERS = 4
"""4 is arbitrary: a reader waits for the disk more than for the interpreter."""
WAIT_SECONDS = 15.0
"""How long a caller waits before the answer is "unknown"; longer than SQLite waits for another process's lock."""

_log = structlog.stdlib.get_logger(__name__)


class Database:
    """A SQLite file, open. [STO-2] After a real I/O error nothing is written any more: see `failed`."""

    def __init__(self, path: Path, *, wait_seconds: float = WAIT_SECONDS, busy_seconds: float = BUSY_SECONDS) -> None:
        """Opens nothing yet that can fail; use `open_database`."""
        self._writer_engine = writer_engine(path, busy_seconds)
        self._reader_engine = reader_engine(path, READERS)
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="storage-writer")
        self._readers = ThreadPoolExecutor(max_workers=READERS, thread_name_prefix="storage-reader")
        self._wait_seconds = wait_seconds
        self._failed: str | None = None
        self._writing: Connection | None = None  # kept between writes: the pool would cost a fifth of a small commit

    @property
    def failed(self) -> str | None:
        """Why writing stopped for good, as the driver's error name; None while it goes on. Only a restart mends it."""
        return self._failed

    async def write(self, fn: Callable[[Connection], T]) -> T:
        """Run `fn` in a transaction of its own, committed and synced when this returns; calls run in order.

        What `fn` raises rolls back. An IntegrityError or DataError comes out as it is: it is an answer, not a failure.
        Raises: StorageUnavailable; whether `fn` was committed is then unknown.
        """
        return await self._run(self._writer, partial(self._write, fn), self._wait_seconds)

    async def read(self, fn: Callable[[Connection], T]) -> T:
        """Run `fn` on one consistent state. Raises: StorageUnavailable, and what `fn` raises."""
        return await self._run(self._readers, partial(self._read, fn), self._wait_seconds)

    async def migrate(self) -> None:
        """Bring the schema up to date, however long that takes: half a migration serves nobody.

        Raises: StorageUnavailable.
        """
        await self._run(self._writer, partial(self._translated, lambda: upgrade(self._writer_engine)), None)

    async def close(self) -> None:
        """Finish what was asked for, then close the file; whatever comes later is refused."""
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

    def _write(self, fn: Callable[[Connection], T]) -> T:
        if self._failed is not None:
            raise StorageUnavailable
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
            if judge(cause) is Failure.FATAL:
                self._failed = self._failed or str(name)
            # Only the name: a driver's message may quote what was to be written.
            _log.error("storage.error", error=name, stopped=self._failed is not None)
            raise StorageUnavailable from error

    def _close(self) -> None:
        self._writer.shutdown(wait=True)
        self._readers.shutdown(wait=True)
        if self._writing is not None:
            self._writing.close()
        self._reader_engine.dispose()
        self._writer_engine.dispose()


@asynccontextmanager
async def open_database(
    path_or_url: Path | str, *, wait_seconds: float = WAIT_SECONDS, busy_seconds: float = BUSY_SECONDS
) -> AsyncIterator[Database]:
    """Open (making it where there is none) and migrate. Raises: ValueError (not a SQLite file), StorageUnavailable."""
    database = Database(parse_location(path_or_url), wait_seconds=wait_seconds, busy_seconds=busy_seconds)
    try:
        await database.migrate()
        yield database
    finally:
        await database.close()
