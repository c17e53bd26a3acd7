"""Leases: one holder in the cluster, whoever asks, freezes or dies, and whatever the clocks do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from storage.ports import Holder, Lease, Stores
from tests.contract.worlds import World

ONE, TWO = Holder("one"), Holder("two")
LONG = 60.0
NAME = "mail"


@pytest.fixture
async def nodes(world: World) -> AsyncIterator[tuple[Stores, Stores]]:
    """Two nodes on one disk."""
    async with world.node() as one, world.node() as two:
        yield one, two


async def taken(stores: Stores, holder: Holder, name: str = NAME, seconds: float = LONG) -> Lease:
    lease = await stores.leases.acquire(name, holder, seconds)
    assert lease is not None
    return lease


async def test_a_lease_has_one_holder(nodes: tuple[Stores, Stores]) -> None:
    """[NODE-5] The other gets another one, or this one when it was let go."""
    one, two = nodes
    lease = await taken(one, ONE)
    assert await two.leases.acquire(NAME, TWO, LONG) is None
    assert (await taken(two, TWO, "records")).fence == 1
    await one.leases.release(lease)
    after = await taken(two, TWO)
    assert (after.holder, after.fence) == (TWO, 2)
    assert await one.leases.acquire(NAME, ONE, LONG) is None


async def test_of_many_who_ask_at_once_one_gets_it(nodes: tuple[Stores, Stores]) -> None:
    """[NODE-5] For the first time, and again each time that it is let go; every fence is greater than the last."""
    fences = []
    for _ in range(10):
        asked = [
            stores.leases.acquire(NAME, Holder(f"{i}-{j}"), LONG) for i, stores in enumerate(nodes) for j in "abcd"
        ]
        [winner] = [lease for lease in await asyncio.gather(*asked) if lease is not None]
        fences.append(winner.fence)
        await nodes[0].leases.release(winner)
    assert fences == list(range(1, 11))


async def test_a_dead_holder_s_lease_is_free_when_its_time_is_over(nodes: tuple[Stores, Stores], world: World) -> None:
    """[NODE-5] And not before; a renewal counts from when it is made."""
    one, two = nodes
    lease = await taken(one, ONE)
    world.set_clock(0.8 * LONG)
    assert list(await one.leases.renew([lease], LONG)) == [lease]
    world.set_clock(0.8 * LONG)
    assert await two.leases.acquire(NAME, TWO, LONG) is None
    world.set_clock(0.3 * LONG)
    assert (await taken(two, TWO)).fence == 2


async def test_a_holder_that_froze_finds_its_lease_gone(nodes: tuple[Stores, Stores], world: World) -> None:
    """[NODE-6] It cannot renew it, its release frees nothing, and its later writes are refused; what it still holds it
    keeps."""
    one, two = nodes
    lost, kept = await taken(one, ONE), await taken(one, ONE, "records")
    world.set_clock(2 * LONG)
    new = await taken(two, TWO)
    assert list(await one.leases.renew([lost, kept], LONG)) == [kept]
    await one.leases.release(lost)
    assert await one.leases.acquire(NAME, ONE, LONG) is None
    assert list(await two.leases.renew([new], LONG)) == [new]


async def test_late_is_good_as_long_as_nobody_took_it(nodes: tuple[Stores, Stores], world: World) -> None:
    """[NODE-5] Nobody else did anything meanwhile."""
    lease = await taken(nodes[0], ONE)
    world.set_clock(10 * LONG)
    assert list(await nodes[0].leases.renew([lease], LONG)) == [lease]
    assert await nodes[1].leases.acquire(NAME, TWO, LONG) is None


async def test_who_was_started_again_has_it_at_once(nodes: tuple[Stores, Stores]) -> None:
    """[NODE-5] With a new fence: what an earlier life of it left unfinished is refused."""
    one, two = nodes
    before = await taken(one, ONE)
    again = await taken(two, ONE)
    assert again.fence == before.fence + 1
    assert list(await one.leases.renew([before], LONG)) == []


async def test_a_clock_that_is_set_back_keeps_nobody_waiting_for_years(
    nodes: tuple[Stores, Stores], world: World
) -> None:
    """[NODE-5] Set back a little, the holder has it longer; set back far, a term that lies in the future counts as
    over, and its holder, who may be alive, is refused as one who froze."""
    one, two = nodes
    lease = await taken(one, ONE)
    world.set_clock(-0.9 * LONG)
    assert await two.leases.acquire(NAME, TWO, LONG) is None
    assert list(await one.leases.renew([lease], LONG)) == [lease]
    world.set_clock(-365 * 86_400.0)
    await taken(two, TWO)
    assert list(await one.leases.renew([lease], LONG)) == []


async def test_a_lease_outlives_every_process(world: World) -> None:
    """[NODE-5] Its fence too, however long nobody had it."""
    async with world.node() as stores:
        await stores.leases.release(await taken(stores, ONE))
    async with world.node() as stores:
        assert (await taken(stores, TWO)).fence == 2
