"""Cases, their members and the history of their documents, as JSON."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Literal

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from server.access import Access, Clock, OpenCase, sees_all_cases
from server.auth import Entropy
from server.body import Body, Email, OneLine, read_body
from server.settings import Settings
from storage.ports import NewCase, Stores
from workspace.case import Case, CaseState, Member, Role
from workspace.errors import InvalidRequest, NotFound
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


def case_json(case: Case) -> dict[str, str | int]:
    """The case itself, without its content."""
    return {"id": case.id, "title": case.title, "state": case.state.value, "created_at": case.created_at}


def member_json(member: Member, *, with_email: bool) -> dict[str, object]:
    """Somebody in the case. The e-mail address is for those who manage members: they name people by it."""
    person = {"id": member.person.id, "name": member.person.name}
    if with_email:
        person["email"] = member.person.email
    return {"person": person, "role": member.role.value, "since": member.since}


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

    async def list_cases(self, request: Request) -> Response:
        """The cases of the one who asks, newest change first."""
        principal = await self._access.authenticate(request)
        listed = await self._stores.cases.list_for(principal.person.id, all_cases=sees_all_cases(principal))
        cases = [
            {**case_json(item.case), "role": (item.role or Role.MODERATOR).value, "changed_at": item.changed_at}
            for item in listed
        ]
        return JSONResponse({"cases": cases})

    async def create(self, request: Request) -> Response:
        """Open a case; its creator leads it."""
        principal = await self._access.authenticate(request)
        body = await read_body(request, NewCaseBody, self._settings)
        case = CaseId(make_id(self._entropy(ID_BYTES)))
        await self._stores.cases.create(
            NewCase(case, body.title, principal.person.id, CaseState.OPEN, self._clock(), seeds={})
        )
        opened = await self._access.open_case(principal, case)
        return JSONResponse(await self._describe(opened), 201, {"Location": f"/api/cases/{case}"})

    async def show(self, request: Request) -> Response:
        """The case, what the one who asks may do in it, its documents' names on the wire, and its members."""
        return JSONResponse(await self._describe(await self._open(request)))

    async def set_member(self, request: Request) -> Response:
        """Give, change or take away a membership; open connections are judged again within a second. [PER-3]"""
        opened = await self._open(request, Right.MANAGE_MEMBERS)
        body = await read_body(request, MemberBody, self._settings)
        found = await self._stores.people.find_by_email(body.email)
        if found is None:
            raise InvalidRequest("email: nobody here has this address")
        role = None if body.role == "none" else Role(body.role)
        await self._stores.cases.set_member(opened.case.id, found[0].id, role, self._clock())
        return JSONResponse({"members": await self._members(opened)})

    async def history(self, request: Request) -> Response:
        """Who wrote what, when: a page of the journal, oldest first."""
        opened = await self._open(request)
        document = await self._access.find_document(opened, request.path_params["document"])
        after = _number(request.query_params.get("after", "0"), "after")
        limit = _number(request.query_params.get("limit", str(PAGE)), "limit")
        if not 1 <= limit <= LONGEST_PAGE:
            raise InvalidRequest(f"limit: 1 to {LONGEST_PAGE}")
        head = (await self._stores.journal.heads([document])).get(document, Seq(0))
        entries = await self._stores.journal.read(document, after=Seq(after), limit=limit) if head else ()
        names = {m.person.id: m.person.name for m in await self._stores.cases.members(opened.case.id)}
        page = [
            {
                "seq": entry.seq,
                "author": {"id": entry.author, "name": names.get(entry.author)},
                "at": entry.at,
                "bytes": len(entry.update),
            }
            for entry in entries
        ]
        return JSONResponse({"head": head, "entries": page})

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

    async def _describe(self, opened: OpenCase) -> dict[str, object]:
        return {
            "case": case_json(opened.case),
            "role": opened.role.value if opened.role else None,
            "rights": sorted(right.value for right in opened.rights_now()),
            "documents": await self._access.documents(opened),
            "members": await self._members(opened),
        }

    async def _members(self, opened: OpenCase) -> Sequence[Mapping[str, object]]:
        members = await self._stores.cases.members(opened.case.id)
        return [member_json(member, with_email=opened.may(Right.MANAGE_MEMBERS)) for member in members]

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
