"""Whether the process lives, and whether it should be sent work."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.body import Answer, reply
from server.described import Says, described
from server.strain import Strain
from storage.ports import ObjectsState, Stores
from workspace.errors import ConsiliumError

ANSWER_SECONDS = 2.0


class Alive(Answer):
    """The process runs."""

    status: Literal["alive"] = "alive"


class Ready(Answer):
    """Whether the process should be sent work."""

    status: Literal["ready", "not ready"]
    reasons: list[str]
    objects: ObjectsState
    """How the store of images and files is, which no work waits for that is not about them."""


class Health:
    """`/livez` and `/readyz`."""

    def __init__(self, stores: Stores, strain: Strain) -> None:
        self._stores = stores
        self._strain = strain
        self._draining = False

    def routes(self) -> Sequence[BaseRoute]:
        """For whatever watches over the process."""
        return [Route("/livez", self.live), Route("/readyz", self.ready)]

    def start_draining(self) -> None:
        """From now on this process wants no new work."""
        self._draining = True

    @described({200: Alive}, anybody=True)
    async def live(self, _: Request) -> Response:
        """Whether the process lives: 200, always."""
        return reply(Alive(), headers={"Cache-Control": "no-store"})

    @described({200: Ready, 503: Says(Ready, headers={"Retry-After": "Seconds."})}, anybody=True)
    async def ready(self, _: Request) -> Response:
        """Whether to send work here: 200, or 503 with the reasons."""
        strained = [f"overloaded ({burden})" for burden in self._strain.reasons]
        reasons = [*(["draining"] if self._draining else []), *strained, *(await self._storage_reasons())]
        headers = {"Cache-Control": "no-store"} | ({"Retry-After": "2"} if reasons else {})
        return reply(
            Ready(status="not ready" if reasons else "ready", reasons=reasons, objects=self._stores.objects_state()),
            503 if reasons else 200,
            headers,
        )

    async def _storage_reasons(self) -> list[str]:
        if (failure := self._stores.failed()) is not None:
            return [f"storage failed ({failure})"]
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._stores.notices.latest()
        except TimeoutError:
            return ["storage does not answer"]
        except ConsiliumError as error:
            return [error.reason]
        return []
