"""What a good sign-in gives: a session in a cookie, a note of where it is, and a device that is known from now on."""

from __future__ import annotations

import base64
from collections.abc import Callable
from contextlib import suppress

from starlette.requests import Request
from starlette.responses import Response

from server.access import COOKIE, Access, Clock, address_of, digest, origin_of
from server.settings import Settings
from storage.ports import CredentialKind, People, Seen, SignInId, Stores
from workspace.audit import SYSTEM, Cause, Means
from workspace.case import Person
from workspace.errors import Conflict, Unauthenticated
from workspace.ids import ID_BYTES, Millis, PersonId, make_id

Entropy = Callable[[int], bytes]
"""So many random bytes. An argument everywhere, so that tests own it."""

SECRET_BYTES = 32
HOUR_MILLIS = 3_600_000
DEVICE = "consilium_device"
DEVICE_MILLIS = 180 * 24 * HOUR_MILLIS
LONGEST_AGENT = 300


def make_secret(entropy: Entropy) -> str:
    """A new secret, 43 characters that need no quoting anywhere."""
    return base64.urlsafe_b64encode(entropy(SECRET_BYTES)).rstrip(b"=").decode("ascii")


async def grant(
    people: People,
    kind: CredentialKind,
    secret: str,
    person: PersonId,
    *,
    now: Millis,
    until: Millis,
    cause: Cause = SYSTEM,
) -> None:
    """Keep a credential: its digest, never the secret. Raises: NotFound (person)."""
    await people.grant(kind, digest(secret), person, now, until, cause=cause)


class Entrance:
    """Lets people in who proved who they are, and out again."""

    def __init__(self, settings: Settings, stores: Stores, access: Access, *, clock: Clock, entropy: Entropy) -> None:
        self._settings = settings
        self._stores = stores
        self._access = access
        self._clock = clock
        self._entropy = entropy

    async def admit(self, request: Request, person: Person, response: Response, means: Means) -> None:
        """Open a session for the person who proved to be there, by `means`; a session that the cookie held before ends.
        [AUT-6]"""
        now = self._clock()
        cause = Cause(person.id, origin_of(request, means))
        if earlier := request.cookies.get(self._access.cookie_name(COOKIE, request)):
            await self.end(earlier, cause)
        secret = make_secret(self._entropy)
        until = Millis(now + round(self._settings.session_hours * HOUR_MILLIS))
        await grant(self._stores.people, CredentialKind.SESSION, secret, person.id, now=now, until=until, cause=cause)
        await self._stores.sign_ins.note(
            digest(secret),
            SignInId(make_id(self._entropy(ID_BYTES))),
            request.headers.get("user-agent", "")[:LONGEST_AGENT],
            Seen(address_of(request)[:64], now),
        )
        self._keep(request, response, COOKIE, secret, until - now)
        self._keep(request, response, DEVICE, await self._remember(request, person, now, cause), DEVICE_MILLIS)

    async def end(self, secret: str, cause: Cause) -> None:
        """End a credential, whoever's it is."""
        try:
            await self._stores.people.revoke(digest(secret), self._clock(), cause=cause)
        except Unauthenticated:
            return  # not a secret of ours: there is nothing to end

    def forget(self, request: Request, response: Response) -> None:
        """Take the session's cookie away; the device stays known."""
        name = self._access.cookie_name(COOKIE, request)
        response.delete_cookie(name, httponly=True, samesite="lax", secure=self._access.is_https(request))

    async def known_device(self, request: Request, person: Person | None) -> bytes | None:
        """The device of this request, if this person signed in on it before.

        It takes as long for nobody: the time of an answer must not say whether an account exists. [AUT-1]
        """
        secret = request.cookies.get(self._access.cookie_name(DEVICE, request))
        if secret is None:
            return None
        try:
            known = device_digest(secret, person.id if person else PersonId("-" * 16))
        except Unauthenticated:
            return None
        found = await self._stores.people.redeem(CredentialKind.DEVICE, known, self._clock())
        return known if found and person and found[0].id == person.id else None

    async def _remember(self, request: Request, person: Person, now: Millis, cause: Cause) -> str:
        """The secret of this device. One device may be known for many persons: each has a digest of their own."""
        secret = request.cookies.get(self._access.cookie_name(DEVICE, request)) or make_secret(self._entropy)
        try:
            known = device_digest(secret, person.id)
        except Unauthenticated:  # not one that we made
            secret = make_secret(self._entropy)
            known = device_digest(secret, person.id)
        with suppress(Conflict):  # it is known already
            until = Millis(now + DEVICE_MILLIS)
            await self._stores.people.grant(CredentialKind.DEVICE, known, person.id, now, until, cause=cause)
        return secret

    def _keep(self, request: Request, response: Response, name: str, secret: str, millis: int) -> None:
        response.set_cookie(
            self._access.cookie_name(name, request),
            secret,
            max_age=millis // 1000,
            httponly=True,
            samesite="lax",
            secure=self._access.is_https(request),
        )


def device_digest(secret: str, person: PersonId) -> bytes:
    """What is stored of a device that is known for a person. Raises: Unauthenticated."""
    return digest(f"{secret}.{person}")
