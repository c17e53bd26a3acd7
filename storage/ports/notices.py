"""Changes of rights, in the order in which they were made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from workspace.ids import CaseId, PersonId


@dataclass(frozen=True, slots=True)
class AccessNotice:
    """Somebody's rights changed: in one case, or (`case` None) everywhere. Open sessions are judged again.

    `person` None: the case itself changed, its title, and nobody's rights.
    """

    number: int
    person: PersonId | None
    case: CaseId | None


class Notices(Protocol):
    """The tail of access notices, also those written by another process beside a running server."""

    async def since(self, number: int) -> Sequence[AccessNotice]:
        """Notices with a greater number, oldest first, at most 1,000."""
        ...

    async def latest(self) -> int:
        """The newest number, 0 if there is none."""
        ...
