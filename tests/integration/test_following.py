"""Presenting on two real servers: one presenter for both, seen at once, and a view that reaches everybody and nobody
keeps."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import pytest
import redis as redis_client

from tests.integration import lib0
from tests.integration.raw import open_collab, open_yjs
from tests.postgres import Postgres
from tests.redis_server import RedisServer, redis_server
from tests.servers import People, RunningServer, Someone, add_people, start_server, wait_until

CLIENT, OTHER_CLIENT = 4_123_456_789, 77
WITHIN_SECONDS = 1.0
SEEN = "seenbynobodyelse"
"""A medium's id, as a word that is found wherever it is kept."""
VIEWS = 15

Nodes = tuple[RunningServer, RunningServer, People, RedisServer, str, Postgres]


@pytest.fixture(scope="module")
def nodes(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    """Two servers that hear each other, each with a log of its own."""
    folder = tmp_path_factory.mktemp("following")
    url = postgres.fresh()
    people = add_people(url)
    with redis_server() as redis:
        settings = {
            "CONSILIUM_DATABASE_URL": url,
            "CONSILIUM_REDIS_URL": redis.url,
            "CONSILIUM_LOG_LEVEL": "debug",
        }
        with start_server(folder / "one", settings) as one, start_server(folder / "two", settings) as two:
            yield one, two, people, redis, url, postgres
    postgres.clean(url)


def whose(server: RunningServer, person: Someone, case: str) -> tuple[str, int | None] | None:
    """The presenter, as this node says."""
    told = server.get(f"/api/cases/{case}/presenter", person.token).json()["presenter"]
    if told is None:
        return None
    assert isinstance(told, dict)
    return str(told["by"]["name"]), told["client"]


def ask(server: RunningServer, person: Someone, case: str, method: str, path: str = "", **body: object) -> int:
    """The status of an answer."""
    return server.request(method, f"/api/cases/{case}/presenter{path}", person.token, body or None).status


def view(frame: int) -> list[object]:
    """As a page packs it."""
    return [1, SEEN, frame, 256.1234, 255.5, 512, 512, 90, 1, 40, 400, None, 100.25, 200.75]


def test_one_presenter_for_both_nodes(nodes: Nodes) -> None:
    """[FOL-1] [FOL-2] [FOL-3] Begun on one, refused, taken over, given and ended on the other, and told at once."""
    one, two, people, *_ = nodes
    case = people.open_case(one)
    assert ask(one, people.lead, case, "POST", client=CLIENT) == 200
    assert whose(two, people.observer, case) == (people.lead.name, CLIENT)
    assert ask(two, people.contributor, case, "POST", client=OTHER_CLIENT) == 409
    assert ask(two, people.moderator, case, "POST", "/1/take-over", client=OTHER_CLIENT) == 200
    assert whose(one, people.observer, case) == (people.moderator.name, OTHER_CLIENT)
    assert ask(one, people.lead, case, "PUT", "/1", client=CLIENT) == 409
    assert ask(one, people.moderator, case, "POST", "/2/hand-over", to=people.consultant.id) == 200
    assert whose(two, people.lead, case) == (people.consultant.name, None)
    assert ask(two, people.consultant, case, "POST", client=5) == 200
    assert ask(one, people.consultant, case, "DELETE", "/4") == 204
    assert whose(two, people.lead, case) is None


def rows_with(postgres: Postgres, url: str, word: str) -> list[str]:
    """The tables that hold it, in whatever column."""
    named = postgres.execute("SELECT string_agg(tablename, ',') FROM pg_tables WHERE schemaname = 'public'", url=url)
    tables = named.strip().split(",")
    assert len(tables) > 20
    looks = [f"SELECT '{each}' WHERE EXISTS (SELECT FROM {each} t WHERE t::text LIKE '%{word}%')" for each in tables]
    counts = " UNION ALL ".join(looks)
    return postgres.execute(counts, url=url).split()


async def test_a_change_is_told_on_the_other_node(nodes: Nodes) -> None:
    """[FOL-4] Open pages are told within a second that there is something new to ask for."""
    one, two, people, *_ = nodes
    case = await asyncio.to_thread(people.open_case, one)
    async with await open_collab(two, people.observer, case, "discussion") as page:
        loop = asyncio.get_running_loop()
        began = loop.time()
        assert await asyncio.to_thread(ask, one, people.lead, case, "POST", client=CLIENT) == 200
        await page.heard(b"case-changed", seconds=WITHIN_SECONDS * 5)
        assert loop.time() - began < WITHIN_SECONDS * 2  # a loaded machine


async def test_a_view_reaches_the_other_node_and_stays_nowhere(nodes: Nodes) -> None:
    """[FOL-5] [FOL-9] An observer on the other node hears it, with the name that the server wrote; no log, no journal,
    no database and no Redis holds any of it."""
    one, two, people, redis, url, postgres = nodes
    case = await asyncio.to_thread(people.open_case, one)
    forged = {"id": people.moderator.id, "name": "Somebody else", "role": "lead", "color": "#000000"}
    async with (
        await open_yjs(one, people.lead, case, "discussion") as presenter,
        await open_yjs(two, people.observer, case, "discussion") as follower,
    ):
        for frame in range(1, VIEWS + 1):
            state = json.dumps({"user": forged, "view": view(frame)}, separators=(",", ":"))
            await presenter.say(lib0.awareness(CLIENT, frame, state))
        heard = await follower.heard(f'"{SEEN}",{VIEWS},'.encode())
        spelled = heard[heard.index(b"{") : heard.rindex(b"}") + 1]
        told = json.loads(spelled)
        assert told["view"] == view(VIEWS)
        assert (told["user"]["id"], told["user"]["name"]) == (people.lead.id, people.lead.name)
        assert b"Somebody else" not in heard
        kept = redis_client.Redis.from_url(redis.url)
        assert all(SEEN.encode() not in key and SEEN.encode() not in _dump(kept, key) for key in kept.scan_iter())
        kept.close()
    wait_until(
        lambda: all("session" in server.log() for server in (one, two)), seconds=10, what="a line for each session"
    )
    assert SEEN not in one.log() + two.log()
    assert one.history(people.lead, case, "discussion") == []
    assert await asyncio.to_thread(rows_with, postgres, url, SEEN) == []
    assert await asyncio.to_thread(rows_with, postgres, url, case) != []  # it would be found


def _dump(kept: redis_client.Redis, key: bytes) -> bytes:
    found = kept.dump(key)
    return found if isinstance(found, bytes) else b""
