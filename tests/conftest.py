"""What holds for every test: Hypothesis measures no time on a shared machine, and prints what repeats a failure. One
PostgreSQL serves all who ask for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.postgres import Postgres, running_postgres

settings.register_profile("consilium", deadline=None, print_blob=True)
settings.load_profile("consilium")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL that is there for the whole run; whoever breaks one starts their own."""
    with running_postgres() as postgres:
        yield postgres
