"""Who presents, in memory."""

from __future__ import annotations

from dataclasses import dataclass, replace

from storage import events
from storage.leases import Term, term
from storage.memory.records import MemoryRecords
from storage.ports.presenting import Presenter, ShowingPage
from workspace.audit import SYSTEM, Action, Cause
from workspace.errors import Conflict, NotFound
from workspace.ids import CaseId, ClientId, Millis, PersonId


@dataclass(frozen=True, slots=True)
class Held:
    """The last turn of a case."""

    person: PersonId
    client: ClientId | None
    credential: bytes | None
    number: int
    term: Term


class MemoryPresenting:
    """`storage.ports.Presenting`."""

    def __init__(self, records: MemoryRecords) -> None:
        self._records = records

    async def now(self, case: CaseId) -> Presenter | None:
        """See the port."""
        return self._now(case)

    async def begin(
        self, case: CaseId, page: ShowingPage, seconds: float, *, beyond: int = 0, cause: Cause = SYSTEM
    ) -> Presenter:
        """See the port."""
        if case not in self._records.cases:
            raise NotFound
        held = self._now(case)
        is_free = held is None or held.number <= beyond
        if held is not None and not is_free and held.person != page.person:
            raise Conflict("somebody else presents")
        return self._give(case, page.person, page, seconds, Action.PRESENTING_BEGUN if is_free else None, cause)

    async def take_over(
        self, case: CaseId, number: int, page: ShowingPage, seconds: float, cause: Cause = SYSTEM
    ) -> Presenter:
        """See the port."""
        self._expect(case, number)
        return self._give(case, page.person, page, seconds, Action.PRESENTING_TAKEN_OVER, cause)

    async def hand_over(
        self, case: CaseId, number: int, to: PersonId, seconds: float, cause: Cause = SYSTEM
    ) -> Presenter:
        """See the port."""
        self._expect(case, number)
        self._records.account(to)
        return self._give(case, to, None, seconds, Action.PRESENTING_HANDED_OVER, cause)

    async def renew(self, case: CaseId, number: int, page: ShowingPage, seconds: float) -> Presenter:
        """See the port."""
        if self._expect(case, number).person != page.person:
            raise Conflict("somebody else presents")
        chosen = term(self._records.now(), seconds)
        self._records.presenters[case] = Held(page.person, page.client, page.credential, number, chosen)
        return Presenter(page.person, page.client, number, chosen.ends - chosen.begins)

    async def end(self, case: CaseId, number: int, cause: Cause = SYSTEM) -> None:
        """See the port."""
        held = self._now(case)
        if held is None or held.number != number:
            return
        over = Term(Millis(0), Millis(0))
        self._records.presenters[case] = replace(self._records.presenters[case], term=over)
        self._records.record(events.presenting(Action.PRESENTING_ENDED, case, held.person, cause))
        self._records.leave_notice(None, case)

    def _now(self, case: CaseId) -> Presenter | None:
        held, now = self._records.presenters.get(case), self._records.now()
        if held is None or held.term.is_over(now):
            return None
        if held.credential is not None and held.credential not in self._records.credentials:
            return None
        return Presenter(held.person, held.client, held.number, held.term.ends - now)

    def _expect(self, case: CaseId, number: int) -> Presenter:
        held = self._now(case)
        if held is None or held.number != number:
            raise Conflict("somebody else presents, or nobody")
        return held

    def _give(
        self,
        case: CaseId,
        person: PersonId,
        page: ShowingPage | None,
        seconds: float,
        action: Action | None,
        cause: Cause,
    ) -> Presenter:
        before, chosen = self._records.presenters.get(case), term(self._records.now(), seconds)
        number = before.number + 1 if before else 1
        client, credential = (page.client, page.credential) if page else (None, None)
        self._records.presenters[case] = Held(person, client, credential, number, chosen)
        if action is not None:
            self._records.record(events.presenting(action, case, person, cause))
        self._records.leave_notice(None, case)
        return Presenter(person, client, number, chosen.ends - chosen.begins)
