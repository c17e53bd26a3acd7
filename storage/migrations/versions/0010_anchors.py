"""How far the chains of the audit log had come when that was last told in the house's."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_ID = sa.String(16).with_variant(sa.String(16, collation="C"), "postgresql")


def upgrade() -> None:
    """Forward only: there is no downgrade."""
    op.create_table(
        "audit_anchors",
        sa.Column("chain", _ID, primary_key=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
    )
