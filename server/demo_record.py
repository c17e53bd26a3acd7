"""A record written as plain text becomes the Yjs document that the browser's editor reads."""

from __future__ import annotations

from collections.abc import Mapping

from workspace.ids import UpdateBytes
from workspace.record import NO_HEAD, SECTIONS, seed
from workspace.written import sections_from

__all__ = ["SECTIONS", "record_from"]


def record_from(text: str, head: Mapping[str, str] = NO_HEAD) -> UpdateBytes:
    """The whole record as one update. Raises: ValueError for a section that a record does not have."""
    return seed(sections_from(text), head)
