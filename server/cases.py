"""Cases and their members, as JSON."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.access import Access, Clock, OpenCase
from server.auth import picture_address
from server.body import Answer, Body, Email, Id, OneLine, When, read_body, reply
from server.described import Says, described
from server.entrance import Entropy
from server.settings import Settings
from storage.ports import NewCase, Profile, Stores
from workspace.case import Case, CaseState, Person, Role
from workspace.errors import Conflict, Forbidden, InvalidRequest
from workspace.ids import (
    ID_BYTES,
    CaseId,
    DocumentName,
    UpdateBytes,
    make_id,
)
from workspace.policy import Right
from workspace.session import colour_of


class NewCaseBody(Body):
    """`{title}`; a template's id, or none for a blank record; whether the case begins as a draft."""

    title: OneLine
    template: str | None = None
    draft: bool = False


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


class Somebody(Answer):
    """A person as others in the case see them."""

    id: Id
    name: str
    email: str | None = Field(default=None, exclude_if=lambda email: email is None)
    """Told to those who manage members: they name people by it."""
    color: str
    """As their cursor shows it."""
    profession: str
    specialty: str
    picture: str | None
    """An address of ours."""


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


def brief(case: Case) -> CaseBrief:
    """The case itself, without its content."""
    return CaseBrief(id=case.id, title=case.title, state=case.state, created_at=case.created_at)


SeedsOf = Callable[[str | None], Awaitable[Mapping[DocumentName, UpdateBytes]]]
"""What the documents of a case that starts with this template start with: `server.templates.Templates`."""


class Cases:
    """The handlers. Every path to a case passes `Access.open_case`."""

    def __init__(
        self, settings: Settings, stores: Stores, access: Access, *, clock: Clock, entropy: Entropy, seeds_of: SeedsOf
    ) -> None:
        self._seeds_of = seeds_of
        self._settings = settings
        self._stores = stores
        self._access = access
        self._clock = clock
        self._entropy = entropy

    def routes(self) -> Sequence[BaseRoute]:
        """What stands under `/api`."""
        return [
            Route("/cases", self.create, methods=["POST"]),
            Route("/cases/{case}", self.show, methods=["GET"]),
            Route("/cases/{case}/members", self.set_member, methods=["PUT"]),
        ]

    @described({201: Says(CaseShown, headers={"Location": "The new case."})}, body=NewCaseBody)
    async def create(self, request: Request) -> Response:
        """Open a case, blank or from a template; its creator leads it. [JRN-11]"""
        principal = await self._access.authenticate(request)
        body = await read_body(request, NewCaseBody, self._settings)
        case = CaseId(make_id(self._entropy(ID_BYTES)))
        state = CaseState.DRAFT if body.draft else CaseState.OPEN
        seeds = await self._seeds_of(body.template)
        await self._stores.cases.create(
            NewCase(case, body.title, principal.person.id, state, self._clock(), seeds=seeds), cause=principal.cause
        )
        opened = await self._access.open_case(principal, case)
        return reply(await self._describe(opened), 201, {"Location": f"/api/cases/{case}"})

    @described({200: CaseShown})
    async def show(self, request: Request) -> Response:
        """The case, what the one who asks may do in it, its documents' names on the wire, and its members."""
        return reply(await self._describe(await self._access.open_asked(request)))

    @described({200: Members}, body=MemberBody, errors=(Forbidden, Conflict))
    async def set_member(self, request: Request) -> Response:
        """Give, change or take away a membership; open connections are judged again within a second. [PER-3]"""
        opened = await self._access.open_asked(request, Right.MANAGE_MEMBERS)
        body = await read_body(request, MemberBody, self._settings)
        found = await self._stores.people.find_by_email(body.email)
        if found is None:
            raise InvalidRequest("email: nobody here has this address")
        role = None if body.role == "none" else Role(body.role)
        await self._stores.cases.set_member(
            opened.case.id, found[0].id, role, self._clock(), cause=opened.principal.cause
        )
        return reply(Members(members=await self._members(opened)))

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
        members = await self._stores.cases.members(opened.case.id)
        profiles = await self._stores.profiles.of([member.person.id for member in members])
        return [
            MemberShown(
                person=_somebody(member.person, profiles[member.person.id], with_email=with_email),
                role=member.role,
                since=member.since,
            )
            for member in members
        ]


def _somebody(person: Person, profile: Profile, *, with_email: bool) -> Somebody:
    return Somebody(
        id=person.id,
        name=person.name,
        email=person.email if with_email else None,
        color=colour_of(person.id),
        profession=profile.profession,
        specialty=profile.specialty,
        picture=picture_address(person.id, profile),
    )
