"""What SQLite's result codes say about the disk."""

from __future__ import annotations

import sqlite3

import pytest

from storage.engines import Failure, judge


def failed(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError()
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    "code",
    [
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_IOERR_FSYNC,
        sqlite3.SQLITE_IOERR_WRITE,
        sqlite3.SQLITE_IOERR_READ,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_CORRUPT_INDEX,
        sqlite3.SQLITE_NOTADB,
    ],
)
def test_after_these_nothing_may_be_written(code: int) -> None:
    """[STO-2] A later sync may report success for pages that were lost."""
    assert judge(failed(code)) is Failure.FATAL


@pytest.mark.parametrize(
    "code",
    [
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_BUSY_SNAPSHOT,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR_NOMEM,
    ],
)
def test_these_pass(code: int) -> None:
    """[STO-4] Locked, no more files: nothing was written, and later it may be."""
    assert judge(failed(code)) is Failure.PASSING


@pytest.mark.parametrize("code", [sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE])
def test_these_say_that_the_disk_is_full(code: int) -> None:
    """[STO-3] [STO-10] Also when it shows first where the index of the log should grow: nothing was written."""
    assert judge(failed(code)) is Failure.FULL


def test_other_errors_pass() -> None:
    """[STO-2] Only the database's own word stops it."""
    assert judge(None) is judge(ValueError()) is Failure.PASSING
