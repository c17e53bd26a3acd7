"""TIFF files that are too large for memory, read strip by strip or tile by tile (TIFF 6.0 §3, §15). [CLN-5]

Each strip is given to Pillow as a small TIFF of its own, so that every compression it knows can be read; what is held
at a time is one row of tiles, or one strip.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
from PIL.Image import Image, new
from PIL.TiffImagePlugin import ImageFileDirectory_v2, TiffImageFile

from server.cleaning.raster import TooMuchInside, Unreadable, Unsupported, in_srgb, opaque
from server.cleaning.rows import Pixels, PngWriter

Order: TypeAlias = Literal["<", ">"]
WIDTH, HEIGHT, BITS, COMPRESSION, ORIENTATION, PLANAR = 256, 257, 258, 259, 274, 284
STRIP_OFFSETS, ROWS_PER_STRIP, STRIP_SIZES = 273, 278, 279
TILE_WIDTH, TILE_HEIGHT, TILE_OFFSETS, TILE_SIZES = 322, 323, 324, 325
ICC = 34675
CARRIED = (258, 259, 262, 266, 277, 284, 317, 320, 338, 339, 347, 530)
"""Tags without which a strip cannot be decoded."""
MAX_BAND_PIXELS = 64_000_000
"""Of one strip, or one row of tiles: a quarter of a gigabyte."""
MAX_STRIP_BYTES = 256 * 1024 * 1024
ROWS_AT_ONCE = 256
"""Of uncompressed strips, which can be cut anywhere."""


@dataclass(frozen=True, slots=True)
class Copied:
    """A picture copied without ever being whole in memory."""

    file: Path
    width: int
    height: int
    bits: int


@dataclass(frozen=True, slots=True)
class Cell:
    """A strip or a tile: where its bytes are and which pixels it holds."""

    x: int
    y: int
    width: int
    height: int
    offset: int
    size: int


def pixels(source: Path) -> int:
    """How many pixels the first page of a TIFF has, by its header; 0 when it cannot be read."""
    try:
        with TiffImageFile(source) as image:
            width, height = image.size
            return width * height
    except Exception:  # told again, and properly, by the one who decodes it
        return 0


def copy(source: Path, target: Path, max_pixels: int) -> Copied:
    """Write the first page as a PNG. Raises: Unreadable, Unsupported, TooMuchInside, OSError and what decoders do."""
    with TiffImageFile(source) as image:
        tags = image.tag_v2
        width, height = _number(tags, WIDTH), _number(tags, HEIGHT)
        if width * height > max_pixels:
            raise TooMuchInside(f"{width} x {height}")
        if _number(tags, ORIENTATION, 1) != 1 or _number(tags, PLANAR, 1) != 1:
            raise Unsupported("turned or planar, and too large to be held whole")
        profile = tags.get(ICC)
        writer: PngWriter | None = None
        with target.open("wb") as file:
            for band in bands(source, tags):
                plain = in_srgb(opaque(band), profile if isinstance(profile, bytes) else None)
                rows = _array(plain)
                writer = writer or PngWriter(file, width, height, rows)
                writer.add(rows)
            if writer is None:
                raise Unreadable("no pixels")
            writer.end()
    return Copied(target, width, height, writer.bits)


def _array(image: Image) -> Pixels:
    return np.asarray(image, dtype=np.uint16) if image.mode == "I;16" else np.asarray(image, dtype=np.uint8)


def _numbers(tags: ImageFileDirectory_v2, tag: int) -> Sequence[int]:
    value = tags.get(tag, ())
    values = value if isinstance(value, tuple) else (value,)
    if not all(isinstance(each, int) and each >= 0 for each in values):
        raise Unreadable(f"tag {tag}")
    return values


def _number(tags: ImageFileDirectory_v2, tag: int, default: int | None = None) -> int:
    values = _numbers(tags, tag)
    if not values and default is not None:
        return default
    if len(values) != 1:
        raise Unreadable(f"tag {tag}")
    return values[0]


def bands(source: Path, tags: ImageFileDirectory_v2) -> Iterator[Image]:
    """The picture from top to bottom, in strips of its full width."""
    width, height = _number(tags, WIDTH), _number(tags, HEIGHT)
    with source.open("rb") as file:
        for row in _rows_of_cells(tags):
            tall = min(row[0].height, height - row[0].y)
            if width * row[0].height > MAX_BAND_PIXELS:
                raise TooMuchInside("a strip too large to be held")
            band: Image | None = None
            for cell in row:
                if cell.size > MAX_STRIP_BYTES:
                    raise TooMuchInside("a strip too large to be held")
                file.seek(cell.offset)
                part = _decoded(tags, cell, file.read(cell.size))
                band = band or new(part.mode, (width, tall))
                if part.mode in {"P", "PA"} and part.palette is not None:
                    part = part.convert("RGB")
                    band = band if band.mode == "RGB" else new("RGB", (width, tall))
                band.paste(part, (cell.x, 0))
            if band is None:
                raise Unreadable("no pixels")
            yield band


def _rows_of_cells(tags: ImageFileDirectory_v2) -> Iterator[list[Cell]]:
    width, height = _number(tags, WIDTH), _number(tags, HEIGHT)
    if TILE_OFFSETS in tags:
        wide, tall = _number(tags, TILE_WIDTH), _number(tags, TILE_HEIGHT)
        offsets, sizes = _numbers(tags, TILE_OFFSETS), _numbers(tags, TILE_SIZES)
        if wide < 1 or tall < 1 or len(offsets) != len(sizes):
            raise Unreadable("tiles")
        across = -(-width // wide)
        if len(offsets) < across * -(-height // tall):
            raise Unreadable("tiles are missing")
        for row in range(-(-height // tall)):
            first = row * across
            yield [
                Cell(column * wide, row * tall, wide, tall, offsets[first + column], sizes[first + column])
                for column in range(across)
            ]
        return
    tall = min(_number(tags, ROWS_PER_STRIP, height), height)
    offsets, sizes = _numbers(tags, STRIP_OFFSETS), _numbers(tags, STRIP_SIZES)
    if tall < 1 or len(offsets) != len(sizes) or len(offsets) < -(-height // tall):
        raise Unreadable("strips are missing")
    row_bytes = _uncompressed_row(tags, width)
    for number, y in enumerate(range(0, height, tall)):
        strip = Cell(0, y, width, min(tall, height - y), offsets[number], sizes[number])
        if row_bytes is None:
            yield [strip]
            continue
        for at in range(0, strip.height, ROWS_AT_ONCE):
            rows = min(ROWS_AT_ONCE, strip.height - at)
            yield [Cell(0, y + at, width, rows, strip.offset + at * row_bytes, rows * row_bytes)]


def _uncompressed_row(tags: ImageFileDirectory_v2, width: int) -> int | None:
    """Bytes of one row where nothing is compressed."""
    if _number(tags, COMPRESSION, 1) != 1:
        return None
    samples = _number(tags, 277, 1)
    bits = _numbers(tags, BITS) or (1,)
    return (width * (bits[0] * samples if len(bits) == 1 else sum(bits)) + 7) // 8


def _decoded(tags: ImageFileDirectory_v2, cell: Cell, coded: bytes) -> Image:
    """One strip or tile, as the picture of a small TIFF: header, coded pixels, directory. Raises: what Pillow does."""
    order: Order = "<" if tags.prefix == b"II" else ">"
    entries: dict[int, bytes | Sequence[int]] = {tag: _carried(tags, tag) for tag in CARRIED if tag in tags}
    entries |= {WIDTH: [cell.width], HEIGHT: [cell.height], ROWS_PER_STRIP: [cell.height]}
    entries |= {STRIP_OFFSETS: [8], STRIP_SIZES: [len(coded)]}
    start = 8 + len(coded) + len(coded) % 2
    header = tags.prefix + struct.pack(f"{order}HI", 42, start)
    file = io.BytesIO(header + coded + bytes(len(coded) % 2) + _directory(order, entries, start))
    with TiffImageFile(file) as image:
        image.load()
        return image.copy()


def _carried(tags: ImageFileDirectory_v2, tag: int) -> bytes | Sequence[int]:
    value = tags[tag]
    return value if isinstance(value, bytes) else _numbers(tags, tag)


def _directory(order: Order, entries: Mapping[int, bytes | Sequence[int]], start: int) -> bytes:
    """A directory that stands at `start` (TIFF 6.0 §2)."""
    behind = start + 2 + 12 * len(entries) + 4
    fields, values = bytearray(struct.pack(f"{order}H", len(entries))), bytearray()
    for tag, value in sorted(entries.items()):
        if isinstance(value, bytes):
            kind, packed = 7, value
        else:
            kind = 3 if max(value) <= 0xFFFF else 4
            packed = struct.pack(f"{order}{len(value)}{'H' if kind == 3 else 'I'}", *value)
        fields += struct.pack(f"{order}HHI", tag, kind, len(value))
        if len(packed) <= 4:
            fields += packed.ljust(4, b"\0")
        else:
            fields += struct.pack(f"{order}I", behind + len(values))
            values += packed + bytes(len(packed) % 2)
    return bytes(fields) + bytes(4) + bytes(values)
