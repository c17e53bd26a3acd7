"""The full-text index of SQLite (FTS5, sqlite.org/fts5.html)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Subquery, column, func, insert, literal_column, select, table, update

from storage.tables import FULL_TEXT
from workspace.searching import BODY_WEIGHT, HEAD_WEIGHT, TITLE_WEIGHT, Term

_words = table(FULL_TEXT, column("rowid"), column("title"), column("head"), column("body"))


def add(connection: Connection, number: int, title: str) -> None:
    """See `storage.case_words`; all of this is given words."""
    connection.execute(insert(_words).values(rowid=number, title=title, head="", body=""))


def retitle(connection: Connection, number: int, title: str) -> None:
    """See `storage.case_words`."""
    connection.execute(update(_words).where(_words.c.rowid == number).values(title=title))


def rewrite(connection: Connection, number: int, head: str, body: str) -> None:
    """See `storage.case_words`."""
    connection.execute(update(_words).where(_words.c.rowid == number).values(head=head, body=body))


def matching(terms: Sequence[Term]) -> Subquery:
    """See `storage.case_words`. A term is a string of FTS5. A word holds no quote: the normalisation leaves letters and
    digits alone."""
    asked = " AND ".join(f'"{" ".join(term.words)}"*' for term in terms)
    rank = func.bm25(literal_column(FULL_TEXT), TITLE_WEIGHT, HEAD_WEIGHT, BODY_WEIGHT)
    return (
        select(_words.c.rowid.label("number"), rank.label("rank"))
        .where(literal_column(FULL_TEXT).op("MATCH")(asked))
        .subquery()
    )
