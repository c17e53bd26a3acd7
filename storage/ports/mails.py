"""Mails that wait to be sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from storage.ports.leases import Lease
from workspace.audit import SYSTEM, Cause
from workspace.ids import Millis

MOST_MAILS = 1_000
"""What may wait. Unknown addresses are found out and dropped within a second, so only a dead mail server fills it."""


class MailKind(StrEnum):
    """What a mail is for."""

    RESET = "reset"
    """A link to choose a new password, if the address is somebody's."""
    CHANGED = "changed"
    """Word that the password was changed."""


@dataclass(frozen=True, slots=True)
class Mail:
    """What is known of a mail before it is written: the secret in it is made when it is sent."""

    id: int
    kind: MailKind
    email: str
    asked_at: Millis
    tries: int


class Mails(Protocol):
    """A queue that outlives the process. It holds addresses that were typed, whether they are anybody's or not."""

    async def ask(self, kind: MailKind, email: str, at: Millis, cause: Cause = SYSTEM) -> None:
        """Keep one, durably; of a kind one per address (case-folded) waits. That a reset was
        asked for is an event in the audit log, which does not say for whom. Raises: TooMany."""
        ...

    async def due(self, now: Millis, limit: int) -> Sequence[Mail]:
        """Those whose time has come, oldest first."""
        ...

    async def claim(self, lease: Lease, now: Millis, until: Millis, limit: int) -> Sequence[Mail]:
        """The same, and nobody is given them again before `until`: who dies over one leaves it to whoever looks then.

        Raises: Conflict (the lease is somebody else's by now).
        """
        ...

    async def oldest(self) -> Millis | None:
        """Since when the mail waits that was asked for first; None when nothing waits."""
        ...

    async def later(self, mail: int, next_at: Millis) -> None:
        """Count a try that failed; it is due again at `next_at`."""
        ...

    async def done(self, mail: int) -> None:
        """Forget it: sent, or given up."""
        ...
