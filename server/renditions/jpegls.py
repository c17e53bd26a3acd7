"""JPEG-LS by ffmpeg, which reads it where Pillow does not (ITU-T T.87). [REN-9]

Many frames go to one process, so that a series does not start one for each slice.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from server.cleaning import ffmpeg
from server.cleaning.ffmpeg import Failed, Means

AT_ONCE_BYTES = 64 * 1024**2
"""Of unpacked frames that wait on the disk."""
MEANS = Means(seconds=600)
Frame = NDArray[np.uint16]


class Damaged(Exception):
    """It is no JPEG-LS, or not a whole one."""


def decode(coded: Iterable[bytes]) -> Iterator[Frame]:
    """Rows × columns, or rows × columns × 3, of unsigned numbers, in turn. Raises: Damaged, OSError."""
    waiting: list[bytes] = []
    size = 0
    shape: tuple[int, int, int, int] | None = None
    for frame in coded:
        now = _shape(frame)
        if shape is not None and now != shape:
            raise Damaged("frames of different sizes")
        shape = now
        waiting.append(frame)
        size += 2 * shape[0] * shape[1] * shape[2]
        if size >= AT_ONCE_BYTES:
            yield from _decoded(waiting, shape)
            waiting, size = [], 0
    if waiting and shape is not None:
        yield from _decoded(waiting, shape)


def _shape(frame: bytes) -> tuple[int, int, int, int]:
    """Rows, columns, components and bits, by the headers of frame and scan (T.87 §C.2.2, §C.2.3).

    Taken is what ffmpeg was seen to decode rightly: of colour, lines in turn; pixels in turn it paints black.
    """
    at, shape = 2, None
    while at + 4 <= len(frame) and frame[at] == 0xFF:
        marker, length = frame[at + 1], int.from_bytes(frame[at + 2 : at + 4], "big")
        if marker == 0xF7 and at + 10 <= len(frame):
            rows, columns = int.from_bytes(frame[at + 5 : at + 7], "big"), int.from_bytes(frame[at + 7 : at + 9], "big")
            shape = (rows, columns, frame[at + 9], frame[at + 4])
        if marker == 0xDA and shape is not None:
            rows, columns, count, bits = shape
            interleave = frame[at + length : at + 1 + length]
            is_known = (count == 1 and bits in {8, 16}) or (count == 3 and bits == 8 and interleave == b"\x01")
            if rows and columns and is_known:
                return shape
            break
        at += 2 + length
    raise Damaged("no header, or of a kind that is not taken")


def _decoded(frames: Sequence[bytes], shape: tuple[int, int, int, int]) -> Iterator[Frame]:
    rows, columns, count, bits = shape
    pixels = "rgb24" if count == 3 else "gray" if bits == 8 else "gray16le"
    deep = np.dtype("<u2" if pixels == "gray16le" else "u1")
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "frames", Path(folder) / "raw"
        source.write_bytes(b"".join(frames))
        reader = ["-protocol_whitelist", "file", "-format_whitelist", "jpegls_pipe", "-codec_whitelist", "jpegls"]
        given = [*reader, "-max_pixels", "100000000", "-threads", "2", "-f", "jpegls_pipe", "-i", f"file:{source}"]
        made = ["-f", "rawvideo", "-pix_fmt", pixels, "-fps_mode", "passthrough", f"file:{target}"]
        try:
            ffmpeg.run([*given, *made], MEANS)
        except Failed as error:
            raise Damaged from error
        size = rows * columns * count * deep.itemsize
        if not target.exists() or target.stat().st_size != size * len(frames):
            raise Damaged("frames are missing")
        with target.open("rb") as file:
            for _ in frames:
                raw = np.frombuffer(file.read(size), deep).astype(np.uint16)
                yield raw.reshape((rows, columns, 3) if count == 3 else (rows, columns))
