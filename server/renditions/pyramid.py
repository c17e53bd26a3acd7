"""Deep zoom: a picture in tiles of 512 pixels, on levels each half as large as the one before. [REN-4]

Made from strips that come once, from top to bottom: what is held is one row of tiles on each level, whatever the size.
"""

from __future__ import annotations

import io
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image, fromarray

from server.cleaning.outcome import Json
from server.renditions.rendition import Pack

TILE = 512
"""Pixels: about 50 kB as a JPEG, four to nine on a screen."""
QUALITY = 85
Octets = NDArray[np.uint8]


class Pyramid:
    """One picture on its way into `pack`."""

    def __init__(self, width: int, height: int, pack: Pack, keep_within: int) -> None:
        self._pack = pack
        self._levels: list[_Level] = []
        while True:
            self._levels.append(_Level(width, height))
            if width <= TILE and height <= TILE:
                break
            width, height = (width + 1) // 2, (height + 1) // 2
        self._kept = next(
            (n for n, each in enumerate(self._levels) if max(each.width, each.height) <= keep_within),
            len(self._levels) - 1,
        )
        self._strips: list[Octets] = []

    def add(self, rows: Octets) -> None:
        """Append rows of 8 bit grey or colour."""
        self._add(0, rows)

    def _add(self, number: int, rows: Octets) -> None:
        level = self._levels[number]
        if number == self._kept:
            self._strips.append(rows)
        level.waiting.append(rows)
        level.count += len(rows)
        level.came += len(rows)
        is_last = level.came == level.height
        while level.count >= TILE or (is_last and level.count):
            strip = np.concatenate(level.waiting)
            part, rest = strip[:TILE], strip[TILE:]
            level.waiting, level.count = ([rest], len(rest)) if len(rest) else ([], 0)
            level.places.append([self._pack.add(_tile(part[:, x : x + TILE])) for x in range(0, level.width, TILE)])
            if number + 1 < len(self._levels):
                self._add(number + 1, _halved(part))

    def end(self) -> tuple[dict[str, Json], Image]:
        """What the manifest says of it, and the largest level that fits into what is kept, as a picture.

        Raises: ValueError when rows are missing.
        """
        if any(level.came != level.height for level in self._levels):
            raise ValueError("rows are missing")
        levels: list[Json] = [
            {"width": level.width, "height": level.height, "tiles": [list(row) for row in level.places]}
            for level in self._levels
        ]
        said: dict[str, Json] = {"tile": TILE, "overlap": 0, "content_type": "image/jpeg", "levels": levels}
        return said, fromarray(np.concatenate(self._strips))


class _Level:
    """One size of the picture."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.waiting: list[Octets] = []
        self.count = 0
        self.came = 0
        self.places: list[list[Json]] = []


def _tile(pixels: Octets) -> bytes:
    file = io.BytesIO()
    fromarray(np.ascontiguousarray(pixels)).save(file, "JPEG", quality=QUALITY)
    return file.getvalue()


def _halved(rows: Octets) -> Octets:
    """Means of two by two. Strips begin at even rows, and only the last may end at an odd one."""
    if len(rows) % 2:
        rows = np.concatenate([rows, rows[-1:]])
    if rows.shape[1] % 2:
        rows = np.concatenate([rows, rows[:, -1:]], axis=1)
    wide = rows.astype(np.uint16)
    total = wide[0::2, 0::2] + wide[1::2, 0::2] + wide[0::2, 1::2] + wide[1::2, 1::2]
    return ((total + 2) >> 2).astype(np.uint8)


def pyramid(
    width: int, height: int, strips: Iterable[Octets], pack: Pack, keep_within: int
) -> tuple[dict[str, Json], Image]:
    """All of it. Raises: OSError, ValueError when rows are missing."""
    made = Pyramid(width, height, pack, keep_within)
    for rows in strips:
        made.add(rows)
    return made.end()
