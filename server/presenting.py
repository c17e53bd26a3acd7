"""Who presents in a case: taking the place, keeping it, giving it on, leaving it. (docs/adr/0022)

What the presenter looks at is never here: it travels as awareness, from page to page, and is kept by nobody. This says
only whose view counts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.access import Access, OpenCase, digest
from server.body import Answer, Body, Id, read_body, reply
from server.described import described
from server.history import number_of
from server.past import Author, name_authors
from server.settings import Settings
from storage.ports import Presenter, ShowingPage, Stores
from workspace import policy
from workspace.errors import Conflict, Forbidden, InvalidRequest, Unauthenticated
from workspace.ids import CaseId, ClientId, PersonId
from workspace.policy import Right

TURN_SECONDS = 13.0
"""How long a turn lasts after its page was last heard of; pages speak every five seconds, and two may be lost."""
BEGIN_SECONDS = 30.0
"""How long whoever was given the place has to begin."""

Client = Annotated[int, Field(ge=0, lt=2**53, description="The page's client id in the discussion's awareness.")]


class PageBody(Body):
    """`{client}`: the page that presents."""

    client: Client


class HandOverBody(Body):
    """`{to}`: who presents from now on."""

    to: Id


class PresenterShown(Answer):
    """Whose turn it is."""

    by: Author
    client: int | None
    """The page whose view counts, by its client id in the discussion's awareness. Null: the place was given to them,
    and no page of theirs has taken it yet."""
    number: int
    """Of this turn."""
    millis_left: int
    """Until it ends by itself, unless it is kept."""


class PresentingShown(Answer):
    """Who presents, and what the one who asks may do about it."""

    presenter: PresenterShown | None
    """Null: the place is free."""
    may_present: bool
    may_take_over: bool


class Presenting:
    """The handlers. Every path to a case passes `Access.open_case`; `changed` is called after each change, so that open
    pages hear of it at once."""

    def __init__(self, settings: Settings, stores: Stores, access: Access, *, changed: Callable[[], None]) -> None:
        self._settings = settings
        self._stores = stores
        self._access = access
        self._changed = changed

    def routes(self) -> Sequence[BaseRoute]:
        """What stands under `/api`."""
        presenter = "/cases/{case}/presenter"
        return [
            Route(presenter, self.show, methods=["GET"]),
            Route(presenter, self.begin, methods=["POST"]),
            Route(f"{presenter}/{{number}}", self.renew, methods=["PUT"]),
            Route(f"{presenter}/{{number}}", self.end, methods=["DELETE"]),
            Route(f"{presenter}/{{number}}/take-over", self.take_over, methods=["POST"]),
            Route(f"{presenter}/{{number}}/hand-over", self.hand_over, methods=["POST"]),
        ]

    @described({200: PresentingShown})
    async def show(self, request: Request) -> Response:
        """Who presents in a case. [FOL-1]"""
        opened = await self._access.open_asked(request)
        now = await self._stores.presenting.now(opened.case.id)
        return await self._tell(opened, now)

    @described({200: PresentingShown}, body=PageBody, errors=(Forbidden, Conflict))
    async def begin(self, request: Request) -> Response:
        """Present: take the free place, or one's own on another page; 409 when somebody else presents. [FOL-1]"""
        opened = await self._access.open_asked(request, Right.PRESENT)
        page = await self._page(request, opened)
        now = await self._stores.presenting.now(opened.case.id)
        beyond = now.number if now is not None and not await self._may_still(opened.case.id, now.person) else 0
        given = await self._stores.presenting.begin(
            opened.case.id, page, TURN_SECONDS, beyond=beyond, cause=opened.principal.cause
        )
        self._changed()
        return await self._tell(opened, given)

    @described({200: PresentingShown}, body=PageBody, errors=(Forbidden, Conflict, InvalidRequest))
    async def renew(self, request: Request) -> Response:
        """Keep one's turn; a page that presents asks every five seconds. 409 when it is over. [FOL-2]"""
        opened = await self._access.open_asked(request, Right.PRESENT)
        page = await self._page(request, opened)
        kept = await self._stores.presenting.renew(opened.case.id, _number(request), page, TURN_SECONDS)
        return await self._tell(opened, kept)

    @described({204: None}, errors=(Forbidden, InvalidRequest))
    async def end(self, request: Request) -> Response:
        """Leave the place free: one's own, or, for moderators, anybody's. What is over already stays so. [FOL-2]"""
        opened = await self._access.open_asked(request)
        number = _number(request)
        now = await self._stores.presenting.now(opened.case.id)
        if now is not None and now.number == number:
            _expect_own(opened, now)
            await self._stores.presenting.end(opened.case.id, number, cause=opened.principal.cause)
            self._changed()
        return Response(status_code=204)

    @described({200: PresentingShown}, body=PageBody, errors=(Forbidden, Conflict, InvalidRequest))
    async def take_over(self, request: Request) -> Response:
        """For moderators: present instead of whoever's turn it is; 409 when it is that one no more. [FOL-3]"""
        opened = await self._access.open_asked(request)
        if not policy.may_take_over_presenting(opened.roles):
            raise Forbidden
        page = await self._page(request, opened)
        given = await self._stores.presenting.take_over(
            opened.case.id, _number(request), page, TURN_SECONDS, cause=opened.principal.cause
        )
        self._changed()
        return await self._tell(opened, given)

    @described({200: PresentingShown}, body=HandOverBody, errors=(Forbidden, Conflict, InvalidRequest))
    async def hand_over(self, request: Request) -> Response:
        """Give one's turn, or, for moderators, anybody's, to somebody who may present; their page begins. [FOL-3]"""
        opened = await self._access.open_asked(request)
        body = await read_body(request, HandOverBody, self._settings)
        now = await self._stores.presenting.now(opened.case.id)
        if now is None or now.number != _number(request):
            raise Conflict("that turn is over")
        _expect_own(opened, now)
        to = PersonId(body.to)
        if not await self._may_still(opened.case.id, to):
            raise InvalidRequest("to: somebody who may present in this case")
        given = await self._stores.presenting.hand_over(
            opened.case.id, now.number, to, BEGIN_SECONDS, cause=opened.principal.cause
        )
        self._changed()
        return await self._tell(opened, given)

    async def _page(self, request: Request, opened: OpenCase) -> ShowingPage:
        body = await read_body(request, PageBody, self._settings)
        credential = self._access.presented(request)
        if credential is None:  # `open_asked` has read it
            raise Unauthenticated
        return ShowingPage(opened.principal.person.id, ClientId(body.client), digest(credential[1]))

    async def _may_still(self, case: CaseId, person: PersonId) -> bool:
        """Whether somebody may present now: their role may have changed since they began."""
        found = await self._stores.cases.find(case, person)
        known = (await self._stores.people.find([person])).get(person)
        if found is None or known is None:
            return False
        return policy.may(policy.roles_of(found[1], known.standing), Right.PRESENT)

    async def _tell(self, opened: OpenCase, now: Presenter | None) -> Response:
        shown = None
        if now is not None and await self._may_still(opened.case.id, now.person):
            by = (await name_authors(self._stores.people, {now.person}))[now.person]
            shown = PresenterShown(by=by, client=now.client, number=now.number, millis_left=now.millis_left)
        return reply(
            PresentingShown(
                presenter=shown,
                may_present=opened.may(Right.PRESENT),
                may_take_over=policy.may_take_over_presenting(opened.roles),
            )
        )


def _number(request: Request) -> int:
    return number_of(request.path_params["number"], "number")


def _expect_own(opened: OpenCase, now: Presenter) -> None:
    """Raises: Forbidden for somebody else's turn, unless for a moderator."""
    if now.person != opened.principal.person.id and not policy.may_take_over_presenting(opened.roles):
        raise Forbidden
