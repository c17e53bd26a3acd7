"""The bus on Redis: plain PUBLISH as a hint, nothing stored.

redis-py reconnects by itself without a word, and what was published meanwhile is lost; the only sign is one more
`subscribe` message. So each of those means "you may have missed something". A frozen Redis, or a line that is dead in
one direction, gives no sign at all: this node sends itself a heartbeat and takes silence for a dead line.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from storage.ports.bus import Ear, Hall
from workspace.errors import NotFound
from workspace.ids import DocumentId, Seq, parse_address

log = structlog.stdlib.get_logger(__name__)

NODE_BYTES = 8
SEQ_BYTES = 8
RING, TELL, ASK = b"r", b"t", b"a"
ROOMS, NODES, HALL = b"consilium:room:", b"consilium:node:", b"consilium:hall"
MOST_WORDS = 10_000
"""Awareness updates and announcements that wait; the oldest are dropped first, and come again with the next renewal."""
AT_ONCE = 500
"""Messages in one write."""
COMMAND_SECONDS = 1.0
HEARTBEAT_SECONDS = 1.0
SILENCE_SECONDS = 4.0
"""Three heartbeats that did not come back."""
PAUSE_SECONDS = 0.2
"""Between tries to connect."""

LOST = (RedisError, OSError, TimeoutError)


class RedisBus:
    """`storage.ports.Bus` on Redis. Made by `open_redis_bus`, whose tasks speak and listen."""

    def __init__(self, speaker: Redis, listener: Redis, node: bytes) -> None:
        self._speaker = speaker
        self._listener = listener
        self._node = node
        self._ears: dict[DocumentId, Ear] = {}
        self._hall: Hall | None = None
        self._rings: dict[DocumentId, Seq] = {}
        self._words: deque[tuple[bytes, bytes]] = deque(maxlen=MOST_WORDS)
        self._has_words = asyncio.Event()
        self._has_joined = asyncio.Event()
        self._line: PubSub | None = None
        self._followed: set[bytes] = set()
        """Topics asked for on this line, whether the server has answered or not."""
        self._new: set[bytes] = set()
        self._heard_at = 0.0
        self._is_up = False

    @property
    def is_up(self) -> bool:
        """See the port: whether this node has lately heard itself."""
        return self._is_up

    def join(self, document: DocumentId, ear: Ear) -> None:
        """See the port."""
        self._ears[document] = ear
        self._new.add(topic_of(document))
        self._has_joined.set()

    def leave(self, document: DocumentId) -> None:
        """See the port."""
        if self._ears.pop(document, None) is not None:
            self._has_joined.set()

    def ring(self, document: DocumentId, seq: Seq) -> None:
        """See the port."""
        self._rings[document] = seq
        self._has_words.set()

    def tell(self, document: DocumentId, states: bytes) -> None:
        """See the port."""
        self._say(document, TELL + states)

    def ask(self, document: DocumentId) -> None:
        """See the port."""
        self._say(document, ASK)

    def gather(self, hall: Hall) -> None:
        """See the port."""
        self._hall = hall

    def announce(self, word: bytes) -> None:
        """See the port."""
        self._words.append((HALL, self._node + word))
        self._has_words.set()

    def _say(self, document: DocumentId, word: bytes) -> None:
        self._words.append((topic_of(document), self._node + word))
        self._has_words.set()

    async def run(self) -> None:
        """Speak and listen until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._speak())
            tasks.create_task(self._listen())
            tasks.create_task(self._follow())

    async def _speak(self) -> None:
        """Whatever cannot be said now is dropped: those who missed it look into the journal."""
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._has_words.wait(), HEARTBEAT_SECONDS)
            self._has_words.clear()
            said = self._take()
            try:
                async with asyncio.timeout(COMMAND_SECONDS), self._speaker.pipeline(transaction=False) as pipeline:
                    for topic, word in said:
                        pipeline.publish(topic, word)
                    await pipeline.execute()
            except LOST as error:
                log.warning("bus.unsaid", messages=len(said), error=type(error).__name__)
                await asyncio.sleep(PAUSE_SECONDS)
            except Exception:
                log.exception("bus.speaking_failed")
                await asyncio.sleep(PAUSE_SECONDS)

    def _take(self) -> list[tuple[bytes, bytes]]:
        """What waits, bells first, and a heartbeat."""
        said = [(NODES + self._node, b"")]
        while self._rings and len(said) < AT_ONCE:
            document, seq = self._rings.popitem()
            said.append((topic_of(document), self._node + RING + seq.to_bytes(SEQ_BYTES, "big")))
        while self._words and len(said) < AT_ONCE:
            said.append(self._words.popleft())
        if self._rings or self._words:
            self._has_words.set()
        return said

    async def _listen(self) -> None:
        while True:
            try:
                async with self._listener.pubsub() as line:
                    async with asyncio.timeout(COMMAND_SECONDS):
                        await line.subscribe(NODES + self._node, HALL)
                    self._line, self._followed = line, set()
                    self._has_joined.set()
                    self._heard_at = asyncio.get_running_loop().time()
                    while True:
                        self._hear(await line.get_message(timeout=HEARTBEAT_SECONDS))
            except LOST as error:
                log.warning("bus.deaf", error=type(error).__name__)
            except Exception:  # a defect in an ear: whatever it was, later words must be heard
                log.exception("bus.hearing_failed")
            finally:
                self._line, self._is_up = None, False
            await asyncio.sleep(PAUSE_SECONDS)

    async def _follow(self) -> None:
        """Subscribe to the documents that are open here, and to no others."""
        while True:
            await self._has_joined.wait()
            self._has_joined.clear()
            line = self._line
            if line is None:
                continue  # the next line subscribes to all
            ears = {topic_of(document): ear for document, ear in self._ears.items()}
            opened, closed = ears.keys() - self._followed, self._followed - ears.keys()
            again, self._new = self._new & self._followed & ears.keys(), set()
            self._followed = set(ears)
            with suppress(*LOST):  # the listener finds the same, and starts afresh
                async with asyncio.timeout(COMMAND_SECONDS):
                    if opened:
                        await line.subscribe(*opened)
                    if closed:
                        await line.unsubscribe(*closed)
            for topic in again:  # closed and opened before anybody looked: no new subscription will say so
                ears[topic].may_have_missed()

    def _hear(self, message: Mapping[str, Any] | None) -> None:
        now = asyncio.get_running_loop().time()
        if message is None:
            if now - self._heard_at > SILENCE_SECONDS:
                raise TimeoutError
            return
        topic, data = bytes(message["channel"]), message["data"]
        if topic == NODES + self._node:
            self._heard_at, self._is_up = now, message["type"] == "message"
            return
        if now - self._heard_at > SILENCE_SECONDS:  # others are heard, but not what we say ourselves
            raise TimeoutError
        if topic == HALL:
            if self._hall is not None and message["type"] == "message" and data[:NODE_BYTES] != self._node:
                self._hall.announced(data[:NODE_BYTES], data[NODE_BYTES:])
            return
        ear = self._ear(topic)
        if ear is None:
            return
        if message["type"] == "subscribe":
            ear.may_have_missed()
        elif message["type"] == "message" and data[:NODE_BYTES] != self._node:
            _pass_on(data[NODE_BYTES:], ear)

    def _ear(self, topic: bytes) -> Ear | None:
        try:
            return self._ears.get(parse_address(topic.removeprefix(ROOMS).decode("ascii", "replace")))
        except NotFound:
            return None


def _pass_on(word: bytes, ear: Ear) -> None:
    """What cannot be read is passed over: whoever can reach Redis can speak there."""
    kind, body = word[:1], word[1:]
    if kind == RING and len(body) == SEQ_BYTES:
        ear.rang(Seq(int.from_bytes(body, "big")))
    elif kind == TELL:
        ear.told(body)
    elif kind == ASK:
        ear.asked()


def topic_of(document: DocumentId) -> bytes:
    """Where one document is spoken of."""
    return ROOMS + str(document).encode("ascii")


@asynccontextmanager
async def open_redis_bus(url: str, node: bytes) -> AsyncIterator[RedisBus]:
    """A bus that speaks and listens until the block ends. It needs no Redis to be there, and waits for none.

    `node` are 8 random bytes: a node does not hear itself. Raises: ValueError (not a Redis URL).
    """
    once = Retry(NoBackoff(), 0)
    speaker, listener = (
        Redis.from_url(url, retry=once, socket_timeout=COMMAND_SECONDS, socket_connect_timeout=COMMAND_SECONDS)
        for _ in range(2)
    )
    bus = RedisBus(speaker, listener, node)
    running = asyncio.create_task(bus.run(), name="bus")
    try:
        yield bus
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await speaker.aclose()
        await listener.aclose()
