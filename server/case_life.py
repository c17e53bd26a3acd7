"""The life of a case: its title, its state, and leaving it. Open pages hear of each change at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.access import Access, Clock
from server.body import Answer, Body, OneLine, read_body, reply
from server.described import described
from server.settings import Settings
from storage.ports import Stores
from workspace.case import CaseState
from workspace.errors import Conflict, Forbidden
from workspace.lifecycle import check_step, next_states
from workspace.policy import Right


class TitleBody(Body):
    """`{title}`."""

    title: OneLine


class StateBody(Body):
    """`{state}`: where the case is to go."""

    state: Literal["open", "concluded"]


class Life(Answer):
    """How the case stands now, and where the one who asks may take it from there."""

    id: str
    title: str
    state: CaseState
    next_states: list[CaseState]


class CaseLife:
    """The handlers. `changed` is called after each change, so that nobody waits for the next look at the notices."""

    def __init__(
        self, settings: Settings, stores: Stores, access: Access, *, clock: Clock, changed: Callable[[], None]
    ) -> None:
        self._settings = settings
        self._stores = stores
        self._access = access
        self._clock = clock
        self._changed = changed

    def routes(self) -> Sequence[BaseRoute]:
        """What stands under `/api`."""
        return [
            Route("/cases/{case}/title", self.rename, methods=["PUT"]),
            Route("/cases/{case}/state", self.set_state, methods=["PUT"]),
            Route("/cases/{case}/leave", self.leave, methods=["POST"]),
        ]

    @described({200: Life}, body=TitleBody, errors=(Forbidden,))
    async def rename(self, request: Request) -> Response:
        """Give a case another title. [LST-1]"""
        opened = await self._access.open_asked(request, Right.RENAME)
        body = await read_body(request, TitleBody, self._settings)
        await self._stores.cases.rename(opened.case.id, body.title, self._clock(), cause=opened.principal.cause)
        return await self._tell(request)

    @described({200: Life}, body=StateBody, errors=(Forbidden, Conflict))
    async def set_state(self, request: Request) -> Response:
        """Open a draft, conclude a case, or reopen it; a concluded case is read-only on every open page at once.

        A case that is there already stays as it is: two leads may press the same button. [LST-2]
        """
        opened = await self._access.open_asked(request, Right.READ)
        body = await read_body(request, StateBody, self._settings)
        was, state = opened.case.state, CaseState(body.state)
        if was is not state:
            check_step(opened.roles, was, state)
            try:
                await self._stores.cases.set_state(
                    opened.case.id, was, state, self._clock(), cause=opened.principal.cause
                )
            except Conflict:
                if (await self._access.open_asked(request, Right.READ)).case.state is not state:
                    raise
        elif not opened.may(Right.CONCLUDE):
            raise Forbidden
        return await self._tell(request)

    @described({204: None}, errors=(Conflict,))
    async def leave(self, request: Request) -> Response:
        """Leave a case; its last lead cannot. [LST-4]"""
        opened = await self._access.open_asked(request, Right.READ)
        principal = opened.principal
        await self._stores.cases.set_member(
            opened.case.id, principal.person.id, None, self._clock(), cause=principal.cause
        )
        self._changed()
        return Response(status_code=204)

    async def _tell(self, request: Request) -> Response:
        self._changed()
        opened = await self._access.open_asked(request, Right.READ)
        case = opened.case
        following = sorted(next_states(opened.roles, case.state))
        return reply(Life(id=case.id, title=case.title, state=case.state, next_states=following))
