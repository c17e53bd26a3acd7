"""All parts of a cluster, in their order: what others need is there first, and goes last."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from server.cluster.balancer import Balancer, Node, open_balancer
from server.cluster.nodes import CONSILIUM, node_part, worker_part
from server.cluster.postgres import make_postgres
from server.cluster.programs import Programs
from server.cluster.redis import make_redis
from server.part import Part, PartFailed, Running

TRIES = 4
"""How often a part is started before the cluster gives up: an end that was cut off may still be going on."""
NUMBERS = ("one", "two", "three", "four", "five")

Between = Callable[[str, str, int], Awaitable[int]]
"""Something that stands between two parts: given who asks, whom, and on which port, the port to ask instead."""


async def nothing_between(_: str, __: str, port: int) -> int:
    """Parts reach each other straight."""
    return port


@dataclass(frozen=True, slots=True)
class Plan:
    """What a cluster is made of."""

    folder: Path
    programs: Programs
    nodes: int = 2
    settings: Mapping[str, str] = field(default_factory=dict)
    """`CONSILIUM_*` of every node and worker."""
    postgres_settings: Mapping[str, str] = field(default_factory=dict)
    postgres_environment: Mapping[str, str] = field(default_factory=dict)
    consilium: Sequence[str] = CONSILIUM
    """The program that nodes and workers run."""
    between: Between = nothing_between
    prepare: Callable[[str], Awaitable[None]] | None = None
    """What is done to the database, by its URL, before a node is started."""


@dataclass(slots=True)
class Cluster:
    """A cluster that runs."""

    database_url: str
    postgres: Running
    redis: Running
    nodes: Sequence[Running]
    worker: Running
    balancer: Balancer

    @property
    def parts(self) -> Sequence[Running]:
        """All that have a process of their own, in the order of their start."""
        return [self.postgres, self.redis, *self.nodes, self.worker]

    @property
    def ways(self) -> Sequence[Node]:
        """The nodes as the balancer sees them."""
        return self.balancer.nodes


@asynccontextmanager
async def open_cluster(
    plan: Plan, bound: socket.socket, changed: Callable[[Node], None] = lambda _: None
) -> AsyncIterator[Cluster]:
    """A cluster until the block ends, its balancer on `bound`. `changed` hears of nodes that become ready, or are no
    longer. Raises: PartFailed."""
    logs = plan.folder / "logs"
    logs.mkdir(exist_ok=True)
    made = await asyncio.to_thread(make_postgres, plan.folder, plan.programs)
    redis = make_redis(plan.folder, plan.programs)
    storage = made.part(plan.postgres_settings, plan.postgres_environment)
    port = int(storage.address.rpartition(":")[2])

    async def environment_of(name: str) -> Mapping[str, str]:
        database = made.url(await plan.between(name, "PostgreSQL", port))
        bus = redis.url(await plan.between(name, "Redis", redis.port))
        return {**plan.settings, "CONSILIUM_DATABASE_URL": database, "CONSILIUM_REDIS_URL": bus}

    described: list[tuple[Part, Node]] = []
    for name in (f"node {number}" for number in NUMBERS[: plan.nodes]):
        data = plan.folder / name.replace(" ", "-")
        described.append(node_part(name, data, await environment_of(name), plan.consilium))
    worker, _ = worker_part("worker", plan.folder / "worker", await environment_of("worker"), plan.consilium)
    async with _run([storage, redis.part], logs) as (postgres_runs, redis_runs):
        if plan.prepare is not None:
            await plan.prepare(made.url(port))
        async with _run([*(part for part, _ in described), worker], logs) as (*nodes, worker_runs):
            for _, node in described:
                node.is_ready = True  # it has just said so
            async with open_balancer(bound, [node for _, node in described], changed) as balancer:
                yield Cluster(made.url(port), postgres_runs, redis_runs, nodes, worker_runs, balancer)


@asynccontextmanager
async def _run(parts: Sequence[Part], logs: Path) -> AsyncIterator[Sequence[Running]]:
    """These, side by side, until the block ends."""
    running = [Running(part, logs / f"{part.name.lower().replace(' ', '-')}.log") for part in parts]
    try:
        await _start_all(running)
        yield running
    finally:
        await asyncio.gather(*(each.stop() for each in running))


async def _start_all(parts: Sequence[Running]) -> None:
    try:
        async with asyncio.TaskGroup() as tasks:
            for each in parts:
                tasks.create_task(_start(each))
    except* PartFailed as failed:
        raise PartFailed(str(failed.exceptions[0])) from failed


async def _start(running: Running) -> None:
    for number in range(1, TRIES):
        try:
            return await running.start()
        except PartFailed:
            await asyncio.sleep(number)
    return await running.start()
