"""Versions: names given to moments of a document, and how far each person has seen it."""

from __future__ import annotations

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Forward only: there is no downgrade."""
