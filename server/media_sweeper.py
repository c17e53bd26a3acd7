"""Ends uploads that nobody goes on with, and removes objects that nobody needs. [UPL-9] [UPL-13] [MED-10]

What a crash left behind is found by what stands in the object storage, not by anything remembered here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import suppress
from dataclasses import replace

import structlog

from server.access import Clock
from server.background import Done, Duty
from server.media_keys import MEDIA, QUARANTINE, quarantine_key, upload_of_key
from storage.ports import Lease, ListedObject, MultipartId, ObjectKey, Sought, Stores, Upload
from workspace.audit import HOUSE, SYSTEM, Action
from workspace.errors import Conflict, ObjectsUnavailable
from workspace.ids import Millis
from workspace.media import Reason, UploadState

LOOK_SECONDS = 600.0
HOUR_MILLIS = 3_600_000
SHOWN_MILLIS = HOUR_MILLIS
"""How long it is shown to its uploader that a file has become ready."""
GRACE_MILLIS = HOUR_MILLIS
"""What is younger may be on its way: a row that is being written, an answer that is on the line."""
ORPHAN_MILLIS = 24 * HOUR_MILLIS
"""Of objects that no row names: a worker may be at work on the longest video."""
THOROUGH_MILLIS = 6 * HOUR_MILLIS
"""How often everything in the storage is compared with what should be there."""
RESTORED_MILLIS = 7 * 24 * HOUR_MILLIS
"""For so long after a restore what was written before it stays: whoever took the database back to the wrong moment
takes it to a later one, which names what this one does not. [BAK-12]"""
REPLACED_MILLIS = 24 * HOUR_MILLIS
"""For so long a page that was open when renditions were made anew shows the former ones."""
AT_ONCE = 500

log = structlog.get_logger("consilium.media")


class MediaSweeper:
    """Each look does what is due; asked twice it finds nothing more."""

    def __init__(self, stores: Stores, upload_hours: float, *, clock: Clock) -> None:
        self._stores = stores
        self._upload_millis = round(upload_hours * HOUR_MILLIS)
        self._clock = clock
        self._thorough_at = Millis(0)
        self.duty = Duty("media", LOOK_SECONDS, self._look)

    async def end_stale(self) -> int:
        """Uploads expire; what ended long ago is put away. How many that were. Raises: StorageUnavailable."""
        now, ended = self._clock(), 0
        expired, restored = Millis(now - self._upload_millis), await self._restored()
        if restored is not None and restored > expired:  # nobody could go on with them before
            expired = Millis(0)
        for states, before in (
            ((UploadState.REQUESTED, UploadState.UPLOADING, UploadState.NEEDS_REVIEW, UploadState.REJECTED), expired),
            ((UploadState.READY,), Millis(now - SHOWN_MILLIS)),
            ((UploadState.EXPIRED,), expired),
        ):
            while stale := await self._stores.uploads.stale(states, before, AT_ONCE):
                for each in stale:
                    await self._end(each)
                ended += len(stale)
        return ended

    async def clear_quarantine(self) -> int:
        """Parts and originals that nobody needs any more. How many. Raises: StorageUnavailable, ObjectsUnavailable."""
        before, cleared, spared = Millis(self._clock() - GRACE_MILLIS), 0, await self._spared()
        async for key, multipart in self._stores.multiparts.unfinished(before):
            if not await self._is_held(key):
                await self._stores.multiparts.abort(key, multipart)
                cleared += 1
        async for page in _pages(self._stores.objects.listed(QUARANTINE)):
            uploads = {each.key: upload_of_key(each.key) for each in page if spared < each.at < before}
            held = await self._stores.uploads.held({each for each in uploads.values() if each is not None})
            needless = [key for key, upload in uploads.items() if upload not in held]
            await self._stores.objects.remove(needless)
            cleared += len(needless)
        return cleared

    async def remove_orphans(self) -> int:
        """Objects that no row names, if they are old. How many. Raises: StorageUnavailable, ObjectsUnavailable."""
        before, removed, spared = Millis(self._clock() - ORPHAN_MILLIS), 0, await self._spared()
        async for page in _pages(self._stores.objects.listed(MEDIA)):
            old = [each.key for each in page if spared < each.at < before]
            known = await self._stores.manifests.known(old)
            orphans = [key for key in old if key not in known]
            await self._stores.objects.remove(orphans)
            removed += len(orphans)
        return removed

    async def remove_replaced(self) -> int:
        """[REN-12] Former renditions that nobody looks at any more. How many. Raises: StorageUnavailable,
        ObjectsUnavailable."""
        before, removed = Millis(self._clock() - REPLACED_MILLIS), 0
        while keys := await self._stores.remakes.end_replaced(before, AT_ONCE):
            await self._stores.objects.remove(keys)  # what is not removed now is an orphan
            removed += len(keys)
        return removed

    async def _restored(self) -> Millis | None:
        """When the database was last taken back to an earlier moment, if it ever was."""
        found = await self._stores.audit.newest(HOUSE, Sought(actions=(Action.RESTORED,)), 1)
        return found[0].at if found else None

    async def _spared(self) -> Millis:
        """What was written before stays. An hour more than the restore: the storage's clock is another."""
        restored = await self._restored()
        if restored is None or restored < self._clock() - RESTORED_MILLIS:
            return Millis(-1)
        return Millis(restored + GRACE_MILLIS)

    async def _end(self, seen: Upload) -> None:
        changed = replace(seen, changed_at=self._clock())
        if seen.state in (UploadState.READY, UploadState.EXPIRED):
            changed = replace(changed, is_put_away=True)
        else:
            changed = replace(changed, state=UploadState.EXPIRED, reason=Reason.NOT_FINISHED)
        with suppress(Conflict):  # somebody went on with it
            await self._stores.uploads.change(seen, changed, cause=SYSTEM)
            if seen.multipart is not None and seen.state is UploadState.UPLOADING:
                with suppress(ObjectsUnavailable):
                    key = quarantine_key(seen.case, seen.id)
                    await self._stores.multiparts.abort(key, MultipartId(seen.multipart))

    async def _is_held(self, key: ObjectKey) -> bool:
        upload = upload_of_key(key)
        return upload is not None and bool(await self._stores.uploads.held([upload]))

    async def _look(self, _: Lease) -> Done:
        done = await self.end_stale()
        try:
            done += await self.clear_quarantine()
            done += await self.remove_replaced()
            if self._clock() - self._thorough_at > THOROUGH_MILLIS:
                done += await self.remove_orphans()
                self._thorough_at = self._clock()
        except ObjectsUnavailable as error:
            log.info("media.not_swept", error=error.reason)
        return Done(done)


async def _pages(listed: AsyncIterator[ListedObject]) -> AsyncIterator[Collection[ListedObject]]:
    page: list[ListedObject] = []
    async for each in listed:
        page.append(each)
        if len(page) == AT_ONCE:
            yield page
            page = []
    yield page
