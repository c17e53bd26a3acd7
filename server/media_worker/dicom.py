"""DICOM at the desk: cleaned, looked at where somebody has to, and described by what viewers and order need.

Attributes are read from the cleaned file alone (PS3.3 C.7.6): numbers, codes and remapped UIDs, no text.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image
from pydantic import JsonValue
from pydicom import Dataset, dcmread
from pydicom.multival import MultiValue
from pydicom.pixels.processing import apply_modality_lut, apply_voi_lut
from pydicom.pixels.utils import iter_pixels
from pydicom.uid import UID

from server.cleaning.dicom import clean_dicom, review_dicom
from server.cleaning.outcome import Report
from server.media_worker.job import Answer, CleanedLine, Job, MadeFile, RejectedLine, ReviewLine
from workspace.deidentification.outcome import (
    Certificate,
    Cleaned,
    NeedsReview,
    Rectangle,
    Rejected,
    certificate_from_json,
)
from workspace.deidentification.outcome import Reason as DicomReason
from workspace.deidentification.policy import CasePolicy
from workspace.media import Kind, Reason

CONTENT_TYPE = "application/dicom"
MOST_PICTURES = 12
"""Frames that whoever looks is shown, spread over all of them."""
REASONS = {
    DicomReason.NOT_DICOM: Reason.UNREADABLE,
    DicomReason.DAMAGED: Reason.UNREADABLE,
    DicomReason.TOO_LARGE: Reason.TOO_LARGE,
    DicomReason.TOO_COMPLEX: Reason.TOO_MUCH_INSIDE,
    DicomReason.INFLATES: Reason.TOO_MUCH_INSIDE,
    DicomReason.DIRECTORY: Reason.DIRECTORY,
    DicomReason.DOCUMENT: Reason.DOCUMENT,
    DicomReason.REPORT: Reason.REPORT,
    DicomReason.PRESENTATION: Reason.PRESENTATION,
    DicomReason.RAW_DATA: Reason.RAW_DATA,
    DicomReason.SPEECH: Reason.SPEECH,
    DicomReason.PLAN: Reason.PLAN,
    DicomReason.UNSUPPORTED: Reason.UNSUPPORTED,
    DicomReason.UNKNOWN_KIND: Reason.UNSUPPORTED,
    DicomReason.ENCRYPTED: Reason.ENCRYPTED,
    DicomReason.CANNOT_BLANK: Reason.CANNOT_BLANK,
    DicomReason.WRONG_PLACE: Reason.WRONG_PLACE,
    DicomReason.DEFECT: Reason.UNREADABLE,
    DicomReason.LEFT_OVER: Reason.IDENTIFIERS_LEFT,
}
NUMBERS = {
    "rows": "Rows",
    "columns": "Columns",
    "number": "InstanceNumber",
    "acquisition": "AcquisitionNumber",
    "bits_allocated": "BitsAllocated",
    "bits_stored": "BitsStored",
    "high_bit": "HighBit",
    "signed": "PixelRepresentation",
    "samples": "SamplesPerPixel",
    "slope": "RescaleSlope",
    "intercept": "RescaleIntercept",
    "thickness": "SliceThickness",
    "location": "SliceLocation",
    "frame_millis": "FrameTime",
    "series_number": "SeriesNumber",
}
LISTS = {
    "position": "ImagePositionPatient",
    "orientation": "ImageOrientationPatient",
    "spacing": "PixelSpacing",
    "imager_spacing": "ImagerPixelSpacing",
    "window_center": "WindowCenter",
    "window_width": "WindowWidth",
}
CODES = {
    "series": "SeriesInstanceUID",
    "instance": "SOPInstanceUID",
    "study": "StudyInstanceUID",
    "frame_of_reference": "FrameOfReferenceUID",
    "sop_class": "SOPClassUID",
    "modality": "Modality",
    "photometric": "PhotometricInterpretation",
    "laterality": "Laterality",
    "image_laterality": "ImageLaterality",
}


def clean(job: Job, report: Report) -> Answer:
    """One file of a series. Raises: OSError of the disk."""
    target = job.folder / "clean.dcm"
    if job.certificate is not None:
        certificate = certificate_from_json(job.certificate)
        outcome = review_dicom(job.source, target, rectangles(job, job.source), certificate, report)
    else:
        outcome = clean_dicom(job.source, target, CasePolicy(bytes.fromhex(job.secret)), report)
        if isinstance(outcome, NeedsReview) and job.decision is not None:
            seen = target.rename(job.folder / "seen.dcm")
            outcome = review_dicom(seen, target, rectangles(job, seen), outcome.certificate, report)
    match outcome:
        case Cleaned(certificate):
            return _cleaned(target, certificate, job.folder)
        case NeedsReview(_, doubts):
            pictures = pictures_of(target, job.folder)
            words = [each.value for each in doubts]
            return ReviewLine(
                kind=Kind.DICOM, reason=Reason.MAY_SHOW_TEXT, pictures=pictures, suggested=[], doubts=words
            )
        case Rejected(reason, detail):
            return RejectedLine(reason=REASONS[reason], kind=Kind.DICOM, detail=f"{reason.value} {detail}".strip())


def rectangles(job: Job, picture: Path) -> Sequence[Rectangle]:
    """What somebody marked, as far as it is in the picture. What a brush painted is blanked in the rectangles around
    its strokes."""
    if job.decision is None:
        return []
    dataset = dcmread(picture, stop_before_pixels=True, specific_tags=["Rows", "Columns"])
    columns, rows = int(dataset.Columns), int(dataset.Rows)
    decision = json.loads(job.decision)
    marks = [(each["x"], each["y"], each["width"], each["height"], each["frame"]) for each in decision["blank"]]
    for stroke in decision["strokes"]:
        points, half = stroke["points"], stroke["width"] / 2
        for (x1, y1), (x2, y2) in zip(points, points[1:] or points, strict=False):
            left, top = max(0, int(min(x1, x2) - half)), max(0, int(min(y1, y2) - half))
            marks.append((left, top, int(max(x1, x2) + half + 1) - left, int(max(y1, y2) + half + 1) - top, None))
    return [
        Rectangle(x, y, min(width, columns - x), min(height, rows - y), None if frame is None else (frame,))
        for x, y, width, height, frame in marks
        if x < columns and y < rows
    ]


def _cleaned(target: Path, certificate: Certificate, folder: Path) -> Answer:
    dataset = dcmread(target, stop_before_pixels=True)
    attributes = attributes_of(dataset)
    frames = int(getattr(dataset, "NumberOfFrames", 1) or 1)
    is_picture = "Rows" in dataset
    millis = attributes.get("frame_millis")
    series = attributes.get("series")
    file = MadeFile(
        path=target.name,
        content_type=CONTENT_TYPE,
        width=int(dataset.Columns) if is_picture else None,
        height=int(dataset.Rows) if is_picture else None,
    )
    return CleanedLine(
        kind=Kind.DICOM if is_picture else Kind.ECG,
        file=file,
        frames=frames,
        seconds=frames * millis / 1000 if frames > 1 and isinstance(millis, int | float) else None,
        series=series if isinstance(series, str) else None,
        attributes={**attributes, "frames": frames, "transfer_syntax": certificate.transfer_syntax},
        certificate=json.loads(certificate.to_json()),
        renditions=_renditions(target, folder, frames) if is_picture else [],
    )


def attributes_of(dataset: Dataset) -> dict[str, JsonValue]:
    """What order, geometry and grey need, as JSON."""
    found: dict[str, JsonValue] = {}
    for name, keyword in NUMBERS.items():
        if (number := _number(dataset.get(keyword))) is not None:
            found[name] = number
    for name, keyword in LISTS.items():
        value = dataset.get(keyword)
        values = list(value) if isinstance(value, MultiValue) else [] if value is None else [value]
        numbers = [_number(each) for each in values]
        if numbers and all(each is not None for each in numbers):
            found[name] = list(numbers)
    for name, keyword in CODES.items():
        value = dataset.get(keyword)
        if isinstance(value, str) and value:
            found[name] = str(UID(value)) if keyword.endswith("UID") else value
    return found


def _number(value: object) -> int | float | None:
    try:
        number = float(str(value))
    except ValueError:
        return None
    if not np.isfinite(number):
        return None
    return int(number) if number == int(number) else number


def pictures_of(target: Path, folder: Path) -> list[MadeFile]:
    """Frames as somebody sees them, in their own size: marks are made in pixels."""
    dataset = dcmread(target, stop_before_pixels=True)
    frames = int(getattr(dataset, "NumberOfFrames", 1) or 1)
    wanted = sorted({round(step * (frames - 1) / max(1, MOST_PICTURES - 1)) for step in range(MOST_PICTURES)})
    return [_picture(target, frame, folder / f"frame-{frame}.png", "PNG") for frame in wanted]


def _renditions(target: Path, folder: Path, frames: int) -> list[MadeFile]:
    made = []
    whole = _picture(target, frames // 2, folder / "frame.png", "PNG")
    for role, pixels in (("thumbnail", 320), ("preview", 2048)):
        with Image.open(folder / whole.path) as opened:
            small = opened.convert("RGB")
            small.thumbnail((pixels, pixels))
            small.save(folder / f"{role}.webp", "WEBP", quality=85)
        width, height = small.size
        made.append(MadeFile(path=f"{role}.webp", content_type="image/webp", width=width, height=height, role=role))
    return made


def _picture(target: Path, frame: int, file: Path, form: str) -> MadeFile:
    [pixels] = iter_pixels(target, indices=[frame])
    dataset = dcmread(target, stop_before_pixels=True)
    image = Image.fromarray(_shown(pixels, dataset))
    image.save(file, form)
    return MadeFile(path=file.name, content_type="image/png", width=image.width, height=image.height, frame=frame)


def _shown(pixels: np.ndarray, dataset: Dataset) -> np.ndarray:
    """8 bits, as the file's own window says, or from darkest to brightest; white is where the standard says."""
    if pixels.ndim == 3:
        return pixels.astype(np.uint8) if pixels.dtype == np.uint8 else (pixels >> 8).astype(np.uint8)
    values = apply_voi_lut(apply_modality_lut(pixels, dataset), dataset).astype(np.float64)
    low, high = float(values.min()), float(values.max())
    scaled = (values - low) / (high - low or 1) * 255
    if dataset.get("PhotometricInterpretation") == "MONOCHROME1":
        scaled = 255 - scaled
    return scaled.astype(np.uint8)
