"""The history of a document: who wrote what, when, and the document as it stood."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.access import Access, OpenCase
from server.body import Answer, Body, Id, When, Whole, read_query, reply
from server.described import Says, described
from storage.ports import Stores
from workspace.errors import InvalidRequest, NotFound, Superseded
from workspace.ids import DocumentId, Seq, UpdateBytes
from workspace.replica import fold

PAGE = 100
LONGEST_PAGE = 1_000
EMPTY_UPDATE = UpdateBytes(b"\x00\x00")


class HistoryQuery(Body):
    """Which page of a history."""

    after: Whole = 0
    """The last entry that is known already."""
    limit: Annotated[Whole, Field(ge=1, le=LONGEST_PAGE)] = PAGE


class Author(Answer):
    """Who wrote; without a name when they have left the case."""

    id: Id
    name: str | None


class HistoryEntry(Answer):
    """One entry of the journal."""

    seq: int
    author: Author
    at: When
    bytes: int


class HistoryPage(Answer):
    """A page of a document's journal, oldest first."""

    head: int
    """The newest entry's number."""
    entries: list[HistoryEntry]


class History:
    """The handlers. Every path to a case passes `Access.open_case`."""

    def __init__(self, stores: Stores, access: Access) -> None:
        self._stores = stores
        self._access = access

    def routes(self) -> Sequence[BaseRoute]:
        """What stands under `/api`."""
        return [
            Route("/cases/{case}/documents/{document}/history", self.history, methods=["GET"]),
            Route("/cases/{case}/documents/{document}/as-of/{seq}", self.as_of, methods=["GET"]),
        ]

    @described({200: HistoryPage}, query=HistoryQuery, errors=(Superseded,))
    async def history(self, request: Request) -> Response:
        """Who wrote what, when: a page of the journal, oldest first."""
        opened = await self._open(request)
        document = await self._access.find_document(opened, request.path_params["document"])
        query = read_query(request, HistoryQuery)
        head = (await self._stores.journal.heads([document])).get(document, Seq(0))
        entries = await self._stores.journal.read(document, after=Seq(query.after), limit=query.limit) if head else ()
        names = {m.person.id: m.person.name for m in await self._stores.cases.members(opened.case.id)}
        page = [
            HistoryEntry(
                seq=entry.seq,
                author=Author(id=entry.author, name=names.get(entry.author)),
                at=entry.at,
                bytes=len(entry.update),
            )
            for entry in entries
        ]
        return reply(HistoryPage(head=head, entries=page))

    @described({200: Says(media="application/octet-stream")}, errors=(InvalidRequest, Superseded))
    async def as_of(self, request: Request) -> Response:
        """The document as it stood after entry `seq`, as one Yjs update (encoding v1)."""
        opened = await self._open(request)
        document = await self._access.find_document(opened, request.path_params["document"])
        seq = _number(request.path_params["seq"], "seq")
        head = (await self._stores.journal.heads([document])).get(document, Seq(0))
        if seq > head:
            raise NotFound
        update = await self._rebuild(document, Seq(seq))
        return Response(update, media_type="application/octet-stream")

    async def _open(self, request: Request) -> OpenCase:
        principal = await self._access.authenticate(request)
        return await self._access.open_case(principal, request.path_params["case"])

    async def _rebuild(self, document: DocumentId, seq: Seq) -> UpdateBytes:
        """Fold the journal up to `seq`, a page at a time, so that memory holds a page and not the history."""
        state, reached = EMPTY_UPDATE, Seq(0)
        while reached < seq:
            page = await self._stores.journal.read(document, after=reached, until=seq, limit=LONGEST_PAGE)
            if not page:
                raise NotFound
            state = await asyncio.to_thread(fold, [state, *(entry.update for entry in page)])
            reached = page[-1].seq
        return state


def _number(text: str, name: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 15):
        raise InvalidRequest(f"{name}: a whole number, 0 or more")
    return int(text)
