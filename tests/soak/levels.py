"""What a process holds at one moment, and whether it came back to what it held before.

How much more is allowed at the end, and why:

- sessions, rooms: nothing. They are counted by the server itself and have all ended.
- tasks: 3. Work that runs now and then (a renewal, a look at notices) may be on its way when it is counted.
- connections to PostgreSQL: up to the 8 that a node may hold. They are opened when needed and kept.
- connections to Redis: up to what a node may hold for its limits, and 3 of its bus, one of which may be replaced while
  it is counted. They are opened when needed and kept.
- descriptors: what those connections may add, and 8 for the child processes that squash and read records (three pipes
  each): they are ended after some minutes without work.
- memory: a tenth and 16 MiB. Neither CPython nor glibc gives every page back, and how full the rest is varies by about
  that much from one idle minute to the next. With so many visits between, what is left behind by each stands out: 1 KiB
  a visit is 9 MiB in half an hour, 15 KiB (what a first try once leaked) is 130.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

import httpx
import psutil

from server.part import Running
from storage.redis_limits import MOST_CONNECTIONS
from tests.faults.scene import Scene, read_metrics

MIB = 2**20
POOL = 8
"""Connections to PostgreSQL that a node may hold, see `storage.postgres`."""
REDIS = MOST_CONNECTIONS + 3


@dataclass(frozen=True, slots=True)
class Level:
    """One process of ours, with its children where it says so."""

    memory_mib: float
    """Resident, without children."""
    descriptors: int
    tasks: int
    sessions: int
    rooms: int
    database: int
    """Connections to PostgreSQL."""
    redis: int

    def allowed(self) -> Level:
        """The highest that it may be at the end if it was this after warming up."""
        return Level(
            memory_mib=self.memory_mib * 1.1 + 16,
            descriptors=self.descriptors + max(0, POOL - self.database) + max(0, REDIS - self.redis) + 8,
            tasks=self.tasks + 3,
            sessions=0,
            rooms=0,
            database=max(POOL, self.database),
            redis=max(REDIS, self.redis),
        )

    def beyond(self, allowed: Level) -> Mapping[str, tuple[float, float]]:
        """What is more than allowed, and by which numbers."""
        pairs = {each.name: (getattr(self, each.name), getattr(allowed, each.name)) for each in fields(self)}
        return {name: (found, most) for name, (found, most) in pairs.items() if found > most}

    def highest(self, other: Level) -> Level:
        """The greater of both in everything."""
        return Level(**{each.name: max(getattr(self, each.name), getattr(other, each.name)) for each in fields(self)})


async def read_level(scene: Scene, running: Running, http: httpx.AsyncClient) -> Level:
    """Of a node or a worker, now."""
    process = psutil.Process(running.pid)
    name = running.part.name
    numbers = await read_metrics(http, running.part.address)
    ports = [
        each.raddr.port for each in process.net_connections() if each.status == psutil.CONN_ESTABLISHED and each.raddr
    ]
    return Level(
        memory_mib=round(process.memory_info().rss / MIB, 1),
        descriptors=process.num_fds(),
        tasks=int(numbers.get("consilium_tasks", 0)),
        sessions=int(numbers.get("consilium_sessions", 0)),
        rooms=int(numbers.get("consilium_rooms", 0)),
        database=ports.count(scene.links[name, "PostgreSQL"].port),
        redis=ports.count(scene.links[name, "Redis"].port),
    )
