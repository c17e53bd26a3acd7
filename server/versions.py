"""Named versions of a document, and how far each person has seen it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.access import Access, Clock, OpenCase
from server.body import GREATEST, Answer, Body, OneLine, When, read_body, reply
from server.described import described
from server.history import number_of
from server.past import Author, name_authors
from server.settings import Settings
from storage.ports import LastSeen, NamedVersion, Stores
from workspace.errors import Conflict, Forbidden, InvalidRequest, Superseded, TooMany
from workspace.ids import DocumentId, Millis, Seq

Position = Annotated[int, Field(ge=0, le=GREATEST)]


class NewVersionBody(Body):
    """`{seq, name}`."""

    seq: Annotated[int, Field(ge=1, le=GREATEST)]
    name: OneLine


class RenameBody(Body):
    """`{name}`."""

    name: OneLine


class SeenBody(Body):
    """`{seq}`."""

    seq: Position


class VersionShown(Answer):
    """A moment that has a name."""

    seq: int
    name: str
    author: Author
    """Who gave the name, or changed it last."""
    at: When


class VersionList(Answer):
    """The named moments, oldest first."""

    versions: list[VersionShown]
    may_name: bool
    """Whether the one who asks may give, change and take away names."""


class SeenAt(Answer):
    """How far, and when."""

    seq: int
    at: When


class SeenShown(Answer):
    """How far the one who asks has seen the document."""

    head: int
    """The newest entry."""
    seen: SeenAt | None
    """Null: never."""


class Versions:
    """The handlers. Every path to a case passes `Access.open_case`."""

    def __init__(self, settings: Settings, stores: Stores, access: Access, *, clock: Clock) -> None:
        self._settings = settings
        self._stores = stores
        self._access = access
        self._clock = clock

    def routes(self) -> Sequence[BaseRoute]:
        """What stands under `/api`."""
        document = "/cases/{case}/documents/{document}"
        return [
            Route(f"{document}/versions", self.list_versions, methods=["GET"]),
            Route(f"{document}/versions", self.name, methods=["POST"]),
            Route(f"{document}/versions/{{seq}}", self.rename, methods=["PUT"]),
            Route(f"{document}/versions/{{seq}}", self.forget, methods=["DELETE"]),
            Route(f"{document}/seen", self.seen, methods=["GET"]),
            Route(f"{document}/seen", self.see, methods=["PUT"]),
        ]

    @described({200: VersionList}, errors=(Superseded,))
    async def list_versions(self, request: Request) -> Response:
        """The moments of a document that have a name, oldest first."""
        opened, document = await self._open(request)
        return await self._list(opened, document)

    @described({201: VersionList}, body=NewVersionBody, errors=(Forbidden, Conflict, Superseded, TooMany))
    async def name(self, request: Request) -> Response:
        """Give a moment of a document a name; 409 if it has one. [HIS-7]"""
        opened, document = await self._open_to_name(request)
        body = await read_body(request, NewVersionBody, self._settings)
        await self._stores.versions.name(
            document, self._version(opened, body.seq, body.name), cause=opened.principal.cause
        )
        return await self._list(opened, document, status=201)

    @described({200: VersionList}, body=RenameBody, errors=(Forbidden, InvalidRequest, Superseded))
    async def rename(self, request: Request) -> Response:
        """Give a named moment another name. [HIS-7]"""
        opened, document = await self._open_to_name(request)
        seq = number_of(request.path_params["seq"], "seq")
        body = await read_body(request, RenameBody, self._settings)
        await self._stores.versions.rename(
            document, self._version(opened, seq, body.name), cause=opened.principal.cause
        )
        return await self._list(opened, document)

    @described({200: VersionList}, errors=(Forbidden, InvalidRequest, Superseded))
    async def forget(self, request: Request) -> Response:
        """Take a moment's name away; what was written stays as it is. [HIS-7]"""
        opened, document = await self._open_to_name(request)
        seq = Seq(number_of(request.path_params["seq"], "seq"))
        await self._stores.versions.forget(document, seq, cause=opened.principal.cause)
        return await self._list(opened, document)

    @described({200: SeenShown}, errors=(Superseded,))
    async def seen(self, request: Request) -> Response:
        """How far the one who asks has seen the document, and when. [HIS-8]"""
        opened, document = await self._open(request)
        held = await self._stores.versions.seen(document, opened.principal.person.id)
        return reply(await self._shown(document, held))

    @described({200: SeenShown}, body=SeenBody, errors=(Superseded,))
    async def see(self, request: Request) -> Response:
        """Keep how far the one who asks has seen the document; it never goes back. [HIS-8]"""
        opened, document = await self._open(request)
        body = await read_body(request, SeenBody, self._settings)
        fresh = LastSeen(Seq(body.seq), Millis(self._clock()))
        held = await self._stores.versions.see(document, opened.principal.person.id, fresh)
        return reply(await self._shown(document, held))

    async def _open(self, request: Request) -> tuple[OpenCase, DocumentId]:
        opened = await self._access.open_asked(request)
        return opened, await self._access.find_document(opened, request.path_params["document"])

    async def _open_to_name(self, request: Request) -> tuple[OpenCase, DocumentId]:
        opened, document = await self._open(request)
        if not opened.may_name_versions(document):
            raise Forbidden
        return opened, document

    def _version(self, opened: OpenCase, seq: int, name: str) -> NamedVersion:
        return NamedVersion(Seq(seq), name, opened.principal.person.id, self._clock())

    async def _list(self, opened: OpenCase, document: DocumentId, *, status: int = 200) -> Response:
        named = await self._stores.versions.named(document)
        authors = await name_authors(self._stores.people, {version.author for version in named})
        shown = [VersionShown(seq=each.seq, name=each.name, author=authors[each.author], at=each.at) for each in named]
        return reply(VersionList(versions=shown, may_name=opened.may_name_versions(document)), status)

    async def _shown(self, document: DocumentId, held: LastSeen | None) -> SeenShown:
        head = (await self._stores.journal.heads([document])).get(document, Seq(0))
        return SeenShown(head=head, seen=SeenAt(seq=held.seq, at=held.at) if held else None)
