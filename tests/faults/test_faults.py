"""The short form of `python -m tests.faults`, and the proof that its books show what is wrong."""

from __future__ import annotations

import asyncio
import sys

import pytest

from tests.disk import missing
from tests.faults.__main__ import HEAD, HEAD_OF_FILES, row
from tests.faults.changes import changing, unrecorded
from tests.faults.files import settle_files
from tests.faults.ledger import Verdict
from tests.faults.playing import play, settle
from tests.faults.rounds import DISK_FAULTS, FAULTS, SHORT, SHORT_STORE, STORE_FAULTS, Fault
from tests.faults.scene import Scene, crowd, open_scene, until, writing
from tests.faults.sender import handing_in
from tests.thorough import IS_THOROUGH, short_or_long

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
FILES = 9
"""Files with which the same is done by those that are wrong about files."""
MUTANTS_OF_FILES = (
    ("untidy", {"orphans"}),
    ("heedless", {"missing"}),
    ("copying", {"twofold", "unrecorded"}),
    ("spoiling", {"spoiled"}),
)


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


@pytest.mark.timeout(600)
async def test_whatever_happens_to_the_store_files_and_edits_are_kept(capsys: pytest.CaptureFixture[str]) -> None:
    """[NODE-18] [UPL-4] [UPL-7] [UPL-9] [MED-9] While the object storage or who works on files is away, edits are
    saved; afterwards each file that was handed in is in the gallery once, and no object is there that nothing names."""
    faults = [fault for fault in STORE_FAULTS if fault.name in SHORT_STORE]
    assert len(faults) == len(SHORT_STORE)
    async with open_scene(has_store=True) as scene:
        outcomes = [await play(scene, fault, SECONDS) for fault in faults]
    with capsys.disabled():
        print("\n" + "\n".join([f"{HEAD}{HEAD_OF_FILES}", *map(row, outcomes)]))
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


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("name", "signs"), short_or_long(MUTANTS_OF_FILES[:1], MUTANTS_OF_FILES))
async def test_who_is_wrong_about_files_is_found_out(name: str, signs: set[str]) -> None:
    """[NODE-18] One that leaves objects behind, one that forgets files, one that takes them twice, one that keeps
    something else; without any fault at all."""
    async with open_scene(consilium=mutant(name), has_store=True) as scene, crowd(scene, rooms=1) as everybody:
        async with handing_in(scene, everybody) as senders:
            await until(lambda: all(len(each.handed_in) >= FILES for each in senders), "enough to be handed in")
        verdict = await settle_files(scene, senders)
    assert {sign for sign in signs if not getattr(verdict, sign)} == set()


@pytest.mark.timeout(300)
@pytest.mark.skipif(not IS_THOROUGH, reason="one of its kind is enough with every change")
async def test_a_server_whose_writers_wait_for_the_store_is_found_out() -> None:
    """[NODE-18] It loses nothing; what is missed is that edits were saved meanwhile."""
    kill_s3 = next(fault for fault in STORE_FAULTS if fault.name == "kill S3")
    async with open_scene(consilium=mutant("waiting"), has_store=True) as scene:
        outcome = await play(scene, kill_s3, SECONDS)
    assert "saved" in outcome.missed


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
