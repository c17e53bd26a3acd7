"""The schema: made by migrations, described by tables, and the two agree."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, inspect

from storage.engines import parse_location, writer_engine
from storage.migrations import Schema, check, upgrade
from storage.tables import is_described, metadata


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An empty file whose folder's name needs escaping everywhere."""
    folder = tmp_path / "a %s & b?c#d"
    folder.mkdir()
    engine = writer_engine(folder / "consilium.db")
    yield engine
    engine.dispose()


def schema(engine: Engine) -> dict[str, str]:
    """What the database says its schema is: columns, keys, constraints and their names. A renamed table has its
    name quoted."""
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").all()
    return {name: " ".join(sql.replace('"', "").split()) for name, sql in rows if name != "alembic_version"}


def test_migrations_make_what_tables_describe(engine: Engine) -> None:
    """[STO-1] Alembic finds no difference."""
    upgrade(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_server_default": True, "include_name": is_described}
        )
        assert compare_metadata(context, metadata) == []


def test_migrations_make_it_to_the_letter(engine: Engine, tmp_path: Path) -> None:
    """[STO-1] Also what Alembic does not compare: keys, checks, names, clustering."""
    upgrade(engine)
    other = writer_engine(tmp_path / "other.db")
    with other.begin() as connection:
        metadata.create_all(connection)
    assert schema(engine) == schema(other)
    assert set(schema(engine)) > set(metadata.tables)
    other.dispose()


def test_every_constraint_has_a_name(engine: Engine) -> None:
    """[STO-1] A later migration drops by name."""
    upgrade(engine)
    found = inspect(engine)
    names = [
        constraint["name"]
        for table in metadata.tables
        for constraint in [*found.get_foreign_keys(table), *found.get_unique_constraints(table)]
    ]
    assert len(names) >= 10
    assert all(names)


def test_upgrading_again_changes_nothing(engine: Engine) -> None:
    """[STO-1] It says what it found."""
    assert check(engine) is Schema.BEHIND
    assert upgrade(engine) is Schema.BEHIND
    assert check(engine) is Schema.CURRENT
    before = schema(engine)
    assert upgrade(engine) is Schema.CURRENT
    assert schema(engine) == before


def test_a_schema_of_a_newer_release_is_left_alone(engine: Engine) -> None:
    """[STO-1] Old code runs on the new schema: after a migration the old nodes still serve."""
    upgrade(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    assert check(engine) is Schema.AHEAD
    assert upgrade(engine) is Schema.AHEAD


def test_a_failing_migration_leaves_nothing(engine: Engine) -> None:
    """[STO-1] One transaction: all of it or none."""
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE access_notices (in_the_way INTEGER)")
    with pytest.raises(Exception, match="already exists"):
        upgrade(engine)
    assert set(schema(engine)) == {"access_notices"}


def test_the_log_is_synced_at_every_commit(engine: Engine) -> None:
    """[JRN-1] What SQLite itself says: write-ahead log, synchronous=FULL (2), foreign keys on."""
    with engine.connect() as connection:
        pragmas = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert pragmas == ["wal", 2, 1]


@pytest.mark.parametrize(
    ("given", "path"),
    [("sqlite:////data/x.db", "/data/x.db"), ("sqlite:///x.db", "x.db"), ("/data/x y.db", "/data/x y.db")],
)
def test_a_database_is_named_by_path_or_url(given: str, path: str) -> None:
    """[STO-1] Either way."""
    assert parse_location(given) == parse_location(Path(path)) == Path(path)


@pytest.mark.parametrize("given", ["sqlite://", "sqlite:///:memory:", ":memory:", "postgresql://host/db"])
def test_what_is_no_file_is_refused(given: str) -> None:
    """[STO-1] In memory nothing is durable, and other databases come with their own adapters."""
    with pytest.raises(ValueError, match="sqlite:///FILE"):
        parse_location(given)
