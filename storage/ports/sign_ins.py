"""The session credentials of a person, so that they can tell one from another and end it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NewType, Protocol

from workspace.audit import SYSTEM, Cause
from workspace.ids import Millis, PersonId

SignInId = NewType("SignInId", str)
"""16 base32 characters that name a sign-in and prove nothing."""


@dataclass(frozen=True, slots=True)
class Seen:
    """When and from where a session credential was last used."""

    address: str
    at: Millis


@dataclass(frozen=True, slots=True)
class SignIn:
    """One live session credential. `agent` is the browser's own description of itself, as it sent it."""

    id: SignInId
    digest: bytes
    agent: str
    address: str
    since: Millis
    seen_at: Millis
    expires_at: Millis


class SignIns(Protocol):
    """Where people are signed in. Whatever ends a credential ends its sign-in, and is an event in the audit log."""

    async def note(self, digest: bytes, sign_in: SignInId, agent: str, seen: Seen) -> None:
        """Describe a session credential that was granted. Raises: NotFound (no such credential)."""
        ...

    async def seen(self, used: Mapping[bytes, Seen]) -> None:
        """Remember the last use of several credentials, by digest; those that have ended are passed over."""
        ...

    async def of(self, person: PersonId, now: Millis) -> Sequence[SignIn]:
        """The person's live ones, last used first."""
        ...

    async def end(self, person: PersonId, sign_in: SignInId, cause: Cause = SYSTEM) -> None:
        """End one and its credential, leaving an AccessNotice (every case). Raises: NotFound (also: not theirs)."""
        ...

    async def end_all(self, person: PersonId, keep: bytes | None, cause: Cause = SYSTEM) -> None:
        """End every sign-in, ticket, link and known device of the person, but not the credential `keep` and not the
        bearer tokens, leaving one AccessNotice."""
        ...
