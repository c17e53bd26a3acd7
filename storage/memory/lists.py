"""Lists, projections, search and templates in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from storage.events import template_changed, template_reset
from storage.memory.history import MemoryDocument
from storage.memory.records import Known, MemoryRecords
from storage.ports.lists import Counts, Listed, Named, Order, Place, Wanted
from storage.ports.projections import Behind, Found
from storage.ports.templates import Template
from workspace.audit import SYSTEM, Cause
from workspace.case import Case, CaseState, Role
from workspace.errors import Conflict, NotFound
from workspace.ids import CaseId, DocumentId, DocumentKind, Millis, PersonId, Seq
from workspace.record import Projection
from workspace.searching import BODY_WEIGHT, HEAD_WEIGHT, TITLE_WEIGHT, Term, fold, index_text

_NEVER = "9999-99-99"
_MOST_LEADS = 200


class MemoryLists:
    """`storage.ports.Lists`."""

    def __init__(self, records: MemoryRecords) -> None:
        self._records = records

    async def page(self, person: PersonId, wanted: Wanted) -> Sequence[Listed]:
        """See the port."""
        listed = [each for each in self.visible(person, all_cases=wanted.all_cases) if _is_wanted(each, wanted, person)]
        if wanted.lead is not None:
            listed = [each for each in listed if wanted.lead in [lead.id for lead in each.leads]]
        keyed = sorted(((_key(each, wanted.order), each) for each in listed), key=lambda pair: pair[1].case.id)
        keyed.sort(key=lambda pair: pair[0], reverse=wanted.order in (Order.CHANGED, Order.CREATED))
        placed = [replace(each, place=Place(key[1] or key[0], each.case.id)) for key, each in keyed]
        if wanted.after is not None:
            placed = [each for each in placed if self._is_beyond(each, wanted.after, wanted.order)]
        return placed[: wanted.limit]

    async def counts(self, person: PersonId, *, all_cases: bool) -> Counts:
        """See the port."""
        seen = self.visible(person, all_cases=all_cases)
        mine = [each for each in seen if each.role is not None]
        return Counts(len(mine), len([each for each in seen if each.head.next_owner == person]), len(seen))

    async def leads(self, person: PersonId, *, all_cases: bool) -> Sequence[Named]:
        """See the port."""
        leads = {lead for each in self.visible(person, all_cases=all_cases) for lead in each.leads}
        return sorted(leads, key=lambda each: each.name.casefold())[:_MOST_LEADS]

    def visible(self, person: PersonId, *, all_cases: bool) -> list[Listed]:
        """The cases that a person may see."""
        return [
            self._listed(case, person)
            for case in self._records.cases.values()
            if (all_cases or person in self._records.members[case.id]) and case.state is not CaseState.PURGED
        ]

    def _is_beyond(self, listed: Listed, after: Place, order: Order) -> bool:
        place = listed.place
        if place is None or place.key == after.key:
            return listed.case.id > after.case
        is_greater = (0, place.key) > (0, after.key) if isinstance(place.key, int) else str(place.key) > str(after.key)
        return is_greater != (order in (Order.CHANGED, Order.CREATED))

    def _listed(self, case: Case, person: PersonId) -> Listed:
        records = self._records
        places = records.members[case.id]
        known = records.known[case.id]
        written = [
            found.entries[-1]
            for each, found in records.history.documents.items()
            if each.case == case.id and found.entries
        ]
        newest = max(written, key=lambda entry: entry.at, default=None)
        changed_at = records.changed_at[case.id]
        is_edit = newest is not None and newest.at >= changed_at
        leads = [Named(who, records.account(who).person.name) for who, at in places.items() if at.role is Role.LEAD]
        return Listed(
            case,
            places[person].role if person in places else None,
            newest.at if newest is not None and is_edit else changed_at,
            changed_by=self._named(case.id, newest.author) if newest is not None and is_edit else None,
            leads=tuple(sorted(leads, key=lambda named: (named.name.casefold(), named.id))),
            head=known.projection.head,
            next_owner=self._named(case.id, known.projection.head.next_owner),
            is_mentioned=person in known.projection.mentions,
        )

    def _named(self, case: CaseId, person: PersonId | None) -> Named | None:
        if person is None or person not in self._records.members[case]:
            return None
        return Named(person, self._records.account(person).person.name)


def _is_wanted(listed: Listed, wanted: Wanted, person: PersonId) -> bool:
    return (
        (not wanted.is_theirs_to_act or listed.head.next_owner == person)
        and (not wanted.states or listed.case.state in wanted.states)
        and (wanted.role is None or listed.role is wanted.role)
        and (wanted.since is None or listed.changed_at >= wanted.since)
    )


def _key(listed: Listed, order: Order) -> tuple[int, str]:
    match order:
        case Order.CHANGED:
            return listed.changed_at, ""
        case Order.CREATED:
            return listed.case.created_at, ""
        case Order.TITLE:
            return 0, fold(listed.case.title)
        case Order.DUE:
            return 0, listed.head.next_due or _NEVER


class MemoryProjections:
    """`storage.ports.Projections`."""

    def __init__(self, records: MemoryRecords) -> None:
        self._records = records
        self._lists = MemoryLists(records)

    async def behind(self, behind: Behind, limit: int = 100) -> Sequence[DocumentId]:
        """See the port."""
        documents = self._records.history.documents.items()
        return [each for each, found in documents if self._is_due(each, found, behind)][:limit]

    def _is_due(self, document: DocumentId, found: MemoryDocument, behind: Behind) -> bool:
        known = self._records.known[document.case]
        is_known = known.document == document.name
        unread = found.entries[known.seq if is_known else 0 :]
        if document.kind is not DocumentKind.RECORD or found.successor is not None or not unread:
            return False
        if is_known and known.is_unreadable:
            return unread[0].at <= behind.retry or unread[0].at > behind.ahead
        newest = unread[-1].at
        return newest <= behind.quiet or unread[0].at <= behind.overdue or newest > behind.ahead

    async def oldest_unread(self) -> Millis | None:
        """See the port."""
        unread = [
            found.entries[(known.seq if known.document == document.name else 0) :]
            for document, found in self._records.history.documents.items()
            if document.kind is DocumentKind.RECORD and found.successor is None
            for known in [self._records.known[document.case]]
            if not known.is_unreadable
        ]
        return min((entries[0].at for entries in unread if entries), default=None)

    async def keep(self, document: DocumentId, seq: Seq, projection: Projection | None, at: Millis) -> None:
        """See the port."""
        known = self._records.known.get(document.case)
        if known is None:
            raise NotFound
        if known.document == document.name and known.seq > seq:
            return
        kept = known.projection if projection is None else projection
        self._records.known[document.case] = Known(document.name, seq, kept, is_unreadable=projection is None)

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
        """See the port."""
        if not terms:
            return []
        found = []
        for listed in self._lists.visible(person, all_cases=all_cases):
            known = self._records.known[listed.case.id].projection
            columns = [
                (TITLE_WEIGHT, index_text(listed.case.title).split(" ")),
                (HEAD_WEIGHT, index_text(known.head.said).split(" ")),
                (BODY_WEIGHT, known.words.split(" ")),
            ]
            hits = [sum(weight * _count(words, term) / (len(words) + 1) for weight, words in columns) for term in terms]
            if all(hits) and (not states or listed.case.state in states):
                found.append((-sum(hits), listed.case.id, Found(listed, known)))
        return [each for _, _, each in sorted(found, key=lambda one: one[:2])][skip : skip + limit]


def _count(words: Sequence[str], term: Term) -> int:
    *whole, last = term.words
    length = len(term.words)
    starts = range(len(words) - length + 1)
    return sum(list(words[at : at + length - 1]) == whole and words[at + length - 1].startswith(last) for at in starts)


class MemoryTemplates:
    """`storage.ports.Templates`."""

    def __init__(self, records: MemoryRecords) -> None:
        self._records = records

    async def all(self) -> Sequence[Template]:
        """See the port."""
        return sorted(self._records.templates.values(), key=lambda each: each.id)

    async def keep(self, template: Template, cause: Cause = SYSTEM) -> None:
        """See the port."""
        self._records.account(template.changed_by)
        held = self._records.templates.get(template.id)
        if template.version != (held.version if held else 0) + 1:
            raise Conflict
        self._records.templates[template.id] = template
        self._records.record(template_changed(template, cause))

    async def forget(self, template: str, version: int, cause: Cause = SYSTEM) -> None:
        """See the port."""
        held = self._records.templates.get(template)
        if held is None:
            raise NotFound
        if held.version != version:
            raise Conflict
        del self._records.templates[template]
        self._records.record(template_reset(template, version, cause))
