"""A client of one document over either wire, which comes back by itself as a page does, and keeps exact books: what it
wrote and when, when it was told that this is saved, and when it was shown what others wrote."""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass

from pycrdt import Doc, Text, TextEvent
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from bench.lib0 import var_string
from bench.wires import CLOSE, PONG, Hocuspocus, Kind, Message, Wire, WireName, YWebsocket
from tests.servers import Someone

TOKEN = re.compile(r"<[a-z]+\.\d+>")
"""One edit: unique in its document, and never parted."""
SILENCE_SECONDS = 4.0
"""How long a client that waits for something bears to hear nothing before it connects afresh. Pages bear 30 s."""
CONNECT_SECONDS = 5.0
PAUSE_SECONDS = (0.1, 0.6)


@dataclass(frozen=True, slots=True)
class Place:
    """One document of one case."""

    case: str
    document: str

    @property
    def address(self) -> str:
        """As both wires spell it."""
        return f"{self.case}/{self.document}"


class Writer:
    """One client. It connects, and connects again, until its `run` is cancelled."""

    def __init__(self, port: int, who: Someone, place: Place, wire: WireName, name: str) -> None:
        self.place = place
        self.name = name
        self.made: dict[str, float] = {}
        """When each edit of its own was written, by the wall clock, as all times here."""
        self.acknowledged: dict[str, float] = {}
        self.shown: dict[str, float] = {}
        """When each edit of somebody else came."""
        self.breaks = 0
        """Connections that ended, or could not be made."""
        self.trouble: list[str] = []
        """What must never happen: refusals, and frames that cannot be read."""
        self.heard = asyncio.Event()
        self.port = port
        self._who = who
        self._wire_name = wire
        self._doc: Doc[Text] = Doc()
        self._text = self._doc.get("t", type=Text)
        self._text.observe(self._note)
        self._is_own = False
        self._socket: ClientConnection | None = None
        self._unanswered: deque[frozenset[str]] = deque()
        self._so_far = 0
        self._is_synced = self._has_greeted = False
        self._heard_at = 0.0

    @property
    def text(self) -> str:
        """The document's text."""
        return str(self._text)

    @property
    def in_flight(self) -> int:
        """Its own edits that nobody has called saved yet."""
        return len(self.made) - len(self.acknowledged)

    @property
    def is_settled(self) -> bool:
        """Connected, with nothing left to say or to hear that it knows of."""
        return self._is_synced and self._has_greeted and not self._unanswered and not self.in_flight

    @property
    def is_synced(self) -> bool:
        """Connected, and told what the server had then."""
        return self._is_synced and self._has_greeted

    async def run(self) -> None:
        """Be there until cancelled."""
        while True:
            with suppress(OSError, WebSocketException, TimeoutError, ExceptionGroup):
                await self._visit()
            self._socket = None
            self._is_synced = self._has_greeted = False
            self.breaks += 1
            self.heard.set()
            await asyncio.sleep(random.uniform(*PAUSE_SECONDS))

    async def write(self) -> None:
        """One edit at the end of the text: at once here, and on the wire if there is one; else it goes with the next
        greeting."""
        token = f"<{self.name}.{len(self.made)}>"
        before = self._doc.get_state()
        self._is_own = True
        self._text += token
        self._is_own = False
        self.made[token] = time.time()
        socket = self._socket
        if socket is not None and self._has_greeted:
            self._unanswered.append(frozenset({token}))
            with suppress(WebSocketException, TimeoutError):
                async with asyncio.timeout(SILENCE_SECONDS):
                    await socket.send(self._wire.update(self._doc.get_update(before)))

    @property
    def _wire(self) -> Wire:
        return YWebsocket() if self._wire_name == "y-websocket" else Hocuspocus(self.place.address, self._who.token)

    async def _visit(self) -> None:
        path = f"/yjs/{self.place.address}?ack=1" if self._wire_name == "y-websocket" else "/collab"
        headers = {"Authorization": f"Bearer {self._who.token}"} if self._wire_name == "y-websocket" else {}
        opening = connect(
            f"ws://127.0.0.1:{self.port}{path}",
            additional_headers=headers,
            compression=None,
            max_size=None,
            proxy=None,
            ping_interval=None,
            open_timeout=CONNECT_SECONDS,
            close_timeout=0.5,
        )
        async with opening as socket:
            self._unanswered.clear()
            self._so_far, self._heard_at = 0, time.monotonic()
            self._socket, wire = socket, self._wire
            for frame in wire.hello():
                await socket.send(frame)
            while True:
                waits = bool(self._unanswered) or not self.is_synced
                try:
                    async with asyncio.timeout(0.5):
                        frame_ = await socket.recv()
                except TimeoutError:
                    if waits and time.monotonic() - self._heard_at > SILENCE_SECONDS:
                        return
                    continue
                self._heard_at = time.monotonic()
                assert isinstance(frame_, bytes)
                if self._is_ended(frame_):
                    return
                for message in wire.read(frame_):
                    await self._act(socket, wire, message)
                self.heard.set()

    def _is_ended(self, frame: bytes) -> bool:
        """On Hocuspocus the socket stays when a document is closed; its provider comes back for the document."""
        prefix = var_string(self.place.address)
        return self._wire_name == "hocuspocus" and frame.startswith(prefix) and frame[len(prefix)] == CLOSE

    async def _act(self, socket: ClientConnection, wire: Wire, message: Message) -> None:
        match message.kind:
            case Kind.STEP_1:
                self._unanswered.append(frozenset(self.made.keys() - self.acknowledged.keys()))
                self._has_greeted = True
                await socket.send(wire.step2(self._doc.get_update(message.data)))
            case Kind.STEP_2 | Kind.UPDATE:
                self._doc.apply_update(message.data)
                self._is_synced |= message.kind is Kind.STEP_2
            case Kind.ACCEPTED_ONE:
                self._accept(1)
            case Kind.ACCEPTED_SO_FAR:
                self._accept(message.count - self._so_far)
                self._so_far = message.count
            case Kind.PING:
                await socket.send(PONG)
            case Kind.REFUSED:
                self.trouble.append("refused")
            case _:
                pass

    def _accept(self, count: int) -> None:
        now = time.time()
        for _ in range(count):
            for token in self._unanswered.popleft():
                self.acknowledged.setdefault(token, now)

    def _note(self, event: TextEvent) -> None:
        if not self._is_own:
            now = time.time()
            for change in event.delta:  # type: ignore[attr-defined]
                for token in TOKEN.findall(str(change.get("insert", ""))):
                    self.shown.setdefault(token, now)
