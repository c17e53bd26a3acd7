"""The switches of the memory journal, with which other tests stop, break and crash a node."""

from __future__ import annotations

import asyncio

import pytest

from storage.memory import MemoryRecords, MemoryStores, memory_stores
from tests.contract.sample import ADA, NOW, RECORD, edit, entry, new_case
from workspace.errors import StorageUnavailable


@pytest.fixture
async def stores() -> MemoryStores:
    stores = memory_stores()
    await stores.people.add(ADA, None, NOW)
    await stores.cases.create(new_case())
    await stores.journal.open(RECORD)
    return stores


async def test_a_held_journal_answers_when_released(stores: MemoryStores) -> None:
    """[JRN-1] Until then nothing is written."""
    stores.journal.hold()
    calls = [stores.journal.append([edit()]) for _ in range(3)]
    await asyncio.sleep(0)
    assert stores.journal.waiting == 3
    assert not any(call.done() for call in calls)
    assert await stores.journal.heads([RECORD]) == {RECORD: 0}
    stores.journal.release()
    assert [entry(answer).seq for call in calls for answer in await call] == [1, 2, 3]


async def test_a_failure_writes_nothing(stores: MemoryStores) -> None:
    """[JRN-3] As many times as asked; then the same append goes through."""
    append = edit()
    stores.journal.fail(2)
    for _ in range(2):
        with pytest.raises(StorageUnavailable):
            await stores.journal.append([append])
    assert await stores.journal.heads([RECORD]) == {RECORD: 0}
    assert entry((await stores.journal.append([append]))[0]).seq == 1


async def test_a_lost_answer_leaves_the_edit(stores: MemoryStores) -> None:
    """[JRN-3] The retry answers the entry that is there."""
    append = edit()
    stores.journal.fail(1, committed=True)
    with pytest.raises(StorageUnavailable):
        await stores.journal.append([append])
    assert await stores.journal.heads([RECORD]) == {RECORD: 1}
    assert entry((await stores.journal.append([append]))[0]).seq == 1


async def test_what_waits_in_a_node_dies_with_it() -> None:
    """[JRN-1] The records survive the crash, the queue does not."""
    records = MemoryRecords()
    before = memory_stores(records)
    await before.people.add(ADA, None, NOW)
    await before.cases.create(new_case())
    await before.journal.open(RECORD)
    await before.journal.append([edit(update=b"kept")])
    before.journal.hold()
    before.journal.append([edit(update=b"lost")])
    after = memory_stores(records)
    assert [each.update for each in (await after.journal.open(RECORD)).entries] == [b"kept"]
