"""The short form of `python -m tests.faults`, and the proof that its books show what is wrong."""

from __future__ import annotations

import asyncio
import sys

import pytest

from tests.disk import missing
from tests.faults.__main__ import HEAD, row
from tests.faults.changes import changing, unrecorded
from tests.faults.ledger import Verdict
from tests.faults.playing import play, settle
from tests.faults.rounds import DISK_FAULTS, FAULTS, SHORT, Fault
from tests.faults.scene import Scene, crowd, open_scene, writing
from tests.thorough import short_or_long

SECONDS = 2.0
CHANGES = 15
MANY = 200
"""Acknowledged edits that a mutant must give itself away with."""
MUTANTS = (
    ("forgetful", {"lost", "early", "differing"}),
    ("early", {"lost", "early"}),
    ("twice", {"again"}),
    ("deaf", {"differing"}),
    ("careless", {"unrecorded"}),
)
"""By what each gives itself away. A cluster of its own starts for each: with every change one has to do."""


@pytest.mark.timeout(400)
async def test_whatever_part_is_taken_away_nothing_saved_is_lost_or_doubled(capsys: pytest.CaptureFixture[str]) -> None:
    """[NODE-16] [NODE-1] [NODE-2] [NODE-4] [STO-5] [STO-6] [JRN-1] [JRN-2] [JRN-15] [ROOM-1] [ROOM-14] [ROOM-15]
    [ROOM-16] Killed, frozen and cut off under load: every edit that was called saved or shown was in the journal by
    then, is there once, and all replicas end equal; every change that was called made is told once in the audit log,
    whose chains are whole. [AUD-1] [AUD-2]"""
    faults = [fault for fault in (*FAULTS, *DISK_FAULTS) if fault.name in SHORT]
    assert len(faults) == len(SHORT)
    if (why := missing()) is not None:  # the others are played all the same, and the table says what is left out
        faults = [fault for fault in faults if fault not in DISK_FAULTS]
    async with open_scene() as scene:
        outcomes = [await play(scene, fault, SECONDS) for fault in faults]
    with capsys.disabled():
        print("\n" + "\n".join([f"without a failing disk: {why}" if why else "", HEAD, *map(row, outcomes)]))
    assert [outcome for outcome in outcomes if not outcome.is_good] == []


async def nothing(_: Scene, seconds: float) -> None:
    await asyncio.sleep(seconds)


@pytest.mark.timeout(300)
async def test_a_fault_that_did_not_happen_is_noticed() -> None:
    """[NODE-16] A round without its fault proves nothing, and says so; an honest server behind the mutants' switch is
    taken for one."""
    never = Fault("nothing", nothing, [sign for fault in FAULTS for sign in fault.signs])
    async with open_scene(consilium=mutant("honest")) as scene:
        outcome = await play(scene, never, SECONDS)
    assert outcome.verdict.is_clean
    assert outcome.missed == ["breaks", "bus", "death", "late", "link"]
    assert not outcome.is_good


def mutant(name: str) -> list[str]:
    return [sys.executable, "-m", "tests.faults.mutants", name]


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("name", "signs"), short_or_long(MUTANTS[:1], MUTANTS))
async def test_a_server_that_is_wrong_is_found_out(name: str, signs: set[str]) -> None:
    """[NODE-16] One that loses some edits, one that calls them saved before their commit, one that writes them twice,
    one that does not hear the others, one that makes no change and calls it made; without any fault at all."""
    async with open_scene(consilium=mutant(name)) as scene, crowd(scene, rooms=1) as everybody:
        async with writing(everybody), changing(scene, everybody) as changes:
            await everybody.until(lambda: everybody.acknowledged >= MANY, "enough to be acknowledged")
            await everybody.until(lambda: all(each.answered >= CHANGES for each in changes), "enough to be changed")
        verdict = await settle(scene, everybody, patience=5.0)
        verdict += Verdict(unrecorded=await unrecorded(scene.cluster.database_url, changes))
    assert not verdict.is_clean
    assert {sign for sign in signs if not getattr(verdict, sign)} == set()
