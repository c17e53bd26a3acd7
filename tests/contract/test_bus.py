"""The bus: what a node hears of the others. One suite on memory and a real server, then what only a real one does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

import pytest

from storage.memory import MemoryExchange
from storage.ports import Bus
from storage.redis_bus import MOST_WORDS, SILENCE_SECONDS, open_redis_bus
from tests.redis_server import RedisServer, redis_server
from workspace.ids import CaseId, DocumentId, DocumentName, Seq

RECORD = DocumentId(CaseId("c" * 16), DocumentName("record"))
OTHER = DocumentId(CaseId("d" * 16), DocumentName("record"))
MISSED = "may have missed"


@dataclass
class Notes:
    """`storage.ports.Ear` that writes down what it hears."""

    heard: list[object] = field(default_factory=list)

    def rang(self, seq: Seq) -> None:
        self.heard.append(seq)

    def told(self, states: bytes) -> None:
        self.heard.append(states)

    def asked(self) -> None:
        self.heard.append("asked")

    def may_have_missed(self) -> None:
        self.heard.append(MISSED)

    def announced(self, node: bytes, word: bytes) -> None:
        self.heard.append((bool(node), word))

    async def until(self, wanted: object, *, seconds: float = 20.0) -> None:
        """Wait until it was heard. Raises: TimeoutError."""
        async with asyncio.timeout(seconds):
            while wanted not in self.heard:  # noqa: ASYNC110  (a socket sets no event of ours)
                await asyncio.sleep(0.01)


class Line(Protocol):
    """What joins the nodes of a test."""

    def node(self) -> AbstractAsyncContextManager[Bus]: ...


class MemoryLine:
    def __init__(self) -> None:
        self._exchange = MemoryExchange()

    @asynccontextmanager
    async def node(self) -> AsyncIterator[Bus]:
        yield self._exchange.bus()


class RedisLine:
    def __init__(self, url: str) -> None:
        self._url = url
        self._count = 0

    def node(self) -> AbstractAsyncContextManager[Bus]:
        self._count += 1
        return open_redis_bus(self._url, self._count.to_bytes(8, "big"))


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@pytest.fixture(params=["memory", "redis"])
def line(request: pytest.FixtureRequest) -> Line:
    if request.param == "memory":
        return MemoryLine()
    server: RedisServer = request.getfixturevalue("redis")
    return RedisLine(server.url)


@asynccontextmanager
async def two(line: Line) -> AsyncIterator[tuple[Bus, Notes, Bus, Notes]]:
    """Two nodes that both listen to the record."""
    async with line.node() as one, line.node() as other:
        mine, theirs = Notes(), Notes()
        one.join(RECORD, mine)
        other.join(RECORD, theirs)
        await mine.until(MISSED)
        await theirs.until(MISSED)
        yield one, mine, other, theirs


async def test_others_hear_what_is_said_and_oneself_does_not(line: Line) -> None:
    """[NODE-4] A bell, awareness of any bytes, a question."""
    anything = bytes(range(256)) * 40
    async with two(line) as (one, mine, _, theirs):
        one.ring(RECORD, Seq(2**40))
        one.tell(RECORD, anything)
        one.ask(RECORD)
        for word in (Seq(2**40), anything, "asked"):
            await theirs.until(word)
        assert mine.heard == [MISSED]


async def test_what_a_node_says_of_itself_is_heard_by_the_others(line: Line) -> None:
    """[NODE-10] By all who gathered, with a name for who said it, and not by itself."""
    async with two(line) as (one, mine, other, theirs):
        one.gather(mine)
        other.gather(theirs)
        one.announce(b"{}")
        await theirs.until((True, b"{}"))
        other.announce(bytes(range(256)))
        await mine.until((True, bytes(range(256))))
        assert len(theirs.heard) == len(mine.heard) == 2


async def test_a_node_hears_only_of_documents_that_are_open_there(line: Line) -> None:
    """[NODE-4]"""
    async with two(line) as (one, _, other, theirs):
        elsewhere = Notes()
        other.join(OTHER, elsewhere)
        await elsewhere.until(MISSED)
        one.ring(OTHER, Seq(1))
        await elsewhere.until(Seq(1))
        other.leave(OTHER)
        other.leave(OTHER)
        one.ring(OTHER, Seq(2))
        one.ring(RECORD, Seq(3))
        await theirs.until(Seq(3))
        assert Seq(2) not in elsewhere.heard
        assert Seq(1) not in theirs.heard


async def test_who_comes_later_is_told_that_something_may_have_been_missed(line: Line) -> None:
    """[NODE-4] Between reading the journal and listening, a bell may have rung."""
    async with two(line) as (one, _, other, theirs):
        other.leave(RECORD)
        one.ring(RECORD, Seq(1))
        again = Notes()
        other.join(RECORD, again)
        await again.until(MISSED)
        one.ring(RECORD, Seq(2))
        await again.until(Seq(2))
        assert theirs.heard == [MISSED]


async def heals(server: RedisServer, take_away: Callable[[], None], bring_back: Callable[[], None]) -> None:
    line = RedisLine(server.url)
    async with two(line) as (one, _, other, theirs):
        await until(lambda: one.is_up and other.is_up)
        take_away()
        await until(lambda: not one.is_up and not other.is_up)
        began = asyncio.get_running_loop().time()
        for number in range(2 * MOST_WORDS):
            one.ring(RECORD, Seq(number + 1))
            one.tell(RECORD, b"%d" % number)
        assert asyncio.get_running_loop().time() - began < SILENCE_SECONDS  # nobody waited for anything
        theirs.heard.clear()
        bring_back()
        await theirs.until(MISSED)
        await until(lambda: one.is_up and other.is_up)
        one.ring(RECORD, Seq(10**6))
        await theirs.until(Seq(10**6))


async def until(holds: Callable[[], bool], *, seconds: float = 30.0) -> None:
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110  (as above)
            await asyncio.sleep(0.01)


async def test_a_killed_server_is_noticed_and_its_return_too() -> None:
    """[NODE-4] kill -9, then a new process: who listened is told that it may have missed something."""
    with redis_server() as server:
        await heals(server, server.kill, server.start)


async def test_a_frozen_server_is_noticed_and_its_thaw_too() -> None:
    """[NODE-4] Connections stay open and nothing answers: only silence tells."""
    with redis_server() as server:
        await heals(server, server.freeze, server.thaw)


async def test_a_node_starts_without_a_server_and_hears_when_there_is_one() -> None:
    """[NODE-4]"""
    server = RedisServer()
    line = RedisLine(server.url)
    async with line.node() as one, line.node() as other:
        theirs = Notes()
        other.join(RECORD, theirs)
        one.ring(RECORD, Seq(1))
        await asyncio.sleep(0)
        assert not other.is_up
        server.start()
        try:
            await theirs.until(MISSED)
            one.ring(RECORD, Seq(2))
            await theirs.until(Seq(2))
        finally:
            server.kill()


async def test_what_a_stranger_says_on_the_bus_is_passed_over(redis: RedisServer) -> None:
    """[NODE-4] Whoever reaches Redis can speak there: unreadable words, unknown kinds, documents that nobody opened."""
    from redis.asyncio import Redis

    async with two(RedisLine(redis.url)) as (one, _, _, theirs), Redis.from_url(redis.url) as stranger:
        for word in (b"", b"x", b"12345678", b"12345678r", b"12345678r123", b"12345678?", b"\xff" * 100):
            await stranger.publish(f"consilium:room:{RECORD}", word)
        for channel in ("consilium:room:", "consilium:room:nonsense", b"consilium:room:\xff/x"):
            await stranger.publish(channel, b"12345678r12345678")
        one.ring(RECORD, Seq(5))
        await theirs.until(Seq(5))
        assert theirs.heard == [MISSED, Seq(5)]
