"""A WebSocket client with no manners: it says what it is told to, well-formed or not, and reads when it is told to."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import socket
import struct
from collections.abc import AsyncIterator
from typing import Self

from tests.integration import lib0
from tests.servers import RunningServer, Someone

CONTINUATION, TEXT, BINARY, CLOSE, PING = 0, 1, 2, 8, 9
PATIENCE_SECONDS = 10.0
ABNORMAL = 1006
"""The line was cut without a closing frame."""


class RawSocket:
    """One TCP connection after a WebSocket handshake."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, document: str | None) -> None:
        self.reader = reader
        self.writer = writer
        self.document = document
        self.frames: list[bytes] = []
        """Payloads of the binary frames that came."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()

    async def frame(
        self,
        payload: bytes,
        *,
        opcode: int = BINARY,
        is_final: bool = True,
        reserved: int = 0,
        length: int | None = None,
    ) -> None:
        """One masked frame; `length` is what its header claims, if that is not the truth."""
        claimed = len(payload) if length is None else length
        head = bytes([is_final << 7 | reserved << 4 | opcode])
        if claimed < 126:
            head += bytes([0x80 | claimed])
        elif claimed < 65536:
            head += bytes([0x80 | 126]) + struct.pack("!H", claimed)
        else:
            head += bytes([0x80 | 127]) + struct.pack("!Q", claimed)
        await self.put(head + b"\0\0\0\0" + payload)  # a mask of zeros is a mask

    async def put(self, data: bytes) -> None:
        """Bytes as they are. A line that the server has cut takes them and loses them."""
        with contextlib.suppress(OSError):
            self.writer.write(data)
            await self.writer.drain()

    async def say(self, message: bytes) -> None:
        """A message in a frame, on Hocuspocus behind the address."""
        await self.frame(message if self.document is None else lib0.addressed(self.document, message))

    async def closed(self, *, seconds: float = PATIENCE_SECONDS) -> int:
        """Read on until the server closes; its code. Raises: TimeoutError when it does not."""
        async with asyncio.timeout(seconds):
            while True:
                read = await self._read_frame()
                if read is None:
                    return ABNORMAL
                opcode, payload = read
                if opcode == CLOSE:
                    return int.from_bytes(payload[:2], "big") if payload else 1005
                self.frames.append(payload)

    async def heard(self, wanted: bytes, *, seconds: float = PATIENCE_SECONDS) -> bytes:
        """Read on until a payload holds `wanted`. Raises: TimeoutError, ConnectionError when it is closed instead."""
        async with asyncio.timeout(seconds):
            while True:
                read = await self._read_frame()
                if read is None or read[0] == CLOSE:
                    raise ConnectionError(f"closed instead: {read}")
                self.frames.append(read[1])
                if wanted in read[1]:
                    return read[1]

    async def _read_frame(self) -> tuple[int, bytes] | None:
        try:
            head = await self.reader.readexactly(2)
            length = head[1] & 127
            if length == 126:
                (length,) = struct.unpack("!H", await self.reader.readexactly(2))
            elif length == 127:
                (length,) = struct.unpack("!Q", await self.reader.readexactly(8))
            return head[0] & 15, await self.reader.readexactly(length)
        except (asyncio.IncompleteReadError, OSError):
            return None


def request(path: str, headers: str = "") -> bytes:
    """A WebSocket handshake."""
    key = base64.b64encode(bytes(16)).decode()
    lines = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    return f"{lines}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n{headers}\r\n".encode()


async def open_raw(
    server: RunningServer,
    path: str,
    headers: str = "",
    *,
    document: str | None = None,
    receive_buffer: int | None = None,
) -> RawSocket:
    """Connect and shake hands."""
    line = socket.socket()
    line.setblocking(False)
    if receive_buffer is not None:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    await asyncio.get_running_loop().sock_connect(line, ("127.0.0.1", server.port))
    reader, writer = await asyncio.open_connection(sock=line)
    writer.write(request(path, headers))
    answer = await reader.readuntil(b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 101 "), answer
    assert b"permessage-deflate" not in answer.lower(), answer
    return RawSocket(reader, writer, document)


async def open_yjs(
    server: RunningServer, who: Someone, case: str, document: str = "record", *, receive_buffer: int | None = None
) -> RawSocket:
    """A y-websocket connection, signed in; it offers compression, which must not be taken."""
    headers = f"Authorization: Bearer {who.token}\r\nSec-WebSocket-Extensions: permessage-deflate\r\n"
    return await open_raw(server, f"/yjs/{case}/{document}?ack=1", headers, receive_buffer=receive_buffer)


async def open_collab(server: RunningServer, who: Someone, case: str, document: str = "record") -> RawSocket:
    """A Hocuspocus connection, signed in to one document."""
    raw = await open_raw(server, "/collab", document=f"{case}/{document}")
    await raw.say(lib0.token(who.token))
    await raw.heard(b"read")  # "read-write" or "readonly"
    return raw


@contextlib.asynccontextmanager
async def hundreds(server: RunningServer, count: int, opening: bytes) -> AsyncIterator[list[socket.socket]]:
    """So many TCP connections, each of which sent `opening` and nothing more."""
    lines = []
    try:
        for _ in range(count):
            line = socket.create_connection(("127.0.0.1", server.port))
            line.sendall(opening)
            lines.append(line)
        yield lines
    finally:
        for line in lines:
            line.close()
