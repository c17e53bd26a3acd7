"""The key of copies that a browser keeps for work without a network.

HKDF (RFC 5869, SHA-256) over the session's secret, which we do not hold, and a salt, which goes with the session: when
either is gone, so is the key. [OFF-6]
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.access import Access, Clock, digest
from server.body import Answer, reply
from server.described import described
from server.entrance import Entropy
from server.settings import Settings
from storage.ports import CredentialKind, Stores
from workspace.errors import Forbidden, NotFound, Unauthenticated

SALT_BYTES = 32
PURPOSE = b"consilium/offline-key/1"
"""Bound into the key: another use of the same secret gets another key."""


class OfflineKey(Answer):
    """The key of one sign-in's copies."""

    person: str
    key: str
    """32 bytes, base64url without padding."""
    keep_hours: float
    """How long after the last contact a device may still open its copies."""
    expires_at: int
    """When the sign-in ends, in milliseconds since 1970: a refusal before that time means that it was revoked."""


def derive(secret: str, salt: bytes) -> bytes:
    """32 bytes: one block of HKDF-SHA-256."""
    extracted = hmac.digest(salt, secret.encode("ascii"), "sha256")
    return hmac.digest(extracted, PURPOSE + b"\x01", "sha256")


class OfflineKeys:
    """The handler of the key."""

    def __init__(self, settings: Settings, stores: Stores, access: Access, *, clock: Clock, entropy: Entropy) -> None:
        self._settings = settings
        self._stores = stores
        self._access = access
        self._clock = clock
        self._entropy = entropy

    def routes(self) -> Sequence[BaseRoute]:
        """What stands under `/api`."""
        return [Route("/offline-key", self.offline_key, methods=["GET"])]

    @described({200: OfflineKey}, errors=(Forbidden,))
    async def offline_key(self, request: Request) -> Response:
        """The key of the copies on this device, the same for as long as this sign-in lives. [OFF-6]"""
        principal = await self._access.authenticate(request)
        match self._access.presented(request):
            case (CredentialKind.SESSION, secret):
                pass
            case _:
                raise Forbidden("offline copies belong to a session of the page")
        try:
            fresh = self._entropy(SALT_BYTES)
            salt = await self._stores.offline_keys.salt(digest(secret), fresh, self._clock(), cause=principal.cause)
        except NotFound as error:  # it ended between the two questions
            raise Unauthenticated from error
        key = base64.urlsafe_b64encode(derive(secret, salt)).rstrip(b"=").decode("ascii")
        hours = self._settings.offline_hours
        return reply(OfflineKey(person=principal.person.id, key=key, keep_hours=hours, expires_at=principal.expires_at))
