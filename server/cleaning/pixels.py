"""The pixels of an object that is passed on as it was taken: how many bytes they are, copied in pieces."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from server.cleaning.codestreams import without_comments
from server.cleaning.elements import Dataset, Leaf, Syntax, find, number_of, text_of
from server.cleaning.reading import Pixels, Source, Unreadable
from server.cleaning.writing import PixelWriter, encapsulated_pixels, native_pixels
from workspace.deidentification.outcome import Reason

PIECE_BYTES = 1 << 20
ROWS, COLUMNS, SAMPLES, FRAMES = 0x00280010, 0x00280011, 0x00280002, 0x00280008
BITS, STORED, SIGNED, PLANAR, PHOTOMETRIC = 0x00280100, 0x00280101, 0x00280103, 0x00280006, 0x00280004
_MAX_FRAMES, _MAX_FRAME_PIXELS = 200_000, 1 << 31

Progress = Callable[[int, int], None]
"""Told how much is done of how much, in bytes or in frames; the two are only to be divided."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What one frame is, as the dataset says."""

    rows: int
    columns: int
    samples: int
    bits: int
    stored: int
    signed: bool
    planar: bool
    photometric: str
    frames: int

    @property
    def subsampled(self) -> bool:
        """Two pixels share their colours."""
        return self.photometric == "YBR_FULL_422"

    def frame_bits(self, *, compressed: bool = False) -> int:
        """Bits of one frame when it is not compressed."""
        samples = 2 if self.subsampled and self.samples == 3 and not compressed else self.samples
        return self.rows * self.columns * samples * self.bits

    @property
    def total_bytes(self) -> int:
        """Bytes of all frames uncompressed; only frames of single bits share bytes."""
        return (self.frame_bits() * self.frames + 7) // 8


def shape_of(dataset: Dataset, syntax: Syntax) -> Shape:
    """The image's shape.

    Raises:
        Unreadable: it is missing, or is no image's.
    """
    rows, columns, bits = (number_of(dataset, tag, syntax) or 0 for tag in (ROWS, COLUMNS, BITS))
    samples = number_of(dataset, SAMPLES, syntax) or 1
    node = find(dataset, FRAMES)
    frames = number_of(dataset, FRAMES, syntax) if isinstance(node, Leaf) and len(node.value) else 1
    good = bits in (1, 8, 16, 32, 64) and samples in (1, 3, 4) and 0 < rows * columns < _MAX_FRAME_PIXELS
    if not good or frames is None or not 0 < frames <= _MAX_FRAMES:
        raise Unreadable(Reason.DAMAGED, "shape")
    return Shape(
        rows,
        columns,
        samples,
        bits,
        number_of(dataset, STORED, syntax) or bits,
        number_of(dataset, SIGNED, syntax) == 1,
        number_of(dataset, PLANAR, syntax) == 1,
        text_of(dataset, PHOTOMETRIC),
        frames,
    )


def copied(source: Source, pixels: Pixels, shape: Shape, progress: Progress) -> PixelWriter:
    """Passes pixels on, without what stands behind the last frame and between the lines of a codec.

    Raises:
        Unreadable: there are fewer than the dataset says.
    """
    if source.syntax.encapsulated:
        fragments = _Copying(source.path, sum(length for _, length in pixels.stretches), progress)
        if len(pixels.stretches) < 2:
            raise Unreadable(Reason.DAMAGED, "no frames")
        return encapsulated_pixels(pixels.tag, source.syntax, fragments.fragments(pixels))
    start, length = pixels.stretches[0]
    if length < shape.total_bytes:
        raise Unreadable(Reason.DAMAGED, "too few pixels")
    copying = _Copying(source.path, shape.total_bytes, progress)
    count, pieces = shape.total_bytes, copying.pieces(start, shape.total_bytes)
    if source.syntax.big_endian and shape.bits == 8 and pixels.vr == "OW" and count < length and count % 2:
        # Two pixels lie swapped in a big-endian word: the last one stands behind what fills it up.
        pieces = chain(copying.pieces(start, count - 1), (b"\0",), copying.pieces(start + count, 1))
        count += 1
    return native_pixels(pixels.tag, pixels.vr, count, source.syntax, pieces)


@dataclass(slots=True)
class _Copying:
    path: Path
    total: int
    progress: Progress
    done: int = 0

    def pieces(self, start: int, length: int) -> Iterator[bytes]:
        with self.path.open("rb") as file:
            yield from self._read(file, start, length)

    def fragments(self, pixels: Pixels) -> Iterator[tuple[int, Iterator[bytes]]]:
        with self.path.open("rb") as file:
            for start, length in pixels.stretches:
                yield length, self._fragment(file, start, length)

    def _fragment(self, file: BinaryIO, start: int, length: int) -> Iterator[bytes]:
        # All that precedes a frame's samples fits into one piece, but for what nobody sends.
        pieces = self._read(file, start, length)
        if (first := next(pieces, None)) is not None:
            yield without_comments(first)
        yield from pieces

    def _read(self, file: BinaryIO, start: int, length: int) -> Iterator[bytes]:
        file.seek(start)
        left = length
        while left:
            piece = file.read(min(PIECE_BYTES, left))
            if not piece:
                raise Unreadable(Reason.DAMAGED, "cut off")
            left -= len(piece)
            self.done += len(piece)
            self.progress(self.done, self.total)
            yield piece
