"""Limits over all nodes: one suite on memory and a real server, then what only a real one does."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Protocol

import pytest
from redis.asyncio import Redis

from storage.memory.limits import MemoryCounter, MemoryLimits
from storage.ports.limits import AloneCounts, Charge, Key, Quota, key_of
from storage.redis_limits import ANSWER_SECONDS, RedisLimits, open_redis_limits
from tests.redis_server import RedisServer, redis_server

SLOW = Charge(key_of("account", "ada@example.org"), 6_000.0)
"""Ten a minute."""
PATIENCE = 30.0


class Counting(Protocol):
    """What nodes count on together."""

    def node(self) -> AbstractAsyncContextManager[AloneCounts]: ...


class InMemory:
    def __init__(self) -> None:
        self._counter = MemoryCounter(lambda: 1_000_000.0)

    @asynccontextmanager
    async def node(self) -> AsyncIterator[MemoryLimits]:
        node = self._counter.node()
        yield node
        node.die()


class OnRedis:
    def __init__(self, url: str) -> None:
        self._url = url

    @asynccontextmanager
    async def node(self) -> AsyncIterator[RedisLimits]:
        async with open_redis_limits(self._url, os.urandom(8)) as limits:
            await until(lambda: limits.is_up)
            yield limits


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110  (a socket sets no event of ours)
            await asyncio.sleep(0.01)


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@pytest.fixture(params=["memory", "redis"])
def counting(request: pytest.FixtureRequest) -> object:
    if request.param == "memory":
        return InMemory()
    server: RedisServer = request.getfixturevalue("redis")
    server.flush()
    return OnRedis(server.url)


@asynccontextmanager
async def nodes(counting: Counting, count: int = 2) -> AsyncIterator[Sequence[AloneCounts]]:
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(counting.node()) for _ in range(count)]


async def tries(node: AloneCounts, *charges: Charge) -> int:
    """How many are let through."""
    for count in range(1_000):
        if await node.spend(charges):
            return count
    return 1_000


async def test_tries_are_counted_over_all_nodes(counting: Counting) -> None:
    """[NODE-8] [ACC-4] As many at once as a minute brings, wherever they are made; it says how long to wait."""
    async with nodes(counting, 3) as (one, two, three):
        for node in (one, two, three):
            for _ in range(3):
                assert await node.spend([SLOW]) == 0
        assert await one.spend([SLOW]) == 0
        for node in (one, two, three):
            assert 0 < await node.spend([SLOW]) <= 6
        assert await two.spend([Charge(key_of("account", "ben@example.org"), 6_000.0)]) == 0


async def test_a_try_is_counted_in_all_buckets_or_in_none(counting: Counting) -> None:
    """[NODE-8] [ACC-4] Whoever is refused for one costs the others nothing; a forgiven try was none."""
    network = Charge(key_of("network"), 2_000.0)
    async with nodes(counting) as (one, two):
        assert await tries(one, network, SLOW) == 10
        assert await tries(two, network) == 20
        await two.forgive([network])
        assert await tries(one, network) == 1
        for _ in range(3):
            await one.forgive([SLOW])
        assert await tries(two, SLOW) == 3


async def test_many_at_once_get_no_more_than_there_is(counting: Counting) -> None:
    """[NODE-8] Tries and sessions."""
    async with nodes(counting) as (one, two):
        waits = await asyncio.gather(*(node.spend([SLOW]) for _ in range(20) for node in (one, two)))
        assert waits.count(0) == 10
        asked = (node.enter([Quota(key_of("ada"), 7)]) for _ in range(20) for node in (one, two))
        answers = await asyncio.gather(*asked)
        assert answers.count(None) == 7


async def test_sessions_are_counted_over_all_nodes(counting: Counting) -> None:
    """[NODE-9] Under each key, or under none: the first that is full is named. Who leaves makes room."""
    ada, ben, everybody = key_of("person", "ada"), key_of("person", "ben"), key_of("all")
    async with nodes(counting) as (one, two):
        for node in (one, two, one):
            assert await node.enter([Quota(ada, 3), Quota(everybody, 4)]) is None
        assert await two.enter([Quota(ada, 3), Quota(everybody, 4)]) == ada
        assert await two.enter([Quota(ben, 3), Quota(everybody, 4)]) is None
        assert await one.enter([Quota(ben, 3), Quota(everybody, 4)]) == everybody
        two.leave([ada, everybody])
        await entered(one, [Quota(ben, 3), Quota(everybody, 4)])
        assert await one.enter([Quota(key_of("person", "cleo"), 3), Quota(everybody, 4)]) == everybody


async def entered(node: AloneCounts, quotas: Sequence[Quota]) -> None:
    """Somebody else may still be on the way out."""
    async with asyncio.timeout(PATIENCE):
        while await node.enter(quotas) is not None:  # noqa: ASYNC110  (as above)
            await asyncio.sleep(0.05)


async def test_who_stops_leaves_nothing_behind(counting: Counting) -> None:
    """[NODE-9]"""
    async with nodes(counting, 1) as (one,):
        async with nodes(counting, 1) as (two,):
            assert await two.enter([Quota(key_of("ada"), 1)]) is None
            assert await one.enter([Quota(key_of("ada"), 1)]) == key_of("ada")
        await entered(one, [Quota(key_of("ada"), 1)])


def test_what_is_counted_has_no_name() -> None:
    """[NODE-8] A digest, and of one thing only one."""
    assert not any(part in bytes(key_of("account", "ada@example.org")) for part in (b"ada", b"account"))
    names = [("a", "bc"), ("ab", "c"), ("abc",), ("", "abc")]
    assert len({key_of(*parts) for parts in names}) == 4
    assert key_of("a", b"b") == key_of("a", "b")


class TestRedis:
    async def test_a_killed_node_is_forgotten(self, redis: RedisServer) -> None:
        """[NODE-9] Within seconds, by Redis' clock: nobody has to tidy up after it."""
        redis.flush()
        async with OnRedis(redis.url).node() as one, open_redis_limits(redis.url, os.urandom(8)) as killed:
            await until(lambda: killed.is_up)
            assert await killed.enter([Quota(key_of("ada"), 1)]) is None
            tasks = [task for task in asyncio.all_tasks() if task.get_name() == "limits"]
            tasks[-1].cancel()  # it renews no more
            assert await one.enter([Quota(key_of("ada"), 1)]) == key_of("ada")
            await entered(one, [Quota(key_of("ada"), 1)])

    @pytest.mark.parametrize("fault", ["killed", "frozen"])
    async def test_without_redis_each_node_counts_for_itself_and_all_heals(self, fault: str) -> None:
        """[NODE-8] [NODE-9] Nobody waits long, limits hold on each node alone, and when it is back, empty, what each
        node knows of itself counts again; also what came and left meanwhile."""
        ada, ben = key_of("ada"), key_of("ben")
        with redis_server() as server:
            async with nodes(OnRedis(server.url)) as (one, two):
                assert isinstance(one, RedisLimits)
                assert isinstance(two, RedisLimits)
                assert await one.enter([Quota(ada, 2)]) is None
                assert await one.enter([Quota(ben, 9)]) is None
                (server.kill if fault == "killed" else server.freeze)()
                began = asyncio.get_running_loop().time()
                assert await one.enter([Quota(ada, 2)]) is None
                assert await one.enter([Quota(ada, 2)]) == ada
                assert await two.enter([Quota(ada, 2)]) is None
                assert await tries(one, SLOW) == 1_000, "without the others there is no common bucket"
                assert asyncio.get_running_loop().time() - began < 20 * ANSWER_SECONDS
                one.leave([ben])
                (server.start if fault == "killed" else server.thaw)()
                await until(lambda: one.is_up and two.is_up)
                assert await two.enter([Quota(ada, 3)]) == ada
                assert await two.enter([Quota(ada, 4)]) is None
                await entered(two, [Quota(ben, 1)])
                assert await tries(one, SLOW) == 10

    async def test_a_redis_that_was_emptied_is_told_again(self, redis: RedisServer) -> None:
        """[NODE-9] Another kind of forgetting: it is there, and knows nothing."""
        redis.flush()
        async with nodes(OnRedis(redis.url)) as (one, two):
            assert await one.enter([Quota(key_of("ada"), 1)]) is None
            redis.flush()
            assert await two.enter([Quota(key_of("ben"), 1)]) is None
            await until_counted(redis, key_of("ada"), 1)
            await until_counted(redis, key_of("ben"), 1)
            assert await two.enter([Quota(key_of("ada"), 1)]) == key_of("ada")

    async def test_nothing_is_kept_of_what_was_counted_and_left(self, redis: RedisServer) -> None:
        """[NODE-8] [NODE-9] Only digests and numbers, and no more of them than there are; buckets go when they are
        empty."""
        redis.flush()
        async with nodes(OnRedis(redis.url), 1) as (one,):
            for name in ("ada", "ben"):
                assert await one.enter([Quota(key_of(name), 5)]) is None
            await one.spend([Charge(key_of("account", "ada@example.org"), 50.0)])
            one.leave([key_of("ben")])
            await until_counted(redis, key_of("ben"), 0)
            await until_counted(redis, key_of("ada"), 1)
            async with Redis.from_url(redis.url) as client:
                everything = repr(await client.keys(b"*"))
                async with asyncio.timeout(PATIENCE):
                    while await client.keys(b"consilium:bucket:*"):  # noqa: ASYNC110  (as above)
                        await asyncio.sleep(0.05)
        assert "@" not in everything
        assert "ada" not in everything


async def until_counted(redis: RedisServer, key: Key, wanted: int) -> None:
    """Until all nodes together count so many."""
    async with Redis.from_url(redis.url) as client, asyncio.timeout(PATIENCE):
        while True:
            hashes = [await client.hget(name, key) for name in await client.keys(b"consilium:counts:*")]
            if sum(int(count or 0) for count in hashes) == wanted:
                return
            await asyncio.sleep(0.05)
