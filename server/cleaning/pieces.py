"""The pieces that picture files are made of, by a reader of our own: what Pillow does not show is seen here. [CLN-3]

ISO/IEC 10918-1 Annex B (JPEG segments), W3C PNG §5.3 (chunks), RFC 9649 §2.3 (WebP's RIFF chunks), GIF89a §15-26, TIFF
6.0 §2 (directories).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from mmap import mmap

from server.cleaning.sniff import Form

Data = bytes | mmap
MOST_PIECES = 100_000
"""A file in more pieces than this was made to be slow to read."""
MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL)
SOI, EOI, SOS = 0xD8, 0xD9, 0xDA
ALONE = {0x01, SOI, *range(0xD0, 0xD8)}
"""Markers without a length."""
NAMES = {0xC4: "DHT", 0xDB: "DQT", 0xDD: "DRI", SOS: "SOS", 0xFE: "COM", SOI: "SOI", EOI: "EOI"}
TIFF_PIXELS = {256, 257, 258, 259, 262, 266, 273, 277, 278, 279, 284, 317, 322, 323, 324, 325, 530, 532}
"""Tags that describe the pixels alone."""
TIFF_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
TIFF_DEEPER = {330, 34665, 34853, 40965}
"""Tags that point to another directory."""
AFTER = "after"
"""What stands behind the end of the picture: other pictures, archives, scripts."""


class Unwalkable(Exception):
    """The file's structure does not hold together."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A named range of a file's bytes, without its header."""

    name: str
    start: int
    end: int


def pieces(form: Form, data: Data) -> Iterator[Piece]:
    """All of `data`'s pieces in their order. Raises: Unwalkable."""
    walk = {
        Form.JPEG: jpeg_pieces,
        Form.PNG: png_pieces,
        Form.WEBP: webp_pieces,
        Form.GIF: gif_pieces,
        Form.TIFF: tiff_pieces,
        Form.BMP: bmp_pieces,
    }.get(form)
    if walk is None:
        raise Unwalkable(form)
    try:
        for count, piece in enumerate(walk(data)):
            if count >= MOST_PIECES:
                raise Unwalkable("too many pieces")
            yield piece
    except (struct.error, IndexError) as error:
        raise Unwalkable(form) from error


def jpeg_pieces(data: Data) -> Iterator[Piece]:
    """Segments by name (`APP1`, `COM`, `SOF0`, …), `scan` for coded pixels, `after` for what follows the end."""
    at = 0
    while at < len(data):
        if data[at] != 0xFF:
            raise Unwalkable("no marker")
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        name = NAMES.get(marker) or _jpeg_name(marker)
        if marker == EOI:
            yield Piece(name, at + 2, at + 2)
            if at + 2 < len(data):
                yield Piece(AFTER, at + 2, len(data))
            return
        if marker in ALONE:
            yield Piece(name, at + 2, at + 2)
            at += 2
            continue
        (length,) = struct.unpack_from(">H", data, at + 2)
        if length < 2 or at + 2 + length > len(data):
            raise Unwalkable("a segment is longer than the file")
        yield Piece(name, at + 4, at + 2 + length)
        at += 2 + length
        if marker == SOS:
            found = MARKER.search(data, at)
            end = found.start() if found else len(data)
            yield Piece("scan", at, end)
            at = end


def _jpeg_name(marker: int) -> str:
    if 0xE0 <= marker <= 0xEF:
        return f"APP{marker - 0xE0}"
    if 0xC0 <= marker <= 0xCF:
        return f"SOF{marker - 0xC0}"
    return f"{marker:02X}"


def png_pieces(data: Data) -> Iterator[Piece]:
    """Chunks by name, their checksums left out."""
    at = 8
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        name = data[at + 4 : at + 8].decode("latin-1")
        if at + 12 + length > len(data):
            raise Unwalkable("a chunk is longer than the file")
        yield Piece(name, at + 8, at + 8 + length)
        at += 12 + length
        if name == "IEND":
            break
    if at < len(data):
        yield Piece(AFTER, at, len(data))


def webp_pieces(data: Data) -> Iterator[Piece]:
    """Chunks by name; of an animation's frames, the chunks inside."""
    (size,) = struct.unpack_from("<I", data, 4)
    end = min(8 + size, len(data))
    yield from _riff(data, 12, end)
    if end + size % 2 < len(data):
        yield Piece(AFTER, end, len(data))


def _riff(data: Data, at: int, end: int) -> Iterator[Piece]:
    while at + 8 <= end:
        name = bytes(data[at : at + 4]).decode("latin-1")
        (length,) = struct.unpack_from("<I", data, at + 4)
        if at + 8 + length > end:
            raise Unwalkable("a chunk is longer than the file")
        if name == "ANMF":
            yield Piece(name, at + 8, at + 24)
            yield from _riff(data, at + 24, at + 8 + length)
        else:
            yield Piece(name, at + 8, at + 8 + length)
        at += 8 + length + length % 2
    if at < end:
        yield Piece(AFTER, at, end)


def gif_pieces(data: Data) -> Iterator[Piece]:
    """`screen`, `pixels`, and extensions by their label: FE are comments, FF those of applications."""
    at = 13 + _table(data[10])
    yield Piece("screen", 6, at)
    while at < len(data):
        kind = data[at]
        if kind == 0x3B:
            if at + 1 < len(data):
                yield Piece(AFTER, at + 1, len(data))
            return
        if kind == 0x21:
            end = _blocks(data, at + 2)
            yield Piece(f"{data[at + 1]:02X}", at + 2, end)
        elif kind == 0x2C:
            start = at + 10 + _table(data[at + 9]) + 1
            end = _blocks(data, start)
            yield Piece("pixels", start, end)
        else:
            raise Unwalkable("no block")
        at = end


def bmp_pieces(data: Data) -> Iterator[Piece]:
    """`head` before the pixels, with whatever stands between; `after` behind the pixels of an uncompressed one."""
    start, length, width, height = struct.unpack_from("<IIii", data, 10)
    (bits, coding) = struct.unpack_from("<HI", data, 28)
    yield Piece("head", 14, min(start, len(data)))
    end = start + (abs(width) * bits + 31) // 32 * 4 * abs(height)
    if length >= 40 and coding in {0, 3, 6} and end < len(data):
        yield Piece("pixels", start, end)
        yield Piece(AFTER, end, len(data))


def _table(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _blocks(data: Data, at: int) -> int:
    while data[at]:
        at += 1 + data[at]
    return at + 1


def tiff_pieces(data: Data) -> Iterator[Piece]:
    """Values of tags, named by their number, of every directory that can be reached. Those of pixels are left out."""
    order = "<" if data[:2] == b"II" else ">"
    is_big = struct.unpack_from(f"{order}H", data, 2)[0] == 43
    waiting = [struct.unpack_from(f"{order}{'Q' if is_big else 'I'}", data, 8 if is_big else 4)[0]]
    seen: set[int] = set()
    head, entry, number = ("Q", 20, "Q") if is_big else ("H", 12, "I")
    while waiting:
        at = waiting.pop()
        if not at or at in seen:
            continue
        seen.add(at)
        (count,) = struct.unpack_from(order + head, data, at)
        at += struct.calcsize(order + head)
        for each in range(min(count, 4096)):
            tag, kind, amount = struct.unpack_from(f"{order}HH{number}", data, at + each * entry)
            place = at + each * entry + (12 if is_big else 8)
            length = amount * TIFF_SIZES.get(kind, 1)
            if length > (8 if is_big else 4):
                (place,) = struct.unpack_from(order + number, data, place)
            if tag in TIFF_DEEPER:
                step = struct.calcsize(order + number) if kind in {4, 13, 16, 18} else 0
                for one in range(min(amount, 64) if step else 0):
                    deeper = "Q" if kind in {16, 18} else "I"
                    waiting.append(struct.unpack_from(order + deeper, data, place + one * struct.calcsize(deeper))[0])
            elif tag not in TIFF_PIXELS:
                yield Piece(str(tag), place, min(place + length, len(data)))
        after = at + count * entry
        if after + struct.calcsize(number) <= len(data):
            waiting.append(struct.unpack_from(order + number, data, after)[0])
