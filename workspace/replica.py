"""What a node holds of one document: the received bytes, and which structs and deletions they carry. No `Doc`.

A `Doc` costs megabytes and answers slowly; a relay needs neither. Bytes are kept as a few chunks that grow like the
digits of a binary counter, because `merge_updates` of many updates at once is about quadratic while merging neighbours
of like size touches each byte a logarithmic number of times.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pycrdt import get_update, merge_updates

from workspace.brought import missing
from workspace.ids import ClientId, Seq, StateVector, UpdateBytes
from workspace.ranges import Ranges
from workspace.structs import StructId
from workspace.update import EMPTY_UPDATE, UpdateFacts, encode_state_vector

RANGE_BYTES = 100
"""Of memory, for a range of two integers in a list."""
TAIL_LENGTH = 64
"""Fresh updates kept as they came before they are folded; 64 is arbitrary: large enough to keep typing off the
merger."""


def fold(updates: list[UpdateBytes]) -> UpdateBytes:
    """Merge updates in order, pairwise as a tree. Keeps what waits for missing predecessors. Nothing at all is the
    empty update."""
    level = updates
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=False)
        folded = [UpdateBytes(merge_updates(left, right)) for left, right in pairs]
        level = folded + level[len(level) - len(level) % 2 :]
    return level[0] if level else UpdateBytes(EMPTY_UPDATE)


@dataclass(frozen=True, slots=True)
class Holding:
    """A frozen view of a replica, safe to hand to a thread: what compaction works on."""

    seq: Seq
    chunks: tuple[UpdateBytes, ...]
    held: Ranges
    deleted: Ranges


class Replica:
    """One document as of `seq`.

    Invariants: (1) `held` and `deleted` are exactly the union of the facts of all chunks; (2) no received byte range is
    forgotten but by `compacted`, which replaces chunks by bytes proven to hold the same.
    """

    def __init__(self, seq: Seq, base: UpdateBytes | None, held: Ranges, deleted: Ranges) -> None:
        """`base` stands for entries 1…`seq`; `held` and `deleted` say what is in it."""
        self.seq = seq
        self.held = held
        self.deleted = deleted
        self._chunks: list[UpdateBytes] = [base] if base is not None else []
        self._sealed = 0
        self._tail: list[UpdateBytes] = []
        self._size = len(base) if base is not None else 0
        self._state_vector: StateVector | None = None
        self._waiting: dict[ClientId, tuple[int, tuple[StructId, ...]]] = {}
        """From which clock on a client's structs wait for structs of others, and for which. Not known of `base`."""

    @property
    def size(self) -> int:
        """Bytes held, before any merging that is still to come."""
        return self._size

    @property
    def weight(self) -> int:
        """What holding the document costs, in bytes: scattered edits weigh more than their bytes."""
        return self._size + RANGE_BYTES * (self.held.count + self.deleted.count)

    def missing(self, facts: UpdateFacts) -> UpdateFacts:
        """What an update with these facts brings that is not held: `facts` itself when all of it is new."""
        return missing(facts, self.held, self.deleted)

    def new_clients(self, facts: UpdateFacts) -> set[ClientId]:
        """The client ids of which the update brings structs that are not held."""
        return {client for client, _, _ in self.held.lacking(facts.structs)}

    def take(self, seq: Seq, update: UpdateBytes, facts: UpdateFacts) -> None:
        """Apply the next entry."""
        self.seq = seq
        fresh = (
            [(client, max(start, self.held.head(client))) for client, start, _ in facts.structs] if facts.needs else []
        )
        self.held.add_all(facts.structs)
        self.deleted.add_all(facts.deletes)
        if fresh and not self._have(facts.needs):
            for client, start in fresh:
                self._waiting.setdefault(client, (start, facts.needs))
        elif self._waiting:
            self._release()
        if facts.structs:
            self._state_vector = None
        self._size += len(update)
        self._tail.append(update)
        if len(self._tail) >= TAIL_LENGTH:
            self._fold_tail()

    def waits(self, facts: UpdateFacts) -> bool:
        """Whether some of the update's structs, now taken, wait for others that never came, their author's or not."""
        return any(
            end > self.held.head(client) or (client in self._waiting and end > self._waiting[client][0])
            for client, _, end in facts.structs
        )

    def _have(self, needs: Iterable[StructId]) -> bool:
        """Whether these structs are here, and do not wait themselves."""
        waiting = self._waiting
        return all(
            clock < self.held.head(client) and (client not in waiting or clock < waiting[client][0])
            for client, clock in needs
        )

    def _release(self) -> None:
        """What came may be what others waited for, and those what yet others waited for."""
        while came := [client for client, (_, needs) in self._waiting.items() if self._have(needs)]:
            for client in came:
                del self._waiting[client]

    def state_vector(self) -> StateVector:
        """What is held from clock 0 without a gap, per client."""
        if self._state_vector is None:
            self._state_vector = encode_state_vector(self.held.heads())
        return self._state_vector

    def answer(self, state_vector: Mapping[ClientId, int]) -> list[UpdateBytes]:
        """What a replica with this state vector lacks, as updates to be applied in order; the last one may be empty.

        An empty vector is answered with the stored bytes as they are. Each chunk is cut by itself, so nothing is
        merged.
        """
        self._fold_tail()
        if not state_vector:
            return list(self._chunks) or [UpdateBytes(EMPTY_UPDATE)]
        encoded = encode_state_vector(state_vector)
        parts = [UpdateBytes(get_update(chunk, encoded)) for chunk in self._chunks]
        return [part for part in parts if part != EMPTY_UPDATE] or [UpdateBytes(EMPTY_UPDATE)]

    def seal(self) -> Holding:
        """Freeze what is here for a compaction; later chunks stay apart from it until `compacted` or `unseal`."""
        self._fold_tail()
        self._sealed = len(self._chunks)
        return Holding(self.seq, tuple(self._chunks), self.held.copy(), self.deleted.copy())

    def compacted(self, update: UpdateBytes) -> None:
        """Replace the sealed chunks by one update that holds the same."""
        self._chunks[: self._sealed] = [update]
        self._sealed = 0
        self._size = sum(map(len, self._chunks)) + sum(map(len, self._tail))

    def unseal(self) -> None:
        """A compaction failed: go on as before."""
        self._sealed = 0

    def _fold_tail(self) -> None:
        if not self._tail:
            return
        self._chunks.append(fold(self._tail))
        self._tail = []
        while len(self._chunks) - self._sealed >= 2 and len(self._chunks[-2]) < 2 * len(self._chunks[-1]):
            last = self._chunks.pop()
            self._chunks[-1] = UpdateBytes(merge_updates(self._chunks[-1], last))
        self._size = sum(map(len, self._chunks))
