"""The order of the files of one medium: of a series, as its maker numbered it, or as the slices lie (PS3.3 C.7.6.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from workspace.media import Kind

T = TypeVar("T")
Attributes = Mapping[str, object]


def in_order(files: Sequence[tuple[T, Attributes]]) -> Sequence[T]:
    """Files with their attributes, given in the order of their coming.

    By instance number where each has one of its own; else along the normal of the slices, where each has a place; else
    as they came. So the order says what the study's own list says, and files without numbers still lie as they lie.
    """
    numbers = [_number(attributes.get("instance_number")) for _, attributes in files]
    if None not in numbers and len(set(numbers)) == len(numbers):
        return _sorted(files, [number or 0.0 for number in numbers])
    places = [_place(attributes) for _, attributes in files]
    if None not in places:
        return _sorted(files, [place or 0.0 for place in places])
    return [file for file, _ in files]


def cover_of(files: Sequence[T], kind: Kind) -> T:
    """The file that stands for them all: of a series the one in the middle, where there is something to be seen."""
    return files[len(files) // 2] if kind is Kind.DICOM else files[0]


def _sorted(files: Sequence[tuple[T, Attributes]], keys: Sequence[float]) -> Sequence[T]:
    order = sorted(range(len(files)), key=lambda index: (keys[index], index))
    return [files[index][0] for index in order]


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _place(attributes: Attributes) -> float | None:
    """How far along the normal of its own plane."""
    position, orientation = _numbers(attributes.get("position"), 3), _numbers(attributes.get("orientation"), 6)
    if position is None or orientation is None:
        return None
    rx, ry, rz, cx, cy, cz = orientation
    normal = (ry * cz - rz * cy, rz * cx - rx * cz, rx * cy - ry * cx)
    return sum(n * p for n, p in zip(normal, position, strict=True))


def _numbers(value: object, count: int) -> Sequence[float] | None:
    if not isinstance(value, list) or len(value) != count:
        return None
    found = [_number(each) for each in value]
    return [each for each in found if each is not None] if None not in found else None
