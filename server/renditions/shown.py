"""One frame as a picture for people: rescaled, windowed, the right way round. [REN-7]

PS3.3 §C.11.1 (modality), §C.11.2.1.2 and §C.11.2.1.3 (windows).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image, fromarray

from server.cleaning.outcome import Json
from server.renditions.frames import Frame

SPREAD = (0.5, 99.5)
"""Percentiles between which the values are spread where the file has no window."""


def picture(frame: Frame, values: dict[str, Json]) -> Image:
    """`frame` as 8 bit grey or colour, by the first table or window that `values` has."""
    if frame.ndim == 3:
        return fromarray(np.ascontiguousarray(frame.astype(np.uint8)))
    real = np.nan_to_num(frame.astype(np.float64))
    padding = values.get("padding")
    limit = values.get("padding_limit", padding)
    is_padding = np.zeros(frame.shape, np.bool_)
    if isinstance(padding, int) and isinstance(limit, int):
        is_padding = (frame >= min(padding, limit)) & (frame <= max(padding, limit))
    real = _rescaled(real, values)
    tables, windows = values.get("tables"), values.get("windows")
    if isinstance(windows, list) and windows:
        grey = _windowed(real, windows[0], str(values.get("window_function")))
    elif isinstance(tables, list) and tables:
        grey = _looked_up(real, tables[0])
    else:
        grey = _spread(real, real[~is_padding])
    if values.get("invert"):
        grey = 255 - grey
    grey = np.where(is_padding, 0, grey)
    return fromarray(np.rint(np.clip(grey, 0, 255)).astype(np.uint8))


Real = NDArray[np.float64]


def _rescaled(real: Real, values: dict[str, Json]) -> Real:
    table = values.get("modality_table")
    if isinstance(table, dict):
        first, entries = table.get("first"), table.get("entries")
        if isinstance(first, int) and isinstance(entries, list) and entries:
            places = np.clip(real - first, 0, len(entries) - 1).astype(np.intp)
            mapped: Real = np.array(entries, np.float64)[places]
            return mapped
    slope, intercept = values.get("slope"), values.get("intercept")
    if isinstance(slope, int | float) and isinstance(intercept, int | float):
        return real * slope + intercept
    return real


def _windowed(real: Real, window: Json, function: str) -> Real:
    said: Any = window
    centre, width = float(said["center"]), float(said["width"])
    if function == "SIGMOID":
        grown: Real = 255 / (1 + np.exp(np.clip(-4 * (real - centre) / width, -700, 700)))
        return grown
    # The standard has no LINEAR narrower than 1, a threshold; values that are fractions (Gy, SUV) need one.
    if function == "LINEAR_EXACT" or width < 1:
        return ((real - centre) / width + 0.5) * 255
    if width == 1:
        return np.where(real > centre - 0.5, 255.0, 0.0)
    return ((real - (centre - 0.5)) / (width - 1) + 0.5) * 255


def _looked_up(real: Real, table: Json) -> Real:
    said: Any = table
    entries = np.array(said["entries"], np.float64)
    places = np.clip(real - said["first"], 0, len(entries) - 1).astype(np.intp)
    mapped: Real = entries[places] * (255 / max(1.0, float(entries.max())))
    return mapped


def _spread(real: Real, seen: Real) -> Real:
    if not seen.size:
        return np.zeros(real.shape)
    lowest, highest = np.percentile(seen, SPREAD)
    if highest <= lowest:
        lowest, highest = float(seen.min()), float(seen.max())
    spread: Real = (real - lowest) * (255 / max(highest - lowest, 1e-12))
    return spread
