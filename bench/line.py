"""A WebSocket client with nothing to spare: RFC 6455 frames straight on an asyncio transport, one callback per message.

Frames are masked, as they must be, with a key of zeros: a server unmasks them all the same, and the load costs less.
No extension is offered, so no server compresses.
"""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import Callable, Mapping

BINARY, CLOSE, PING = 0x82, 0x88, 0x89
PONG = 0x8A
MASK = 0x80
ZERO_KEY = bytes(4)


def framed(payload: bytes, opcode: int = BINARY) -> bytes:
    """One masked frame."""
    length = len(payload)
    if length < 126:
        head = bytes((opcode, MASK | length))
    elif length < 65536:
        head = bytes((opcode, MASK | 126)) + length.to_bytes(2, "big")
    else:
        head = bytes((opcode, MASK | 127)) + length.to_bytes(8, "big")
    return head + ZERO_KEY + payload


class Line(asyncio.Protocol):
    """One connection. What goes wrong is kept in `lost`, a future that ends with the connection."""

    def __init__(self, hear: Callable[[bytes], None]) -> None:
        loop = asyncio.get_running_loop()
        self.opened: asyncio.Future[None] = loop.create_future()
        self.lost: asyncio.Future[str] = loop.create_future()
        self._hear = hear
        self._rest = b""
        self.transport: asyncio.WriteTransport | None = None
        self._can_write = asyncio.Event()
        self._can_write.set()

    async def upgrade(self, host: str, path: str, headers: Mapping[str, str]) -> None:
        """Become a WebSocket. Raises: ConnectionError."""
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [f"GET {path} HTTP/1.1", f"Host: {host}", "Upgrade: websocket", "Connection: Upgrade"]
        lines += [f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13", *(f"{k}: {v}" for k, v in headers.items())]
        self.write("\r\n".join([*lines, "", ""]).encode())
        await self.opened

    def data_received(self, data: bytes) -> None:
        """Some of the server's bytes."""
        if not self.opened.done():
            head, end, data = (self._rest + data).partition(b"\r\n\r\n")
            if not end:
                self._rest = head
                return
            self._rest = b""
            if b" 101 " not in head.split(b"\r\n", 1)[0]:
                self.opened.set_exception(ConnectionError(head.split(b"\r\n", 1)[0].decode("latin-1")))
                self.close()
                return
            self.opened.set_result(None)
        self._read(self._rest + data if self._rest else data)

    def _read(self, data: bytes) -> None:
        at, end = 0, len(data)
        while end - at >= 2:
            length = data[at + 1]
            start = at + 2
            if length == 126:
                start = at + 4
                length = int.from_bytes(data[at + 2 : start], "big") if start <= end else end
            elif length == 127:
                start = at + 10
                length = int.from_bytes(data[at + 2 : start], "big") if start <= end else end
            stop = start + length
            if stop > end:
                break
            if data[at] == BINARY:
                self._hear(data[start:stop])
            else:
                self._control(data[at], data[start:stop])
            at = stop
        self._rest = data[at:]

    def _control(self, opcode: int, payload: bytes) -> None:
        if opcode == PING:
            self.write(framed(payload, PONG))
        elif opcode == CLOSE:
            code, reason = int.from_bytes(payload[:2], "big"), payload[2:].decode(errors="replace")
            self._end(f"closed by the server: {code} {reason}")
            self.close()
        elif opcode != PONG:
            self._end(f"unexpected opcode {opcode:#x}")
            self.close()

    def write(self, frames: bytes) -> None:
        """Send bytes that are already framed."""
        if self.transport is not None:
            self.transport.write(frames)

    async def drained(self) -> None:
        """Return when the transport takes more."""
        await self._can_write.wait()

    def pause_writing(self) -> None:
        """The transport has enough for now."""
        self._can_write.clear()

    def resume_writing(self) -> None:
        """The transport takes more."""
        self._can_write.set()

    def close(self) -> None:
        """Drop the connection."""
        if self.transport is not None:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone, whoever closed it."""
        if not self.opened.done():
            self.opened.set_exception(ConnectionError("the connection ended before it was a WebSocket"))
        self._can_write.set()
        self._end(repr(exc) if exc else "the connection ended")

    def _end(self, why: str) -> None:
        if not self.lost.done():
            self.lost.set_result(why)


async def connect(host: str, port: int, hear: Callable[[bytes], None]) -> Line:
    """A connection that is not a WebSocket yet: `upgrade` comes next. Raises: OSError."""
    transport, line = await asyncio.get_running_loop().create_connection(lambda: Line(hear), host, port)
    line.transport = transport
    return line
