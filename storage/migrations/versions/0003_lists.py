"""Lists: what is found and shown of a case without opening it, and templates."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from workspace.searching import fold, index_text

revision = "0003"
down_revision = "0002"

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_ID = sa.String(16).with_variant(sa.String(16, collation="C"), "postgresql")


def upgrade() -> None:
    """Forward only: there is no downgrade."""
    _notices_of_nobody()
    _projections()
    op.create_table(
        "templates",
        sa.Column("id", sa.String(40).with_variant(sa.String(40, collation="C"), "postgresql"), primary_key=True),
        sa.Column("language", sa.String(35), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("sections", sa.Text, nullable=False),
        sa.Column("is_retired", sa.Boolean, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.Column("changed_by", _ID, sa.ForeignKey("people.id"), nullable=False),
    )


def _projections() -> None:
    """Each case gets a row and is found by its title at once; its record is read when the server runs."""
    projections = op.create_table(
        "projections",
        sa.Column("id", _KEY, primary_key=True),
        sa.Column("case_id", _ID, sa.ForeignKey("cases.id"), nullable=False),
        sa.Column("title_folded", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("document", sa.String(64)),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("is_unreadable", sa.Boolean, nullable=False),
        sa.Column("line", sa.Text),
        sa.Column("question", sa.Text),
        sa.Column("age_band", sa.String(8)),
        sa.Column("sex", sa.String(8)),
        sa.Column("next_action", sa.Text),
        sa.Column("next_owner", _ID),
        sa.Column("next_due", sa.String(10).with_variant(sa.String(10, collation="C"), "postgresql")),
        sa.Column("texts", sa.Text, nullable=False),
        sa.Column("mentions", sa.Text, nullable=False),
        sa.UniqueConstraint("case_id"),
    )
    op.create_index(None, "projections", ["next_owner"])
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        op.execute("CREATE VIRTUAL TABLE case_words USING fts5(title, head, body, tokenize='ascii')")
    else:
        op.execute(
            "CREATE TABLE case_words ("
            "number BIGINT NOT NULL CONSTRAINT fk_case_words_number_projections REFERENCES projections (id),"
            " field INTEGER NOT NULL,"
            " part INTEGER NOT NULL,"
            " words TSVECTOR NOT NULL,"
            " CONSTRAINT pk_case_words PRIMARY KEY (number, field, part))"
        )
        op.execute("CREATE INDEX ix_case_words_words ON case_words USING gin (words)")
    # No release before this one ran on PostgreSQL: only a SQLite file can hold cases here.
    words = sa.table("case_words", sa.column("rowid"), sa.column("title"), sa.column("head"), sa.column("body"))
    for case, title in connection.execute(sa.text("SELECT id, title FROM cases ORDER BY id")).all():
        row = {"case_id": case, "title_folded": fold(title), "seq": 0, "at": 0, "is_unreadable": False}
        made = connection.execute(sa.insert(projections).values({**row, "texts": "{}", "mentions": "[]"}))
        if made.inserted_primary_key is not None:
            number = made.inserted_primary_key[0]
            connection.execute(sa.insert(words).values(rowid=number, title=index_text(title), head="", body=""))


def _notices_of_nobody() -> None:
    """A notice may have no person. SQLite cannot drop a NOT NULL; its tables are copied instead, numbers and all."""
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column("access_notices", "person", existing_type=_ID, nullable=True)
        return
    op.create_table(
        "access_notices_next",
        sa.Column("number", _KEY, primary_key=True),
        sa.Column("person", _ID),
        sa.Column("case_id", _ID),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_access_notices_person_people")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_access_notices_case_id_cases")),
        sqlite_autoincrement=True,
    )
    op.execute(
        "INSERT INTO access_notices_next (number, person, case_id) SELECT number, person, case_id FROM access_notices"
    )
    op.drop_table("access_notices")
    op.rename_table("access_notices_next", "access_notices")
