"""PostgreSQL: the same functions over a `Connection` as on SQLite, run on asyncpg in greenlets (docs/adr/0007).

Error codes: postgresql.org/docs/current/errcodes-appendix.html. What a commit means: `synchronous_commit`, `fsync` in
postgresql.org/docs/current/runtime-config-wal.html.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import asyncpg
import structlog
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import DataError, DBAPIError, DisconnectionError, IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from storage.migrations import Schema, check, upgrade
from workspace.errors import StorageFull, StorageUnavailable

T = TypeVar("T")

DRIVER = "+asyncpg"
"""SQLAlchemy's word for asyncpg in a URL's scheme; asyncpg itself knows the scheme without."""
WRITERS = 4
"""4 is arbitrary: the journal commits on one, requests and background work share the others."""
READERS = 4
"""4 is arbitrary. A node holds at most 8 connections; PostgreSQL takes 100 unless told otherwise."""
CONNECT_SECONDS = 5.0
TRIES = 4
"""How often a transaction is tried that PostgreSQL ended because of another one."""
OLDEST = 140_000
"""PostgreSQL 14: the oldest that is still maintained."""

_log = structlog.stdlib.get_logger(__name__)


class PostgresDatabase:
    """`storage.database.Database` on PostgreSQL. [STO-5] A lost connection is an answer of the moment: the next one may
    work, and no error is for good. What reached the disk is PostgreSQL's own concern: it stops itself when in doubt."""

    def __init__(self, url: str, *, wait_seconds: float, busy_seconds: float) -> None:
        """Opens nothing yet that can fail; use `storage.database.open_database`."""
        dsn = url.replace(DRIVER, "", 1)
        self._writers = _engine(dsn, WRITERS, wait_seconds=wait_seconds, busy_seconds=busy_seconds)
        readers = _engine(dsn, READERS, wait_seconds=wait_seconds, busy_seconds=busy_seconds)
        self._readers = readers.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._wait_seconds = wait_seconds
        self._running = 0
        self._is_idle = asyncio.Event()
        self._is_idle.set()
        self._is_closed = False

    @property
    def failed(self) -> None:
        """Nothing fails for good here."""

    @property
    def is_full(self) -> bool:
        """Its disk is its own: a write finds out."""
        return False

    async def refill(self) -> None:
        """See `is_full`."""

    async def write(self, fn: Callable[[Connection], T]) -> T:
        """See the protocol. Several run at once; those that a task awaits one after the other run in that order."""
        return await self._run(self._writers, fn, self._wait_seconds)

    async def read(self, fn: Callable[[Connection], T]) -> T:
        """See the protocol."""
        return await self._run(self._readers, fn, self._wait_seconds)

    async def migrate(self) -> None:
        """See the protocol. Raises: StorageUnavailable also for a server that cannot keep what we promise."""

        def transaction(connection: Connection) -> None:
            _refuse_unfit(connection)
            upgrade(connection)

        await self._run(self._writers, transaction, None)

    async def schema(self) -> Schema:
        """See the protocol."""
        return await self.read(check)

    async def close(self) -> None:
        """See the protocol."""
        self._is_closed = True
        await self._is_idle.wait()
        await self._readers.dispose()
        await self._writers.dispose()

    async def _run(self, engine: AsyncEngine, fn: Callable[[Connection], T], wait_seconds: float | None) -> T:
        if self._is_closed:
            raise StorageUnavailable
        async with self._counted(), _translating():
            async with asyncio.timeout(wait_seconds):
                for _ in range(TRIES - 1):
                    try:
                        return await _transact(engine, fn)
                    except DBAPIError as error:
                        if not _may_try_again(error):
                            raise
                        _log.info("storage.tried_again", error=_name(error))
                return await _transact(engine, fn)

    @asynccontextmanager
    async def _counted(self) -> AsyncIterator[None]:
        self._running += 1
        self._is_idle.clear()
        try:
            yield
        finally:
            self._running -= 1
            if not self._running:
                self._is_idle.set()


async def _transact(engine: AsyncEngine, fn: Callable[[Connection], T]) -> T:
    async with engine.begin() as connection:
        return await connection.run_sync(fn)


@asynccontextmanager
async def _translating() -> AsyncIterator[None]:
    """Driver errors become ours; those that are answers stay what they are on every database."""
    try:
        yield
    except IntegrityError:
        raise
    except TimeoutError as error:  # the connection was given up; a commit that was on its way may have been done
        _log.error("storage.timeout")
        raise StorageUnavailable from error
    except (SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        if isinstance(error, DBAPIError) and _is_wrong_data(error) and error.orig is not None:
            raise DataError(None, None, error.orig, hide_parameters=True) from error
        # Only the name: a driver's message may quote what was to be written, or the address with its password.
        _log.error("storage.error", error=_name(error), stopped=False)
        is_full = isinstance(_driver_error(error), asyncpg.DiskFullError)
        raise (StorageFull if is_full else StorageUnavailable)(_name(error)) from error


def _driver_error(error: BaseException) -> BaseException:
    """What asyncpg said, under what SQLAlchemy made of it."""
    wrapped = error.orig if isinstance(error, DBAPIError) else error
    return (wrapped and wrapped.__cause__) or wrapped or error


def _name(error: BaseException) -> str:
    return type(_driver_error(error)).__name__


def _is_wrong_data(error: DBAPIError) -> bool:
    """Class 22, or what asyncpg could not even spell: a number of more than 64 bits, for example."""
    cause = _driver_error(error)
    return isinstance(cause, ValueError) or str(getattr(cause, "sqlstate", "")).startswith("22")


def _may_try_again(error: DBAPIError) -> bool:
    """Whether PostgreSQL rolled this back because of somebody else, so that the same may go through now: a deadlock, or
    a migration that changed what a prepared statement had relied on."""
    return isinstance(
        _driver_error(error),
        asyncpg.DeadlockDetectedError | asyncpg.SerializationError | asyncpg.InvalidCachedStatementError,
    )


def _refuse_unfit(connection: Connection) -> None:
    """[STO-7] Raises: StorageUnavailable."""
    query = text(
        "SELECT name, setting FROM pg_settings"
        " WHERE name IN ('fsync', 'full_page_writes', 'server_encoding', 'server_version_num')"
    )
    held = {str(name): str(setting) for name, setting in connection.execute(query)}
    if held["fsync"] == "off":
        raise StorageUnavailable("PostgreSQL runs with fsync=off: what it calls saved would not survive a power cut")
    if held["server_encoding"] != "UTF8":
        raise StorageUnavailable(f"the database's encoding is {held['server_encoding']}; it must be UTF8")
    if int(held["server_version_num"]) < OLDEST:
        raise StorageUnavailable(f"PostgreSQL is too old; {OLDEST // 10_000} is the oldest that will do")
    if held["full_page_writes"] == "off":  # right on a few file systems, which only the operator can know
        _log.warning("storage.full_page_writes_off")


def _engine(dsn: str, connections: int, *, wait_seconds: float, busy_seconds: float) -> AsyncEngine:
    settings = {
        "application_name": "consilium",
        # Our statements take a row's lock and then read what its last holder committed.
        "default_transaction_isolation": "read committed",
        "lock_timeout": f"{round(busy_seconds * 1000)}ms",
        # [STO-6] A node that froze inside a transaction must not hold the others up.
        "idle_in_transaction_session_timeout": f"{round(wait_seconds * 1000)}ms",
        "jit": "off",  # our statements are short; compiling one takes longer than running it
    }

    async def connect() -> asyncpg.Connection:
        """Not by SQLAlchemy's URL: asyncpg reads a libpq URL itself, `sslmode`, several hosts and all."""
        connection = await asyncpg.connect(dsn, timeout=CONNECT_SECONDS, server_settings=settings)
        # [JRN-1] The server's own setting stays where it waits for more than its own disk.
        await connection.execute(
            "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
        )
        return connection

    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=connect,
        poolclass=AsyncAdaptedQueuePool,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=wait_seconds,
        hide_parameters=True,  # an error's text must not quote what was to be written
    )

    @event.listens_for(engine.sync_engine, "checkout")
    def refuse_closed(connection: object, *_: object) -> None:
        """One that broke while nobody used it is replaced unseen: asyncpg has noticed, and asking it costs nothing."""
        driver = getattr(connection, "driver_connection", None)
        if driver is not None and driver.is_closed():
            raise DisconnectionError

    return engine
