"""Accounts: profiles, sessions that can be told apart, keys of offline copies."""

from __future__ import annotations

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Forward only: there is no downgrade."""
