"""Accounts as their owner and the administration manage them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from workspace.audit import SYSTEM, Cause
from workspace.case import Person
from workspace.ids import Millis, PersonId


@dataclass(frozen=True, slots=True)
class Account:
    """An account from the outside."""

    person: Person
    created_at: Millis
    is_active: bool
    has_password: bool
    seen_at: Millis | None
    """When a live sign-in of theirs was last used; None when they are signed in nowhere."""


@dataclass(frozen=True, slots=True)
class AccountPage:
    """Part of a list, and how many the whole list has."""

    accounts: Sequence[Account]
    total: int


class Accounts(Protocol):
    """Passwords, activity, and the list of everybody. Ending access deletes credentials and leaves an AccessNotice in
    the same transaction; every change is an event in the audit log there. [AUD-1]"""

    async def find(self, person: PersonId) -> Account | None:
        """One account."""
        ...

    async def list(self, search: str, offset: int, limit: int) -> AccountPage:
        """By name; those whose name or e-mail contains every word of `search`, accents and case apart."""
        ...

    async def set_password(
        self, person: PersonId, password_hash: str, at: Millis, keep: bytes | None, cause: Cause = SYSTEM
    ) -> None:
        """A new password; every sign-in, ticket, link, reset and known device but the credential `keep` ends.
        Raises: NotFound."""
        ...

    async def reset_password(
        self, digest: bytes, password_hash: str, now: Millis, cause: Cause = SYSTEM
    ) -> Person | None:
        """A new password for whom a live RESET credential belongs to; it is spent by this call, exactly one caller
        wins, and everything that `set_password` ends is ended. None: the credential is none, or over."""
        ...

    async def set_active(self, person: PersonId, *, active: bool, at: Millis, cause: Cause = SYSTEM) -> None:
        """Deactivate: every credential ends and no new one is good until they are reactivated. No notice if nothing
        changes. Raises: NotFound, Conflict (last admin)."""
        ...
