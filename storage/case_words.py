"""The full-text index: one entry per case, words that are normalised already; each database keeps it in its own way.

Both are held to the same answers by `tests/contract/test_projections.py` and `tests/property/test_searching.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sqlalchemy import Connection, Subquery

from storage import fts5, tsvectors
from workspace.searching import Term, index_text


class _Index(Protocol):
    """What a database's own module does."""

    def add(self, connection: Connection, number: int, title: str) -> None: ...
    def retitle(self, connection: Connection, number: int, title: str) -> None: ...
    def rewrite(self, connection: Connection, number: int, head: str, body: str) -> None: ...
    def matching(self, terms: Sequence[Term]) -> Subquery: ...


def _index(connection: Connection) -> _Index:
    return tsvectors if connection.dialect.name == "postgresql" else fts5


def add(connection: Connection, number: int, title: str) -> None:
    """A case that says nothing but its title yet."""
    _index(connection).add(connection, number, index_text(title))


def retitle(connection: Connection, number: int, title: str) -> None:
    """Its title changed."""
    _index(connection).retitle(connection, number, index_text(title))


def rewrite(connection: Connection, number: int, head: str, body: str) -> None:
    """Its record changed; `body` is normalised already."""
    _index(connection).rewrite(connection, number, index_text(head), body)


def matching(connection: Connection, terms: Sequence[Term]) -> Subquery:
    """The cases that hold all of the terms: `number`, and `rank`, of which less is better. The last word of a term may
    go on; words of a term follow each other."""
    return _index(connection).matching(terms)
