"""Cases as a list, and search in what they say. What is asked of search travels in a body: an address would keep it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.access import Access, sees_all_cases
from server.body import Answer, Body, Id, When, Whole, read_body, read_query, reply
from server.described import described
from server.hub import Hub
from server.settings import Settings
from storage.ports import Counts, Found, Listed, Named, Order, Place, Stores, Wanted
from workspace.audit import Action, Event
from workspace.case import CaseState, Principal, Role
from workspace.errors import InvalidRequest, NotFound
from workspace.ids import CaseId, Millis, PersonId
from workspace.searching import Term, fold, snippet, terms_of

LONGEST_PAGE = 100
HITS = 20
MOST_HIT_PAGES = 10
STRANGE_PLACE = "after: what an earlier page of this list said"
MOST_PLACES = 3
"""Of one case, where something was found."""


class ListQuery(Body):
    """Which cases, in what order, and which page of them."""

    tab: Literal["mine", "act", "all"] = "all"
    state: Annotated[str, Field(pattern=r"^[a-z]+(,[a-z]+)*$")] | None = None
    """Words with commas between."""
    role: Literal["lead", "contributor", "consultant", "observer"] | None = None
    lead: Id | None = None
    since: Whole | None = None
    order: Literal["changed", "created", "title", "due"] | None = None
    after: Annotated[str, Field(pattern=r"^[0-9-]{0,16}\.[a-z2-7]{16}$")] | None = None
    """What an earlier page said under `after`."""
    limit: Annotated[Whole, Field(ge=1, le=LONGEST_PAGE)] = 50


class SearchBody(Body):
    """What is looked for; only cases in one of the states, if there are any; `page` 0, 1, 2…"""

    question: str
    states: list[Literal["draft", "open", "concluded", "archived", "published"]] = Field(default_factory=list)
    page: Annotated[int, Field(ge=0, lt=MOST_HIT_PAGES)] = 0


class Someone(Answer):
    """Somebody, by what others call them."""

    id: Id
    name: str


class Present(Someone):
    """Somebody who has the case open now, as others in it see them."""

    role: str
    color: str


class NextStep(Answer):
    """What is to be done next, as the record says."""

    action: str | None
    owner: Someone | None
    """While a member."""
    due: str | None
    is_mine: bool


class CaseLine(Answer):
    """A case in a list."""

    id: Id
    title: str
    state: CaseState
    created_at: When
    role: Role
    """Of the one who asks; a moderator is one in cases without membership too."""
    changed_at: When
    changed_by: Someone | None
    """Who wrote last; nobody when the case itself changed last, or while they are no member."""
    leads: list[Someone]
    line: str | None
    question: str | None
    age_band: str | None
    sex: str | None
    next: NextStep | None
    is_mentioned: bool
    """Whether the record mentions the one who asks."""
    here: list[Present]
    """Who has it open now."""


class Totals(Answer):
    """How many cases each list has, before any filter."""

    mine: int
    act: int
    all: int


class CaseList(Answer):
    """A page of a list."""

    cases: list[CaseLine]
    after: str | None
    """Ask for the next page with it; null: this was the last."""
    totals: Totals | None
    """With the first page."""
    leads: list[Someone] | None
    """Who leads the cases that may be seen; with the first page."""


class SaidPiece(Answer):
    """A part of a passage: found, or around it. Plain text."""

    text: str
    is_hit: bool


class FoundAt(Answer):
    """A passage in which something was found: `title`, `line`, `question`, `nextAction`, or a section's name."""

    where: str
    pieces: list[SaidPiece]


class Hit(Answer):
    """A case in which something was found."""

    case: CaseLine
    found: list[FoundAt]


class Hits(Answer):
    """A page of what was found, the best first."""

    hits: list[Hit]
    is_last: bool


class CaseLists:
    """The handlers. Who may see a case is a condition of every query in the store."""

    def __init__(self, settings: Settings, stores: Stores, access: Access, hub: Hub) -> None:
        self._settings = settings
        self._stores = stores
        self._access = access
        self._hub = hub

    def routes(self) -> Sequence[BaseRoute]:
        """What stands under `/api`."""
        return [
            Route("/cases", self.list_cases, methods=["GET"]),
            Route("/search", self.search, methods=["POST"]),
        ]

    @described({200: CaseList}, query=ListQuery)
    async def list_cases(self, request: Request) -> Response:
        """One's cases, those whose next action is one's own, or, for a moderator, all. [LST-5]"""
        principal = await self._access.authenticate(request)
        query = read_query(request, ListQuery)
        await self._access.note(Event(Action.CASES_LISTED, principal.cause))
        wanted = await self._wanted(query, principal)
        person = principal.person.id
        listed = list(await self._stores.lists.page(person, wanted))
        more, listed = len(listed) > query.limit, listed[: query.limit]
        totals, leads = None, None
        if query.after is None:
            sees_all = sees_all_cases(principal)
            totals = _totals(await self._stores.lists.counts(person, all_cases=sees_all))
            leads = [_someone(each) for each in await self._stores.lists.leads(person, all_cases=sees_all)]
        place = listed[-1].place if more else None
        after = None if place is None else _cursor(place, wanted.order)
        return reply(CaseList(cases=self._lines(listed, person), after=after, totals=totals, leads=leads))

    @described({200: Hits}, body=SearchBody)
    async def search(self, request: Request) -> Response:
        """Find cases by what they say: all words, whatever their accents and case; words in quotes together. [LST-8]"""
        principal = await self._access.authenticate(request)
        body = await read_body(request, SearchBody, self._settings)
        await self._access.note(Event(Action.CASES_SEARCHED, principal.cause))
        terms = terms_of(body.question)
        found = await self._stores.projections.find(
            terms,
            principal.person.id,
            all_cases=sees_all_cases(principal),
            states=frozenset(map(CaseState, body.states)),
            skip=body.page * HITS,
            limit=HITS + 1,
        )
        shown = found[:HITS]
        lines = self._lines([each.listed for each in shown], principal.person.id)
        passages = await asyncio.to_thread(lambda: [list(_passages(each, terms)) for each in shown])
        hits = [Hit(case=line, found=said) for line, said in zip(lines, passages, strict=True)]
        is_last = len(found) <= HITS or body.page == MOST_HIT_PAGES - 1
        return reply(Hits(hits=hits, is_last=is_last))

    async def _wanted(self, query: ListQuery, principal: Principal) -> Wanted:
        order = Order(query.order or ("due" if query.tab == "act" else "changed"))
        words = query.state.split(",") if query.state is not None else []
        known = {state.value for state in CaseState}
        if not known.issuperset(words):
            raise InvalidRequest("state: words for states of a case, with commas between")
        return Wanted(
            all_cases=query.tab != "mine" and sees_all_cases(principal),
            is_theirs_to_act=query.tab == "act",
            states=frozenset(map(CaseState, words)),
            role=None if query.role is None else Role(query.role),
            lead=None if query.lead is None else PersonId(query.lead),
            since=None if query.since is None else Millis(query.since),
            order=order,
            after=None if query.after is None else await self._place(query.after, order, principal),
            limit=query.limit + 1,
        )

    async def _place(self, after: str, order: Order, principal: Principal) -> Place:
        """Raises: InvalidRequest, also when the list is sorted by titles and that case is not to be seen any more."""
        key, _, case = after.partition(".")
        match order:
            case Order.CHANGED | Order.CREATED:
                if not key.isdecimal():
                    raise InvalidRequest(STRANGE_PLACE)
                return Place(int(key), CaseId(case))
            case Order.DUE:
                return Place(key, CaseId(case))
            case Order.TITLE:
                try:
                    opened = await self._access.open_case(principal, case)
                except NotFound as error:
                    raise InvalidRequest(STRANGE_PLACE) from error
                return Place(fold(opened.case.title), CaseId(case))

    def _lines(self, listed: Sequence[Listed], person: PersonId) -> list[CaseLine]:
        here = self._hub.here({each.case.id for each in listed})
        return [
            CaseLine(
                id=each.case.id,
                title=each.case.title,
                state=each.case.state,
                created_at=each.case.created_at,
                role=each.role or Role.MODERATOR,
                changed_at=each.changed_at,
                changed_by=None if each.changed_by is None else _someone(each.changed_by),
                leads=[_someone(lead) for lead in each.leads],
                line=each.head.line,
                question=each.head.question,
                age_band=each.head.age_band,
                sex=each.head.sex,
                next=_next(each, person),
                is_mentioned=each.is_mentioned,
                here=[Present(**card) for card in here.get(each.case.id, ())],
            )
            for each in listed
        ]


def _cursor(place: Place, order: Order) -> str:
    """A title is content and must not stand in an address: its case stands for it."""
    return f"{'' if order is Order.TITLE else place.key}.{place.case}"


def _someone(named: Named) -> Someone:
    return Someone(id=named.id, name=named.name)


def _totals(counts: Counts) -> Totals:
    return Totals(mine=counts.mine, act=counts.mine_to_act, all=counts.all)


def _next(listed: Listed, person: PersonId) -> NextStep | None:
    head, owner = listed.head, listed.next_owner
    if head.next_action is None and head.next_due is None and owner is None:
        return None
    return NextStep(
        action=head.next_action,
        owner=None if owner is None else _someone(owner),
        due=head.next_due,
        is_mine=head.next_owner == person,
    )


def _passages(found: Found, terms: Sequence[Term]) -> Iterator[FoundAt]:
    """Where it was found, as it was written: the title if it is there, and the first few other places."""
    head, left = found.listed.head, MOST_PLACES
    places = [
        ("title", found.listed.case.title),
        ("line", head.line or ""),
        ("question", head.question or ""),
        ("nextAction", head.next_action or ""),
        *found.projection.texts.items(),
    ]
    for where, text in places:
        pieces = snippet(text, terms)
        if pieces and left:
            left -= 1
            yield FoundAt(where=where, pieces=[SaidPiece(text=each.text, is_hit=each.is_hit) for each in pieces])
