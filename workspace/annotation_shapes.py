"""The shapes of marks: their points, and how tools that do not know them draw them. Lengths are pixels of the picture.

SVG 2 for `SvgSelector`, `xywh=` of https://www.w3.org/TR/media-frags/ for `FragmentSelector`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TypeAlias

Point: TypeAlias = tuple[float, float]
Points: TypeAlias = Sequence[Point]

COUNTS: Mapping[str, tuple[int, int]] = {
    "point": (1, 1),
    "rectangle": (2, 2),
    "ellipse": (2, 2),
    "polygon": (3, 200),
    "freehand": (2, 2_000),
    "arrow": (2, 2),
    "length": (2, 2),
    "bidirectional": (4, 4),
    "angle": (3, 3),
    "cobb": (4, 4),
}
"""Of each shape, the fewest and the most points; the same stand in `web/src/annotations/annotation.ts`."""
FURTHEST = 1_000_000
POINT_RADIUS = 4


def points_of(selector: Mapping[str, object]) -> Points | None:
    """Where a ShapeSelector's points are now: as drawn, but for those that were moved, and all of it moved along. None:
    it is no shape that could be drawn."""
    shape, flat, handles = selector.get("shape"), selector.get("points"), selector.get("handles")
    least, most = COUNTS.get(shape, (1, 0)) if isinstance(shape, str) else (1, 0)
    if not isinstance(flat, list) or len(flat) % 2 or not least <= len(flat) // 2 <= most:
        return None
    right, down = _pair(selector.get("offset")) or (0.0, 0.0)
    moved = handles if isinstance(handles, dict) else {}
    points: list[Point] = []
    for at in range(len(flat) // 2):
        point = _pair(moved.get(str(at))) or _pair(flat[2 * at : 2 * at + 2])
        if point is None:
            return None
        x = _number(moved.get(f"{at}x"), point[0]) + right
        y = _number(moved.get(f"{at}y"), point[1]) + down
        if max(abs(x), abs(y)) > FURTHEST:
            return None
        points.append((x, y))
    return points


def _pair(value: object) -> Point | None:
    if not isinstance(value, list) or len(value) != 2:
        return None
    x, y = (_number(each, math.nan) for each in value)
    return None if math.isnan(x) or math.isnan(y) else (x, y)


def _number(value: object, otherwise: float) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= FURTHEST:
        return float(value)
    return otherwise


def svg_of(shape: str, points: Points) -> str:
    """The shape as a small SVG in the picture's own pixels. It is made of numbers alone."""
    return f'<svg xmlns="http://www.w3.org/2000/svg">{_element(shape, points)}</svg>'


def _element(shape: str, points: Points) -> str:
    (left, top), (width, height) = _box(points)
    match shape:
        case "point":
            return f'<circle cx="{_n(left)}" cy="{_n(top)}" r="{POINT_RADIUS}"/>'
        case "rectangle":
            return f'<rect x="{_n(left)}" y="{_n(top)}" width="{_n(width)}" height="{_n(height)}"/>'
        case "ellipse":
            centre = f'cx="{_n(left + width / 2)}" cy="{_n(top + height / 2)}"'
            return f'<ellipse {centre} rx="{_n(width / 2)}" ry="{_n(height / 2)}"/>'
        case "polygon":
            return f'<polygon points="{_list(points)}"/>'
        case "bidirectional" | "cobb":
            lines = [f"M{_n(a[0])} {_n(a[1])}L{_n(b[0])} {_n(b[1])}" for a, b in list(pairwise(points))[::2]]
            return f'<path fill="none" d="{"".join(lines)}"/>'
        case _:
            return f'<polyline fill="none" points="{_list(points)}"/>'


def box_of(points: Points) -> str:
    """The smallest box of whole pixels around it, at least one wide and high, and none of it above or left of the
    picture: a fragment cannot say so."""
    (left, top), (width, height) = _box(points)
    x, y = max(math.floor(left), 0), max(math.floor(top), 0)
    right, bottom = max(math.ceil(left + width), x + 1), max(math.ceil(top + height), y + 1)
    return f"xywh={x},{y},{right - x},{bottom - y}"


def _box(points: Points) -> tuple[Point, Point]:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return (min(xs), min(ys)), (max(xs) - min(xs), max(ys) - min(ys))


def _list(points: Points) -> str:
    return " ".join(f"{_n(x)},{_n(y)}" for x, y in points)


def _n(number: float) -> str:
    """A thousandth of a pixel is more than anybody sees."""
    return f"{number:.3f}".rstrip("0").rstrip(".")
