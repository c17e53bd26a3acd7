"""What a SQLite file does when its disk is full or broken, when another process holds it, and when it is slow."""

from __future__ import annotations

import asyncio
import os
import resource
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, func, select

from storage.database import open_database
from storage.journal import SqlJournal, open_journal
from storage.sqlite import SqliteDatabase
from storage.stores import open_stores
from storage.tables import access_notices, people
from tests.contract.sample import ADA, DISCUSSION, NOW, RECORD, add_notice, edit, entry, fill, rejected
from workspace.errors import Conflict, StorageUnavailable
from workspace.ids import Seq

LARGE = bytes(400_000)


def count_people(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(people)).scalar_one()


async def lengths(journal: SqlJournal) -> list[int]:
    return [len(each.update) for each in await journal.read(RECORD, after=Seq(0))]


class TestFullDisk:
    async def test_it_refuses_and_recovers(self, database: SqliteDatabase) -> None:
        """[STO-3] Nothing of what was refused is there; when there is room the same append goes through."""

        def limit(connection: Connection, spare_pages: int) -> None:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + spare_pages}")

        async with open_journal(database) as journal:
            await database.write(lambda connection: limit(connection, 8))
            large = edit(update=LARGE)
            with pytest.raises(StorageUnavailable):
                await journal.append([large])
            assert database.failed is None
            [small] = await journal.append([edit()])
            assert entry(small).seq == 1
            await database.write(lambda connection: limit(connection, 1_000))
            [answer] = await journal.append([large])
            assert entry(answer).seq == 2
            assert await lengths(journal) == [4, len(LARGE)]

    @pytest.mark.skipif(os.geteuid() != 0, reason="a full disk of its own is mounted by root only")
    async def test_a_file_system_without_room(self, tmp_path: Path) -> None:
        """[STO-3] The operating system's own ENOSPC, in the log and in its index."""
        disk = tmp_path / "disk"
        disk.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk], check=True)
        try:
            async with open_database(disk / "consilium.db") as database, open_journal(database) as journal:
                await fill(database)
                ballast = disk / "ballast"
                with ballast.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space"):
                    while True:
                        file.write(bytes(4096))
                waiting = edit(update=LARGE)
                for _ in range(3):
                    with pytest.raises(StorageUnavailable):
                        await journal.append([waiting])
                assert database.failed is None
                ballast.unlink()
                [answer] = await journal.append([waiting])
                assert entry(answer).seq == 1
            async with open_database(disk / "consilium.db") as database, open_journal(database) as journal:
                assert await lengths(journal) == [len(LARGE)]
        finally:
            subprocess.run(["umount", disk], check=True)


@contextmanager
def writes_failing_past(size: int) -> Iterator[None]:
    """The system fails every write beyond `size` bytes of a file with EFBIG, which to SQLite is a plain I/O error."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


class TestBrokenDisk:
    async def test_an_io_error_stops_writing_for_good(self, path: Path) -> None:
        """[STO-2] Also when the disk seems well again; reading goes on; a restart starts from what is on the disk."""
        async with open_database(path) as database, open_journal(database) as journal:
            await fill(database)
            await journal.append([edit()])
            with writes_failing_past(300_000), pytest.raises(StorageUnavailable):
                await journal.append([edit(update=LARGE)])
            assert database.failed == "SQLITE_IOERR_WRITE"
            with pytest.raises(StorageUnavailable):
                await journal.append([edit()])
            with pytest.raises(StorageUnavailable):
                await database.write(add_notice)
            assert await lengths(journal) == [4]
        async with open_database(path) as database, open_journal(database) as journal:
            assert database.failed is None
            [answer] = await journal.append([edit()])
            assert entry(answer).seq == 2

    async def test_stores_say_why(self, path: Path) -> None:
        """[STO-2] For whoever asks whether this server is ready."""
        async with open_stores(path) as stores:
            assert stores.failed() is None
            with writes_failing_past(300_000), pytest.raises(StorageUnavailable):
                await stores.people.add(ADA, "x" * len(LARGE), NOW)
            assert stores.failed() is not None

    async def test_a_damaged_file_stops_writing_for_good(self, path: Path) -> None:
        """[STO-2] Found out by whoever meets the damage, a reader too."""
        async with open_database(path) as database:
            await fill(database)
        with path.open("r+b") as file:
            file.seek(4096)
            file.write(b"\xff" * (path.stat().st_size - 4096))
        with pytest.raises(StorageUnavailable):
            async with open_database(path) as database:
                with pytest.raises(StorageUnavailable):
                    await database.read(count_people)
                assert database.failed in {"SQLITE_CORRUPT", "SQLITE_NOTADB"}
                await database.write(add_notice)

    async def test_a_file_that_is_no_database_is_not_opened(self, path: Path) -> None:
        """[STO-2] Nor written over."""
        path.write_bytes(b"a letter to my aunt" * 500)
        with pytest.raises(StorageUnavailable):
            async with open_database(path):
                pass
        assert path.read_bytes() == b"a letter to my aunt" * 500


class TestCommits:
    async def test_what_waits_shares_one_commit(self, database: SqliteDatabase) -> None:
        """[JRN-4] Fifty calls, to two documents, are one transaction; what comes meanwhile is the next."""
        commits: list[Connection] = []
        event.listen(database._writer_engine, "commit", commits.append)
        async with open_journal(database) as journal:
            await journal.open(DISCUSSION)
            commits.clear()
            calls = [journal.append([edit(clients=frozenset({7})), edit(DISCUSSION)]) for _ in range(50)]
            await calls[0]
            assert all(call.done() for call in calls)
        assert len(commits) == 1

    async def test_retries_share_one_commit_too(self, database: SqliteDatabase) -> None:
        """[JRN-3] [JRN-4] After an outage everybody retries at once; a sync for each would be the next outage."""
        commits: list[Connection] = []
        event.listen(database._writer_engine, "commit", commits.append)
        async with open_journal(database) as journal:
            appends = [edit() for _ in range(50)]
            first = await asyncio.gather(*[journal.append([append]) for append in appends])
            commits.clear()
            assert await asyncio.gather(*[journal.append([append]) for append in appends]) == first
        assert len(commits) == 1

    async def test_data_that_the_database_refuses_costs_its_neighbours_nothing(self, database: SqliteDatabase) -> None:
        """[JRN-5] A client id of more than 64 bits, which only a defect could let through."""
        async with open_journal(database) as journal:
            calls = [
                journal.append([edit(), edit(clients=frozenset({2**70})), edit()]),
                journal.append([edit()]),
            ]
            first, second = await asyncio.gather(*calls)
        assert [getattr(answer, "seq", None) for answer in first] == [1, None, 2]
        assert isinstance(rejected(first[1]).error, Conflict)
        assert entry(second[0]).seq == 3

    async def test_a_failing_function_rolls_back(self, database: SqliteDatabase) -> None:
        """[JRN-1] All or nothing, whatever it raises."""

        def fail(connection: Connection) -> None:
            add_notice(connection)
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await database.write(fail)
        query = select(func.count()).select_from(access_notices)
        assert await database.read(lambda connection: connection.execute(query).scalar_one()) == 1

    async def test_a_damaged_entry_is_not_passed_over(self, path: Path, database: SqliteDatabase) -> None:
        """[JRN-8] A hole in the history is an error, never a shorter history."""
        async with open_journal(database) as journal:
            await journal.append([edit(), edit(), edit()])
            with closing(sqlite3.connect(path)) as other, other:
                other.execute("UPDATE entries SET body = X'FF' WHERE seq = 2")
            with pytest.raises(StorageUnavailable):
                await journal.open(RECORD)
            with pytest.raises(StorageUnavailable):
                await journal.read(RECORD, after=Seq(0))
            assert len(await journal.read(RECORD, after=Seq(2))) == 1
