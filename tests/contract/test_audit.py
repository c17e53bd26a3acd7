"""What every adapter of the audit log promises, sentence by sentence."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from storage.database import open_database
from storage.ports import Sought, Stores
from storage.ports.audit import walk_all, walk_along
from storage.soundness import examine
from tests.contract.sample import ADA, BEN, CASE, OTHER_CASE
from tests.contract.worlds import PostgresWorld, SqliteWorld, World
from tests.postgres import Postgres
from workspace.audit import HOUSE, Action, Cause, Chain, Detail, Event, Means, chain_of, decode, origin_from
from workspace.audit_chain import Break, End, Head
from workspace.ids import CaseId, DocumentName

FROM_A_BROWSER = Cause(ADA.id, origin_from(Means.SESSION, "10.0.0.7", "0123456789abcdef"))
OPENED = Event(Action.DOCUMENT_OPENED, FROM_A_BROWSER, CASE, DocumentName("record"))


async def broken(stores: Stores, chain: Chain) -> Break | None:
    """Where a chain breaks."""
    walk, found = await walk_along(stores.audit, chain)
    assert found or walk.head.seq == (await stores.audit.end(chain)).newest
    return found


class TestRecording:
    async def test_what_is_recorded_is_read_back_as_it_was(self, world: World, empty: Stores) -> None:
        """[AUD-2] Numbered from 1 in each chain, also after a restart, and each holds the one before it."""
        elsewhere = Event(Action.SIGN_IN_FAILED, Cause(None, FROM_A_BROWSER.origin), person=BEN.id)
        again = Event(Action.HISTORY_READ, FROM_A_BROWSER, CASE, DocumentName("record"), details={Detail.SEQ: 3})
        await empty.audit.record([OPENED, elsewhere, again])
        async with world.node() as after:
            await after.audit.record([OPENED])
            await after.audit.record([])
            newest = await after.audit.newest(chain_of(CASE), Sought(), 10)
            assert [(each.seq, each.event) for each in newest] == [(3, OPENED), (2, again), (1, OPENED)]
            [failed] = await after.audit.newest(HOUSE, Sought(), 10)
            assert (failed.seq, failed.event) == (1, elsewhere)
            assert all(earlier.at <= later.at for later, earlier in pairwise(newest))
            assert await after.audit.chains(None, 10) == [HOUSE, chain_of(CASE)]
            assert await after.audit.chains(HOUSE, 10) == [chain_of(CASE)]
            assert await after.audit.chains(None, 1) == [HOUSE]
            for chain in (HOUSE, chain_of(CASE)):
                assert await broken(after, chain) is None

    async def test_a_chain_without_events_is_none(self, empty: Stores) -> None:
        """[AUD-2]"""
        assert await empty.audit.end(HOUSE) == End(None, 0)
        assert await empty.audit.kept(HOUSE, after=0, limit=5) == []
        assert await empty.audit.newest(HOUSE, Sought(), 5) == []
        assert await empty.audit.chains(None, 5) == []

    async def test_kept_events_come_in_pages(self, empty: Stores) -> None:
        """[AUD-2] Oldest first, with bytes that say what was recorded."""
        await empty.audit.record([OPENED] * 5)
        first = await empty.audit.kept(chain_of(CASE), after=0, limit=3)
        rest = await empty.audit.kept(chain_of(CASE), after=3, limit=3)
        assert [kept.seq for kept in (*first, *rest)] == [1, 2, 3, 4, 5]
        assert [decode(kept.body).event for kept in rest] == [OPENED] * 2

    @pytest.mark.timeout(60)
    async def test_many_writers_on_two_nodes_leave_no_gap(self, world: World, empty: Stores) -> None:
        """[AUD-2] Into one chain, into several at once in any order, and into one that nobody wrote before."""
        cases = [CASE, OTHER_CASE, CaseId("p" * 16)]

        async def write(node: Stores, number: int) -> None:
            for turn in range(10):
                some = [cases[(number + turn + each) % 3] for each in range(3)]
                events = [Event(Action.CASE_OPENED, FROM_A_BROWSER, case) for case in some]
                await node.audit.record([*events, Event(Action.CASES_LISTED, FROM_A_BROWSER)])

        async with world.node() as beside:
            await asyncio.gather(*[write((empty, beside)[number % 2], number) for number in range(8)])
        for chain in (HOUSE, *map(chain_of, cases)):
            kept = await empty.audit.kept(chain, after=0, limit=1_000)
            assert [each.seq for each in kept] == list(range(1, 81))
            assert await broken(empty, chain) is None


class TestFinding:
    async def test_by_person_kind_and_place(self, empty: Stores) -> None:
        """[AUD-7] A person is found who did it and whom it was done to."""
        ben = Cause(BEN.id, FROM_A_BROWSER.origin)
        added = Event(Action.MEMBER_ADDED, FROM_A_BROWSER, CASE, person=BEN.id, details={Detail.ROLE: "observer"})
        await empty.audit.record([OPENED, added, Event(Action.CASE_OPENED, ben, CASE), OPENED])

        async def seqs(sought: Sought, limit: int = 10) -> list[int]:
            return [each.seq for each in await empty.audit.newest(chain_of(CASE), sought, limit)]

        assert await seqs(Sought()) == [4, 3, 2, 1]
        assert await seqs(Sought(), limit=2) == [4, 3]
        assert await seqs(Sought(before=3)) == [2, 1]
        assert await seqs(Sought(who=BEN.id)) == [3, 2]
        assert await seqs(Sought(who=ADA.id)) == [4, 2, 1]
        assert await seqs(Sought(actions=[Action.DOCUMENT_OPENED])) == [4, 1]
        assert await seqs(Sought(who=ADA.id, actions=[Action.MEMBER_ADDED, Action.CASE_OPENED], before=4)) == [2]


class TestAnchors:
    async def test_the_house_is_told_how_far_cases_have_come(self, empty: Stores) -> None:
        """[AUD-8] Each chain that moved since, once; and no more than asked for at a time."""
        elsewhere = Event(Action.CASE_OPENED, FROM_A_BROWSER, OTHER_CASE)
        await empty.audit.record([OPENED, OPENED, elsewhere, Event(Action.CASES_LISTED, FROM_A_BROWSER)])
        head = (await empty.audit.end(chain_of(CASE))).head
        assert head is not None
        assert await empty.audit.anchor(1) == [head]
        assert [each.chain for each in await empty.audit.anchor(10)] == [chain_of(OTHER_CASE)]
        assert await empty.audit.anchor(10) == []
        await empty.audit.record([OPENED])
        assert [(each.chain, each.seq) for each in await empty.audit.anchor(10)] == [(chain_of(CASE), 3)]
        told = await empty.audit.newest(HOUSE, Sought(actions=[Action.AUDIT_ANCHORED]), 10)
        assert [each.event.details[Detail.SEQ] for each in told] == [3, 1, 2]
        assert told[2].event.details == {Detail.CHAIN: CASE, Detail.SEQ: 2, Detail.HASH: head.hash.hex()}

    async def test_a_walk_along_all_chains_holds_them_to_their_anchors(self, empty: Stores) -> None:
        """[AUD-3] [AUD-8] The house's own, and those that were kept elsewhere."""
        await empty.audit.record([OPENED, OPENED])
        await empty.audit.anchor(10)
        walks = [each async for each in walk_all(empty.audit)]
        assert [(walk.head.chain, walk.head.seq) for walk, _ in walks] == [(HOUSE, 1), (chain_of(CASE), 2)]
        assert [found for _, found in walks] == [None, None]
        lost, other = Chain("x" * 16), b"\x01" * 32
        known = {HOUSE: {5: other}, lost: {4: other}, chain_of(CASE): {2: walks[1][0].head.hash}}
        broken = {walk.head.chain: found async for walk, found in walk_all(empty.audit, known)}
        assert {chain: found.seq for chain, found in broken.items() if found} == {HOUSE: 2, lost: 1}


class TestTampering:
    """[AUD-3] What somebody does to the database who may do everything there."""

    @pytest.fixture(params=["sqlite", "postgres"])
    def disk(self, request: pytest.FixtureRequest, tmp_path: Path) -> SqliteWorld | PostgresWorld:
        """Where there is something to tamper with."""
        if request.param == "sqlite":
            return SqliteWorld(tmp_path / "consilium.db")
        postgres: Postgres = request.getfixturevalue("postgres")
        return PostgresWorld(postgres, postgres.fresh())

    @pytest.mark.parametrize(
        ("change", "seq", "what"),
        [
            ("UPDATE audit_events SET body = (SELECT body FROM audit_events WHERE seq = 3) WHERE seq = 2", 2, "match"),
            ("UPDATE audit_events SET who = 'bbbbbbbbbbbbbbbb' WHERE seq = 2", 2, "listed"),
            ("UPDATE audit_events SET at = at + 1 WHERE seq = 4", 4, "listed"),
            ("DELETE FROM audit_events WHERE seq = 2", 2, "missing"),
            ("DELETE FROM audit_events WHERE seq > 3", 4, "missing, and all up to 5"),
            ("DELETE FROM audit_events", 1, "missing, and all up to 5"),
            ("DELETE FROM audit_chains", 5, "newer"),
            ("UPDATE audit_chains SET seq = 3, hash = (SELECT hash FROM audit_events WHERE seq = 3)", 5, "newer"),
            ("UPDATE audit_chains SET seq = 6", 6, "missing"),
            ("UPDATE audit_chains SET hash = (SELECT hash FROM audit_events WHERE seq = 4)", 5, "not the chain's head"),
            (
                "DELETE FROM audit_events WHERE seq = 3; "
                + "; ".join(f"UPDATE audit_events SET seq = {seq} WHERE seq = {seq + 1}" for seq in (3, 4))
                + "; UPDATE audit_chains SET seq = 4",
                3,
                "match",
            ),
            (
                "; ".join(
                    f"UPDATE audit_events SET seq = {to} WHERE seq = {at}" for at, to in ((2, 9), (3, 2), (9, 3))
                ),
                2,
                "match",
            ),
        ],
    )
    async def test_it_is_found(self, disk: SqliteWorld | PostgresWorld, change: str, seq: int, what: str) -> None:
        """[AUD-3] And `consilium verify` finds it, too."""
        async with disk.node() as stores:
            await stores.audit.record([replace(OPENED, details={Detail.SEQ: number}) for number in range(5)])
            disk.unguard()
            for statement in change.split(";"):
                disk.run(statement)
            found = await broken(stores, chain_of(CASE))
            assert found is not None
            assert found.seq == seq
            assert what in found.what
        async with open_database(disk.location) as database:
            [fault] = (await examine(database, all_the_same)).faults
            assert (str(fault.place), fault.what) == (CASE, f"event {seq} of the audit log {found.what}")

    async def test_a_tail_cut_off_with_its_head_is_found_by_the_house(self, disk: SqliteWorld | PostgresWorld) -> None:
        """[AUD-8] As long as it was anchored, and nobody cut off the house's too: then an anchor from outside tells."""
        async with disk.node() as stores:
            await stores.audit.record([OPENED] * 5)
            await stores.audit.anchor(10)
            outside: dict[Chain, dict[int, bytes]] = {}
            for chain in (HOUSE, chain_of(CASE)):
                head = (await stores.audit.end(chain)).head
                assert isinstance(head, Head)
                outside[chain] = {head.seq: head.hash}
            disk.unguard()
            disk.run(f"DELETE FROM audit_events WHERE seq > 3 AND chain = '{CASE}'")
            back = f"(SELECT hash FROM audit_events WHERE seq = 3 AND chain = '{CASE}')"
            disk.run(f"UPDATE audit_chains SET seq = 3, hash = {back} WHERE name = '{CASE}'")
            assert await broken(stores, chain_of(CASE)) is None
            assert [found.seq async for _, found in walk_all(stores.audit) if found] == [4]
            disk.run("DELETE FROM audit_events WHERE chain = 'house'")
            disk.run("DELETE FROM audit_chains WHERE name = 'house'")
            assert [found async for _, found in walk_all(stores.audit) if found] == []
            assert [found.seq async for _, found in walk_all(stores.audit, outside) if found] == [1, 4]

    @pytest.mark.parametrize("change", ["UPDATE audit_events SET who = NULL", "DELETE FROM audit_events"])
    async def test_a_careless_hand_is_stopped(self, disk: SqliteWorld | PostgresWorld, change: str) -> None:
        """[AUD-3]"""
        async with disk.node() as stores:
            await stores.audit.record([OPENED])
            with pytest.raises((sqlite3.IntegrityError, RuntimeError), match="append-only"):
                disk.run(change)
            assert (await stores.audit.end(chain_of(CASE))).newest == 1
            assert await broken(stores, chain_of(CASE)) is None


async def all_the_same(*_: object) -> bool:
    """There are no snapshots here."""
    return True
