"""Brings a database's schema up to date, forward only. Files in `versions/` follow Alembic's format.

[STO-8] A migration leaves a schema that the release before it can still run on, since both serve while nodes are
replaced one by one: it adds tables, and columns that may be left out; it demands nothing new of old rows; and what it
drops, the release before it had already stopped using. `tests/contract/test_migrations.py` holds every one to this.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from storage.turns import Turn, take

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).parent


class Schema(Enum):
    """How a database's schema stands to this code."""

    CURRENT = auto()
    BEHIND = auto()
    """Older than this code, or empty: `upgrade` first."""
    AHEAD = auto()
    """Made by a newer release; this one still runs on it."""


def upgrade(connection: Connection) -> Schema:
    """Run the missing migrations in the connection's transaction and say what was found before.

    Several processes may start at once: only one at a time gets past the first line, so that one migrates and the
    others find it done. A schema that is ahead is left alone.
    """
    _wait_for_turn(connection)
    found = check(connection)
    if found is Schema.BEHIND:
        # Not at the top: it takes a sixth of a process's start, and most find nothing to migrate.
        from alembic import command  # noqa: PLC0415

        command.upgrade(configuration(connection), "head")
    return found


def check(connection: Connection) -> Schema:
    """How the schema stands to this code; changes nothing."""
    steps = revisions()
    held = _held(connection)
    if not held.issubset(steps):
        return Schema.AHEAD
    return Schema.CURRENT if held == {steps[-1]} else Schema.BEHIND


def revisions() -> Sequence[str]:
    """Every step, oldest first: a file is named by its revision, which `tests/docs/test_migrations.py` holds it to."""
    return sorted(file.name.partition("_")[0] for file in (FOLDER / "versions").glob("[0-9]*.py"))


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's own, on this folder; with a connection its commands can be run."""
    from alembic.config import Config  # noqa: PLC0415  (as in `upgrade`)

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _held(connection: Connection) -> set[str]:
    """What Alembic wrote down of the steps that were taken: the last, or nothing."""
    if not inspect(connection).has_table("alembic_version"):
        return set()
    return set(connection.scalars(text("SELECT version_num FROM alembic_version")))


def _wait_for_turn(connection: Connection) -> None:
    """For as long as another's migration takes. A migration's own statements do not wait so long: whoever comes after
    them, to read or write a table, would wait behind them."""
    is_postgres = connection.dialect.name == "postgresql"
    if is_postgres:
        connection.execute(text("SET LOCAL lock_timeout = 0"))
    take(connection, Turn.MIGRATION)
    if is_postgres:
        connection.execute(text("SET LOCAL lock_timeout TO DEFAULT"))
