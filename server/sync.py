"""The WebSocket endpoints: `/yjs/{case}/{document}` for y-websocket clients, `/collab` for Hocuspocus ones (WIRE §2,
§3)."""

from __future__ import annotations

import asyncio
from functools import partial

import structlog
from starlette.routing import BaseRoute, WebSocketRoute
from starlette.websockets import WebSocket

from server.access import Access
from server.collab import CollabSocket
from server.edge import Edge, edge_of
from server.hub import Hub
from server.logs import request_of
from server.seats import Seat, judge, take_seat
from workspace.case import Principal
from workspace.errors import ConsiliumError, HelloTimeout, InvalidMessage, TooMany
from workspace.ids import parse_document_id
from workspace.messages import Awareness
from workspace.pace import Pace, price_of
from workspace.wire import YWebsocketDialect

log = structlog.get_logger("consilium.sync")


def routes(hub: Hub, access: Access) -> list[BaseRoute]:
    """Both endpoints."""
    return [
        WebSocketRoute("/yjs/{case}/{document}", partial(serve_yjs, hub, access), name="yjs"),
        WebSocketRoute("/collab", partial(serve_collab, hub, access), name="collab"),
    ]


async def serve_yjs(hub: Hub, access: Access, websocket: WebSocket) -> None:
    """One y-websocket client: one socket, one document, one session.

    It is judged before the handshake is answered but refused after it: a browser shows its page nothing of a refused
    handshake, and the close code says what to do.
    """
    edge = edge_of(websocket)
    try:
        document = parse_document_id(websocket.path_params["case"], websocket.path_params["document"])
        admitted = await judge(hub, access, _principal(access, websocket), document)
        live = await hub.open_for(admitted.principal.person.id, document)
    except ConsiliumError as error:
        await refuse(hub, websocket, edge, error)
        return
    dialect = YWebsocketDialect(wants_acks=websocket.query_params.get("ack") == "1")
    if not await _accept(websocket):
        hub.places.give_back(admitted.principal.person.id, document)
        return
    client = _YjsClient(hub, edge, dialect)
    lost = edge.take_over(client.receive, hub.limits.max_outbox_bytes)
    try:
        client.seat = take_seat(hub, live, admitted, dialect, edge, hears_refusals=False, request=request_of(websocket))
    except ConsiliumError as error:
        edge.end(error)
    try:
        await lost
    finally:
        hub.meters.closed(edge.close_code)
        client.gone(edge.close_code)


async def serve_collab(hub: Hub, access: Access, websocket: WebSocket) -> None:
    """One Hocuspocus client: many documents on one socket, each signed in by a message of its own."""
    edge = edge_of(websocket)
    if not await _accept(websocket):
        return
    async with asyncio.TaskGroup() as tasks:
        client = CollabSocket(hub, access, edge, websocket, tasks)
        try:
            await edge.take_over(client.receive, hub.limits.max_outbox_bytes)
        finally:
            hub.meters.closed(edge.close_code)
            client.gone(edge.close_code)


async def refuse(hub: Hub, websocket: WebSocket, edge: Edge, error: ConsiliumError) -> None:
    """Answer the handshake only to close with the code that says why."""
    log.info("socket.refused", route=websocket.scope["path"].split("/")[1], reason=error.reason)
    if not await _accept(websocket):
        return
    lost = edge.take_over(lambda _: None, 0)
    edge.end(error)
    await lost
    hub.meters.closed(edge.close_code)


async def _accept(websocket: WebSocket) -> bool:
    """Answer the handshake; False when the client did not wait for the answer, which is no news."""
    try:
        await websocket.accept()
    except OSError:
        return False
    return True


async def _principal(access: Access, websocket: WebSocket) -> Principal:
    ticket = websocket.query_params.get("ticket")
    return await access.authenticate(websocket) if ticket is None else await access.ticket(ticket, websocket)


class _YjsClient:
    """What a y-websocket connection does with its frames."""

    def __init__(self, hub: Hub, edge: Edge, dialect: YWebsocketDialect) -> None:
        self.seat: Seat | None = None
        self._hub = hub
        self._edge = edge
        self._dialect = dialect
        self._loop = asyncio.get_running_loop()
        limits = hub.limits
        self._pace = Pace(limits.max_frames_per_second, limits.frame_burst, self._loop.time())
        self._hello = self._loop.call_later(limits.hello_seconds, edge.end, HelloTimeout())

    def receive(self, data: bytes) -> None:
        """One frame, maybe of several messages."""
        if self.seat is None:
            return  # it was refused; the close is on its way
        try:
            messages = self._dialect.decode(data)
        except InvalidMessage as error:
            self._edge.end(error)
            return
        for message in messages:
            # Each message, not each frame: a small frame may ask a thousand questions.
            if not self._pace.allows(self._loop.time(), price_of(message)):
                self._edge.end(TooMany())
                return
            if not isinstance(message, Awareness):
                self._hello.cancel()
            self.seat.hear(message)

    def gone(self, code: int) -> None:
        """The connection is lost."""
        self._hello.cancel()
        if self.seat is not None:
            self.seat.leave(code)
