"""Rasters as files: the only bytes of a picture that others see are written here, from pixels alone. [CLN-2]"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from PIL.Image import Image

from server.cleaning.sniff import Form

JPEG_QUALITY = 92
"""Of a second encoding: 41 to 53 dB from what the camera wrote, which nobody sees, in a file of about the same size."""
WEBP_QUALITY = 92


class Coding(StrEnum):
    """How pixels are written. What was lossless stays so."""

    JPEG = "jpeg"
    PNG = "png"
    WEBP_LOSSLESS = "webp-lossless"
    """For animations: GIF and APNG without their limits, and played by every browser."""
    WEBP = "webp"


@dataclass(frozen=True, slots=True)
class Encoded:
    """A file that was written, and what it is."""

    file: Path
    form: Form
    content_type: str


TYPES = {
    Coding.JPEG: (Form.JPEG, "image/jpeg", "jpg"),
    Coding.PNG: (Form.PNG, "image/png", "png"),
    Coding.WEBP: (Form.WEBP, "image/webp", "webp"),
    Coding.WEBP_LOSSLESS: (Form.WEBP, "image/webp", "webp"),
}


def encode(image: Image, coding: Coding, target: Path, *, subsampling: int = 2) -> Encoded:
    """Write `L`, `RGB` or, as PNG, `I;16` pixels to `target` with the suffix of `coding`.

    `subsampling` is Pillow's: 0 for 4:4:4, 1 for 4:2:2, 2 for 4:2:0. Raises: OSError.
    """
    form, content_type, suffix = TYPES[coding]
    file = target.with_suffix(f".{suffix}")
    image.info = {}
    match coding:
        case Coding.JPEG:
            # Not optimised: Pillow then guesses how large the file will be, and fails where it is larger.
            image.save(file, "JPEG", quality=JPEG_QUALITY, subsampling=subsampling)
        case Coding.PNG:
            image.save(file, "PNG", compress_level=6)
        case Coding.WEBP:
            image.save(file, "WEBP", quality=WEBP_QUALITY, method=4)
        case Coding.WEBP_LOSSLESS:
            image.save(file, "WEBP", lossless=True, quality=50, method=2, exact=True)
    return Encoded(file, form, content_type)


def encode_animation(frames: Sequence[Image], millis: Sequence[int], coding: Coding, target: Path) -> Encoded:
    """Write frames of one size, each shown for its milliseconds, over and over. Raises: OSError."""
    form, content_type, suffix = TYPES[coding]
    file = target.with_suffix(f".{suffix}")
    for frame in frames:
        frame.info = {}
    frames[0].save(
        file,
        "WEBP",
        save_all=True,
        append_images=frames[1:],
        duration=list(millis),
        loop=0,
        background=(255, 255, 255, 255),
        lossless=coding is Coding.WEBP_LOSSLESS,
        quality=50 if coding is Coding.WEBP_LOSSLESS else WEBP_QUALITY,
        method=2,
        minimize_size=False,
    )
    return Encoded(file, form, content_type)
