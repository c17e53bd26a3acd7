"""A case's annotations for other tools: JSON-LD as the W3C's model has it, read from the journal. [ANN-12]"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Annotated

import structlog
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.access import Access, OpenCase
from server.authors import Authors
from server.body import Body, Whole, read_query
from server.child import Child, ChildLost
from server.described import Says, described
from server.settings import Settings
from storage.ports import Stores
from workspace.annotation import CONTEXT, W3C_CONTEXT, Json, Mark, UnreadableDiscussion, read_marks
from workspace.audit import Action, Event
from workspace.compaction import open_replica
from workspace.entries import Stored
from workspace.errors import InvalidRequest, NotFound, StorageUnavailable
from workspace.ids import ClientId, DocumentId, DocumentKind, PersonId, Seq, UpdateBytes
from workspace.media import Kind
from workspace.replica import fold

log = structlog.get_logger("consilium.annotations")

PAGE = 1_000
MOST_PAGES = 1_000
PATIENCE_SECONDS = 30.0
"""Ten thousand annotations take some seconds."""
JSON_LD = "application/ld+json"
ANNOTATIONS = f'{JSON_LD}; profile="{W3C_CONTEXT}"'
CONTEXT_PATH = "/annotation-context"


class AnnotationsQuery(Body):
    """Which of them."""

    page: Annotated[Whole, Field(ge=0, lt=MOST_PAGES)] = 0
    """From 0; each holds up to 1,000."""


class Annotations:
    """The handlers. Every path to a case passes `Access.open_case`."""

    def __init__(
        self, settings: Settings, stores: Stores, access: Access, authors: Authors, *, child: Child | None = None
    ) -> None:
        self._settings = settings
        self._stores = stores
        self._access = access
        self._authors = authors
        self._child = child or Child(PATIENCE_SECONDS)

    def routes(self) -> Sequence[BaseRoute]:
        """What stands under `/api`."""
        return [
            Route("/cases/{case}/annotations", self.page, methods=["GET"]),
            Route("/cases/{case}/annotations/{annotation}", self.one, methods=["GET"]),
            Route(CONTEXT_PATH, self.context, methods=["GET"]),
        ]

    @described({200: Says(media=JSON_LD)}, query=AnnotationsQuery, errors=(InvalidRequest,))
    async def page(self, request: Request) -> Response:
        """The annotations of a case that are not removed, as a W3C AnnotationPage; oldest first. [ANN-12]

        `docs/annotations.md` says what stands in it. Who wrote what is the journal's word.
        """
        opened = await self._access.open_asked(request)
        query = read_query(request, AnnotationsQuery)
        document = await self._discussion(opened)
        site = self._site(request)
        base = _base(site, opened)
        marks = await self._read(document, base)
        items = await self._signed(opened, document, marks[query.page * PAGE : (query.page + 1) * PAGE], base)
        whole: dict[str, Json] = {"id": f"{base}annotations", "type": "AnnotationCollection", "total": len(marks)}
        answer: dict[str, Json] = {
            "@context": _contexts(site),
            "id": f"{base}annotations?page={query.page}",
            "type": "AnnotationPage",
            "partOf": whole,
            "startIndex": query.page * PAGE,
            "items": items,
        }
        if (query.page + 1) * PAGE < len(marks) and query.page + 1 < MOST_PAGES:
            answer["next"] = f"{base}annotations?page={query.page + 1}"
        return _told(answer)

    @described({200: Says(media=JSON_LD)})
    async def one(self, request: Request) -> Response:
        """One annotation of a case, as the page of them has it. [ANN-13]

        Its `id` is this address. What was removed is not here, nor are replies by themselves.
        """
        opened = await self._access.open_asked(request)
        document = await self._discussion(opened)
        site = self._site(request)
        base = _base(site, opened)
        marks = await self._read(document, base, request.path_params["annotation"])
        signed = await self._signed(opened, document, marks, base)
        if not signed:
            raise NotFound
        return _told({"@context": _contexts(site), **signed[0]})

    @described({200: Says(media=JSON_LD)}, anybody=True)
    async def context(self, _: Request) -> Response:
        """What our words for annotations mean, beside the W3C's: a JSON-LD context, the same for everybody."""
        headers = {
            "Content-Type": JSON_LD,
            "Access-Control-Allow-Origin": "*",
            "Cache-Control": "public, max-age=86400",
        }
        return Response(json.dumps(CONTEXT), headers=headers)

    def _site(self, request: Request) -> str:
        return self._settings.public_url or str(request.base_url).rstrip("/")

    async def _discussion(self, opened: OpenCase) -> DocumentId:
        """The audit log says that it was opened."""
        name = (await self._access.documents(opened))[DocumentKind.DISCUSSION.value]
        document = DocumentId(opened.case.id, name)
        await self._access.note(Event(Action.DOCUMENT_OPENED, opened.principal.cause, document.case, document.name))
        return document

    async def _read(self, document: DocumentId, base: str, only: str | None = None) -> Sequence[Mark]:
        """Raises: StorageUnavailable, also for a discussion that cannot be read: it is not empty."""
        if not (await self._stores.journal.heads([document])).get(document, Seq(0)):
            return ()
        stored = await self._stores.journal.open(document)
        update = await asyncio.to_thread(_merged, stored)
        media = await self._stores.gallery.listed(document.case)
        curves = frozenset(str(each.id) for each in media if each.kind is Kind.ECG)
        try:
            return await self._child.run(read_marks, update, base, only, curves)
        except (ChildLost, UnreadableDiscussion) as error:
            log.warning("annotations.unreadable", document=str(document), error=str(error))
            raise StorageUnavailable from error

    async def _signed(
        self, opened: OpenCase, document: DocumentId, marks: Sequence[Mark], base: str
    ) -> Sequence[Mapping[str, Json]]:
        creators = await self._creators(opened, document, marks, base)
        return [mark.signed(creators) for mark in marks]

    async def _creators(
        self, opened: OpenCase, document: DocumentId, marks: Sequence[Mark], base: str
    ) -> Mapping[ClientId, Json]:
        clients = {mark.client for mark in marks} | {said.client for mark in marks for said in mark.replies}
        authors = await self._authors.of(document, clients)
        roles = {member.person.id: member.role.value for member in await self._stores.cases.members(opened.case.id)}
        creators: dict[ClientId, Json] = {}
        for client, author in authors.items():
            person: dict[str, Json] = {"id": f"{base}members/{author.id}", "type": "Person"}
            named = {"name": author.name, "role": roles.get(PersonId(author.id)), "color": author.color}
            creators[client] = person | {word: said for word, said in named.items() if said is not None}
        return creators


def _base(site: str, opened: OpenCase) -> str:
    return f"{site}/api/cases/{opened.case.id}/"


def _contexts(site: str) -> Sequence[str]:
    return [W3C_CONTEXT, f"{site}/api{CONTEXT_PATH}"]


def _told(answer: Mapping[str, Json]) -> Response:
    return Response(json.dumps(answer, ensure_ascii=False), headers={"Content-Type": ANNOTATIONS})


def _merged(stored: Stored) -> UpdateBytes:
    """One update: fed edit by edit a `Doc` dies of less."""
    return fold(list(open_replica(stored).seal().chunks))
