"""What ffmpeg says of a file's streams, read from what it prints, since no ffprobe comes with it. [CLN-8]

What is printed of a hostile file may lie: a key of its metadata can hold a line break and what looks like a stream. So
it decides only what is tried; what others get is looked at again when it holds no metadata any more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from server.cleaning import ffmpeg
from server.cleaning.sniff import Form

STREAM = re.compile(r"^  Stream #0:(\d+)(?:\[0x[0-9a-f]+\])?(?:\([\w-]*\))?: (\w+): (\w+)(.*)$", re.MULTILINE)
DURATION = re.compile(r"^  Duration: (\d+):(\d\d):(\d\d\.\d+)", re.MULTILINE)
SIZE = re.compile(r", ([a-z][a-z0-9_]*)(?:\(([^)]*)\))?, (\d{1,5})x(\d{1,5})\b")
RATE = re.compile(r", ([\d.]+)(k?) fps\b")
TURNED = re.compile(r"^      (?:Display Matrix|displaymatrix): rotation of (-?[\d.]+) degrees", re.MULTILINE)
PROBE = ffmpeg.Means(seconds=60)


@dataclass(frozen=True, slots=True)
class Pictures:
    """A stream of moving pictures."""

    number: int
    codec: str
    pixels: str
    """ffmpeg's name of their format."""
    colours: str
    width: int
    height: int
    rate: float | None
    """Pictures a second."""
    turned: float
    """Degrees by which players turn it."""


@dataclass(frozen=True, slots=True)
class Streams:
    """What is in a file."""

    pictures: Pictures | None
    sound: int | None
    """The number of the first stream of sound."""
    sound_codec: str | None
    others: int
    """Further ones of every kind, which are left out."""
    seconds: float | None


def streams(form: Form, path: Path) -> Streams:
    """What ffmpeg sees in `path`. Raises: ffmpeg.Failed, ffmpeg.TookTooLong, OSError."""
    said = ffmpeg.run(ffmpeg.source(form, path), PROBE, is_asked=True)
    found = list(STREAM.finditer(said))
    if not found:
        raise ffmpeg.Failed("no streams")
    pictures: Pictures | None = None
    sound: re.Match[str] | None = None
    for place, each in enumerate(found):
        end = found[place + 1].start() if place + 1 < len(found) else len(said)
        if each[2] == "Video" and pictures is None and "(attached pic)" not in each[4]:
            pictures = _pictures(each, said[each.end() : end])
        elif each[2] == "Audio" and sound is None:
            sound = each
    lasts = DURATION.search(said)
    seconds = None if lasts is None else int(lasts[1]) * 3600 + int(lasts[2]) * 60 + float(lasts[3])
    used = (pictures is not None) + (sound is not None)
    return Streams(
        pictures,
        None if sound is None else int(sound[1]),
        None if sound is None else sound[3],
        len(found) - used,
        seconds,
    )


def _pictures(stream: re.Match[str], beside: str) -> Pictures | None:
    size = SIZE.search(stream[4])
    if size is None:
        return None
    rate, turned = RATE.search(stream[4]), TURNED.search(beside)
    return Pictures(
        int(stream[1]),
        stream[3],
        size[1],
        size[2] or "",
        int(size[3]),
        int(size[4]),
        None if rate is None else float(rate[1]) * (1000 if rate[2] else 1),
        0.0 if turned is None else float(turned[1]),
    )
