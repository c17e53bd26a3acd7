"""Templates for records that moderators made or changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from workspace.audit import SYSTEM, Cause
from workspace.ids import Millis, PersonId


@dataclass(frozen=True, slots=True)
class Template:
    """What a new record can start with. `sections` is JSON: section → the editor's document."""

    id: str
    language: str
    name: str
    about: str
    sections: str
    is_retired: bool
    version: int
    """1, 2, 3…: each change makes the next one."""
    changed_at: Millis
    changed_by: PersonId


class Templates(Protocol):
    """Whole values; nothing in a case refers to them, so a change touches no case. It is an event in the audit log."""

    async def all(self) -> Sequence[Template]:
        """Every one, retired ones too, by id."""
        ...

    async def keep(self, template: Template, cause: Cause = SYSTEM) -> None:
        """Add version 1, or put the next version in the place of the one before it.

        Raises: Conflict (another version is there), NotFound (the person).
        """
        ...

    async def forget(self, template: str, version: int, cause: Cause = SYSTEM) -> None:
        """Remove it. Raises: NotFound, Conflict (another version is there)."""
        ...
