"""What every adapter of cases promises, sentence by sentence."""

from __future__ import annotations

import asyncio

import pytest

from storage.ports import Stores, Wanted
from tests.contract.sample import (
    ABSENT,
    ADA,
    BEN,
    CASE,
    CLEO,
    DISCUSSION,
    NOW,
    OTHER_CASE,
    RECORD,
    add_people,
    edit,
    new_case,
)
from tests.contract.worlds import World
from workspace.case import Case, CaseState, Member, Person, Role, Standing
from workspace.errors import Conflict, InvalidRequest, NotFound
from workspace.ids import CaseId, Millis, PersonId

LATER = Millis(NOW + 1_000)


async def changes(stores: Stores) -> list[tuple[int, PersonId | None, CaseId | None]]:
    return [(each.number, each.person, each.case) for each in await stores.notices.since(0)]


class TestCreate:
    async def test_the_case_has_its_lead_and_its_state(self, stores: Stores) -> None:
        """[CAS-1] Nobody else is a member."""
        assert await stores.cases.find(CASE, ADA.id) == (Case(CASE, "A fever", CaseState.OPEN, NOW), Role.LEAD)
        assert await stores.cases.find(CASE, BEN.id) == (Case(CASE, "A fever", CaseState.OPEN, NOW), None)
        assert await stores.cases.members(CASE) == [Member(ADA, Role.LEAD, NOW)]
        assert await stores.cases.documents(CASE) == {}

    async def test_documents_are_seeded_with_it(self, stores: Stores) -> None:
        """[JRN-11] Entry 1, by the lead; opening adds nothing."""
        await stores.cases.create(new_case(OTHER_CASE, seeds={"record": b"seed", "discussion": b"talk"}))
        assert await stores.cases.documents(OTHER_CASE) == {"record": 1, "discussion": 1}
        stored = await stores.journal.open(type(RECORD)(OTHER_CASE, RECORD.name))
        assert [(e.seq, e.update, e.author, e.at) for e in stored.entries] == [(1, b"seed", ADA.id, NOW)]

    async def test_an_id_is_taken_once_and_seeded_once(self, stores: Stores) -> None:
        """[JRN-11] The second creation leaves nothing: no document, no notice."""
        before = await changes(stores)
        with pytest.raises(Conflict):
            await stores.cases.create(new_case(lead=BEN, seeds={"record": b"other"}, title="Other"))
        found = await stores.cases.find(CASE, BEN.id)
        assert found is not None
        assert (found[0].title, found[1]) == ("A fever", None)
        assert await stores.cases.documents(CASE) == {}
        assert await changes(stores) == before

    async def test_a_lead_must_exist(self, empty: Stores) -> None:
        """[CAS-2] A case without a lead is never made."""
        with pytest.raises(NotFound):
            await empty.cases.create(new_case())
        assert await empty.cases.find(CASE, ADA.id) is None


class TestFind:
    async def test_a_case_that_is_not_there_is_none(self, stores: Stores) -> None:
        """[CAS-1] Absent, for whoever asks."""
        assert await stores.cases.find(ABSENT.case, ADA.id) is None
        assert await stores.cases.members(ABSENT.case) == []
        assert await stores.cases.documents(ABSENT.case) == {}

    async def test_members_are_the_lead_then_by_name(self, stores: Stores) -> None:
        """[CAS-1] Whatever the case of a name's first letter."""
        zoe = Person(PersonId("z" * 16), "zoe@example.org", "Zoë", Standing.CLINICIAN)
        await stores.people.add(zoe, None, NOW)
        await stores.cases.set_member(CASE, CLEO.id, Role.CONSULTANT, LATER)
        await stores.cases.set_member(CASE, zoe.id, Role.LEAD, LATER)
        await stores.cases.set_member(CASE, BEN.id, Role.CONTRIBUTOR, LATER)
        assert await stores.cases.members(CASE) == [
            Member(ADA, Role.LEAD, NOW),
            Member(zoe, Role.LEAD, LATER),
            Member(BEN, Role.CONTRIBUTOR, LATER),
            Member(CLEO, Role.CONSULTANT, LATER),
        ]

    async def test_documents_are_the_current_ones(self, stores: Stores) -> None:
        """[JRN-9] A superseded document is history, its successor is current."""
        await stores.journal.open(RECORD)
        await stores.journal.append([edit(), edit()])
        await stores.journal.open(DISCUSSION)
        await stores.journal.supersede(RECORD, None, ADA.id, NOW)
        assert await stores.cases.documents(CASE) == {"record~2": 0, "discussion": 0}


class TestMembership:
    async def test_each_change_leaves_one_notice(self, stores: Stores) -> None:
        """[CAS-1] Given, changed, taken away; creating the case gave its lead theirs."""
        await stores.cases.set_member(CASE, BEN.id, Role.OBSERVER, LATER)
        await stores.cases.set_member(CASE, BEN.id, Role.CONTRIBUTOR, LATER)
        assert (await stores.cases.members(CASE))[1] == Member(BEN, Role.CONTRIBUTOR, LATER)
        await stores.cases.set_member(CASE, BEN.id, None, LATER)
        assert await stores.cases.find(CASE, BEN.id) == (Case(CASE, "A fever", CaseState.OPEN, NOW), None)
        assert await changes(stores) == [(1, ADA.id, CASE), *[(number, BEN.id, CASE) for number in (2, 3, 4)]]

    async def test_no_change_leaves_no_notice(self, stores: Stores) -> None:
        """[CAS-1] Nobody is thrown out of a room for nothing."""
        await stores.cases.set_member(CASE, BEN.id, Role.OBSERVER, LATER)
        before = await changes(stores)
        await stores.cases.set_member(CASE, BEN.id, Role.OBSERVER, LATER)
        await stores.cases.set_member(CASE, CLEO.id, None, LATER)
        await stores.cases.set_member(CASE, ADA.id, Role.LEAD, LATER)
        assert await changes(stores) == before

    async def test_a_role_change_keeps_since(self, stores: Stores) -> None:
        """[CAS-1] Since is when the membership began."""
        await stores.cases.set_member(CASE, BEN.id, Role.OBSERVER, LATER)
        await stores.cases.set_member(CASE, BEN.id, Role.CONTRIBUTOR, Millis(LATER + 1))
        assert (await stores.cases.members(CASE))[1].since == LATER

    @pytest.mark.parametrize("role", [None, Role.OBSERVER])
    async def test_the_last_lead_stays(self, stores: Stores, role: Role | None) -> None:
        """[CAS-2] Neither removed nor made less; with a second lead, both are possible."""
        with pytest.raises(Conflict):
            await stores.cases.set_member(CASE, ADA.id, role, LATER)
        assert await stores.cases.members(CASE) == [Member(ADA, Role.LEAD, NOW)]
        await stores.cases.set_member(CASE, BEN.id, Role.LEAD, LATER)
        await stores.cases.set_member(CASE, ADA.id, role, LATER)
        with pytest.raises(Conflict):
            await stores.cases.set_member(CASE, BEN.id, role, LATER)

    async def test_two_leads_who_remove_each_other_leave_one(self, world: World, stores: Stores) -> None:
        """[CAS-2] From two nodes at once."""
        await stores.cases.set_member(CASE, BEN.id, Role.LEAD, LATER)
        async with world.node() as beside:
            outcomes = await asyncio.gather(
                stores.cases.set_member(CASE, ADA.id, None, LATER),
                beside.cases.set_member(CASE, BEN.id, None, LATER),
                return_exceptions=True,
            )
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict", "NoneType"]
        assert len(await stores.cases.members(CASE)) == 1

    async def test_the_case_and_the_person_must_exist(self, stores: Stores) -> None:
        """[CAS-1] And no notice is left for what is not there."""
        before = await changes(stores)
        for case, person in ((ABSENT.case, BEN.id), (CASE, PersonId("x" * 16))):
            for role in (Role.OBSERVER, None):
                with pytest.raises(NotFound):
                    await stores.cases.set_member(case, person, role, LATER)
        assert await changes(stores) == before

    async def test_no_membership_makes_a_moderator(self, stores: Stores) -> None:
        """[CAS-1] That comes from the standing alone."""
        with pytest.raises(InvalidRequest):
            await stores.cases.set_member(CASE, BEN.id, Role.MODERATOR, LATER)
        assert await stores.cases.members(CASE) == [Member(ADA, Role.LEAD, NOW)]


class TestLife:
    async def test_a_step_is_taken_from_the_state_it_was_judged_in(self, stores: Stores) -> None:
        """[LST-2] Everybody who may have the case open gets a notice: its members, and Cleo, who is a moderator."""
        await stores.cases.set_member(CASE, BEN.id, Role.OBSERVER, NOW)
        before = len(await changes(stores))
        await stores.cases.set_state(CASE, CaseState.OPEN, CaseState.CONCLUDED, LATER)
        assert await stores.cases.find(CASE, BEN.id) == (
            Case(CASE, "A fever", CaseState.CONCLUDED, NOW),
            Role.OBSERVER,
        )
        assert {(who, case) for _, who, case in (await changes(stores))[before:]} == {
            (person.id, CASE) for person in (ADA, BEN, CLEO)
        }
        assert [each.changed_at for each in await stores.lists.page(ADA.id, Wanted())] == [LATER]

    async def test_a_step_from_another_state_is_refused_and_leaves_nothing(self, stores: Stores) -> None:
        """[LST-2]"""
        before = await changes(stores)
        with pytest.raises(Conflict):
            await stores.cases.set_state(CASE, CaseState.DRAFT, CaseState.OPEN, LATER)
        with pytest.raises(NotFound):
            await stores.cases.set_state(ABSENT.case, CaseState.OPEN, CaseState.CONCLUDED, LATER)
        assert await changes(stores) == before

    async def test_of_two_who_take_the_same_step_one_does(self, world: World, stores: Stores) -> None:
        """[LST-2] From two nodes at once."""
        async with world.node() as beside:
            outcomes = await asyncio.gather(
                stores.cases.set_state(CASE, CaseState.OPEN, CaseState.CONCLUDED, LATER),
                beside.cases.set_state(CASE, CaseState.OPEN, CaseState.CONCLUDED, LATER),
                return_exceptions=True,
            )
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict", "NoneType"]

    async def test_a_new_title_leaves_a_notice_that_is_nobody_s(self, stores: Stores) -> None:
        """[LST-1] [LST-3] The same title again leaves none."""
        before = len(await changes(stores))
        for _ in range(2):
            await stores.cases.rename(CASE, "Fièvre", LATER)
        found = await stores.cases.find(CASE, ADA.id)
        assert found is not None
        assert found[0].title == "Fièvre"
        assert [(who, case) for _, who, case in (await changes(stores))[before:]] == [(None, CASE)]
        with pytest.raises(NotFound):
            await stores.cases.rename(ABSENT.case, "x", LATER)


async def test_all_of_it_is_there_after_a_restart(world: World) -> None:
    """[CAS-1] Cases, members and notices are as durable as entries."""
    async with world.node() as before:
        await add_people(before)
        await before.cases.create(new_case(seeds={"record": b"seed"}))
        await before.cases.set_member(CASE, BEN.id, Role.OBSERVER, LATER)
    async with world.node() as after:
        assert [member.person for member in await after.cases.members(CASE)] == [ADA, BEN]
        assert await after.cases.documents(CASE) == {"record": 1}
        assert await after.notices.latest() == 2
