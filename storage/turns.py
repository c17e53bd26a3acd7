"""Turns: what only one transaction at a time may do, where a database lets several write at once.

PostgreSQL: advisory locks (postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS), which end with their
transaction and count per database. SQLite has one writer, so there every transaction that writes is the only one.
"""

from __future__ import annotations

from enum import IntEnum

from sqlalchemy import Connection, func, select


class Turn(IntEnum):
    """The number of a lock: releases that serve side by side must agree on it."""

    MIGRATION = 1
    NOTICE = 2


_CONSILIUM = 0x434F4E53
"""Sets our locks apart from those that others take in the same database; arbitrary."""


def take(connection: Connection, turn: Turn) -> None:
    """Wait for the turn, and keep it until this transaction has ended and everybody can see what it did."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_CONSILIUM, int(turn))))
