"""What a SQLite file does when another process holds it, when it is slow, and when it is closed."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select

from storage.database import open_database
from storage.journal import open_journal
from storage.sqlite import SqliteDatabase
from storage.tables import access_notices
from tests.contract.sample import add_notice, edit, entry, fill
from workspace.errors import StorageUnavailable


class TestBesideOthers:
    async def test_another_process_is_waited_for(self, path: Path, database: SqliteDatabase) -> None:
        """[STO-4] A lock that is given back in time is not an error."""
        with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
            other.execute("BEGIN IMMEDIATE")
            asyncio.get_running_loop().call_later(0.3, other.execute, "COMMIT")
            await database.write(add_notice)
            assert not other.in_transaction

    async def test_one_that_holds_on_is_not_waited_for_without_end(self, path: Path) -> None:
        """[STO-4] The caller is told; the next write works."""
        async with open_database(path, busy_seconds=0.1) as database:
            await fill(database)
            with closing(sqlite3.connect(path, isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                with pytest.raises(StorageUnavailable):
                    await database.write(add_notice)
                other.execute("ROLLBACK")
            assert database.failed is None
            await database.write(add_notice)

    async def test_readers_do_not_wait_for_the_writer(self, database: SqliteDatabase) -> None:
        """[STO-4] They see what was committed before."""
        begun, finish = threading.Event(), threading.Event()

        def slow(connection: Connection) -> None:
            add_notice(connection)
            begun.set()
            assert finish.wait(10)

        writing = asyncio.create_task(database.write(slow))
        assert await asyncio.to_thread(begun.wait, 10)
        query = select(func.count()).select_from(access_notices)
        assert await database.read(lambda connection: connection.execute(query).scalar_one()) == 1
        finish.set()
        await writing
        assert await database.read(lambda connection: connection.execute(query).scalar_one()) == 2

    async def test_readers_cannot_write(self, database: SqliteDatabase) -> None:
        """[STO-4] The one writer is the only one."""
        with pytest.raises(StorageUnavailable):
            await database.read(add_notice)
        assert database.failed is None


class TestWaiting:
    async def test_a_slow_disk_is_not_waited_for_without_end(self, path: Path) -> None:
        """[STO-4] The answer is "unknown"; what had not begun never happens, what had may."""
        release = threading.Event()
        ran: list[str] = []

        def slow(connection: Connection) -> None:
            assert release.wait(10)
            add_notice(connection)
            ran.append("slow")

        async with open_database(path, wait_seconds=0.05) as impatient, open_database(path) as database:
            await fill(database)
            first = asyncio.create_task(impatient.write(slow))
            second = asyncio.create_task(impatient.write(lambda _: ran.append("second")))
            outcomes = await asyncio.gather(first, second, return_exceptions=True)
            assert [type(outcome) for outcome in outcomes] == [StorageUnavailable, StorageUnavailable]
            release.set()
        assert ran == ["slow"]

    async def test_closing_commits_what_waits(self, path: Path) -> None:
        """[JRN-1] What was queued before the end is answered; what comes after is refused."""
        async with open_database(path) as database:
            await fill(database)
            async with open_journal(database) as journal:
                waiting = [journal.append([edit()]) for _ in range(20)]
            assert [entry(call.result()[0]).seq for call in waiting] == list(range(1, 21))
            with pytest.raises(StorageUnavailable):
                await journal.append([edit()])
        with pytest.raises(StorageUnavailable):
            await database.write(add_notice)

    async def test_too_much_waiting_is_refused_at_once(self, database: SqliteDatabase) -> None:
        """[JRN-4] The queue is bounded in bytes; what fitted is committed."""
        async with open_journal(database) as journal:
            calls = [journal.append([edit(update=bytes(8_000_000))]) for _ in range(9)]
            answers = await asyncio.gather(*calls, return_exceptions=True)
            [answer] = await journal.append([edit(update=bytes(8_000_000))])
            assert entry(answer).seq == 9
        assert [isinstance(answer, StorageUnavailable) for answer in answers] == [False] * 8 + [True]
