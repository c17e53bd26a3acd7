"""Passwords that are changed, and passwords that were forgotten.

A reset link is a secret like any other: single-use, an hour long when it comes by mail, a day when an admin hands it
over. Asking for one says nothing about who has an account, neither in words nor in time. [ACC-11] [ACC-12]
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.access import Access, Clock, address_of, digest, unknown
from server.auth import SignedIn, oneself
from server.body import Answer, Body, Email, read_body, reply
from server.described import Says, described
from server.entrance import Entrance
from server.passwords import LONGEST, Passwords, Weakness
from server.settings import Settings
from server.throttle import Rate, SharedThrottle, network_of
from storage.ports import CredentialKind, MailKind, Stores
from workspace.audit import SYSTEM, Means
from workspace.case import Person
from workspace.errors import Conflict, Forbidden, InvalidRequest, TooMany, Unauthenticated

RATINGS_PER_MINUTE = 120
"""Two a second while somebody types."""
LONGEST_RESET = 200
PER_ADDRESS = Rate(1)


class WaysIn(Answer):
    """How one may come in here."""

    reset_by_mail: bool
    """Whether this server sends reset links by mail."""


class ResetRequest(Body):
    """Who forgot."""

    email: Email


class ResetLink(Body):
    """The secret of a reset link."""

    reset: str = Field(max_length=LONGEST_RESET)


class ResetOwner(Answer):
    """Whose reset link it is."""

    name: str
    email: str
    language: str | None


class NewPassword(ResetLink):
    """A reset link and the password that was chosen."""

    password: str = Field(max_length=LONGEST)


class PasswordChange(Body):
    """The old password and the new one."""

    old: str = Field(max_length=LONGEST)
    password: str = Field(max_length=LONGEST)


class PasswordToRate(Body):
    """A password that is being chosen; with the reset link by which, unless one is signed in."""

    password: str = Field(max_length=LONGEST)
    reset: str | None = Field(default=None, max_length=LONGEST_RESET)


class PasswordRated(Answer):
    """How hard it is to guess."""

    score: int = Field(ge=0, le=4)
    is_enough: bool
    weakness: Weakness | None


class Resets:
    """The handlers. `asked` is called when a mail waits to be sent."""

    def __init__(
        self,
        settings: Settings,
        stores: Stores,
        access: Access,
        entrance: Entrance,
        passwords: Passwords,
        *,
        clock: Clock,
        asked: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._stores = stores
        self._access = access
        self._entrance = entrance
        self._passwords = passwords
        self._clock = clock
        self._asked = asked
        self._throttle = SharedThrottle(clock, stores.rates)
        self._rate = Rate(settings.sign_ins_per_minute)

    def routes(self) -> Sequence[BaseRoute]:
        """What stands under `/api`."""
        return [
            Route("/sign-in", self.ways_in, methods=["GET"]),
            Route("/me/password", self.change, methods=["PUT"]),
            Route("/password-strength", self.strength, methods=["POST"]),
            Route("/password-resets", self.ask, methods=["POST"]),
            Route("/password-resets/owner", self.owner, methods=["POST"]),
            Route("/password-resets/use", self.use, methods=["POST"]),
        ]

    @described({200: WaysIn}, anybody=True)
    async def ways_in(self, _: Request) -> Response:
        """How one may come in here."""
        return reply(WaysIn(reset_by_mail=self._settings.smtp_host is not None))

    @described({202: None}, body=ResetRequest, errors=(Conflict, TooMany, Forbidden), anybody=True)
    async def ask(self, request: Request) -> Response:
        """Ask for a reset link by mail. The answer is the same whether or not anybody has this address. [ACC-12]"""
        self._from_our_page(request)
        body = await read_body(request, ResetRequest, self._settings)
        if self._settings.smtp_host is None:
            raise Conflict("this server sends no mail; an administrator can make a link")
        await self._throttle.spend(("ask", network_of(address_of(request))), self._rate)
        try:
            await self._throttle.spend(("mail", body.email.casefold()), PER_ADDRESS)
        except TooMany:
            return Response(status_code=202)  # one is on its way; nobody's letter box is filled by asking again
        # Who it is, is looked up when it is sent: here an unknown address costs what a known one does.
        await self._stores.mails.ask(MailKind.RESET, body.email, self._clock(), cause=unknown(request))
        self._asked()
        return Response(status_code=202)

    @described({200: ResetOwner}, body=ResetLink, errors=(Unauthenticated, TooMany, Forbidden), anybody=True)
    async def owner(self, request: Request) -> Response:
        """Whose reset link this is; that does not use it up."""
        self._from_our_page(request)
        body = await read_body(request, ResetLink, self._settings)
        person = await self._owner(request, body.reset)
        profile = (await self._stores.profiles.of([person.id]))[person.id]
        return reply(ResetOwner(name=person.name, email=person.email, language=profile.language))

    @described(
        {200: Says(SignedIn, headers={"Set-Cookie": "The session."})},
        body=NewPassword,
        errors=(Unauthenticated, TooMany, Forbidden),
        anybody=True,
    )
    async def use(self, request: Request) -> Response:
        """Use a reset link up: the new password counts, every earlier sign-in ends, and one is signed in here."""
        self._from_our_page(request)
        body = await read_body(request, NewPassword, self._settings)
        owner = await self._owner(request, body.reset)
        chosen = await self._passwords.choose(body.password, _hints(owner))
        person = await self._stores.accounts.reset_password(
            digest(body.reset), chosen, self._clock(), cause=unknown(request, Means.LINK)
        )
        if person is None:  # somebody was faster
            raise Unauthenticated("this link has been used, or it has expired")
        await self._tell_changed(person)
        response = reply(SignedIn(person=await oneself(self._stores.profiles, person)))
        await self._entrance.admit(request, person, response, Means.LINK)
        return response

    @described({204: None}, body=PasswordChange, errors=(Forbidden, TooMany))
    async def change(self, request: Request) -> Response:
        """Change one's password; every other sign-in ends. [ACC-10]"""
        principal = await self._access.authenticate(request)
        person = principal.person
        body = await read_body(request, PasswordChange, self._settings)
        key = ("old", person.id)
        await self._throttle.spend(key, self._rate)
        found = await self._stores.people.find_by_email(person.email)
        if not await self._passwords.verify(body.old, found[1] if found else None):
            raise InvalidRequest("old: this is not your password")
        await self._throttle.forgive(key, self._rate)
        chosen = await self._passwords.choose(body.password, _hints(person))
        credential = self._access.presented(request)
        keep = digest(credential[1]) if credential else None
        await self._stores.accounts.set_password(person.id, chosen, self._clock(), keep, cause=principal.cause)
        await self._tell_changed(person)
        return Response(status_code=204)

    @described({200: PasswordRated}, body=PasswordToRate, errors=(Unauthenticated, TooMany, Forbidden), anybody=True)
    async def strength(self, request: Request) -> Response:
        """How hard a password is to guess, for who is signed in or holds a reset link; it is kept nowhere. [ACC-9]"""
        self._from_our_page(request)
        body = await read_body(request, PasswordToRate, self._settings)
        await self._throttle.spend(("rate", network_of(address_of(request))), Rate(RATINGS_PER_MINUTE))
        if body.reset is not None:
            person = await self._owner(request, body.reset)
        else:
            person = (await self._access.authenticate(request)).person
        rated = await self._passwords.rate(body.password, _hints(person))
        return reply(PasswordRated(score=rated.score, is_enough=rated.is_enough, weakness=rated.weakness))

    async def _owner(self, request: Request, reset: str) -> Person:
        key = ("reset", network_of(address_of(request)))
        await self._throttle.spend(key, Rate(RATINGS_PER_MINUTE))
        found = await self._stores.people.redeem(CredentialKind.RESET, digest(reset), self._clock())
        if found is None:
            raise Unauthenticated("this link has been used, or it has expired")
        await self._throttle.forgive(key, Rate(RATINGS_PER_MINUTE))
        return found[0]

    async def _tell_changed(self, person: Person) -> None:
        """The owner hears of it, also when it was not they who did it."""
        if self._settings.smtp_host is not None:
            await self._stores.mails.ask(MailKind.CHANGED, person.email, self._clock(), cause=SYSTEM)
            self._asked()

    def _from_our_page(self, request: Request) -> None:
        origin = request.headers.get("origin")
        if origin is not None and not self._access.is_ours(origin, request):
            raise Forbidden("only from this server's own page")


def _hints(person: Person) -> Sequence[str]:
    return [person.name, person.email, "consilium"]
