"""A PostgreSQL taken back to a moment, by the commands of `docs/backup.md` as they stand there, under nodes and
clients."""

from __future__ import annotations

import asyncio
import os
import pwd
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from tests.integration.test_backup import refused
from tests.integration.test_cli import complaint, consilium
from tests.integration.test_postgres import write_until
from tests.integration.yclient import YClient, read_fresh
from tests.postgres import Postgres, running_postgres
from tests.servers import PASSWORD, ROOT, People, RunningServer, Someone, add_people, start_server

PAGE = (ROOT / "docs" / "backup.md").read_text()
BLOCKS = dict(re.findall(r"^```sh name=(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
FAST = {"CONSILIUM_MAX_FRAMES_PER_SECOND": "100000", "CONSILIUM_FRAME_BURST": "100000", "CONSILIUM_COMPACT_EVERY": "60"}
BEFORE = 120
ROLES = ("lead", "contributor")


@dataclass(slots=True)
class House:
    """Two nodes on a PostgreSQL with its own archive, and an operator's shell."""

    postgres: Postgres
    url: str
    people: People
    nodes: tuple[RunningServer, RunningServer]
    folder: Path
    ran: list[str]

    @property
    def data(self) -> Path:
        """What the page calls PGDATA."""
        return self.postgres.folder / "data"

    def run(self, block: str, *, as_owner: bool = False, **more: str) -> str:
        """Run a block of the page, as whoever owns the database's files or as ourselves. What it printed."""
        database = self.url.partition("@/")[2].partition("?")[0]
        programs = [str(self.postgres.programs), str(Path(sys.executable).parent)]
        environment = {
            "PATH": os.pathsep.join([*programs, os.environ["PATH"]]),
            "PGHOST": str(self.postgres.folder),
            "PGUSER": "consilium",
            "PGDATABASE": database,
            "PGDATA": str(self.data),
            "ARCHIVE": str(self.folder / "archive"),
            "BASE": str(self.folder / "base"),
            "CONSILIUM_DATABASE_URL": self.url,
            "CONSILIUM_DATA": str(self.folder / "operator"),
        }
        done = subprocess.run(
            ["bash", "-euc", BLOCKS[block]],
            cwd=self.postgres.folder,
            env=environment | more,
            user=self.postgres.owner if as_owner else None,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        assert done.returncode == 0, f"{block}: {done.stdout}{done.stderr}"
        self.ran.append(block)
        return done.stdout

    def sign_in(self, who: Someone) -> Someone:
        """The same person with a fresh token."""
        return replace(who, token=self.nodes[0].command("token", who.email))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with running_postgres() as postgres, ExitStack() as running:
        url = postgres.fresh()
        folder = postgres.folder / "kept"
        for each in (folder, folder / "archive", folder / "base"):
            each.mkdir()
            if postgres.owner is not None:
                os.chown(each, pwd.getpwnam(postgres.owner).pw_uid, -1)
        people = add_people(url)
        settings = FAST | {"CONSILIUM_DATABASE_URL": url}
        one, two = (running.enter_context(start_server(tmp_path / name, settings)) for name in ("one", "two"))
        yield House(postgres, url, people, (one, two), folder, [])


async def until(house: House, writers: list[YClient], more: int) -> None:
    """Wait for so many more acknowledgements."""
    goal = acknowledged(writers) + more
    await writers[0].until(lambda: acknowledged(writers) >= goal, "more to be acknowledged", seconds=60)


def acknowledged(writers: list[YClient]) -> int:
    return sum(len(writer.acknowledged) for writer in writers)


def lose(house: House, disaster: str) -> None:
    """What nobody wished for."""
    match disaster:
        case "the tables are dropped":
            house.postgres.execute("DROP TABLE entries, documents, credentials CASCADE", url=house.url)
            house.run("last")
            house.postgres.stop()
            house.data.rename(house.folder / "dropped")
        case _:
            house.run("last")  # as the minute would have had it
            house.postgres.kill()
            shutil.rmtree(house.data)


@dataclass(slots=True)
class Books:
    """What must be there after the recovery, and what must not."""

    case: str
    writers: list[YClient]
    cookie: str = ""
    moment: str = ""
    must: list[set[str]] = field(default_factory=list)
    """Of each writer what was acknowledged before the moment."""
    made: list[int] = field(default_factory=list)
    """How many each had made when the moment was over."""


async def write_through_a_moment(house: House) -> Books:
    """Two people write on two nodes all the time: a base backup is taken, the moment passes, one of them signs out."""
    one, people = house.nodes[0], house.people
    case = people.open_case(one)
    writers = [YClient(node, getattr(people, role), case) for node, role in zip(house.nodes, ROLES, strict=True)]
    books = Books(case, writers)
    is_over = asyncio.Event()
    writing = [asyncio.create_task(write_until(writer, is_over)) for writer in writers]
    await until(house, writers, BEFORE)
    await asyncio.to_thread(house.run, "base", as_owner=True)
    await until(house, writers, BEFORE)
    books.cookie = await asyncio.to_thread(sign_in_with_a_cookie, one, people.lead)
    books.must = [set(writer.acknowledged) for writer in writers]
    books.moment = await asyncio.to_thread(house.postgres.execute, "SELECT clock_timestamp()", url=house.url)
    books.made = [len(writer.made) for writer in writers]
    await until(house, writers, BEFORE)
    assert await asyncio.to_thread(status_of, one, "POST", "/api/sign-out", books.cookie) in (200, 204)
    is_over.set()
    await asyncio.gather(*writing)
    return books


@pytest.mark.timeout(300)
@pytest.mark.parametrize("disaster", ["the tables are dropped", "the data folder is deleted"])
async def test_a_database_is_taken_back_to_just_before_a_disaster(
    house: House, disaster: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """[BAK-7] [BAK-5] [BAK-6] [JRN-2] Every edit that was acknowledged before the moment is there, none that was made
    after it. Nobody is signed in, signed out sessions least of all; old clients are told where the record went on, and
    all write on, on both nodes."""
    one, people = house.nodes[0], house.people
    await asyncio.to_thread(house.run, "archive")
    await asyncio.to_thread(house.postgres.stop)
    await asyncio.to_thread(house.postgres.start)
    await asyncio.to_thread(one.wait_ready)
    books = await write_through_a_moment(house)
    for node in house.nodes:
        assert await asyncio.to_thread(node.terminate) == 0
    await asyncio.to_thread(lose, house, disaster)
    await asyncio.to_thread(house.run, "recover", as_owner=True, MOMENT=books.moment)
    await asyncio.to_thread(house.postgres.start)
    await asyncio.to_thread(house.run, "wait")
    assert "continue under new names" in await asyncio.to_thread(house.run, "after")
    for node in house.nodes:
        await asyncio.to_thread(node.start)

    assert one.get("/api/me", people.lead.token).status == 401
    assert await asyncio.to_thread(status_of, one, "GET", "/api/me", books.cookie) == 401
    fresh = [house.sign_in(getattr(people, role)) for role in ROLES]
    names = one.get(f"/api/cases/{books.case}", fresh[0].token).json()["documents"]
    assert isinstance(names, dict)
    stored = await read_fresh(one, fresh[0], books.case, names["record"])
    for writer, must, made in zip(books.writers, books.must, books.made, strict=True):
        theirs = [word for word in stored if word.startswith(f"{writer.who.name}.")]
        assert must <= set(theirs)
        assert theirs == writer.made[: len(theirs)]
        assert len(theirs) <= made
    for writer, who in zip(books.writers, fresh, strict=True):
        writer.who = who
        await refused(writer, 4409)
    await all_write_on(house, fresh, books.case, names["record"], stored)
    lost = acknowledged(books.writers) - len(stored)
    with capsys.disabled():
        print(f"\n{disaster}: {len(stored)} edits are back, {lost} acknowledged after the moment are not")
    assert lost >= BEFORE / 2, "nothing was written after the moment"


async def all_write_on(house: House, fresh: list[Someone], case: str, name: str, stored: list[str]) -> None:
    """Each on their node, and each reads the other."""
    clients = [YClient(node, who, case, name) for node, who in zip(house.nodes, fresh, strict=True)]
    async with AsyncExitStack() as connections:
        for client in clients:
            await connections.enter_async_context(client.connected())
        for client in clients:
            await client.write(f"{client.who.name} writes on")
            await client.until_saved()
        for client in clients:
            await client.until_length(len(stored) + 2)
        assert clients[0].content() == clients[1].content()
        assert set(clients[0].content()) == {*stored, *(f"{client.who.name} writes on" for client in clients)}
    seqs = [entry["seq"] for entry in house.nodes[1].history(fresh[0], case, name)]
    assert seqs == list(range(1, len(seqs) + 1))


def sign_in_with_a_cookie(server: RunningServer, who: Someone) -> str:
    answer = server.request("POST", "/api/sign-in", body={"email": who.email, "password": PASSWORD})
    assert answer.status == 200, answer
    return answer.headers["set-cookie"].partition(";")[0]


def status_of(server: RunningServer, method: str, path: str, cookie: str) -> int:
    return server.request(method, path, more={"Cookie": cookie, "Origin": server.url}).status


async def test_servers_that_run_on_are_in_the_way(house: House) -> None:
    """[BAK-6] Their rooms would be ahead of the journal."""
    environment = {"CONSILIUM_DATABASE_URL": house.url, "CONSILIUM_DATA": str(house.folder / "operator")}
    line = complaint(await asyncio.to_thread(consilium, "after-restore", environment=environment))
    assert line.endswith("connections of servers are open; stop every server first")
    assert house.nodes[0].get("/api/me", house.people.lead.token).status == 200


async def test_a_node_under_which_the_journal_went_back_ends(house: House) -> None:
    """[BAK-8] Whatever took it back: a restore beside it, a failover that lost commits. Started again it goes on, and
    those who hold more bring it again."""
    one, people = house.nodes[0], house.people
    case = people.open_case(one)
    client = YClient(one, people.lead, case)
    async with client.connected():
        for number in range(20):
            await client.write(f"word {number}")
        await client.until_saved()
        house.postgres.execute("DELETE FROM entries WHERE seq > 5; UPDATE documents SET head = 5", url=house.url)
        assert await asyncio.to_thread(one.process.wait, 20) == 1
    assert one.log().splitlines()[-1].startswith("consilium: the database was taken back to an earlier time")
    one.start()
    async with client.connected():
        await client.until_saved()
    assert sorted(await read_fresh(one, people.lead, case)) == sorted(client.made)


async def test_a_dump_is_one_moment(house: House) -> None:
    """[BAK-7] [BAK-3] Restored into a new database it is whole."""
    one, people = house.nodes[0], house.people
    case = people.open_case(one)
    client = YClient(one, people.lead, case)
    async with client.connected():
        for number in range(BEFORE):
            await client.write(f"word {number}")
        await client.until_saved()
        await asyncio.to_thread(house.run, "dump", as_owner=True)
    await asyncio.to_thread(house.run, "undump")
    for node in house.nodes:
        node.stop()
    house.url = house.postgres.url("restored")
    said = await asyncio.to_thread(house.run, "after")
    assert f"with {BEFORE} entries" in said
    assert "no fault in" in said


def test_every_command_of_the_page_is_run() -> None:
    """[BAK-7] One that no test runs may be wrong."""
    used = set(re.findall(r'house\.run, "(\w+)"|house\.run\("(\w+)"', Path(__file__).read_text()))
    assert {first or second for first, second in used} == set(BLOCKS)
    assert len(BLOCKS) == PAGE.count("```sh") == 8
