"""PNG files written and read row by row, so that a picture of any size needs the memory of some rows (W3C PNG). [CLN-5]

What is written here is read here: no interlacing, and each row is filtered by Sub (§9.2), which NumPy undoes at once.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8] | NDArray[np.uint16]
"""Rows × columns, or rows × columns × 3."""
SIGNATURE = b"\x89PNG\r\n\x1a\n"
SUB = 1
LEVEL = 4
CHUNK_BYTES = 1 << 20


class NotOurs(Exception):
    """A PNG that was not written here."""


class PngWriter:
    """One picture on its way into `file`."""

    def __init__(self, file: BinaryIO, width: int, height: int, like: Pixels) -> None:
        self.bits = 16 if like.dtype == np.uint16 else 8
        self._file = file
        self._left = height
        self._width = width
        self._step = (3 if like.ndim == 3 else 1) * self.bits // 8
        self._deflate = zlib.compressobj(LEVEL)
        self._waiting = bytearray()
        file.write(SIGNATURE)
        self._chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, self.bits, 2 if like.ndim == 3 else 0, 0, 0, 0))

    def add(self, rows: Pixels) -> None:
        """Append rows. Raises: ValueError for more than there are, or of another width; OSError."""
        if len(rows) > self._left or rows.shape[1] != self._width:
            raise ValueError("rows of another picture")
        self._left -= len(rows)
        ordered = np.ascontiguousarray(rows, dtype=">u2" if self.bits == 16 else np.uint8)
        octets = ordered.view(np.uint8).reshape(len(rows), -1)
        filtered = np.empty((len(rows), octets.shape[1] + 1), np.uint8)
        filtered[:, 0] = SUB
        filtered[:, 1 : 1 + self._step] = octets[:, : self._step]
        np.subtract(octets[:, self._step :], octets[:, : -self._step], out=filtered[:, 1 + self._step :])
        self._waiting += self._deflate.compress(filtered.data)
        self._drain(CHUNK_BYTES)

    def end(self) -> None:
        """Write what waits, and the end. Raises: ValueError when rows are missing; OSError."""
        if self._left:
            raise ValueError("rows are missing")
        self._waiting += self._deflate.flush()
        self._drain(1)
        self._chunk(b"IEND", b"")

    def _drain(self, least: int) -> None:
        while len(self._waiting) >= least:
            self._chunk(b"IDAT", bytes(self._waiting[:CHUNK_BYTES]))
            del self._waiting[:CHUNK_BYTES]

    def _chunk(self, name: bytes, payload: bytes) -> None:
        self._file.write(
            struct.pack(">I", len(payload)) + name + payload + struct.pack(">I", zlib.crc32(name + payload))
        )


def read_rows(source: Path, at_once: int) -> Iterator[Pixels]:
    """The rows of a PNG that `PngWriter` wrote, `at_once` at a time. Raises: NotOurs, OSError."""
    with source.open("rb") as file:
        head = file.read(33)
        if len(head) < 33 or not head.startswith(SIGNATURE):
            raise NotOurs
        width, height, depth, colour, *_, interlaced = struct.unpack_from(">IIBBBBB", head, 16)
        if colour not in {0, 2} or depth not in {8, 16} or interlaced:
            raise NotOurs
        planes = 3 if colour == 2 else 1
        step = planes * depth // 8
        row_bytes = 1 + width * step
        inflated = _inflated(file, row_bytes * at_once)
        left = height
        for part in inflated:
            count = min(left, at_once)
            if len(part) < count * row_bytes:
                raise NotOurs
            yield _unfiltered(part[: count * row_bytes], count, step, depth, planes)
            left -= count
            if not left:
                return
        raise NotOurs


def _unfiltered(part: bytes, count: int, step: int, depth: int, planes: int) -> Pixels:
    filtered = np.frombuffer(part, np.uint8).reshape(count, -1)
    if (filtered[:, 0] != SUB).any():
        raise NotOurs
    octets = np.cumsum(filtered[:, 1:].reshape(count, -1, step), axis=1, dtype=np.uint8)
    if depth == 16:
        wide = octets.reshape(count, -1).view(">u2").astype(np.uint16)
        return wide.reshape(count, -1, planes) if planes == 3 else wide
    return octets if planes == 3 else octets.reshape(count, -1)


def _inflated(file: BinaryIO, size: int) -> Iterator[bytes]:
    """The pixels' bytes, `size` at a time, the last ones fewer."""
    inflate, waiting = zlib.decompressobj(), bytearray()
    while len(head := file.read(8)) == 8:
        length, name = struct.unpack(">I4s", head)
        if name != b"IDAT":
            break
        coded = file.read(length)
        file.read(4)
        while coded:
            waiting += inflate.decompress(coded, max(1, size - len(waiting)))
            coded = inflate.unconsumed_tail
            if len(waiting) >= size:
                yield bytes(waiting[:size])
                del waiting[:size]
    waiting += inflate.flush()
    if waiting:
        yield bytes(waiting)
