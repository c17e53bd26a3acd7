"""One Hocuspocus socket: many documents, each at its own address, each signed in by its own message (WIRE §3)."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import assert_never

import structlog
from starlette.websockets import WebSocket

from server.access import Access
from server.edge import Edge, frame
from server.hub import Hub
from server.line import Dialect
from server.live import LiveRoom
from server.logs import request_of
from server.seats import Admitted, Seat, judge, take_seat
from workspace import hocuspocus
from workspace.case import Principal
from workspace.errors import (
    Conflict,
    ConsiliumError,
    Forbidden,
    HelloTimeout,
    NotFound,
    Superseded,
    TooLarge,
    TooMany,
    Unauthenticated,
)
from workspace.ids import parse_address
from workspace.messages import ClientMessage, Closed, Denied, Detach, Pong, ServerMessage, SignedIn, SignIn, Stateless
from workspace.pace import Pace, price_of

log = structlog.get_logger("consilium.collab")

DETACHED = "provider_initiated"
"""The word the reference answers a detach with."""
IN_BAND = (Unauthenticated, Forbidden, NotFound, Conflict)
"""Refusals of one document that leave the socket open for the others."""


@dataclass(slots=True)
class _Waiting:
    """An address that is not signed in (yet): what it sent is kept, in order and bounded, until it is."""

    messages: list[ClientMessage] = field(default_factory=list)
    bytes: int = 0


class CollabSocket:
    """The addresses of one socket, each waiting or seated.

    Invariants: (1) what an address sends before it is signed in is neither read nor lost: it is heard after sign-in, or
    wiped by a refusal; (2) at most one sign-in of an address is under way, the latest token counts; (3) who asks is
    found out anew at every sign-in, never remembered from the handshake.
    """

    def __init__(self, hub: Hub, access: Access, edge: Edge, websocket: WebSocket, tasks: asyncio.TaskGroup) -> None:
        self._hub = hub
        self._access = access
        self._edge = edge
        self._websocket = websocket
        self._tasks = tasks
        self._limits = hub.limits
        self._loop = asyncio.get_running_loop()
        self._addresses: dict[bytes, _Waiting | Seat] = {}
        self._signing_in: dict[bytes, asyncio.Task[None]] = {}
        self._pace = Pace(self._limits.max_frames_per_second, self._limits.frame_burst, self._loop.time())
        self._hello = self._loop.call_later(self._limits.hello_seconds, edge.end, HelloTimeout())

    def receive(self, data: bytes) -> None:
        """One frame: one message to one address."""
        try:
            envelope = hocuspocus.decode(data)
            if not self._pace.allows(self._loop.time(), price_of(envelope.message)):
                raise TooMany
            self._dispatch(envelope, len(data))
        except ConsiliumError as error:
            self._edge.end(error)

    def gone(self, code: int) -> None:
        """The connection is lost."""
        self._hello.cancel()
        for task in list(self._signing_in.values()):
            task.cancel()
        for held in self._addresses.values():
            if isinstance(held, Seat):
                held.leave(code)

    def _dispatch(self, envelope: hocuspocus.Envelope, size: int) -> None:
        match envelope.message:
            case Pong():
                return
            case SignIn(token):
                self._start_sign_in(envelope, token, size)
            case Detach():
                self._detach(envelope.address)
            case message:
                held = self._addresses.get(envelope.address)
                if isinstance(held, Seat):
                    held.hear(message)
                else:
                    self._waiting(envelope.address, size).messages.append(message)

    def _waiting(self, address: bytes, size: int) -> _Waiting:
        """The waiting room of an address, charged with one more message. Raises: TooLarge, TooMany."""
        held = self._addresses.get(address)
        if not isinstance(held, _Waiting):
            if len(self._addresses) >= self._limits.max_documents_per_socket:
                raise TooMany("documents on one socket")
            held = self._addresses[address] = _Waiting()
        held.bytes += size
        waiting = [other for other in self._addresses.values() if isinstance(other, _Waiting)]
        if sum(other.bytes for other in waiting) > self._limits.max_unsigned_bytes:
            raise TooLarge("before sign-in")
        if sum(len(other.messages) for other in waiting) >= self._limits.max_unsigned_messages:
            raise TooMany("messages before sign-in")
        return held

    def _start_sign_in(self, envelope: hocuspocus.Envelope, token: str, size: int) -> None:
        if not isinstance(self._addresses.get(envelope.address), Seat):
            self._waiting(envelope.address, size)
        earlier = self._signing_in.get(envelope.address)
        if earlier is not None:
            earlier.cancel()
        task = self._tasks.create_task(self._sign_in(envelope.address, envelope.document, token))
        self._signing_in[envelope.address] = task
        task.add_done_callback(lambda done: self._signed_in(envelope.address, done))

    def _signed_in(self, address: bytes, task: asyncio.Task[None]) -> None:
        if self._signing_in.get(address) is task:
            del self._signing_in[address]

    async def _sign_in(self, address: bytes, document: str, token: str) -> None:
        dialect = hocuspocus.HocuspocusDialect(address)
        try:
            admitted = await judge(self._hub, self._access, self._principal(token), parse_address(document))
            match self._addresses.get(address):
                case Seat() as seat:
                    self._renew(seat, admitted)
                case _Waiting():
                    live = await self._hub.open_for(admitted.principal.person.id, admitted.document)
                    self._seat(address, live, admitted, dialect)
                case None:
                    pass  # detached meanwhile
                case held:
                    assert_never(held)
        except IN_BAND as error:
            self._forget(address)
            self._edge.write(frame(dialect.encode(_denial(error))))
        except ConsiliumError as error:
            self._edge.end(error)
        except Exception:
            log.exception("collab.sign_in_failed", request=request_of(self._websocket))
            self._edge.end(ConsiliumError())

    def _seat(self, address: bytes, live: LiveRoom, admitted: Admitted, dialect: Dialect) -> None:
        """Its place was reserved. Raises: Draining, AccessChanged."""
        waiting = self._addresses.get(address)
        if not isinstance(waiting, _Waiting):  # detached meanwhile
            self._hub.places.give_back(admitted.principal.person.id, admitted.document)
            return
        name = request_of(self._websocket)
        seat = take_seat(self._hub, live, admitted, dialect, self._edge, hears_refusals=True, request=name)
        self._addresses[address] = seat
        self._hello.cancel()
        for message in waiting.messages:
            seat.hear(message)

    def _renew(self, seat: Seat, admitted: Admitted) -> None:
        """A later Auth message is a fresh token. Raises: Forbidden when it is another person's."""
        session = seat.line.session
        if session.person.id != admitted.principal.person.id:
            raise Forbidden("this connection belongs to somebody else")
        seat.line.expires_at = admitted.principal.expires_at
        seat.line.asked_to_sign_in = False
        seat.line.say([SignedIn(session.may_write)], self._loop.time())

    async def _principal(self, token: str) -> Principal:
        return await (
            self._access.bearer(token, self._websocket) if token else self._access.authenticate(self._websocket)
        )

    def _detach(self, address: bytes) -> None:
        self._forget(address)
        self._edge.write(frame(hocuspocus.HocuspocusDialect(address).encode([Closed(DETACHED)])))

    def _forget(self, address: bytes) -> None:
        held = self._addresses.pop(address, None)
        if isinstance(held, Seat):
            held.leave()


def _denial(error: ConsiliumError) -> list[ServerMessage]:
    """Why one document is refused; a superseded one also says where it went. [JRN-9]"""
    denied: list[ServerMessage] = [Denied(error.reason)]
    if isinstance(error, Superseded):
        denied.append(Stateless(json.dumps({"type": error.reason, "successor": error.successor})))
    return denied
