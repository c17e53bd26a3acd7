"""What every adapter of lists promises, sentence by sentence."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from storage.ports import Counts, Listed, Named, Order, Stores, Wanted
from tests.contract.sample import ADA, BEN, CASE, CLEO, DISCUSSION, NOW, OTHER_CASE, RECORD, edit, new_case
from workspace.case import CaseState, Role
from workspace.ids import CaseId, DocumentId, DocumentName, Millis, Seq
from workspace.record import Head, Projection

THIRD = CaseId("n" * 16)


async def ids(stores: Stores, wanted: Wanted | None = None, who: str = "ada") -> list[CaseId]:
    person = {"ada": ADA, "ben": BEN, "cleo": CLEO}[who]
    return [each.case.id for each in await stores.lists.page(person.id, wanted or Wanted())]


async def say(stores: Stores, case: CaseId, head: Head, *, mentions: Sequence[str] = ()) -> None:
    projection = Projection(head, {}, tuple(who.id for who in (ADA, BEN) if who.name in mentions))
    await stores.projections.keep(DocumentId(case, DocumentName("record")), Seq(0), projection, NOW)


@pytest.fixture
async def three(stores: Stores) -> Stores:
    """Ada leads two cases, and Ben one in which she observes."""
    await stores.cases.create(new_case(OTHER_CASE, at=NOW + 10, title="Éclampsie"))
    await stores.cases.create(new_case(THIRD, lead=BEN, at=NOW + 20, title="dyspnoea"))
    await stores.cases.set_member(THIRD, ADA.id, Role.OBSERVER, Millis(NOW + 20))
    return stores


async def test_it_has_ones_own_cases_newest_change_first(stores: Stores) -> None:
    """[API-3] An edit is a change, and so is a member, a title, a state."""
    await stores.cases.create(new_case(OTHER_CASE, at=NOW + 10))

    async def listed() -> list[tuple[str, int]]:
        return [(each.case.id, each.changed_at) for each in await stores.lists.page(ADA.id, Wanted())]

    assert await listed() == [(OTHER_CASE, NOW + 10), (CASE, NOW)]
    await stores.journal.open(RECORD)
    await stores.journal.open(DISCUSSION)
    await stores.journal.append([edit(at=NOW + 20), edit(DISCUSSION, at=NOW + 15)])
    assert await listed() == [(CASE, NOW + 20), (OTHER_CASE, NOW + 10)]
    await stores.cases.set_member(OTHER_CASE, BEN.id, Role.OBSERVER, Millis(NOW + 30))
    assert await listed() == [(OTHER_CASE, NOW + 30), (CASE, NOW + 20)]
    await stores.cases.rename(CASE, "Another", Millis(NOW + 40))
    assert (await listed())[0] == (CASE, NOW + 40)


async def test_it_says_who_wrote_last(stores: Stores) -> None:
    """[LST-5] While they are a member; nobody when the case itself changed last."""
    await stores.cases.set_member(CASE, BEN.id, Role.CONTRIBUTOR, NOW)
    await stores.journal.open(RECORD)
    await stores.journal.append([edit(at=NOW + 1), edit(author=BEN, at=NOW + 2)])
    (listed,) = await stores.lists.page(ADA.id, Wanted())
    assert listed.changed_by == Named(BEN.id, "ben")
    await stores.cases.rename(CASE, "Another", Millis(NOW + 3))
    (listed,) = await stores.lists.page(ADA.id, Wanted())
    assert (listed.changed_by, listed.changed_at) == (None, NOW + 3)
    await stores.cases.set_member(CASE, BEN.id, None, Millis(NOW + 3))
    await stores.journal.append([edit(author=BEN, at=NOW + 4)])
    (listed,) = await stores.lists.page(ADA.id, Wanted())
    assert (listed.changed_by, listed.changed_at) == (None, NOW + 4)


async def test_a_moderator_sees_all_and_what_they_are_in_each(stores: Stores) -> None:
    """[API-3] A role only where there is a membership; what is purged is seen by nobody."""
    await stores.cases.create(new_case(OTHER_CASE, lead=BEN))
    await stores.cases.set_member(CASE, CLEO.id, Role.OBSERVER, Millis(NOW + 1))
    listed = await stores.lists.page(CLEO.id, Wanted(all_cases=True))
    assert [(each.case.id, each.role, each.changed_at) for each in listed] == [
        (CASE, Role.OBSERVER, NOW + 1),
        (OTHER_CASE, None, NOW),
    ]
    assert [each.leads for each in listed] == [(Named(ADA.id, "Ada"),), (Named(BEN.id, "ben"),)]
    assert await ids(stores, who="cleo") == [CASE]
    await stores.cases.set_state(CASE, CaseState.OPEN, CaseState.PURGED, NOW)
    assert await ids(stores, Wanted(all_cases=True), "cleo") == [OTHER_CASE]
    assert await ids(stores) == []


async def test_it_carries_what_the_record_said(stores: Stores) -> None:
    """[LST-6] And who owns the next action, while a member."""
    head = Head("30-39", "female", "Which drug?", "Fever", "Biopsy", BEN.id, "2026-11-30")
    await say(stores, CASE, head, mentions=["Ada"])
    (listed,) = await stores.lists.page(ADA.id, Wanted())
    assert (listed.head, listed.next_owner, listed.is_mentioned) == (head, None, True)
    await stores.cases.set_member(CASE, BEN.id, Role.OBSERVER, NOW)
    (listed,) = await stores.lists.page(BEN.id, Wanted())
    assert (listed.next_owner, listed.is_mentioned) == (Named(BEN.id, "ben"), False)


async def test_mine_to_act_on_are_those_whose_next_owner_i_am(three: Stores) -> None:
    """[LST-5] Soonest due first, without a day last; of cases that may be seen only."""
    await say(three, CASE, Head(next_owner=ADA.id))
    await say(three, OTHER_CASE, Head(next_owner=ADA.id, next_due="2026-12-01"))
    await say(three, THIRD, Head(next_owner=ADA.id, next_due="2026-11-30"))
    wanted = Wanted(is_theirs_to_act=True, order=Order.DUE)
    assert await ids(three, wanted) == [THIRD, OTHER_CASE, CASE]
    assert await ids(three, wanted, "ben") == []
    assert await three.lists.counts(ADA.id, all_cases=False) == Counts(3, 3, 3)
    assert await three.lists.counts(BEN.id, all_cases=False) == Counts(1, 0, 1)
    assert await three.lists.counts(CLEO.id, all_cases=True) == Counts(0, 0, 3)
    await three.cases.set_member(THIRD, ADA.id, None, NOW)
    assert await ids(three, wanted) == [OTHER_CASE, CASE]


async def test_filters_hold_together(three: Stores) -> None:
    """[LST-5] State, role, lead, changed since; all of them."""
    await three.cases.set_state(CASE, CaseState.OPEN, CaseState.CONCLUDED, Millis(NOW + 5))
    assert await ids(three, Wanted(states=frozenset({CaseState.CONCLUDED}))) == [CASE]
    assert await ids(three, Wanted(states=frozenset({CaseState.CONCLUDED, CaseState.OPEN}))) == [
        THIRD,
        OTHER_CASE,
        CASE,
    ]
    assert await ids(three, Wanted(role=Role.OBSERVER)) == [THIRD]
    assert await ids(three, Wanted(lead=ADA.id)) == [OTHER_CASE, CASE]
    assert await ids(three, Wanted(since=Millis(NOW + 10))) == [THIRD, OTHER_CASE]
    assert await ids(three, Wanted(lead=ADA.id, since=Millis(NOW + 10), role=Role.LEAD)) == [OTHER_CASE]
    assert await ids(three, Wanted(lead=ADA.id, role=Role.OBSERVER)) == []
    assert await three.lists.leads(ADA.id, all_cases=False) == [Named(ADA.id, "Ada"), Named(BEN.id, "ben")]
    assert await three.lists.leads(BEN.id, all_cases=False) == [Named(BEN.id, "ben")]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (Order.CHANGED, [THIRD, OTHER_CASE, CASE]),
        (Order.CREATED, [THIRD, OTHER_CASE, CASE]),
        (Order.TITLE, [CASE, THIRD, OTHER_CASE]),  # A fever, dyspnoea, Éclampsie
        (Order.DUE, [OTHER_CASE, CASE, THIRD]),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3])
async def test_pages_follow_each_other_in_every_order(
    three: Stores, order: Order, expected: list[CaseId], size: int
) -> None:
    """[LST-5] Each case on one page, whatever the size; equal keys go by id."""
    await say(three, OTHER_CASE, Head(next_due="2026-12-01"))
    pages: list[Sequence[Listed]] = []
    wanted = Wanted(order=order, limit=size)
    while page := await three.lists.page(ADA.id, wanted):
        assert len(page) <= size
        pages.append(page)
        wanted = Wanted(order=order, limit=size, after=page[-1].place)
    assert [each.case.id for page in pages for each in page] == expected
