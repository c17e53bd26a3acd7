"""The history of a document: who wrote what, when; in sittings; edit by edit; and the document as it stood."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.access import Access
from server.body import Answer, Body, When, Whole, read_query, reply
from server.described import Says, described
from server.past import AT_ONCE, Author, Remembered, name_authors, portions, read_portion
from storage.ports import Stores
from workspace.audit import Action, Event
from workspace.entries import Entry
from workspace.errors import InvalidRequest, NotFound, Superseded
from workspace.ids import DocumentId, Seq, UpdateBytes
from workspace.lib0 import write_var_bytes, write_var_string, write_var_uint
from workspace.replica import fold
from workspace.sittings import Sittings

PAGE = 100
LONGEST_PAGE = 1_000
EMPTY_UPDATE = UpdateBytes(b"\x00\x00")
MOST_SITTINGS = 200_000
"""Remembered of all documents together, some 60 MB."""
STEP = 100_000
"""Entries that one request puts into sittings; who asks again goes on from there."""


class HistoryQuery(Body):
    """Which page of a history."""

    after: Whole = 0
    """The last entry that is known already."""
    limit: Annotated[Whole, Field(ge=1, le=LONGEST_PAGE)] = PAGE


class UpdatesQuery(Body):
    """Which edits."""

    after: Whole = 0
    """The last entry that is known already."""
    until: Whole | None = None
    """The last entry that is wanted; the newest if not given."""


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


class Wrote(Answer):
    """Somebody's part in a sitting."""

    author: Author
    edits: int


class SittingShown(Answer):
    """Entries that were written in one go, by one person or by several who took turns."""

    first: int
    last: int
    begun: When
    ended: When
    bytes: int
    authors: list[Wrote]


class SittingsPage(Answer):
    """A page of a document's sittings, oldest first."""

    head: int
    """The newest entry's number."""
    sittings: list[SittingShown]
    next: int | None
    """Ask for what comes after this entry; null when this was all."""


class History:
    """The handlers. Every path to a case passes `Access.open_case`."""

    def __init__(self, stores: Stores, access: Access) -> None:
        self._stores = stores
        self._access = access
        self._sittings = Remembered(Sittings, lambda sittings: len(sittings.all), most_cost=MOST_SITTINGS)
        self._rebuilding = asyncio.Semaphore(AT_ONCE)

    def routes(self) -> Sequence[BaseRoute]:
        """What stands under `/api`."""
        document = "/cases/{case}/documents/{document}"
        return [
            Route(f"{document}/history", self.history, methods=["GET"]),
            Route(f"{document}/sittings", self.sittings, methods=["GET"]),
            Route(f"{document}/updates", self.updates, methods=["GET"]),
            Route(f"{document}/as-of/{{seq}}", self.as_of, methods=["GET"]),
        ]

    @described({200: HistoryPage}, query=HistoryQuery, errors=(Superseded,))
    async def history(self, request: Request) -> Response:
        """Who wrote what, when: a page of the journal, oldest first."""
        document, head = await self._find(request)
        query = read_query(request, HistoryQuery)
        marks = await self._stores.journal.marks(document, after=Seq(query.after), limit=query.limit) if head else ()
        authors = await name_authors(self._stores.people, {mark.author for mark in marks})
        entries = [
            HistoryEntry(seq=mark.seq, author=authors[mark.author], at=mark.at, bytes=mark.length) for mark in marks
        ]
        return reply(HistoryPage(head=head, entries=entries))

    @described({200: SittingsPage}, query=HistoryQuery, errors=(Superseded,))
    async def sittings(self, request: Request) -> Response:
        """Who sat down to write, from when until when: a page of the journal in steps that people remember.

        The newest sittings may still grow together: ask again for what comes after the last one that ended long ago.
        """
        document, head = await self._find(request)
        query = read_query(request, HistoryQuery)
        async with self._sittings.growing(document) as found:
            await self._gather(document, found, head)
            page = [each for each in found.all if each.last > query.after][: query.limit]
            reached = page[-1].last if page else found.reached
        ids = {author for sitting in page for author, _ in sitting.edits}
        authors = await name_authors(self._stores.people, ids)
        shown = [
            SittingShown(
                first=each.first,
                last=each.last,
                begun=each.begun,
                ended=each.ended,
                bytes=each.size,
                authors=[Wrote(author=authors[who], edits=edits) for who, edits in each.edits],
            )
            for each in page
        ]
        return reply(SittingsPage(head=head, sittings=shown, next=reached if reached < head else None))

    @described(
        {200: Says(media="application/octet-stream")}, query=UpdatesQuery, errors=(InvalidRequest, NotFound, Superseded)
    )
    async def updates(self, request: Request) -> Response:
        """Edits as they came, with who and when, in records that `docs/http.md` describes.

        No more than some megabytes at once: ask again for what comes after the last record, until nothing comes.
        """
        document, head = await self._find(request)
        query = read_query(request, UpdatesQuery)
        until = head if query.until is None else query.until
        if until > head:
            raise NotFound
        entries = (
            await read_portion(self._stores.journal, document, after=Seq(query.after), until=Seq(until))
            if query.after < until
            else ()
        )
        return Response(encode_records(entries), media_type="application/octet-stream")

    @described({200: Says(media="application/octet-stream")}, errors=(InvalidRequest, Superseded))
    async def as_of(self, request: Request) -> Response:
        """The document as it stood after entry `seq`, as one Yjs update (encoding v1)."""
        document, head = await self._find(request)
        seq = number_of(request.path_params["seq"], "seq")
        if seq > head:
            raise NotFound
        async with self._rebuilding:
            update = await self._rebuild(document, Seq(seq))
        return Response(update, media_type="application/octet-stream")

    async def _find(self, request: Request) -> tuple[DocumentId, Seq]:
        opened = await self._access.open_asked(request)
        document = await self._access.find_document(opened, request.path_params["document"])
        await self._access.note(Event(Action.HISTORY_READ, opened.principal.cause, document.case, document.name))
        return document, (await self._stores.journal.heads([document])).get(document, Seq(0))

    async def _gather(self, document: DocumentId, found: Sittings, head: Seq) -> None:
        for _ in range(0, STEP, LONGEST_PAGE):
            if found.reached >= head:
                return
            found.take(await self._stores.journal.marks(document, after=found.reached, limit=LONGEST_PAGE))

    async def _rebuild(self, document: DocumentId, seq: Seq) -> UpdateBytes:
        """Fold the journal up to `seq`, a portion at a time, so that memory holds a portion and not the history."""
        state = EMPTY_UPDATE
        async for portion in portions(self._stores.journal, document, after=Seq(0), until=seq):
            state = await asyncio.to_thread(fold, [state, *(entry.update for entry in portion)])
        return state


def encode_records(entries: Sequence[Entry]) -> bytes:
    """Each entry: varUint seq, varString author (empty: as in the record before), varUint at, varBytes update."""
    out = bytearray()
    author = None
    for entry in entries:
        write_var_uint(out, entry.seq)
        write_var_string(out, "" if entry.author == author else entry.author)
        write_var_uint(out, entry.at)
        write_var_bytes(out, entry.update)
        author = entry.author
    return bytes(out)


def number_of(text: str, name: str) -> int:
    """A whole number in a path. Raises: InvalidRequest."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 15):
        raise InvalidRequest(f"{name}: a whole number, 0 or more")
    return int(text)
