"""The order of slices, and which of them stands for all."""

from __future__ import annotations

import pytest

from workspace.media import Kind
from workspace.series import Attributes, cover_of, in_order

AXIAL = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0]
SAGITTAL = [0.0, 1.0, 0.0, 0.0, 0.0, -1.0]


def at(x: float, y: float, z: float, orientation: list[float] = AXIAL, **more: object) -> Attributes:
    return {"position": [x, y, z], "orientation": orientation, **more}


@pytest.mark.parametrize(
    ("files", "order"),
    [
        ([{"instance_number": 3}, {"instance_number": 1}, {"instance_number": 2}], [1, 2, 0]),
        ([at(0, 0, 5, instance_number=2), at(0, 0, -5, instance_number=1)], [1, 0]),
        ([at(0, 0, 9), at(0, 0, -9), at(0, 0, 1)], [1, 2, 0]),
        ([at(0, 0, 9, instance_number=1), at(0, 0, -9, instance_number=1)], [1, 0]),
        ([at(-4, 0, 0, SAGITTAL), at(7, 0, 0, SAGITTAL), at(1, 0, 0, SAGITTAL)], [1, 2, 0]),
        ([{"instance_number": 2}, {}, {"instance_number": 1}], [0, 1, 2]),
        ([{"instance_number": True}, {"instance_number": "1"}], [0, 1]),
        ([{"position": [1, 2], "orientation": AXIAL}, at(0, 0, 0)], [0, 1]),
        ([{}, {}], [0, 1]),
        ([], []),
    ],
)
def test_files_lie_as_they_are_numbered_or_as_they_lie(files: list[Attributes], order: list[int]) -> None:
    """[MED-2] Numbers go before places, a place is along the normal; what has neither stays as it came."""
    assert list(in_order(list(enumerate(files)))) == order


def test_the_middle_of_a_series_stands_for_it() -> None:
    """[MED-7] Its ends show air."""
    assert cover_of([1, 2, 3, 4, 5], Kind.DICOM) == 3
    assert cover_of([1], Kind.DICOM) == 1
    assert cover_of([1, 2, 3], Kind.PHOTO) == 1
