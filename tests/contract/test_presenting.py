"""Who presents: one at a time, whoever asks, freezes, leaves or dies, on every adapter."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Coroutine

import pytest

from storage.ports import CredentialKind, Presenter, ShowingPage, Sought, Stores
from tests.contract.sample import ADA, BEN, CASE, CLEO, NOW, OTHER_CASE, add_people, new_case
from tests.contract.worlds import World
from workspace.audit import Action, chain_of
from workspace.case import Person
from workspace.errors import Conflict, ConsiliumError, NotFound
from workspace.ids import ClientId, Millis

LONG = 60.0
PEOPLE = (ADA, BEN, CLEO)
DEEDS = ("begin", "take over", "hand over", "renew")


def page(person: Person, client: int = 1) -> ShowingPage:
    """A page of theirs, signed in for as long as nobody ends it."""
    return ShowingPage(person.id, ClientId(client), person.id.encode() * 2)


@pytest.fixture
async def nodes(world: World) -> AsyncIterator[tuple[Stores, Stores]]:
    """Two nodes on one disk, with people who are signed in and two cases."""
    async with world.node() as one, world.node() as two:
        await add_people(one)
        for person in PEOPLE:
            digest = page(person).credential
            await one.people.grant(CredentialKind.BEARER, digest, person.id, NOW, Millis(NOW + 10**12))
        for case in (CASE, OTHER_CASE):
            await one.cases.create(new_case(case))
        yield one, two


async def whose(stores: Stores) -> tuple[str, int | None, int] | None:
    held = await stores.presenting.now(CASE)
    return None if held is None else (held.person, held.client, held.number)


async def actions(stores: Stores) -> list[Action]:
    found = await stores.audit.newest(chain_of(CASE), Sought(), 1_000)
    return [each.event.action for each in reversed(found) if each.event.action.value.startswith("presenting.")]


def ask(stores: Stores, deed: str, who: Person, number: int) -> Coroutine[None, None, Presenter]:
    """Something that somebody does, who saw this turn."""
    presenting = stores.presenting
    match deed:
        case "begin":
            return presenting.begin(CASE, page(who), LONG)
        case "take over":
            return presenting.take_over(CASE, number, page(who), LONG)
        case "hand over":
            return presenting.hand_over(CASE, number, who.id, LONG)
        case _:
            return presenting.renew(CASE, number, page(who), LONG)


async def test_one_presents_and_the_place_is_free_again(nodes: tuple[Stores, Stores]) -> None:
    """[FOL-1] Seen from every node; in another case somebody else may."""
    one, two = nodes
    assert await whose(one) is None
    first = await one.presenting.begin(CASE, page(ADA), LONG)
    assert (first.person, first.client, first.number) == (ADA.id, 1, 1)
    assert 0 < first.millis_left <= LONG * 1000
    assert await whose(two) == (ADA.id, 1, 1)
    with pytest.raises(Conflict):
        await two.presenting.begin(CASE, page(BEN), LONG)
    assert (await two.presenting.begin(OTHER_CASE, page(BEN), LONG)).number == 1
    await two.presenting.end(CASE, 1)
    assert await whose(one) is None
    assert (await two.presenting.begin(CASE, page(BEN, 7), LONG)).number == 2
    await one.presenting.end(CASE, 1)
    assert await whose(one) == (BEN.id, 7, 2)


async def test_a_case_that_is_not_there_has_none(nodes: tuple[Stores, Stores]) -> None:
    """[FOL-1]"""
    absent = new_case().id.replace("k", "z")
    assert await nodes[0].presenting.now(type(CASE)(absent)) is None
    with pytest.raises(NotFound):
        await nodes[0].presenting.begin(type(CASE)(absent), page(ADA), LONG)


async def test_of_many_who_ask_at_once_one_presents(nodes: tuple[Stores, Stores]) -> None:
    """[FOL-1] For the first time, and again each time that the place is free."""
    for number in range(1, 6):
        asked = [node.presenting.begin(CASE, page(person), LONG) for node in nodes for person in (BEN, CLEO)]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        given = [each for each in answers if isinstance(each, Presenter)]
        assert all(isinstance(each, Presenter | Conflict) for each in answers)
        assert len({each.person for each in given}) == 1
        now = await nodes[0].presenting.now(CASE)
        assert now is not None
        assert now.person == given[0].person
        assert now.number == max(each.number for each in given) >= number
        await nodes[1].presenting.end(CASE, now.number)


async def test_a_turn_ends_when_nobody_keeps_it(nodes: tuple[Stores, Stores], world: World) -> None:
    """[FOL-2] Not before; and late is too late, since the others were told."""
    one, two = nodes
    turn = await one.presenting.begin(CASE, page(ADA), LONG)
    world.set_clock(0.8 * LONG)
    kept = await two.presenting.renew(CASE, turn.number, page(ADA, 9), LONG)
    assert (kept.number, kept.client) == (turn.number, 9)
    world.set_clock(0.8 * LONG)
    assert await whose(one) == (ADA.id, 9, 1)
    with pytest.raises(Conflict):
        await one.presenting.renew(CASE, turn.number, page(BEN), LONG)
    world.set_clock(0.3 * LONG)
    assert await whose(two) is None
    with pytest.raises(Conflict):
        await one.presenting.renew(CASE, turn.number, page(ADA), LONG)
    assert (await two.presenting.begin(CASE, page(BEN), LONG)).number == 2


async def test_a_turn_ends_with_the_sign_in_of_its_page(nodes: tuple[Stores, Stores]) -> None:
    """[FOL-2] At once, and not with that of another place."""
    one, two = nodes
    turn = await one.presenting.begin(CASE, page(ADA), LONG)
    await two.people.revoke(page(BEN).credential, NOW)
    assert await whose(one) == (ADA.id, 1, 1)
    await two.people.revoke(page(ADA).credential, NOW)
    assert await whose(one) is None
    with pytest.raises(Conflict):
        await one.presenting.renew(CASE, turn.number, page(ADA), LONG)


async def test_ones_own_place_goes_with_one_to_another_page(nodes: tuple[Stores, Stores]) -> None:
    """[FOL-1] The former page is told when it wants to keep it."""
    one, two = nodes
    first = await one.presenting.begin(CASE, page(ADA, 1), LONG)
    await two.presenting.begin(CASE, page(ADA, 2), LONG)
    assert await whose(one) == (ADA.id, 2, 2)
    with pytest.raises(Conflict):
        await one.presenting.renew(CASE, first.number, page(ADA, 1), LONG)


async def test_the_place_is_handed_over_and_taken_over(nodes: tuple[Stores, Stores], world: World) -> None:
    """[FOL-3] Whoever is given it begins on a page of theirs, in time, and nobody else does meanwhile."""
    one, two = nodes
    turn = await one.presenting.begin(CASE, page(ADA), LONG)
    given = await two.presenting.hand_over(CASE, turn.number, BEN.id, LONG)
    assert await whose(one) == (BEN.id, None, 2)
    for who in (ADA, CLEO):
        with pytest.raises(Conflict):
            await one.presenting.begin(CASE, page(who), LONG)
    begun = await one.presenting.begin(CASE, page(BEN, 4), LONG)
    assert (begun.person, begun.client) == (BEN.id, 4)
    with pytest.raises(Conflict):
        await two.presenting.take_over(CASE, given.number, page(CLEO), LONG)
    taken = await two.presenting.take_over(CASE, begun.number, page(CLEO, 5), LONG)
    assert await whose(one) == (CLEO.id, 5, taken.number)
    await one.presenting.hand_over(CASE, taken.number, ADA.id, LONG)
    world.set_clock(1.1 * LONG)
    assert await whose(two) is None
    with pytest.raises(Conflict):
        await two.presenting.hand_over(CASE, taken.number, BEN.id, LONG)


async def test_nobody_s_account_is_given_the_place(nodes: tuple[Stores, Stores]) -> None:
    """[FOL-3] The turn stays as it is."""
    turn = await nodes[0].presenting.begin(CASE, page(ADA), LONG)
    with pytest.raises(NotFound):
        await nodes[0].presenting.hand_over(CASE, turn.number, type(ADA.id)("z" * 16), LONG)
    assert await whose(nodes[1]) == (ADA.id, 1, 1)


async def test_a_turn_that_does_not_count_is_passed_over(nodes: tuple[Stores, Stores]) -> None:
    """[FOL-1] Whoever lost the right meanwhile keeps nobody from it; a turn after that one does."""
    one, two = nodes
    await one.presenting.begin(CASE, page(ADA), LONG)
    assert (await two.presenting.begin(CASE, page(BEN), LONG, beyond=1)).number == 2
    with pytest.raises(Conflict):
        await two.presenting.begin(CASE, page(CLEO), LONG, beyond=1)


async def test_changes_are_told_and_renewals_are_not(nodes: tuple[Stores, Stores]) -> None:
    """[FOL-4] [AUD-1] By an event, and by a notice that is nobody's; of the end by itself there is neither."""
    one, _ = nodes
    before = await one.notices.latest()
    turn = await one.presenting.begin(CASE, page(ADA), LONG)
    for _again in range(3):
        await one.presenting.renew(CASE, turn.number, page(ADA), LONG)
    given = await one.presenting.hand_over(CASE, turn.number, BEN.id, LONG)
    begun = await one.presenting.begin(CASE, page(BEN), LONG)
    taken = await one.presenting.take_over(CASE, begun.number, page(CLEO), LONG)
    await one.presenting.end(CASE, taken.number)
    await one.presenting.end(CASE, given.number)
    assert await actions(one) == [
        Action.PRESENTING_BEGUN,
        Action.PRESENTING_HANDED_OVER,
        Action.PRESENTING_TAKEN_OVER,
        Action.PRESENTING_ENDED,
    ]
    notices = await one.notices.since(before)
    assert [(each.person, each.case) for each in notices] == [(None, CASE)] * 5


async def test_whatever_people_do_at_once_one_presents(nodes: tuple[Stores, Stores], world: World) -> None:
    """[FOL-1] [FOL-3] Random races on two nodes: at each moment one turn at most, numbers only grow, and what was
    answered is what the next one finds. All kinds of answers really came."""
    drawn = random.Random(22)
    last, seen, conflicts = 0, set(), 0
    for _round in range(40):
        now = await nodes[0].presenting.now(CASE)
        number = now.number if now is not None else 0
        asked = [ask(drawn.choice(nodes), drawn.choice(DEEDS), drawn.choice(PEOPLE), number) for _one in range(3)]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        assert all(isinstance(each, Presenter | ConsiliumError) for each in answers)
        given = [each for each in answers if isinstance(each, Presenter)]
        conflicts += len(answers) - len(given)
        fresh = [each.number for each in given if each.number > last]
        assert len(fresh) == len(set(fresh))
        after = await nodes[1].presenting.now(CASE)
        if given:
            newest = max(given, key=lambda each: (each.number, each.client is not None))
            assert after is not None
            assert (after.number, after.person) == (newest.number, newest.person)
            last = newest.number
            seen |= {each.person for each in given}
        if after is not None and drawn.random() < 0.2:
            await drawn.choice(nodes).presenting.end(CASE, after.number)
        elif drawn.random() < 0.1:
            world.set_clock(1.5 * LONG)
    assert len(seen) == 3
    assert conflicts > 10
    assert last > 15
