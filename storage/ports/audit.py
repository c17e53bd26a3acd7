"""The audit log: who did and saw what, in chains that show when something was changed afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from workspace.audit import HOUSE, Action, Chain, Event, Recorded
from workspace.audit_chain import Break, End, Head, Kept, Walk
from workspace.ids import PersonId

PAGE = 1_000
"""Events in memory at once."""


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
        """Those that are sought, newest first. Raises: StorageUnavailable, also for an event that was
        damaged."""
        ...

    async def kept(self, chain: Chain, *, after: int, limit: int) -> Sequence[Kept]:
        """The events with a greater seq as they are kept, oldest first: what a verifier and an archive read."""
        ...

    async def end(self, chain: Chain) -> End:
        """The chain's end at one moment: its head, as kept apart from the events, and its newest event."""
        ...

    async def anchor(self, limit: int) -> Sequence[Head]:
        """Record in the house's chain how far the chains of cases have come since that was done last, at most so many
        in one transaction; answers these, none when nothing has moved. [AUD-8]"""
        ...

    async def chains(self, after: Chain | None, limit: int) -> Sequence[Chain]:
        """The names of chains, of heads and of events alike, in order, after this one."""
        ...


async def walk_along(
    audit: Audit, chain: Chain, anchors: Mapping[int, bytes] | None = None
) -> tuple[Walk, Break | None]:
    """Go along a chain, beside whoever writes it: up to where it ends now. Where it breaks first; None when it is
    whole. Raises: StorageUnavailable. [AUD-3]"""
    end, walk = await audit.end(chain), Walk(chain, anchors)
    last = 0 if end.head is None else end.head.seq
    while walk.head.seq < last:
        page = await audit.kept(chain, after=walk.head.seq, limit=PAGE)
        for kept in page:
            if kept.seq > last:
                break
            if (found := walk.take(kept)) is not None:
                return walk, found
        if not page or page[-1].seq > last:
            break
    return walk, walk.finish(end)


async def walk_all(
    audit: Audit, known: Mapping[Chain, Mapping[int, bytes]] | None = None
) -> AsyncIterator[tuple[Walk, Break | None]]:
    """Every chain, the house's first: it says how long those of cases were. `known` are anchors from elsewhere, by
    chain and seq; a chain that is there no more is looked for too. Raises: StorageUnavailable. [AUD-3] [AUD-8]"""
    anchors = {chain: dict(each) for chain, each in (known or {}).items()}
    house, broken = await walk_along(audit, HOUSE, anchors.pop(HOUSE, None))
    yield house, broken
    for chain, (seq, digest) in house.anchored.items():
        anchors.setdefault(chain, {}).setdefault(seq, digest)
    names = await audit.chains(None, PAGE)
    while names:
        for chain in names:
            if chain != HOUSE:
                yield await walk_along(audit, chain, anchors.pop(chain, None))
        names = await audit.chains(names[-1], PAGE)
    for chain, lost in anchors.items():
        yield await walk_along(audit, chain, lost)
