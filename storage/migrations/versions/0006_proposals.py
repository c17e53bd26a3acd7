"""Proposals: what somebody wrote, could not save, and asks others to include."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_ID = sa.String(16).with_variant(sa.String(16, collation="C"), "postgresql")


def upgrade() -> None:
    """Forward only: there is no downgrade."""
    op.create_table(
        "proposals",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("case_id", _ID, sa.ForeignKey("cases.id"), nullable=False),
        sa.Column("author", _ID, sa.ForeignKey("people.id"), nullable=False),
        sa.Column("draft", sa.Text, nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("decided_by", _ID, sa.ForeignKey("people.id")),
        sa.Column("decided_at", sa.BigInteger),
        sa.Column("line", sa.Text, nullable=False),
        sa.Column("is_put_away", sa.Boolean, nullable=False),
        sa.Column("writing", sa.Text, nullable=False),
        sa.UniqueConstraint("case_id", "author", "draft"),
    )
