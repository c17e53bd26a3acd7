"""What nodes do when their PostgreSQL is killed, frozen, gone, or not fit to be trusted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
import structlog

from storage.database import Database, open_database
from storage.journal import SqlJournal, open_journal
from storage.stores import open_stores
from tests.contract.sample import RECORD, add_people, edit, entry, fill, new_case
from tests.postgres import Postgres, running_postgres
from workspace.entries import Append
from workspace.errors import StorageUnavailable
from workspace.ids import Seq

KILLS = 3
WRITERS = 6
PATIENCE = 30.0


@pytest.fixture(scope="module")
def breakable() -> Iterator[Postgres]:
    """A server that only these tests use."""
    with running_postgres() as postgres:
        yield postgres


@pytest.fixture
async def database(breakable: Postgres) -> AsyncIterator[Database]:
    """One with Ada, her case and its record; a node that waits two seconds for an answer."""
    url = breakable.fresh()
    async with open_database(url, wait_seconds=2) as database:
        await fill(database)
        yield database
    breakable.clean(url)


async def until(condition: Callable[[], bool]) -> None:
    """Look until it holds."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110  (what is looked at is in another process)
            await asyncio.sleep(0.01)


async def until_answered(journal: SqlJournal, append: Append) -> Seq:
    """Try again with the same op, as a client does, until there is an answer."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                [answer] = await journal.append([append])
            except StorageUnavailable:
                await asyncio.sleep(0.05)
            else:
                return entry(answer).seq


async def test_no_acknowledged_append_is_lost_when_it_is_killed(
    breakable: Postgres, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    """[STO-5] [JRN-1] [JRN-2] [JRN-3] kill -9 under load: what was answered is there, what was not is there at most
    once and answered with on the next try; no node is started again."""
    acknowledged: dict[bytes, int] = {}
    refused = 0
    is_over = False

    async def write(journal: SqlJournal) -> None:
        nonlocal refused
        while not is_over:
            append = edit()
            try:
                [answer] = await journal.append([append])
            except StorageUnavailable:
                refused += 1
                acknowledged[append.op] = await until_answered(journal, append)
            else:
                acknowledged[append.op] = entry(answer).seq

    async with open_journal(database) as journal:
        writing = [asyncio.create_task(write(journal)) for _ in range(WRITERS)]
        for kill in range(KILLS):
            await until(lambda: len(acknowledged) >= 200 * (kill + 1))  # noqa: B023  (it is called in this turn)
            await asyncio.to_thread(breakable.kill)
            await asyncio.to_thread(breakable.start)
        await until_answered(journal, edit())
        is_over = True
        await asyncio.gather(*writing)
        assert database.failed is None
        written = await journal.read(RECORD, after=Seq(0), limit=1_000_000)
    with capsys.disabled():
        print(f"\n{KILLS} kills of PostgreSQL: {len(acknowledged)} acknowledged, {refused} tried again")
    assert [each.seq for each in written] == list(range(1, len(written) + 1))
    assert len({each.op for each in written}) == len(written)
    assert acknowledged.items() <= {each.op: each.seq for each in written}.items()
    assert refused >= KILLS, "it was killed when nobody wrote"


async def test_a_restart_that_nobody_noticed_is_not_an_error(breakable: Postgres, database: Database) -> None:
    """[STO-5] Connections that broke while they were idle are replaced before anybody uses them."""
    async with open_journal(database) as journal:
        await until_answered(journal, edit())
        await asyncio.to_thread(breakable.kill)
        await asyncio.to_thread(breakable.start)
        [answer] = await journal.append([edit()])
        assert entry(answer).seq == 2
        assert len(await journal.read(RECORD, after=Seq(0))) == 2


async def test_one_that_froze_is_not_waited_for_without_end(breakable: Postgres, database: Database) -> None:
    """[STO-5] [STO-4] The answer is "unknown"; the next try finds out, whatever had happened."""
    async with open_journal(database) as journal:
        await until_answered(journal, edit())
        breakable.freeze()
        append = edit()
        try:
            with pytest.raises(StorageUnavailable):
                await journal.append([append])
            with pytest.raises(StorageUnavailable):
                await database.schema()
        finally:
            breakable.thaw()
        assert await until_answered(journal, append) == 2
        assert [each.op for each in await journal.read(RECORD, after=Seq(1))] == [append.op]


async def test_one_that_is_not_there_is_said_so(breakable: Postgres) -> None:
    """[STO-5] In a word for the operator, without the address or its password."""
    url = breakable.fresh().replace("consilium@", "consilium:secret@")
    breakable.kill()
    try:
        with structlog.testing.capture_logs() as logs, pytest.raises(StorageUnavailable) as caught:
            async with open_stores(url):
                pass
    finally:
        breakable.start()
    assert "secret" not in f"{caught.value} {logs}"
    assert "Error" in str(caught.value)


async def test_one_that_does_not_sync_is_refused(breakable: Postgres) -> None:
    """[STO-7] With fsync=off "saved" would be a lie."""
    url = breakable.fresh()
    breakable.stop()
    breakable.start(fsync="off")
    try:
        with pytest.raises(StorageUnavailable, match="fsync=off"):
            async with open_database(url):
                pass
    finally:
        breakable.stop()
        breakable.start()


async def test_a_node_goes_on_while_others_come_and_go(breakable: Postgres) -> None:
    """[STO-5] A node leaves no connection behind."""
    url = breakable.fresh()
    count = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'consilium'"
    async with open_stores(url) as staying:
        await add_people(staying)
        await staying.cases.create(new_case())
        alone = breakable.execute(count)
        for _ in range(3):
            async with open_stores(url) as passing:
                await asyncio.gather(*(passing.notices.latest() for _ in range(20)))
        await until(lambda: breakable.execute(count) == alone)
    breakable.clean(url)
