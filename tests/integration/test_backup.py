"""Backup and restore of a SQLite file as an operator does them, beside a running server and with clients that know
better than what was restored."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.integration.test_cli import Done, complaint, consilium
from tests.integration.test_postgres import write_until
from tests.integration.yclient import YClient, read_fresh
from tests.interop.replicas import Clients, running_node
from tests.servers import People, RunningServer, Someone, data_with_people, free_port, run_command, start_server

WRITERS = ("lead", "contributor")
FAST = {"CONSILIUM_MAX_FRAMES_PER_SECOND": "100000", "CONSILIUM_FRAME_BURST": "100000", "CONSILIUM_COMPACT_EVERY": "60"}


@dataclass(frozen=True, slots=True)
class House:
    """A server that a test may take back to an earlier time."""

    server: RunningServer
    people: People
    folder: Path

    def consilium(self, *words: str) -> Done:
        """A command beside it."""
        return consilium("--data", str(self.server.data), *words)

    def restore(self, backup: Path) -> str:
        """Another folder in the place of the one that was lost, served at the same address. What was said of it."""
        self.server.kill()
        self.server.data = self.folder / f"restored from {backup.stem}"
        said = run_command(self.server.data, "restore", str(backup))
        self.server.start()
        return said

    def sign_in(self, who: Someone) -> Someone:
        """The same person with a fresh token."""
        return replace(who, token=self.server.command("token", who.email))

    def documents(self, who: Someone, case: str) -> dict[str, str]:
        """What each document is called now."""
        documents = self.server.get(f"/api/cases/{case}", who.token).json()["documents"]
        assert isinstance(documents, dict)
        return documents


@pytest.fixture
def house(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    data = tmp_path / "data"
    people = data_with_people(tmp_path_factory.getbasetemp(), data)
    with start_server(data, FAST) as server:
        yield House(server, people, tmp_path)


async def write(client: YClient, *words: str) -> None:
    """Write, and wait until it is saved."""
    for word in words:
        await client.write(word)
    await client.until_saved()


async def test_a_backup_beside_writers_holds_one_moment(house: House) -> None:
    """[BAK-1] [BAK-2] [BAK-5] [JRN-2] Everything that was acknowledged before it began, nothing that was not made, of
    each writer the first so many, and all of it sound; nobody's writing stops for it."""
    case = house.people.open_case(house.server)
    writers = [YClient(house.server, getattr(house.people, role), case) for role in WRITERS]
    is_over = asyncio.Event()
    writing = [asyncio.create_task(write_until(writer, is_over)) for writer in writers]
    await writers[0].until(lambda: len(writers[0].acknowledged) >= 150, "to be at work", seconds=30)
    before = [set(writer.acknowledged) for writer in writers]
    file = house.folder / "monday.backup"
    done = await asyncio.to_thread(house.consilium, "backup", str(file))
    after = sum(len(writer.acknowledged) for writer in writers)
    await writers[0].until(lambda: sum(len(w.acknowledged) for w in writers) > after, "to go on", seconds=30)
    is_over.set()
    await asyncio.gather(*writing)
    assert done.returncode == 0, done
    assert done.stdout.splitlines()[-2] == "copied 100 %"
    assert done.stdout.splitlines()[-1].startswith(f"{file}: ")
    assert file.stat().st_mode & 0o077 == 0
    assert [path.name for path in file.parent.glob("monday*")] == [file.name]
    assert after > sum(map(len, before)), "nobody wrote meanwhile"

    said = await asyncio.to_thread(house.restore, file)
    assert "continue under new names" in said
    for who in (house.people.lead, house.people.moderator):
        assert house.server.get("/api/me", who.token).status == 401
    moderator = house.sign_in(house.people.moderator)
    name = house.documents(moderator, case)["record"]
    stored = await read_fresh(house.server, moderator, case, name)
    for writer, acknowledged in zip(writers, before, strict=True):
        theirs = [word for word in stored if word.startswith(f"{writer.who.name}.")]
        assert theirs == writer.made[: len(theirs)]
        assert acknowledged <= set(theirs)
    seqs = [entry["seq"] for entry in house.server.history(moderator, case, name)]
    assert seqs == list(range(1, len(stored) + 1))
    assert house.consilium("verify").stdout.startswith("no fault in ")


async def test_clients_that_hold_later_edits_do_not_bring_them_back(house: House) -> None:
    """[BAK-6] [JRN-9] [ROOM-5] On both wires: whoever comes with the old name is told where the document went on.
    Nobody's later edits come back by somebody else, under a wrong name; who wrote what before is as it was, also to one
    who comes from the first of two restores to the same moment."""
    people, server = house.people, house.server
    case = people.open_case(server)
    lead, contributor = YClient(server, people.lead, case), YClient(server, people.contributor, case)
    file = house.folder / "monday.backup"
    with running_node() as node:
        page = Clients(node, server).open("collab", people.lead, case, "record")
        async with lead.connected(), contributor.connected():
            await write(lead, "first", "second")
            path = f"/api/cases/{case}/documents/record/versions"
            named = server.request("POST", path, people.lead.token, {"seq": 2, "name": "before lunch"})
            assert named.status == 201, named
            await asyncio.to_thread(house.consilium, "backup", str(file))
            await write(contributor, "what was regretted")
            await lead.until_length(3)
            page.until(lambda state: "regretted" in str(state.content), "to have all")
        await asyncio.to_thread(house.restore, file)
        page.until(lambda state: any(code == 4401 for code, _ in state.closes) or bool(state.denied), "to be shown out")
    fresh = {role: house.sign_in(getattr(people, role)) for role in ("lead", "contributor", "moderator")}
    first = house.documents(fresh["lead"], case)["record"]
    assert first.startswith("record~")
    for client, role in ((lead, "lead"), (contributor, "contributor")):
        client.who = fresh[role]
        await refused(client, 4409)
    assert await read_fresh(server, fresh["moderator"], case, first) == ["first", "second"]
    newcomer = YClient(server, fresh["contributor"], case, first)
    async with newcomer.connected():
        await write(newcomer, "third")
    authors = [(entry["seq"], author_of(entry)) for entry in server.history(fresh["lead"], case, first)]
    assert authors == [(1, people.lead.id), (2, people.lead.id), (3, people.contributor.id)]
    versions = server.get(f"/api/cases/{case}/documents/{first}/versions", fresh["lead"].token)
    assert b"before lunch" in versions.body

    again = house.folder / "tuesday.backup"
    shutil.copy(file, again)
    await asyncio.to_thread(house.restore, again)
    last = house.sign_in(people.lead)
    second = house.documents(last, case)["record"]
    assert second not in (first, "record")
    newcomer.who = house.sign_in(people.contributor)
    await refused(newcomer, 4409)
    assert await read_fresh(server, last, case, second) == ["first", "second"]


def author_of(entry: dict[str, object]) -> object:
    author = entry["author"]
    assert isinstance(author, dict)
    return author["id"]


async def refused(client: YClient, code: int) -> None:
    """It comes back with all that it holds, and is sent away with this code."""
    before = len(client.codes)

    async def come() -> None:
        async with client.connected():
            pytest.fail("it was let in")

    coming = asyncio.create_task(come())
    await client.until(lambda: len(client.codes) > before, "to be sent away")
    coming.cancel()
    await asyncio.wait([coming])
    assert coming.cancelled()
    assert client.codes[before:] == [code]


async def test_one_that_nobody_had_opened_then_is_not_free_either(house: House) -> None:
    """[BAK-6] What was first written in after the backup does not come back under the name that it had."""
    people, server = house.people, house.server
    case = people.open_case(server)
    file = house.folder / "monday.backup"
    await asyncio.to_thread(house.consilium, "backup", str(file))
    client = YClient(server, people.lead, case, "discussion")
    async with client.connected():
        await write(client, "too late")
    await asyncio.to_thread(house.restore, file)
    client.who = house.sign_in(people.lead)
    await refused(client, 4409)
    name = house.documents(client.who, case)["discussion"]
    assert await read_fresh(server, client.who, case, name) == []


class TestRefusals:
    def test_a_restore_needs_an_empty_folder_without_a_server(self, house: House, tmp_path: Path) -> None:
        """[BAK-4] [SET-3] Whatever is there stays as it is; one that was only started and emptied will do."""
        file = tmp_path / "monday.backup"
        assert house.consilium("backup", str(file)).returncode == 0
        assert "already serves" in complaint(house.consilium("restore", str(file)))
        house.server.stop()
        before = (house.server.data / "consilium.sqlite3").read_bytes()
        line = complaint(house.consilium("restore", str(file)))
        assert line.endswith(f"the data folder {house.server.data} holds consilium.sqlite3; move that away first")
        assert (house.server.data / "consilium.sqlite3").read_bytes() == before
        (house.server.data / "consilium.sqlite3").unlink()
        assert house.consilium("restore", str(file)).returncode == 0

    def test_what_is_no_sound_backup_is_refused(self, house: House, tmp_path: Path) -> None:
        """[BAK-4] [BAK-3] Each with its reason, and the folder is left as empty as it was."""
        house.people.open_case(house.server)
        good = tmp_path / "good.backup"
        assert house.consilium("backup", str(good)).returncode == 0
        letter = tmp_path / "letter"
        letter.write_text("to my aunt" * 100)
        strange = tmp_path / "strange.sqlite3"
        with closing(sqlite3.connect(strange)) as connection, connection:
            connection.execute("CREATE TABLE recipes (cake TEXT)")
        torn = tmp_path / "torn"
        torn.write_bytes(good.read_bytes()[:-8192])
        newer = changed(good, tmp_path / "newer", "UPDATE alembic_version SET version_num = '9999'")
        orphaned = changed(good, tmp_path / "orphaned", "UPDATE members SET case_id = 'nowhere'")
        words = {
            tmp_path / "absent": "cannot be read: No such file or directory",
            letter: "is no backup of Consilium",
            strange: "is a database of something else",
            torn: "is damaged (",
            newer: "was made by a newer release of Consilium; restore it with that one or a later one",
            orphaned: "is damaged (rows of members belong to nothing)",
        }
        for file, reason in words.items():
            line = complaint(consilium("--data", str(tmp_path / "new"), "restore", str(file)))
            assert f"{file} {reason}" in line
            assert [path.name for path in (tmp_path / "new").iterdir()] == ["serve.lock"]

    async def test_a_damaged_history_is_said_and_not_restored(self, house: House, tmp_path: Path) -> None:
        """[BAK-3] [BAK-4] The file is sound to SQLite, and still not what it was."""
        people, server = house.people, house.server
        case = people.open_case(server)
        client = YClient(server, people.lead, case)
        async with client.connected():
            await write(client, "first", "second")
        server.stop()
        assert house.consilium("verify").returncode == 0
        torn = changed(
            server.data / "consilium.sqlite3", tmp_path / "torn", "UPDATE entries SET length = 9 WHERE seq = 2"
        )
        done = consilium("--data", str(tmp_path / "new"), "restore", str(torn))
        fault = f"{case}/record: entry 2 does not match its length or its sha-256"
        assert (done.returncode, done.stderr) == (1, f"consilium: the database is damaged: {fault}\n")
        assert [path.name for path in (tmp_path / "new").iterdir()] == ["serve.lock"]
        torn.replace(server.data / "consilium.sqlite3")
        done = house.consilium("verify")
        assert (done.returncode, done.stdout) == (1, f"{fault}\n")
        assert done.stderr.startswith("consilium: 1 faults in ")

    def test_a_backup_writes_over_nothing(self, house: House, tmp_path: Path) -> None:
        """[BAK-2]"""
        file = tmp_path / "precious"
        file.write_text("the only copy")
        assert "is there already" in complaint(house.consilium("backup", str(file)))
        assert file.read_text() == "the only copy"
        assert "cannot write" in complaint(house.consilium("backup", str(tmp_path / "no" / "such" / "folder")))
        assert "there is no database" in complaint(consilium("--data", str(tmp_path / "none"), "backup", "x"))
        assert not (tmp_path / "none").exists()

    def test_a_server_does_not_open_a_backup(self, house: House, tmp_path: Path) -> None:
        """[BAK-2] [BAK-5] Put into place by hand it would bring every old sign-in back."""
        data = tmp_path / "by hand"
        data.mkdir()
        assert house.consilium("backup", str(data / "consilium.sqlite3")).returncode == 0
        line = complaint(consilium("--data", str(data), "serve", "--port", str(free_port())))
        assert "`consilium restore` makes a data folder of it" in line

    def test_postgres_is_not_copied_so(self, tmp_path: Path) -> None:
        """[BAK-7] It has its own ways."""
        environment = {"CONSILIUM_DATABASE_URL": "postgresql://ada@nowhere/consilium"}
        for command in ("backup", "restore"):
            line = complaint(consilium("--data", str(tmp_path), command, "x", environment=environment))
            assert line.endswith("with its own tools: see docs/backup.md")


def changed(good: Path, file: Path, statement: str) -> Path:
    """A copy in which somebody has changed something."""
    shutil.copy(good, file)
    with closing(sqlite3.connect(file)) as connection, connection:
        assert connection.execute(statement).rowcount > 0
    return file


async def test_a_database_that_was_put_back_by_other_means_is_made_safe(house: House, tmp_path: Path) -> None:
    """[BAK-5] [BAK-6] A copy of a volume, for example."""
    people, server = house.people, house.server
    case = people.open_case(server)
    server.stop()
    shutil.copytree(server.data, tmp_path / "volume")
    server.data = tmp_path / "volume"
    assert "continue under new names" in await asyncio.to_thread(run_command, server.data, "after-restore")
    server.start()
    assert server.get("/api/me", people.lead.token).status == 401
    assert house.documents(house.sign_in(people.lead), case)["record"].startswith("record~")
