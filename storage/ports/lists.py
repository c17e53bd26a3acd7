"""Cases as a list: what is known of each without opening it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from workspace.case import Case, CaseState, Role
from workspace.ids import CaseId, Millis, PersonId
from workspace.record import NOTHING_SAID, Head


class Order(StrEnum):
    """How a list is sorted: newest change, newest case, title, soonest due."""

    CHANGED = "changed"
    CREATED = "created"
    TITLE = "title"
    DUE = "due"


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody, by what others call them."""

    id: PersonId
    name: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of a list ended: the sort key and the id of its last case."""

    key: int | str
    case: CaseId


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases, in what order. A case counts only where the person has a membership, or `all_cases` may be seen."""

    all_cases: bool = False
    is_theirs_to_act: bool = False
    """The record names the person as the owner of the next action."""
    states: frozenset[CaseState] = frozenset()
    """None: every state but purged, which is never listed."""
    role: Role | None = None
    """What the person is in it by membership."""
    lead: PersonId | None = None
    since: Millis | None = None
    """Changed then or later."""
    order: Order = Order.CHANGED
    after: Place | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True)
class Listed:
    """A case in a person's list; `role` is None for one seen only by standing."""

    case: Case
    role: Role | None
    changed_at: Millis
    changed_by: Named | None = None
    """Who wrote last, while a member; None when the case itself changed last."""
    leads: Sequence[Named] = ()
    head: Head = NOTHING_SAID
    next_owner: Named | None = None
    """The owner of the next action, while a member."""
    is_mentioned: bool = False
    """Whether the record mentions the person whose list this is."""
    place: Place | None = None
    """Where a page ends that ends here."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many cases each list has, before any filter."""

    mine: int
    mine_to_act: int
    all: int
    """Those that may be seen."""


class Lists(Protocol):
    """Lists of cases. A change of a case is an edit of one of its documents, a change of its members, or of itself."""

    async def page(self, person: PersonId, wanted: Wanted) -> Sequence[Listed]:
        """At most `wanted.limit` cases, in a total order, those after `wanted.after`."""
        ...

    async def counts(self, person: PersonId, *, all_cases: bool) -> Counts:
        """How many there are."""
        ...

    async def leads(self, person: PersonId, *, all_cases: bool) -> Sequence[Named]:
        """Who leads the cases that the person may see, by name; at most 200."""
        ...
