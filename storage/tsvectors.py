"""The full-text index of PostgreSQL (postgresql.org/docs/current/datatype-textsearch.html).

Vectors and questions are spelled here and not by `to_tsvector`, whose parser has its own mind about what a word is:
ours are normalised already. A vector knows no place beyond 16,383, no more than 256 places of a word, and holds at most
1 MB; so a text lies in parts of 256 words, each with the beginning of the next, where none of this can be reached.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from sqlalchemy import (
    BigInteger,
    Connection,
    Integer,
    Subquery,
    case,
    cast,
    column,
    delete,
    func,
    insert,
    or_,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR

from storage.tables import FULL_TEXT
from workspace.searching import BODY_WEIGHT, HEAD_WEIGHT, TITLE_WEIGHT, Term

PART = 256
SHARED = 64
"""Words that a part has in common with the next: of longer phrases the first 65 words are looked for. Arbitrary."""

_TITLE, _HEAD, _BODY = range(3)

_words = table(
    FULL_TEXT,
    column("number", BigInteger),
    column("field", Integer),
    column("part", Integer),
    column("words", TSVECTOR),
)


def add(connection: Connection, number: int, title: str) -> None:
    """See `storage.case_words`; all of this is given words."""
    _insert(connection, number, _TITLE, title)


def retitle(connection: Connection, number: int, title: str) -> None:
    """See `storage.case_words`. Whoever calls holds the lock of the case's projection."""
    connection.execute(delete(_words).where(_words.c.number == number, _words.c.field == _TITLE))
    _insert(connection, number, _TITLE, title)


def rewrite(connection: Connection, number: int, head: str, body: str) -> None:
    """See `storage.case_words`. Whoever calls holds the lock of the case's projection."""
    connection.execute(delete(_words).where(_words.c.number == number, _words.c.field != _TITLE))
    _insert(connection, number, _HEAD, head)
    _insert(connection, number, _BODY, body)


def matching(terms: Sequence[Term]) -> Subquery:
    """See `storage.case_words`."""
    asked = [_question(term) for term in terms]
    holds = [_words.c.words.op("@@")(cast(each, TSQUERY)) for each in asked]
    weight = case({_TITLE: TITLE_WEIGHT, _HEAD: HEAD_WEIGHT}, value=_words.c.field, else_=BODY_WEIGHT)
    rank = func.sum(func.ts_rank(_words.c.words, cast(" | ".join(asked), TSQUERY)) * weight)
    query = select(_words.c.number, (-rank).label("rank")).where(or_(*holds)).group_by(_words.c.number)
    if len(holds) > 1:  # each may stand in another part
        query = query.where(*(_words.c.number.in_(select(_words.c.number).where(each)) for each in holds))
    return query.subquery()


def _insert(connection: Connection, number: int, field: int, text: str) -> None:
    rows = [
        {"number": number, "field": field, "part": part, "words": vector}
        for part, vector in enumerate(_vectors(text.split()))
    ]
    if rows:
        connection.execute(insert(_words), rows)


def _vectors(words: Sequence[str]) -> Iterator[str]:
    """The parts of a text as PostgreSQL reads a vector: `'fever':1,7 'rash':2`."""
    for start in range(0, max(1, len(words) - SHARED) if words else 0, PART - SHARED):
        places: defaultdict[str, list[str]] = defaultdict(list)
        for place, word in enumerate(words[start : start + PART], 1):
            places[word].append(str(place))
        yield " ".join(f"{_quoted(word)}:{','.join(where)}" for word, where in places.items())


def _question(term: Term) -> str:
    """A term as PostgreSQL reads a question: `'night' <-> 'swe':*`."""
    words = term.words[: SHARED + 1]
    return " <-> ".join(_quoted(word) for word in words) + (":*" if len(words) == len(term.words) else "")


def _quoted(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"
