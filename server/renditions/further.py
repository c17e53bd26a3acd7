"""Transfer syntaxes that pydicom leaves to others: lossless JPEG and JPEG-LS, as it would give them. [REN-9]"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.pixels.processing import convert_color_space
from pydicom.uid import JPEGLossless, JPEGLosslessSV1, JPEGLSLossless, JPEGLSNearLossless

from server.renditions import jpegls, lossless
from server.renditions.facts import whole

JPEG = {str(JPEGLossless), str(JPEGLosslessSV1)}
OURS = {*JPEG, str(JPEGLSLossless), str(JPEGLSNearLossless)}


def by_us(dataset: Dataset, syntax: str, coded: Iterable[bytes]) -> Iterator[NDArray[Any]]:
    """The frames, as numbers of the stored kind, colour as RGB. Raises: lossless.Damaged, jpegls.Damaged, OSError."""
    frames = (lossless.decode(each) for each in coded) if syntax in JPEG else jpegls.decode(coded)
    photometric = str(dataset.get("PhotometricInterpretation", ""))
    for frame in frames:
        stored = as_stored(dataset, frame)
        if stored.ndim == 3 and photometric.startswith("YBR_FULL"):
            stored = convert_color_space(stored, "YBR_FULL", "RGB")
        yield stored


def as_stored(dataset: Dataset, frame: NDArray[np.uint16]) -> NDArray[Any]:
    """As wide as the file says, and with its sign (PS3.3 §C.7.6.3.1, Pixel Representation)."""
    if whole(dataset.get("BitsAllocated")) == 8:
        return frame.astype(np.int8 if dataset.get("PixelRepresentation") == 1 else np.uint8)
    if dataset.get("PixelRepresentation") != 1:
        return frame
    unused = 16 - min(16, max(1, whole(dataset.get("BitsStored")) or 16))
    return (frame << unused).view(np.int16) >> unused
