"""Cases and who is in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from workspace.audit import SYSTEM, Cause
from workspace.case import Case, CaseState, Member, Role
from workspace.ids import CaseId, DocumentName, Millis, PersonId, Seq, UpdateBytes


@dataclass(frozen=True, slots=True)
class NewCase:
    """A case to be created, with the seed of each document that starts with content."""

    id: CaseId
    title: str
    lead: PersonId
    state: CaseState
    at: Millis
    seeds: Mapping[DocumentName, UpdateBytes]


class Cases(Protocol):
    """Cases and their members. Every change of rights leaves an AccessNotice in the same transaction, and every change
    an event in the audit log, of that `cause`. [AUD-1]"""

    async def create(self, case: NewCase, cause: Cause = SYSTEM) -> None:
        """The case, its lead and its seeded documents, in one transaction; it is listed and found from then on.

        Raises: Conflict (id taken), NotFound (lead).
        """
        ...

    async def find(self, case: CaseId, person: PersonId) -> tuple[Case, Role | None] | None:
        """The case and the person's membership in it; None if there is no such case. Not a permission check:
        `server.access.open_case` is the only caller that may decide by it."""
        ...

    async def members(self, case: CaseId) -> Sequence[Member]:
        """The members, lead first, then by name."""
        ...

    async def documents(self, case: CaseId) -> Mapping[DocumentName, Seq]:
        """The current (not superseded) documents of a case that exist, with their heads."""
        ...

    async def set_member(
        self, case: CaseId, person: PersonId, role: Role | None, at: Millis, cause: Cause = SYSTEM
    ) -> None:
        """Give, change or (None) take away a membership; no notice if nothing changes.

        Raises: NotFound (case or person), Conflict (last lead), InvalidRequest (not a role of members).
        """
        ...

    async def set_state(
        self, case: CaseId, was: CaseState, state: CaseState, at: Millis, cause: Cause = SYSTEM
    ) -> None:
        """Take a case from one state to another, leaving a notice for each member and each moderator.

        Raises: NotFound, Conflict (it is not, or no longer, in the state `was`).
        """
        ...

    async def rename(self, case: CaseId, title: str, at: Millis, cause: Cause = SYSTEM) -> None:
        """Give a case another title, leaving a notice that is nobody's; none if nothing changes. Raises: NotFound."""
        ...
