"""The real server on a real PostgreSQL: commands beside it, and its database killed under writers."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.integration.test_cli import complaint, consilium
from tests.integration.yclient import YClient, read_fresh
from tests.postgres import Postgres, running_postgres
from tests.servers import People, RunningServer, add_people, start_server

KILLS = 2
WRITERS = ("lead", "contributor")
PATIENCE = 60.0

House = tuple[RunningServer, People]


@pytest.fixture(scope="module")
def breakable() -> Iterator[Postgres]:
    """A PostgreSQL that only these tests use."""
    with running_postgres() as postgres:
        yield postgres


@pytest.fixture(scope="module")
def house(breakable: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A server on it, told where it is by a file with the secret."""
    folder = tmp_path_factory.mktemp("postgres")
    url = breakable.fresh()
    secret = folder / "url"
    secret.write_text(f"{url}\n")
    people = add_people(url)
    settings = {
        "CONSILIUM_DATABASE_URL_FILE": str(secret),
        "CONSILIUM_COMPACT_EVERY": "60",
        "CONSILIUM_MAX_FRAMES_PER_SECOND": "100000",
        "CONSILIUM_FRAME_BURST": "100000",
    }
    with start_server(folder / "data", settings) as server:
        yield server, people


def test_every_command_works_beside_it(house: House) -> None:
    """[CLI-2] [STO-5] What it makes is there at once, as on a file."""
    server, people = house
    case = server.command("case", "create", "Fever", "--lead", people.lead.email)
    assert server.get(f"/api/cases/{case}", people.lead.token).json()["role"] == "lead"
    server.command("case", "member", case, people.stranger.email, "--role", "observer")
    token = server.command("token", people.stranger.email)
    assert server.get(f"/api/cases/{case}", token).json()["role"] == "observer"
    assert server.command("migrate", "--check") == "the schema is up to date"
    found = server.request("POST", "/api/search", token, {"question": "féver"}).json()
    assert case in str(found)
    assert sorted(path.name for path in server.data.iterdir()) == ["node", "serve.lock"]


async def test_a_right_taken_by_a_command_ends_open_sessions(house: House) -> None:
    """[CLI-2] [CAS-1] Within a second: notices are looked for in the database."""
    server, people = house
    case = people.open_case(server)
    client = YClient(server, people.contributor, case)
    async with client.connected():
        await asyncio.to_thread(server.command, "case", "member", case, people.contributor.email, "--role", "none")
        await client.until(lambda: bool(client.codes), "to be sent away", seconds=5)
    assert client.codes == [4205]


@pytest.mark.timeout(300)
async def test_no_acknowledged_edit_is_lost_when_the_database_is_killed(
    house: House, breakable: Postgres, capsys: pytest.CaptureFixture[str]
) -> None:
    """[STO-5] [JRN-1] [JRN-2] [ROOM-1] kill -9 of PostgreSQL under writers: they come back by themselves, the server is
    never started again, and everything is there once."""
    server, people = house
    case = people.open_case(server)
    places = [(case, "record"), (case, "discussion")]
    writers = [YClient(server, getattr(people, role), *place) for place in places for role in WRITERS]
    is_over = asyncio.Event()

    def acknowledged() -> int:
        return sum(len(writer.acknowledged) for writer in writers)

    tasks = [asyncio.create_task(write_until(writer, is_over)) for writer in writers]
    for _ in range(KILLS):
        target = acknowledged() + 150
        async with asyncio.timeout(PATIENCE):
            while acknowledged() < target:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        await asyncio.to_thread(breakable.kill)
        assert server.is_alive
        await asyncio.to_thread(breakable.start)
    is_over.set()
    await asyncio.gather(*tasks)
    assert server.is_alive
    await asyncio.to_thread(server.wait_ready)
    async with AsyncExitStack() as open_connections:
        await asyncio.gather(*(open_connections.enter_async_context(writer.connected()) for writer in writers))
        await asyncio.gather(*(writer.until_saved() for writer in writers))
    for place in places:
        made = [word for writer in writers if writer.place == place for word in writer.made]
        stored = await read_fresh(server, people.moderator, *place)
        assert Counter(stored) == Counter(made)
        seqs = [entry["seq"] for entry in server.history(people.lead, *place)]
        assert seqs == list(range(1, len(seqs) + 1))
    breaks = sum(len(writer.codes) for writer in writers)
    with capsys.disabled():
        print(f"\n{KILLS} kills of PostgreSQL: {acknowledged()} edits acknowledged, {breaks} connections ended, 0 lost")
    assert breaks >= KILLS


async def write_until(writer: YClient, is_over: asyncio.Event) -> None:
    """Write, and come back whenever it is sent away, as a page does."""
    number = 0
    while not is_over.is_set():
        # It may be refused while the database is away, at the door or a moment later; or in the middle of being let in,
        # by a server that ends.
        with suppress(ConnectionClosed, InvalidHandshake, TimeoutError, OSError):
            async with writer.connected():
                while writer.is_open and not is_over.is_set():
                    await writer.write(f"{writer.who.name}.{number}")
                    number += 1
        await asyncio.sleep(0.05)


def test_a_database_that_is_behind_is_one_line(postgres: Postgres, tmp_path: Path) -> None:
    """[CLI-1] [STO-8] `migrate --check` changes nothing; on a file that is not there it makes none."""
    environment = {"CONSILIUM_DATABASE_URL": postgres.empty(), "CONSILIUM_DATA": str(tmp_path / "data")}
    line = complaint(consilium("migrate", "--check", environment=environment))
    assert line == "consilium: the schema is behind this release; `consilium migrate` brings it up to date"
    assert consilium("migrate", environment=environment).stdout == "the schema is up to date\n"
    complaint(consilium("migrate", "--check", environment={"CONSILIUM_DATA": str(tmp_path / "none")}))
    assert not (tmp_path / "none").exists()


def test_a_database_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    """[CLI-1] [STO-5] With what the driver calls it, and without the password."""
    url = f"postgresql+asyncpg://ada:secret@/consilium?host={tmp_path}"
    environment = {"CONSILIUM_DATABASE_URL": url, "CONSILIUM_DATA": str(tmp_path / "data")}
    line = complaint(consilium("migrate", environment=environment))
    assert "cannot save right now" in line
    assert "secret" not in line
