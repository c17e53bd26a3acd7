"""Every contract suite runs on memory, on a real SQLite file and on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from storage.database import open_database
from storage.ports import Stores
from storage.sqlite import SqliteDatabase
from tests.contract.sample import add_people, fill, new_case
from tests.contract.worlds import MemoryWorld, PostgresWorld, SqliteWorld, World
from tests.postgres import Postgres


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """An empty disk."""
    match request.param:
        case "memory":
            yield MemoryWorld()
        case "sqlite":
            yield SqliteWorld(tmp_path / "consilium.db")
        case _:
            postgres: Postgres = request.getfixturevalue("postgres")
            url = postgres.fresh()
            yield PostgresWorld(postgres, url)
            postgres.clean(url)


@pytest.fixture
async def empty(world: World) -> AsyncIterator[Stores]:
    """A node on an empty disk."""
    async with world.node() as stores:
        yield stores


@pytest.fixture
async def stores(empty: Stores) -> Stores:
    """A node on a disk with Ada, Ben, Cleo, and a case that Ada leads."""
    await add_people(empty)
    await empty.cases.create(new_case())
    return empty


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a SQLite file may be made."""
    return tmp_path / "consilium.db"


@pytest.fixture
async def database(path: Path) -> AsyncIterator[SqliteDatabase]:
    """A SQLite file with Ada and her case and its record."""
    async with open_database(path) as database:
        assert isinstance(database, SqliteDatabase)
        await fill(database)
        yield database
