"""A y-websocket client in Python: a pycrdt `Doc`, a socket, and exact books on what was acknowledged."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Callable

from pycrdt import Array, Doc
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.integration import lib0
from tests.servers import RunningServer, Someone

SYNC, ACCEPTED = 0, 100
STEP_1, STEP_2, UPDATE = 0, 1, 2
WINDOW = 8
"""Edits on their way before a writer waits: keeps the server busy without drowning it."""


class YClient:
    """One client of one document, whose edits are unique words in the array `a`.

    It connects when told and never by itself; its document outlives its connections, as in a page.
    """

    def __init__(self, server: RunningServer, who: Someone, case: str, document: str = "record") -> None:
        self.who = who
        self.place = (case, document)
        self.doc: Doc[Array[str]] = Doc()
        self.words = self.doc.get("a", type=Array[str])
        self.made: list[str] = []
        self.acknowledged: set[str] = set()
        self.codes: list[int] = []
        self.move_to(server)
        self._socket: ClientConnection | None = None
        self._unanswered: deque[frozenset[str]] = deque()
        self._answered = 0
        self._changed = asyncio.Condition()
        self._has_theirs = self._has_ours = False

    def move_to(self, server: RunningServer) -> None:
        """From the next connection on it is another server's client."""
        self._uri = f"{server.sockets}/yjs/{'/'.join(self.place)}?ack=1"

    @contextlib.asynccontextmanager
    async def connected(self) -> AsyncIterator[None]:
        """Connected and synced, both ways, until the block ends or the server does."""
        headers = {"Authorization": f"Bearer {self.who.token}"}
        self._socket = await connect(
            self._uri, additional_headers=headers, compression=None, max_size=None, proxy=None, ping_interval=None
        )
        self._unanswered.clear()
        self._answered = 0
        self._has_theirs = self._has_ours = False
        reading = asyncio.create_task(self._read(self._socket))
        try:
            await self._socket.send(lib0.step_1(self.doc.get_state()))
            await self.until(lambda: self._has_theirs and self._has_ours, "to be synced")
            yield
        finally:
            await self._socket.close()
            await reading

    async def write(self, word: str) -> None:
        """Append a word. Returns when few enough edits are on their way. Raises: ConnectionClosed."""
        assert self._socket is not None
        before = self.doc.get_state()
        self.words.append(word)
        self.made.append(word)
        self._unanswered.append(frozenset({word}))
        await self._socket.send(lib0.update(self.doc.get_update(before)))
        async with self._changed:
            await self._changed.wait_for(lambda: len(self._unanswered) < WINDOW or not self.is_open)

    async def until(self, condition: Callable[[], bool], what: str, *, seconds: float = 10.0) -> None:
        """Wait until `condition()` holds; looked at after each frame. Raises: TimeoutError."""
        try:
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(condition)
        except TimeoutError:
            raise TimeoutError(f"{self.who.name} at {self.place}: {what}; closed with {self.codes}") from None

    async def until_length(self, length: int) -> None:
        """Wait until it has that many words."""
        await self.until(lambda: len(self.words) >= length, f"to have {length} words")

    async def until_saved(self) -> None:
        """Wait until everything it made is acknowledged."""
        await self.until(lambda: not self._unanswered, "all to be acknowledged")

    @property
    def is_open(self) -> bool:
        """Whether the connection stands."""
        return self._socket is not None and self._socket.close_code is None

    def content(self) -> list[str]:
        """The words, in order."""
        return [str(word) for word in self.words]

    async def _read(self, socket: ClientConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for frame in socket:
                assert isinstance(frame, bytes)
                async with self._changed:
                    with contextlib.suppress(ConnectionClosed):
                        await self._hear(socket, frame)
                    self._changed.notify_all()
        self.codes.append(socket.close_code or 1006)
        async with self._changed:
            self._changed.notify_all()

    async def _hear(self, socket: ClientConnection, frame: bytes) -> None:
        kind, at = lib0.read_var_uint(frame, 0)
        if kind == ACCEPTED:
            count, _ = lib0.read_var_uint(frame, at)
            for _ in range(count - self._answered):
                self.acknowledged |= self._unanswered.popleft()
            self._answered = count
        elif kind == SYNC:
            step, at = lib0.read_var_uint(frame, at)
            payload, at = lib0.read_var_bytes(frame, at)
            assert at == len(frame), "the server says one message a frame"
            if step == STEP_1:
                self._unanswered.append(frozenset(self.made))
                await socket.send(lib0.step_2(self.doc.get_update(payload)))
                self._has_ours = True
            else:
                self.doc.apply_update(payload)
                self._has_theirs = self._has_theirs or step == STEP_2


async def read_fresh(server: RunningServer, who: Someone, case: str, document: str = "record") -> list[str]:
    """What somebody finds who comes for the first time."""
    client = YClient(server, who, case, document)
    async with client.connected():
        return client.content()
