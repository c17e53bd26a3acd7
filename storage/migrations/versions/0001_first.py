"""People, cases, and the journal of their documents."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_ID = sa.String(16).with_variant(sa.String(16, collation="C"), "postgresql")
_DIGEST = sa.LargeBinary(32)


def upgrade() -> None:
    """Forward only: there is no downgrade."""
    _people()
    _cases()
    _journal()
    op.create_table(
        "access_notices",
        sa.Column("number", _KEY, primary_key=True),
        sa.Column("person", _ID, sa.ForeignKey("people.id"), nullable=False),
        sa.Column("case_id", _ID, sa.ForeignKey("cases.id")),
        sqlite_autoincrement=True,
    )


def _people() -> None:
    op.create_table(
        "people",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("email_folded", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("standing", sa.String(16), nullable=False),
        sa.Column("password_hash", sa.Text),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("email_folded"),
    )
    op.create_table(
        "credentials",
        sa.Column("digest", _DIGEST, primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("person", _ID, sa.ForeignKey("people.id"), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )
    op.create_index(None, "credentials", ["expires_at"])


def _cases() -> None:
    op.create_table(
        "cases",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "members",
        sa.Column("case_id", _ID, sa.ForeignKey("cases.id"), nullable=False),
        sa.Column("person", _ID, sa.ForeignKey("people.id"), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("case_id", "person"),
    )
    op.create_index(None, "members", ["person"])


def _journal() -> None:
    op.create_table(
        "documents",
        sa.Column("id", _KEY, primary_key=True),
        sa.Column("case_id", _ID, sa.ForeignKey("cases.id"), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("head", sa.BigInteger, nullable=False),
        sa.Column("superseded_by", sa.String(64)),
        sa.UniqueConstraint("case_id", "name"),
    )
    op.create_table(
        "entries",
        sa.Column("document", _KEY, sa.ForeignKey("documents.id"), nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("op", sa.LargeBinary(16), nullable=False),
        sa.Column("author", _ID, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("format", sa.String(32), nullable=False),
        sa.Column("length", sa.Integer, nullable=False),
        sa.Column("sha256", _DIGEST, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("document", "seq"),
        sa.UniqueConstraint("op"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "document_clients",
        sa.Column("document", _KEY, sa.ForeignKey("documents.id"), nullable=False),
        sa.Column("client_id", sa.BigInteger, nullable=False),
        sa.Column("person", _ID, nullable=False),
        sa.PrimaryKeyConstraint("document", "client_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "snapshots",
        sa.Column("document", _KEY, sa.ForeignKey("documents.id"), nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("format", sa.String(32), nullable=False),
        sa.Column("length", sa.Integer, nullable=False),
        sa.Column("sha256", _DIGEST, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("document", "seq"),
    )
