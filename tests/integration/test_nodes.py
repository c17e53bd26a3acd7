"""Two real servers on one PostgreSQL and nothing else between them: what one journals, the other shows."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack

import pytest

from tests.integration.yclient import YClient, read_fresh
from tests.postgres import Postgres
from tests.servers import People, RunningServer, add_people, start_server

EDITS = 60
PATIENCE = 30.0

Nodes = tuple[RunningServer, RunningServer, People]


@pytest.fixture(scope="module")
def nodes(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    """Two servers, each with a data folder of its own."""
    folder = tmp_path_factory.mktemp("nodes")
    url = postgres.fresh()
    settings = {"CONSILIUM_DATABASE_URL": url, "CONSILIUM_COMPACT_EVERY": "60"}
    people = add_people(url)
    with start_server(folder / "one", settings) as one, start_server(folder / "two", settings) as two:
        yield one, two, people
    postgres.clean(url)


async def until_it_has(client: YClient, words: Counter[str]) -> None:
    """Wait until it has exactly these."""
    await client.until(lambda: Counter(client.content()) == words, f"to have {words.total()} words", seconds=PATIENCE)


async def test_people_on_two_nodes_write_one_record(nodes: Nodes) -> None:
    """[NODE-1] [NODE-2] [JRN-2] All replicas end equal, also those that only read, and somebody who comes later; also
    when one node is killed, and its people go on at the other."""
    one, two, people = nodes
    case = people.open_case(one)
    writers = [YClient(one, people.lead, case), YClient(two, people.contributor, case)]
    readers = [YClient(one, people.observer, case), YClient(two, people.observer, case)]

    async def write(writer: YClient, first: int) -> None:
        for number in range(first, first + EDITS):
            await writer.write(f"{writer.who.name}.{number}")
        await writer.until_saved()

    async with AsyncExitStack() as connections:
        for client in (*writers, *readers):
            await connections.enter_async_context(client.connected())
        await asyncio.gather(*(write(writer, 0) for writer in writers))
        everything = Counter(word for writer in writers for word in writer.made)
        for client in (*writers, *readers):
            await until_it_has(client, everything)
        assert len({tuple(client.content()) for client in (*writers, *readers)}) == 1
        # One more, after a silence: no later edit of the other node tells that there is something to read.
        await writers[0].write("the last word")
        await readers[1].until(lambda: "the last word" in readers[1].content(), "to have the last", seconds=PATIENCE)

        one.kill()
        moved = YClient(two, people.lead, case)
        await connections.enter_async_context(moved.connected())
        assert Counter(moved.content()) == everything + Counter(["the last word"])
        await write(moved, EDITS)
        await readers[1].until_length(len(everything) + 1 + EDITS)
    one.start()
    assert Counter(await read_fresh(one, people.moderator, case)) == Counter(readers[1].content())
    seqs = [entry["seq"] for entry in two.history(people.lead, case)]
    assert seqs == list(range(1, len(seqs) + 1))


async def test_a_right_taken_on_one_node_ends_sessions_on_the_other(nodes: Nodes) -> None:
    """[CAS-1] [NODE-1] Notices are looked for in the database."""
    one, two, people = nodes
    case = people.open_case(one)
    client = YClient(two, people.contributor, case)
    async with client.connected():
        await asyncio.to_thread(one.set_member, case, people.lead, people.contributor, "none")
        await client.until(lambda: bool(client.codes), "to be sent away", seconds=5)
    assert client.codes == [4205]
