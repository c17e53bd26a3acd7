"""What every adapter of the gallery and of manifests promises, sentence by sentence."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from storage.ports import KnownObject, Manifest, Medium, Stores
from storage.ports.objects import ObjectKey
from tests.contract.sample import ADA, BEN, CASE, NOW, OTHER_CASE, new_case
from tests.contract.test_uploads import announced, claimed, made, quarantined
from tests.contract.worlds import World
from workspace.errors import Conflict, NotFound
from workspace.ids import MediaId, Millis
from workspace.media import Kind

LATER, MUCH_LATER = Millis(NOW + 10_000), Millis(NOW + 20_000)


async def filled(stores: Stores, count: int = 3, *, series: str | None = None) -> list[Medium]:
    """A case with so many files."""
    for number in range(1, count + 1):
        await quarantined(stores, announced(number))
        kind = Kind.PHOTO if series is None else Kind.DICOM
        await stores.upload_work.accept(await claimed(stores), made(number, series=series, kind=kind))
    return list(await stores.gallery.listed(CASE))


def manifest(of_files: int, number: int = 1) -> Manifest:
    return Manifest(ObjectKey(f"media/{CASE}/manifest-{number}"), 30, bytes([number]) * 32, of_files)


class TestGallery:
    async def test_it_shows_media_in_the_order_of_their_coming(self, world: World, stores: Stores) -> None:
        """[MED-1] Of this case alone, also after a restart."""
        media = await filled(stores)
        assert [each.id for each in media] == [made(number).media for number in (1, 2, 3)]
        async with world.node() as after:
            assert await after.gallery.listed(CASE) == media
            assert await after.gallery.listed(OTHER_CASE) == []
            assert await after.gallery.find(CASE, media[1].id) == media[1]
            assert await after.gallery.find(OTHER_CASE, media[1].id) is None

    async def test_words_are_changed_from_how_they_were_seen(self, world: World, stores: Stores) -> None:
        """[MED-4] Of two at once one is told."""
        [seen] = await filled(stores, 1)
        async with world.node() as beside:
            answers = await asyncio.gather(
                stores.gallery.describe(seen, "Chest", "A chest, from the front. ñ 突"),
                beside.gallery.describe(seen, "Thorax", "A thorax."),
                return_exceptions=True,
            )
        [kept] = [each for each in answers if isinstance(each, Medium)]
        assert [type(each) for each in answers if each is not kept] == [Conflict]
        assert (await stores.gallery.listed(CASE)) == [kept]
        assert kept.version == seen.version + 1
        with pytest.raises(NotFound):
            await stores.gallery.describe(replace(seen, case=OTHER_CASE), "x", "y")

    async def test_they_are_put_in_order(self, stores: Stores) -> None:
        """[MED-3] Those that are not named follow as they stood; one of another case is none."""
        first, second, third = await filled(stores)
        await stores.gallery.arrange(CASE, [third.id, first.id])
        assert [each.id for each in await stores.gallery.listed(CASE)] == [third.id, first.id, second.id]
        before = await stores.notices.latest()
        await stores.gallery.arrange(CASE, [third.id, first.id, third.id])
        assert await stores.notices.latest() == before, "nothing changed"
        with pytest.raises(NotFound):
            await stores.gallery.arrange(CASE, [MediaId("z" * 16), first.id])
        await stores.cases.create(new_case(OTHER_CASE))
        with pytest.raises(NotFound):
            await stores.gallery.arrange(OTHER_CASE, [first.id])

    async def test_one_is_taken_out_and_put_back(self, stores: Stores) -> None:
        """[MED-5] It says by whom and when; asked twice it stays as it is; nothing is gone."""
        seen, _ = await filled(stores, 2)
        out = await stores.gallery.set_removed(CASE, seen.id, ADA.id, LATER)
        assert (out.removed_by, out.removed_at, out.is_removed) == (ADA.id, LATER, True)
        assert await stores.gallery.set_removed(CASE, seen.id, BEN.id, MUCH_LATER) == out
        assert [each.is_removed for each in await stores.gallery.listed(CASE)] == [True, False]
        assert await stores.gallery.set_removed(CASE, seen.id, None, MUCH_LATER) == seen
        with pytest.raises(NotFound):
            await stores.gallery.set_removed(OTHER_CASE, seen.id, ADA.id, LATER)

    async def test_each_change_leaves_a_notice(self, stores: Stores) -> None:
        """[MED-1]"""
        first, second = await filled(stores, 2)
        before = await stores.notices.latest()
        await stores.gallery.describe(first, "x", "y")
        await stores.gallery.arrange(CASE, [second.id])
        await stores.gallery.set_removed(CASE, first.id, ADA.id, LATER)
        assert await stores.notices.latest() == before + 3


class TestManifests:
    async def test_one_is_due_when_its_series_is_quiet(self, stores: Stores) -> None:
        """[MED-7] While a file of the case waits for a worker it is not, unless the wait was long."""
        await filled(stores, 2, series="s")
        early = Millis(NOW)
        [due] = await stores.manifests.outdated(LATER, early, 10)
        assert (due.media, due.files_version) == (made(1).media, 2)
        assert await stores.manifests.outdated(early, early, 10) == []
        await quarantined(stores, announced(3))
        assert await stores.manifests.outdated(LATER, early, 10) == []
        assert await stores.manifests.outdated(LATER, LATER, 10) == [due]
        await claimed(stores)
        assert await stores.manifests.outdated(LATER, early, 10) == []

    async def test_it_describes_the_files_that_it_was_made_of(self, world: World, stores: Stores) -> None:
        """[MED-7] One that a further file has overtaken is not kept; the one before is nobody's."""
        await filled(stores, 2, series="s")
        [due] = await stores.manifests.outdated(LATER, Millis(NOW), 10)
        assert await stores.manifests.keep(due, manifest(2), made(2).file) is None
        assert await stores.manifests.outdated(LATER, LATER, 10) == []
        async with world.node() as after:
            [medium] = await after.gallery.listed(CASE)
            assert medium.cover is not None
            assert (medium.manifest, medium.cover.id) == (manifest(2), made(2).file)
        await quarantined(stores, announced(3))
        await stores.upload_work.accept(await claimed(stores), made(3, series="s"))
        with pytest.raises(Conflict):
            await stores.manifests.keep(due, manifest(2, 2), made(1).file)
        [again] = await stores.manifests.outdated(LATER, Millis(NOW), 10)
        assert await stores.manifests.keep(again, manifest(3, 2), made(1).file) == manifest(2).key
        with pytest.raises(NotFound):
            await stores.manifests.keep(replace(due, media=MediaId("z" * 16)), manifest(2), made(1).file)

    async def test_which_objects_there_should_be(self, stores: Stores) -> None:
        """[MED-9] [MED-10] Files, renditions and manifests, each with its size and digest, in the order of keys."""
        await filled(stores, 2)
        [due, _] = await stores.manifests.outdated(LATER, Millis(NOW), 10)
        await stores.manifests.keep(due, manifest(1), made(1).file)
        found = [each async for each in stores.manifests.objects()]
        expected = {manifest(1).key, *made(1).keys, *made(2).keys}
        assert [each.key for each in found] == sorted(expected)
        assert KnownObject(made(1).key, made(1).size, made(1).sha256, made(1).content_type) in found
        assert KnownObject(manifest(1).key, 30, manifest(1).sha256, "application/json", is_manifest=True) in found
        stranger = ObjectKey(f"media/{CASE}/stranger")
        assert set(await stores.manifests.known([stranger, *expected])) == expected
