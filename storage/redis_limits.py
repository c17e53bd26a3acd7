"""Limits on Redis: one script, and so one round trip, for each question. By Redis' own clock.

What a node counts of its sessions is one hash of its own, which dies unless the node renews it; a sum is made over the
hashes of those that live. So nothing has to be tidied up after a killed node, and a Redis that was emptied is given
again what each node knows of itself.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

import structlog
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from storage.ports.limits import AloneCounts, Charge, Key, Quota

log = structlog.stdlib.get_logger(__name__)

T = TypeVar("T")

NODES = b"consilium:counting"
"""The nodes that count, by when they will be forgotten."""
COUNTS, BUCKETS = b"consilium:counts:", b"consilium:bucket:"
ANSWER_SECONDS = 0.25
"""What somebody who wants to come in may wait for Redis."""
MOST_CONNECTIONS = 8
"""Of a node. Whoever finds none free in time is counted by the node alone, as when Redis is away."""
RENEW_SECONDS = 1.5
NODE_MILLIS = 6_000
"""Until a node that does not renew is forgotten with its sessions."""
LOST = (RedisError, OSError, TimeoutError)

_NOW = "local t = redis.call('TIME')  local now = t[1] * 1000 + math.floor(t[2] / 1000)\n"
_SPEND = f"""{_NOW}
local after, excess = {{}}, 0
for i, key in ipairs(KEYS) do
  local empty = tonumber(redis.call('GET', key) or now)
  -- A bucket is never more than full: beyond that the clock was set back.
  after[i] = math.min(math.max(empty, now), now + 60000) + tonumber(ARGV[i])
  excess = math.max(excess, after[i] - now - 60000)
end
if excess > 0 then return math.ceil(excess) end
for i, key in ipairs(KEYS) do
  redis.call('SET', key, string.format('%.3f', after[i]), 'PX', math.ceil(after[i] - now) + 1)
end
return 0
"""
_FORGIVE = """
for i, key in ipairs(KEYS) do
  local empty = redis.call('GET', key)
  if empty then redis.call('SET', key, string.format('%.3f', empty - ARGV[i]), 'KEEPTTL') end
end
"""
# ARGV: the prefix of hashes, then keys and their most. The field without a name says that the hash is whole.
_ENTER = f"""{_NOW}
if redis.call('HEXISTS', KEYS[2], '') == 0 then return -1 end
local nodes = redis.call('ZRANGEBYSCORE', KEYS[1], now, '+inf')
for i = 2, #ARGV, 2 do
  local sum = 0
  for _, node in ipairs(nodes) do
    sum = sum + tonumber(redis.call('HGET', ARGV[1] .. node, ARGV[i]) or 0)
  end
  if sum >= tonumber(ARGV[i + 1]) then return i / 2 end
end
for i = 2, #ARGV, 2 do redis.call('HINCRBY', KEYS[2], ARGV[i], 1) end
return 0
"""
# ARGV: node, then keys and how many left.
_RENEW = f"""{_NOW}
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('ZADD', KEYS[1], now + {NODE_MILLIS}, ARGV[1])
if redis.call('HEXISTS', KEYS[2], '') == 0 then return 0 end
redis.call('PEXPIRE', KEYS[2], {NODE_MILLIS})
for i = 2, #ARGV, 2 do
  if redis.call('HINCRBY', KEYS[2], ARGV[i], -ARGV[i + 1]) <= 0 then redis.call('HDEL', KEYS[2], ARGV[i]) end
end
return 1
"""


class RedisLimits(AloneCounts):
    """`storage.ports.Rates` and `SessionCounts`. Made by `open_redis_limits`, whose task renews.

    Invariant: `own` is what this node counts, whatever Redis does; while `_is_up` the hash in Redis is the same but for
    `_left`, which is on its way.
    """

    def __init__(self, redis: Redis, node: bytes) -> None:
        super().__init__()
        self._redis = redis
        self._node = node.hex().encode()
        self._counts = COUNTS + self._node
        self._left: Counter[Key] = Counter()
        self._has_left = asyncio.Event()
        self._asking = 0
        self._unasked = asyncio.Event()
        self._unasked.set()
        self._is_up = False
        self._is_stale = True
        self._spend = redis.register_script(_SPEND)
        self._forgive = redis.register_script(_FORGIVE)
        self._enter = redis.register_script(_ENTER)
        self._renew = redis.register_script(_RENEW)

    @property
    def is_up(self) -> bool:
        """See the port."""
        return self._is_up

    async def spend(self, charges: Sequence[Charge]) -> float:
        """See the port."""
        if not self._is_up or not charges:
            return 0.0
        keys = [BUCKETS + each.key for each in charges]
        answer = await self._ask(self._spend(keys, [each.millis_per_try for each in charges]))
        return 0.0 if answer is None else int(answer) / 1000

    async def forgive(self, charges: Sequence[Charge]) -> None:
        """See the port."""
        if self._is_up and charges:
            keys = [BUCKETS + each.key for each in charges]
            await self._ask(self._forgive(keys, [each.millis_per_try for each in charges]))

    async def enter(self, quotas: Sequence[Quota]) -> Key | None:
        """See the port."""
        full = self.full_here(quotas)
        if full is not None:
            return full
        if not self._is_up:
            self._is_stale = True
            return self.enter_here(quotas)
        asked = [part for quota in quotas for part in (quota.key, quota.most)]
        answer = await self._ask(self._enter([NODES, self._counts], [COUNTS, *asked]))
        if answer is None or int(answer) < 0:  # nobody answered, or nothing is known of us there
            self._is_up, self._is_stale = False, True
            return self.enter_here(quotas)
        if int(answer) > 0:
            return quotas[int(answer) - 1].key
        self.own.update(quota.key for quota in quotas)
        return None

    def leave(self, keys: Sequence[Key]) -> None:
        """See the port."""
        super().leave(keys)
        self._left.update(keys)
        self._has_left.set()

    async def _ask(self, question: Awaitable[T]) -> T | None:
        """The answer, in time, or None: then the others are not asked again until Redis was heard."""
        self._asking += 1
        self._unasked.clear()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await question
        except LOST as error:
            log.warning("limits.alone", error=type(error).__name__)
            self._is_up, self._is_stale = False, True
            return None
        except asyncio.CancelledError:  # whoever asked is gone, and may have been counted there
            self._is_stale = True
            raise
        finally:
            self._asking -= 1
            if not self._asking:
                self._unasked.set()

    async def run(self) -> None:
        """Renew what is counted until cancelled, and tell what left."""
        while True:
            try:
                async with asyncio.timeout(RENEW_SECONDS):
                    await self._tell()
            except LOST as error:
                log.warning("limits.unheard", error=type(error).__name__)
                self._is_up, self._is_stale = False, True
            except Exception:  # a defect of ours: later counts must be told
                log.exception("limits.telling_failed")
                self._is_up, self._is_stale = False, True
            with suppress(TimeoutError):
                await asyncio.wait_for(self._has_left.wait(), RENEW_SECONDS)
                await asyncio.sleep(ANSWER_SECONDS / 10)  # when many leave at once, they are told together

    async def end(self) -> None:
        """This node is no more: nobody has to wait for it to be forgotten."""
        with suppress(*LOST):
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._redis.delete(self._counts)

    async def _tell(self) -> None:
        self._has_left.clear()
        left, self._left = self._left, Counter()
        if not self._is_stale:
            gone = [part for key, count in left.items() for part in (key, count)]
            if not await self._renew([NODES, self._counts], [self._node, *gone]):
                self._is_stale = True
        if self._is_stale:
            await self._tell_all()
        self._is_up = True

    async def _tell_all(self) -> None:
        """Put what this node counts in the place of whatever Redis has of it. Nobody asks meanwhile: an answer that
        came after would count a session that is in there already."""
        self._is_up = False
        await self._unasked.wait()
        while self._is_stale:
            self._is_stale = False
            self._left.clear()
            async with self._redis.pipeline(transaction=True) as pipeline:
                pipeline.delete(self._counts)
                pipeline.hset(self._counts, items=[b"", 1, *(part for counted in self.own.items() for part in counted)])
                pipeline.pexpire(self._counts, NODE_MILLIS)
                await pipeline.execute()
            # Who came or left meanwhile was counted here alone.
            self._is_stale = self._is_stale or bool(self._left)
            await self._renew([NODES, self._counts], [self._node])


@asynccontextmanager
async def open_redis_limits(url: str, node: bytes) -> AsyncIterator[RedisLimits]:
    """Limits that are renewed until the block ends. They need no Redis to be there, and wait for none.

    Raises: ValueError (not a Redis URL).
    """
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=MOST_CONNECTIONS,
        timeout=ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 0),
        socket_timeout=RENEW_SECONDS,
        socket_connect_timeout=ANSWER_SECONDS,
    )
    redis = Redis.from_pool(pool)
    limits = RedisLimits(redis, node)
    renewing = asyncio.create_task(limits.run(), name="limits")
    try:
        yield limits
    finally:
        renewing.cancel()
        with suppress(asyncio.CancelledError):
            await renewing
        await limits.end()
        await redis.aclose()
