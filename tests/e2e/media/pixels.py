"""Every picture that ships with pydicom for its tests, and high-throughput JPEG 2000, as our cleaner and our renditions
give it, and what pydicom itself makes of it."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_color_lut, apply_modality_lut, apply_voi, apply_windowing
from pydicom.pixels.utils import pixel_array
from pydicom.uid import UID

from server.cleaning import dicom_media
from server.cleaning.dicom_media import DicomPolicy
from server.cleaning.outcome import Cleaned, Rejected
from server.renditions.frames import decoded, read
from server.renditions.render import render
from tests.cleaning.objects import HTJ2K_FILES, ODD_FILES, USUAL, real_files

FOLDERS = (ODD_FILES, HTJ2K_FILES, real_files())
PIXELS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
MOST_FRAMES = 5
"""Of one file: the first, the last and some between."""
LOSSY_IN_THE_BROWSER = "jpeg"
BY_US = {"JPEG-LS", "JPEG Lossless"}
"""Begin the names of transfer syntaxes that pydicom leaves to others: held to other decoders by REN-9."""

Numbers = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Prepared:
    """One file on its way to a browser. Without `frames` it says why, in `because`."""

    name: str
    about: tuple[str, str, str, str]
    """Transfer syntax, photometric interpretation, bits stored of allocated with their sign, frames."""
    because: str | None
    coding: str | None
    frames: Sequence[int]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one frame is by pydicom's own decoding."""

    numbers: Numbers
    """As stored; colours as RGB of 8 bits."""
    real: Numbers | None
    """Of each stored number that occurs, ascending; colours have none."""
    greys: Numbers | None
    """0 to 255, not rounded, by the file's first window or table; None where it has neither."""


def sources() -> dict[str, Path]:
    """Files with pixels, by name; of two with one name, the one that is on this machine with pydicom-data."""
    found = {path.name: path for folder in FOLDERS for path in sorted(folder.rglob("*")) if path.is_file()}
    return {name: path for name, path in sorted(found.items()) if _has_pixels(path)}


def _has_pixels(path: Path) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            dataset = pydicom.dcmread(path, force=True)
            return any(each in dataset for each in PIXELS)
        except Exception:
            return False


def prepare(path: Path, folder: Path) -> Prepared:
    """Clean and render one file into `folder`, as a worker does for whoever says that it shows no name."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset = pydicom.dcmread(path, force=True)
        (folder / "cleaning").mkdir(parents=True)
        policy = DicomPolicy(USUAL, {})
        outcome = dicom_media.clean(path, folder / "cleaning", policy, lambda done, total: None)
        if isinstance(outcome, Rejected):
            return Prepared(path.name, _about(dataset), f"refused: {outcome.detail or outcome.reason}", None, ())
        assert isinstance(outcome, Cleaned)
        (outcome.file).rename(folder / "cleaned.dcm")
        cleaned = Cleaned(folder / "cleaned.dcm", outcome.content_type, outcome.kind, outcome.attributes, {})
        render(cleaned, folder, lambda done, total: None)
        said = json.loads((folder / "manifest.json").read_text())
        if "not_shown" in said:
            return Prepared(path.name, _about(dataset), said["not_shown"], None, ())
        count = len(said["pixels"]["places"])
        frames = sorted({round(each) for each in np.linspace(0, count - 1, min(count, MOST_FRAMES))})
        prepared = Prepared(path.name, _about(dataset), None, said["pixels"]["coding"], frames)
        for frame, wanted in zip(frames, _wanted(dataset, folder / "cleaned.dcm", frames), strict=True):
            parts = {"numbers": wanted.numbers, "real": wanted.real, "greys": wanted.greys}
            for part, each in parts.items():
                if each is not None:
                    np.save(folder / f"wanted-{part}-{frame}.npy", each)
        return prepared


def wanted(folder: Path, frame: int) -> Wanted:
    """As `prepare` left it."""
    parts = {part: folder / f"wanted-{part}-{frame}.npy" for part in ("numbers", "real", "greys")}
    kept = {part: np.load(file) for part, file in parts.items() if file.exists()}
    return Wanted(kept["numbers"], kept.get("real"), kept.get("greys"))


def _about(dataset: Dataset) -> tuple[str, str, str, str]:
    syntax = dataset.file_meta.get("TransferSyntaxUID") if hasattr(dataset, "file_meta") else None
    sign = "signed" if dataset.get("PixelRepresentation") == 1 else "unsigned"
    samples = dataset.get("SamplesPerPixel")
    planar = ", by colour" if samples == 3 and dataset.get("PlanarConfiguration") == 1 else ""
    bits = f"{dataset.get('BitsStored')} of {dataset.get('BitsAllocated')}, {sign}{planar}"
    return (
        "none" if syntax is None else UID(syntax).name,
        str(dataset.get("PhotometricInterpretation", "none")),
        bits,
        str(dataset.get("NumberOfFrames") or 1),
    )


def _wanted(original: Dataset, cleaned: Path, frames: Sequence[int]) -> list[Wanted]:
    everything = _numbers(original, cleaned)
    return [
        Wanted(numbers, None, None)
        if numbers.ndim == 3
        else Wanted(numbers, _real(original, frame, np.unique(numbers)), _greys(original, frame, numbers))
        for frame, numbers in ((frame, everything[frame]) for frame in frames)
    ]


def _numbers(original: Dataset, cleaned: Path) -> Sequence[Numbers]:
    """All frames. Where the cleaner blanked what surrounds an ultrasound's regions, as the cleaned file has them."""
    if any(UID(original.file_meta.TransferSyntaxUID).name.startswith(each) for each in BY_US):
        return list(decoded(read(cleaned), cleaned))
    dataset = pydicom.dcmread(cleaned) if "SequenceOfUltrasoundRegions" in original else original
    array = pixel_array(dataset)
    several = array if (dataset.get("NumberOfFrames") or 1) > 1 else array[None]
    if dataset.PhotometricInterpretation == "PALETTE COLOR":
        coloured = [apply_color_lut(each, dataset) for each in several]
        return [(each >> 8).astype(np.uint8) if each.dtype.itemsize > 1 else each for each in coloured]
    if several.ndim == 4 and several.dtype.itemsize > 1:
        return list((several >> (dataset.BitsStored - 8)).astype(np.uint8))
    return list(several)


def _group(dataset: Dataset, frame: int, sequence: str) -> Dataset:
    """What an enhanced object says of one frame, else of all, else the object itself (PS3.3 §C.7.6.16)."""
    own = list(dataset.get("PerFrameFunctionalGroupsSequence") or [])[frame : frame + 1]
    for group in (*own, *list(dataset.get("SharedFunctionalGroupsSequence") or [])[:1]):
        if group.get(sequence):
            return Dataset(group[sequence].value[0])
    return dataset


def _real(dataset: Dataset, frame: int, stored: Numbers) -> Numbers:
    if "DoseGridScaling" in dataset:  # pydicom leaves it to its reader (PS3.3 §C.8.8.3)
        return np.asarray(stored * float(dataset.DoseGridScaling), np.float64)
    return np.asarray(
        apply_modality_lut(stored, _group(dataset, frame, "PixelValueTransformationSequence")), np.float64
    )


def _greys(dataset: Dataset, frame: int, numbers: Numbers) -> Numbers | None:
    real = np.asarray(apply_modality_lut(numbers, _group(dataset, frame, "PixelValueTransformationSequence")))
    voi = _group(dataset, frame, "FrameVOILUTSequence")
    if "WindowCenter" in voi and voi.WindowCenter is not None:
        # pydicom gives them in the range of the stored or rescaled numbers: what its extremes are, two far values tell.
        ends = np.array([-1e9, 1e9])
        settings = _settings(dataset, voi)
        windowed, (least, most) = (apply_windowing(each.astype(np.float64), settings) for each in (real, ends))
        greys = (windowed - least) / (most - least) * 255
    elif dataset.get("VOILUTSequence"):
        looked = apply_voi(real.astype(np.int64), dataset).astype(np.float64)
        greys = looked * 255 / max(float(max(dataset.VOILUTSequence[0].LUTData)), 1)
    else:
        return None
    if dataset.PhotometricInterpretation == "MONOCHROME1" or dataset.get("PresentationLUTShape") == "INVERSE":
        greys = 255 - greys
    return np.asarray(np.where(_is_padding(dataset, numbers), 0, greys))


def _is_padding(dataset: Dataset, numbers: Numbers) -> NDArray[np.bool_]:
    padding = dataset.get("PixelPaddingValue")
    if padding is None:
        return np.zeros(numbers.shape, np.bool_)
    ends = sorted((padding, dataset.get("PixelPaddingRangeLimit", padding)))
    return np.asarray((numbers >= ends[0]) & (numbers <= ends[1]))


def _settings(dataset: Dataset, voi: Dataset) -> Dataset:
    """What `apply_windowing` reads, from wherever it stands."""
    settings = Dataset()
    for keyword in ("PhotometricInterpretation", "BitsStored", "PixelRepresentation"):
        setattr(settings, keyword, dataset.get(keyword))
    for keyword in ("WindowCenter", "WindowWidth", "VOILUTFunction"):
        if keyword in voi:
            setattr(settings, keyword, voi.get(keyword))
    return settings


def table(rows: Mapping[str, tuple[tuple[str, str, str, str], str]]) -> str:
    """Files that are alike in one row; `rows` holds what each is and how it is shown, by name."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for name, (about, result) in sorted(rows.items()):
        groups.setdefault((*about, result), []).append(name)
    head = (
        "| transfer syntax | photometric interpretation | bits | frames | shown | files |\n|---|---|---|---|---|---|\n"
    )
    lines = (
        f"| {' | '.join(key)} | {', '.join(f'`{each}`' for each in names)} |" for key, names in sorted(groups.items())
    )
    return head + "\n".join(lines) + "\n"
