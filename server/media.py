"""Media: the gallery of a case, its words and its order, what is taken out of it, redacted, opened and downloaded."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.access import Access, Clock, OpenCase
from server.body import read_body, reply
from server.described import described
from server.entrance import Entropy
from server.media_answers import (
    Download,
    ManifestShown,
    MediaList,
    MediaShown,
    MediumShown,
    OrderBody,
    PathsBody,
    RedactBody,
    SignedPath,
    SignedPaths,
    WordsBody,
    manifest_of,
    show_download,
    show_file,
    show_media,
)
from server.media_keys import MEDIA
from server.past import name_authors
from server.settings import Settings
from server.upload_answers import UploadShown, show
from server.uploads import to_add
from storage.ports import Medium, ObjectKey, Stores, Upload
from workspace import policy
from workspace.audit import Action, Detail, Event
from workspace.errors import Conflict, Forbidden, InvalidRequest, NotFound
from workspace.ids import ID_BYTES, FileId, MediaId, UploadId, make_id
from workspace.media import UploadState


class Media:
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
            Route("/cases/{case}/media", self.list_media, methods=["GET"]),
            Route("/cases/{case}/media", self.arrange, methods=["PUT"]),
            Route("/cases/{case}/media/{media}", self.show_medium, methods=["GET"]),
            Route("/cases/{case}/media/{media}", self.describe, methods=["PATCH"]),
            Route("/cases/{case}/media/{media}", self.remove, methods=["DELETE"]),
            Route("/cases/{case}/media/{media}/manifest", self.show_manifest, methods=["GET"]),
            Route("/cases/{case}/media/{media}/restore", self.restore, methods=["POST"]),
            Route("/cases/{case}/media/{media}/redact", self.redact, methods=["POST"]),
            Route("/cases/{case}/media/{media}/download", self.download, methods=["POST"]),
            Route("/cases/{case}/media/{media}/urls", self.sign_paths, methods=["POST"]),
        ]

    @described({200: MediaList})
    async def list_media(self, request: Request) -> Response:
        """The gallery of a case, and what was taken out of it. [MED-1]"""
        opened = await self._access.open_asked(request)
        return reply(await self._list(opened))

    @described({200: MediumShown})
    async def show_medium(self, request: Request) -> Response:
        """One item with its files, what was made of them for viewers, and its manifest. [MED-7]"""
        opened = await self._access.open_asked(request)
        medium = await self._find(request, opened)
        await self._access.note(_event(Action.MEDIA_OPENED, opened, medium))
        files = await self._stores.gallery.files(medium.id)
        [shown] = await self._show([medium])
        objects = self._stores.objects
        file_list = [show_file(objects, each) for each in files]
        return reply(MediumShown(**dict(shown), file_list=file_list, manifest=manifest_of(objects, medium)))

    @described({200: ManifestShown})
    async def show_manifest(self, request: Request) -> Response:
        """Where to read what an item is made of, for viewers. While it is being prepared there is none: 404. [MED-7]"""
        opened = await self._access.open_asked(request)
        medium = await self._find(request, opened)
        shown = manifest_of(self._stores.objects, medium)
        if shown is None:
            raise NotFound
        await self._access.note(_event(Action.MEDIA_OPENED, opened, medium))
        return reply(shown)

    @described({200: MediaShown}, body=WordsBody, errors=(Forbidden, Conflict))
    async def describe(self, request: Request) -> Response:
        """Change its caption or its alternative text; 409 when somebody else did since `version`. [MED-4]"""
        opened = to_add(await self._access.open_asked(request))
        medium = await self._find(request, opened)
        body = await read_body(request, WordsBody, self._settings)
        caption = medium.caption if body.caption is None else body.caption
        alt = medium.alt if body.alt is None else body.alt
        described_ = await self._stores.gallery.describe(
            replace(medium, version=body.version), caption, alt, cause=opened.principal.cause
        )
        self._changed()
        [shown] = await self._show([described_])
        return reply(shown)

    @described({200: MediaList}, body=OrderBody, errors=(Forbidden, Conflict))
    async def arrange(self, request: Request) -> Response:
        """Put media in order: these come first, the others follow as they stood. [MED-3]"""
        opened = to_add(await self._access.open_asked(request))
        body = await read_body(request, OrderBody, self._settings)
        await self._stores.gallery.arrange(
            opened.case.id, [MediaId(each) for each in body.media], cause=opened.principal.cause
        )
        self._changed()
        return reply(await self._list(opened))

    @described({200: MediaShown}, errors=(Forbidden, Conflict))
    async def remove(self, request: Request) -> Response:
        """Take an item out of the gallery. Nothing of it is gone: it can be put back. [MED-5]"""
        return await self._set_removed(request, is_removed=True)

    @described({200: MediaShown}, errors=(Forbidden, Conflict))
    async def restore(self, request: Request) -> Response:
        """Put an item back into the gallery, where it was. [MED-5]"""
        return await self._set_removed(request, is_removed=False)

    @described({202: UploadShown}, body=RedactBody, errors=(Forbidden, Conflict))
    async def redact(self, request: Request) -> Response:
        """Have a worker write a file anew with these places blanked; it then takes the place of the file. [MED-6]"""
        opened = to_add(await self._access.open_asked(request))
        medium = await self._find(request, opened)
        body = await read_body(request, RedactBody, self._settings)
        if not body.blank and not body.strokes:
            raise InvalidRequest("blank: there is nothing to blank")
        found = next((e for e in await self._stores.gallery.files(medium.id) if e.id == body.file), None)
        if found is None:
            raise NotFound
        me, at = opened.principal.person.id, self._clock()
        decision = {
            "blank": [each.model_dump() for each in body.blank],
            "strokes": [each.model_dump() for each in body.strokes],
            "by": me,
        }
        order = Upload(
            UploadId(make_id(self._entropy(ID_BYTES))),
            opened.case.id,
            me,
            None,
            found.size,
            found.sha256,
            at,
            at,
            state=UploadState.QUARANTINED,
            kind=medium.kind,
            media=medium.id,
            replaces=FileId(body.file),
            decision=json.dumps(decision),
        )
        ordered = await self._stores.uploads.redact(order, cause=opened.principal.cause)
        self._changed()
        return reply(show(ordered, me), 202)

    @described({200: Download})
    async def download(self, request: Request) -> Response:
        """Addresses from which the files of an item, cleaned, are kept; the audit log says who asked. [MED-8]"""
        opened = await self._access.open_asked(request)
        medium = await self._find(request, opened)
        files = await self._stores.gallery.files(medium.id)
        if not files:
            raise NotFound
        await self._access.note(_event(Action.MEDIA_DOWNLOADED, opened, medium), always=True)
        return reply(show_download(self._stores.objects, medium, files))

    @described({200: SignedPaths}, body=PathsBody)
    async def sign_paths(self, request: Request) -> Response:
        """Addresses for objects of an item, as its manifest names them. [MED-8]"""
        opened = await self._access.open_asked(request)
        medium = await self._find(request, opened)
        body = await read_body(request, PathsBody, self._settings)
        if any(".." in each or "//" in each for each in body.paths):
            raise InvalidRequest("paths: as the manifest names them")
        stem = f"{MEDIA}{opened.case.id}/{medium.id}/"
        made = {ObjectKey(f"{stem}{each.partition('/')[0]}") for each in body.paths}
        if len(await self._stores.manifests.known(made)) < len(made):  # also what was redacted since
            raise NotFound
        signed = [self._stores.objects.sign_get(ObjectKey(f"{stem}{each}")) for each in body.paths]
        shown = [
            SignedPath(path=path, url=each.url, expires_at=each.expires_at)
            for path, each in zip(body.paths, signed, strict=True)
        ]
        return reply(SignedPaths(paths=shown))

    async def _set_removed(self, request: Request, *, is_removed: bool) -> Response:
        opened = to_add(await self._access.open_asked(request))
        me = opened.principal.person.id if is_removed else None
        media = MediaId(request.path_params["media"])
        changed = await self._stores.gallery.set_removed(
            opened.case.id, media, me, self._clock(), cause=opened.principal.cause
        )
        self._changed()
        [shown] = await self._show([changed])
        return reply(shown)

    async def _list(self, opened: OpenCase) -> MediaList:
        listed = await self._stores.gallery.listed(opened.case.id)
        sees_removed = policy.may_see_removed_media(opened.roles)
        shown = await self._show([each for each in listed if sees_removed or not each.is_removed])
        return MediaList(
            media=[each for each in shown if each.removed_at is None],
            removed=[each for each in shown if each.removed_at is not None],
            may_change=policy.may_add_media(opened.roles) and opened.case.state in policy.WRITABLE_STATES,
        )

    async def _show(self, media: Sequence[Medium]) -> list[MediaShown]:
        concerned = {each.by for each in media} | {each.removed_by for each in media if each.removed_by}
        names = await name_authors(self._stores.people, concerned)
        return [
            show_media(self._stores.objects, each, names[each.by], names[each.removed_by] if each.removed_by else None)
            for each in media
        ]

    async def _find(self, request: Request, opened: OpenCase) -> Medium:
        found = await self._stores.gallery.find(opened.case.id, MediaId(request.path_params["media"]))
        if found is None or (found.is_removed and not policy.may_see_removed_media(opened.roles)):
            raise NotFound
        return found


def _event(action: Action, opened: OpenCase, medium: Medium) -> Event:
    details = {Detail.MEDIA: medium.id, Detail.KIND: medium.kind.value}
    return Event(action, opened.principal.cause, opened.case.id, details=details)
