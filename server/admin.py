"""The administration: people and where they are signed in, settings in effect, storage used. Never a case's content.

Only for people whose standing is admin; everybody else is told that they may not. [ACC-16]
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.access import Access, Clock, digest
from server.auth import picture_address
from server.body import Answer, Body, Email, Id, OneLine, When, Whole, read_body, read_query, reply
from server.described import described
from server.entrance import HOUR_MILLIS, Entropy, grant, make_secret
from server.settings import Settings, Source, in_effect
from server.sign_ins import SignInList, SignIns
from storage.ports import Account, CredentialKind, Profile, SignInId, Stores
from workspace.audit import Action, Cause, Event
from workspace.case import Person, Principal, Standing
from workspace.errors import Conflict, Forbidden, InvalidRequest, NotFound
from workspace.ids import ID_BYTES, Millis, PersonId, make_id
from workspace.session import colour_of

PAGE = 50
LONGEST_PAGE = 200
INVITATION_MILLIS = 7 * 24 * HOUR_MILLIS
HANDED_OVER_MILLIS = 24 * HOUR_MILLIS


class PeopleQuery(Body):
    """Whom to look for, and which part of the list."""

    search: str = Field(default="", max_length=200)
    offset: Whole = 0
    limit: Annotated[Whole, Field(ge=1, le=LONGEST_PAGE)] = PAGE


class NewPerson(Body):
    """Somebody who is to have an account."""

    email: Email
    name: OneLine
    standing: Standing = Field(default=Standing.CLINICIAN, strict=False)


class PersonChange(Body):
    """What is to change; what is left out stays."""

    standing: Standing | None = Field(default=None, strict=False)
    active: bool | None = None


class AccountShown(Answer):
    """An account as an admin sees it."""

    id: Id
    name: str
    email: str
    color: str
    standing: Standing
    profession: str
    specialty: str
    registration: str
    picture: str | None
    active: bool
    has_password: bool
    created_at: When
    seen_at: When | None
    """When a live sign-in of theirs was last used; null when they are signed in nowhere."""


class AccountList(Answer):
    """Part of the list of everybody, by name."""

    people: list[AccountShown]
    total: int


class AccountAnswer(Answer):
    """One account."""

    person: AccountShown


class HandedOver(Answer):
    """A link that works once, to hand over: the address of the page is to be put before it."""

    link: str
    expires_at: When


class Invited(AccountAnswer, HandedOver):
    """A new account and the link by which its owner chooses a password."""


class SettingShown(Answer):
    """A setting in effect."""

    name: str
    value: str
    """Secrets are hidden."""
    source: Source


class SettingList(Answer):
    """Every setting, by name."""

    settings: list[SettingShown]


class CaseRoom(Answer):
    """What one case takes."""

    id: Id
    documents: int
    entries: int
    bytes: int


class StorageShown(Answer):
    """What the store holds. Cases are named by their ids: an admin has no right to what they are about."""

    database_bytes: int
    people: int
    pictures: int
    picture_bytes: int
    documents: int
    entries: int
    entry_bytes: int
    snapshots: int
    snapshot_bytes: int
    cases: list[CaseRoom]


class Admin:
    """The handlers."""

    def __init__(
        self,
        settings: Settings,
        stores: Stores,
        access: Access,
        sign_ins: SignIns,
        *,
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        self._settings = settings
        self._stores = stores
        self._access = access
        self._sign_ins = sign_ins
        self._clock = clock
        self._entropy = entropy

    def routes(self) -> Sequence[BaseRoute]:
        """What stands under `/api`."""
        person = "/admin/people/{person}"
        return [
            Route("/admin/people", self.list, methods=["GET"]),
            Route("/admin/people", self.add, methods=["POST"]),
            Route(person, self.show, methods=["GET"]),
            Route(person, self.change, methods=["PATCH"]),
            Route(f"{person}/reset-link", self.reset_link, methods=["POST"]),
            Route(f"{person}/sign-ins", self.list_sign_ins, methods=["GET"]),
            Route(f"{person}/sign-ins", self.end_sign_ins, methods=["DELETE"]),
            Route(f"{person}/sign-ins/{{sign_in}}", self.end_sign_in, methods=["DELETE"]),
            Route("/admin/settings", self.settings, methods=["GET"]),
            Route("/admin/storage", self.storage, methods=["GET"]),
        ]

    @described({200: AccountList}, query=PeopleQuery, errors=(Forbidden,))
    async def list(self, request: Request) -> Response:
        """Everybody with an account, by name; or those whose name or e-mail has every word that is looked for."""
        principal = await self._admin(request)
        query = read_query(request, PeopleQuery)
        await self._access.note(Event(Action.ACCOUNTS_READ, principal.cause))
        page = await self._stores.accounts.list(query.search, query.offset, query.limit)
        profiles = await self._stores.profiles.of([account.person.id for account in page.accounts])
        shown = [_shown(account, profiles[account.person.id]) for account in page.accounts]
        return reply(AccountList(people=shown, total=page.total))

    @described({201: Invited}, body=NewPerson, errors=(Forbidden, Conflict))
    async def add(self, request: Request) -> Response:
        """Add a person; the link, good once and for a week, lets them choose a password. [ACC-17]"""
        cause = (await self._admin(request)).cause
        body = await read_body(request, NewPerson, self._settings)
        person = Person(PersonId(make_id(self._entropy(ID_BYTES))), body.email, body.name, body.standing)
        try:
            await self._stores.people.add(person, None, self._clock(), cause=cause)
        except Conflict as error:
            raise Conflict("somebody already has this e-mail address") from error
        handed = await self._hand_over(person.id, INVITATION_MILLIS, cause)
        account = await self._account(person.id)
        return reply(Invited(person=account, link=handed.link, expires_at=handed.expires_at), 201)

    @described({200: AccountAnswer}, errors=(Forbidden,))
    async def show(self, request: Request) -> Response:
        """One account."""
        cause, person = await self._admitted(request)
        await self._access.note(Event(Action.ACCOUNTS_READ, cause, person=person))
        return reply(AccountAnswer(person=await self._account(person)))

    @described({200: AccountAnswer}, body=PersonChange, errors=(Forbidden, Conflict))
    async def change(self, request: Request) -> Response:
        """Change somebody's standing, deactivate or reactivate them; what they have open follows within a second."""
        cause = (await self._admin(request)).cause
        body = await read_body(request, PersonChange, self._settings)
        if any(getattr(body, field) is None for field in body.model_fields_set):
            raise InvalidRequest("null says nothing; leave the field out")
        person = PersonId((await self._account(_person(request))).id)
        try:
            if body.standing is not None:
                await self._stores.people.set_standing(person, body.standing, self._clock(), cause=cause)
            if body.active is not None:
                await self._stores.accounts.set_active(person, active=body.active, at=self._clock(), cause=cause)
        except Conflict as error:
            raise Conflict("this is the last active admin; make somebody else one first") from error
        return reply(AccountAnswer(person=await self._account(person)))

    @described({201: HandedOver}, errors=(Forbidden, Conflict))
    async def reset_link(self, request: Request) -> Response:
        """Make a link, good once and for a day, by which somebody chooses a new password; hand it over yourself."""
        cause = (await self._admin(request)).cause
        account = await self._account(_person(request))
        if not account.active:
            raise Conflict("this person is deactivated; reactivate them first")
        return reply(await self._hand_over(PersonId(account.id), HANDED_OVER_MILLIS, cause), 201)

    @described({200: SignInList}, errors=(Forbidden,))
    async def list_sign_ins(self, request: Request) -> Response:
        """Where somebody is signed in."""
        cause, person = await self._admitted(request)
        await self._access.note(Event(Action.ACCOUNTS_READ, cause, person=person))
        return await self._sign_ins_of(request, person)

    @described({200: SignInList}, errors=(Forbidden,))
    async def end_sign_ins(self, request: Request) -> Response:
        """Sign somebody out everywhere: links, tickets and known devices end too, tokens of programs do not."""
        cause, person = await self._admitted(request)
        await self._stores.sign_ins.end_all(person, None, cause=cause)
        return await self._sign_ins_of(request, person)

    @described({200: SignInList}, errors=(Forbidden,))
    async def end_sign_in(self, request: Request) -> Response:
        """Sign somebody out at one place."""
        cause, person = await self._admitted(request)
        await self._stores.sign_ins.end(person, SignInId(request.path_params["sign_in"]), cause=cause)
        return await self._sign_ins_of(request, person)

    @described({200: SettingList}, errors=(Forbidden,))
    async def settings(self, request: Request) -> Response:
        """The settings in effect and where each came from; secrets are hidden. [ACC-18]"""
        await self._admin(request)
        sources = self._settings.sources
        shown = [
            SettingShown(name=name, value=value, source=sources.get(name, "default"))
            for name, value in in_effect(self._settings).items()
        ]
        return reply(SettingList(settings=shown))

    @described({200: StorageShown}, errors=(Forbidden,))
    async def storage(self, request: Request) -> Response:
        """What the store holds, in all and by case; of cases nothing but their ids. [ACC-19]"""
        await self._admin(request)
        used = await self._stores.usage.measure()
        return reply(
            StorageShown(
                database_bytes=used.database_bytes,
                people=used.people,
                pictures=used.pictures,
                picture_bytes=used.picture_bytes,
                documents=sum(case.documents for case in used.cases),
                entries=sum(case.entries for case in used.cases),
                entry_bytes=used.entry_bytes,
                snapshots=used.snapshots,
                snapshot_bytes=used.snapshot_bytes,
                cases=[
                    CaseRoom(id=case.case, documents=case.documents, entries=case.entries, bytes=case.bytes)
                    for case in used.cases
                ],
            )
        )

    async def _admin(self, request: Request) -> Principal:
        principal = await self._access.authenticate(request)
        if principal.person.standing is not Standing.ADMIN:
            raise Forbidden("only for admins")
        return principal

    async def _admitted(self, request: Request) -> tuple[Cause, PersonId]:
        """Which admin asks, and the person of the path, who exists."""
        cause = (await self._admin(request)).cause
        return cause, PersonId((await self._account(_person(request))).id)

    async def _account(self, person: PersonId) -> AccountShown:
        found = await self._stores.accounts.find(person)
        if found is None:
            raise NotFound
        return _shown(found, (await self._stores.profiles.of([person]))[person])

    async def _hand_over(self, person: PersonId, millis: int, cause: Cause) -> HandedOver:
        now = self._clock()
        secret, until = make_secret(self._entropy), Millis(now + millis)
        await grant(self._stores.people, CredentialKind.RESET, secret, person, now=now, until=until, cause=cause)
        return HandedOver(link=f"/reset#{secret}", expires_at=until)

    async def _sign_ins_of(self, request: Request, person: PersonId) -> Response:
        credential = self._access.presented(request)
        return reply(await self._sign_ins.of(person, digest(credential[1]) if credential else None))


def _person(request: Request) -> PersonId:
    return PersonId(request.path_params["person"])


def _shown(account: Account, profile: Profile) -> AccountShown:
    person = account.person
    return AccountShown(
        id=person.id,
        name=person.name,
        email=person.email,
        color=colour_of(person.id),
        standing=person.standing,
        profession=profile.profession,
        specialty=profile.specialty,
        registration=profile.registration,
        picture=picture_address(person.id, profile),
        active=account.is_active,
        has_password=account.has_password,
        created_at=account.created_at,
        seen_at=account.seen_at,
    )
