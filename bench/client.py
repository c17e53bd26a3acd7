"""One simulated client in one room: greets, answers SyncStep1, and counts its acknowledgements."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import assert_never

from bench.line import Line, connect, framed
from bench.people import EMPTY_UPDATE
from bench.tasks import Door, Place
from bench.wires import PONG, Hocuspocus, Kind, Message, Wire, YWebsocket

JOIN_SECONDS = 30.0
JOINING_AT_ONCE = 16
"""Arbitrary; a crowd that comes in one burst would measure the listen queue."""


def wire_to(place: Place, door: Door) -> Wire:
    """The wire that a place speaks, for one document."""
    match place.wire:
        case "y-websocket":
            return YWebsocket()
        case "hocuspocus":
            return Hocuspocus(door.address, door.token)
        case name:
            assert_never(name)


class Client:
    """A connection to one document. `on_frame` sees every frame and returns the messages that matter to the client."""

    def __init__(self, place: Place, door: Door, on_frame: Callable[[bytes], Sequence[Message]] | None = None) -> None:
        self.wire = wire_to(place, door)
        self.accepted = 0
        """Acknowledgements heard: one for each SyncStep2 and Update, where the server acknowledges."""
        self.sent_at: list[float | None] = []
        """When each SyncStep2 (None) and Update was sent."""
        self.greetings = 0
        """How many of those were a SyncStep2."""
        self.ack_latencies: list[float] | None = None
        self.line: Line | None = None
        self.synced = asyncio.Event()
        self.progress: Callable[[], None] | None = None
        self._place = place
        self._door = door
        self._on_frame = on_frame or self.wire.read

    async def join(self, state: bytes | None = None) -> None:
        """Connect, say hello, and wait until the server sent what it has. Raises: ConnectionError, TimeoutError."""
        uses_header = self._place.wire == "y-websocket" and self._door.token
        headers = {"Authorization": f"Bearer {self._door.token}"} if uses_header else {}
        async with asyncio.timeout(JOIN_SECONDS):
            place = self._place
            port = self._door.port or place.port
            self.line = await connect(place.host, port, self._hear)
            await self.line.upgrade(f"{place.host}:{port}", self._door.path, headers)
            for hello in self.wire.hello():
                self.line.write(framed(hello))
            if state is not None:
                self.line.write(framed(self.wire.awareness(state)))
            self.line.lost.add_done_callback(lambda _: self.synced.set())
            await self.synced.wait()
            if self.line.lost.done():
                raise ConnectionError(self.line.lost.result())

    def send_update(self, frame: bytes) -> None:
        """Send an edit that is already framed."""
        assert self.line is not None
        self.sent_at.append(time.perf_counter())
        self.line.write(frame)

    def close(self) -> None:
        """Leave."""
        if self.line is not None:
            self.line.close()

    def _hear(self, frame: bytes) -> None:
        for message in self._on_frame(frame):
            self._act(message)

    def _act(self, message: Message) -> None:
        assert self.line is not None
        match message.kind:
            case Kind.STEP_1:
                self.sent_at.append(None)
                self.greetings += 1
                self.line.write(framed(self.wire.step2(EMPTY_UPDATE)))
            case Kind.STEP_2:
                self.synced.set()
            case Kind.ACCEPTED_ONE:
                self._accept(self.accepted + 1)
            case Kind.ACCEPTED_SO_FAR:
                self._accept(message.count)
            case Kind.PING:
                self.line.write(framed(PONG))
            case Kind.REFUSED:
                raise ConnectionError("the server refused an edit or the document")
            case _:
                pass

    def _accept(self, count: int) -> None:
        now = time.perf_counter()
        for sent_at in self.sent_at[self.accepted : count]:
            if sent_at is not None and self.ack_latencies is not None:
                self.ack_latencies.append(now - sent_at)
        self.accepted = count
        if self.progress is not None:
            self.progress()


async def join_all(clients: Sequence[tuple[Client, bytes | None]]) -> None:
    """Let everybody in, a few at a time."""
    gate = asyncio.Semaphore(JOINING_AT_ONCE)

    async def join(client: Client, state: bytes | None) -> None:
        async with gate:
            await client.join(state)

    await asyncio.gather(*(join(client, state) for client, state in clients))
