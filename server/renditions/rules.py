"""By which rules renditions are made: raised whenever what is made of the same file is told better than before.

A worker makes anew what is older, in the background. [REN-11] What was made before rules were counted has 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from workspace.media import Kind

_DICOM = 1
"""1: coarse frames, ranges of padding, doses in Gy, lossless JPEG and JPEG-LS, what an ECG's numbers mean."""

RULES: Mapping[Kind, int] = MappingProxyType(
    {Kind.PHOTO: 1, Kind.VIDEO: 1, Kind.PDF: 1, Kind.DICOM: _DICOM, Kind.ECG: _DICOM}
)
"""Of DICOM and curves the same: one series may hold both."""
