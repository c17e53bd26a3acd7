"""SQLite as we need it: a writer that syncs every commit, readers that cannot write, and what its errors mean.

Result codes: sqlite.org/rescode.html. Durability: sqlite.org/wal.html and `PRAGMA synchronous`.
"""

from __future__ import annotations

import sqlite3
from enum import Enum, auto
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.pool import QueuePool

BUSY_SECONDS = 5.0
"""How long a statement waits for another process that writes the same file."""


BACKUP_MARK = 0x434F4E42
""""CONB", as the application id of a backup (sqlite.org/fileformat2.html): no server opens one, since a restore does
more than put a file in its place. [BAK-5]"""


class Failure(Enum):
    """What a driver's error says about the store."""

    PASSING = auto()
    """Nothing was written; the same may work later: locked, too many open files."""
    FULL = auto()
    """Nothing was written, for want of room."""
    FATAL = auto()
    """What reached the disk is unknown or wrong. A later fsync may report success for pages that were lost."""


_FATAL = {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
# The wal-index is a cache rebuilt from the log: failing to grow it is how a full disk shows first, and loses nothing.
_FULL = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE}
_PASSING_IO = {sqlite3.SQLITE_IOERR_SHMMAP, sqlite3.SQLITE_IOERR_NOMEM}


def judge(error: BaseException | None) -> Failure:
    """Whether writing may go on after this error of the driver."""
    code = getattr(error, "sqlite_errorcode", 0)
    if code in _FULL:
        return Failure.FULL
    if isinstance(code, int) and code & 0xFF in _FATAL and code not in _PASSING_IO:
        return Failure.FATAL
    return Failure.PASSING


def parse_location(path_or_url: Path | str) -> Path:
    """The database file a path or a `sqlite:///…` URL names. Raises: ValueError (another kind of database, no file)."""
    if isinstance(path_or_url, Path):
        return path_or_url
    url: URL = make_url(path_or_url) if "://" in path_or_url else URL.create("sqlite", database=path_or_url)
    if url.get_backend_name() != "sqlite":
        raise ValueError(
            f"{url.get_backend_name()} is no database that can be used; give sqlite:///FILE or postgresql://"
        )
    if not url.database or url.database == ":memory:":
        raise ValueError("the database must be a file: sqlite:///FILE")
    return Path(url.database)


def writer_engine(path: Path, busy_seconds: float = BUSY_SECONDS) -> Engine:
    """One connection that may write; each transaction takes the write lock at its start and is synced at its end.

    [JRN-1] WAL alone would sync only at checkpoints: `synchronous=FULL` syncs the log at every commit.
    """
    return _engine(
        path,
        mode="rwc",
        connections=1,
        begin="BEGIN IMMEDIATE",
        pragmas=("journal_mode=WAL", "synchronous=FULL"),
        busy_seconds=busy_seconds,
    )


def reader_engine(path: Path, connections: int) -> Engine:
    """Connections that see one consistent state per transaction and can write nothing. The file must exist."""
    return _engine(
        path, mode="ro", connections=connections, begin="BEGIN", pragmas=("query_only=ON",), busy_seconds=BUSY_SECONDS
    )


def _engine(
    path: Path, *, mode: str, connections: int, begin: str, pragmas: tuple[str, ...], busy_seconds: float
) -> Engine:
    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"file:{quote(str(path.absolute()))}?mode={mode}",
            uri=True,
            timeout=busy_seconds,
            isolation_level=None,  # the driver must begin nothing by itself: we say IMMEDIATE
            check_same_thread=False,  # closing happens on another thread than use
        )
        try:
            for pragma in ("foreign_keys=ON", *pragmas):
                connection.execute(f"PRAGMA {pragma}").close()
        except sqlite3.Error:  # no database, or a broken one; nobody else knows of this connection
            connection.close()
            raise
        return connection

    engine = create_engine(
        "sqlite://",
        creator=connect,
        poolclass=QueuePool,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=BUSY_SECONDS,
        hide_parameters=True,  # an error's text must not quote what was to be written
    )

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
