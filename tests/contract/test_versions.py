"""What every adapter of named versions and of what was seen promises, sentence by sentence."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from storage.ports import LastSeen, NamedVersion, Stores
from storage.ports.versions import MOST_NAMED
from tests.contract.sample import ABSENT, ADA, BEN, DISCUSSION, NOW, RECORD, edit
from tests.contract.worlds import World
from workspace.errors import Conflict, NotFound, TooMany
from workspace.ids import DocumentId, Millis, PersonId, Seq


def version(seq: int, name: str = "Before the biopsy", *, at: int = NOW) -> NamedVersion:
    return NamedVersion(Seq(seq), name, ADA.id, Millis(at))


def seen(seq: int, at: int = NOW) -> LastSeen:
    return LastSeen(Seq(seq), Millis(at))


@pytest.fixture
async def written(stores: Stores) -> Stores:
    """A record with five entries."""
    await stores.journal.open(RECORD)
    await stores.journal.append([edit(RECORD) for _ in range(5)])
    return stores


class TestNames:
    async def test_names_are_listed_oldest_moment_first(self, written: Stores) -> None:
        """[HIS-7] Whatever the order in which they were given; of this document alone."""
        for seq in (4, 1, 5):
            await written.versions.name(RECORD, version(seq, f"moment {seq}", at=NOW + 10 - seq))
        assert await written.versions.named(RECORD) == [
            version(seq, f"moment {seq}", at=NOW + 10 - seq) for seq in (1, 4, 5)
        ]
        await written.journal.open(DISCUSSION)
        assert list(await written.versions.named(DISCUSSION)) == []

    async def test_a_moment_has_one_name(self, written: Stores) -> None:
        """[HIS-7] The first name stays."""
        await written.versions.name(RECORD, version(3))
        with pytest.raises(Conflict):
            await written.versions.name(RECORD, version(3, "another"))
        assert await written.versions.named(RECORD) == [version(3)]

    async def test_of_two_who_name_a_moment_at_once_one_wins(self, world: World, written: Stores) -> None:
        """[HIS-7] On two nodes."""
        async with world.node() as beside:
            outcomes = await asyncio.gather(
                *[
                    node.versions.name(RECORD, version(2, f"name {number}"))
                    for number, node in enumerate((written, beside))
                ],
                return_exceptions=True,
            )
        assert [type(outcome) for outcome in outcomes if outcome is not None] == [Conflict]

    @pytest.mark.parametrize("seq", [0, 6, 2**40])
    async def test_only_what_was_written_is_named(self, written: Stores, seq: int) -> None:
        """[HIS-7] Not the time before the first entry, and not what is still to come."""
        with pytest.raises(NotFound):
            await written.versions.name(RECORD, version(seq))

    async def test_a_document_that_is_not_there_has_no_moments(self, written: Stores) -> None:
        """[HIS-7]"""
        for document in (DISCUSSION, ABSENT):
            assert list(await written.versions.named(document)) == []
            for refused in (
                written.versions.name(document, version(1)),
                written.versions.rename(document, version(1)),
                written.versions.forget(document, Seq(1)),
            ):
                with pytest.raises(NotFound):
                    await refused

    async def test_a_name_is_changed_and_taken_away(self, written: Stores) -> None:
        """[HIS-7] With who did it and when; a moment without a name has none to change."""
        await written.versions.name(RECORD, version(3))
        other = replace(version(3, "After the board"), author=BEN.id, at=Millis(NOW + 5))
        await written.versions.rename(RECORD, other)
        assert await written.versions.named(RECORD) == [other]
        await written.versions.forget(RECORD, Seq(3))
        assert list(await written.versions.named(RECORD)) == []
        with pytest.raises(NotFound):
            await written.versions.forget(RECORD, Seq(3))
        with pytest.raises(NotFound):
            await written.versions.rename(RECORD, version(3))
        await written.versions.name(RECORD, version(3, "again"))

    async def test_names_are_bounded(self, written: Stores) -> None:
        """[HIS-7] A list that nobody can read serves nobody."""
        await written.journal.append([edit(RECORD) for _ in range(MOST_NAMED)])
        for seq in range(1, MOST_NAMED + 1):
            await written.versions.name(RECORD, version(seq))
        with pytest.raises(TooMany):
            await written.versions.name(RECORD, version(MOST_NAMED + 1))
        await written.versions.forget(RECORD, Seq(7))
        await written.versions.name(RECORD, version(MOST_NAMED + 1))

    async def test_names_survive_a_restart(self, world: World, written: Stores) -> None:
        """[HIS-7]"""
        await written.versions.name(RECORD, version(3))
        async with world.node() as after:
            assert await after.versions.named(RECORD) == [version(3)]


class TestSeen:
    async def test_what_was_seen_never_goes_back(self, written: Stores) -> None:
        """[HIS-8] Seen again at the same place counts as later; seen at an earlier place changes nothing."""
        assert await written.versions.seen(RECORD, ADA.id) is None
        assert await written.versions.see(RECORD, ADA.id, seen(3)) == seen(3)
        assert await written.versions.see(RECORD, ADA.id, seen(3, NOW + 1)) == seen(3, NOW + 1)
        assert await written.versions.see(RECORD, ADA.id, seen(2, NOW + 2)) == seen(3, NOW + 1)
        assert await written.versions.see(RECORD, ADA.id, seen(5, NOW + 3)) == seen(5, NOW + 3)
        assert await written.versions.seen(RECORD, ADA.id) == seen(5, NOW + 3)

    async def test_everybody_has_seen_for_themselves(self, written: Stores) -> None:
        """[HIS-8] And each document for itself."""
        await written.versions.see(RECORD, ADA.id, seen(4))
        await written.versions.see(RECORD, BEN.id, seen(1))
        assert await written.versions.seen(RECORD, ADA.id) == seen(4)
        assert await written.versions.seen(RECORD, BEN.id) == seen(1)
        assert await written.versions.seen(DISCUSSION, ADA.id) is None

    async def test_nobody_has_seen_what_is_still_to_come(self, written: Stores) -> None:
        """[HIS-8] An empty document can be seen, up to 0."""
        with pytest.raises(NotFound):
            await written.versions.see(RECORD, ADA.id, seen(6))
        await written.journal.open(DISCUSSION)
        assert await written.versions.see(DISCUSSION, ADA.id, seen(0)) == seen(0)

    @pytest.mark.parametrize("document", [DISCUSSION, ABSENT])
    async def test_a_document_that_is_not_there_is_not_seen(self, written: Stores, document: DocumentId) -> None:
        """[HIS-8]"""
        with pytest.raises(NotFound):
            await written.versions.see(document, ADA.id, seen(0))
        assert await written.versions.seen(document, ADA.id) is None

    async def test_it_is_a_person_who_sees(self, written: Stores) -> None:
        """[HIS-8]"""
        with pytest.raises(NotFound):
            await written.versions.see(RECORD, PersonId("x" * 16), seen(1))

    async def test_two_windows_at_once_end_at_the_later_place(self, world: World, written: Stores) -> None:
        """[HIS-8] Two nodes, in whatever order they come."""
        async with world.node() as beside:
            await asyncio.gather(
                *[node.versions.see(RECORD, ADA.id, seen(seq)) for seq in (1, 5, 2, 4, 3) for node in (written, beside)]
            )
        assert await written.versions.seen(RECORD, ADA.id) == seen(5)
