"""Two real servers on one PostgreSQL and one Redis: the bell rings, and what takes the bell away takes no edit."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import AsyncExitStack

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.integration.yclient import YClient, read_fresh
from tests.postgres import Postgres
from tests.redis_server import RedisServer, redis_server
from tests.servers import People, RunningServer, add_people, start_server, wait_until

EDITS = 40
PATIENCE = 60.0

Nodes = tuple[RunningServer, RunningServer, People, RedisServer]


@pytest.fixture(scope="module")
def nodes(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    """Two servers, each with a data folder of its own, that hear each other."""
    folder = tmp_path_factory.mktemp("bus")
    url = postgres.fresh()
    people = add_people(url)
    with redis_server() as redis:
        settings = {"CONSILIUM_DATABASE_URL": url, "CONSILIUM_REDIS_URL": redis.url}
        with start_server(folder / "one", settings) as one, start_server(folder / "two", settings) as two:
            yield one, two, people, redis
    postgres.clean(url)


def samples(server: RunningServer) -> Mapping[tuple[str, frozenset[tuple[str, str]]], float]:
    """All numbers of `/metrics`, by name and labels."""
    text = server.get("/metrics").body.decode()
    families = text_string_to_metric_families(text)
    return {(each.name, frozenset(each.labels.items())): each.value for family in families for each in family.samples}


def metric(server: RunningServer, name: str) -> float:
    """One number of `/metrics` without labels."""
    return samples(server)[name, frozenset()]


def until_bus(nodes: Nodes, *, is_up: bool) -> None:
    for server in nodes[:2]:
        for name in ("consilium_bus_up", "consilium_limits_up"):
            wait_until(
                lambda each=server, what=name: metric(each, what) == is_up,  # type: ignore[misc]
                seconds=30,
                what=f"{name} to be {is_up}",
            )


async def test_a_killed_and_a_frozen_redis_take_no_edit(nodes: Nodes) -> None:
    """[NODE-1] [NODE-2] [NODE-4] Written all the time on both nodes: with Redis, while it is dead, when it is back and
    empty, while it is frozen, and after. Everything is acknowledged, is there once, in one order, on both."""
    one, two, people, redis = nodes
    case = await asyncio.to_thread(people.open_case, one)
    writers = [YClient(one, people.lead, case), YClient(two, people.contributor, case)]
    numbers = itertools.count()

    async def write(writer: YClient) -> None:
        for _ in range(EDITS):
            await writer.write(f"{writer.who.name}.{next(numbers)}")
        await writer.until_saved()

    async def both_have_all() -> None:
        words = Counter(word for writer in writers for word in writer.made)
        for client in writers:
            await client.until(
                lambda each=client: Counter(each.content()) == words,  # type: ignore[misc]
                f"to have {words.total()} words",
                seconds=PATIENCE,
            )

    faults: tuple[tuple[Callable[[], None], bool], ...] = (
        (lambda: None, True),
        (redis.kill, False),
        (redis.start, True),
        (redis.freeze, False),
        (redis.thaw, True),
    )
    async with AsyncExitStack() as connections:
        for client in writers:
            await connections.enter_async_context(client.connected())
        for fault, is_up in faults:
            fault()
            await asyncio.gather(*(write(writer) for writer in writers))
            await both_have_all()
            await asyncio.to_thread(until_bus, nodes, is_up=is_up)
            assert all(client.codes == [] for client in writers)  # nobody was sent away
        assert writers[0].content() == writers[1].content()
        assert metric(two, "consilium_resyncs_total") > 0
    assert Counter(await read_fresh(two, people.moderator, case)) == Counter(writers[0].content())
    seqs = [entry["seq"] for entry in one.history(people.lead, case)]
    assert seqs == list(range(1, len(seqs) + 1))
