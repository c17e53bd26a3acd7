"""The release before this one, for real, on the database that this one has migrated."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import pytest
from sqlalchemy import Connection, inspect
from websockets.exceptions import ConnectionClosed

from storage.database import Database, open_database
from tests.earlier import previous, unpack
from tests.integration.test_postgres import write_until
from tests.integration.yclient import YClient, read_fresh
from tests.postgres import Postgres
from tests.servers import PASSWORD, ROOT, RunningServer, Someone, free_port, run_command, start_server

FAST = {"CONSILIUM_MAX_FRAMES_PER_SECOND": "100000", "CONSILIUM_FRAME_BURST": "100000", "CONSILIUM_COMPACT_EVERY": "60"}
SOME = 60
"""Edits that are acknowledged at each stage."""


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the release before this one is."""
    return unpack(previous(), tmp_path_factory.mktemp("earlier"))


def people_of(earlier: Path, data: Path, settings: Mapping[str, str]) -> tuple[Someone, Someone]:
    """Ada and Grace, as that release makes them."""
    made = []
    for email, name in (("ada@example.org", "Ada Lovelace"), ("grace@example.org", "Grace Hopper")):
        words = ("user", "add", email, "--name", name, "--password-stdin")
        person = run_command(data, *words, stdin=f"{PASSWORD}\n", settings=settings, code=earlier)
        token = run_command(data, "token", email, settings=settings, code=earlier)
        made.append(Someone(person, email, name, token))
    return made[0], made[1]


async def more(writers: list[YClient]) -> None:
    """Wait until each has so many more acknowledged."""
    for writer in writers:
        goal = len(writer.acknowledged) + SOME
        await writer.until(lambda: len(writer.acknowledged) >= goal, "more to be acknowledged", seconds=60)  # noqa: B023


async def write_on(writer: YClient, is_over: asyncio.Event) -> None:
    """Write over one connection until it is over, or the server ends it."""
    with suppress(ConnectionClosed):
        async with writer.connected():
            number = 0
            while not is_over.is_set() and writer.is_open:
                await writer.write(f"{writer.who.name}.{number}")
                number += 1
            if writer.is_open:
                await writer.until_saved()


@pytest.mark.timeout(300)
async def test_nodes_are_replaced_one_by_one_under_writers(earlier: Path, postgres: Postgres, tmp_path: Path) -> None:
    """[STO-8] [NODE-1] [ROOM-12] Two old nodes serve; a new one starts, migrates, and shares the record with them while
    they serve on, unharmed; the old ones stop; and nothing that anybody wrote is lost or was refused."""
    url = postgres.empty()
    settings = FAST | {"CONSILIUM_DATABASE_URL": url}
    run_command(tmp_path / "operator", "migrate", settings=settings, code=earlier)
    version = "SELECT version_num FROM alembic_version"
    before = postgres.execute(version, url=url)
    ada, grace = people_of(earlier, tmp_path / "operator", settings)
    over_old, over_new = asyncio.Event(), asyncio.Event()
    with (
        start_server(tmp_path / "one", settings, code=earlier) as one,
        start_server(tmp_path / "two", settings, code=earlier) as two,
    ):
        case = one.create_case(ada)
        one.set_member(case, ada, grace, "contributor")
        old = [YClient(one, ada, case), YClient(two, grace, case)]
        tasks = [asyncio.create_task(write_on(writer, over_old)) for writer in old]
        await more(old)
        new_node = RunningServer(tmp_path / "three", free_port(), settings, tmp_path / "three.log")
        await asyncio.to_thread(new_node.start)
        try:
            after = postgres.execute(version, url=url)
            assert after > before, "there is no migration between the two: keep an older release"
            await more(old)
            assert [writer.codes for writer in old] == [[], []], "the migration sent somebody away"
            new = [YClient(new_node, who, case) for who in (ada, grace)]
            for writer, name in zip(new, ("Ada's new tab", "Grace's new tab"), strict=True):
                writer.who = Someone(writer.who.id, writer.who.email, name, writer.who.token)
            tasks += [asyncio.create_task(write_on(writer, over_new)) for writer in new]
            await more([*old, *new])
            said = run_command(tmp_path / "operator", "migrate", "--check", settings=settings, code=earlier)
            assert said == "the schema is of a newer release, which this one still runs on"
            for node in (one, two):
                assert await asyncio.to_thread(node.terminate) == 0
            await asyncio.gather(*tasks[:2])
            assert [writer.codes for writer in old] == [[1012], [1012]]
            await more(new)
            over_new.set()
            await asyncio.gather(*tasks)
            await nothing_is_lost(new_node, case, ada, [*old, *new])
        finally:
            new_node.stop()


async def nothing_is_lost(server: RunningServer, case: str, who: Someone, writers: list[YClient]) -> None:
    """Everybody comes back with what they have; then all of it is there, once."""
    stored = await read_fresh(server, who, case)
    for writer in writers:
        assert writer.acknowledged <= set(stored)
    async with AsyncExitStack() as connections:
        for writer in writers:
            writer.move_to(server)
            await connections.enter_async_context(writer.connected())
            await writer.until_saved()
        made = sorted(word for writer in writers for word in writer.made)
        for writer in writers:
            await writer.until_length(len(made))
            assert sorted(writer.content()) == made
    seqs = [entry["seq"] for entry in server.history(who, case)]
    assert seqs == list(range(1, len(seqs) + 1))
    assert server.command("verify").startswith("no fault in ")


async def test_a_data_folder_of_the_release_before_is_opened(earlier: Path, tmp_path: Path) -> None:
    """[STO-8] [STO-1] Left by a kill -9, with a log that was not written back; and the old release may go on with it
    when the new one did not please."""
    data = tmp_path / "data"
    ada, grace = people_of(earlier, data, {})
    is_over = asyncio.Event()
    with start_server(data, FAST, code=earlier) as server:
        case = server.create_case(ada)
        server.set_member(case, ada, grace, "contributor")
        writers = [YClient(server, ada, case), YClient(server, grace, case)]
        tasks = [asyncio.create_task(write_until(writer, is_over)) for writer in writers]
        await more(writers)
        server.kill()
        is_over.set()
        await asyncio.gather(*tasks)
        for code in (None, earlier):
            if code is not None:
                server.stop()
            server.code = code or ROOT
            server.start()
            stored = await read_fresh(server, ada, case)
            for writer in writers:
                assert writer.acknowledged <= set(stored)
                async with writer.connected():
                    await writer.write(f"{writer.who.name} goes on with {server.code.name}")
                    await writer.until_saved()
        server.code = ROOT
        await nothing_is_lost(server, case, ada, writers)


def used_by(earlier: Path) -> dict[str, list[str]]:
    """The tables and columns that the release before names in its statements."""
    told = "{table.name: [column.name for column in table.columns] for table in metadata.sorted_tables}"
    line = f"import json; from storage.tables import metadata; print(json.dumps({told}))"
    done = subprocess.run([sys.executable, "-c", line], cwd=earlier, capture_output=True, text=True, check=True)
    used = json.loads(done.stdout)
    assert isinstance(used, dict)
    return used


def missing(connection: Connection, used: Mapping[str, list[str]]) -> list[str]:
    """What of it is not there any more, and what is there that its rows, which know nothing of it, would lack."""
    found = inspect(connection)
    tables = set(found.get_table_names())
    gone = [table for table in used if table not in tables]
    for table, names in used.items():
        columns = {column["name"]: column for column in found.get_columns(table)} if table in tables else {}
        gone += [f"{table}.{name}" for name in names if table in tables and name not in columns]
        gone += [
            f"{table}.{name} is demanded"
            for name, column in columns.items()
            if name not in names and not column["nullable"] and column["default"] is None
        ]
    return gone


@pytest.fixture
async def migrated(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(tmp_path / "consilium.db") as database:
        yield database


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (None, []),
        ("ALTER TABLE people RENAME COLUMN name TO called", ["people.name", "people.called is demanded"]),
        ("ALTER TABLE entries DROP COLUMN format", ["entries.format"]),
        ("DROP TABLE seen", ["seen"]),
        ("ALTER TABLE members RENAME TO participants", ["members"]),
    ],
)
async def test_what_the_release_before_uses_is_still_there(
    migrated: Database, earlier: Path, change: str | None, expected: list[str]
) -> None:
    """[STO-8] A migration that drops or renames it is refused here: first a release that does without, then the one
    that drops. The check sees what it looks for."""
    if change is not None:
        await migrated.write(lambda connection: connection.exec_driver_sql(change))
    used = used_by(earlier)
    assert len(used) > 15
    assert await migrated.read(lambda connection: missing(connection, used)) == expected
