"""Kinds of pixels of which pydicom ships no file: made with pydicom, shown by our page in Chromium, held to pydicom."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pydicom
from numpy.typing import NDArray
from playwright.sync_api import Browser
from pydicom.data import get_testdata_file
from pydicom.dataset import FileDataset
from pydicom.uid import UID

from tests.e2e.media.test_pixels import differences, looked_at

SIDE = 128
PARAMETRIC_MAP = UID("1.2.840.10008.5.1.4.1.1.30")


def grey(numbers: NDArray[np.integer], **said: object) -> FileDataset:
    """A slice of a CT with these numbers, and what else is said of them."""
    dataset = pydicom.dcmread(str(get_testdata_file("CT_small.dcm")))
    for keyword in ("SmallestImagePixelValue", "LargestImagePixelValue", "PixelPaddingValue"):
        if keyword in dataset:
            delattr(dataset, keyword)
    bits = numbers.dtype.itemsize * 8
    dataset.BitsAllocated = dataset.BitsStored = bits
    dataset.HighBit = bits - 1
    dataset.PixelRepresentation = int(numbers.dtype.kind == "i")
    for keyword, value in said.items():
        setattr(dataset, keyword, value)
        if keyword.startswith("PixelPadding"):
            dataset[keyword].VR = "SS" if dataset.PixelRepresentation else "US"
    dataset.PixelData = numbers.tobytes()
    dataset["PixelData"].VR = "OB" if bits == 8 else "OW"
    return dataset


def ramp(least: int, most: int, kind: type[np.integer]) -> NDArray[np.integer]:
    """All numbers from `least` to `most`, over the whole picture."""
    return np.linspace(least, most, SIDE * SIDE).astype(kind).reshape(SIDE, SIDE)


def floating(keyword: str, kind: str) -> FileDataset:
    """A parametric map: its numbers are no whole ones."""
    dataset = grey(ramp(0, 9, np.uint16))
    for gone in ("PixelData", "BitsStored", "HighBit", "PixelRepresentation"):
        delattr(dataset, gone)
    values = np.linspace(-3.5, 7.25, SIDE * SIDE).astype(kind)
    dataset.BitsAllocated = values.dtype.itemsize * 8
    setattr(dataset, keyword, values.tobytes())
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = PARAMETRIC_MAP
    return dataset


WINDOW = {"WindowCenter": 40, "WindowWidth": 400, "RescaleIntercept": -1024}


def greys() -> dict[str, FileDataset]:
    """With padding as a value and as a range, upwards and downwards; and bytes with a sign."""
    return {
        "padding-value": grey(ramp(-2000, 2000, np.int16), PixelPaddingValue=-2000, **WINDOW),
        "padding-range": grey(ramp(0, 4000, np.uint16), PixelPaddingValue=0, PixelPaddingRangeLimit=999, **WINDOW),
        "padding-from-above": grey(
            ramp(-2000, 2000, np.int16), PixelPaddingValue=-1000, PixelPaddingRangeLimit=-2000, **WINDOW
        ),
        "padding-inverted": grey(
            ramp(0, 4000, np.uint16),
            PixelPaddingValue=3500,
            PixelPaddingRangeLimit=4000,
            PhotometricInterpretation="MONOCHROME1",
            **WINDOW,
        ),
        "signed-bytes": grey(ramp(-128, 127, np.int8), WindowCenter=0, WindowWidth=200, RescaleIntercept=0),
    }


def kept(folder: Path, made: dict[str, FileDataset]) -> list[Path]:
    """As files."""
    paths = [folder / f"{name}.dcm" for name in made]
    for path, dataset in zip(paths, made.values(), strict=True):
        dataset.save_as(path)
    return paths


def test_padding_and_signed_bytes_are_seen_as_pydicom_reads_them(tmp_path: Path, browser: Browser) -> None:
    """[VIEW-3] [VIEW-20] Numbers, real values and greys; all from the padding value to its limit, whichever is larger,
    is black, also where black is white."""
    made = greys()
    _, prepared, seen = looked_at(browser, tmp_path / "seen", kept(tmp_path, made))
    for number, (name, one, other) in enumerate(zip(made, prepared, seen, strict=True)):
        assert (one.because, other.because) == (None, None), name
        assert list(differences(tmp_path / "seen" / str(number), one, other)) == [], name
    at = list(made).index("padding-inverted")
    painted = np.fromfile(tmp_path / "seen" / str(at) / "painted-0", np.uint8).reshape(SIDE, SIDE, 4)[..., 0]
    stored = made["padding-inverted"].pixel_array
    assert set(painted[stored >= 3500].tolist()) == {0}
    assert set(painted[stored < 800].tolist()) == {255}


def test_a_dose_is_told_in_gray_where_the_file_says_so(tmp_path: Path, browser: Browser) -> None:
    """[VIEW-20] [REN-6] Stored numbers times the scaling of the grid; a relative dose has no unit."""
    doses = {}
    for units in ("GY", "RELATIVE"):
        doses[units] = pydicom.dcmread(str(get_testdata_file("rtdose.dcm")))
        doses[units].DoseUnits, doses[units].DoseGridScaling = units, "0.00125"
    _, prepared, seen = looked_at(browser, tmp_path / "seen", kept(tmp_path, doses))
    for number, (one, other, unit) in enumerate(zip(prepared, seen, ("Gy", None), strict=True)):
        assert one.because is None
        assert list(differences(tmp_path / "seen" / str(number), one, other)) == []
        said = json.loads((tmp_path / "seen" / str(number) / "manifest.json").read_text())["values"]
        assert (said["slope"], said["unit"]) == (0.00125, unit)


def test_pixels_that_are_no_whole_numbers_are_refused_by_name(tmp_path: Path, browser: Browser) -> None:
    """[VIEW-20] [DEI-9] Float and double float pixel data: the cleaner does not take them, and says so."""
    made = {"single": floating("FloatPixelData", "<f4"), "double": floating("DoubleFloatPixelData", "<f8")}
    _, prepared, _ = looked_at(browser, tmp_path / "seen", kept(tmp_path, made))
    assert [each.because for each in prepared] == ["refused: unsupported"] * 2
