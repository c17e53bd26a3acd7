"""What containers of videos are made of, by a reader of our own. [CLN-9]

ISO/IEC 14496-12 §4.2 (boxes of MP4 and QuickTime), RFC 8794 and RFC 9559 (EBML, Matroska, WebM), RIFF (AVI).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from server.cleaning.pieces import Unwalkable

PARENTS = {b"moov", b"trak", b"edts", b"mdia", b"minf", b"dinf", b"stbl", b"udta", b"ilst", b"\xa9too"}
MOST_BOXES = 200_000
MOST_DEEP = 12
MASTERS = {
    bytes.fromhex(name)
    for name in [
        "1A45DFA3",
        "18538067",
        "114D9B74",
        "4DBB",
        "1549A966",
        "1654AE6B",
        "AE",
        "E0",
        "E1",
        "1F43B675",
        "A0",
        "1C53BB6B",
        "BB",
        "B7",
        "1254C367",
        "7373",
        "63C0",
        "67C8",
        "55B0",
        "55D0",
        "1043A770",
        "1941A469",
        "61A7",
    ]
}
"""EBML elements that hold others."""
CLUSTER = bytes.fromhex("1F43B675")
OUTERMOST = {
    bytes.fromhex(name) for name in ["1F43B675", "1C53BB6B", "1254C367", "1043A770", "1941A469", "1549A966", "1654AE6B"]
}
"""What ends a cluster of unknown length."""


@dataclass(frozen=True, slots=True)
class Box:
    """A box, an element or a chunk: its path of names, and where its payload stands."""

    path: tuple[bytes, ...]
    start: int
    end: int


def mp4_boxes(file: BinaryIO) -> Iterator[Box]:
    """All boxes of an MP4 or QuickTime file. Raises: Unwalkable, also where a box is longer than the file; OSError."""
    yield from _boxes(file, 0, _size(file), ())


def _size(file: BinaryIO) -> int:
    return os.fstat(file.fileno()).st_size


def _boxes(file: BinaryIO, at: int, end: int, above: tuple[bytes, ...]) -> Iterator[Box]:
    if len(above) > MOST_DEEP:
        raise Unwalkable("too deep")
    for _ in range(MOST_BOXES):
        if at >= end:
            return
        file.seek(at)
        head = file.read(16)
        if len(head) < 8:
            if above[-1:] == (b"udta",) and not any(head):  # QuickTime ends it with four zeros
                return
            raise Unwalkable("half a box")
        length, name = int.from_bytes(head[:4], "big"), head[4:8]
        start = at + 8
        if length == 1:
            length, start = int.from_bytes(head[8:16], "big"), at + 16
        elif length == 0 and not above:
            length = end - at
        if length == 0 and above[-1:] == (b"udta",):
            return
        if length < start - at or at + length > end:
            raise Unwalkable("a box is longer than what holds it")
        path = (*above, name)
        yield Box(path, start, at + length)
        if name in PARENTS:
            yield from _boxes(file, start, at + length, path)
        elif name == b"meta" and above[-1:] == (b"udta",):
            file.seek(start)
            yield from _boxes(file, start + (0 if file.read(8)[4:8] == b"hdlr" else 4), at + length, path)
        at += length
    raise Unwalkable("too many boxes")


def ebml_elements(file: BinaryIO) -> Iterator[Box]:
    """All elements of a Matroska or WebM file, by their ids as bytes. Raises: as `mp4_boxes`."""
    at, size = 0, _size(file)
    holding: list[Holding] = []
    for _ in range(20 * MOST_BOXES):
        while holding and at >= holding[-1].end:
            holding.pop()
        if at >= size:
            return
        file.seek(at)
        name, start, length = _element(file.read(12), at)
        if name in OUTERMOST and holding and holding[-1].is_open and holding[-1].name == CLUSTER:
            holding.pop()
        bound = holding[-1].end if holding else size
        end = bound if length is None else start + length
        if end > bound or len(holding) > MOST_DEEP:
            raise Unwalkable("an element is longer than what holds it")
        yield Box((*(each.name for each in holding), name), start, end)
        if name in MASTERS:
            holding.append(Holding(name, end, length is None))
            at = start
        else:
            at = end
    raise Unwalkable("too many elements")


@dataclass(frozen=True, slots=True)
class Holding:
    """An element that is being read."""

    name: bytes
    end: int
    is_open: bool
    """Of unknown length, as live recordings leave it."""


def _element(head: bytes, at: int) -> tuple[bytes, int, int | None]:
    """An element's id, where its payload begins, and how long it is if that is known (RFC 8794 §4, §5)."""
    wide = 9 - head[0].bit_length() if head and head[0] else 9
    if wide > 4 or len(head) <= wide or not head[wide]:
        raise Unwalkable("no element")
    length_wide = 9 - head[wide].bit_length()
    raw = head[wide : wide + length_wide]
    if len(raw) < length_wide:
        raise Unwalkable("half an element")
    most = (1 << 7 * length_wide) - 1
    length = int.from_bytes(raw, "big") & most
    return head[:wide], at + wide + length_wide, None if length == most else length


def riff_chunks(file: BinaryIO) -> Iterator[Box]:
    """The outermost chunks of an AVI. Raises: as `mp4_boxes`."""
    at, end = 0, _size(file)
    while at + 8 <= end:
        file.seek(at)
        head = file.read(8)
        length = int.from_bytes(head[4:], "little")
        if at + 8 + length > end:
            raise Unwalkable("a chunk is longer than the file")
        yield Box((head[:4],), at + 8, at + 8 + length)
        at += 8 + length + length % 2
