"""The full-text index of SQLite (FTS5, sqlite.org/fts5.html): one row per case, words that are normalised already."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, column, func, insert, literal_column, table, update

from storage.tables import FULL_TEXT
from workspace.searching import BODY_WEIGHT, HEAD_WEIGHT, TITLE_WEIGHT, Term, index_text

case_words = table(FULL_TEXT, column("rowid"), column("title"), column("head"), column("body"))


def add(connection: Connection, number: int, title: str) -> None:
    """A case that says nothing but its title yet."""
    connection.execute(insert(case_words).values(rowid=number, title=index_text(title), head="", body=""))


def retitle(connection: Connection, number: int, title: str) -> None:
    """Its title changed."""
    connection.execute(update(case_words).where(case_words.c.rowid == number).values(title=index_text(title)))


def rewrite(connection: Connection, number: int, head: str, body: str) -> None:
    """Its record changed; `body` is normalised already."""
    connection.execute(update(case_words).where(case_words.c.rowid == number).values(head=index_text(head), body=body))


def matching(terms: Sequence[Term]) -> ColumnElement[bool]:
    """All of the terms, each as a string of FTS5 whose last word may go on. A word holds no quote: the normalisation
    leaves letters and digits alone."""
    asked = " AND ".join(f'"{" ".join(term.words)}"*' for term in terms)
    return literal_column(FULL_TEXT).op("MATCH")(asked)


def rank() -> ColumnElement[float]:
    """Lower is better."""
    return func.bm25(literal_column(FULL_TEXT), TITLE_WEIGHT, HEAD_WEIGHT, BODY_WEIGHT)
