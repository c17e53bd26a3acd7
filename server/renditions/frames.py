"""Frames of DICOM files as viewers take them: raw numbers, or the JPEGs that are in the file. [REN-5]

Raw frames are little-endian, row by row, gzipped each; colour is RGB, 8 bits. Baseline JPEGs are passed through as they
are, without their comments: decoding them and sending numbers would take ten times the bytes.
"""

from __future__ import annotations

import gzip
import io
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from numpy.typing import NDArray
from PIL.JpegImagePlugin import JpegImageFile
from pydicom.dataset import Dataset
from pydicom.encaps import generate_frames
from pydicom.pixels.processing import apply_color_lut
from pydicom.pixels.utils import iter_pixels
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, JPEGBaseline8Bit

from server.cleaning.outcome import Json
from server.cleaning.pieces import Unwalkable, jpeg_pieces
from server.renditions.facts import whole
from server.renditions.further import OURS, by_us
from server.renditions.rendition import Pack

Frame = NDArray[Any]
"""Rows × columns of whole numbers or floats, or rows × columns × 3 of 8 bits."""
LEVEL = 4
MOST_PIXELS = 100_000_000
"""Of one frame."""
MOST_BYTES = 16 * 1024**3
"""Of all frames, unpacked."""
KNOWN = {"MONOCHROME1", "MONOCHROME2", "PALETTE COLOR", "RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT"}
READ_WHOLE = 64 * 1024**2
"""Bytes of a file; pydicom finds the frames of odd ones only when it has all of it."""
ADOBE = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00"
COARSE_LONGEST = 256
COARSE_LEAST_STEP = 4
"""A sixteenth of the pixels or fewer, so that a coarse frame costs little beside the exact one."""
CLOSE = 3.0
"""Mean difference, of 255, between a JPEG as a browser and as pydicom decodes it: rounding and no more."""


class NotShown(Exception):
    """The pixels cannot be decoded here; says what they are, in the standard's words."""


@dataclass(frozen=True, slots=True)
class Packed:
    """What the manifest says of the frames."""

    said: dict[str, Json]
    first: Frame


def read(path: Path) -> Dataset:
    """Everything before the pixels. Raises: NotShown."""
    try:
        return pydicom.dcmread(path, stop_before_pixels=True, force=True)
    except Exception as error:
        raise NotShown(f"damaged: {type(error).__name__}") from error


def pack(dataset: Dataset, path: Path, target: Pack, at: Callable[[int], None]) -> Packed:
    """Put all frames of `path` into `target`. Raises: NotShown, OSError, what `at` does."""
    try:
        rows, columns = whole(dataset.get("Rows")) or 0, whole(dataset.get("Columns")) or 0
        count = max(1, whole(dataset.get("NumberOfFrames")) or 1)
        samples = whole(dataset.get("SamplesPerPixel")) or 1
        bits = whole(dataset.get("BitsAllocated"))
        syntax = dataset.file_meta.get("TransferSyntaxUID") if hasattr(dataset, "file_meta") else None
    except Exception as error:
        raise NotShown(f"damaged: {type(error).__name__}") from error
    if rows * columns > MOST_PIXELS or rows * columns * samples * count * 2 > MOST_BYTES:
        raise NotShown(f"{columns} × {rows} pixels, {count} frames")
    packed = _passed_through(dataset, path, target, count, at) if syntax == JPEGBaseline8Bit and bits == 8 else None
    return packed or _raw(dataset, path, target, at)


def decoded(dataset: Dataset, path: Path) -> Iterator[Frame]:
    """The frames in turn: stored values, or RGB. Raises: NotShown."""
    syntax = dataset.file_meta.get("TransferSyntaxUID") if hasattr(dataset, "file_meta") else None
    photometric = str(dataset.get("PhotometricInterpretation", ""))
    with warnings.catch_warnings():
        # pydicom warns of what does not agree with the standard; what it makes of it is what is shown.
        warnings.simplefilter("ignore")
        try:
            if syntax in OURS:
                yield from by_us(dataset, str(syntax), _coded(dataset, path))
                return
            for frame in _iterated(path, is_small=syntax == DeflatedExplicitVRLittleEndian):
                yield _plain(dataset, frame, photometric)
        except Exception as error:
            raise NotShown(f"{_name(syntax)}, {photometric if photometric in KNOWN else 'other pixels'}") from error


def _name(syntax: object) -> str:
    """In the standard's words, never in the file's."""
    uid = UID(str(syntax))
    return uid.name if uid.is_transfer_syntax and not uid.is_private and uid.name != uid else "no known transfer syntax"


def _coded(dataset: Dataset, path: Path) -> Iterator[bytes]:
    return _jpegs(path, max(1, whole(dataset.get("NumberOfFrames")) or 1))


def _iterated(path: Path, *, is_small: bool) -> Iterator[Frame]:
    """Frame by frame from the file. What is deflated as a whole, and so never large, is read as a whole."""
    if is_small or path.stat().st_size <= READ_WHOLE:
        yield from iter_pixels(pydicom.dcmread(path, force=True))
    else:
        yield from iter_pixels(path)


def _plain(dataset: Dataset, frame: Frame, photometric: str) -> Frame:
    if photometric == "PALETTE COLOR":
        frame = apply_color_lut(frame, dataset)
    if frame.ndim == 3:
        frame = frame[:, :, :3]
        if frame.dtype.itemsize > 1:
            bits = whole(dataset.get("BitsStored")) or 16
            deep = 16 if photometric == "PALETTE COLOR" else bits
            frame = (frame >> max(0, deep - 8)).astype(np.uint8)
    return frame


def _raw(dataset: Dataset, path: Path, target: Pack, at: Callable[[int], None]) -> Packed:
    places: list[Json] = []
    coarse: list[Json] = []
    first: Frame | None = None
    lowest, highest = np.inf, -np.inf
    for number, frame in enumerate(decoded(dataset, path)):
        if first is None:
            first = frame
        elif frame.shape != first.shape:
            raise NotShown("frames of different sizes")
        if frame.ndim == 2 and frame.size:
            lowest, highest = min(lowest, float(np.nanmin(frame))), max(highest, float(np.nanmax(frame)))
        places.append(_add(target, frame))
        step = step_of(frame)
        if step is not None:
            coarse.append(_add(target, coarser(frame, step)))
        at(number + 1)
    if first is None:
        raise NotShown("no frames")
    said: dict[str, Json] = {
        "coding": "gzip",
        "width": first.shape[1],
        "height": first.shape[0],
        "samples": 3 if first.ndim == 3 else 1,
        "bits": first.dtype.itemsize * 8,
        "type": {"u": "unsigned", "i": "signed", "f": "float"}.get(first.dtype.kind, "unsigned"),
        "places": places,
    }
    step = step_of(first)
    if step is not None:
        height, width = coarser(first, step).shape[:2]
        said["coarse"] = {"step": step, "width": width, "height": height, "places": coarse}
    if first.ndim == 2 and np.isfinite(lowest):
        said |= {"lowest": _json(lowest), "highest": _json(highest)}
    return Packed(said, first)


def _add(target: Pack, frame: Frame) -> list[Json]:
    ordered = np.ascontiguousarray(frame, dtype=frame.dtype.newbyteorder("<"))
    return target.add(gzip.compress(ordered.tobytes(), LEVEL, mtime=0))


def step_of(frame: Frame) -> int | None:
    """Every how many pixels a coarse frame has one; None where the exact one is small enough."""
    longest = max(frame.shape[:2])
    return None if longest <= COARSE_LONGEST // 2 else max(COARSE_LEAST_STEP, -(-longest // COARSE_LONGEST))


def coarser(frame: Frame, step: int) -> Frame:
    """Each pixel the mean of `step` × `step`, the edge repeated; of floats, which may be NaN, the first. [REN-10]"""
    if frame.dtype.kind == "f":
        return frame[::step, ::step]
    height, width = frame.shape[:2]
    around = [(0, -height % step), (0, -width % step), *[(0, 0)] * (frame.ndim - 2)]
    padded = np.pad(frame, around, "edge")
    cut = padded.reshape(padded.shape[0] // step, step, padded.shape[1] // step, step, *frame.shape[2:])
    means: Frame = np.rint(cut.mean(axis=(1, 3), dtype=np.float64)).astype(frame.dtype)
    return means


def _json(value: float) -> Json:
    return int(value) if value.is_integer() else value


def _passed_through(dataset: Dataset, path: Path, target: Pack, count: int, at: Callable[[int], None]) -> Packed | None:
    """None where what is in the file is not what a browser would show."""
    is_rgb = dataset.get("PhotometricInterpretation") == "RGB"
    first = next(decoded(dataset, path))
    places: list[Json] = []
    for number, frame in enumerate(_jpegs(path, count)):
        coded = plain_jpeg(frame, is_rgb=is_rgb)
        if coded is None or (number == 0 and not _shows(coded, first)):
            return None if number == 0 else _broken(number)
        places.append(target.add(coded))
        at(number + 1)
    if len(places) != count:
        return None if not places else _broken(len(places))
    said: dict[str, Json] = {
        "coding": "jpeg",
        "width": first.shape[1],
        "height": first.shape[0],
        "samples": 3 if first.ndim == 3 else 1,
        "bits": 8,
        "type": "unsigned",
        "places": places,
    }
    return Packed(said, first)


def _broken(number: int) -> Packed | None:
    raise NotShown(f"JPEG Baseline (Process 1), broken at frame {number + 1}")


def _jpegs(path: Path, count: int) -> Iterator[bytes]:
    """The coded frames, read one by one: the file stands at the pixel data when the rest was read."""
    with path.open("rb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pydicom.dcmread(file, stop_before_pixels=True, force=True)
        file.seek(12, io.SEEK_CUR)  # tag, OB, two zeros, undefined length
        try:
            yield from generate_frames(file, number_of_frames=count)
        except Exception:  # how many came is counted
            return


def plain_jpeg(coded: bytes, *, is_rgb: bool) -> bytes | None:
    """The same picture without anything beside it, saying which colours it has; None when it cannot be read.

    Without a mark of Adobe's, browsers take three components for YCbCr.
    """
    try:
        pieces = list(jpeg_pieces(coded))
    except (Unwalkable, IndexError):
        return None
    kept = bytearray(b"\xff\xd8")
    components = 0
    for piece in pieces:
        if piece.name.startswith("SOF"):
            components = coded[piece.start + 5]
    if components == 3:
        kept += ADOBE + (b"\0" if is_rgb else b"\x01")
    for piece in pieces:
        if piece.name == "scan":
            kept += coded[piece.start : piece.end]
        elif piece.name.startswith(("SOF", "DQT", "DHT", "DRI", "SOS")):
            kept += coded[piece.start - 4 : piece.end]
        elif piece.name == "EOI":
            break
    return bytes(kept) + b"\xff\xd9"


def _shows(coded: bytes, wanted: Frame) -> bool:
    try:
        with JpegImageFile(io.BytesIO(coded)) as image:
            seen = np.asarray(image.convert("RGB" if wanted.ndim == 3 else "L"), np.int16)
    except (OSError, SyntaxError, ValueError):
        return False
    return seen.shape == wanted.shape and float(np.abs(seen - wanted.astype(np.int16)).mean()) < CLOSE
