"""Whether a chain of the audit log is whole: given its events as they are kept, where it breaks first.

Pure, so that whoever has an extract can ask without a database. What it cannot see is said in docs/threat-model.md:
that a chain was cut off at its end, unless its head or an anchor from outside says how long it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from workspace.audit import BEFORE_THE_FIRST, Chain, Unreadable, decode, link


@dataclass(frozen=True, slots=True)
class Kept:
    """An event as it is kept: its number, its canonical bytes, and its hash."""

    seq: int
    body: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """The newest event of a chain by number and hash; `(chain, 0, BEFORE_THE_FIRST)` of one that has none."""

    chain: Chain
    seq: int
    hash: bytes


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
        except Unreadable:
            return Break(chain, expected, "cannot be read")
        if (recorded.seq, recorded.event.chain) != (expected, chain):
            return Break(chain, expected, "belongs elsewhere")
        if self._anchors.pop(expected, kept.hash) != kept.hash:
            return Break(chain, expected, "is not the one that was anchored")
        self.head = Head(chain, expected, kept.hash)
        return None

    def finish(self, head: Head | None) -> Break | None:
        """There are no more events; `head` is what is kept of the newest, apart from the events."""
        chain, reached = self.head.chain, self.head.seq
        if (head is None and reached) or (head is not None and head.seq < reached):
            return Break(chain, reached, "is newer than the chain's head, which was set back")
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
    return walk.finish(head)
