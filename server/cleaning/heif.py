"""HEIC, as phones write it: decoded by ffmpeg, which puts its tiles together, where Pillow reads none. [CLN-4]

Which of a file's pictures is the one to be seen, and how large it is, we read ourselves (ISO/IEC 23008-12 §6.2, ISO/IEC
14496-12 §8.11): what ffmpeg makes has to be of that size, so that no thumbnail, depth or gain map stands in for it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from server.cleaning import ffmpeg
from server.cleaning.ffmpeg import Failed, Means, TookTooLong
from server.cleaning.raster import Bounds, TooMuchInside, Unreadable
from server.cleaning.sniff import Form

MEANS = Means(seconds=120, written_bytes=2 * 1024**3)
MOST_META = 8 * 1024 * 1024
MOST_BOXES = 10_000


def as_png(source: Path, folder: Path, bounds: Bounds) -> Path:
    """The primary picture, upright, in a PNG of 8 bits. Raises: Unreadable, TooMuchInside, OSError."""
    try:
        width, height = primary_size(source)
    except (struct.error, IndexError, KeyError) as error:
        raise Unreadable("no primary picture") from error
    if width * height > bounds.max_pixels:
        raise TooMuchInside(f"{width} x {height}")
    target = folder / "heic.png"
    one = ["-frames:v", "1", "-pix_fmt", "rgb24", "-f", "image2", "-update", "1", f"file:{target.resolve()}"]
    try:
        ffmpeg.run([*ffmpeg.source(Form.HEIC, source), *one], MEANS)
        made = _png_size(target)
    except (Failed, TookTooLong, FileNotFoundError, struct.error) as error:
        raise Unreadable("not decoded") from error
    if made not in {(width, height), (height, width)}:
        raise Unreadable("another picture")
    return target


def _png_size(path: Path) -> tuple[int, int]:
    with path.open("rb") as file:
        width, height = struct.unpack(">16xII", file.read(24))
    return width, height


def primary_size(source: Path) -> tuple[int, int]:
    """Width and height of the primary item, before it is turned. Raises: Unreadable, OSError, and what reading does."""
    with source.open("rb") as file:
        head = file.read(MOST_META)
    meta = dict(_boxes(head, 0, len(head)))[b"meta"]
    inside = dict(_boxes(head, meta[0] + 4, meta[1]))
    start, _ = inside[b"pitm"]
    primary = struct.unpack_from(">H" if head[start] == 0 else ">I", head, start + 4)[0]
    properties = dict(_boxes(head, *inside[b"iprp"]))
    described = list(_boxes(head, *properties[b"ipco"]))
    for number in _associated(head, properties[b"ipma"][0], primary):
        name, (at, _) = described[number - 1]
        if name == b"ispe":
            width, height = struct.unpack_from(">II", head, at + 4)
            if width and height:
                return width, height
    raise Unreadable("a picture without a size")


def _associated(head: bytes, at: int, wanted: int) -> Iterator[int]:
    """The properties of one item, by their place in the container, counted from 1 (ISO/IEC 23008-12 §9.3)."""
    version, flags = head[at], head[at + 3]
    (count,) = struct.unpack_from(">I", head, at + 4)
    at += 8
    for _ in range(min(count, MOST_BOXES)):
        (item,) = struct.unpack_from(">H" if version == 0 else ">I", head, at)
        at += 2 if version == 0 else 4
        several, at = head[at], at + 1
        for _ in range(several):
            number = struct.unpack_from(">H", head, at)[0] & 0x7FFF if flags & 1 else head[at] & 0x7F
            at += 2 if flags & 1 else 1
            if item == wanted and number:
                yield number


def _boxes(head: bytes, at: int, end: int) -> Iterator[tuple[bytes, tuple[int, int]]]:
    for _ in range(MOST_BOXES):
        if at + 8 > end:
            return
        length, name = struct.unpack_from(">I4s", head, at)
        start = at + 8
        if length == 1:
            (length,) = struct.unpack_from(">Q", head, at + 8)
            start = at + 16
        elif length == 0:
            length = end - at
        if length < start - at:
            raise Unreadable("a box that is none")
        yield name, (start, min(at + length, end))
        at += length
