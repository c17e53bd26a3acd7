"""Lists: what is found and shown of a case without opening it, and templates."""

from __future__ import annotations

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Forward only: there is no downgrade."""
