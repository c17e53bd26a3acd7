"""What holds on one SQLite file when several processes use it, and when one of them is killed."""

from __future__ import annotations

import asyncio
import random
import signal
import sqlite3
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import closing
from pathlib import Path

import pytest

from storage.ports import CredentialKind, Stores
from storage.stores import open_stores
from tests.contract.child import TICKETS
from tests.contract.sample import ADA, NOW, RECORD, add_people, edit, entry, new_case
from workspace.ids import Millis, Seq


async def child(*arguments: str) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.contract.child", *arguments, stdin=PIPE, stdout=PIPE
    )


async def ready(process: Process) -> None:
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"


async def said(process: Process) -> list[str]:
    """Let it go, and hear all it says until it ends well."""
    output, _ = await process.communicate(b"go\n")
    assert process.returncode == 0
    return output.decode().split("\n")[:-1]


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    """A file with Ada and her case."""
    path = tmp_path / "consilium.db"
    async with open_stores(path) as stores:
        await add_people(stores)
        await stores.cases.create(new_case())
    return path


async def history(stores: Stores) -> dict[str, int]:
    """The seq of each op of the record, which must be 1, 2, 3…"""
    entries = await stores.journal.read(RECORD, after=Seq(0), limit=10_000_000)
    assert [each.seq for each in entries] == list(range(1, len(entries) + 1))
    return {each.op.hex(): each.seq for each in entries}


async def test_several_processes_may_make_the_file_at_once(tmp_path: Path) -> None:
    """[STO-4] [STO-1] One migrates, the others wait for it."""
    processes = [await child("migrate", str(tmp_path / "new.db")) for _ in range(4)]
    assert [await said(process) for process in processes] == [["0"]] * 4


async def test_seqs_of_processes_that_append_at_once_are_contiguous(path: Path) -> None:
    """[STO-4] [JRN-2] Each answer is a seq of its own, and none is left out."""
    processes = [await child("append", str(path), "150", str(each)) for each in (1, 3, 7)]
    for process in processes:
        await ready(process)
    answers = await asyncio.gather(*[said(process) for process in processes])
    own = [[int(seq) for seq in answer] for answer in answers]
    assert [len(seqs) for seqs in own] == [150, 450, 1_050]
    assert all(seqs == sorted(seqs) for seqs in own)
    assert sorted(seq for seqs in own for seq in seqs) == list(range(1, 1_651))
    # Not one after the other: the shortest was done long before the longest.
    assert own[0][-1] > own[2][0]
    async with open_stores(path) as stores:
        assert len(await history(stores)) == 1_650


async def test_a_ticket_is_spent_in_one_process(path: Path) -> None:
    """[PEO-3] Each ticket has exactly one winner."""
    async with open_stores(path) as stores:
        for ticket in TICKETS:
            await stores.people.grant(CredentialKind.TICKET, ticket, ADA.id, NOW, Millis(NOW + 1))
        processes = [await child("redeem", str(path)) for _ in range(2)]
        for process in processes:
            await ready(process)
        winners = await asyncio.gather(*[said(process) for process in processes])
    assert sorted(int(place) for won in winners for place in won) == list(range(len(TICKETS)))


async def test_a_killed_process_loses_nothing_it_answered(path: Path) -> None:
    """[JRN-1] kill -9 while it commits, six times; each answer that got out is in the file."""
    generator = random.Random(20_12)
    answered: dict[str, int] = {}
    for _ in range(6):
        process = await child("append-until-killed", str(path))
        assert process.stdout is not None
        heard = [await process.stdout.readline() for _ in range(generator.randrange(20, 400))]
        process.send_signal(signal.SIGKILL)
        heard += (await process.stdout.read()).splitlines(keepends=True)
        assert await process.wait() == -signal.SIGKILL
        for line in heard:
            if line.endswith(b"\n"):  # the last may be cut off
                op, seq = line.split()
                answered[op.decode()] = int(seq)
        async with open_stores(path) as stores:
            written = await history(stores)
            assert answered.items() <= written.items()
            # The lock died with its holder, and the history goes on without a gap.
            [answer] = await stores.journal.append([edit()])
            assert entry(answer).seq == len(written) + 1
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert len(answered) > 6 * 20
