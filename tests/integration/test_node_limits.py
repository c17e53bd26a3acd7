"""Two real servers on one PostgreSQL and one Redis: limits that hold over both, who is in a case, and rights that are
taken away, with Redis and without."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack

import pytest
from websockets.exceptions import ConnectionClosed

from tests.integration.raw import open_yjs
from tests.integration.test_bus_nodes import Nodes, until_bus
from tests.integration.test_notices import AT_ONCE, code_of, sign_in, watch
from tests.integration.yclient import YClient
from tests.postgres import Postgres
from tests.redis_server import redis_server
from tests.servers import PASSWORD, RunningServer, Someone, add_people, start_server, wait_until

TRIES = 6
SETTINGS = {
    "CONSILIUM_SIGN_INS_PER_MINUTE": str(TRIES),
    "CONSILIUM_MAX_SESSIONS_PER_PERSON": "3",
    "CONSILIUM_MAX_SESSIONS_PER_ROOM": "5",
    "CONSILIUM_MAX_SESSIONS": "8",
}
FORGOTTEN_SECONDS = 25.0
"""A killed node is forgotten in six; a loaded machine gets the rest."""


@pytest.fixture
def nodes(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    """Two servers, each with a data folder of its own, where little is allowed."""
    folder = tmp_path_factory.mktemp("limits")
    url = postgres.fresh()
    people = add_people(url)
    with redis_server() as redis:
        settings = SETTINGS | {"CONSILIUM_DATABASE_URL": url, "CONSILIUM_REDIS_URL": redis.url}
        with start_server(folder / "one", settings) as one, start_server(folder / "two", settings) as two:
            until_bus((one, two, people, redis), is_up=True)
            yield one, two, people, redis
    postgres.clean(url)


def guess(server: RunningServer, who: Someone, password: str = "a wrong guess") -> int:
    """The status of a try to sign in."""
    return server.request("POST", "/api/sign-in", body={"email": who.email, "password": password}).status


def let_through(nodes: Nodes, who: Someone) -> tuple[int, float]:
    """How many guesses are looked at of many on both nodes in turn; and how many more leaked out meanwhile."""
    began = time.monotonic()
    answers = [guess(server, who) for _ in range(TRIES) for server in nodes[:2]]
    assert set(answers) <= {401, 429}
    return answers.count(401), (time.monotonic() - began) * TRIES / 60


def test_sign_ins_are_counted_over_nodes_and_without_redis_on_each(nodes: Nodes) -> None:
    """[NODE-8] [ACC-4] [AUT-4] Whoever goes from node to node has no more guesses. While Redis is frozen each node has
    its own count, nobody waits long for it, and a good sign-in goes on; when it is back the nodes count together."""
    one, two, people, redis = nodes
    looked_at, leaked = let_through(nodes, people.lead)
    assert TRIES <= looked_at <= TRIES + leaked
    assert guess(two, people.contributor, PASSWORD) == 200

    redis.freeze()
    until_bus(nodes, is_up=False)
    began = time.monotonic()
    assert guess(one, people.contributor, PASSWORD) == 200
    assert time.monotonic() - began < 5
    assert let_through(nodes, people.contributor)[0] == 2 * TRIES
    assert let_through(nodes, people.contributor)[0] < TRIES, "without Redis nothing is limited"

    redis.thaw()
    until_bus(nodes, is_up=True)
    looked_at, leaked = let_through(nodes, people.consultant)
    assert TRIES <= looked_at <= TRIES + leaked


async def test_sessions_are_counted_over_nodes(nodes: Nodes) -> None:
    """[NODE-9] Of a person, a room and the installation; who leaves makes room on the other node, and so does a node
    that is killed; without Redis each node counts its own."""
    one, two, people, redis = nodes
    case, other = people.open_case(one), people.open_case(one)
    async with AsyncExitStack() as stack:

        async def enter(server: RunningServer, who: Someone, where: str = case) -> None:
            await stack.enter_async_context(YClient(server, who, where).connected())

        async def code(server: RunningServer, who: Someone, where: str = case) -> int:
            async with await open_yjs(server, who, where) as raw:
                return await raw.closed()

        async def until_let_in(server: RunningServer, who: Someone, where: str = case) -> None:
            """Somebody else's leaving may be on its way."""
            async with asyncio.timeout(FORGOTTEN_SECONDS):
                while True:
                    try:
                        await enter(server, who, where)
                    except (TimeoutError, ConnectionClosed):  # before, or after, the greeting went out
                        continue
                    return

        for server in (one, two, one):
            await enter(server, people.lead)
        assert await code(two, people.lead, other) == 4429
        async with YClient(two, people.contributor, case).connected():
            await enter(two, people.consultant)
            assert await code(one, people.observer) == 4429
        await until_let_in(one, people.observer)
        assert await code(two, people.moderator) == 4429
        for who in (people.contributor, people.consultant, people.observer):
            await enter(two, who, other)
        assert await code(one, people.moderator, other) == 1013  # all eight of the installation

        one.kill()
        await until_let_in(two, people.moderator, other)

        await asyncio.to_thread(redis.kill)
        await asyncio.to_thread(one.start)
        await enter(one, people.lead, other)
        redis.start()


def here(server: RunningServer, who: Someone, case: str) -> list[str]:
    """Who is in it now, as the list says."""
    cases = server.get("/api/cases", who.token).json()["cases"]
    assert isinstance(cases, list)
    line = next(each for each in cases if each["id"] == case)
    return sorted(card["name"] for card in line["here"])


async def test_a_list_says_who_is_in_a_case_on_another_node(nodes: Nodes) -> None:
    """[NODE-10] [LST-13] Also where nobody has the case open; not who left, and soon not who was on a node that was
    killed."""
    one, two, people, _ = nodes
    case = people.open_case(one)

    async def until_here(*names: str) -> None:
        wanted = sorted(names)
        await asyncio.to_thread(
            wait_until,
            lambda: here(two, people.observer, case) == wanted,
            seconds=FORGOTTEN_SECONDS,
            what=lambda: f"{here(two, people.observer, case)} to be {wanted}",
        )

    async with YClient(one, people.lead, case).connected():
        async with YClient(one, people.contributor, case, "discussion").connected():
            await until_here(people.lead.name, people.contributor.name)
        await until_here(people.lead.name)
        one.kill()
        await until_here()
    one.start()


@pytest.mark.parametrize("is_redis_there", [True, False])
async def test_what_is_taken_away_on_one_node_is_gone_on_the_other_within_a_second(
    nodes: Nodes, *, is_redis_there: bool
) -> None:
    """[NODE-20] [ROOM-10] [ACC-22] A right in a case, and a sign-in: what carries that is the database, so Redis may be
    dead."""
    one, two, people, redis = nodes
    case = people.open_case(one)
    cookie = sign_in(one, people.contributor)
    if not is_redis_there:
        redis.kill()
        until_bus(nodes, is_up=False)
    client = YClient(two, people.contributor, case)
    with ExitStack() as stack:
        page = stack.enter_context(watch(two, cookie))
        await asyncio.to_thread(page.recv, 15.0)
        async with client.connected():
            await asyncio.to_thread(one.set_member, case, people.lead, people.contributor, "none")
            done = time.monotonic()
            await client.until(lambda: bool(client.codes), "to be sent away", seconds=5)
            assert time.monotonic() - done < AT_ONCE
        assert client.codes == [4205]

        await asyncio.to_thread(one.request, "DELETE", "/api/me/sign-ins", people.contributor.token)
        done = time.monotonic()
        assert await asyncio.to_thread(code_of, page) == 4205
        assert time.monotonic() - done < AT_ONCE
    with watch(two, cookie) as page:
        assert code_of(page) == 4401
