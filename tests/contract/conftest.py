"""Every contract suite runs on memory and on a real SQLite file."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.database import Database, open_database
from storage.ports import Stores
from tests.contract.sample import add_people, fill, new_case
from tests.contract.worlds import MemoryWorld, SqliteWorld, World


@pytest.fixture(params=["memory", "sqlite"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    """An empty disk."""
    return MemoryWorld() if request.param == "memory" else SqliteWorld(tmp_path / "consilium.db")


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
async def database(path: Path) -> AsyncIterator[Database]:
    """A SQLite file with Ada and her case and its record."""
    async with open_database(path) as database:
        await fill(database)
        yield database
