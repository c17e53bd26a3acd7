"""Sign-in and what it gives: sessions in a cookie, bearer tokens, single-use tickets, sign-in links.

Every secret is 32 random bytes; only its sha-256 is stored.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.access import COOKIE, Access, Clock, digest, presented
from server.body import Answer, Body, Email, Id, When, read_body, reply
from server.described import Says, described
from server.passwords import LONGEST, Passwords
from server.settings import Settings
from server.throttle import Rate, Throttle, network_of
from storage.ports import CredentialKind, People, Profile, Profiles, Stores
from workspace.case import Person, Standing
from workspace.errors import Forbidden, InvalidRequest, TooMany, Unauthenticated
from workspace.ids import Millis, PersonId
from workspace.session import colour_of

Entropy = Callable[[int], bytes]
"""So many random bytes. An argument everywhere, so that tests own it."""

SECRET_BYTES = 32
TICKET_MILLIS = 60_000
HOUR_MILLIS = 3_600_000
ACCOUNTS_PER_ADDRESS = 3
"""An address may try this many times as often as an account: a ward shares one, and good sign-ins are not counted."""


class SignIn(Body):
    """`{email, password}` or `{link}`."""

    email: Email | None = None
    password: str | None = Field(default=None, max_length=LONGEST)
    link: str | None = None


def make_secret(entropy: Entropy) -> str:
    """A new secret, 43 characters that need no quoting anywhere."""
    return base64.urlsafe_b64encode(entropy(SECRET_BYTES)).rstrip(b"=").decode("ascii")


async def grant(
    people: People, kind: CredentialKind, secret: str, person: PersonId, *, now: Millis, until: Millis
) -> None:
    """Keep a credential: its digest, never the secret. Raises: NotFound (person)."""
    await people.grant(kind, digest(secret), person, now, until)


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

    def __init__(self, settings: Settings, stores: Stores, access: Access, *, clock: Clock, entropy: Entropy) -> None:
        self._settings = settings
        self._people = stores.people
        self._profiles = stores.profiles
        self._access = access
        self._clock = clock
        self._entropy = entropy
        self._passwords = Passwords()
        self._throttle = Throttle(clock)
        self._per_account = Rate(settings.sign_ins_per_minute)
        self._per_address = Rate(settings.sign_ins_per_minute * ACCOUNTS_PER_ADDRESS)

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
        errors=(Unauthenticated, Forbidden, TooMany),
        anybody=True,
    )
    async def sign_in(self, request: Request) -> Response:
        """Prove who you are; the session comes as a cookie. A session that the cookie held before ends."""
        origin = request.headers.get("origin")
        if origin is not None and not self._access.is_ours(origin, request):
            raise Forbidden("sign in from this server's own page")
        person = await self._prove(request, await read_body(request, SignIn, self._settings))
        now = self._clock()
        if earlier := request.cookies.get(COOKIE):
            await self._revoke(earlier, now)
        secret = make_secret(self._entropy)
        until = Millis(now + round(self._settings.session_hours * HOUR_MILLIS))
        await grant(self._people, CredentialKind.SESSION, secret, person.id, now=now, until=until)
        response = reply(SignedIn(person=await oneself(self._profiles, person)))
        response.set_cookie(
            COOKIE,
            secret,
            max_age=(until - now) // 1000,
            httponly=True,
            samesite="lax",
            secure=self._is_https(request),
        )
        return response

    @described(
        {204: Says(headers={"Set-Cookie": "Takes the session away."})},
        errors=(Unauthenticated, Forbidden),
        anybody=True,
    )
    async def sign_out(self, request: Request) -> Response:
        """End the credential that asks. Signing out twice, or after the session's end, is no error."""
        credential = presented(request)
        if credential is not None:
            kind, secret = credential
            if kind is CredentialKind.SESSION and not self._access.cookie_counts(request):
                raise Forbidden("sign out from this server's own page")
            await self._revoke(secret, self._clock())
        response = Response(status_code=204)
        response.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=self._is_https(request))
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
        await grant(self._people, CredentialKind.TICKET, ticket, principal.person.id, now=now, until=until)
        return reply(Ticket(ticket=ticket, expires_at=until), 201)

    async def _prove(self, request: Request, body: SignIn) -> Person:
        address = ("address", network_of(request.client.host if request.client else None))
        self._throttle.spend(address, self._per_address)
        match body:
            case SignIn(email=str() as email, password=str() as password, link=None):
                account = ("account", email.casefold())
                self._throttle.spend(account, self._per_account)
                person = await self._check_password(email, password)
                self._throttle.forgive(account, self._per_account)
            case SignIn(email=None, password=None, link=str() as link):
                person = (await self._access.link(link)).person
            case _:
                raise InvalidRequest("body: email and password, or link")
        self._throttle.forgive(address, self._per_address)
        return person

    async def _check_password(self, email: str, password: str) -> Person:
        found = await self._people.find_by_email(email)
        person, password_hash = found or (None, None)
        good = await self._passwords.verify(password, password_hash)
        if person is None or not good:
            raise Unauthenticated("e-mail or password is wrong")
        return person

    async def _revoke(self, secret: str, now: Millis) -> None:
        try:
            await self._people.revoke(digest(secret), now)
        except Unauthenticated:
            return  # not a secret of ours: there is nothing to end

    def _is_https(self, request: Request) -> bool:
        return request.url.scheme == "https" or (self._settings.public_url or "").startswith("https://")
