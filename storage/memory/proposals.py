"""Proposals in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from storage.events import proposal_changed
from storage.memory.records import MemoryRecords
from storage.ports.proposals import MOST_WAITING_IN_CASE, MOST_WAITING_OF_PERSON, Decision, Outcome, Proposal
from workspace.audit import SYSTEM, Action, Cause
from workspace.errors import Conflict, NotFound, TooMany
from workspace.ids import CaseId, ProposalId


class MemoryProposals:
    """`storage.ports.Proposals`."""

    def __init__(self, records: MemoryRecords) -> None:
        self._records = records

    async def make(self, proposal: Proposal, cause: Cause = SYSTEM) -> Proposal:
        """See the port."""
        self._records.account(proposal.author)
        if proposal.case not in self._records.cases:
            raise NotFound
        in_case = [each for each in self._records.proposals.values() if each.case == proposal.case]
        of_author = [each for each in in_case if each.author == proposal.author]
        held = next((each for each in of_author if each.draft == proposal.draft), None)
        is_listed = held is not None and held.id not in self._records.put_away
        if held is not None and (is_listed or held.outcome is Outcome.INCLUDED):
            return held
        if _waiting(of_author) >= MOST_WAITING_OF_PERSON:
            raise TooMany(f"at most {MOST_WAITING_OF_PERSON} proposals of one person may wait")
        if _waiting(in_case) >= MOST_WAITING_IN_CASE:
            raise TooMany(f"at most {MOST_WAITING_IN_CASE} proposals may wait in a case")
        made = proposal if held is None else replace(proposal, id=held.id)
        return self._keep(made, Action.PROPOSAL_MADE, cause)

    async def listed(self, case: CaseId) -> Sequence[Proposal]:
        """See the port."""
        held = [each for each in self._records.proposals.values() if each.case == case]
        return sorted(
            (each for each in held if each.id not in self._records.put_away), key=lambda each: (each.at, each.id)
        )

    async def find(self, case: CaseId, proposal: ProposalId) -> Proposal | None:
        """See the port."""
        held = self._records.proposals.get(proposal)
        return held if held is not None and held.case == case else None

    async def decide(
        self, proposal: Proposal, outcome: Outcome, decision: Decision | None, cause: Cause = SYSTEM
    ) -> Proposal:
        """See the port."""
        decided = replace(self._as_seen(proposal), outcome=outcome, decision=decision)
        return self._keep(decided, Action.PROPOSAL_DECIDED, cause)

    async def put_away(self, proposal: Proposal, cause: Cause = SYSTEM) -> None:
        """See the port."""
        held = self._as_seen(proposal)
        outcome = Outcome.WITHDRAWN if held.outcome is Outcome.WAITING else held.outcome
        self._keep(replace(held, outcome=outcome), Action.PROPOSAL_PUT_AWAY, cause)
        self._records.put_away.add(held.id)

    def _as_seen(self, seen: Proposal) -> Proposal:
        held = self._records.proposals.get(seen.id)
        if held is None or held.case != seen.case:
            raise NotFound
        if (held.outcome, held.decision) != (seen.outcome, seen.decision):
            raise Conflict(f"the proposal is {held.outcome.value}")
        return held

    def _keep(self, proposal: Proposal, action: Action, cause: Cause) -> Proposal:
        self._records.proposals[proposal.id] = proposal
        self._records.put_away.discard(proposal.id)
        self._records.record(proposal_changed(action, proposal, proposal.outcome, cause))
        self._records.leave_notice(None, proposal.case)
        return proposal


def _waiting(proposals: Sequence[Proposal]) -> int:
    return sum(each.outcome is Outcome.WAITING for each in proposals)
