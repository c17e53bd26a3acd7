"""What is read out of records, so that cases can be listed and found without opening them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from storage.ports.lists import Listed
from workspace.case import CaseState
from workspace.ids import DocumentId, Millis, PersonId, Seq
from workspace.record import Projection
from workspace.searching import Term

NEVER = Millis(2**62)


@dataclass(frozen=True, slots=True)
class Behind:
    """When a record that was edited is to be read again, by the times of its edits that were not read yet."""

    quiet: Millis
    """The newest edit is at least as old as this: somebody stopped writing."""
    overdue: Millis
    """Or the oldest is: somebody has not stopped for long."""
    retry: Millis
    """Or, where the last reading failed, the oldest is as old as this; it would most likely fail again."""
    ahead: Millis = NEVER
    """Or an edit is newer than this, which cannot be: the clock was set back, and time tells nothing of it. [CLK-2]"""


@dataclass(frozen=True, slots=True)
class Found:
    """A case in which something was found, with what it says."""

    listed: Listed
    projection: Projection


class Projections(Protocol):
    """One projection per case, from the case's creation on; the full-text index changes in the same transaction.

    A case is found by its title as soon as it is created or renamed.
    """

    async def behind(self, behind: Behind, limit: int = 100) -> Sequence[DocumentId]:
        """The current records that are to be read now, in any order. What was read is compared with the journal, so
        this holds after a restart too."""
        ...

    async def keep(self, document: DocumentId, seq: Seq, projection: Projection | None, at: Millis) -> None:
        """Keep what the record said at `seq`; None when it could not be read: what was known stays. Passed over when a
        later seq of this document was read already: whoever comes late with it was slow, or frozen.

        Raises: NotFound (case).
        """
        ...

    async def oldest_unread(self) -> Millis | None:
        """When the oldest edit was made that no projection knows of; None when all is read. Records that cannot be read
        are left out."""
        ...

    async def find(
        self,
        terms: Sequence[Term],
        person: PersonId,
        *,
        all_cases: bool,
        states: frozenset[CaseState] = frozenset(),
        skip: int = 0,
        limit: int = 20,
    ) -> Sequence[Found]:
        """The cases that say all of the terms, those first that say them best; only such as the person is a member of,
        or all. Nothing for no terms."""
        ...
