"""Curves of an ECG: as numbers for a viewer, and drawn on a sheet as on paper. [REN-8]

PS3.3 §C.10.9 (waveforms). The sheet: 25 mm a second, 10 mm a millivolt, small squares of 1 mm, large ones of 5.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pydicom
from numpy.typing import NDArray
from PIL.Image import Image, Resampling, new
from PIL.ImageDraw import Draw, ImageDraw
from PIL.ImageFont import load_default
from pydicom.dataset import Dataset
from pydicom.waveforms.numpy_handler import multiplex_array

from server.cleaning.outcome import Json
from server.renditions.facts import items, number, text, whole

FORMAT = "ecg-waveform/1"
MICROVOLTS = {"uV": 1.0, "µV": 1.0, "mV": 1000.0, "V": 1_000_000.0}
FILTERS = {"low": "FilterLowFrequency", "high": "FilterHighFrequency", "notch": "NotchFilterFrequency"}
MOST_SAMPLES = 20_000_000
STANDARD = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
COLUMNS = (("I", "II", "III"), ("aVR", "aVL", "aVF"), ("V1", "V2", "V3"), ("V4", "V5", "V6"))
MM = 4
"""Pixels."""
FINER = 2
"""Drawn so much larger, then made smaller: smooth lines."""
MM_PER_SECOND, MM_PER_MILLIVOLT = 25, 10
ROW_MM, MARGIN_MM = 25, 5
PAPER, FINE, COARSE, INK = (255, 250, 248), (246, 214, 208), (230, 168, 158), (20, 20, 28)


class NoCurves(Exception):
    """There is no ECG in the file, or not one that can be read."""


@dataclass(frozen=True, slots=True)
class Curves:
    """The first group of curves of one rate that holds leads of an ECG."""

    hertz: float
    leads: Sequence[tuple[str, NDArray[np.float64]]]
    """Name and microvolts."""
    is_calibrated: Sequence[bool]
    """Of each lead: whether the file says what its numbers mean. Else they are what stands for microvolts there."""
    filters: Mapping[str, float | None]
    """Hertz: what is below `low`, above `high` and at `notch` was taken off; None: leads differ, or nothing is said."""

    @property
    def seconds(self) -> float:
        """How long they are."""
        return len(self.leads[0][1]) / self.hertz


def read_curves(path: Path) -> Curves:
    """Raises: NoCurves."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            dataset = pydicom.dcmread(path, force=True)
            groups = items(dataset, "WaveformSequence")
            if not groups:
                raise NoCurves("no waveforms")
            # A rhythm of ten seconds comes before the median beat, which is short.
            best = max(range(len(groups)), key=lambda each: _length(groups[each]))
            return _curves(dataset, groups[best], best)
        except NoCurves:
            raise
        except Exception as error:
            raise NoCurves(type(error).__name__) from error


def _length(group: Dataset) -> float:
    samples, hertz = whole(group.get("NumberOfWaveformSamples")) or 0, number(group.get("SamplingFrequency")) or 1
    return samples / hertz


def _curves(dataset: Dataset, group: Dataset, index: int) -> Curves:
    hertz = number(group.get("SamplingFrequency"))
    samples, count = whole(group.get("NumberOfWaveformSamples")) or 0, whole(group.get("NumberOfWaveformChannels")) or 0
    if not hertz or hertz <= 0 or samples < 2 or count < 1 or samples * count > MOST_SAMPLES:
        raise NoCurves("no samples")
    real = multiplex_array(dataset, index, as_raw=False).astype(np.float64)
    leads, known = [], []
    for place, definition in enumerate(items(group, "ChannelDefinitionSequence")[: real.shape[1]]):
        units = items(definition, "ChannelSensitivityUnitsSequence")
        factor = MICROVOLTS.get(text(units[0].get("CodeValue")) or "") if units else None
        known.append(factor is not None and number(definition.get("ChannelSensitivity")) is not None)
        leads.append((_name(definition, place), np.nan_to_num(real[:, place] * (1.0 if factor is None else factor))))
    if not leads:
        raise NoCurves("no leads")
    return Curves(hertz, leads, known, _filters(items(group, "ChannelDefinitionSequence")))


def _filters(definitions: Sequence[Dataset]) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for name, keyword in FILTERS.items():
        told = {number(definition.get(keyword)) for definition in definitions}
        found[name] = told.pop() if len(told) == 1 else None
    return found


def _name(definition: Dataset, place: int) -> str:
    """`Lead aVR (Einthoven)` is aVR."""
    sources = items(definition, "ChannelSourceSequence")
    meaning = (text(sources[0].get("CodeMeaning")) or "") if sources else ""
    words = meaning.replace("(", " ").replace(",", " ").split()
    for word in words:
        for name in STANDARD:
            if word.lower() == name.lower():
                return name
    return text(definition.get("ChannelLabel")) or meaning[:16] or f"{place + 1}"


def as_json(curves: Curves) -> dict[str, Json]:
    """Whole microvolts."""
    leads: list[Json] = [
        {"name": name, "microvolts": [int(each) for each in np.rint(values).tolist()], "is_calibrated": is_calibrated}
        for (name, values), is_calibrated in zip(curves.leads, curves.is_calibrated, strict=True)
    ]
    return {
        "format": FORMAT,
        "hertz": curves.hertz,
        "seconds": round(curves.seconds, 6),
        "leads": leads,
        "filters": dict(curves.filters),
    }


def sheet(curves: Curves) -> Image:
    """Twelve leads in four columns over a rhythm strip, as on paper; others one below the other."""
    by_name = dict(curves.leads)
    seconds = min(curves.seconds, 10.0)
    is_standard = all(name in by_name for name in STANDARD)
    rows = 4 if is_standard else min(len(curves.leads), 24)
    width_mm = round(max(seconds, 2.0) * MM_PER_SECOND) + 2 * MARGIN_MM
    height_mm = rows * ROW_MM + 2 * MARGIN_MM
    image = new("RGB", (width_mm * MM * FINER, height_mm * MM * FINER), PAPER)
    draw = Draw(image)
    _squares(draw, width_mm, height_mm)
    if is_standard:
        part = seconds / 4
        for column, names in enumerate(COLUMNS):
            for row, name in enumerate(names):
                _curve(draw, curves.hertz, name, by_name[name], row, column * part, column * part, part)
        _curve(draw, curves.hertz, "II", by_name["II"], 3, 0.0, 0.0, seconds)
    else:
        for row, (name, values) in enumerate(curves.leads[:rows]):
            _curve(draw, curves.hertz, name, values, row, 0.0, 0.0, seconds)
    return image.resize((width_mm * MM, height_mm * MM), Resampling.BOX)


def _squares(draw: ImageDraw, width_mm: int, height_mm: int) -> None:
    for step, colour, thick in ((1, FINE, 1), (5, COARSE, 2)):
        for x in range(0, width_mm + 1, step):
            draw.line((x * MM * FINER, 0, x * MM * FINER, height_mm * MM * FINER), colour, thick)
        for y in range(0, height_mm + 1, step):
            draw.line((0, y * MM * FINER, width_mm * MM * FINER, y * MM * FINER), colour, thick)


def _curve(
    draw: ImageDraw,
    hertz: float,
    name: str,
    values: NDArray[np.float64],
    row: int,
    start: float,
    shown_at: float,
    seconds: float,
) -> None:
    part = values[round(start * hertz) : round((start + seconds) * hertz) + 1]
    if len(part) < 2:
        return
    scale = MM * FINER
    middle = (MARGIN_MM + row * ROW_MM + ROW_MM / 2) * scale
    left = (MARGIN_MM + shown_at * MM_PER_SECOND) * scale
    x = left + np.arange(len(part)) / hertz * MM_PER_SECOND * scale
    y = middle - np.clip(part, -20_000, 20_000) / 1000 * MM_PER_MILLIVOLT * scale
    draw.line(list(zip(x.tolist(), y.tolist(), strict=True)), INK, 3, joint="curve")
    draw.text((left + scale, middle - ROW_MM / 2 * scale + scale), name, INK, load_default(4 * scale))
