"""A process that may die: it gives what our reader has passed to pycrdt, as the server does, and tells what happened.

Standard input: batches of varBytes, each batch headed by its count (varUint). Standard output: one JSON list per batch,
of [position in the batch, where, what].
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from typing import Any, BinaryIO

from pycrdt import Doc, get_state, get_update, merge_updates

from workspace.ranges import Ranges
from workspace.update import EMPTY_UPDATE, ClientRange, encode_state_vector, read_state_vector, read_update, walk_update

KNOWN_REFUSAL = "must be deleted or shared ref type"
"""A struct whose parent is no type: Yjs drops it, yrs raises and goes no further. One update alone cannot show it."""
Trouble = tuple[int, str, str]


def as_ranges(spans: Iterable[ClientRange]) -> Ranges:
    """The union of the spans."""
    ranges = Ranges()
    for client, start, end in spans:
        ranges.add(client, start, end)
    return ranges


class Victim:
    """Holds what a batch comes to, merged as a room merges it.

    A `Doc` is given one update, merged from all: fed edit by edit it dies of a client that says two things under one
    clock (3 of 269 batches); merging settles that (0 of 320,000).
    """

    def __init__(self) -> None:
        self._merged = EMPTY_UPDATE
        self._troubles: list[Trouble] = []

    def suffer(self, batch: list[bytes]) -> list[Trouble]:
        """Run a batch, and read what came of it."""
        for position, update in enumerate(batch):
            for ordeal in (self._read_alike, self._cut, self._apply_alone, self._merge):
                self._try(position, ordeal, update)
        self._try(len(batch) - 1, self._apply_alone, self._merged)
        return self._troubles

    def _try(self, position: int, ordeal: Callable[[bytes], None], update: bytes) -> None:
        try:
            ordeal(update)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # a panic of Rust is no Exception
            self._troubles.append((position, ordeal.__name__.lstrip("_"), f"{type(error).__name__}: {error}"))

    def _read_alike(self, update: bytes) -> None:
        ours, theirs = read_update(update), read_update(merge_updates(update, EMPTY_UPDATE))
        assert as_ranges(ours.structs) == as_ranges(theirs.structs), "structs differ"
        assert as_ranges(ours.deletes) == as_ranges(theirs.deletes), "deletes differ"
        assert read_state_vector(get_state(update)) == as_ranges(ours.structs).heads(), "state vectors differ"

    def _cut(self, update: bytes) -> None:
        facts = read_update(update)
        get_update(update, encode_state_vector({client: (start + end) // 2 for client, start, end in facts.structs}))
        structs = list(walk_update(update))
        middle = {struct.client: struct.clock for struct in structs[: len(structs) // 2 + 1]}
        rest = read_update(get_update(update, encode_state_vector(middle)))
        due = [
            ClientRange(c, max(start, middle.get(c, 0)), end)
            for c, start, end in facts.structs
            if end > middle.get(c, 0)
        ]
        assert as_ranges(rest.structs) == as_ranges(due), "structs differ"
        assert as_ranges(rest.deletes) == as_ranges(facts.deletes), "deletes differ"

    def _apply_alone(self, update: bytes) -> None:
        document: Doc[Any] = Doc(client_id=98)
        try:
            document.apply_update(update)
        except RuntimeError as error:
            if KNOWN_REFUSAL not in str(error):
                raise
        document.get_update(document.get_state())
        document.get_update()

    def _merge(self, update: bytes) -> None:
        self._merged = merge_updates(self._merged, update)


def read_var_uint(source: BinaryIO) -> int | None:
    """From a stream; None at its end."""
    value = shift = 0
    while byte := source.read(1):
        value |= (byte[0] & 127) << shift
        shift += 7
        if byte[0] < 128:
            return value
    return None


def main() -> None:
    """Serve batches until there are no more."""
    source = sys.stdin.buffer
    while (count := read_var_uint(source)) is not None:
        batch = [source.read(read_var_uint(source) or 0) for _ in range(count)]
        print(json.dumps(Victim().suffer(batch)), flush=True)


if __name__ == "__main__":
    main()
