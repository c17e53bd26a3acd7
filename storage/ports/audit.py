"""The audit log: who did and saw what, in chains that show when something was changed afterwards."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from workspace.audit import Action, Chain, Event, Recorded
from workspace.audit_chain import Head, Kept
from workspace.ids import PersonId


@dataclass(frozen=True, slots=True)
class Sought:
    """Which events of a chain: everybody's and of every kind where nothing is said."""

    who: PersonId | None = None
    """Done by this person or to them."""
    actions: Collection[Action] = ()
    before: int | None = None
    """Older than this seq."""


class Audit(Protocol):
    """Append-only. Changes of state are recorded by the port methods that make them, in the same transaction; what is
    left for `record` are accesses, and refusals, which change nothing."""

    async def record(self, events: Sequence[Event]) -> None:
        """Append events, each to its chain, in this order and in one transaction, synced when this returns.

        `seq` is 1, 2, 3… per chain without gaps, whatever the number of writers and nodes. When is said by the
        database's clock. [AUD-2]
        """
        ...

    async def newest(self, chain: Chain, sought: Sought, limit: int) -> Sequence[Recorded]:
        """Those that are sought, newest first. Raises: Unreadable for an event that is none of ours."""
        ...

    async def kept(self, chain: Chain, *, after: int, limit: int) -> Sequence[Kept]:
        """The events with a greater seq as they are kept, oldest first: what a verifier and an archive read."""
        ...

    async def head(self, chain: Chain) -> Head | None:
        """The newest event's number and hash, as kept apart from the events; None for a chain without events."""
        ...

    async def chains(self, after: Chain | None, limit: int) -> Sequence[Chain]:
        """The names of chains, of heads and of events alike, in order, after this one."""
        ...
