"""The socket edge: frames straight from and to the transport, once Starlette has done the handshake and the sign-in.

One write per receiver and no coroutine per frame: the same room logic costs 2.5 times as much CPU through ASGI
messages. This is uvicorn's own sans-IO WebSocket protocol with a second mouth; nothing else in the house knows what
carries the frames.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Protocol

from starlette.websockets import WebSocket
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.http11 import Request

from server.problem import outcome_of
from workspace.errors import ConsiliumError, InvalidMessage, SlowConsumer

EXTENSION = "consilium.edge"
BINARY_AND_FINAL = 0x82
MAX_REASON_BYTES = 123
"""RFC 6455 §5.5: a control frame holds 125 bytes, two of them the code."""
ABORT_SECONDS = 2.0
"""How long a closing frame may wait behind what a slow client has not read."""


class Socket(Protocol):
    """One open connection, as the rest of the server sees it."""

    @property
    def waiting_bytes(self) -> int:
        """What is queued and not sent."""
        ...

    def write(self, framed: bytes) -> None:
        """Queue bytes made by `frame`. A socket whose queue is full ends with SlowConsumer; an ended one ignores
        this."""
        ...

    def end(self, error: ConsiliumError) -> None:
        """Close with the error's code and public text, after what is queued; cut the line if that takes too long."""
        ...

    def pause(self) -> None:
        """Stop reading from the client. Several may have their reasons: each `pause` needs its own `resume`."""
        ...

    def resume(self) -> None:
        """One reason less not to read."""
        ...


def frame(payloads: Iterable[bytes]) -> bytes:
    """Spell payloads as unmasked binary WebSocket frames (RFC 6455 §5.2), one each, to be sent in one write."""
    out = bytearray()
    for payload in payloads:
        length = len(payload)
        if length < 126:
            out += bytes((BINARY_AND_FINAL, length))
        elif length < 65536:
            out += bytes((BINARY_AND_FINAL, 126)) + length.to_bytes(2, "big")
        else:
            out += bytes((BINARY_AND_FINAL, 127)) + length.to_bytes(8, "big")
        out += payload
    return bytes(out)


class Edge(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket protocol; after `take_over` its messages go to a callback instead of an ASGI queue."""

    _receive_message: Callable[[bytes], None] | None = None
    _lost: asyncio.Future[None] | None = None
    _holds = 0
    _max_outbox_bytes = 0
    _largest_write = 0
    _ended_with: int | None = None

    def handle_connect(self, event: Request) -> None:
        """Offer the edge to the application by an ASGI extension."""
        super().handle_connect(event)
        if not self.close_sent and (extensions := self.scope.get("extensions")) is not None:
            extensions[EXTENSION] = {"edge": self}  # a refused handshake has no scope

    def take_over(self, receive: Callable[[bytes], None], max_outbox_bytes: int) -> asyncio.Future[None]:
        """From now on each binary message is a call of `receive`. The future is done when the connection is gone."""
        self._receive_message = receive
        self._max_outbox_bytes = max_outbox_bytes
        self._lost = self.loop.create_future()
        if self.disconnected:
            self._lost.set_result(None)
        return self._lost

    def handle_text(self, event: Frame) -> None:
        """Both protocols are binary; a text message is refused before anything tries to decode it."""
        if self._receive_message is None:
            super().handle_text(event)
        else:
            self.end(InvalidMessage("text frame"))

    def send_receive_event_to_app(self) -> None:
        """A whole message has arrived."""
        if self._receive_message is None:
            super().send_receive_event_to_app()
            return
        message = self.frames[0] if len(self.frames) == 1 else b"".join(self.frames)
        self.frames = []
        if not self.close_sent:
            self._receive_message(bytes(message))

    @property
    def waiting_bytes(self) -> int:
        """See `Socket.waiting_bytes`."""
        return self.transport.get_write_buffer_size()

    @property
    def close_code(self) -> int:
        """Once the line is gone: the code of whoever closed it first, 1006 when nobody said anything."""
        if self._ended_with is not None:
            return self._ended_with
        return 1006 if self.conn.close_rcvd is None else self.conn.close_rcvd.code

    def write(self, framed: bytes) -> None:
        """See `Socket.write`."""
        if self.close_sent or self.transport.is_closing():
            return
        waiting = self.transport.get_write_buffer_size()
        # A document may be larger than the outbox: who is being sent one is not slow by that.
        self._largest_write = max(self._largest_write if waiting else 0, len(framed))
        self.transport.write(framed)
        if self.transport.get_write_buffer_size() > self._max_outbox_bytes + self._largest_write:
            self.end(SlowConsumer())

    def end(self, error: ConsiliumError) -> None:
        """See `Socket.end`."""
        if self.close_sent or self.disconnected:
            return
        reason = str(error).encode()[:MAX_REASON_BYTES].decode(errors="ignore")  # names the successor of a document
        self._ended_with = outcome_of(error).close_code
        self.conn.send_close(self._ended_with, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.stop_keepalive()
        self._read_on()  # or the client's closing reply is never read
        self.close_timer = self.loop.call_later(ABORT_SECONDS, self.transport.abort)

    def pause(self) -> None:
        """See `Socket.pause`."""
        self._holds += 1
        if not self.read_paused and not self.transport.is_closing():
            self.read_paused = True
            self.transport.pause_reading()

    def resume(self) -> None:
        """See `Socket.resume`."""
        self._holds -= 1
        if self._holds <= 0:
            self._read_on()

    def _read_on(self) -> None:
        if self.read_paused and not self.transport.is_closing():
            self.read_paused = False
            self.transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """The line is gone, whoever closed it."""
        super().connection_lost(exc)
        self._receive_message = None
        if self._lost is not None and not self._lost.done():
            self._lost.set_result(None)


def edge_of(websocket: WebSocket) -> Edge:
    """The edge under a Starlette WebSocket. Raises: TypeError when the server was not started with `ws=Edge`."""
    edge = websocket.scope.get("extensions", {}).get(EXTENSION, {}).get("edge")
    if not isinstance(edge, Edge):
        raise TypeError("the server must run with server.edge.Edge as its WebSocket protocol")
    return edge
