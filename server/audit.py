"""The audit log, read: of a case by those who lead or moderate it, of the house by admins. Reading it is recorded."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.access import Access
from server.body import Answer, Body, Id, When, Whole, read_query, reply
from server.described import described
from server.past import Author, name_authors
from storage.ports import Sought, Stores
from storage.ports.audit import walk_along
from workspace.audit import HOUSE, MEANINGS, Action, Chain, Event, EventKind, Means, Outcome, Recorded, chain_of
from workspace.case import Principal, Standing
from workspace.errors import Forbidden
from workspace.ids import CaseId, PersonId
from workspace.policy import Right

PAGE = 50
LONGEST_PAGE = 500
WALKS = 2
"""At once, in one process: a walk along a hundred thousand events takes seconds."""


class EventQuery(Body):
    """Which events, newest first."""

    before: Annotated[Whole, Field(ge=1)] | None = None
    """Older than this one's `seq`."""
    who: Id | None = None
    """Done by this person or to them."""
    kind: EventKind | None = Field(default=None, strict=False)
    limit: Annotated[Whole, Field(ge=1, le=LONGEST_PAGE)] = PAGE


class EventShown(Answer):
    """Something that happened."""

    seq: int
    """1, 2, 3… in this log."""
    at: When
    action: Action
    kind: EventKind
    is_refused: bool
    """Somebody tried, and was turned away."""
    who: Author | None
    """Null: nobody who was signed in."""
    means: Means
    person: Author | None
    """Whom it was done to."""
    document: str | None
    details: dict[str, str | int]
    """Words, numbers and ids that an action says besides: a role, a state, a seq."""


class EventPage(Answer):
    """A part of a log, newest first."""

    events: list[EventShown]
    before: int | None
    """Ask for what is older than this; null when this was all."""


class ChainShown(Answer):
    """Whether a log is as it was written: each event holds the one before it."""

    events: int
    """How many follow each other without a break, from the first on."""
    broken_at: int | None
    """The first event that was changed, or is missing; null when there is none."""


class PlacedEvent(EventShown):
    """Something that happened, with from where."""

    address: str
    request: str
    """What the server's own log calls the request."""


class HousePage(Answer):
    """A part of the house's log, newest first."""

    events: list[PlacedEvent]
    before: int | None
    """Ask for what is older than this; null when this was all."""


class AuditLog:
    """The handlers."""

    def __init__(self, stores: Stores, access: Access) -> None:
        self._stores = stores
        self._access = access
        self._walking = asyncio.Semaphore(WALKS)

    def routes(self) -> Sequence[BaseRoute]:
        """What stands under `/api`."""
        return [
            Route("/cases/{case}/audit", self.of_case, methods=["GET"]),
            Route("/cases/{case}/audit/chain", self.chain_of_case, methods=["GET"]),
            Route("/admin/audit", self.of_house, methods=["GET"]),
            Route("/admin/audit/chain", self.chain_of_house, methods=["GET"]),
        ]

    @described({200: EventPage}, query=EventQuery, errors=(Forbidden,))
    async def of_case(self, request: Request) -> Response:
        """Who opened a case and who changed what in it, newest first; for its lead and for moderators. [AUD-7]

        Network addresses are not told here: who reads this are colleagues.
        """
        opened = await self._access.open_asked(request, Right.READ_AUDIT)
        query = read_query(request, EventQuery)
        found, before = await self._find(opened.principal, opened.case.id, query)
        people = await self._name(found)
        return reply(EventPage(events=[_shown(each, people) for each in found], before=before))

    @described({200: HousePage}, query=EventQuery, errors=(Forbidden,))
    async def of_house(self, request: Request) -> Response:
        """Sign-ins, accounts and what else happens in no case, newest first; for admins. [AUD-7]"""
        principal = await self._admin(request)
        found, before = await self._find(principal, None, read_query(request, EventQuery))
        people = await self._name(found)
        placed = [
            PlacedEvent(
                **dict(_shown(each, people)),
                address=each.event.cause.origin.address,
                request=each.event.cause.origin.request,
            )
            for each in found
        ]
        return reply(HousePage(events=placed, before=before))

    @described({200: ChainShown}, errors=(Forbidden,))
    async def chain_of_case(self, request: Request) -> Response:
        """Walk along a case's log, and say whether it is whole; for its lead and for moderators. [AUD-12]"""
        opened = await self._access.open_asked(request, Right.READ_AUDIT)
        return await self._walk(opened.principal, opened.case.id)

    @described({200: ChainShown}, errors=(Forbidden,))
    async def chain_of_house(self, request: Request) -> Response:
        """Walk along the house's log, and say whether it is whole; for admins. [AUD-12]"""
        return await self._walk(await self._admin(request), None)

    async def _admin(self, request: Request) -> Principal:
        principal = await self._access.authenticate(request)
        if principal.person.standing is not Standing.ADMIN:
            raise Forbidden("only for admins")
        return principal

    async def _walk(self, principal: Principal, case: CaseId | None) -> Response:
        """It reads the whole of a log."""
        async with self._walking:
            await self._access.note(Event(Action.AUDIT_READ, principal.cause, case))
            walk, broken = await walk_along(self._stores.audit, HOUSE if case is None else chain_of(case))
        return reply(ChainShown(events=walk.head.seq, broken_at=None if broken is None else broken.seq))

    async def _find(
        self, principal: Principal, case: CaseId | None, query: EventQuery
    ) -> tuple[Sequence[Recorded], int | None]:
        await self._access.note(Event(Action.AUDIT_READ, principal.cause, case))
        chain: Chain = HOUSE if case is None else chain_of(case)
        actions = [action for action in Action if query.kind in (None, MEANINGS[action].kind)]
        who = None if query.who is None else PersonId(query.who)
        sought = Sought(who, () if query.kind is None else actions, query.before)
        found = await self._stores.audit.newest(chain, sought, query.limit + 1)
        shown = found[: query.limit]
        return shown, shown[-1].seq if len(found) > query.limit else None

    async def _name(self, found: Sequence[Recorded]) -> dict[PersonId, Author]:
        said = (person for each in found for person in (each.event.cause.who, each.event.person))
        return dict(await name_authors(self._stores.people, {person for person in said if person is not None}))


def _shown(recorded: Recorded, people: dict[PersonId, Author]) -> EventShown:
    event, who = recorded.event, recorded.event.cause.who
    return EventShown(
        seq=recorded.seq,
        at=recorded.at,
        action=event.action,
        kind=MEANINGS[event.action].kind,
        is_refused=event.outcome is Outcome.REFUSED,
        who=None if who is None else people[who],
        means=event.cause.origin.means,
        person=None if event.person is None else people[event.person],
        document=event.document,
        details={key.value: value for key, value in event.details.items()},
    )
