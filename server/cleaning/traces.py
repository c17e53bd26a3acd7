"""The second look at a cleaned picture: whether anything is left of what the first one held. [CLN-3]

It shares no code with what cleaned it: it walks both files' bytes by itself. What it finds is a defect of ours, or of
Pillow's, and the file is refused.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from mmap import ACCESS_READ, mmap
from pathlib import Path

from server.cleaning.pieces import Data, Piece, Unwalkable, pieces
from server.cleaning.sniff import Form

ALLOWED: dict[Form, frozenset[str]] = {
    Form.JPEG: frozenset({"SOI", "APP0", "DQT", "DHT", "DRI", "SOF0", "SOF1", "SOF2", "SOS", "scan", "EOI"}),
    Form.PNG: frozenset({"IHDR", "IDAT", "IEND"}),
    Form.WEBP: frozenset({"VP8 ", "VP8L", "VP8X", "ALPH", "ANIM", "ANMF"}),
}
"""All that a cleaned picture consists of."""
PIXELS = frozenset({"scan", "IDAT", "VP8 ", "VP8L", "ALPH", "pixels", "DHT", "DQT"})
"""What of an original is no metadata. Huffman tables count as pixels: every JPEG's hold the same letters."""
JFIF = re.compile(rb"JFIF\0\x01[\x01\x02][\0\x01\x02].{4}\0\0", re.DOTALL)
"""Without the small picture that may follow."""
LETTERS = rb"[\x20-\x7e]"
PLAIN = re.compile(LETTERS + rb"{6,}")
"""Six letters stand in a megabyte of noise by chance once in 10⁸ files; fewer would stop honest ones."""
WIDE = re.compile(rb"(?:" + LETTERS + rb"\0){6,}|(?:\0" + LETTERS + rb"){6,}")
FOREIGN = re.compile(rb"(?:[\x20-\x7e]|[\xc3-\xf4][\x80-\xbf]{1,3}){6,}")
VALUES = re.compile(rb"[\"'<>=]+")
"""What stands between the values of XML."""
PACKET = re.compile(rb"Exif\0\0.{0,65536}|<x:xmpmeta.{0,262144}?</x:xmpmeta>", re.DOTALL)
"""Where metadata begins in files whose structure is not walked here: HEIC, AVIF, BMP."""
MOST_WORDS = 20_000
MOST_INFLATED = 4 * 1024 * 1024


@contextmanager
def mapped(path: Path) -> Iterator[mmap]:
    """The bytes of a file, read as they are looked at."""
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
        yield data


def foreign_pieces(form: Form, cleaned: Path) -> list[str]:
    """What stands in a cleaned picture and is neither its header nor its pixels. Raises: OSError."""
    with mapped(cleaned) as data:
        try:
            found = list(pieces(form, data))
        except Unwalkable:
            return ["unwalkable"]
        strange = [piece.name for piece in found if piece.name not in ALLOWED[form]]
        strange += [
            piece.name for piece in found if piece.name == "APP0" and not JFIF.fullmatch(data[piece.start : piece.end])
        ]
        if form is Form.PNG and not _inflates_to_its_pixels(data, found):
            strange.append("IDAT")
        return strange


def _inflates_to_its_pixels(data: Data, found: list[Piece]) -> bool:
    """Whether the pixels, and nothing more, are in the compressed stream."""
    header = next((piece for piece in found if piece.name == "IHDR"), None)
    if header is None or header.end - header.start != 13:
        return False
    width, height, depth, colour = struct.unpack_from(">IIBB", data, header.start)
    row = 1 + (width * depth * {0: 1, 2: 3, 4: 2, 6: 4}.get(colour, 1) + 7) // 8
    inflate, length = zlib.decompressobj(), 0
    try:
        for piece in found:
            if piece.name != "IDAT":
                continue
            rest = data[piece.start : piece.end]
            while rest:
                length += len(inflate.decompress(rest, 1 << 20))
                rest = inflate.unconsumed_tail
    except zlib.error:
        return False
    return inflate.eof and not inflate.unused_data and length == row * height


def original_words(form: Form, source: Path) -> frozenset[bytes]:
    """Every word of six letters or more in the metadata of `source`, also wide (UTF-16) and compressed ones.

    Raises: OSError.
    """
    found: set[bytes] = set()
    with mapped(source) as data:
        for text in _metadata(form, data):
            for word in words_in(text):
                if len(set(word)) > 3:
                    found.add(word)
                if len(found) >= MOST_WORDS:
                    return frozenset(found)
    return frozenset(found)


def _metadata(form: Form, data: Data) -> Iterator[bytes]:
    walked: list[Piece] = []
    try:
        for piece in pieces(form, data):
            walked.append(piece)
            if piece.name not in PIXELS:
                text = data[piece.start : piece.end]
                yield text
                yield from _inflated(piece.name, text)
    except Unwalkable:
        # Whatever Pillow made of it: the packets that can be told by their beginning.
        yield from (found[0] for found in PACKET.finditer(data))


def _inflated(name: str, text: bytes) -> Iterator[bytes]:
    """What a PNG holds compressed: texts and the colour profile."""
    if name not in {"zTXt", "iTXt", "iCCP"}:
        return
    for at in (place.start() for place in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", text)):
        try:
            yield zlib.decompressobj().decompress(text[at:], MOST_INFLATED)
        except zlib.error:
            continue
        return


def words_in(text: bytes) -> Iterator[bytes]:
    """Runs of six letters or more: plain, in UTF-8 and in UTF-16."""
    for found in PLAIN.finditer(text):
        for value in VALUES.split(found[0]):
            yield from _cut(value, 6)
    for found in FOREIGN.finditer(text):
        if not found[0].isascii():
            for value in VALUES.split(found[0]):
                yield from (each for each in _cut(value, 6) if not each.isascii())
    for found in WIDE.finditer(text):
        yield from _cut(found[0], 12)
        yield from _cut(found[0].replace(b"\0", b""), 6)


def _cut(value: bytes, least: int) -> Iterator[bytes]:
    """Long ones in lengths of 64, so that a half that is left is found too."""
    yield from (value[at : at + 64] for at in range(0, len(value) - least + 1, 64))


def survivors(words: Iterable[bytes], form: Form, cleaned: Path) -> list[bytes]:
    """Which of `words` stand in the bytes of a cleaned picture, none of which is read as a whole. Raises: OSError."""
    wanted = sorted(words)
    letters = [word for word in wanted if PLAIN.fullmatch(word)]
    others = [word for word in wanted if not PLAIN.fullmatch(word)]
    found: set[bytes] = set()
    # Compressed pixels hold few letters in a row, so that looking for thousands of words costs little.
    plain = bytearray()
    with mapped(cleaned) as data:
        for part in _parts(form, data):
            for run in PLAIN.finditer(part):
                plain += run[0] + b"\0"
            found.update(word for word in others if word in part)
    found.update(word for word in letters if word in plain)
    return sorted(found)


def _parts(form: Form, data: Data) -> Iterator[bytes]:
    try:
        for piece in pieces(form, data):
            if piece.name not in {"DHT", "DQT"}:
                yield data[piece.start : piece.end]
    except Unwalkable:
        yield data[:]
