"""Small pictures: one for lists, one for large screens, one for looking at. [REN-3]"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL.Image import Image, Resampling, fromarray

from server.renditions.rendition import Rendition

SIZES = (("thumbnail", 320), ("thumbnail-large", 640), ("preview", 2048))
"""The longer side, in pixels; a smaller picture stays as it is."""
QUALITY = 82
METHOD = 2
"""Of 0 to 6: takes a quarter of the time of 4, which is usual, for files that are a fifteenth larger."""


def small_pictures(image: Image, folder: Path) -> Sequence[Rendition]:
    """WebP files of `image`, which is `L`, `RGB` or `I;16`. Raises: OSError."""
    made = []
    shown = shown_on_a_screen(image)
    written: Path | None = None
    for role, longest in reversed(SIZES):
        before, shown = shown, within(shown, longest)
        file = folder / f"{role}.webp"
        if (
            written is not None and shown is before
        ):  # a slice is no larger than that: encoding takes a third of its time
            shutil.copyfile(written, file)
        else:
            shown.save(file, "WEBP", quality=QUALITY, method=METHOD)
        written = file
        made.append(Rendition(role, file, "image/webp", *shown.size))
    return made[::-1]


def within(image: Image, longest: int) -> Image:
    """`image` with no side longer than `longest`, as it is if none was."""
    width, height = image.size
    scale = longest / max(width, height)
    if scale >= 1:
        return image
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return image.resize(size, Resampling.LANCZOS, reducing_gap=3.0)


def shown_on_a_screen(image: Image) -> Image:
    """8 bits a colour; 16 bit grey is spread from its darkest to its brightest pixel, as viewers do it."""
    if image.mode != "I;16":
        return image if image.mode in {"L", "RGB"} else image.convert("RGB")
    pixels = np.asarray(image, np.float32)
    lowest, highest = float(pixels.min()), float(pixels.max())
    spread = (pixels - lowest) * (255 / max(1.0, highest - lowest))
    return fromarray(np.rint(spread).astype(np.uint8))
