"""Whether a chain of the audit log is whole: given its events as they are kept, where it breaks first.

Pure, so that whoever has an extract can ask without a database. What it cannot see is said in docs/threat-model.md:
that a chain was cut off at its end, unless its head or an anchor from outside says how long it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from workspace.audit import BEFORE_THE_FIRST, Action, Chain, Detail, Recorded, Unreadable, decode, link
from workspace.ids import Millis, PersonId


class Listing(NamedTuple):
    """By what an event is found. It stands beside the event and is not held by its hash: it must say the same."""

    at: Millis
    action: str
    who: PersonId | None
    person: PersonId | None


@dataclass(frozen=True, slots=True)
class Kept:
    """An event as it is kept: its number, its canonical bytes, its hash, and by what it is found."""

    seq: int
    body: bytes
    hash: bytes
    listing: Listing | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """The newest event of a chain by number and hash; `(chain, 0, BEFORE_THE_FIRST)` of one that has none."""

    chain: Chain
    seq: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class End:
    """The end of a chain as it was at one moment: what is kept of the newest event apart from the events, and the
    number of the newest event itself."""

    head: Head | None
    newest: int


@dataclass(frozen=True, slots=True)
class Break:
    """The first place where a chain is not as it was written, in words for an operator."""

    chain: Chain
    seq: int
    what: str

    def __str__(self) -> str:
        return f"{self.chain}: event {self.seq} {self.what}"


class Walk:
    """Goes along one chain, event by event; knows no more of it than where it stands.

    `anchors`, by seq, are hashes that were known outside of the database: each must be found where it says.
    """

    def __init__(self, chain: Chain, anchors: Mapping[int, bytes] | None = None) -> None:
        self.head = Head(chain, 0, BEFORE_THE_FIRST)
        self.anchored: dict[Chain, tuple[int, bytes]] = {}
        """The newest anchor of each other chain that was met on the way."""
        self._anchors = dict(anchors or {})

    def take(self, kept: Kept) -> Break | None:
        """The next event as it was found; after a break there is no way on."""
        chain, expected = self.head.chain, self.head.seq + 1
        if kept.seq != expected:
            return Break(chain, expected, "is missing" if kept.seq > expected else "is there more than once")
        if link(self.head.hash, kept.body) != kept.hash:
            return Break(chain, expected, "does not match its hash: it, or what is before it, was changed")
        try:
            recorded = decode(kept.body)
            self.anchored |= _anchor_in(recorded)
        except Unreadable:
            return Break(chain, expected, "cannot be read")
        if (recorded.seq, recorded.event.chain) != (expected, chain):
            return Break(chain, expected, "belongs elsewhere")
        if kept.listing not in (None, listing_of(recorded)):
            return Break(chain, expected, "is listed as something else than it is")
        if self._anchors.pop(expected, kept.hash) != kept.hash:
            return Break(chain, expected, "is not the one that was anchored")
        self.head = Head(chain, expected, kept.hash)
        return None

    def finish(self, end: End) -> Break | None:
        """All events were taken that there were at that moment."""
        chain, reached, head = self.head.chain, self.head.seq, end.head
        if end.newest > (0 if head is None else head.seq):
            return Break(chain, end.newest, "is newer than the chain's head, which was set back or taken away")
        if head is not None and head.seq > reached:
            return Break(chain, reached + 1, f"is missing, and all up to {head.seq}")
        if head is not None and head.hash != self.head.hash:
            return Break(chain, reached, "is not the chain's head")
        if self._anchors:
            return Break(chain, reached + 1, f"is missing: event {max(self._anchors)} was anchored")
        return None


def find_break(
    chain: Chain, events: Iterable[Kept], head: Head | None, anchors: Mapping[int, bytes] | None = None
) -> Break | None:
    """Where a chain breaks first; None when it is whole. [AUD-3]"""
    walk = Walk(chain, anchors)
    for kept in events:
        found = walk.take(kept)
        if found is not None:
            return found
    return walk.finish(End(head, walk.head.seq))


def listing_of(recorded: Recorded) -> Listing:
    """By what an event is to be found."""
    event = recorded.event
    return Listing(recorded.at, event.action.value, event.cause.who, event.person)


def _anchor_in(recorded: Recorded) -> dict[Chain, tuple[int, bytes]]:
    """Raises: Unreadable for an anchor that says nothing."""
    event = recorded.event
    if event.action is not Action.AUDIT_ANCHORED:
        return {}
    try:
        seq, digest = int(event.details[Detail.SEQ]), bytes.fromhex(str(event.details[Detail.HASH]))
        return {Chain(str(event.details[Detail.CHAIN])): (seq, digest)}
    except (KeyError, ValueError) as error:
        raise Unreadable from error
