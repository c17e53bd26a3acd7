"""Takes one upload after the other from quarantine to the gallery. [UPL-7] [UPL-8]

Every step may be the last one of this process: what the database says changes in one transaction at the end, guarded by
the claim; until then only the claim and objects that nothing names are there, and both go by themselves.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from server.access import Clock
from server.child import ChildLost
from server.entrance import Entropy
from server.media_keys import file_key, quarantine_key, review_prefix
from server.media_meters import Came, Ended
from server.media_worker.cleaner import Cleans, TookTooLong
from server.media_worker.job import Answer, CleanedLine, Job, RejectedLine, RemadeLine, ReviewLine
from server.media_worker.putting import Putting
from server.media_worker.telling import WHOLE, Telling
from server.renditions.rules import RULES
from server.settings import Settings
from storage.ports import Claim, Made, MediaFile, ObjectKey, Shape, Stores, Upload
from workspace.errors import Conflict, ConsiliumError, NotFound, ObjectsUnavailable
from workspace.ids import ID_BYTES, FileId, MediaId, make_id
from workspace.media import Reason, UploadState, is_held

SECRET_BYTES = 32
ORIGINAL, MADE = "original", "made"
"""In the folder of a claim."""
AWAY_SECONDS = 15.0
"""For so long nobody tries again when the object storage is away."""
LOST_SECONDS = 2.0
FETCHED, CLEANED = 100, 900
"""Of `WHOLE`: how much of the work fetching is, and cleaning."""

log = structlog.get_logger("consilium.media")


@dataclass(frozen=True, slots=True)
class _Source:
    """What was fetched: a file that is to be redacted, or None for what was sent; and the SHA-256 of it."""

    redacted: MediaFile | None
    sha256: bytes


class MediaWorker:
    """Does the work of one claim, in a folder of its own."""

    def __init__(
        self,
        stores: Stores,
        settings: Settings,
        folder: Path,
        *,
        clock: Clock,
        entropy: Entropy,
        ended: Callable[[Ended], None] = lambda _: None,
    ) -> None:
        self._stores = stores
        self._limits, self._keep_sound = settings.media_limits, settings.video_sound
        self._folder = folder
        self._clock = clock
        self._entropy = entropy
        self._ended = ended

    async def work(self, claim: Claim, cleaner: Cleans) -> None:
        """Whatever comes of it is written down; what cannot be now is found again. Raises: Conflict (the claim is
        lost), StorageUnavailable."""
        began = time.monotonic()
        upload = claim.upload
        try:
            folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="upload-", dir=self._folder))
        except OSError as error:
            self._count(await self._reject(claim, RejectedLine(reason=_no_room(error))), began)
            return
        try:
            came = await self._clean(claim, cleaner, folder)
        except ObjectsUnavailable as error:
            log.warning("media.storage_away", upload=upload.id, error=error.reason)
            self._ended(Ended(Came.STORAGE_AWAY, time.monotonic() - began))
            await self._stores.upload_work.release(claim, AWAY_SECONDS)
            return
        except ChildLost as error:
            log.warning("media.child_lost", upload=upload.id, error=str(error), attempts=upload.attempts)
            self._ended(Ended(Came.CHILD_LOST, time.monotonic() - began))
            await self._stores.upload_work.release(claim, LOST_SECONDS, was_tried=True)
            return
        except asyncio.CancelledError:
            with suppress(ConsiliumError):
                await asyncio.shield(self._stores.upload_work.release(claim, 0))
            raise
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        self._count(came, began)
        log.info(
            "media.worked",
            upload=upload.id,
            state=came.state.value,
            reason=came.reason,
            kind=came.kind,
            bytes=upload.size,
            ms=round((time.monotonic() - began) * 1000),
        )

    def _count(self, upload: Upload, began: float) -> None:
        if upload.state.value in set(Came):
            self._ended(Ended(Came(upload.state.value), time.monotonic() - began, upload.kind, upload.reason))

    async def _clean(self, claim: Claim, cleaner: Cleans, folder: Path) -> Upload:
        upload = claim.upload
        telling = Telling(self._stores, claim)
        try:
            fetched = await self._fetch(upload, folder, telling)
            if isinstance(fetched, RejectedLine):
                return await self._reject(claim, fetched)
            answer = await self._answer(upload, fetched, folder, cleaner, telling)
            match answer:
                case CleanedLine():
                    return await self._accept(claim, answer, fetched.sha256, folder / MADE, telling)
                case ReviewLine():
                    return await self._ask(claim, answer, folder / MADE)
                case RejectedLine():
                    return await self._reject(claim, answer)
                case RemadeLine():
                    raise ChildLost("it did something else")
        finally:
            await telling.end()

    async def _original(self, upload: Upload) -> MediaFile | None:
        """The file that is to be redacted; None for what was sent."""
        if upload.replaces is None or upload.media is None:
            return None
        files = await self._stores.gallery.files(upload.media)
        found = next((each for each in files if each.id == upload.replaces), None)
        if found is None:
            raise NotFound
        return found

    async def _fetch(self, upload: Upload, folder: Path, telling: Telling) -> _Source | RejectedLine:
        """What is to be cleaned, as it was announced, beside a folder for what is made of it."""
        try:
            await asyncio.to_thread((folder / MADE).mkdir)
            redacted = await self._original(upload)
            key = quarantine_key(upload.case, upload.id) if redacted is None else redacted.key
            count = telling.part(0, FETCHED, upload.size)
            fetched = await self._stores.objects.fetch(key, folder / ORIGINAL, count)
        except NotFound:
            return RejectedLine(reason=Reason.SOURCE_GONE)
        except OSError as error:
            return RejectedLine(reason=_no_room(error))
        digest = fetched.composite if redacted is None else fetched.sha256
        if (fetched.size, digest) != (upload.size, upload.digest):
            return RejectedLine(reason=Reason.CHANGED_ON_THE_WAY)
        return _Source(redacted, fetched.sha256)

    async def _answer(self, upload: Upload, source: _Source, folder: Path, cleaner: Cleans, telling: Telling) -> Answer:
        """What came of it, for whatever reason."""
        secret = await self._stores.upload_work.secret(upload.case, self._entropy(SECRET_BYTES))
        redacted = source.redacted
        certificate = None if redacted is None else await self._stores.gallery.certificate(redacted.id)
        original, made = folder / ORIGINAL, folder / MADE
        job = Job(original, made, secret.hex(), self._limits, upload.decision, certificate, self._keep_sound)
        try:
            return await cleaner.run(job, telling.between(FETCHED, CLEANED))
        except TookTooLong:
            return RejectedLine(reason=Reason.TOOK_TOO_LONG)

    async def _accept(
        self, claim: Claim, cleaned: CleanedLine, original: bytes, folder: Path, telling: Telling
    ) -> Upload:
        """`original`: the SHA-256 of what it was made of."""
        upload = claim.upload
        media = upload.media or self._media_id(upload, cleaned.series)
        key = file_key(upload.case, media, self._id())
        putting = Putting(self._stores.objects, folder)
        try:
            done = telling.part(CLEANED, WHOLE, 1 + len(cleaned.renditions))
            sha256, size = await putting.put(key, cleaned.file)
            renditions = await putting.put_all(key, cleaned.renditions, done)
            made = Made(
                FileId(self._id()),
                media,
                cleaned.kind,
                cleaned.series,
                key,
                size,
                sha256,
                cleaned.file.content_type,
                json.dumps(cleaned.attributes, sort_keys=True),
                Shape(cleaned.file.width, cleaned.file.height, cleaned.frames, cleaned.seconds),
                renditions,
                json.dumps(cleaned.certificate, sort_keys=True),
                original,
                self._clock(),
                RULES[cleaned.kind],
            )
            accepted = await self._stores.upload_work.accept(claim, made)
        except (Conflict, asyncio.CancelledError, ObjectsUnavailable):
            await putting.take_back()
            raise
        await self._clear(accepted.upload, [ObjectKey(each) for each in accepted.discarded])
        return accepted.upload

    async def _ask(self, claim: Claim, asked: ReviewLine, folder: Path) -> Upload:
        """[UPL-12] What whoever looks is shown stays in quarantine, and goes with the upload."""
        upload = claim.upload
        if upload.replaces is not None or upload.decision is not None:
            return await self._reject(claim, RejectedLine(reason=Reason.UNSUPPORTED, kind=asked.kind))
        stem = f"{review_prefix(upload.case, upload.id)}{self._id()}"
        putting = Putting(self._stores.objects, folder)
        pictures = []
        try:
            for number, each in enumerate(asked.pictures):
                key = ObjectKey(f"{stem}/{number}")
                await putting.put(key, each)
                pictures.append({"frame": each.frame, "key": key, "width": each.width, "height": each.height})
            review = {"pictures": pictures, "suggested": asked.suggested}
            waiting = replace(
                upload,
                state=UploadState.NEEDS_REVIEW,
                reason=asked.reason,
                kind=asked.kind,
                review=json.dumps(review),
            )
            return await self._stores.upload_work.settle(claim, waiting)
        except (Conflict, asyncio.CancelledError, ObjectsUnavailable):
            await putting.take_back()
            raise

    async def _reject(self, claim: Claim, rejected: RejectedLine) -> Upload:
        log.info("media.rejected", upload=claim.upload.id, reason=rejected.reason.value, detail=rejected.detail)
        refused = replace(
            claim.upload,
            state=UploadState.REJECTED,
            reason=rejected.reason,
            kind=rejected.kind or claim.upload.kind,
        )
        settled = await self._stores.upload_work.settle(claim, refused)
        await self._clear(settled, [])
        return settled

    async def _clear(self, upload: Upload, discarded: Sequence[ObjectKey]) -> None:
        """[UPL-9] What is not needed any more. What is not removed now, the sweeper finds."""
        keys = list(discarded)
        if not is_held(upload.state, upload.reason) and upload.replaces is None:
            with suppress(ObjectsUnavailable):
                shown = review_prefix(upload.case, upload.id)
                keys += [quarantine_key(upload.case, upload.id)]
                keys += [each.key async for each in self._stores.objects.listed(shown)]
        await self._remove(keys)

    async def _remove(self, keys: Sequence[ObjectKey]) -> None:
        with suppress(ObjectsUnavailable):
            await self._stores.objects.remove(keys)

    def _media_id(self, upload: Upload, series: str | None) -> MediaId:
        """Whoever cleans a file of a series first, its medium is called the same: keys name it before anybody knows who
        was first. [MED-2]"""
        if series is None:
            return MediaId(self._id())
        digest = hashlib.sha256(f"{upload.case}\0{series}".encode()).digest()
        return MediaId(make_id(digest[:ID_BYTES]))

    def _id(self) -> str:
        return make_id(self._entropy(ID_BYTES))


def _no_room(error: OSError) -> Reason:
    """Raises: the error itself, if it is another one."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Reason.NO_ROOM
    raise error
