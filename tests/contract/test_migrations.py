"""The schema: made by migrations, described by tables, and the two agree, on every database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from storage.database import Database, open_database
from storage.engines import parse_location, writer_engine
from storage.migrations import Schema, check, configuration, upgrade
from storage.tables import is_described, metadata
from tests.postgres import Postgres
from workspace.errors import StorageUnavailable

REVISIONS = [revision.revision for revision in ScriptDirectory.from_config(configuration()).walk_revisions()][::-1]
DROPPED: frozenset[str] = frozenset()
"""Tables and columns that the release before the one that drops them had already stopped using: `table.column`."""


@pytest.fixture(params=["sqlite", "postgres"])
def location(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """An empty database; the folder of a file has a name that needs escaping everywhere."""
    if request.param == "postgres":
        postgres: Postgres = request.getfixturevalue("postgres")
        return postgres.empty()
    folder = tmp_path / "a %s & b?c#d"
    folder.mkdir()
    return folder / "consilium.db"


@pytest.fixture
async def database(location: Path | str) -> AsyncIterator[Database]:
    """The empty database, open."""
    async with open_database(location, migrate=False) as database:
        yield database


def schema(connection: Connection) -> set[str]:
    """What the database says its schema is: columns, keys, constraints and their names, indexes."""
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").all()
        # A renamed table has its name quoted.
        return {" ".join(sql.replace('"', "").split()) for name, sql in rows if name != "alembic_version"}
    queries = (
        """
        SELECT table_name, column_name, ordinal_position, data_type, character_maximum_length, collation_name,
            is_nullable, column_default
        FROM information_schema.columns WHERE table_schema = 'public'
        """,
        """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace
        """,
        "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    )
    rows = [row for query in queries for row in connection.execute(text(query)).all()]
    return {str(tuple(row)) for row in rows if row[0] != "alembic_version"}


async def test_migrations_make_what_tables_describe(database: Database) -> None:
    """[STO-1] Alembic finds no difference."""
    await database.write(upgrade)

    def differences(connection: Connection) -> list[object]:
        options = {"compare_server_default": True, "include_name": is_described}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))

    assert await database.read(differences) == []


async def test_migrations_make_it_to_the_letter(
    database: Database, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """[STO-1] Also what Alembic does not compare: keys, checks, names, order of columns, clustering, collations."""
    await database.write(upgrade)
    other: Path | str = tmp_path / "other.db"
    if "postgres" in request.node.name:
        other = request.getfixturevalue("postgres").empty()
    async with open_database(other, migrate=False) as described:
        await described.write(metadata.create_all)
        made = await database.read(schema)
        assert made == await described.read(schema)
    assert len(made) > len(metadata.tables)


async def test_every_constraint_has_a_name(database: Database) -> None:
    """[STO-1] A later migration drops by name."""
    await database.write(upgrade)

    def names(connection: Connection) -> list[str | None]:
        found = inspect(connection)
        return [
            constraint["name"]
            for table in metadata.tables
            for constraint in [*found.get_foreign_keys(table), *found.get_unique_constraints(table)]
        ]

    found = await database.read(names)
    assert len(found) >= 10
    assert all(found)


async def test_upgrading_again_changes_nothing(database: Database) -> None:
    """[STO-1] It says what it found."""
    assert await database.schema() is Schema.BEHIND
    assert await database.write(upgrade) is Schema.BEHIND
    assert await database.schema() is Schema.CURRENT
    before = await database.read(schema)
    assert await database.write(upgrade) is Schema.CURRENT
    assert await database.read(schema) == before


async def test_a_schema_of_a_newer_release_is_left_alone(database: Database) -> None:
    """[STO-1] Old code runs on the new schema: after a migration the old nodes still serve."""
    await database.write(upgrade)
    await database.write(lambda c: c.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'"))
    assert await database.read(check) is Schema.AHEAD
    assert await database.write(upgrade) is Schema.AHEAD


async def test_a_failing_migration_leaves_nothing(database: Database) -> None:
    """[STO-1] One transaction: all of it or none."""
    await database.write(lambda c: c.exec_driver_sql("CREATE TABLE access_notices (in_the_way INTEGER)"))
    before = await database.read(schema)
    with pytest.raises(StorageUnavailable):
        await database.write(upgrade)
    assert await database.read(schema) == before


async def test_several_nodes_may_start_on_an_empty_database_at_once(location: Path | str) -> None:
    """[STO-1] [STO-4] One migrates, the others wait for it and find it done."""

    async def start() -> Schema:
        async with open_database(location) as node:
            return await node.schema()

    assert await asyncio.gather(*(start() for _ in range(4))) == [Schema.CURRENT] * 4


class Column(NamedTuple):
    """What the code of a release relies on: it reads the type, and writes rows that leave newer columns out."""

    kind: str
    may_be_left_out: bool


def columns(connection: Connection) -> dict[str, Column]:
    """Every column, by `table.column`."""
    found = inspect(connection)
    return {
        f"{table}.{column['name']}": Column(
            str(column["type"]),
            column["nullable"] or column["default"] is not None or bool(column.get("autoincrement")),
        )
        for table in found.get_table_names()
        if is_described(table, "table", None) and table != "alembic_version"
        for column in found.get_columns(table)
    }


def duties(connection: Connection) -> set[str]:
    """What a row must fulfil beside its columns' types: one that only newer code knows would refuse old code's rows."""
    found = inspect(connection)
    return {
        f"{table}: {kind} {rule.get('column_names') or rule.get('constrained_columns') or rule.get('sqltext')}"
        for table in found.get_table_names()
        if is_described(table, "table", None)
        for kind, rules in (
            ("unique", found.get_unique_constraints(table)),
            ("check", found.get_check_constraints(table)),
            ("foreign key", found.get_foreign_keys(table)),
        )
        for rule in rules
    }


async def test_each_migration_leaves_what_the_release_before_it_needs(database: Database) -> None:
    """[STO-8] Old tables keep their columns and types, take rows without the new columns, and get no new rules."""

    def migrate(revision: str) -> Callable[[Connection], None]:
        return lambda connection: command.upgrade(configuration(connection), revision)

    before: dict[str, Column] = {}
    rules: set[str] = set()
    for revision in REVISIONS:
        await database.write(migrate(revision))
        after, new_rules = await database.read(columns), await database.read(duties)
        tables = {name.partition(".")[0] for name in before}
        for name in before.keys() - after.keys():
            assert name in DROPPED, f"{revision} drops {name}"
        for name, column in before.items():
            if name in after:
                assert after[name].kind == column.kind, f"{revision} changes the type of {name}"
                assert after[name].may_be_left_out or not column.may_be_left_out, f"{revision} demands {name}"
        for name in after.keys() - before.keys():
            if name.partition(".")[0] in tables:
                assert after[name].may_be_left_out, f"{revision} adds {name}, which old code does not write"
        for rule in new_rules - rules:
            assert rule.partition(":")[0] not in tables, f"{revision} adds a rule: {rule}"
        before, rules = after, new_rules
    assert await database.schema() is Schema.CURRENT
    assert len(REVISIONS) >= 4
    assert len(before) > 80


def test_the_log_is_synced_at_every_commit(tmp_path: Path) -> None:
    """[JRN-1] What SQLite itself says: write-ahead log, synchronous=FULL (2), foreign keys on."""
    engine = writer_engine(tmp_path / "consilium.db")
    with engine.connect() as connection:
        pragmas = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert pragmas == ["wal", 2, 1]
    engine.dispose()


@pytest.mark.parametrize(
    ("given", "path"),
    [("sqlite:////data/x.db", "/data/x.db"), ("sqlite:///x.db", "x.db"), ("/data/x y.db", "/data/x y.db")],
)
def test_a_file_is_named_by_path_or_url(given: str, path: str) -> None:
    """[STO-1] Either way."""
    assert parse_location(given) == parse_location(Path(path)) == Path(path)


@pytest.mark.parametrize("given", ["sqlite://", "sqlite:///:memory:", ":memory:", "mysql://host/db"])
def test_what_is_no_file_is_refused(given: str) -> None:
    """[STO-1] In memory nothing is durable, and of other databases only PostgreSQL is known."""
    with pytest.raises(ValueError, match="sqlite:///FILE"):
        parse_location(given)
