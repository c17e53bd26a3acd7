"""Copies of a SQLite file: made beside whoever writes it, and judged before anything is made of one.

Source: sqlite.org/backup.html; the file's first bytes: sqlite.org/fileformat2.html.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from storage.database import open_database
from storage.engines import BACKUP_MARK
from storage.migrations import Schema

MAGIC = b"SQLite format 3\x00"
PAGES_AT_ONCE = 2_000
OURS = {"alembic_version", "cases", "documents", "entries", "people"}

Told = Callable[[int], None]
"""Is told how much is done, in per cent."""


class Unfit(Exception):
    """Why a file cannot be restored, in a sentence for an operator."""


def copy(source: Path, target: Path, told: Told) -> None:
    """Copy one consistent state of a database to a new file, synced; who writes the source is not held up.

    One read transaction holds that state: without it the copy would begin again with each commit of another process.
    The target must not exist. Raises: sqlite3.Error, OSError.
    """
    target.touch(mode=0o600, exist_ok=False)
    with closing(_connect(source, "ro")) as held, closing(_connect(target, "rw")) as made:
        held.execute("BEGIN")
        held.execute("SELECT count(*) FROM sqlite_master").fetchone()
        held.backup(made, pages=PAGES_AT_ONCE, progress=lambda _, left, pages: told(_per_cent(pages - left, pages)))
        made.execute("PRAGMA journal_mode = DELETE").fetchone()  # one file, with nothing beside it
        made.execute(f"PRAGMA application_id = {BACKUP_MARK}").close()
    sync(target)


def unmark(file: Path) -> None:
    """From now on a server may open it."""
    with closing(_connect(file, "rw")) as connection:
        connection.execute("PRAGMA application_id = 0").close()


def sync(file: Path) -> None:
    """What was written of the file, and its name in its folder, outlive a power cut."""
    for path in (file, file.absolute().parent):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


async def judge(file: Path) -> None:
    """Whether a file is a database of ours that this release can read, and undamaged. Raises: Unfit."""
    _judge_form(file)
    async with open_database(file, migrate=False) as database:
        if await database.schema() is Schema.AHEAD:
            raise Unfit(f"{file} was made by a newer release of Consilium; restore it with that one or a later one")


def _judge_form(file: Path) -> None:
    try:
        with file.open("rb") as opened:
            head = opened.read(len(MAGIC))
    except OSError as error:
        raise Unfit(f"{file} cannot be read: {error.strerror}") from error
    if head != MAGIC:
        raise Unfit(f"{file} is no backup of Consilium")
    try:
        with closing(_connect(file, "ro")) as connection:
            found = [str(line) for (line,) in connection.execute("PRAGMA integrity_check(1)")]
            names = {str(name) for (name,) in connection.execute("SELECT name FROM sqlite_master")}
            strangers = connection.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.DatabaseError as error:
        raise Unfit(f"{file} is damaged ({getattr(error, 'sqlite_errorname', 'SQLITE_ERROR')})") from error
    if found != ["ok"]:
        raise Unfit(f"{file} is damaged ({' '.join(found[0].split())})")
    if not names >= OURS:
        raise Unfit(f"{file} is a database of something else")
    if strangers is not None:
        raise Unfit(f"{file} is damaged (rows of {strangers[0]} belong to nothing)")


def _connect(file: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(str(file.absolute()))}?mode={mode}", uri=True, isolation_level=None)


def _per_cent(done: int, pages: int) -> int:
    return 100 * done // pages if pages else 100
