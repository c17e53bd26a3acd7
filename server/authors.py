"""Who wrote, and who deleted, which parts of a document: from the journal, never from what clients claim."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice
from typing import Annotated, Literal

from pydantic import Field, StringConstraints
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.access import Access
from server.body import Answer, Body, When, Whole, read_query, reply
from server.described import described
from server.past import AT_ONCE, Author, Remembered, name_authors, portions
from storage.ports import Stores
from workspace.attribution import Attribution, Claims, Run
from workspace.errors import InvalidRequest, Superseded
from workspace.ids import ClientId, DocumentId, Seq
from workspace.lib0 import MAX_UINT
from workspace.structs import MAX_CLOCK
from workspace.update import ClientRange

PAGE = 1_000
LONGEST_PAGE = 5_000
MOST_SPANS = 200
"""Parts asked for at once; a passage that one person typed is one part."""
MOST_RUNS = 500_000
"""Remembered of all documents together, some 150 MB."""
STEP = 20_000
"""Entries that one request reads; who asks again goes on from there."""

_SPAN = re.compile(r"([0-9]{1,16})\.([0-9]{1,10})\.([0-9]{1,10})")
_PLACE = re.compile(r"([0-9]{1,16})\.([0-9]{1,10})")


class AuthorsQuery(Body):
    """Which parts of a document."""

    of: Annotated[str, StringConstraints(pattern=r"^[0-9.,]*$", max_length=10_000)] | None = None
    """`client.start.end`, several with commas between: clocks `start <= clock < end`. All parts if not given."""
    what: Literal["written", "deleted"] = "written"
    after: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,16}\.[0-9]{1,10}$")] | None = None
    """`next` of the page before."""
    limit: Annotated[Whole, Field(ge=1, le=LONGEST_PAGE)] = PAGE


class RunShown(Answer):
    """Clocks `start <= clock < end` of one Yjs client, by one person."""

    client: int
    start: int
    end: int
    author: Author
    first: int
    """The first entry that brought some of it."""
    last: int
    since: When
    until: When


class AuthorsPage(Answer):
    """Who wrote or deleted the parts that were asked for, by client and clock."""

    reached: int
    """The last entry that was looked at."""
    head: int
    """The newest entry. Ask again while `reached` is less: a long history is read in steps."""
    runs: list[RunShown]
    next: str | None
    """Ask with `after` for the rest; null when this was all."""


class Authors:
    """The handler. Every path to a case passes `Access.open_case`."""

    def __init__(self, stores: Stores, access: Access) -> None:
        self._stores = stores
        self._access = access
        self._known = Remembered(Attribution, lambda known: known.count, most_cost=MOST_RUNS)
        self._reading = asyncio.Semaphore(AT_ONCE)

    def routes(self) -> Sequence[BaseRoute]:
        """What stands under `/api`."""
        return [Route("/cases/{case}/documents/{document}/authors", self.authors, methods=["GET"])]

    @described({200: AuthorsPage}, query=AuthorsQuery, errors=(InvalidRequest, Superseded))
    async def authors(self, request: Request) -> Response:
        """Who wrote, or deleted, which parts of a document, and when. [HIS-4]"""
        opened = await self._access.open_asked(request)
        document = await self._access.find_document(opened, request.path_params["document"])
        query = read_query(request, AuthorsQuery)
        spans = None if query.of is None else spans_of(query.of)
        place = _place_of(query.after)
        head = (await self._stores.journal.heads([document])).get(document, Seq(0))
        async with self._known.growing(document) as known:
            await self._learn(document, known, head)
            reached = known.reached
            claims = known.written if query.what == "written" else known.deleted
            runs = list(islice(_runs(claims, spans, place), query.limit + 1))
        page = runs[: query.limit]
        rest = runs[query.limit :]
        authors = await name_authors(self._stores.people, {run.person for _, run in page})
        shown = [
            RunShown(
                client=client,
                start=run.start,
                end=run.end,
                author=authors[run.person],
                first=run.first,
                last=run.last,
                since=run.since,
                until=run.until,
            )
            for client, run in page
        ]
        following = f"{rest[0][0]}.{rest[0][1].start}" if rest else None
        return reply(AuthorsPage(reached=reached, head=head, runs=shown, next=following))

    async def of(self, document: DocumentId, clients: Collection[ClientId]) -> Mapping[ClientId, Author]:
        """Whose these client ids are by the journal as it is now; of who never wrote nothing is told."""
        head = (await self._stores.journal.heads([document])).get(document, Seq(0))
        async with self._known.growing(document) as known:
            while (before := known.reached) < head:
                await self._learn(document, known, head)
                if known.reached == before:
                    break
            runs = {client: next(known.written.of(client, 0, MAX_CLOCK), None) for client in clients}
        owners = {client: run.person for client, run in runs.items() if run is not None}
        authors = await name_authors(self._stores.people, set(owners.values()))
        return {client: authors[person] for client, person in owners.items()}

    async def _learn(self, document: DocumentId, known: Attribution, head: Seq) -> None:
        until = Seq(min(head, known.reached + STEP))
        if known.reached >= until:
            return
        async with self._reading:
            async for portion in portions(self._stores.journal, document, after=known.reached, until=until):
                await asyncio.to_thread(known.take, portion)


def spans_of(text: str) -> list[ClientRange]:
    """`client.start.end,…`, in order. Raises: InvalidRequest."""
    parts = text.split(",") if text else []
    if len(parts) > MOST_SPANS:
        raise InvalidRequest(f"of: at most {MOST_SPANS} parts")
    spans = []
    for part in parts:
        match = _SPAN.fullmatch(part)
        client, start, end = map(int, match.groups()) if match else (0, 0, 0)
        if client > MAX_UINT or not start < end <= MAX_CLOCK:
            raise InvalidRequest("of: client.start.end, with start less than end")
        spans.append(ClientRange(ClientId(client), start, end))
    return sorted(spans)


def _place_of(text: str | None) -> tuple[ClientId, int]:
    match = _PLACE.fullmatch(text) if text is not None else None
    return (ClientId(int(match[1])), int(match[2])) if match else (ClientId(0), 0)


def _runs(
    claims: Claims, spans: list[ClientRange] | None, place: tuple[ClientId, int]
) -> Iterator[tuple[ClientId, Run]]:
    """In order of client and clock, from a place on."""
    if spans is None:
        spans = [ClientRange(client, 0, MAX_CLOCK) for client in claims.clients()]
    for client, start, end in spans:
        if client < place[0]:
            continue
        for run in claims.of(client, max(start, place[1]) if client == place[0] else start, end):
            yield client, run
