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
from server.cluster.objects import make_store
from server.cluster.postgres import make_postgres
from server.cluster.programs import Programs
from server.cluster.redis import make_redis
from server.part import Part, PartFailed, Running

EMBEDDED = "embedded"
"""A node's word for a store of its own, which in a cluster is the cluster's."""
TRIES = 4
"""How often a part is started before the cluster gives up: an end that was cut off may still be going on."""
CLIENTS = "clients"
"""Who asks the balancer and the store of images from outside."""
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
    """`CONSILIUM_*` of every node and worker. Where they name a store of images, the cluster has none of its own."""
    origins: Sequence[str] = ()
    """Of pages, beside the balancer's own address."""
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
    objects: Running | None
    nodes: Sequence[Running]
    worker: Running
    balancer: Balancer

    @property
    def parts(self) -> Sequence[Running]:
        """All that have a process of their own, in the order of their start."""
        return [self.postgres, self.redis, *([self.objects] if self.objects else []), *self.nodes, self.worker]

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
    local = [f"http://{host}:{bound.getsockname()[1]}" for host in ("127.0.0.1", "localhost")]
    has_store = plan.settings.get("CONSILIUM_S3_ENDPOINT", EMBEDDED) == EMBEDDED
    store = await asyncio.to_thread(make_store, plan.folder, [*local, *plan.origins]) if has_store else None
    storage = made.part(plan.postgres_settings, plan.postgres_environment)
    port = int(storage.address.rpartition(":")[2])
    public = 0 if store is None else await plan.between(CLIENTS, "S3", store.papers.ports.s3)

    async def environment_of(name: str) -> Mapping[str, str]:
        database = made.url(await plan.between(name, "PostgreSQL", port))
        bus = redis.url(await plan.between(name, "Redis", redis.port))
        objects: Mapping[str, str] = {}
        if store is not None:
            objects = store.settings(await plan.between(name, "S3", store.papers.ports.s3), public)
        return {**plan.settings, **objects, "CONSILIUM_DATABASE_URL": database, "CONSILIUM_REDIS_URL": bus}

    described: list[tuple[Part, Node]] = []
    for name in (f"node {number}" for number in NUMBERS[: plan.nodes]):
        data = plan.folder / name.replace(" ", "-")
        described.append(node_part(name, data, await environment_of(name), plan.consilium))
    worker, _ = worker_part("worker", plan.folder / "worker", await environment_of("worker"), plan.consilium)
    async with _run([storage, redis.part], logs) as (postgres_runs, redis_runs):
        if plan.prepare is not None:
            await plan.prepare(made.url(port))
        # The store is slow to start, and nodes do not wait for it: all of them start side by side.
        others = [*([store.part] if store else []), *(part for part, _ in described), worker]
        async with _run(others, logs) as running:
            objects_runs, nodes = (running[0], running[1:-1]) if store else (None, running[:-1])
            for _, node in described:
                node.is_ready = True  # it has just said so
            async with open_balancer(bound, [node for _, node in described], changed) as balancer:
                yield Cluster(made.url(port), postgres_runs, redis_runs, objects_runs, nodes, running[-1], balancer)


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
