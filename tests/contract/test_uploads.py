"""What every adapter of uploads promises, sentence by sentence."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from storage.ports import (
    AccessNotice,
    Claim,
    Duplicate,
    Holder,
    Load,
    Made,
    Refused,
    Rendition,
    Shape,
    Sought,
    Stores,
    Upload,
)
from storage.ports.objects import ObjectKey
from tests.contract.sample import ADA, BEN, CASE, CLEO, NOW, OTHER_CASE, new_case
from tests.contract.worlds import World
from workspace.audit import Action, Detail, chain_of
from workspace.case import CaseState, Person
from workspace.errors import Conflict, NotFound
from workspace.ids import CaseId, FileId, MediaId, Millis, PersonId, UploadId
from workspace.media import MOST_ATTEMPTS, Kind, MediaLimits, Reason, UploadState

LIMITS = MediaLimits()
ONE, TWO = Holder("one"), Holder("two")
LONG = 60.0


def announced(
    number: int = 1, *, person: Person = BEN, case: CaseId = CASE, size: int = 1_000, digest: int | None = None
) -> Upload:
    """The `number`-th file that somebody announces."""
    key = UploadId(f"{number:a>12}{person.id[0]}{case[0]}zz".replace("0", "q").replace("1", "r").replace("8", "s"))
    key = UploadId(key.replace("9", "t"))
    return Upload(
        key,
        case,
        person.id,
        "Doe^Jane 1970.dcm",
        size,
        bytes([number if digest is None else digest]) * 32,
        Millis(NOW + number),
        Millis(NOW + number),
    )


def made(number: int = 1, *, series: str | None = None, kind: Kind = Kind.PHOTO) -> Made:
    """What a worker made of the `number`-th file."""
    letter = "abcdefghij"[number]
    file, media = FileId(letter * 15 + "f"), MediaId(letter * 15 + "m")
    stem = f"media/{CASE}/{media}/{file}"
    return Made(
        file,
        media,
        kind,
        series,
        ObjectKey(stem),
        700,
        bytes([number]) * 32,
        "image/png",
        f'{{"instance": {number}}}',
        Shape(640, 480, 2, 1.5),
        [Rendition("thumbnail", ObjectKey(f"{stem}/thumbnail"), 70, b"t" * 32, "image/webp", 64, 48)],
        '{"engine": "x"}',
        bytes([number]) * 32,
        Millis(NOW + 100 + number),
    )


async def quarantined(stores: Stores, *uploads: Upload) -> list[Upload]:
    """Announced and sent."""
    sent = []
    for each in uploads or (announced(),):
        [begun] = await stores.uploads.begin([each], LIMITS)
        assert isinstance(begun, Upload)
        sent.append(await stores.uploads.change(begun, replace(begun, state=UploadState.QUARANTINED)))
    return sent


async def claimed(stores: Stores, holder: Holder = ONE, seconds: float = LONG) -> Claim:
    claim = await stores.upload_work.claim(holder, seconds)
    assert claim is not None
    return claim


async def state_of(stores: Stores, upload: Upload) -> UploadState:
    found = await stores.uploads.find(upload.case, upload.id)
    assert found is not None
    return found.state


class TestBeginning:
    async def test_what_is_announced_is_listed_as_it_came(self, world: World, stores: Stores) -> None:
        """[UPL-2] Oldest first, of this case alone, also after a restart."""
        await stores.cases.create(new_case(OTHER_CASE))
        both = [announced(1), announced(2)]
        assert await stores.uploads.begin(both, LIMITS) == both
        await stores.uploads.begin([announced(3, case=OTHER_CASE)], LIMITS)
        async with world.node() as after:
            assert await after.uploads.listed(CASE) == both
            assert await after.uploads.find(CASE, both[0].id) == both[0]
            assert await after.uploads.find(OTHER_CASE, both[0].id) is None

    async def test_announced_twice_it_is_one(self, world: World, stores: Stores) -> None:
        """[UPL-2] On two nodes at once, and twice in one request; of another person it is another."""
        first, again = announced(1), replace(announced(2), digest=announced(1).digest)
        async with world.node() as beside:
            answers = await asyncio.gather(stores.uploads.begin([first], LIMITS), beside.uploads.begin([again], LIMITS))
        assert answers[0] == answers[1]
        assert len(await stores.uploads.listed(CASE)) == 1
        twice = [announced(3, digest=9), announced(4, digest=9)]
        begun = await stores.uploads.begin(twice, LIMITS)
        assert begun == [twice[0], twice[0]]
        other = announced(5, person=CLEO, digest=9)
        assert await stores.uploads.begin([other], LIMITS) == [other]

    async def test_it_is_answered_as_it_stands(self, stores: Stores) -> None:
        """[UPL-2] So that sending goes on where it stopped; after an end it begins anew."""
        [begun] = await stores.uploads.begin([announced()], LIMITS)
        assert isinstance(begun, Upload)
        sending = await stores.uploads.change(begun, replace(begun, state=UploadState.UPLOADING, multipart="m-1"))
        again = replace(announced(2), digest=begun.digest)
        assert await stores.uploads.begin([again], LIMITS) == [sending]
        await stores.uploads.change(sending, replace(sending, state=UploadState.CANCELLED))
        assert await stores.uploads.begin([again], LIMITS) == [again]

    @pytest.mark.parametrize(
        ("upload", "limits", "reason"),
        [
            (announced(size=0), LIMITS, Reason.EMPTY),
            (announced(size=11), MediaLimits(10, 10, 10, 10), Reason.TOO_LARGE),
            (announced(size=101), MediaLimits(max_case_bytes=100), Reason.CASE_FULL),
            (announced(), MediaLimits(max_open_uploads=0), Reason.TOO_MANY),
        ],
    )
    async def test_what_is_too_much_is_refused(
        self, stores: Stores, upload: Upload, limits: MediaLimits, reason: Reason
    ) -> None:
        """[UPL-2] Its neighbours are taken."""
        assert await stores.uploads.begin([upload], limits) == [Refused(reason)]
        assert await stores.uploads.listed(CASE) == []

    async def test_a_case_is_full_of_what_it_holds_and_what_is_coming(self, stores: Stores) -> None:
        """[UPL-2] Files with their cleaned size; what was cancelled counts no more."""
        limits = replace(LIMITS, max_case_bytes=1_700)
        await quarantined(stores, announced(1))
        await stores.upload_work.accept(await claimed(stores), made(1))
        answers = await stores.uploads.begin([announced(2), announced(3, size=1)], limits)
        assert answers == [announced(2), Refused(Reason.CASE_FULL)]
        await stores.uploads.change(announced(2), replace(announced(2), state=UploadState.CANCELLED))
        assert await stores.uploads.begin([announced(3, size=1)], limits) == [announced(3, size=1)]

    async def test_what_the_case_has_is_not_taken_again(self, stores: Stores) -> None:
        """[UPL-2] Whoever has it, and also when it was taken out of the gallery; another case has its own."""
        await quarantined(stores, announced(1))
        await stores.upload_work.accept(await claimed(stores), made(1))
        again = announced(2, person=CLEO, digest=1)
        assert await stores.uploads.begin([again], LIMITS) == [Duplicate(made(1).media)]
        await stores.gallery.set_removed(CASE, made(1).media, BEN.id, NOW)
        assert await stores.uploads.begin([again], LIMITS) == [Duplicate(made(1).media)]
        await stores.cases.create(new_case(OTHER_CASE))
        elsewhere = announced(3, case=OTHER_CASE, digest=1)
        assert await stores.uploads.begin([elsewhere], LIMITS) == [elsewhere]

    async def test_a_case_and_a_person_announce(self, stores: Stores) -> None:
        """[UPL-2]"""
        for each in (announced(case=OTHER_CASE), replace(announced(), person=PersonId("x" * 16))):
            with pytest.raises(NotFound):
                await stores.uploads.begin([each], LIMITS)


class TestGoingOn:
    async def test_a_step_is_taken_from_how_it_was_seen(self, world: World, stores: Stores) -> None:
        """[UPL-1] Of two at once one is taken."""
        [begun] = await stores.uploads.begin([announced()], LIMITS)
        assert isinstance(begun, Upload)
        async with world.node() as beside:
            answers = await asyncio.gather(
                stores.uploads.change(begun, replace(begun, state=UploadState.UPLOADING, multipart="one")),
                beside.uploads.change(begun, replace(begun, state=UploadState.UPLOADING, multipart="two")),
                return_exceptions=True,
            )
        [kept] = [each for each in answers if isinstance(each, Upload)]
        assert [type(each) for each in answers if each is not kept] == [Conflict]
        assert await stores.uploads.find(CASE, begun.id) == kept

    async def test_what_is_not_in_the_table_is_not_done(self, stores: Stores) -> None:
        """[UPL-1]"""
        [begun] = await stores.uploads.begin([announced()], LIMITS)
        assert isinstance(begun, Upload)
        with pytest.raises(Conflict):
            await stores.uploads.change(begun, replace(begun, state=UploadState.READY))
        with pytest.raises(NotFound):
            await stores.uploads.change(announced(7), announced(7))
        assert await state_of(stores, begun) is UploadState.REQUESTED

    @pytest.mark.parametrize("end", [UploadState.CANCELLED, UploadState.EXPIRED])
    async def test_the_name_goes_with_the_end(self, stores: Stores, end: UploadState) -> None:
        """[UPL-6] Whoever ends it."""
        [begun] = await stores.uploads.begin([announced()], LIMITS)
        assert isinstance(begun, Upload)
        ended = await stores.uploads.change(begun, replace(begun, state=end, multipart="m", review="{}"))
        assert (ended.name, ended.multipart, ended.review) == (None, None, None)
        assert await stores.uploads.find(CASE, begun.id) == ended

    async def test_stale_is_what_nobody_went_on_with(self, stores: Stores) -> None:
        """[UPL-13] Oldest first, of the states that are asked for; what was put away is none."""
        asked = [announced(number) for number in range(1, 6)]
        await stores.uploads.begin(asked, LIMITS)
        worked = await stores.uploads.change(asked[2], replace(asked[2], state=UploadState.QUARANTINED))
        await stores.uploads.change(asked[3], replace(asked[3], state=UploadState.CANCELLED, is_put_away=True))
        states = [UploadState.REQUESTED, UploadState.CANCELLED]
        stale = await stores.uploads.stale(states, Millis(NOW + 5), 10)
        assert stale == [asked[0], asked[1]]
        assert await stores.uploads.stale(states, Millis(NOW + 5), 1) == [asked[0]]
        assert worked.changed_at < NOW + 5

    async def test_held_is_what_is_still_needed(self, stores: Stores) -> None:
        """[UPL-9]"""
        asked = [announced(number) for number in range(1, 5)]
        await stores.uploads.begin(asked, LIMITS)
        rejected = UploadState.REJECTED
        await stores.uploads.change(asked[1], replace(asked[1], state=rejected, reason=Reason.NO_ROOM))
        await stores.uploads.change(asked[2], replace(asked[2], state=rejected, reason=Reason.UNREADABLE))
        await stores.uploads.change(asked[3], replace(asked[3], state=UploadState.CANCELLED))
        ids = [each.id for each in asked]
        assert set(await stores.uploads.held([*ids, UploadId("z" * 16)])) == set(ids[:2])

    async def test_whose_originals_stand_in_quarantine(self, stores: Stores) -> None:
        """[BAK-9] Whole, and still needed; by id."""
        asked = [announced(number) for number in range(1, 6)]
        await stores.uploads.begin(asked, LIMITS)
        changes: list[tuple[UploadState, Reason | None]] = [
            (UploadState.QUARANTINED, None),
            (UploadState.REJECTED, Reason.NO_ROOM),
            (UploadState.REJECTED, Reason.UNREADABLE),
            (UploadState.UPLOADING, None),
        ]
        for each, (state, reason) in zip(asked, changes, strict=False):
            await stores.uploads.change(each, replace(each, state=state, reason=reason))
        found = [each.id async for each in stores.uploads.in_quarantine()]
        assert found == sorted(each.id for each in asked[:2])


class TestWork:
    async def test_how_much_there_is_to_do(self, stores: Stores) -> None:
        """[OPS-8] What was given back, and what a dead worker has, waits; what is with its uploader does not."""
        assert await stores.upload_work.load() == Load(0, 0, 0.0)
        await quarantined(stores, announced(1), announced(2), announced(3))
        await stores.uploads.begin([announced(4)], LIMITS)
        load = await stores.upload_work.load()
        assert (load.waiting, load.working) == (3, 0)
        assert load.oldest_seconds > 1000
        await claimed(stores)
        await stores.upload_work.release(await claimed(stores), LONG)
        await claimed(stores, TWO, 0.0)
        load = await stores.upload_work.load()
        assert (load.waiting, load.working) == (2, 1)

    async def test_one_worker_has_it(self, world: World, stores: Stores) -> None:
        """[UPL-7] However many ask at once; the one that waited longest comes first."""
        await quarantined(stores, announced(1), announced(2))
        async with world.node() as beside:
            found = await asyncio.gather(
                *(node.upload_work.claim(Holder(f"{n}"), LONG) for n, node in enumerate((stores, beside, stores)))
            )
        claims = [each for each in found if each is not None]
        assert sorted(claim.upload.id for claim in claims) == sorted(announced(n).id for n in (1, 2))
        assert all(claim.upload.state is UploadState.CLEANING for claim in claims)
        assert await stores.upload_work.claim(TWO, LONG) is None

    async def test_one_that_is_silent_loses_it(self, world: World, stores: Stores) -> None:
        """[UPL-7] By the database's clock; what it does later is refused."""
        await quarantined(stores)
        lost = await claimed(stores)
        world.set_clock(LONG / 2)
        assert await stores.upload_work.renew([lost], LONG) == [lost]
        world.set_clock(LONG - 1)
        assert await stores.upload_work.claim(TWO, LONG) is None
        world.set_clock(2)
        taken = await claimed(stores, TWO)
        assert taken.fence > lost.fence
        work = stores.upload_work
        assert await work.renew([lost, taken], LONG) == [taken]
        for step in (
            work.progress(lost, 1, 2),
            work.release(lost, 0),
            work.settle(lost, replace(lost.upload, state=UploadState.REJECTED)),
            work.accept(lost, made(1)),
        ):
            with pytest.raises(Conflict):
                await step
        assert await stores.gallery.listed(CASE) == []

    async def test_a_clock_that_is_set_back_holds_nothing_up(self, world: World, stores: Stores) -> None:
        """[UPL-7]"""
        await quarantined(stores)
        await claimed(stores)
        world.set_clock(-3600)
        assert await stores.upload_work.claim(TWO, LONG) is not None

    async def test_what_ends_its_workers_is_rejected(self, world: World, stores: Stores) -> None:
        """[UPL-8] After so many; others go before it meanwhile. It may be tried again."""
        await quarantined(stores)
        for attempt in range(MOST_ATTEMPTS):
            claim = await claimed(stores)
            assert claim.upload.attempts == attempt + 1
            world.set_clock(LONG + 1)
        await quarantined(stores, announced(2))
        assert (await claimed(stores)).upload.id == announced(2).id
        assert await stores.upload_work.claim(ONE, LONG) is None
        [held, _] = await stores.uploads.listed(CASE)
        assert (held.state, held.reason) == (UploadState.REJECTED, Reason.WORKER_LOST)
        assert await stores.uploads.held([held.id])

    async def test_what_is_given_back_waits_and_is_not_counted(self, world: World, stores: Stores) -> None:
        """[UPL-8] The object storage was away, or the worker stops."""
        await quarantined(stores)
        await stores.upload_work.release(await claimed(stores), 30)
        assert await stores.upload_work.claim(ONE, LONG) is None
        world.set_clock(31)
        assert (await claimed(stores)).upload.attempts == 1

    async def test_what_ended_a_worker_s_child_is_counted(self, stores: Stores) -> None:
        """[UPL-8] The worker lives on and says so."""
        await quarantined(stores)
        for _ in range(MOST_ATTEMPTS):
            await stores.upload_work.release(await claimed(stores), 0, was_tried=True)
        assert await stores.upload_work.claim(ONE, LONG) is None
        assert await state_of(stores, announced()) is UploadState.REJECTED

    async def test_the_files_of_a_case_have_one_secret(self, world: World, stores: Stores) -> None:
        """[UPL-7] Whichever worker asks first; another case has another."""
        async with world.node() as beside:
            found = await asyncio.gather(
                *(node.upload_work.secret(CASE, bytes([n]) * 32) for n, node in enumerate((stores, beside)))
            )
            assert found[0] == found[1]
            assert await beside.upload_work.secret(CASE, b"z" * 32) == found[0]
        await stores.cases.create(new_case(OTHER_CASE))
        assert await stores.upload_work.secret(OTHER_CASE, b"y" * 32) == b"y" * 32
        with pytest.raises(NotFound):
            await stores.upload_work.secret(CaseId("z" * 16), b"x" * 32)

    async def test_how_far_it_is_is_told(self, stores: Stores) -> None:
        """[UPL-10]"""
        await quarantined(stores)
        claim = await claimed(stores)
        await stores.upload_work.progress(claim, 3, 7)
        [shown] = await stores.uploads.listed(CASE)
        assert (shown.done, shown.total, shown.version) == (3, 7, claim.upload.version)

    async def test_cancelling_ends_the_work(self, stores: Stores) -> None:
        """[UPL-10] The worker finds its claim gone."""
        await quarantined(stores)
        claim = await claimed(stores)
        await stores.uploads.change(claim.upload, replace(claim.upload, state=UploadState.CANCELLED))
        assert await stores.upload_work.renew([claim], LONG) == []
        with pytest.raises(Conflict):
            await stores.upload_work.accept(claim, made(1))

    async def test_what_needs_a_review_goes_on_with_the_decision(self, stores: Stores) -> None:
        """[UPL-12] Through cleaning again."""
        await quarantined(stores)
        claim = await claimed(stores)
        asked = replace(
            claim.upload, state=UploadState.NEEDS_REVIEW, reason=Reason.MAY_SHOW_TEXT, kind=Kind.DICOM, review="[]"
        )
        held = await stores.upload_work.settle(claim, asked)
        assert (held.state, held.review, held.name) == (UploadState.NEEDS_REVIEW, "[]", announced().name)
        assert await stores.upload_work.claim(ONE, LONG) is None
        await stores.uploads.change(held, replace(held, state=UploadState.QUARANTINED, decision='{"blank": []}'))
        assert (await claimed(stores)).upload.decision == '{"blank": []}'


class TestAccepting:
    async def test_it_is_in_the_gallery_at_once(self, world: World, stores: Stores) -> None:
        """[UPL-1] With its renditions and its certificate; the name is gone. [UPL-6]"""
        await quarantined(stores)
        accepted = await stores.upload_work.accept(await claimed(stores), made(1))
        assert (accepted.upload.state, accepted.upload.name, accepted.discarded) == (UploadState.READY, None, [])
        async with world.node() as after:
            [medium] = await after.gallery.listed(CASE)
            assert (medium.id, medium.kind, medium.by, medium.position) == (made(1).media, Kind.PHOTO, BEN.id, 1)
            first = made(1)
            [file] = await after.gallery.files(medium.id)
            assert (medium.cover, medium.frames, medium.certificate) == (file, 2, first.certificate)
            assert (file.id, file.shape, file.renditions) == (first.file, first.shape, first.renditions)
            assert (file.key, file.sha256, file.attributes) == (first.key, first.sha256, first.attributes)
            assert await after.gallery.certificate(file.id) == first.certificate
            assert await after.gallery.certificate(FileId("z" * 16)) is None

    async def test_files_of_a_series_are_one_medium(self, world: World, stores: Stores) -> None:
        """[MED-2] Of workers on two nodes at once too; another case has its own."""
        await quarantined(stores, announced(1), announced(2), announced(3))
        async with world.node() as beside:
            claims = [await claimed(node, ONE) for node in (stores, beside, stores)]
            await asyncio.gather(
                *(
                    node.upload_work.accept(claim, made(number, series="1.2.3", kind=Kind.DICOM))
                    for number, (node, claim) in enumerate(zip((stores, beside, stores), claims, strict=True), 1)
                )
            )
        [medium] = await stores.gallery.listed(CASE)
        assert (medium.files, medium.files_version, medium.frames) == (3, 3, 6)
        assert len(await stores.gallery.files(medium.id)) == 3

    async def test_two_people_the_same_file(self, stores: Stores) -> None:
        """[UPL-2] Sent at once by both: one file; what was made for the second is nobody's."""
        await quarantined(stores, announced(1), announced(2, person=CLEO, digest=1))
        await stores.upload_work.accept(await claimed(stores), made(1))
        second = await stores.upload_work.accept(await claimed(stores), made(2))
        assert (second.upload.state, second.upload.reason) == (UploadState.READY, Reason.DUPLICATE)
        assert (second.upload.media, second.discarded) == (made(1).media, made(2).keys)
        assert len(await stores.gallery.listed(CASE)) == 1

    async def test_a_case_that_is_closed_takes_nothing_in(self, stores: Stores) -> None:
        """[UPL-14] It may be tried again when it is open."""
        await quarantined(stores)
        claim = await claimed(stores)
        await stores.cases.set_state(CASE, CaseState.OPEN, CaseState.CONCLUDED, NOW)
        refused = await stores.upload_work.accept(claim, made(1))
        assert (refused.upload.state, refused.upload.reason) == (UploadState.REJECTED, Reason.CASE_CLOSED)
        assert refused.discarded == made(1).keys
        assert await stores.gallery.listed(CASE) == []

    async def test_a_redacted_form_takes_the_place_of_its_file(self, stores: Stores) -> None:
        """[MED-6] One redaction of a file at a time; the objects of the former form are nobody's."""
        await quarantined(stores)
        await stores.upload_work.accept(await claimed(stores), made(1))
        first = made(1)
        order = replace(
            announced(2),
            name=None,
            state=UploadState.QUARANTINED,
            media=first.media,
            replaces=first.file,
            decision='{"blank": [1]}',
        )
        await stores.uploads.redact(order)
        with pytest.raises(Conflict):
            await stores.uploads.redact(replace(order, id=announced(3).id))
        accepted = await stores.upload_work.accept(await claimed(stores), made(2))
        assert (accepted.upload.state, accepted.discarded) == (UploadState.READY, first.keys)
        [medium] = await stores.gallery.listed(CASE)
        [file] = await stores.gallery.files(medium.id)
        assert (medium.id, medium.cover, medium.files_version) == (first.media, file, 2)
        assert file.key == made(2).key
        with pytest.raises(NotFound):
            await stores.uploads.redact(replace(order, id=announced(4).id))

    async def test_more_of_a_series_that_was_taken_out_brings_it_back(self, stores: Stores) -> None:
        """[MED-5] If it was announced since."""
        early, late = announced(2), announced(5)
        await quarantined(stores, announced(1), early)
        await stores.upload_work.accept(await claimed(stores), made(1, series="s"))
        await stores.gallery.set_removed(CASE, made(1).media, ADA.id, Millis(NOW + 4))
        await stores.upload_work.accept(await claimed(stores), made(2, series="s"))
        assert (await stores.gallery.listed(CASE))[0].is_removed
        await quarantined(stores, late)
        await stores.upload_work.accept(await claimed(stores), made(3, series="s"))
        assert not (await stores.gallery.listed(CASE))[0].is_removed


async def test_each_change_leaves_a_notice_and_an_event(stores: Stores) -> None:
    """[UPL-5] [AUD-1] Open pages look again; the log says what became of it, and no name."""
    before = await stores.notices.latest()
    [sent] = await quarantined(stores)
    await stores.upload_work.accept(await claimed(stores), made(1))
    notices = await stores.notices.since(before)
    assert notices == [AccessNotice(before + number, None, CASE) for number in (1, 2, 3, 4)]
    events = [each.event for each in await stores.audit.newest(chain_of(CASE), Sought(), 3)][::-1]
    assert [event.action for event in events] == [
        Action.MEDIA_BEGUN,
        Action.MEDIA_UPLOADED,
        Action.MEDIA_READY,
    ]
    assert events[0].details == {Detail.FILES: 1, Detail.BYTES: 1_000}
    assert events[2].details[Detail.MEDIA] == made(1).media
    assert all(event.person == sent.person for event in events)
