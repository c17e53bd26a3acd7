"""Who wrote, and who deleted, which clocks of which clients: learnt from a journal's entries alone. [HIS-4]

The first entry that brings a clock says who: it was journalled for a person who had proven who they are, and its client
ids are theirs (JRN-6). What is re-sent later, by anybody, changes nothing. No `Doc`: our own reader tells what an
update carries.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import NamedTuple

from workspace.entries import Entry
from workspace.errors import InvalidUpdate
from workspace.ids import ClientId, Millis, PersonId, Seq
from workspace.ranges import MANY
from workspace.update import ClientRange, read_update

JOIN_MILLIS = 60_000
"""Clocks of one person that follow each other within this time are one run: a time is told to the minute."""


class Run(NamedTuple):
    """Clocks `start <= clock < end` of one client, by one person, journalled in entries `first`…`last`."""

    start: int
    end: int
    person: PersonId
    first: Seq
    last: Seq
    since: Millis
    until: Millis


class Claims:
    """For each client, sorted disjoint runs. A clock that was claimed stays with its first claimer."""

    __slots__ = ("_runs", "count")

    def __init__(self) -> None:
        self._runs: dict[ClientId, list[Run]] = {}
        self.count = 0
        """How many runs there are; what holding them costs grows with it."""

    def __iter__(self) -> Iterator[tuple[ClientId, list[Run]]]:
        return iter(self._runs.items())

    def claim(self, ranges: Sequence[ClientRange], entry: Entry) -> None:
        """The entry brings these clocks; what of them is claimed already stays as it is."""
        for client, group in groupby(ranges, key=itemgetter(0)):
            runs = self._runs.setdefault(client, [])
            before = len(runs)
            fresh = [_run(start, end, entry) for _, start, end in group]
            if len(fresh) < MANY:
                for run in fresh:
                    _claim(runs, run)
            else:  # one update may hold a million: making room in the list for each would take minutes
                _claim_many(runs, fresh)
            self.count += len(runs) - before

    def clients(self) -> Sequence[ClientId]:
        """Those of whom something is known, lowest first."""
        return sorted(self._runs)

    def of(self, client: ClientId, start: int, end: int) -> Iterator[Run]:
        """The runs that say something of `start <= clock < end`, cut to it."""
        runs = self._runs.get(client, [])
        index = max(0, bisect_right(runs, start, key=attrgetter("start")) - 1)
        while index < len(runs) and runs[index].start < end:
            run = runs[index]
            if run.end > start:
                yield run._replace(start=max(start, run.start), end=min(end, run.end))
            index += 1


class Attribution:
    """One document's authors as of entry `reached`."""

    def __init__(self) -> None:
        self.reached = Seq(0)
        self.written = Claims()
        self.deleted = Claims()
        """By the first entry that says so. What goes with the paragraph it is in may be named by nobody, or by the
        next person whose client tells all it knows: ask who deleted the paragraph."""

    @property
    def count(self) -> int:
        """How many runs are held."""
        return self.written.count + self.deleted.count

    def take(self, entries: Sequence[Entry]) -> None:
        """Put the next entries in, in order and without a gap.

        One that cannot be read brings nothing: no room lets any in, and the rest of the history is still true.
        """
        for entry in entries:
            self.reached = entry.seq
            try:
                facts = read_update(entry.update)
            except InvalidUpdate:
                continue
            if facts.structs:
                self.written.claim(facts.structs, entry)
            if facts.deletes:
                self.deleted.claim(facts.deletes, entry)


def _run(start: int, end: int, entry: Entry) -> Run:
    return Run(start, end, entry.author, entry.seq, entry.seq, entry.at, entry.at)


def _claim(runs: list[Run], fresh: Run) -> None:
    """Put in what of `fresh` is between the runs."""
    if not runs or fresh.start >= runs[-1].end:  # the common case: a client types on
        _append(runs, fresh)
        return
    index = max(0, bisect_right(runs, fresh.start, key=attrgetter("start")) - 1)
    start = fresh.start
    gaps: list[tuple[int, Run]] = []
    while index < len(runs) and start < fresh.end:
        run = runs[index]
        if start < run.start:
            gaps.append((index, fresh._replace(start=start, end=min(fresh.end, run.start))))
        start = max(start, run.end)
        index += 1
    if start < fresh.end:
        gaps.append((index, fresh._replace(start=start)))
    for place, gap in reversed(gaps):
        runs.insert(place, gap)


def _claim_many(runs: list[Run], fresh: list[Run]) -> None:
    """As `_claim` for each, in one pass. A delete set is sorted; structs are too, but for what a client skipped."""
    claimed = list(runs)
    runs.clear()
    index = 0
    for run in sorted(fresh):
        start = run.start
        while index < len(claimed) and claimed[index].start < run.end:
            held = claimed[index]
            if start < held.start:
                _append(runs, run._replace(start=start, end=held.start))
            start = max(start, held.end)
            if held.end > run.end:  # the next one may begin inside it
                break
            runs.append(held)
            index += 1
        if start < run.end:
            _append(runs, run._replace(start=start))
    runs.extend(claimed[index:])


def _append(runs: list[Run], fresh: Run) -> None:
    last = runs[-1] if runs else None
    if (
        last is not None
        and (last.end, last.person) == (fresh.start, fresh.person)
        and last.last <= fresh.first
        and 0 <= fresh.until - last.since < JOIN_MILLIS
    ):
        runs[-1] = last._replace(end=fresh.end, last=fresh.last, until=fresh.until)
    else:
        runs.append(fresh)
