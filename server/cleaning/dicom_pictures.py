"""Pictures of a cleaned object for the person who looks for names in its pixels.

Text is what matters: of a cine, the brightest that each pixel ever is comes first, in which every text of every frame
can be seen, and then some of its frames.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from PIL.Image import fromarray
from pydicom.dataset import Dataset
from pydicom.filereader import dcmread
from pydicom.pixels.processing import apply_color_lut
from pydicom.pixels.utils import iter_pixels
from pydicom.uid import UID

from server.cleaning.outcome import Picture, Report
from server.cleaning.registry import quiet

MOST_PICTURES = 12
CONTENT_TYPE = "image/png"
Shades: TypeAlias = npt.NDArray[np.uint8]


class Undecodable(Exception):
    """There is no decoder for these pixels; the message names their transfer syntax, as the standard does."""


def pictures_of(path: Path, folder: Path, report: Report) -> list[Picture]:
    """Writes the pictures to `folder`; marks made on them are in pixels of the object.

    Raises:
        Undecodable: nobody can look at it here.
    """
    with quiet():
        dataset = dcmread(path, stop_before_pixels=True)
        syntax = UID(dataset.file_meta.TransferSyntaxUID)
        frames = int(dataset.get("NumberOfFrames") or 1)
        chosen = {round(each * (frames - 1) / max(1, MOST_PICTURES - 1)) for each in range(MOST_PICTURES)}
        made: list[Picture] = []
        brightest: Shades | None = None
        for index, shades in enumerate(_frames(path, dataset, syntax)):
            brightest = shades if brightest is None else np.maximum(brightest, shades)
            if index in chosen:
                made.append(_picture(shades, folder, index if frames > 1 else None))
            report(index + 1, frames)
    if brightest is None:
        raise Undecodable(syntax.name)
    return [_picture(brightest, folder, None), *made] if frames > 1 else made


def _frames(path: Path, dataset: Dataset, syntax: UID) -> Iterator[Shades]:
    frames = iter_pixels(path)
    while True:
        try:
            frame = next(frames)
        except StopIteration:
            return
        except Exception:
            # Decoders raise whatever their libraries do; those of some syntaxes are not there.
            raise Undecodable(syntax.name) from None
        yield _shades(frame, dataset)


def _shades(frame: npt.NDArray[np.generic], dataset: Dataset) -> Shades:
    """Eight bits, from the darkest to the brightest of the frame, whatever its window is: text is at the ends."""
    if dataset.PhotometricInterpretation == "PALETTE COLOR":
        frame = apply_color_lut(frame, dataset)
    if frame.dtype == np.uint8:
        shades = frame
    else:
        values = frame.astype(np.float32)
        low, high = float(values.min()), float(values.max())
        shades = ((values - low) * (255 / max(high - low, 1))).astype(np.uint8)
    return (255 - shades if dataset.PhotometricInterpretation == "MONOCHROME1" else shades).astype(np.uint8)


def _picture(shades: Shades, folder: Path, frame: int | None) -> Picture:
    file = folder / f"picture-{'all' if frame is None else frame}.png"
    fromarray(shades).save(file, "PNG", compress_level=3)
    return Picture(frame, file, CONTENT_TYPE, shades.shape[1], shades.shape[0])
