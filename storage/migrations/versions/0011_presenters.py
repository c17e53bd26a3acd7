"""Who shows the others of a case what they look at."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_ID = sa.String(16).with_variant(sa.String(16, collation="C"), "postgresql")


def upgrade() -> None:
    """Forward only: there is no downgrade."""
    op.create_table(
        "presenters",
        sa.Column("case_id", _ID, sa.ForeignKey("cases.id"), primary_key=True),
        sa.Column("person", _ID, sa.ForeignKey("people.id"), nullable=False),
        sa.Column("client", sa.BigInteger),
        sa.Column("credential", sa.LargeBinary(32)),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("begins", sa.BigInteger, nullable=False),
        sa.Column("ends", sa.BigInteger, nullable=False),
    )
