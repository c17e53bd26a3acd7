"""Where one is signed in, and ending it there. [ACC-8]"""

from __future__ import annotations

import re
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.access import Access, Clock, digest
from server.body import Answer, Id, When, reply
from server.described import described
from server.last_uses import LastUses
from storage.ports import SignIn, SignInId, Stores
from workspace.ids import Millis, PersonId

# The order decides: Edge and Opera also say Chrome, Chrome also says Safari, Android also says Linux.
BROWSERS = (
    ("Edge", r"\bEdgA?/|\bEdgiOS/"),
    ("Opera", r"\bOPR/"),
    ("Samsung Internet", r"\bSamsungBrowser/"),
    ("Firefox", r"\bFirefox/|\bFxiOS/"),
    ("Chrome", r"\bChrome/|\bCriOS/|\bHeadlessChrome/"),
    ("Safari", r"\bSafari/"),
)
SYSTEMS = (
    ("iPad", r"\biPad\b"),
    ("iPhone", r"\biPhone\b"),
    ("Android", r"\bAndroid\b"),
    ("ChromeOS", r"\bCrOS\b"),
    ("Windows", r"\bWindows\b"),
    ("macOS", r"\bMacintosh\b"),
    ("Linux", r"\bLinux\b|\bX11\b"),
)


class SignInShown(Answer):
    """One place where a person is signed in."""

    id: Id
    browser: str | None
    """Firefox, Chrome…; null when it does not say."""
    system: str | None
    """Windows, iPhone…; null when it does not say."""
    address: str
    """The network address of its last use."""
    since: When
    seen_at: When
    expires_at: When
    is_this: bool
    """Whether it is the one that asks."""


class SignInList(Answer):
    """Where a person is signed in, last used first."""

    sign_ins: list[SignInShown]


def first_of(choices: Sequence[tuple[str, str]], agent: str) -> str | None:
    """The first name whose pattern is in what a browser says of itself."""
    return next((name for name, pattern in choices if re.search(pattern, agent)), None)


def shown(sign_in: SignIn, this: bytes | None) -> SignInShown:
    """A sign-in in plain words."""
    return SignInShown(
        id=sign_in.id,
        browser=first_of(BROWSERS, sign_in.agent),
        system=first_of(SYSTEMS, sign_in.agent),
        address=sign_in.address,
        since=sign_in.since,
        seen_at=sign_in.seen_at,
        expires_at=sign_in.expires_at,
        is_this=sign_in.digest == this,
    )


class SignIns:
    """The handlers."""

    def __init__(self, stores: Stores, access: Access, last_uses: LastUses, *, clock: Clock) -> None:
        self._sign_ins = stores.sign_ins
        self._access = access
        self._last_uses = last_uses
        self._clock = clock

    def routes(self) -> Sequence[BaseRoute]:
        """What stands under `/api`."""
        return [
            Route("/me/sign-ins", self.list, methods=["GET"]),
            Route("/me/sign-ins", self.end_others, methods=["DELETE"]),
            Route("/me/sign-ins/{sign_in}", self.end, methods=["DELETE"]),
        ]

    @described({200: SignInList})
    async def list(self, request: Request) -> Response:
        """Where one is signed in, last used first."""
        principal = await self._access.authenticate(request)
        return reply(await self.of(principal.person.id, self._this(request)))

    @described({200: SignInList})
    async def end_others(self, request: Request) -> Response:
        """Sign out everywhere else: sign-in links, tickets and known devices end too, tokens of programs do not."""
        principal = await self._access.authenticate(request)
        person, this = principal.person.id, self._this(request)
        await self._sign_ins.end_all(person, this, cause=principal.cause)
        return reply(await self.of(person, this))

    @described({200: SignInList})
    async def end(self, request: Request) -> Response:
        """Sign out at one place; what is open there ends within a second."""
        principal = await self._access.authenticate(request)
        person = principal.person.id
        await self._sign_ins.end(person, SignInId(request.path_params["sign_in"]), cause=principal.cause)
        return reply(await self.of(person, self._this(request)))

    async def of(self, person: PersonId, this: bytes | None) -> SignInList:
        """Everybody's list is made here, an admin's view of it too."""
        await self._last_uses.write()
        found = await self._sign_ins.of(person, Millis(self._clock()))
        return SignInList(sign_ins=[shown(sign_in, this) for sign_in in found])

    def _this(self, request: Request) -> bytes | None:
        credential = self._access.presented(request)
        return digest(credential[1]) if credential else None
