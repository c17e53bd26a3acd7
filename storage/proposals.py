"""Proposals in SQL. The case's row is the lock: whoever counts or decides comes one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from sqlalchemy import Connection, Row, func, insert, select, update

from storage.audit import record
from storage.database import Database
from storage.events import proposal_changed
from storage.notices import leave
from storage.people import exists
from storage.ports.proposals import MOST_WAITING_IN_CASE, MOST_WAITING_OF_PERSON, Decision, Outcome, Proposal
from storage.tables import cases, proposals
from workspace.audit import SYSTEM, Action, Cause, Event
from workspace.errors import Conflict, NotFound, TooMany
from workspace.ids import CaseId, Millis, PersonId, ProposalId


class SqlProposals:
    """`storage.ports.Proposals` on a Database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def make(self, proposal: Proposal, cause: Cause = SYSTEM) -> Proposal:
        """See the port."""
        return await self._database.write(partial(_make, proposal=proposal, cause=cause))

    async def listed(self, case: CaseId) -> Sequence[Proposal]:
        """See the port."""
        columns = proposals.c
        query = (
            select(proposals)
            .where(columns.case_id == case, columns.is_put_away.is_(False))
            .order_by(columns.at, columns.id)
        )
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return [_proposal(row) for row in rows]

    async def find(self, case: CaseId, proposal: ProposalId) -> Proposal | None:
        """See the port."""
        query = select(proposals).where(proposals.c.id == proposal, proposals.c.case_id == case)
        row = await self._database.read(lambda connection: connection.execute(query).first())
        return _proposal(row) if row else None

    async def decide(
        self, proposal: Proposal, outcome: Outcome, decision: Decision | None, cause: Cause = SYSTEM
    ) -> Proposal:
        """See the port."""
        return await self._database.write(
            partial(_decide, seen=proposal, outcome=outcome, decision=decision, cause=cause)
        )

    async def put_away(self, proposal: Proposal, cause: Cause = SYSTEM) -> None:
        """See the port."""
        await self._database.write(partial(_put_away, seen=proposal, cause=cause))


def _make(connection: Connection, proposal: Proposal, cause: Cause) -> Proposal:
    _lock(connection, proposal.case)
    if not exists(connection, proposal.author):
        raise NotFound
    columns = proposals.c
    held = connection.execute(
        select(proposals).where(
            columns.case_id == proposal.case, columns.author == proposal.author, columns.draft == proposal.draft
        )
    ).first()
    if held is not None and (not held.is_put_away or held.outcome == Outcome.INCLUDED):
        return _proposal(held)
    _check_room(connection, proposal)
    if held is None:
        connection.execute(insert(proposals).values(id=proposal.id, is_put_away=False, **_values(proposal)))
    else:
        again = _values(proposal) | {"is_put_away": False}
        connection.execute(update(proposals).where(columns.id == held.id).values(again))
    made = proposal if held is None else _find(connection, ProposalId(held.id))
    record(connection, proposal_changed(Action.PROPOSAL_MADE, made, made.outcome, cause))
    leave(connection, None, proposal.case)
    return made


def _check_room(connection: Connection, proposal: Proposal) -> None:
    columns = proposals.c
    waiting = (
        select(columns.author, func.count())
        .where(columns.case_id == proposal.case, columns.outcome == Outcome.WAITING)
        .group_by(columns.author)
    )
    counts: dict[str, int] = dict(connection.execute(waiting).all())
    if counts.get(proposal.author, 0) >= MOST_WAITING_OF_PERSON:
        raise TooMany(f"at most {MOST_WAITING_OF_PERSON} proposals of one person may wait")
    if sum(counts.values()) >= MOST_WAITING_IN_CASE:
        raise TooMany(f"at most {MOST_WAITING_IN_CASE} proposals may wait in a case")


def _decide(
    connection: Connection, seen: Proposal, outcome: Outcome, decision: Decision | None, cause: Cause
) -> Proposal:
    event = proposal_changed(Action.PROPOSAL_DECIDED, seen, outcome, cause)
    _change(connection, seen, {"outcome": outcome, "is_put_away": False} | _decided(decision), event)
    return _find(connection, seen.id)


def _put_away(connection: Connection, seen: Proposal, cause: Cause) -> None:
    outcome = Outcome.WITHDRAWN if seen.outcome is Outcome.WAITING else seen.outcome
    event = proposal_changed(Action.PROPOSAL_PUT_AWAY, seen, outcome, cause)
    _change(connection, seen, {"outcome": outcome, "is_put_away": True}, event)


def _change(connection: Connection, seen: Proposal, values: dict[str, object], event: Event) -> None:
    _lock(connection, seen.case)
    held = _find(connection, seen.id)
    if (held.outcome, held.decision) != (seen.outcome, seen.decision):
        raise Conflict(f"the proposal is {held.outcome.value}")
    connection.execute(update(proposals).where(proposals.c.id == seen.id).values(values))
    record(connection, event)
    leave(connection, None, seen.case)


def _lock(connection: Connection, case: CaseId) -> None:
    if connection.execute(select(cases.c.id).where(cases.c.id == case).with_for_update()).first() is None:
        raise NotFound


def _find(connection: Connection, proposal: ProposalId) -> Proposal:
    row = connection.execute(select(proposals).where(proposals.c.id == proposal)).first()
    if row is None:
        raise NotFound
    return _proposal(row)


def _values(proposal: Proposal) -> dict[str, object]:
    values = {
        "case_id": proposal.case,
        "author": proposal.author,
        "draft": proposal.draft,
        "reason": proposal.reason,
        "writing": proposal.writing,
        "at": proposal.at,
        "outcome": proposal.outcome,
    }
    return values | _decided(proposal.decision)


def _decided(decision: Decision | None) -> dict[str, object]:
    if decision is None:
        return {"decided_by": None, "decided_at": None, "line": ""}
    return {"decided_by": decision.by, "decided_at": decision.at, "line": decision.line}


def _proposal(row: Row[tuple[object, ...]]) -> Proposal:
    decision = None
    if row.decided_by is not None:
        decision = Decision(PersonId(row.decided_by), Millis(row.decided_at), row.line)
    return Proposal(
        ProposalId(row.id),
        CaseId(row.case_id),
        PersonId(row.author),
        row.draft,
        row.reason,
        row.writing,
        Millis(row.at),
        Outcome(row.outcome),
        decision,
    )
