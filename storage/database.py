"""The one way to run SQL: functions over a `Connection`, given to a database that runs them.

The functions are plain and synchronous, and all databases run the same ones: SQLite in threads, PostgreSQL's
asynchronous driver in greenlets. Where the two differ is said in `engines`, `sqlite`, `postgres`, `turns` and
`case_words`, and nowhere else.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from storage.engines import BUSY_SECONDS, parse_location
from storage.migrations import Schema
from storage.sqlite import SqliteDatabase

T = TypeVar("T")

WAIT_SECONDS = 15.0
"""How long a caller waits before the answer is "unknown"; longer than a database waits for another process's lock."""


def is_postgres(url: str) -> bool:
    """Whether a database's URL names PostgreSQL, with our driver or none."""
    return url.startswith(("postgresql://", "postgresql+asyncpg://"))


class Database(Protocol):
    """A database, open."""

    @property
    def failed(self) -> str | None:
        """Why nothing can be written any more until a restart, as the driver's error name; None while it can."""
        ...

    @property
    def is_full(self) -> bool:
        """Whether there is no room for new work; what is on its way may still be written, and may fail with
        StorageFull."""
        ...

    async def refill(self) -> None:
        """Look whether there is room again. Raises: StorageUnavailable."""
        ...

    async def write(self, fn: Callable[[Connection], T]) -> T:
        """Run `fn` in a transaction of its own, committed and synced when this returns.

        `fn` may be run again from its start when the database could not let it go on beside others: it must do nothing
        but SQL. What it raises rolls back. An IntegrityError or DataError comes out as it is: it is an answer, not a
        failure. Raises: StorageUnavailable; whether `fn` was committed is then unknown. StorageFull: it was not.
        """
        ...

    async def read(self, fn: Callable[[Connection], T]) -> T:
        """Run `fn` on one consistent state. Raises: StorageUnavailable, and what `fn` raises."""
        ...

    async def migrate(self) -> None:
        """Bring the schema up to date, however long that takes. Raises: StorageUnavailable."""
        ...

    async def schema(self) -> Schema:
        """How the schema stands to this code; changes nothing. Raises: StorageUnavailable."""
        ...

    async def close(self) -> None:
        """Finish what was asked for, then close; whatever comes later is refused."""
        ...


@asynccontextmanager
async def open_database(
    path_or_url: Path | str,
    *,
    migrate: bool = True,
    wait_seconds: float = WAIT_SECONDS,
    busy_seconds: float = BUSY_SECONDS,
    reserve_bytes: int = 0,
) -> AsyncIterator[Database]:
    """Open and migrate; a SQLite file is made where there is none. `busy_seconds` is how long a lock of another process
    is waited for; `reserve_bytes` may be set aside on the disk of a SQLite file, by `refill`.

    Raises: ValueError (neither a SQLite file nor PostgreSQL), StorageUnavailable.
    """
    database: Database
    if isinstance(path_or_url, str) and is_postgres(path_or_url):
        # Not at the top: a command on a SQLite file need not wait for this driver.
        from storage.postgres import PostgresDatabase  # noqa: PLC0415

        database = PostgresDatabase(path_or_url, wait_seconds=wait_seconds, busy_seconds=busy_seconds)
    else:
        path = parse_location(path_or_url)
        database = SqliteDatabase(
            path, wait_seconds=wait_seconds, busy_seconds=busy_seconds, reserve_bytes=reserve_bytes
        )
    try:
        if migrate:
            await database.migrate()
        yield database
    finally:
        await database.close()
