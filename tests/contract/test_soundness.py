"""`storage.soundness` finds what is wrong in a database, and finds nothing in one that is right."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pycrdt import Doc, Text
from sqlalchemy import Connection, insert, text, update

from storage.blobs import seal
from storage.database import Database, open_database
from storage.journal import open_journal
from storage.soundness import examine
from storage.tables import entries, snapshots
from tests.contract.sample import ADA, BEN, NOW, RECORD, edit, entry, fill
from tests.postgres import Postgres
from workspace.compaction import encode_snapshot, says_same, squash
from workspace.entries import SNAPSHOT_FORMAT, UPDATE_FORMAT, Snapshot
from workspace.ids import Seq, UpdateBytes
from workspace.ranges import Ranges
from workspace.replica import Holding, Replica
from workspace.update import read_update

CLIENT = 7
AT = 4
"""The entry that the snapshot stands at."""


def letters(words: str) -> list[UpdateBytes]:
    """Each letter typed by one client, as it came; the third one deletes the first."""
    document: Doc[Text] = Doc(client_id=CLIENT)
    written = document.get("t", type=Text)
    updates: list[UpdateBytes] = []
    for number, letter in enumerate(words):
        before = document.get_state()
        if number == 2:
            del written[0:1]
        written.insert(len(str(written)), letter)
        updates.append(UpdateBytes(document.get_update(before)))
    return updates


def held(updates: list[UpdateBytes]) -> Holding:
    replica = Replica(Seq(0), None, Ranges(), Ranges())
    for number, each in enumerate(updates, 1):
        replica.take(Seq(number), each, read_update(each))
    return replica.seal()


def snapshot(updates: list[UpdateBytes]) -> Snapshot:
    holding = held(updates)
    return encode_snapshot(holding, squash(holding))


@pytest.fixture(params=["sqlite", "postgres"])
async def written(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """A record of six entries by Ada, with a snapshot at the fourth."""
    postgres: Postgres | None = request.getfixturevalue("postgres") if request.param == "postgres" else None
    location = tmp_path / "consilium.db" if postgres is None else postgres.fresh()
    async with open_database(location) as database:
        await fill(database)
        async with open_journal(database) as journal:
            updates = letters("letter")
            for each in updates:
                [answer] = await journal.append([edit(update=each, clients=frozenset({CLIENT}))])
                entry(answer)
            await journal.write_snapshot(RECORD, snapshot(updates[:AT]), NOW)
        yield database
    if postgres is not None and isinstance(location, str):
        postgres.clean(location)


async def same(made: UpdateBytes, holding: Holding) -> bool:
    """In this process: nothing here is hostile."""
    return says_same(made, holding)


async def faults(database: Database) -> list[str]:
    """What is wrong with the record; nothing else may be wrong."""
    census = await examine(database, same)
    assert {fault.place for fault in census.faults} <= {RECORD}
    return [fault.what for fault in census.faults]


async def test_a_sound_database_has_no_fault(written: Database) -> None:
    """[BAK-3] And everything was looked at; also what waits for something that never came."""
    gap = letters("consilium")[8]
    async with open_journal(written) as journal:
        await journal.append([edit(update=gap)])
    census = await examine(written, same)
    assert (census.documents, census.entries, census.snapshots, census.newest, census.faults) == (1, 7, 1, NOW, [])


def forged_entry(connection: Connection) -> None:
    """Sealed as it should be, and no update."""
    blob = seal(UPDATE_FORMAT, b"\xff\xff")
    connection.execute(update(entries).where(entries.c.seq == 5).values(**blob._asdict()))


def forged_snapshot(connection: Connection) -> None:
    """The same client, the same clocks, other letters."""
    blob = seal(SNAPSHOT_FORMAT, snapshot(letters("lesser")[:AT]).body)
    connection.execute(update(snapshots).values(**blob._asdict()))


def short_snapshot(connection: Connection) -> None:
    """One that has forgotten an entry."""
    blob = seal(SNAPSHOT_FORMAT, snapshot(letters("letter")[: AT - 1]).body)
    connection.execute(update(snapshots).values(**blob._asdict()))


def early_snapshot(connection: Connection) -> None:
    """One of entries that never were."""
    blob = seal(SNAPSHOT_FORMAT, snapshot(letters("letter")[:AT]).body)
    connection.execute(insert(snapshots).values(document=1, seq=99, at=NOW, **blob._asdict()))


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        ("DELETE FROM entries WHERE seq = 5", ["entries 5 to 5 are missing"]),
        ("DELETE FROM entries WHERE seq >= 5", ["entries 5 to 6 are missing"]),
        (
            "UPDATE entries SET format = 'yjs-update/9' WHERE seq = 6",
            ["entry 6 is of the format 'yjs-update/9', which this release does not know"],
        ),
        ("UPDATE entries SET length = 3 WHERE seq = 5", ["entry 5 does not match its length or its sha-256"]),
        (forged_entry, ["entry 5 cannot be read"]),
        ("UPDATE snapshots SET length = 3", ["snapshot 4 does not match its length or its sha-256"]),
        ("UPDATE snapshots SET format = 'x'", ["snapshot 4 is of the format 'x', which this release does not know"]),
        (forged_snapshot, ["snapshot 4 does not say what its entries say"]),
        (short_snapshot, ["snapshot 4 does not hold what its entries hold"]),
        (early_snapshot, ["snapshot 99 stands for entries that are not there"]),
        (
            f"UPDATE document_clients SET person = '{BEN.id}'",
            [f"client id 7 is not bound to {ADA.id}, who wrote with it first"],
        ),
        ("UPDATE documents SET superseded_by = 'record~2'", ["continues as record~2, which is not there"]),
    ],
)
async def test_each_fault_is_found_and_said(written: Database, damage: object, expected: list[str]) -> None:
    """[BAK-3] [JRN-2] [JRN-6] [JRN-7] [JRN-12]"""

    def harm(connection: Connection) -> None:
        if callable(damage):
            damage(connection)
        else:
            connection.execute(text(str(damage)))

    await written.write(harm)
    assert await faults(written) == expected
