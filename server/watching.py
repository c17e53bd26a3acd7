"""`/notices`: a socket that tells a page when to ask again who one is and whether one is still signed in. [ACC-22]

A page without an open document has no session that could end. This says no more than the closing code: 4205 for "ask
again", 4401 for "signed out".
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from functools import partial
from typing import Protocol

from starlette.routing import BaseRoute, WebSocketRoute
from starlette.websockets import WebSocket

from server.access import Access, Clock
from server.edge import Socket, edge_of, frame
from server.notices import NoticeBoard
from workspace.errors import AccessChanged, ConsiliumError, InvalidMessage, TooManySessions, Unauthenticated
from workspace.ids import PersonId

ADMITTED = frame([b""])
"""The one message there is: let in, and told of every change from now on."""
LONGEST_TIMER_SECONDS = 24 * 3600.0


class Watchers:
    """The sockets that wait for notices of a person."""

    def __init__(self, most_per_person: int) -> None:
        self._most = most_per_person
        self._sockets: defaultdict[PersonId, set[Socket]] = defaultdict(set)

    def add(self, person: PersonId, socket: Socket) -> None:
        """From now on it is told. Raises: TooManySessions."""
        if len(self._sockets[person]) >= self._most:
            raise TooManySessions(f"{self._most} of one person")
        self._sockets[person].add(socket)

    def remove(self, person: PersonId, socket: Socket) -> None:
        """It is gone; harmless when it was never added."""
        held = self._sockets[person]
        held.discard(socket)
        if not held:
            del self._sockets[person]

    def changed(self, person: PersonId) -> None:
        """Something about a person changed, or a sign-in of theirs ended."""
        self._end(self._sockets.get(person, ()), AccessChanged())

    def end_all(self, error: ConsiliumError) -> None:
        """The server stops."""
        for sockets in list(self._sockets.values()):
            self._end(sockets, error)

    def _end(self, sockets: set[Socket] | tuple[()], error: ConsiliumError) -> None:
        for socket in list(sockets):
            socket.end(error)


class Watched(Protocol):
    """What a watching socket needs of the hub."""

    @property
    def watchers(self) -> Watchers:
        """Who is told of changes."""
        ...

    @property
    def notices(self) -> NoticeBoard:
        """The newest changes of rights."""
        ...

    def watch(self, person: PersonId, socket: Socket, judged_after: int) -> None:
        """Tell this socket from now on. Raises: AccessChanged, Draining, TooManySessions."""
        ...


def routes(hub: Watched, access: Access, clock: Clock) -> list[BaseRoute]:
    """The one endpoint."""
    return [WebSocketRoute("/notices", partial(serve_notices, hub, access, clock), name="notices")]


async def serve_notices(hub: Watched, access: Access, clock: Clock, websocket: WebSocket) -> None:
    """One page that watches. Refused after the handshake, as a browser shows its page nothing of a refused one."""
    edge = edge_of(websocket)
    try:
        await websocket.accept()
    except OSError:
        return
    lost = edge.take_over(lambda _: edge.end(InvalidMessage("nothing is to be said here")), 0)
    try:
        # The notice first: a change after it may have been missed by the judgement.
        judged_after = await hub.notices.latest()
        principal = await access.authenticate(websocket)
        hub.watch(principal.person.id, edge, judged_after)
    except ConsiliumError as error:
        edge.end(error)
        await lost
        return
    edge.write(ADMITTED)
    seconds = min(max(principal.expires_at - clock(), 0) / 1000, LONGEST_TIMER_SECONDS)
    over = asyncio.get_running_loop().call_later(seconds, edge.end, Unauthenticated())
    try:
        await lost
    finally:
        over.cancel()
        hub.watchers.remove(principal.person.id, edge)
