"""Reads a journal back in portions that are bounded in entries and in bytes, and names those who wrote."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from server.body import Answer, Id
from storage.ports import Journal, People
from workspace.entries import Entry
from workspace.ids import DocumentId, PersonId, Seq
from workspace.session import colour_of

MOST_ENTRIES = 1_000
MOST_BYTES = 4 * 1024 * 1024
"""Of one portion, unless a single entry is larger."""
AT_ONCE = 2
"""Histories that one kind of question computes at the same time: each takes a thread and some megabytes."""


class Author(Answer):
    """Who wrote, also when they have left the case."""

    id: Id
    name: str | None
    """None: there is no such account."""
    color: str
    """`#rrggbb`, as others see it."""


async def name_authors(people: People, ids: Collection[PersonId]) -> Mapping[PersonId, Author]:
    """Everybody who is asked for, with a name if they have one. [HIS-1]"""
    found = await people.find(set(ids))
    return {
        each: Author(id=each, name=found[each].name if each in found else None, color=colour_of(each)) for each in ids
    }


async def portions(journal: Journal, document: DocumentId, *, after: Seq, until: Seq) -> AsyncIterator[Sequence[Entry]]:
    """The entries `after < seq <= until` in order; only one portion is in memory. Raises: NotFound."""
    reached = after
    while reached < until:
        portion = await read_portion(journal, document, after=reached, until=until)
        if not portion:
            return
        yield portion
        reached = portion[-1].seq


async def read_portion(journal: Journal, document: DocumentId, *, after: Seq, until: Seq) -> Sequence[Entry]:
    """The next entries, at least one if there is one. Their lengths are asked first: an entry may be megabytes."""
    last, size = after, 0
    for mark in await journal.marks(document, after=after, until=until, limit=MOST_ENTRIES):
        size += mark.length
        if size > MOST_BYTES and last > after:
            break
        last = mark.seq
    return await journal.read(document, after=after, until=last, limit=MOST_ENTRIES) if last > after else ()


V = TypeVar("V")


@dataclass(eq=False, slots=True)
class _Held(Generic[V]):
    value: V
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    is_broken: bool = False


class Remembered(Generic[V]):
    """One value for each of the documents asked for last, which grows with its journal; dropped, it is made anew."""

    def __init__(self, make: Callable[[], V], cost: Callable[[V], int], *, most_cost: int, most: int = 64) -> None:
        self._make = make
        self._cost = cost
        self._most_cost = most_cost
        self._most = most
        self._held: OrderedDict[DocumentId, _Held[V]] = OrderedDict()

    @asynccontextmanager
    async def growing(self, document: DocumentId) -> AsyncIterator[V]:
        """The document's value, for one caller at a time.

        A caller that fails or is cancelled may leave a thread behind that is still changing it: nobody uses it again.
        """
        while True:
            held = self._get(document)
            async with held.lock:
                if held.is_broken:
                    continue
                try:
                    yield held.value
                except BaseException:
                    held.is_broken = True
                    self._held.pop(document, None)
                    raise
                self._forget()
                return

    def _get(self, document: DocumentId) -> _Held[V]:
        if document not in self._held:
            self._held[document] = _Held(self._make())
        self._held.move_to_end(document)
        return self._held[document]

    def _forget(self) -> None:
        """The newest stays, whatever it costs: what one document may hold is bounded elsewhere."""
        cost = sum(self._cost(each.value) for each in self._held.values())
        while len(self._held) > 1 and (len(self._held) > self._most or cost > self._most_cost):
            _, held = self._held.popitem(last=False)
            cost -= self._cost(held.value)
