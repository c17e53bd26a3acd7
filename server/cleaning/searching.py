"""Looks for many byte strings at once in a file of any size, in pieces of a few megabytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

_PIECE = 4 << 20
_PREFIX = 4


class Patterns:
    """Byte strings of at least four bytes, found by their first four.

    Tables of the first and the second two bytes throw out nearly every place; what is left is compared with the four.
    """

    def __init__(self, patterns: Iterable[bytes]) -> None:
        self._by_prefix: dict[int, list[bytes]] = {}
        for pattern in set(patterns):
            self._by_prefix.setdefault(int.from_bytes(pattern[:_PREFIX], "little"), []).append(pattern)
        self._prefixes = np.array(sorted(self._by_prefix), dtype=np.uint32)
        self._starts = np.zeros(1 << 16, dtype=np.bool_)
        self._starts[(self._prefixes & 0xFFFF).astype(np.intp)] = True
        self._seconds = np.zeros(1 << 16, dtype=np.bool_)
        self._seconds[(self._prefixes >> 16).astype(np.intp)] = True
        self.longest = max((len(each) for each in patterns), default=0)

    def __len__(self) -> int:
        return sum(len(each) for each in self._by_prefix.values())

    def found_in(self, piece: bytes) -> Iterator[tuple[int, bytes]]:
        """Every place where a pattern stands."""
        if len(piece) < _PREFIX or not self._by_prefix:
            return
        letters = np.frombuffer(piece, dtype=np.uint8)
        pairs = letters[:-1].astype(np.uint16) | letters[1:].astype(np.uint16) << 8
        places = np.flatnonzero(self._starts[pairs[: len(piece) - _PREFIX + 1]])
        places = places[self._seconds[pairs[places + 2]]]
        words = pairs[places].astype(np.uint32) | pairs[places + 2].astype(np.uint32) << 16
        for place in places[np.isin(words, self._prefixes)].tolist():
            for pattern in self._by_prefix[int.from_bytes(piece[place : place + _PREFIX], "little")]:
                if piece.startswith(pattern, place):
                    yield place, pattern


def search(path: Path, start: int, end: int, patterns: Patterns) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Each find between two offsets, with the byte before it and the byte after it (empty at the file's ends)."""
    overlap = max(patterns.longest + 1, 2)
    with path.open("rb") as file:
        at = start
        while at < end:
            file.seek(max(0, at - 1))
            lead = at - max(0, at - 1)
            piece = file.read(lead + _PIECE + overlap)
            for place, pattern in patterns.found_in(piece):
                # What begins in the overlap is found again in the next piece, with what stands before it.
                if lead <= place < lead + _PIECE and at + place - lead < end:
                    yield pattern, piece[max(0, place - 1) : place], piece[place + len(pattern) :][:1]
            at += _PIECE
