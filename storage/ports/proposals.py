"""Proposals: what somebody wrote, could not save, and asks those who write the record to include."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from workspace.audit import SYSTEM, Cause
from workspace.ids import CaseId, Millis, PersonId, ProposalId

MOST_WAITING_OF_PERSON = 20
MOST_WAITING_IN_CASE = 100
"""Arbitrary: more than anybody decides on in a sitting. What is decided makes room."""


class Outcome(StrEnum):
    """What became of a proposal."""

    WAITING = "waiting"
    INCLUDED = "included"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    """By its author, before anybody decided."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Who decided and when, with a line to the author; empty if they gave none."""

    by: PersonId
    at: Millis
    line: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """`draft` names what was written, whoever asks how often. `writing` is JSON: the words and where they belong."""

    id: ProposalId
    case: CaseId
    author: PersonId
    draft: str
    reason: str
    """Why the words were not taken: a word of `docs/errors.md`, or how the page's session ended."""
    writing: str
    at: Millis
    outcome: Outcome = Outcome.WAITING
    decision: Decision | None = None


class Proposals(Protocol):
    """Nothing is ever removed: what its author took back or put away is only listed no more.

    Every change leaves a notice of the case, which is nobody's, and an event in the audit log, in the same transaction.
    """

    async def make(self, proposal: Proposal, cause: Cause = SYSTEM) -> Proposal:
        """Keep a proposal that waits, and answer it as it stands. An author who asks again with a draft is answered
        the one that is there, which waits anew if they had taken it back or put it away; never one that was included.

        Raises: NotFound (case or author), TooMany (waiting, of the author or in the case).
        """
        ...

    async def listed(self, case: CaseId) -> Sequence[Proposal]:
        """Those that wait, and those decided ones that their authors have not put away, oldest first."""
        ...

    async def find(self, case: CaseId, proposal: ProposalId) -> Proposal | None:
        """One of a case, listed or not."""
        ...

    async def decide(
        self, proposal: Proposal, outcome: Outcome, decision: Decision | None, cause: Cause = SYSTEM
    ) -> Proposal:
        """Take a proposal from how it was seen to another outcome; it is listed again if its author had put it away.

        Raises: NotFound, Conflict (somebody was faster: it is not, or no longer, as it was seen).
        """
        ...

    async def put_away(self, proposal: Proposal, cause: Cause = SYSTEM) -> None:
        """List it no more; if it waits it is withdrawn. Raises: NotFound, Conflict (it is not as it was seen)."""
        ...
