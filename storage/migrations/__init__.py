"""Brings a database's schema up to date, forward only. Files in `versions/` follow Alembic's format.

A migration must leave a schema that the release before it can still run on: add, fill, and drop one release later.
"""

from __future__ import annotations

from enum import Enum, auto
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine


class Schema(Enum):
    """How a database's schema stands to this code."""

    CURRENT = auto()
    BEHIND = auto()
    """Older than this code, or empty: `upgrade` first."""
    AHEAD = auto()
    """Made by a newer release; this one still runs on it."""


def upgrade(engine: Engine) -> Schema:
    """Run the missing migrations in one transaction and say what was found before.

    Several processes may start at once: the transaction takes the write lock first, so that one migrates and the
    others find it done. A schema that is ahead is left alone.
    """
    with engine.begin() as connection:
        found = _compare(connection)
        if found is Schema.BEHIND:
            command.upgrade(_config(connection), "head")
        return found


def check(engine: Engine) -> Schema:
    """How the schema stands to this code; changes nothing."""
    with engine.connect() as connection:
        return _compare(connection)


def _compare(connection: Connection) -> Schema:
    scripts = ScriptDirectory.from_config(_config(connection))
    held = set(MigrationContext.configure(connection).get_current_heads())
    if held - {script.revision for script in scripts.walk_revisions()}:
        return Schema.AHEAD
    return Schema.CURRENT if held == set(scripts.get_heads()) else Schema.BEHIND


def _config(connection: Connection) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
