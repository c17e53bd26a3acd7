"""What every adapter of proposals promises, sentence by sentence."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from storage.ports import AccessNotice, Decision, Outcome, Proposal, Stores
from storage.ports.proposals import MOST_WAITING_IN_CASE, MOST_WAITING_OF_PERSON
from tests.contract.sample import ADA, BEN, CASE, CLEO, NOW, OTHER_CASE, new_case
from tests.contract.worlds import World
from workspace.case import Person
from workspace.errors import Conflict, NotFound, TooMany
from workspace.ids import CaseId, Millis, PersonId, ProposalId

WRITING = '{"sections": [{"section": "plan", "blocks": []}], "head": []}'
INCLUDED = Decision(ADA.id, Millis(NOW + 5))
DECLINED = Decision(ADA.id, Millis(NOW + 6), "It is said above, in other words. ñ 突")


def asked(number: int = 1, *, author: Person = BEN, case: CaseId = CASE, at: int = NOW) -> Proposal:
    """The `number`-th draft of an author; each request has an id of its own."""
    key = ProposalId(f"{number:a>12}{author.id[0]}{case[0]}{at % 10}b")
    return Proposal(key, case, author.id, f"7:{number}-{number + 1}", "read-only", WRITING, Millis(at))


class TestAsking:
    async def test_what_is_asked_for_is_listed_as_it_came(self, world: World, stores: Stores) -> None:
        """[PRO-1] Oldest first, of this case alone, also after a restart."""
        await stores.cases.create(new_case(OTHER_CASE))
        later, first, elsewhere = asked(2, at=NOW + 1), asked(1, author=CLEO), asked(3, case=OTHER_CASE)
        for each in (later, first, elsewhere):
            assert await stores.proposals.make(each) == each
        async with world.node() as after:
            assert await after.proposals.listed(CASE) == [first, later]
            assert await after.proposals.find(CASE, later.id) == later
            assert await after.proposals.find(OTHER_CASE, later.id) is None
            assert await after.proposals.find(CASE, ProposalId("z" * 16)) is None

    async def test_asked_twice_it_is_one(self, world: World, stores: Stores) -> None:
        """[PRO-1] Two tabs of one person, on two nodes, or a retry after a lost answer; another's draft of the same
        name is another."""
        async with world.node() as beside:
            made = await asyncio.gather(
                *[node.proposals.make(asked(at=NOW + number)) for number, node in enumerate((stores, beside))]
            )
        assert made[0] == made[1]
        assert await stores.proposals.listed(CASE) == [made[0]]
        await stores.proposals.make(asked(author=CLEO))
        assert len(await stores.proposals.listed(CASE)) == 2

    async def test_a_case_and_a_person_ask(self, stores: Stores) -> None:
        """[PRO-1]"""
        with pytest.raises(NotFound):
            await stores.proposals.make(asked(case=OTHER_CASE))
        with pytest.raises(NotFound):
            await stores.proposals.make(replace(asked(), author=PersonId("x" * 16)))
        assert await stores.proposals.listed(CASE) == []

    async def test_what_waits_of_one_person_is_bounded(self, stores: Stores) -> None:
        """[PRO-1] Others may still ask; what is decided makes room; asking again needs none."""
        for number in range(MOST_WAITING_OF_PERSON):
            await stores.proposals.make(asked(number))
        with pytest.raises(TooMany):
            await stores.proposals.make(asked(99))
        await stores.proposals.make(asked(99, author=CLEO))
        assert await stores.proposals.make(asked(0, at=NOW + 1)) == asked(0)
        await stores.proposals.decide(asked(3), Outcome.DECLINED, DECLINED)
        await stores.proposals.make(asked(99))

    async def test_what_waits_in_one_case_is_bounded(self, stores: Stores) -> None:
        """[PRO-1] In another case there is room."""
        for number in range(MOST_WAITING_IN_CASE):
            person = Person(PersonId(f"{number // MOST_WAITING_OF_PERSON + 2:d>16}"), f"{number}@x", "P", BEN.standing)
            if number % MOST_WAITING_OF_PERSON == 0:
                await stores.people.add(person, None, NOW)
            await stores.proposals.make(replace(asked(number), author=person.id))
        with pytest.raises(TooMany):
            await stores.proposals.make(asked(500))
        await stores.cases.create(new_case(OTHER_CASE))
        await stores.proposals.make(asked(500, case=OTHER_CASE))


class TestDeciding:
    async def test_a_decision_is_kept_with_who_and_when(self, world: World, stores: Stores) -> None:
        """[PRO-3] It stays listed until its author has seen it."""
        await stores.proposals.make(asked())
        decided = replace(asked(), outcome=Outcome.DECLINED, decision=DECLINED)
        assert await stores.proposals.decide(asked(), Outcome.DECLINED, DECLINED) == decided
        async with world.node() as after:
            assert await after.proposals.listed(CASE) == [decided]

    async def test_of_two_who_decide_at_once_one_does(self, world: World, stores: Stores) -> None:
        """[PRO-3] On two nodes; what was decided stays as it was decided."""
        await stores.proposals.make(asked())
        async with world.node() as beside:
            outcomes = await asyncio.gather(
                stores.proposals.decide(asked(), Outcome.INCLUDED, INCLUDED),
                beside.proposals.decide(asked(), Outcome.DECLINED, Decision(CLEO.id, NOW)),
                return_exceptions=True,
            )
        [kept] = [each for each in outcomes if isinstance(each, Proposal)]
        assert [type(each) for each in outcomes if each is not kept] == [Conflict]
        assert await stores.proposals.listed(CASE) == [kept]

    async def test_a_decision_is_taken_back(self, stores: Stores) -> None:
        """[PRO-3] It waits again, and is listed again where its author had put it away."""
        await stores.proposals.make(asked())
        decided = await stores.proposals.decide(asked(), Outcome.INCLUDED, INCLUDED)
        await stores.proposals.put_away(decided)
        assert await stores.proposals.decide(decided, Outcome.WAITING, None) == asked()
        assert await stores.proposals.listed(CASE) == [asked()]

    async def test_only_what_is_there_is_decided(self, stores: Stores) -> None:
        """[PRO-3]"""
        with pytest.raises(NotFound):
            await stores.proposals.decide(asked(), Outcome.INCLUDED, INCLUDED)
        with pytest.raises(NotFound):
            await stores.proposals.put_away(asked())


class TestPuttingAway:
    async def test_what_waits_is_taken_back(self, stores: Stores) -> None:
        """[PRO-5] Nobody can include it then; asked again it waits again, as the same one."""
        await stores.proposals.make(asked())
        await stores.proposals.put_away(asked())
        assert await stores.proposals.listed(CASE) == []
        with pytest.raises(Conflict):
            await stores.proposals.decide(asked(), Outcome.INCLUDED, INCLUDED)
        again = asked(at=NOW + 3)
        assert await stores.proposals.make(again) == replace(again, id=asked().id)

    async def test_what_was_decided_is_kept_and_not_listed(self, stores: Stores) -> None:
        """[PRO-5] What was included is never asked for again; what was declined may be."""
        for number, (outcome, decision) in enumerate([(Outcome.INCLUDED, INCLUDED), (Outcome.DECLINED, DECLINED)]):
            await stores.proposals.make(asked(number))
            await stores.proposals.put_away(await stores.proposals.decide(asked(number), outcome, decision))
        assert await stores.proposals.listed(CASE) == []
        kept = await stores.proposals.find(CASE, asked(0).id)
        assert kept == replace(asked(0), outcome=Outcome.INCLUDED, decision=INCLUDED)
        assert await stores.proposals.make(asked(0, at=NOW + 9)) == kept
        assert (await stores.proposals.make(asked(1, at=NOW + 9))).outcome is Outcome.WAITING
        assert [each.draft for each in await stores.proposals.listed(CASE)] == [asked(1).draft]

    async def test_it_is_put_away_as_it_was_seen(self, stores: Stores) -> None:
        """[PRO-5] An author who takes it back while somebody includes it is told."""
        await stores.proposals.make(asked())
        await stores.proposals.decide(asked(), Outcome.INCLUDED, INCLUDED)
        with pytest.raises(Conflict):
            await stores.proposals.put_away(asked())
        assert len(await stores.proposals.listed(CASE)) == 1


async def test_each_change_leaves_a_notice_that_is_nobodys(stores: Stores) -> None:
    """[PRO-2] Open pages ask for what is new; nobody's rights changed. What changes nothing leaves none."""
    before = await stores.notices.latest()
    await stores.proposals.make(asked())
    await stores.proposals.make(asked())
    decided = await stores.proposals.decide(asked(), Outcome.DECLINED, DECLINED)
    await stores.proposals.put_away(decided)
    notices = await stores.notices.since(before)
    assert notices == [AccessNotice(before + number, None, CASE) for number in (1, 2, 3)]
