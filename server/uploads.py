"""Uploads: files announced, sent straight to the object storage in parts, and handed to the workers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import replace

import structlog
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.access import Access, Clock, OpenCase
from server.body import read_body, reply
from server.described import described
from server.entrance import Entropy
from server.media_keys import quarantine_key, review_prefix
from server.settings import Settings
from server.upload_answers import (
    BeginBody,
    BegunList,
    PartsBody,
    SignedParts,
    UploadList,
    UploadShown,
    show,
    show_begun,
    show_part,
)
from storage.ports import MultipartId, PartToSign, Stores, Upload
from workspace import policy
from workspace.audit import Cause
from workspace.errors import (
    Conflict,
    Forbidden,
    InvalidRequest,
    NotFound,
    ObjectsFull,
    ObjectsOff,
    ObjectsStarting,
    ObjectsUnavailable,
    PartsMissing,
)
from workspace.ids import ID_BYTES, UploadId, make_id
from workspace.media import (
    ENDED,
    SENDING,
    UNFINISHED,
    WORKED_ON,
    Reason,
    UploadState,
    may_be_tried_again,
    parts_of,
)

AWAY = (ObjectsUnavailable, ObjectsStarting, ObjectsFull, ObjectsOff)
MOST_NAMED = 100
"""Parts that an error names; whoever lacks more may ask again."""
AT_ONCE = 8
"""Questions to the object storage of one request."""

log = structlog.get_logger("consilium.uploads")


class Uploads:
    """The handlers. Every path to a case passes `Access.open_case`; `changed` is called after each change, so that open
    pages hear of it at once."""

    def __init__(
        self,
        settings: Settings,
        stores: Stores,
        access: Access,
        *,
        clock: Clock,
        entropy: Entropy,
        changed: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._stores = stores
        self._access = access
        self._clock = clock
        self._entropy = entropy
        self._changed = changed

    def routes(self) -> Sequence[BaseRoute]:
        """What stands under `/api`."""
        return [
            Route("/cases/{case}/uploads", self.list_uploads, methods=["GET"]),
            Route("/cases/{case}/uploads", self.begin, methods=["POST"]),
            Route("/cases/{case}/uploads/{upload}/parts", self.sign_parts, methods=["POST"]),
            Route("/cases/{case}/uploads/{upload}/complete", self.complete, methods=["POST"]),
            Route("/cases/{case}/uploads/{upload}/retry", self.retry, methods=["POST"]),
            Route("/cases/{case}/uploads/{upload}", self.put_away, methods=["DELETE"]),
        ]

    @described({200: UploadList})
    async def list_uploads(self, request: Request) -> Response:
        """One's own files on their way, and how many others have; for moderators also what somebody has to look at.
        [UPL-5]"""
        opened = await self._access.open_asked(request)
        listed = await self._stores.uploads.listed(opened.case.id)
        shown = [each for each in listed if may_see(opened, each)]
        others = sum(each.state in UNFINISHED for each in listed) - sum(each.state in UNFINISHED for each in shown)
        me = opened.principal.person.id
        return reply(UploadList(uploads=[show(each, me) for each in shown], waiting_of_others=others))

    @described({200: BegunList}, body=BeginBody, errors=(Forbidden, Conflict, *AWAY))
    async def begin(self, request: Request) -> Response:
        """Announce files. Announced again, an unfinished one is answered as it stands, with the parts that have
        arrived; nothing of what the case has already is to be sent. [UPL-2]"""
        opened = await self._open_to_add(request)
        body = await read_body(request, BeginBody, self._settings)
        me, at, limits = opened.principal.person.id, self._clock(), self._settings.media_limits
        announced = [
            Upload(
                UploadId(make_id(self._entropy(ID_BYTES))),
                opened.case.id,
                me,
                each.name,
                each.size,
                bytes.fromhex(each.digest),
                at,
                at,
            )
            for each in body.files
        ]
        begun = await self._stores.uploads.begin(announced, limits, cause=opened.principal.cause)
        self._changed()
        sent = await self._sent([each for each in begun if isinstance(each, Upload)], opened.principal.cause)
        stands = [sent.get(each.id, (each, ())) if isinstance(each, Upload) else (each, ()) for each in begun]
        shown = [show_begun(each, me, limits, parts) for each, parts in stands]
        return reply(BegunList(uploads=shown))

    @described({200: SignedParts}, body=PartsBody, errors=(Forbidden, Conflict, *AWAY))
    async def sign_parts(self, request: Request) -> Response:
        """Addresses to send parts to, each good for a body of this length and digest and for a short time. [UPL-3]"""
        opened = await self._open_to_add(request)
        seen = await self._mine(request, opened)
        body = await read_body(request, PartsBody, self._settings)
        sizes = {part.number: part.size for part in parts_of(seen.size)}
        if any(each.number not in sizes for each in body.parts):
            raise InvalidRequest(f"parts: 1 to {len(sizes)}")
        seen, multipart = await self._opened(seen, opened.principal.cause)
        wanted = [PartToSign(each.number, sizes[each.number], bytes.fromhex(each.sha256)) for each in body.parts]
        key = quarantine_key(seen.case, seen.id)
        signed = await self._stores.multiparts.sign_parts(key, multipart, wanted)
        shown = [show_part(part.number, each) for part, each in zip(wanted, signed, strict=True)]
        return reply(SignedParts(parts=shown))

    @described({200: UploadShown}, errors=(Forbidden, Conflict, PartsMissing, *AWAY))
    async def complete(self, request: Request) -> Response:
        """All parts were sent: hand the file to the workers. Asked again it answers how the upload stands.

        409 with the numbers of the parts that have not arrived. [UPL-4]
        """
        opened = await self._open_to_add(request)
        seen = await self._mine(request, opened)
        if seen.state in SENDING:
            seen = await self._complete(seen, opened.principal.cause)
            self._changed()
        return reply(show(seen, opened.principal.person.id))

    @described({200: UploadShown}, errors=(Forbidden, Conflict, *AWAY))
    async def retry(self, request: Request) -> Response:
        """Try a rejected file once more, where what stood in its way may have passed. One that changed on its way is to
        be sent again. [UPL-8]"""
        opened = await self._open_to_add(request)
        seen = await self._mine(request, opened)
        if seen.state in WORKED_ON | SENDING:
            return reply(show(seen, opened.principal.person.id))
        if not may_be_tried_again(seen.state, seen.reason):
            raise Conflict(f"the upload is {seen.state.value}")
        again = replace(seen, reason=None, attempts=0, changed_at=self._clock())
        if seen.reason is Reason.CHANGED_ON_THE_WAY:
            await self._stores.objects.remove([quarantine_key(seen.case, seen.id)])
            again = replace(again, state=UploadState.REQUESTED, multipart=None)
        else:
            again = replace(again, state=UploadState.QUARANTINED)
        tried = await self._stores.uploads.change(seen, again, cause=opened.principal.cause)
        self._changed()
        return reply(show(tried, opened.principal.person.id))

    @described({204: None}, errors=(Forbidden, Conflict))
    async def put_away(self, request: Request) -> Response:
        """Cancel an upload that is under way, whatever is being done with it; put away one that has ended. [UPL-10]"""
        opened = await self._access.open_asked(request)
        seen = await self._mine(request, opened)
        if seen.is_put_away:
            return Response(status_code=204)
        state = seen.state if seen.state in ENDED else UploadState.CANCELLED
        away = replace(seen, state=state, is_put_away=True, changed_at=self._clock())
        await self._stores.uploads.change(seen, away, cause=opened.principal.cause)
        self._changed()
        return Response(status_code=204, background=BackgroundTask(self._clear, seen))

    async def _complete(self, seen: Upload, cause: Cause) -> Upload:
        """Raises: PartsMissing, ObjectsUnavailable, Conflict."""
        expected = {part.number: part.size for part in parts_of(seen.size)}
        if seen.multipart is None:
            raise _missing(expected)
        key, multipart = quarantine_key(seen.case, seen.id), MultipartId(seen.multipart)
        whole = replace(seen, state=UploadState.QUARANTINED, changed_at=self._clock())
        try:
            sent = {part.number for part in await self._stores.multiparts.parts(key, multipart)}
        except NotFound:
            found = await self._without_parts(seen, cause)
            if found.state in SENDING:
                raise _missing(expected) from None
            return found
        if missing := expected.keys() - sent:
            raise _missing(missing)
        try:
            await self._stores.multiparts.complete(key, multipart, seen.size)
        except Conflict:
            return await self._move(seen, _changed(whole), cause)
        return await self._move(seen, whole, cause)

    async def _without_parts(self, seen: Upload, cause: Cause) -> Upload:
        """There is no place for its parts any more: it was completed, by a request whose answer was lost, or which did
        not live to write it down; or the store gave it up, and all of it is to be sent again."""
        head = await self._stores.objects.head(quarantine_key(seen.case, seen.id))
        if head is None:
            return await self._move(seen, replace(seen, state=UploadState.REQUESTED, multipart=None), cause)
        whole = replace(seen, state=UploadState.QUARANTINED, changed_at=self._clock())
        return await self._move(seen, whole if head.size == seen.size else _changed(whole), cause)

    async def _move(self, seen: Upload, to: Upload, cause: Cause) -> Upload:
        """Of two tabs that do it at once both are answered how it stands."""
        try:
            return await self._stores.uploads.change(seen, to, cause=cause)
        except Conflict:
            found = await self._stores.uploads.find(seen.case, seen.id)
            if found is None or found.state is seen.state:
                raise
            return found

    async def _opened(self, seen: Upload, cause: Cause) -> tuple[Upload, MultipartId]:
        """With a place for its parts. Raises: Conflict, ObjectsUnavailable."""
        if seen.state not in SENDING:
            raise Conflict(f"the upload is {seen.state.value}")
        if seen.multipart is not None:
            return seen, MultipartId(seen.multipart)
        key = quarantine_key(seen.case, seen.id)
        multipart = await self._stores.multiparts.begin(key)
        to = replace(seen, state=UploadState.UPLOADING, multipart=multipart, changed_at=self._clock())
        try:
            return await self._stores.uploads.change(seen, to, cause=cause), multipart
        except Conflict:  # another tab was faster: its place is the one
            with suppress(ObjectsUnavailable):
                await self._stores.multiparts.abort(key, multipart)
            found = await self._stores.uploads.find(seen.case, seen.id)
            if found is None or found.state not in SENDING or found.multipart is None:
                raise
            return found, MultipartId(found.multipart)

    async def _sent(self, uploads: Sequence[Upload], cause: Cause) -> dict[UploadId, tuple[Upload, Collection[int]]]:
        """How those stand that are under way, and which parts of each have arrived."""
        lanes = asyncio.Semaphore(AT_ONCE)

        async def ask(upload: Upload, multipart: MultipartId) -> tuple[Upload, Collection[int]]:
            async with lanes:
                try:
                    found = await self._stores.multiparts.parts(quarantine_key(upload.case, upload.id), multipart)
                except NotFound:
                    return await self._without_parts(upload, cause), ()
                return upload, [part.number for part in found]

        under_way = {each.id: each for each in uploads if each.multipart is not None and each.state in SENDING}
        asked = [ask(each, MultipartId(each.multipart)) for each in under_way.values() if each.multipart]
        return dict(zip(under_way, await asyncio.gather(*asked), strict=True))

    async def _clear(self, seen: Upload) -> None:
        """What is not removed now, the sweeper finds. [UPL-9]"""
        if seen.state in ENDED:
            return
        objects, key = self._stores.objects, quarantine_key(seen.case, seen.id)
        try:
            if seen.multipart is not None:
                await self._stores.multiparts.abort(key, MultipartId(seen.multipart))
            shown = [each.key async for each in objects.listed(review_prefix(seen.case, seen.id))]
            await objects.remove([key, *shown])
        except ObjectsUnavailable as error:
            log.info("uploads.not_cleared", upload=seen.id, error=error.reason)

    async def _open_to_add(self, request: Request) -> OpenCase:
        return to_add(await self._access.open_asked(request))

    async def _mine(self, request: Request, opened: OpenCase) -> Upload:
        found = await self._stores.uploads.find(opened.case.id, UploadId(request.path_params["upload"]))
        if found is None or not may_see(opened, found):
            raise NotFound
        if found.person != opened.principal.person.id:
            raise Forbidden
        return found


def to_add(opened: OpenCase) -> OpenCase:
    """A case in which the one who opened it may change media now. Raises: Forbidden, Conflict."""
    if not policy.may_add_media(opened.roles):
        raise Forbidden
    if opened.case.state not in policy.WRITABLE_STATES:
        raise Conflict(f"the case is {opened.case.state.value}")
    return opened


def may_see(opened: OpenCase, upload: Upload) -> bool:
    """Whether anything of it is shown to the one who opened the case. [UPL-5]"""
    return policy.may_see_upload(
        opened.principal.person.id,
        opened.roles,
        upload.person,
        needs_review=upload.state is UploadState.NEEDS_REVIEW,
    )


def _missing(numbers: Collection[int]) -> PartsMissing:
    return PartsMissing(", ".join(map(str, sorted(numbers)[:MOST_NAMED])))


def _changed(upload: Upload) -> Upload:
    """What stands there is not what was announced."""
    return replace(upload, state=UploadState.REJECTED, reason=Reason.CHANGED_ON_THE_WAY)
