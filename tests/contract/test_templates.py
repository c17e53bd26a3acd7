"""What every adapter of templates promises, sentence by sentence."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from storage.ports import Stores, Template
from tests.contract.sample import ADA, BEN, NOW
from tests.contract.worlds import World
from workspace.errors import Conflict, NotFound
from workspace.ids import Millis, PersonId

FIRST = Template("consult-en", "en", "Consult", "For any question", '{"plan": {}}', False, 1, NOW, ADA.id)
SECOND = replace(FIRST, name="Consult, changed", version=2, changed_at=Millis(NOW + 1), changed_by=BEN.id)


async def test_a_version_takes_the_place_of_the_one_before(world: World, stores: Stores) -> None:
    """[LST-11] And all of it is there after a restart."""
    assert await stores.templates.all() == []
    await stores.templates.keep(FIRST)
    await stores.templates.keep(replace(FIRST, id="another"))
    await stores.templates.keep(SECOND)
    async with world.node() as after:
        assert await after.templates.all() == [replace(FIRST, id="another"), SECOND]


async def test_of_two_who_change_the_same_version_one_does(world: World, stores: Stores) -> None:
    """[LST-11] Neither overwrites what they have not seen."""
    await stores.templates.keep(FIRST)
    async with world.node() as beside:
        outcomes = await asyncio.gather(
            stores.templates.keep(SECOND), beside.templates.keep(SECOND), return_exceptions=True
        )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict", "NoneType"]
    for stale in (FIRST, SECOND, replace(SECOND, version=4), replace(SECOND, id="never kept")):
        with pytest.raises(Conflict):
            await stores.templates.keep(stale)
    assert await stores.templates.all() == [SECOND]


async def test_it_is_forgotten_as_it_was_seen(stores: Stores) -> None:
    """[LST-11]"""
    await stores.templates.keep(FIRST)
    with pytest.raises(Conflict):
        await stores.templates.forget(FIRST.id, 2)
    await stores.templates.forget(FIRST.id, 1)
    with pytest.raises(NotFound):
        await stores.templates.forget(FIRST.id, 1)
    assert await stores.templates.all() == []


async def test_somebody_changed_it(stores: Stores) -> None:
    """[LST-11]"""
    with pytest.raises(NotFound):
        await stores.templates.keep(replace(FIRST, changed_by=PersonId("x" * 16)))
