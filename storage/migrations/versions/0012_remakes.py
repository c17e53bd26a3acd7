"""By which rules renditions were made, and which of them are made anew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_ID = sa.String(16).with_variant(sa.String(16, collation="C"), "postgresql")


def upgrade() -> None:
    """Forward only: there is no downgrade. What earlier code puts in has rules 0, and is made anew later."""
    op.add_column("files", sa.Column("rules", sa.Integer, nullable=False, server_default="0"))
    # What was made of these has not changed since the first of them.
    op.execute(
        "UPDATE files SET rules = 1 WHERE media_id IN (SELECT id FROM media WHERE kind IN ('photo', 'video', 'pdf'))"
    )
    op.create_index(None, "files", ["rules"])
    op.add_column("renditions", sa.Column("replaced_at", sa.BigInteger))
    op.create_index(None, "renditions", ["replaced_at"])
    op.create_table(
        "remakes",
        sa.Column("file_id", _ID, sa.ForeignKey("files.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("rules", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("reason", sa.String(32)),
        sa.Column("holder", sa.String(80)),
        sa.Column("fence", sa.BigInteger, nullable=False),
        sa.Column("begins", sa.BigInteger, nullable=False),
        sa.Column("ends", sa.BigInteger, nullable=False),
    )
