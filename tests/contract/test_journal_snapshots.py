"""What every journal promises of snapshots, and of documents that continue under a new name."""

from __future__ import annotations

import asyncio

import pytest

from storage.ports import Stores
from tests.contract.sample import (
    ADA,
    BEN,
    NOW,
    RECORD,
    edit,
    entry,
    rejected,
)
from tests.contract.worlds import World
from workspace.entries import Snapshot
from workspace.errors import Conflict, NotFound, Superseded
from workspace.ids import DocumentId, Seq, UpdateBytes, parse_address


async def written(stores: Stores, count: int, document: DocumentId = RECORD) -> None:
    await stores.journal.open(document)
    await stores.journal.append([edit(document, b"%d" % number) for number in range(1, count + 1)])


async def bodies(stores: Stores, document: DocumentId = RECORD) -> list[bytes]:
    return [each.update for each in await stores.journal.read(document, after=Seq(0))]


class TestSnapshots:
    async def test_open_returns_the_newest_and_what_came_after(self, stores: Stores) -> None:
        """[JRN-7] A snapshot stands for entries 1…seq."""
        await written(stores, 4)
        await stores.journal.write_snapshot(RECORD, Snapshot(Seq(2), b"two"), NOW)
        await stores.journal.write_snapshot(RECORD, Snapshot(Seq(3), b"three"), NOW)
        stored = await stores.journal.open(RECORD)
        assert stored.snapshot == Snapshot(Seq(3), b"three")
        assert [each.seq for each in stored.entries] == [4]

    @pytest.mark.parametrize("fault", ["damaged", "truncated", "unknown format"])
    async def test_a_bad_newest_snapshot_is_passed_over(self, world: World, stores: Stores, fault: str) -> None:
        """[JRN-7] The older one stands in, and then the whole history."""

        def spoil(seq: int) -> None:
            match fault:
                case "damaged":
                    world.damage_snapshot(RECORD, Seq(seq))
                case "truncated":
                    world.truncate_snapshot(RECORD, Seq(seq))
                case _:
                    world.relabel_snapshot(RECORD, Seq(seq), "consilium-snapshot/9")

        await written(stores, 4)
        await stores.journal.write_snapshot(RECORD, Snapshot(Seq(2), b"two"), NOW)
        await stores.journal.write_snapshot(RECORD, Snapshot(Seq(3), b"three"), NOW)
        spoil(3)
        stored = await stores.journal.open(RECORD)
        assert stored.snapshot == Snapshot(Seq(2), b"two")
        assert [each.seq for each in stored.entries] == [3, 4]
        spoil(2)
        stored = await stores.journal.open(RECORD)
        assert stored.snapshot is None
        assert [each.seq for each in stored.entries] == [1, 2, 3, 4]

    async def test_the_newest_two_stay(self, world: World, stores: Stores) -> None:
        """[JRN-7] So the second newest is there when the newest is bad, and a third is not."""
        await written(stores, 4)
        for seq in (1, 2, 3):
            await stores.journal.write_snapshot(RECORD, Snapshot(Seq(seq), b"%d" % seq), NOW)
        world.damage_snapshot(RECORD, Seq(3))
        world.damage_snapshot(RECORD, Seq(2))
        assert (await stores.journal.open(RECORD)).snapshot is None

    async def test_a_damaged_one_does_not_count_among_the_two(self, world: World, stores: Stores) -> None:
        """[JRN-7] It may be written again at the same seq, and never pushes a good one out."""
        await written(stores, 4)
        await stores.journal.write_snapshot(RECORD, Snapshot(Seq(2), b"two"), NOW)
        await stores.journal.write_snapshot(RECORD, Snapshot(Seq(4), b"four"), NOW)
        world.damage_snapshot(RECORD, Seq(4))
        await stores.journal.write_snapshot(RECORD, Snapshot(Seq(4), b"anew"), NOW)
        assert (await stores.journal.open(RECORD)).snapshot == Snapshot(Seq(4), b"anew")
        world.damage_snapshot(RECORD, Seq(4))
        assert (await stores.journal.open(RECORD)).snapshot == Snapshot(Seq(2), b"two")

    @pytest.mark.parametrize("seq", [1, 2, 5])
    async def test_one_not_newer_or_past_the_head_is_refused(self, stores: Stores, seq: int) -> None:
        """[JRN-7] Two compactions of one document may race; the later loses."""
        await written(stores, 4)
        await stores.journal.write_snapshot(RECORD, Snapshot(Seq(2), b"two"), NOW)
        with pytest.raises(Conflict):
            await stores.journal.write_snapshot(RECORD, Snapshot(Seq(seq), b"late"), NOW)
        assert (await stores.journal.open(RECORD)).snapshot == Snapshot(Seq(2), b"two")

    async def test_a_document_that_is_not_there_takes_none(self, stores: Stores) -> None:
        """[JRN-7] Nothing to stand for."""
        with pytest.raises(NotFound):
            await stores.journal.write_snapshot(RECORD, Snapshot(Seq(1), b""), NOW)


class TestSupersede:
    async def test_the_old_document_ends_and_names_its_successor(self, stores: Stores) -> None:
        """[JRN-9] Opening, appending and superseding again all say where it went."""
        await written(stores, 2)
        successor = await stores.journal.supersede(RECORD, UpdateBytes(b"seed"), BEN.id, NOW)
        assert successor == RECORD.successor()
        with pytest.raises(Superseded) as opened:
            await stores.journal.open(RECORD)
        with pytest.raises(Superseded):
            await stores.journal.supersede(RECORD, None, BEN.id, NOW)
        refused = rejected((await stores.journal.append([edit()]))[0]).error
        assert isinstance(refused, Superseded)
        assert parse_address(opened.value.successor) == parse_address(refused.successor) == successor
        assert await bodies(stores) == [b"1", b"2"]

    async def test_the_successor_starts_with_the_seed_alone(self, stores: Stores) -> None:
        """[JRN-9] [JRN-11] Entry 1, by who superseded; client ids are free again."""
        await stores.journal.open(RECORD)
        await stores.journal.append([edit(clients=frozenset({7}))])
        successor = await stores.journal.supersede(RECORD, UpdateBytes(b"seed"), BEN.id, NOW)
        stored = await stores.journal.open(successor)
        assert [(e.seq, e.update, e.author, e.at) for e in stored.entries] == [(1, b"seed", BEN.id, NOW)]
        [answer] = await stores.journal.append([edit(successor, author=BEN, clients=frozenset({7}))])
        assert entry(answer).seq == 2

    async def test_a_seed_is_optional_and_succession_goes_on(self, stores: Stores) -> None:
        """[JRN-9] record → record~2 → record~3."""
        await stores.journal.open(RECORD)
        second = await stores.journal.supersede(RECORD, None, ADA.id, NOW)
        third = await stores.journal.supersede(second, None, ADA.id, NOW)
        assert (second.name, third.name) == ("record~2", "record~3")
        assert (await stores.journal.open(third)).entries == ()

    async def test_a_document_that_is_not_there_cannot_end(self, stores: Stores) -> None:
        """[JRN-9] And nothing is made of it."""
        with pytest.raises(NotFound):
            await stores.journal.supersede(RECORD, UpdateBytes(b"seed"), ADA.id, NOW)
        assert await stores.journal.heads([RECORD, RECORD.successor()]) == {}

    async def test_one_of_two_wins(self, world: World, stores: Stores) -> None:
        """[JRN-9] [JRN-11] The seed is written once."""
        await stores.journal.open(RECORD)
        async with world.node() as beside:
            outcomes = await asyncio.gather(
                *[
                    node.journal.supersede(RECORD, UpdateBytes(b"seed"), ADA.id, NOW)
                    for node in (stores, beside, stores, beside)
                ],
                return_exceptions=True,
            )
        assert [type(outcome) for outcome in outcomes].count(DocumentId) == 1
        assert [type(outcome) for outcome in outcomes].count(Superseded) == 3
        assert await stores.journal.heads([RECORD.successor()]) == {RECORD.successor(): 1}
