"""The doors: who is asking, and the only way to a case. [PER-1]"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from http import HTTPMethod

from starlette.requests import HTTPConnection

from server.accesses import Accesses
from server.logs import request_of
from server.settings import DEFAULT_PORTS, Settings
from storage.ports import CredentialKind, Stores
from workspace import policy
from workspace.audit import Action, Cause, Event, Means, Origin, origin_from
from workspace.case import Case, CaseState, Principal, Role, Standing
from workspace.errors import Forbidden, NotFound, SomebodyElse, Superseded, Unauthenticated
from workspace.ids import DocumentId, DocumentKind, DocumentName, Millis, parse_case_id, parse_document_id
from workspace.policy import Right

Clock = Callable[[], Millis]
"""The time now. An argument everywhere, so that tests own it."""

COOKIE = "consilium_session"
HOST_ONLY = "__Host-"
"""Before the name of a cookie behind https: no other host of the same domain can set one (RFC 6265bis §4.1.3.2)."""
PERSON_HEADER, PERSON_QUERY = "consilium-person", "person"
"""Whom a page speaks for; of a WebSocket a browser lets it say so in the address alone. [AUT-7]"""
SAFE_METHODS = frozenset({HTTPMethod.GET, HTTPMethod.HEAD, HTTPMethod.OPTIONS})
LONGEST_SECRET = 200
"""Characters; ours are under 70. A longer one is not worth hashing."""


@dataclass(frozen=True, slots=True)
class OpenCase:
    """A case, and what the one who opened it is in it now."""

    case: Case
    roles: frozenset[Role]
    principal: Principal

    @property
    def role(self) -> Role | None:
        """The one role that others see."""
        return policy.shown_role(self.roles)

    def may(self, right: Right) -> bool:
        """Whether one of the roles carries the right; `rights_now` also asks the case's state."""
        return policy.may(self.roles, right)

    def rights_now(self) -> frozenset[Right]:
        """The rights that count while the case is in its state: nobody writes in one that is concluded."""
        closed = frozenset() if self.case.state in policy.WRITABLE_STATES else frozenset(policy.WRITE_RIGHT.values())
        return frozenset(right for right in Right if self.may(right)) - closed

    def may_name_versions(self, document: DocumentId) -> bool:
        """Whether the one who opened the case may name moments of one of its documents."""
        return policy.may_name_versions(self.principal.person.id, self.roles, document)

    def access(self, document: DocumentId) -> policy.Access:
        """What the one who opened the case may do with one of its documents."""
        return policy.access(self.principal.person.id, self.roles, self.case.state, document)


def digest(secret: str) -> bytes:
    """What is stored of a secret: it has 256 random bits, so a plain sha-256 is enough. Raises: Unauthenticated."""
    if not secret or len(secret) > LONGEST_SECRET or not secret.isascii():
        raise Unauthenticated
    return hashlib.sha256(secret.encode("ascii")).digest()


def address_of(connection: HTTPConnection) -> str:
    """Where a request comes from. A forwarded address is there only if a trusted proxy gave it. [ACC-5]"""
    return connection.client.host if connection.client else ""


def origin_of(connection: HTTPConnection, means: Means) -> Origin:
    """What the audit log says of a connection. [AUD-4]"""
    return origin_from(means, address_of(connection), request_of(connection))


def unknown(connection: HTTPConnection, means: Means = Means.NOBODY) -> Cause:
    """Whoever sends this without being signed in."""
    return Cause(None, origin_of(connection, means))


class Access:
    """Turns credentials into principals, and principals into open cases."""

    def __init__(
        self,
        stores: Stores,
        clock: Clock,
        settings: Settings,
        used: Callable[[bytes, str], None] = lambda *_: None,
        accesses: Accesses | None = None,
    ) -> None:
        """`used` is told the digest of each session that proved somebody, and the address it came from."""
        self._accesses = accesses or Accesses(stores.audit)
        self._stores = stores
        self._clock = clock
        self._used = used
        self._always_https = (settings.public_url or "").startswith("https://")
        self._origins = frozenset({*settings.allowed_origins, *filter(None, [settings.public_url])})

    async def authenticate(self, connection: HTTPConnection) -> Principal:
        """Who sends this request or opens this WebSocket, by bearer header or session cookie.

        A cookie travels by itself, from any page: for unsafe methods and WebSockets it counts only when the page that
        asks is ours. [AUT-2] All tabs of a browser share it: one that was opened by somebody else before speaks for
        nobody now. [AUT-7] Raises: Unauthenticated, SomebodyElse.
        """
        credential = self.presented(connection)
        if credential is None:
            raise Unauthenticated
        kind, secret = credential
        if kind is CredentialKind.SESSION and not self.cookie_counts(connection):
            raise Unauthenticated
        principal = await self._redeem(kind, secret, connection)
        if kind is CredentialKind.SESSION:
            if _spoken_for(connection) not in (None, principal.person.id):
                raise SomebodyElse
            self._used(digest(secret), address_of(connection))
        return principal

    def presented(self, connection: HTTPConnection) -> tuple[CredentialKind, str] | None:
        """The credential a request carries. A bearer header goes before the cookie, and never falls back to it."""
        authorization = connection.headers.get("authorization")
        if authorization is not None:
            scheme, _, token = authorization.partition(" ")
            if scheme.lower() != "bearer":
                raise Unauthenticated
            return CredentialKind.BEARER, token.strip()
        cookie = connection.cookies.get(self.cookie_name(COOKIE, connection))
        return None if cookie is None else (CredentialKind.SESSION, cookie)

    def is_https(self, connection: HTTPConnection) -> bool:
        """Whether the browser speaks https, with us or with the proxy before us."""
        return self._always_https or connection.url.scheme in ("https", "wss")

    def cookie_name(self, name: str, connection: HTTPConnection) -> str:
        """What a cookie of ours is called on this connection: behind https only the protected name counts. [ACC-6]"""
        return f"{HOST_ONLY}{name}" if self.is_https(connection) else name

    async def bearer(self, token: str, connection: HTTPConnection | None = None) -> Principal:
        """Who holds this bearer token, which came on this connection. Raises: Unauthenticated."""
        return await self._redeem(CredentialKind.BEARER, token, connection)

    async def ticket(self, ticket: str, connection: HTTPConnection | None = None) -> Principal:
        """Who holds this ticket, spent by this call. [AUT-3] Raises: Unauthenticated.

        The ticket is good for a minute, the principal for as long as the credential that bought it: its end is the part
        after the dot, which cannot be forged because the digest covers it.
        """
        principal = await self._redeem(CredentialKind.TICKET, ticket, connection)
        until = ticket.partition(".")[2]
        return replace(principal, expires_at=Millis(int(until))) if until.isdecimal() else principal

    async def link(self, link: str, connection: HTTPConnection) -> Principal:
        """Who was sent this sign-in link. Raises: Unauthenticated."""
        return await self._redeem(CredentialKind.LINK, link, connection)

    async def open_case(self, principal: Principal, case: str, right: Right = Right.READ) -> OpenCase:
        """The only door to a case. Absent, malformed and forbidden look alike. [PER-1] Who comes through is recorded
        before they see anything, and who is turned away, too. [AUD-5]

        Raises: NotFound; Forbidden when the case may be read but `right` is lacking; Unauthenticated after the
        principal's end.
        """
        if principal.expires_at <= self._clock():
            raise Unauthenticated
        found = await self._stores.cases.find(parse_case_id(case), principal.person.id)
        if found is None:
            raise NotFound
        held, membership = found
        opened = OpenCase(held, policy.roles_of(membership, principal.person.standing), principal)
        if not opened.may(Right.READ) or held.state is CaseState.PURGED:
            await self._accesses.tell(Event(Action.CASE_REFUSED, principal.cause, held.id))
            raise NotFound
        await self.note(Event(Action.CASE_OPENED, principal.cause, held.id))
        if not opened.may(right):
            raise Forbidden
        return opened

    async def open_asked(self, request: HTTPConnection, right: Right = Right.READ) -> OpenCase:
        """Through that door, by a request: who sends it, to the case in its address. Raises: as both do."""
        principal = await self.authenticate(request)
        return await self.open_case(principal, request.path_params["case"], right)

    async def documents(self, opened: OpenCase) -> Mapping[str, DocumentName]:
        """What each document is called on the wire now; those that nobody has opened yet are named too."""
        names = {kind.value: DocumentName(kind.value) for kind in (DocumentKind.RECORD, DocumentKind.DISCUSSION)}
        if opened.may(Right.OWN_OPINION):
            own = f"{DocumentKind.OPINION.value}.{opened.principal.person.id}"
            names[own] = DocumentName(own)
        existing = await self._stores.cases.documents(opened.case.id)
        return names | {name.partition("~")[0]: name for name in existing}

    async def find_document(self, opened: OpenCase, name: str) -> DocumentId:
        """A document of an open case, so that nobody makes documents up: an opinion begins with its owner. [PER-4]

        Raises: NotFound, Superseded (with the name under which it continues).
        """
        document = parse_document_id(opened.case.id, name)
        current = (await self.documents(opened)).get(name.partition("~")[0])
        if current is None:
            raise NotFound
        successor = DocumentId(opened.case.id, current)
        if successor.epoch > document.epoch:
            raise Superseded(str(successor))
        if successor != document:
            raise NotFound
        return document

    async def note(self, event: Event, *, always: bool = False) -> None:
        """Record an access, as `Accesses.note` does."""
        await self._accesses.note(event, always=always)

    def is_ours(self, origin: str, connection: HTTPConnection) -> bool:
        """Whether a page of this origin is ours: the address asked for, the public one, or one allowed by setting."""
        scheme = {"ws": "http", "wss": "https"}.get(connection.url.scheme, connection.url.scheme)
        host = connection.headers.get("host", "").lower().removesuffix(DEFAULT_PORTS.get(scheme, " "))
        return origin in self._origins or origin == f"{scheme}://{host}"

    def cookie_counts(self, connection: HTTPConnection) -> bool:
        """Whether the cookie of this request may be believed: nothing is changed by it, or a page of ours sent it."""
        if connection.scope["type"] == "http" and connection.scope["method"] in SAFE_METHODS:
            return True
        origin = connection.headers.get("origin")
        return origin is not None and self.is_ours(origin, connection)

    async def _redeem(self, kind: CredentialKind, secret: str, connection: HTTPConnection | None) -> Principal:
        found = await self._stores.people.redeem(kind, digest(secret), self._clock())
        if found is None:
            raise Unauthenticated
        means = Means(kind.value)
        return Principal(*found, Origin(means) if connection is None else origin_of(connection, means))


def _spoken_for(connection: HTTPConnection) -> str | None:
    said = connection.query_params.get(PERSON_QUERY) if connection.scope["type"] == "websocket" else None
    return said if said is not None else connection.headers.get(PERSON_HEADER)


def sees_all_cases(principal: Principal) -> bool:
    """A moderator has a role in every case; nobody else has one without membership."""
    return principal.person.standing is Standing.MODERATOR
