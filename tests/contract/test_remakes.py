"""What every adapter promises of renditions that are made anew, sentence by sentence."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from storage.ports import Holder, Manifest, ObjectKey, Remade, Remake, RemakeLoad, Rendition, Shape, Sought, Stores
from tests.contract.sample import CASE
from tests.contract.test_gallery import filled
from tests.contract.test_uploads import announced, claimed, made, quarantined
from tests.contract.worlds import World
from workspace.audit import Action, Detail, chain_of
from workspace.errors import Conflict
from workspace.ids import FileId, Millis
from workspace.media import MOST_ATTEMPTS, Kind, Reason, UploadState

ONE, TWO = Holder("one"), Holder("two")
LONG = 60.0
RULES = {Kind.PHOTO: 0, Kind.DICOM: 2}
LATEST = Millis(2**52)


async def series(stores: Stores, count: int = 3) -> None:
    """So many slices of one series, and a photo, made before rules were counted."""
    await filled(stores, count, series="s")
    await quarantined(stores, announced(7))
    await stores.upload_work.accept(await claimed(stores), made(7))


async def taken(stores: Stores, holder: Holder = ONE, seconds: float = LONG) -> Remake:
    found = await stores.remakes.claim(RULES, holder, seconds)
    assert found is not None
    return found


def remade(claim: Remake, name: str = "anew") -> Remade:
    key = ObjectKey(f"{claim.file.key}/{name}/thumbnail")
    small = Rendition("thumbnail", key, 71, b"n" * 32, "image/webp", 65, 49, '{"rules": 2}')
    return Remade('{"instance": 9}', Shape(641, 481, 3, 2.5), [small])


async def keys(stores: Stores, file: FileId) -> list[ObjectKey]:
    held = next(each for each in await stores.gallery.files(made(1).media) if each.id == file)
    return [each.key for each in held.renditions]


async def tell(stores: Stores) -> None:
    """The medium's manifest is written as it is now."""
    medium = await stores.gallery.find(CASE, made(1).media)
    assert medium is not None
    [due] = [each for each in await stores.manifests.outdated(LATEST, LATEST, 9) if each.media == medium.id]
    manifest = Manifest(ObjectKey(f"media/{CASE}/m{due.files_version}"), 3, b"m" * 32, due.files_version)
    await stores.manifests.keep(due, manifest, made(1).file)


async def test_what_is_older_than_its_rules_waits(world: World, stores: Stores) -> None:
    """[REN-11] The newest first, each for one worker; what is made by today's rules, and other kinds, are left."""
    await series(stores)
    assert await stores.remakes.waiting(RULES)
    assert await stores.remakes.load(RULES) == RemakeLoad(3, 0)
    async with world.node() as beside:
        claims = await asyncio.gather(*(each.remakes.claim(RULES, ONE, LONG) for each in (stores, beside)))
        held = [each for each in claims if each is not None] + [await taken(stores, TWO)]
        assert {each.file.id for each in held} == {made(number).file for number in (1, 2, 3)}
        assert {(each.case, each.kind, each.rules, each.attempts) for each in held} == {(CASE, Kind.DICOM, 2, 1)}
        assert await beside.remakes.claim(RULES, TWO, LONG) is None
    assert not await stores.remakes.waiting(RULES)
    assert await stores.remakes.load(RULES) == RemakeLoad(3, 0), "they are not done"
    assert not await stores.remakes.waiting({Kind.DICOM: 0})


async def test_the_newest_is_first(stores: Stores) -> None:
    """[REN-11] It is the one that is looked at."""
    await series(stores)
    assert [(await taken(stores)).file.id for _ in range(3)] == [made(number).file for number in (3, 2, 1)]


async def test_a_file_has_what_was_made_anew(world: World, stores: Stores) -> None:
    """[REN-11] All at once, also after a restart; nothing of it waits any more, and its medium wants a manifest."""
    await series(stores, 1)
    await tell(stores)
    claim = await taken(stores)
    assert claim.file == replace((await stores.gallery.files(made(1).media))[0], renditions=())
    await stores.remakes.settle(claim, remade(claim))
    async with world.node() as after:
        [file] = await after.gallery.files(made(1).media)
        assert (file.rules, file.attributes, file.shape) == (2, '{"instance": 9}', Shape(641, 481, 3, 2.5))
        assert list(file.renditions) == list(remade(claim).renditions)
        medium = await after.gallery.find(CASE, made(1).media)
        assert medium is not None
        assert medium.cover == file
        assert medium.manifest is not None
        assert medium.manifest.of_files < medium.files_version
        assert not await after.remakes.waiting(RULES)
        assert await after.remakes.load(RULES) == RemakeLoad(0, 0)
        with pytest.raises(Conflict):
            await after.remakes.settle(claim, remade(claim, "twice"))


async def test_former_renditions_stay_until_nothing_names_them(stores: Stores) -> None:
    """[REN-12] They are known, and told nobody any more; they end after their time, once a manifest names the new."""
    await series(stores, 1)
    await tell(stores)
    claim = await taken(stores)
    former = await keys(stores, claim.file.id)
    await stores.remakes.settle(claim, remade(claim))
    assert set(await stores.manifests.known(former)) == set(former)
    assert {each.key async for each in stores.manifests.objects()} >= set(former)
    assert await stores.remakes.end_replaced(LATEST, 9) == [], "the manifest names them"
    await tell(stores)
    assert await stores.remakes.end_replaced(Millis(0), 9) == []
    assert await stores.remakes.end_replaced(LATEST, 9) == former
    assert await stores.remakes.end_replaced(LATEST, 9) == []
    assert await stores.manifests.known(former) == set()
    assert await keys(stores, claim.file.id) == [each.key for each in remade(claim).renditions]


async def test_a_redaction_ends_former_renditions_too(stores: Stores) -> None:
    """[REN-12] [MED-6] What they show is not to be seen by anybody; who makes them anew meanwhile has lost."""
    await series(stores, 2)
    first = await taken(stores)
    former = await keys(stores, first.file.id)
    await stores.remakes.settle(first, remade(first))
    second = await taken(stores)
    discarded = [await redacted(stores, claim, number) for number, claim in ((4, first), (5, second))]
    assert set(discarded[0]) == {first.file.key, *former, *(each.key for each in remade(first).renditions)}
    with pytest.raises(Conflict):
        await stores.remakes.settle(second, remade(second))
    assert await stores.remakes.renew([second], LONG) == []
    assert await stores.remakes.end_replaced(LATEST, 9) == []


async def redacted(stores: Stores, claim: Remake, number: int) -> Sequence[str]:
    """The file's redacted form takes its place: keys that nothing names any more."""
    order = replace(
        announced(number),
        name=None,
        state=UploadState.QUARANTINED,
        media=claim.file.media,
        replaces=claim.file.id,
        decision='{"blank": [1]}',
    )
    await stores.uploads.redact(order)
    return (await stores.upload_work.accept(await claimed(stores), made(number))).discarded


async def test_a_claim_that_is_over_is_taken_by_another(world: World, stores: Stores) -> None:
    """[REN-11] The first one changes nothing any more."""
    await series(stores, 1)
    claim = await taken(stores, ONE, 10)
    assert await stores.remakes.renew([claim], 20) == [claim]
    world.set_clock(15)
    assert await stores.remakes.claim(RULES, TWO, LONG) is None
    world.set_clock(25)
    again = await taken(stores, TWO)
    assert (again.file.id, again.attempts) == (claim.file.id, 2)
    assert await stores.remakes.renew([claim, again], LONG) == [again]
    for late in (
        stores.remakes.settle(claim, remade(claim)),
        stores.remakes.refuse(claim, Reason.UNREADABLE),
        stores.remakes.release(claim, 0),
    ):
        with pytest.raises(Conflict):
            await late
    await stores.remakes.settle(again, remade(again))


async def test_what_is_given_back_waits_a_while(world: World, stores: Stores) -> None:
    """[REN-11] The others go on; only what was tried counts."""
    await series(stores, 2)
    first = await taken(stores)
    await stores.remakes.release(first, 1000)
    assert (await taken(stores)).file.id != first.file.id
    assert await stores.remakes.claim(RULES, ONE, LONG) is None
    world.set_clock(1500)
    found = [await taken(stores, TWO), await taken(stores, TWO)]
    assert [(each.file.id == first.file.id, each.attempts) for each in found] == [(True, 1), (False, 2)]


async def test_what_ends_its_workers_is_refused(world: World, stores: Stores) -> None:
    """[REN-11] Nobody takes it any more."""
    await series(stores, 1)
    for number in range(1, MOST_ATTEMPTS + 1):
        assert (await taken(stores)).attempts == number
        world.set_clock(100.0 * number)
    assert await stores.remakes.claim(RULES, ONE, LONG) is None
    assert await stores.remakes.load(RULES) == RemakeLoad(0, 1)
    assert not await stores.remakes.waiting(RULES)


async def test_what_fails_stays_as_it_is(stores: Stores) -> None:
    """[REN-11] It is tried by the next rules, or when somebody asks; the others go on."""
    await series(stores, 2)
    claim = await taken(stores)
    before = await keys(stores, claim.file.id)
    await stores.remakes.refuse(claim, Reason.TOOK_TOO_LONG)
    assert await keys(stores, claim.file.id) == before
    assert await stores.remakes.load(RULES) == RemakeLoad(1, 1)
    other = await taken(stores)
    await stores.remakes.settle(other, remade(other))
    assert not await stores.remakes.waiting(RULES)
    assert await stores.remakes.waiting({Kind.DICOM: 3})
    await stores.remakes.ask(every=False)
    again = await taken(stores)
    assert (again.file.id, again.attempts) == (claim.file.id, 1)


async def test_all_are_made_anew_when_somebody_asks(stores: Stores) -> None:
    """[REN-11] By whichever rules they were."""
    await series(stores, 1)
    claim = await taken(stores)
    await stores.remakes.settle(claim, remade(claim))
    await stores.remakes.ask(every=False)
    assert not await stores.remakes.waiting(RULES)
    await stores.remakes.ask(every=True)
    again = await taken(stores)
    await stores.remakes.settle(again, remade(again, "again"))
    assert await keys(stores, claim.file.id) == [each.key for each in remade(again, "again").renditions]
    assert not await stores.remakes.waiting(RULES)


async def test_a_medium_leaves_one_event(stores: Stores) -> None:
    """[REN-11] [AUD-1] When the last of its files was made anew, or could not be."""
    await series(stores, 3)
    for number in (1, 2, 3):
        claim = await taken(stores)
        found = await stores.audit.newest(chain_of(CASE), Sought(actions=(Action.MEDIA_REMADE,)), 9)
        assert found == []
        if number == 2:
            await stores.remakes.refuse(claim, Reason.UNREADABLE)
        else:
            await stores.remakes.settle(claim, remade(claim))
    [told] = await stores.audit.newest(chain_of(CASE), Sought(actions=(Action.MEDIA_REMADE,)), 9)
    assert told.event.details == {Detail.MEDIA: made(1).media, Detail.FILES: 2}
