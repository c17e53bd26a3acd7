"""Sign-in and what it gives: sessions in a cookie, bearer tokens, single-use tickets, sign-in links.

Every secret is 32 random bytes; only its sha-256 is stored.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.access import Access, Clock, address_of, unknown
from server.body import Answer, Body, Email, Id, When, read_body, reply
from server.described import Says, described
from server.entrance import Entrance, Entropy, grant, make_secret
from server.passwords import LONGEST, Passwords
from server.settings import Settings
from server.sign_in_limits import SignInLimits
from server.strain import Strain
from server.throttle import network_of
from storage.ports import CredentialKind, Profile, Profiles, Stores
from workspace.audit import Action, Detail, Event, Means
from workspace.case import Person, Standing
from workspace.errors import Forbidden, InvalidRequest, Overloaded, TooMany, Unauthenticated
from workspace.ids import Millis, PersonId
from workspace.session import colour_of

TICKET_MILLIS = 60_000


class SignIn(Body):
    """`{email, password}` or `{link}`."""

    email: Email | None = None
    password: str | None = Field(default=None, max_length=LONGEST)
    link: str | None = None


class Oneself(Answer):
    """A person as they see themselves."""

    id: Id
    name: str
    email: str
    standing: Standing
    color: str
    """What others know them by, beside their initials: `#rrggbb`."""
    profession: str
    specialty: str
    registration: str
    """Told to themselves and to admins."""
    language: str | None
    """BCP 47; null: as their browser asks."""
    picture: str | None
    """An address of ours."""


class SignedIn(Answer):
    """Who signed in."""

    person: Oneself


class Me(SignedIn):
    """Who is asking."""

    expires_at: When
    """When they will have to sign in again."""


class Ticket(Answer):
    """Opens one WebSocket."""

    ticket: str
    expires_at: When


def picture_address(person: PersonId, profile: Profile) -> str | None:
    """Where the picture is, for as long as it is this one. [ACC-3]"""
    return None if profile.picture is None else f"/api/people/{person}/pictures/{profile.picture}"


async def oneself(profiles: Profiles, person: Person) -> Oneself:
    """A person as they see themselves."""
    profile = (await profiles.of([person.id]))[person.id]
    return Oneself(
        id=person.id,
        name=person.name,
        email=person.email,
        standing=person.standing,
        color=colour_of(person.id),
        profession=profile.profession,
        specialty=profile.specialty,
        registration=profile.registration,
        language=profile.language,
        picture=picture_address(person.id, profile),
    )


class Auth:
    """The handlers of sign-in, sign-out, "who am I" and tickets."""

    def __init__(
        self,
        settings: Settings,
        stores: Stores,
        access: Access,
        entrance: Entrance,
        passwords: Passwords,
        *,
        clock: Clock,
        entropy: Entropy,
        strain: Strain,
    ) -> None:
        self._strain = strain
        self._settings = settings
        self._people = stores.people
        self._profiles = stores.profiles
        self._access = access
        self._entrance = entrance
        self._passwords = passwords
        self._clock = clock
        self._entropy = entropy
        self._limits = SignInLimits(clock, settings.sign_ins_per_minute, stores.rates)

    def routes(self) -> Sequence[BaseRoute]:
        """What stands under `/api`."""
        return [
            Route("/sign-in", self.sign_in, methods=["POST"]),
            Route("/sign-out", self.sign_out, methods=["POST"]),
            Route("/me", self.me, methods=["GET"]),
            Route("/tickets", self.buy_ticket, methods=["POST"]),
        ]

    @described(
        {200: Says(SignedIn, headers={"Set-Cookie": "The session."})},
        body=SignIn,
        errors=(Unauthenticated, Forbidden, TooMany, Overloaded),
        anybody=True,
    )
    async def sign_in(self, request: Request) -> Response:
        """Prove who you are; the session comes as a cookie. A session that the cookie held before ends."""
        origin = request.headers.get("origin")
        if origin is not None and not self._access.is_ours(origin, request):
            raise Forbidden("sign in from this server's own page")
        self._strain.admit("sign_in")  # before a password is looked at, which costs more than anything else here
        person, means = await self._prove(request, await read_body(request, SignIn, self._settings))
        response = reply(SignedIn(person=await oneself(self._profiles, person)))
        await self._entrance.admit(request, person, response, means)
        return response

    @described(
        {204: Says(headers={"Set-Cookie": "Takes the session away."})},
        errors=(Unauthenticated, Forbidden),
        anybody=True,
    )
    async def sign_out(self, request: Request) -> Response:
        """End the credential that asks. Signing out twice, or after the session's end, is no error."""
        credential = self._access.presented(request)
        if credential is not None:
            kind, secret = credential
            if kind is CredentialKind.SESSION and not self._access.cookie_counts(request):
                raise Forbidden("sign out from this server's own page")
            await self._entrance.end(secret, unknown(request, Means(kind.value)))
        response = Response(status_code=204)
        self._entrance.forget(request, response)
        return response

    @described({200: Me})
    async def me(self, request: Request) -> Response:
        """Who is asking, and when they will have to sign in again."""
        principal = await self._access.authenticate(request)
        return reply(Me(person=await oneself(self._profiles, principal.person), expires_at=principal.expires_at))

    @described({201: Ticket})
    async def buy_ticket(self, request: Request) -> Response:
        """A ticket opens one WebSocket within a minute, for clients that can send neither header nor cookie. [AUT-3]"""
        principal = await self._access.authenticate(request)
        now = self._clock()
        until = Millis(min(now + TICKET_MILLIS, principal.expires_at))
        ticket = f"{make_secret(self._entropy)}.{principal.expires_at}"  # `Access.ticket` reads the end back
        await grant(
            self._people,
            CredentialKind.TICKET,
            ticket,
            principal.person.id,
            now=now,
            until=until,
            cause=principal.cause,
        )
        return reply(Ticket(ticket=ticket, expires_at=until), 201)

    async def _prove(self, request: Request, body: SignIn) -> tuple[Person, Means]:
        """Who it is, and by what they prove it. What fails is recorded, by the account if there is one; what was typed
        is not: it may be a password. [AUD-5]"""
        network = network_of(address_of(request))
        match body:
            case SignIn(email=str() as email, password=str() as password, link=None):
                return await self._check_password(request, network, email, password), Means.PASSWORD
            case SignIn(email=None, password=None, link=str() as link):
                async with self._recorded(request, Means.LINK, None):
                    await self._limits.spend(network, None, None)
                    person = (await self._access.link(link, request)).person
                await self._limits.forgive(network, None, None)
                return person, Means.LINK
            case _:
                raise InvalidRequest("body: email and password, or link")

    async def _check_password(self, request: Request, network: str, email: str, password: str) -> Person:
        found = await self._people.find_by_email(email)
        person, password_hash = found or (None, None)
        device = await self._entrance.known_device(request, person)
        async with self._recorded(request, Means.PASSWORD, person):
            await self._limits.spend(network, email, device)
            good = await self._passwords.verify(password, password_hash)
            if person is None or not good:
                raise Unauthenticated("e-mail or password is wrong")
        await self._limits.forgive(network, email, device)
        return person

    @asynccontextmanager
    async def _recorded(self, request: Request, means: Means, person: Person | None) -> AsyncIterator[None]:
        """A try that was one too many is no try: the same within minutes is recorded once."""
        try:
            yield
        except (Unauthenticated, TooMany) as error:
            about = None if person is None else person.id
            details = {Detail.REASON: error.reason}
            event = Event(Action.SIGN_IN_FAILED, unknown(request, means), person=about, details=details)
            await self._access.note(event, always=isinstance(error, Unauthenticated))
            raise
