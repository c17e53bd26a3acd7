"""A journal as people remember it: who sat down to write, from when until when.

A person's neighbouring entries are one sitting. People who take turns within a minute wrote together: theirs is one
sitting with several authors, or two who type at once would make a sitting of every letter.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from workspace.entries import Mark
from workspace.ids import Millis, PersonId, Seq

PAUSE_MILLIS = 5 * 60_000
"""A pause as long as this ends a sitting. Arbitrary: about the length of a phone call."""
TOGETHER_MILLIS = 60_000
"""Who comes back sooner than this writes together with those who wrote in between."""
LONGEST_MILLIS = 30 * 60_000
MOST_ENTRIES = 2_000
"""A sitting is one step back in time: whoever wrote all morning should not lose the morning in one step."""
LOOK_BACK = 8
"""How many sittings back an author is looked for; 8 people at one case write as one."""


@dataclass(frozen=True, slots=True)
class Sitting:
    """Entries `first`…`last`, all of them."""

    first: Seq
    last: Seq
    begun: Millis
    ended: Millis
    size: int
    """Bytes of all updates."""
    edits: tuple[tuple[PersonId, int], ...]
    """Who wrote, in the order in which they came, and how many entries."""

    @property
    def count(self) -> int:
        """How many entries it has."""
        return self.last - self.first + 1


class Sittings:
    """The sittings of one document so far. Only the last few may still grow together. [HIS-2]"""

    def __init__(self) -> None:
        self.all: list[Sitting] = []

    @property
    def reached(self) -> Seq:
        """The newest entry that is in."""
        return self.all[-1].last if self.all else Seq(0)

    def take(self, marks: Iterable[Mark]) -> None:
        """Put the next entries in, in order and without a gap."""
        for mark in marks:
            self._take(mark)

    def _take(self, mark: Mark) -> None:
        found = self.all
        start = self._begun_by(mark)
        if start is None:
            found.append(Sitting(mark.seq, mark.seq, mark.at, mark.at, mark.length, ((mark.author, 1),)))
            return
        joined = _joined(found[start:]) if start < len(found) - 1 else found[-1]
        found[start:] = [_with(joined, mark)]

    def _begun_by(self, mark: Mark) -> int | None:
        """The sitting that this entry goes on with, everything after it included; None if it begins one."""
        found = self.all
        for index in range(len(found) - 1, max(-1, len(found) - 1 - LOOK_BACK), -1):
            sitting = found[index]
            pause = PAUSE_MILLIS if index == len(found) - 1 else TOGETHER_MILLIS
            if mark.at - sitting.ended >= pause:
                return None
            if mark.seq - sitting.first >= MOST_ENTRIES or mark.at - sitting.begun >= LONGEST_MILLIS:
                return None
            if any(author == mark.author for author, _ in sitting.edits):
                return index
        return None


def _with(sitting: Sitting, mark: Mark) -> Sitting:
    # A clock may have been put back: what was written later never ended earlier.
    ended = Millis(max(sitting.ended, mark.at))
    edits = _add(sitting.edits, ((mark.author, 1),))
    return replace(sitting, last=mark.seq, ended=ended, size=sitting.size + mark.length, edits=edits)


def _joined(sittings: list[Sitting]) -> Sitting:
    edits = sittings[0].edits
    for sitting in sittings[1:]:
        edits = _add(edits, sitting.edits)
    return Sitting(
        first=sittings[0].first,
        last=sittings[-1].last,
        begun=sittings[0].begun,
        ended=Millis(max(sitting.ended for sitting in sittings)),
        size=sum(sitting.size for sitting in sittings),
        edits=edits,
    )


def _add(
    some: tuple[tuple[PersonId, int], ...], more: tuple[tuple[PersonId, int], ...]
) -> tuple[tuple[PersonId, int], ...]:
    if len(some) == len(more) == 1 and some[0][0] == more[0][0]:  # most are
        return ((some[0][0], some[0][1] + more[0][1]),)
    counts = dict(some)
    for author, count in more:
        counts[author] = counts.get(author, 0) + count
    return tuple(counts.items())
