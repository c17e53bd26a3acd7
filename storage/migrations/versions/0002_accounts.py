"""Accounts: profiles, sign-ins that can be told apart, mails that wait.

New tables beside `people` and `credentials` instead of new columns in them: SQLite cannot add a column in the middle,
and old code goes on reading and writing the tables it knows.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_ID = sa.String(16).with_variant(sa.String(16, collation="C"), "postgresql")
_DIGEST = sa.LargeBinary(32)
_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Forward only: there is no downgrade."""
    op.create_table(
        "profiles",
        sa.Column("person", _ID, sa.ForeignKey("people.id"), primary_key=True),
        sa.Column("profession", sa.Text, nullable=False),
        sa.Column("specialty", sa.Text, nullable=False),
        sa.Column("registration", sa.Text, nullable=False),
        sa.Column("language", sa.String(35)),
    )
    op.create_table(
        "pictures",
        sa.Column("person", _ID, sa.ForeignKey("people.id"), primary_key=True),
        sa.Column("digest", _DIGEST, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("format", sa.String(32), nullable=False),
        sa.Column("length", sa.Integer, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "deactivations",
        sa.Column("person", _ID, sa.ForeignKey("people.id"), primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "sign_ins",
        sa.Column("digest", _DIGEST, sa.ForeignKey("credentials.digest", ondelete="CASCADE"), primary_key=True),
        sa.Column("id", _ID, nullable=False),
        sa.Column("agent", sa.Text, nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("id"),
    )
    op.create_table(
        "mails",
        sa.Column("id", _KEY, primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("email_folded", sa.Text, nullable=False),
        sa.Column("asked_at", sa.BigInteger, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("next_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("kind", "email_folded"),
    )
    op.create_table(
        "offline_keys",
        sa.Column(
            "credential", sa.LargeBinary(32), sa.ForeignKey("credentials.digest", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("salt", sa.LargeBinary(32), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
