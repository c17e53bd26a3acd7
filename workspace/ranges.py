"""Which clocks of which clients: the arithmetic of "what is held", for structs and for deletions alike.

A Yjs replica is a set of structs, each named by (client id, clock). Ranges are half-open, in clock units (UTF-16 code
units for text), sorted, disjoint and never empty.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter

from workspace.ids import ClientId
from workspace.update import ClientRange

Span = tuple[int, int]
MANY = 256
"""From this many new spans on it is cheaper to build the list anew than to make room in it for each of them."""


class Ranges:
    """For each client, the clocks that are in."""

    __slots__ = ("_spans", "count")

    def __init__(self, spans: dict[ClientId, list[Span]] | None = None) -> None:
        """`spans` must be sorted, disjoint and merged per client; it is taken over, not copied."""
        self._spans: dict[ClientId, list[Span]] = spans if spans is not None else {}
        self.count = sum(map(len, self._spans.values()))
        """How many ranges there are; what holding them costs grows with it."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ranges) and self._spans == other._spans

    def __hash__(self) -> int:
        raise TypeError("Ranges change; they are not keys")

    def __iter__(self) -> Iterator[tuple[ClientId, list[Span]]]:
        return iter(self._spans.items())

    def copy(self) -> Ranges:
        """An independent copy."""
        return Ranges({client: list(spans) for client, spans in self._spans.items()})

    def add(self, client: ClientId, start: int, end: int) -> None:
        """Put `start <= clock < end` in."""
        spans = self._spans.get(client)
        if spans is None:
            self._spans[client] = [(start, end)]
            self.count += 1
            return
        last_start, last_end = spans[-1]
        if last_start <= start <= last_end:  # the common case: a client types on
            if end > last_end:
                spans[-1] = (last_start, end)
            return
        low = bisect_right(spans, start, key=lambda span: span[0])
        if low and spans[low - 1][1] >= start:
            low -= 1
        high = bisect_right(spans, end, key=lambda span: span[0])
        joined = spans[low:high]
        if joined:
            start, end = min(start, joined[0][0]), max(end, joined[-1][1])
        spans[low:high] = [(start, end)]
        self.count += 1 - len(joined)

    def add_all(self, others: Sequence[tuple[ClientId, int, int]]) -> None:
        """Put each (client, start, end) in. One update may hold a million, all between those that are here: adding
        them one by one would take minutes."""
        if len(others) < MANY:
            for client, start, end in others:
                self.add(client, start, end)
            return
        for client, group in groupby(others, key=itemgetter(0)):
            before = self._spans.get(client, [])
            spans = self._spans[client] = _joined(sorted([*before, *((start, end) for _, start, end in group)]))
            self.count += len(spans) - len(before)

    def covers(self, client: ClientId, start: int, end: int) -> bool:
        """Whether all of `start <= clock < end` is in."""
        spans = self._spans.get(client)
        if spans is None:
            return False
        index = bisect_right(spans, start, key=lambda span: span[0]) - 1
        return index >= 0 and end <= spans[index][1]

    def contain(self, others: Iterable[tuple[ClientId, int, int]]) -> bool:
        """Whether all of each (client, start, end) is in."""
        return all(self.covers(client, start, end) for client, start, end in others)

    def lacking(self, others: tuple[ClientRange, ...]) -> tuple[ClientRange, ...]:
        """Those parts of `others` that are not in; `others` itself when nothing of it is."""
        for client, start, _ in others:
            spans = self._spans.get(client)
            if spans is not None and spans[-1][1] > start:
                break
        else:  # the common case: a client types on
            return others
        parts = tuple(part for each in others for part in self._parts_lacking(*each))
        return others if parts == others else parts

    def _parts_lacking(self, client: ClientId, start: int, end: int) -> Iterator[ClientRange]:
        spans = self._spans.get(client, [])
        index = bisect_right(spans, start, key=lambda span: span[0])
        if index:
            start = max(start, spans[index - 1][1])
        while start < end:
            low, high = spans[index] if index < len(spans) else (end, end)
            if start < min(low, end):
                yield ClientRange(client, start, min(low, end))
            start = max(start, high)
            index += 1

    def head(self, client: ClientId) -> int:
        """The first clock that is not in, counted from 0: what a state vector says."""
        spans = self._spans.get(client)
        return spans[0][1] if spans and spans[0][0] == 0 else 0

    def heads(self) -> dict[ClientId, int]:
        """`head` of every client that has one above 0: a state vector as a mapping."""
        return {client: spans[0][1] for client, spans in self._spans.items() if spans[0][0] == 0}

    @property
    def has_gaps(self) -> bool:
        """Whether some client's clocks do not run from 0 without a hole."""
        return any(len(spans) > 1 or spans[0][0] != 0 for spans in self._spans.values())


def _joined(spans: list[Span]) -> list[Span]:
    joined: list[Span] = []
    last_start, last_end = spans[0]
    for start, end in spans:
        if start > last_end:
            joined.append((last_start, last_end))
            last_start, last_end = start, end
        elif end > last_end:
            last_end = end
    joined.append((last_start, last_end))
    return joined
