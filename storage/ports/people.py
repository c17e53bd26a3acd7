"""Accounts, and the secrets that prove them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Protocol

from workspace.audit import SYSTEM, Cause
from workspace.case import Person, Standing
from workspace.ids import Millis, PersonId


class CredentialKind(StrEnum):
    """What a secret is good for. A ticket is spent by `People.redeem`, a reset by `Accounts.reset_password`."""

    SESSION = "session"
    BEARER = "bearer"
    TICKET = "ticket"
    LINK = "link"
    RESET = "reset"
    """Good for choosing a new password, once."""
    DEVICE = "device"
    """Good for nothing but to be known: its holder signed in here before."""


KEPT_MILLIS = 30 * 86_400_000
"""A credential that ended by itself is good for nothing, and still kept so long: a clock that jumped ahead and came
back must not have ended everybody's sign-ins, and the keys of their offline copies, for good. [CLK-1]"""


class People(Protocol):
    """Accounts and the secrets that prove them. Secrets arrive here as sha-256 digests, passwords as argon2 hashes.

    Every change is an event in the audit log, of that `cause`, in the same transaction; but what is made on the way to
    something that is recorded (a ticket, a known device) and what ends by itself are none. [AUD-1]
    """

    async def add(self, person: Person, password_hash: str | None, at: Millis, cause: Cause = SYSTEM) -> None:
        """Raises: Conflict (id or e-mail taken; e-mails are compared case-folded)."""
        ...

    async def find_by_email(self, email: str) -> tuple[Person, str | None] | None:
        """The person and their password hash; no hash for one who was deactivated, because nothing proves them."""
        ...

    async def find(self, ids: Collection[PersonId]) -> Mapping[PersonId, Person]:
        """Those of the people who have an account, members of a case or not; others are left out."""
        ...

    async def set_standing(self, person: PersonId, standing: Standing, at: Millis, cause: Cause = SYSTEM) -> None:
        """Leaves one AccessNotice that holds for every case; none if nothing changes. Raises: NotFound, Conflict (the
        last active admin stays one)."""
        ...

    async def grant(
        self,
        kind: CredentialKind,
        digest: bytes,
        person: PersonId,
        at: Millis,
        expires_at: Millis,
        cause: Cause = SYSTEM,
    ) -> None:
        """Keep a credential, and sweep. Raises: NotFound (person), Conflict (the digest is there already)."""
        ...

    async def redeem(self, kind: CredentialKind, digest: bytes, now: Millis) -> tuple[Person, Millis] | None:
        """Whose live credential this is and when it ends; a ticket is spent by this call, exactly one redeemer wins.
        None for somebody who was deactivated."""
        ...

    async def sweep(self, now: Millis) -> int:
        """Forget credentials that ended by themselves `KEPT_MILLIS` ago or earlier; how many."""
        ...

    async def revoke(self, digest: bytes, at: Millis, cause: Cause = SYSTEM) -> None:
        """End a credential, leaving an AccessNotice for its person (every case); unknown ones are passed over."""
        ...
