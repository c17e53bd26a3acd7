"""A TCP proxy between two parts that does what networks do: cut, delay, and fall silent without closing anything."""

from __future__ import annotations

import asyncio
from contextlib import suppress

CHUNK_BYTES = 64 * 1024


class Chaos:
    """One link. Whoever connects to `port` reaches `target`, as long as nothing is done to it."""

    def __init__(self, name: str, target: int) -> None:
        self.name = name
        self.port = 0
        self.delay_seconds = 0.0
        self.broken = 0
        """Connections that were cut, or refused while the link was."""
        self.held = 0
        """Chunks that came while the link was a black hole."""
        self.delayed = 0
        """Chunks that came late because the link was slow."""
        self.carried = 0
        """Chunks that went through."""
        self._target = target
        self._passes = asyncio.Event()
        self._passes.set()
        self._is_cut = False
        self._ends: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def open(self) -> int:
        """Listen on a free port of loopback, which is the answer."""
        self._server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self.port

    def close(self) -> None:
        """End it, and all that goes through it."""
        if self._server is not None:
            self._server.close()
        for end in self._ends:
            end.transport.abort()

    def cut(self) -> None:
        """Reset what is open, and refuse what comes."""
        self._is_cut = True
        for end in self._ends:
            self.broken += 1
            end.transport.abort()

    def swallow(self) -> None:
        """Become a black hole: nothing goes through, and nobody is told."""
        self._passes.clear()

    def heal(self) -> None:
        """As it was. What a black hole holds arrives now, as TCP would send it again."""
        self._is_cut, self.delay_seconds = False, 0.0
        self._passes.set()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._ends.add(writer)
        with suppress(OSError, ExceptionGroup):
            if self._is_cut:
                self.broken += 1
                return writer.transport.abort()
            await self._hold()
            theirs = await asyncio.open_connection("127.0.0.1", self._target)
            self._ends.add(theirs[1])
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._carry(reader, theirs[1]))
                    tasks.create_task(self._carry(theirs[0], writer))
            finally:
                self._ends.discard(theirs[1])
                theirs[1].transport.abort()
        self._ends.discard(writer)
        writer.transport.abort()
        return None

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(CHUNK_BYTES):
            await self._hold()
            if self.delay_seconds:
                self.delayed += 1
                await asyncio.sleep(self.delay_seconds)
            self.carried += 1
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()

    async def _hold(self) -> None:
        if not self._passes.is_set():
            self.held += 1
            await self._passes.wait()
