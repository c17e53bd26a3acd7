"""What holds for every test: Hypothesis measures no time on a shared machine, and prints what repeats a failure. One
PostgreSQL and one S3 server serve all who ask for them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.object_server import ObjectServer, object_server
from tests.postgres import Postgres, running_postgres
from tests.thorough import short_or_long

settings.register_profile("consilium", deadline=None, print_blob=True, max_examples=short_or_long(100, 1000))
settings.load_profile("consilium")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL that is there for the whole run; whoever breaks one starts their own."""
    with running_postgres() as postgres:
        yield postgres


@pytest.fixture(scope="session")
def objects_server() -> Iterator[ObjectServer]:
    """An S3 server that is there for the whole run; each test takes a bucket of its own from it. Whoever breaks one
    starts their own."""
    with object_server() as server:
        yield server
