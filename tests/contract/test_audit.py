"""What every adapter of the audit log promises, sentence by sentence."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from storage.ports import Sought, Stores
from tests.contract.sample import ADA, BEN, CASE, OTHER_CASE
from tests.contract.worlds import World
from workspace.audit import HOUSE, Action, Cause, Chain, Detail, Event, Means, chain_of, decode, origin_from
from workspace.audit_chain import Break, find_break
from workspace.ids import CaseId, DocumentName

FROM_A_BROWSER = Cause(ADA.id, origin_from(Means.SESSION, "10.0.0.7", "0123456789abcdef"))
OPENED = Event(Action.DOCUMENT_OPENED, FROM_A_BROWSER, CASE, DocumentName("record"))


async def broken(stores: Stores, chain: Chain) -> Break | None:
    """Where a chain breaks."""
    kept = await stores.audit.kept(chain, after=0, limit=10_000)
    return find_break(chain, kept, await stores.audit.head(chain))


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
        assert await empty.audit.head(HOUSE) is None
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
