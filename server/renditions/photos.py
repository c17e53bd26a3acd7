"""A photo's small pictures, and tiles where it is larger than a screen. [REN-3] [REN-4]"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL.Image import Image

from server.cleaning.outcome import Cleaned, Json, Report
from server.cleaning.raster import Bounds, decoded, opened
from server.cleaning.rows import read_rows
from server.cleaning.sniff import Form
from server.renditions.pyramid import Octets, pyramid
from server.renditions.rendition import Pack, Rendered, Rendition, head, write_json
from server.renditions.small import SIZES, shown_on_a_screen, small_pictures
from workspace.media import Kind

FORMS = {"image/jpeg": Form.JPEG, "image/png": Form.PNG, "image/webp": Form.WEBP}
TILED_FROM = 3072
"""Pixels of the longer side: what is smaller is fetched whole."""
STRIP = 512


def render(cleaned: Cleaned, folder: Path, report: Report, bounds: Bounds | None = None) -> Rendered:
    """What viewers need of a cleaned photo. Raises: raster's errors; OSError."""
    bounds = bounds or Bounds()
    width, height = _number(cleaned, "width"), _number(cleaned, "height")
    said: dict[str, Json] = {**cleaned.attributes, **head(Kind.PHOTO)}
    made: list[Rendition] = []
    report(0, 2)
    if width * height > bounds.max_pixels:
        said["tiles"], image = _tiled(width, height, _streamed(cleaned.file), folder)
    else:
        with opened(FORMS[cleaned.content_type], cleaned.file, bounds) as file:
            image = shown_on_a_screen(decoded(file).image)
        if max(width, height) >= TILED_FROM and _number(cleaned, "frames") == 1:
            said["tiles"], image = _tiled(width, height, _cut(image), folder)
    if "tiles" in said:
        made.append(Rendition("tiles", folder / "tiles", "application/octet-stream"))
    report(1, 2)
    made += small_pictures(image, folder)
    write_json(folder / "manifest.json", said)
    made.append(Rendition("manifest", folder / "manifest.json", "application/json"))
    report(2, 2)
    return Rendered(made)


def _number(cleaned: Cleaned, name: str) -> int:
    value = cleaned.attributes.get(name)
    return value if isinstance(value, int) else 1


def _tiled(width: int, height: int, strips: Iterator[Octets], folder: Path) -> tuple[dict[str, Json], Image]:
    with (folder / "tiles").open("wb") as file:
        return pyramid(width, height, strips, Pack(file), 2 * SIZES[-1][1])


def _cut(image: Image) -> Iterator[Octets]:
    width, height = image.size
    for y in range(0, height, STRIP):
        yield np.asarray(image.crop((0, y, width, min(height, y + STRIP))), np.uint8)


def _streamed(file: Path) -> Iterator[Octets]:
    """Of 16 bit grey, its upper 8 bits: where it is darkest and brightest is known only at the end."""
    for rows in read_rows(file, STRIP):
        yield (rows >> 8).astype(np.uint8) if rows.dtype == np.uint16 else rows.astype(np.uint8, copy=False)
