"""The database's own clock: one for all nodes, whatever theirs say."""

from __future__ import annotations

from sqlalchemy import Connection, text

from workspace.ids import Millis

_CLOCKS = {
    "sqlite": "SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
    # Not now(), which is when the transaction began: it may have waited for a row since.
    "postgresql": "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)",
}
"""Milliseconds since 1970."""


def now(connection: Connection) -> Millis:
    """What time it is there."""
    return Millis(int(connection.execute(text(_CLOCKS[connection.dialect.name])).scalar_one()))
