"""Cases, their members, and what is known of them without opening one."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Connection, ForeignKey, Index, String, Table, Text, event
from sqlalchemy import PrimaryKeyConstraint as PrimaryKey
from sqlalchemy import UniqueConstraint as Unique

from storage.tables.columns import DIGEST, ID, KEY, metadata, ordered

cases = Table(
    "cases",
    metadata,
    Column("id", ID, primary_key=True),
    Column("title", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),  # of the row and its members; edits say when in their entries
)

# What is known of a case without opening it. One row per case, from its creation; `document` and `seq` say up to where
# its record was read.
projections = Table(
    "projections",
    metadata,
    Column("id", KEY, primary_key=True),  # the row of the same number in the full-text index
    Column("case_id", ID, ForeignKey("cases.id"), nullable=False),
    Column("title_folded", ordered(), nullable=False),  # the order of titles: no database folds all of Unicode
    Column("document", String(64)),
    Column("seq", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("is_unreadable", Boolean, nullable=False),  # the record could not be read; what follows is from before
    Column("line", Text),
    Column("question", Text),
    Column("age_band", String(8)),
    Column("sex", String(8)),
    Column("next_action", Text),
    Column("next_owner", ID),  # no foreign key: any client may write any id there
    Column("next_due", ordered(10)),
    Column("texts", Text, nullable=False),  # JSON: section → plain text
    Column("mentions", Text, nullable=False),  # JSON: person ids
    Unique("case_id"),
    Index(None, "next_owner"),
)

FULL_TEXT = "case_words"
_MAKE_PARTS = f"""
CREATE TABLE {FULL_TEXT} (
    number BIGINT NOT NULL CONSTRAINT fk_{FULL_TEXT}_number_projections REFERENCES projections (id),
    field INTEGER NOT NULL,
    part INTEGER NOT NULL,
    words TSVECTOR NOT NULL,
    CONSTRAINT pk_{FULL_TEXT} PRIMARY KEY (number, field, part)
)"""
MAKE_FULL_TEXT = {
    "sqlite": (f"CREATE VIRTUAL TABLE {FULL_TEXT} USING fts5(title, head, body, tokenize='ascii')",),
    "postgresql": (_MAKE_PARTS, f"CREATE INDEX ix_{FULL_TEXT}_words ON {FULL_TEXT} USING gin (words)"),
}
"""The full-text index, which each database has in its own way; `storage.case_words` speaks to both. SQLite's is given
words that `workspace.searching` has normalised, and must only split them at spaces: `unicode61` knows the letters of
Unicode 6.1 alone and would lose the others."""


@event.listens_for(projections, "after_create")
def _make_full_text(_: Table, connection: Connection, **__: object) -> None:
    for statement in MAKE_FULL_TEXT[connection.dialect.name]:
        connection.exec_driver_sql(statement)


templates = Table(
    "templates",
    metadata,
    Column("id", ordered(40), primary_key=True),  # of a delivered one its key, then the row stands for it
    Column("language", String(35), nullable=False),
    Column("name", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("sections", Text, nullable=False),  # JSON: section → the editor's document
    Column("is_retired", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("changed_by", ID, ForeignKey("people.id"), nullable=False),
)

members = Table(
    "members",
    metadata,
    Column("case_id", ID, ForeignKey("cases.id"), nullable=False),
    Column("person", ID, ForeignKey("people.id"), nullable=False),
    Column("role", String(16), nullable=False),
    Column("since", BigInteger, nullable=False),
    PrimaryKey("case_id", "person"),
    Index(None, "person"),
)

# Who shows the others of a case what they look at. Times are the database's own; rows stay, so that numbers only grow.
presenters = Table(
    "presenters",
    metadata,
    Column("case_id", ID, ForeignKey("cases.id"), primary_key=True),
    Column("person", ID, ForeignKey("people.id"), nullable=False),
    Column("client", BigInteger),  # of the page that shows; none yet of whom it was handed over to
    Column("credential", DIGEST),  # by which that page is signed in: when it ends, so does this
    Column("number", BigInteger, nullable=False),
    Column("begins", BigInteger, nullable=False),
    Column("ends", BigInteger, nullable=False),
)

# Words that were not taken, and what became of them. Case content, like entries: it stays in this table.
proposals = Table(
    "proposals",
    metadata,
    Column("id", ID, primary_key=True),
    Column("case_id", ID, ForeignKey("cases.id"), nullable=False),
    Column("author", ID, ForeignKey("people.id"), nullable=False),
    Column("draft", Text, nullable=False),  # named by the author's page: asked twice it is one proposal
    Column("reason", String(40), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("decided_by", ID, ForeignKey("people.id")),
    Column("decided_at", BigInteger),
    Column("line", Text, nullable=False),  # from who decided to the author
    Column("is_put_away", Boolean, nullable=False),  # by its author, who has seen what became of it
    Column("writing", Text, nullable=False),  # JSON: the words, and where they belong
    Unique("case_id", "author", "draft"),
)
