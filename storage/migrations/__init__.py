"""Brings a database's schema up to date, forward only. Files in `versions/` follow Alembic's format.

[STO-8] A migration leaves a schema that the release before it can still run on, since both serve while nodes are
replaced one by one: it adds tables, and columns that may be left out; it demands nothing new of old rows; and what it
drops, the release before it had already stopped using. `tests/contract/test_migrations.py` holds every one to this.
"""

from __future__ import annotations

from enum import Enum, auto
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from storage.turns import Turn, take


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
        command.upgrade(configuration(connection), "head")
    return found


def check(connection: Connection) -> Schema:
    """How the schema stands to this code; changes nothing."""
    scripts = ScriptDirectory.from_config(configuration(connection))
    held = set(MigrationContext.configure(connection).get_current_heads())
    if held - {script.revision for script in scripts.walk_revisions()}:
        return Schema.AHEAD
    return Schema.CURRENT if held == set(scripts.get_heads()) else Schema.BEHIND


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's own, on this folder; with a connection its commands can be run."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _wait_for_turn(connection: Connection) -> None:
    """For as long as another's migration takes. A migration's own statements do not wait so long: whoever comes after
    them, to read or write a table, would wait behind them."""
    is_postgres = connection.dialect.name == "postgresql"
    if is_postgres:
        connection.execute(text("SET LOCAL lock_timeout = 0"))
    take(connection, Turn.MIGRATION)
    if is_postgres:
        connection.execute(text("SET LOCAL lock_timeout TO DEFAULT"))
