"""What a person marked as showing a name: the pixels under it are rewritten, not covered. [CLN-7]

Coordinates are pixels of the upright picture, from its upper left corner; a mark may reach over the edge.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from PIL.Image import Image, fromarray, new
from PIL.ImageDraw import ImageDraw

MOST_MARKS = 1_000
"""Of one picture; a person makes a dozen."""
MOST_POINTS = 10_000
FURTHEST = 1_000_000
"""Pixels from the corner; no picture is so large. What is no number is not nearer."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle; every pixel that it touches is rewritten."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Stroke:
    """What a round brush of `width` pixels painted from point to point."""

    points: tuple[tuple[float, float], ...]
    width: float


@dataclass(frozen=True, slots=True)
class Redaction:
    """All marks on one picture."""

    boxes: tuple[Box, ...] = ()
    strokes: tuple[Stroke, ...] = ()

    @property
    def count(self) -> int:
        """How many marks that are."""
        return len(self.boxes) + len(self.strokes)


def mask(width: int, height: int, redaction: Redaction) -> Image:
    """A picture of one bit: set where `redaction` rewrites. Raises: ValueError for marks that no person makes."""
    if redaction.count > MOST_MARKS or sum(len(stroke.points) for stroke in redaction.strokes) > MOST_POINTS:
        raise ValueError("too many marks")
    if not all(abs(number) <= FURTHEST for number in _numbers(redaction)):
        raise ValueError("a mark that is nowhere")
    marked = new("1", (width, height), 0)
    draw = ImageDraw(marked)
    for box in redaction.boxes:
        left, top = int(max(0, box.x // 1)), int(max(0, box.y // 1))
        right, bottom = min(width, -int(-(box.x + box.width) // 1)), min(height, -int(-(box.y + box.height) // 1))
        if box.width > 0 and box.height > 0 and left < right and top < bottom:
            draw.rectangle((left, top, right - 1, bottom - 1), fill=1)
    for stroke in redaction.strokes:
        _paint(draw, stroke)
    return marked


def _numbers(redaction: Redaction) -> Iterator[float]:
    for box in redaction.boxes:
        yield from (box.x, box.y, box.width, box.height)
    for stroke in redaction.strokes:
        yield stroke.width
        yield from (number for point in stroke.points for number in point)


def _paint(draw: ImageDraw, stroke: Stroke) -> None:
    """A line with round ends and corners, as a brush leaves it."""
    radius = max(0.5, stroke.width / 2)
    for x, y in stroke.points:
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=1)
    if len(stroke.points) > 1:
        # Two more: what is drawn between two pixels, and nearly level, may come out a pixel too narrow on a side.
        draw.line(list(stroke.points), fill=1, width=math.ceil(stroke.width) + 2)


def blank(image: Image, redaction: Redaction) -> Image:
    """`image` with every marked pixel 0, that is black; all others are as they were."""
    pixels = np.array(image)
    pixels[np.asarray(mask(*image.size, redaction))] = 0
    return fromarray(pixels)


def by_frame(redaction: Mapping[int | None, Redaction], frame: int) -> Redaction:
    """The marks of one frame or page: those of all, and its own."""
    everywhere, own = redaction.get(None, Redaction()), redaction.get(frame, Redaction())
    return Redaction((*everywhere.boxes, *own.boxes), (*everywhere.strokes, *own.strokes))
