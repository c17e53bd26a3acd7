"""Who presents in a case: one person at a time in the whole cluster, on one page, for as long as that page says so.

A presenter's turn is a lease (docs/adr/0022), timed by the database's own clock like those of `storage.ports.leases`.
It differs from them in that people give it to each other, and that it is nobody's business to end it but theirs: each
change is an event in the audit log and leaves a notice that is nobody's, in the same transaction, so that open pages
ask again. A renewal is neither.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from workspace.audit import SYSTEM, Cause
from workspace.ids import CaseId, ClientId, PersonId


@dataclass(frozen=True, slots=True)
class ShowingPage:
    """The page on which somebody presents."""

    person: PersonId
    client: ClientId
    """What it is called in the discussion's awareness."""
    credential: bytes
    """The sha-256 of what it is signed in by."""


@dataclass(frozen=True, slots=True)
class Presenter:
    """That somebody presents now."""

    person: PersonId
    client: ClientId | None
    """None: it was handed over to them, and no page of theirs has taken it yet."""
    number: int
    """Of this turn: greater than those of all turns before in the same case."""
    millis_left: int
    """Until it ends by itself."""


class Presenting(Protocol):
    """Whose turn it is. A turn is over when it was ended, when its time is, or when its page's sign-in is."""

    async def now(self, case: CaseId) -> Presenter | None:
        """Who presents."""
        ...

    async def begin(
        self, case: CaseId, page: ShowingPage, seconds: float, *, beyond: int = 0, cause: Cause = SYSTEM
    ) -> Presenter:
        """Take the free place, or one's own: on another page, or the one that was handed over. Turns up to the number
        `beyond` count as over. Of several who ask at once exactly one gets it. Raises: NotFound (case), Conflict.
        """
        ...

    async def take_over(
        self, case: CaseId, number: int, page: ShowingPage, seconds: float, cause: Cause = SYSTEM
    ) -> Presenter:
        """Present instead of whose turn it is, if it is still that one. Raises: Conflict."""
        ...

    async def hand_over(
        self, case: CaseId, number: int, to: PersonId, seconds: float, cause: Cause = SYSTEM
    ) -> Presenter:
        """Let another present from now on; they have this long to begin. Raises: Conflict, NotFound (person)."""
        ...

    async def renew(self, case: CaseId, number: int, page: ShowingPage, seconds: float) -> Presenter:
        """Keep one's turn for this long from now, on this page. Raises: Conflict when it is over, however lately:
        everybody else was told so."""
        ...

    async def end(self, case: CaseId, number: int, cause: Cause = SYSTEM) -> None:
        """Leave the place free at once; harmless when that turn is over."""
        ...
