"""Cases, their members and the history of their documents, as JSON."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.access import Access, Clock, OpenCase, sees_all_cases
from server.auth import Entropy
from server.body import Answer, Body, Email, Id, OneLine, When, Whole, read_body, read_query, reply
from server.described import Says, described
from server.settings import Settings
from storage.ports import NewCase, Stores
from workspace.case import Case, CaseState, Role
from workspace.errors import Conflict, Forbidden, InvalidRequest, NotFound, Superseded
from workspace.ids import (
    ID_BYTES,
    CaseId,
    DocumentId,
    Seq,
    UpdateBytes,
    make_id,
)
from workspace.policy import Right
from workspace.replica import fold

PAGE = 100
LONGEST_PAGE = 1_000
EMPTY_UPDATE = UpdateBytes(b"\x00\x00")


class NewCaseBody(Body):
    """`{title}`."""

    title: OneLine


class MemberBody(Body):
    """`{email, role}`; the role `none` takes the membership away."""

    email: Email
    role: Literal["lead", "contributor", "consultant", "observer", "none"]


class CaseBrief(Answer):
    """A case itself, without its content."""

    id: Id
    title: str
    state: CaseState
    created_at: When


class ListedCase(CaseBrief):
    """A case in a list."""

    role: Role
    """Of the one who asks; a moderator is one in cases without membership too."""
    changed_at: When


class CaseList(Answer):
    """The cases of the one who asks."""

    cases: list[ListedCase]


class Somebody(Answer):
    """A person as others in the case see them."""

    id: Id
    name: str
    email: str | None = Field(default=None, exclude_if=lambda email: email is None)
    """Told to those who manage members: they name people by it."""


class MemberShown(Answer):
    """A membership."""

    person: Somebody
    role: Role
    since: When


class Members(Answer):
    """The members of a case."""

    members: list[MemberShown]


class CaseShown(Members):
    """A case, and what the one who asks is and may in it."""

    case: CaseBrief
    role: Role | None
    rights: list[Right]
    """As they count now: nobody writes in a case that is concluded."""
    documents: dict[str, str]
    """What each document is called on the wire now."""


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


class History(Answer):
    """A page of a document's journal, oldest first."""

    head: int
    """The newest entry's number."""
    entries: list[HistoryEntry]


def brief(case: Case) -> CaseBrief:
    """The case itself, without its content."""
    return CaseBrief(id=case.id, title=case.title, state=case.state, created_at=case.created_at)


class Cases:
    """The handlers. Every path to a case passes `Access.open_case`."""

    def __init__(self, settings: Settings, stores: Stores, access: Access, *, clock: Clock, entropy: Entropy) -> None:
        self._settings = settings
        self._stores = stores
        self._access = access
        self._clock = clock
        self._entropy = entropy

    def routes(self) -> Sequence[BaseRoute]:
        """What stands under `/api`."""
        return [
            Route("/cases", self.list_cases, methods=["GET"]),
            Route("/cases", self.create, methods=["POST"]),
            Route("/cases/{case}", self.show, methods=["GET"]),
            Route("/cases/{case}/members", self.set_member, methods=["PUT"]),
            Route("/cases/{case}/documents/{document}/history", self.history, methods=["GET"]),
            Route("/cases/{case}/documents/{document}/as-of/{seq}", self.as_of, methods=["GET"]),
        ]

    @described({200: CaseList})
    async def list_cases(self, request: Request) -> Response:
        """The cases of the one who asks, newest change first."""
        principal = await self._access.authenticate(request)
        listed = await self._stores.cases.list_for(principal.person.id, all_cases=sees_all_cases(principal))
        cases = [
            ListedCase(**dict(brief(item.case)), role=item.role or Role.MODERATOR, changed_at=item.changed_at)
            for item in listed
        ]
        return reply(CaseList(cases=cases))

    @described({201: Says(CaseShown, headers={"Location": "The new case."})}, body=NewCaseBody)
    async def create(self, request: Request) -> Response:
        """Open a case; its creator leads it."""
        principal = await self._access.authenticate(request)
        body = await read_body(request, NewCaseBody, self._settings)
        case = CaseId(make_id(self._entropy(ID_BYTES)))
        await self._stores.cases.create(
            NewCase(case, body.title, principal.person.id, CaseState.OPEN, self._clock(), seeds={})
        )
        opened = await self._access.open_case(principal, case)
        return reply(await self._describe(opened), 201, {"Location": f"/api/cases/{case}"})

    @described({200: CaseShown})
    async def show(self, request: Request) -> Response:
        """The case, what the one who asks may do in it, its documents' names on the wire, and its members."""
        return reply(await self._describe(await self._open(request)))

    @described({200: Members}, body=MemberBody, errors=(Forbidden, Conflict))
    async def set_member(self, request: Request) -> Response:
        """Give, change or take away a membership; open connections are judged again within a second. [PER-3]"""
        opened = await self._open(request, Right.MANAGE_MEMBERS)
        body = await read_body(request, MemberBody, self._settings)
        found = await self._stores.people.find_by_email(body.email)
        if found is None:
            raise InvalidRequest("email: nobody here has this address")
        role = None if body.role == "none" else Role(body.role)
        await self._stores.cases.set_member(opened.case.id, found[0].id, role, self._clock())
        return reply(Members(members=await self._members(opened)))

    @described({200: History}, query=HistoryQuery, errors=(Superseded,))
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
        return reply(History(head=head, entries=page))

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

    async def _open(self, request: Request, right: Right = Right.READ) -> OpenCase:
        principal = await self._access.authenticate(request)
        return await self._access.open_case(principal, request.path_params["case"], right)

    async def _describe(self, opened: OpenCase) -> CaseShown:
        return CaseShown(
            case=brief(opened.case),
            role=opened.role,
            rights=sorted(opened.rights_now()),
            documents=dict(await self._access.documents(opened)),
            members=await self._members(opened),
        )

    async def _members(self, opened: OpenCase) -> list[MemberShown]:
        with_email = opened.may(Right.MANAGE_MEMBERS)
        return [
            MemberShown(
                person=Somebody(
                    id=member.person.id, name=member.person.name, email=member.person.email if with_email else None
                ),
                role=member.role,
                since=member.since,
            )
            for member in await self._stores.cases.members(opened.case.id)
        ]

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
