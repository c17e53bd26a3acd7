"""What a DICOM file says of its picture's place, size, values and time, for viewers. [REN-6]

PS3.3 §C.7.6.2 (image plane), §C.7.6.1.1.1 and §10.7 (spacing), §C.8.5.5 (ultrasound regions), §C.11 (look-up tables),
§C.7.6.16 (functional groups of enhanced objects), §C.7.5.1.1.2 (padding), §C.8.8.3 (doses).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from server.cleaning.outcome import Json

CENTIMETRES = 3
"""A unit of ultrasound regions (PS3.3 §C.8.5.5.1.15)."""
MOST_ENTRIES = 65_536
MOST_FRAMES = 100_000


def number(value: object) -> float | None:
    """A finite number, or None: files hold empty, doubled and wordy ones."""
    if isinstance(value, MultiValue | list | tuple):
        value = value[0] if value else None
    try:
        found = (
            float(value) if isinstance(value, int | float | str) else float(str(value)) if value is not None else None
        )
    except (ValueError, OverflowError):
        return None
    if found is None or not math.isfinite(found):
        return None
    return found


def whole(value: object) -> int | None:
    """A whole number, or None."""
    found = number(value)
    return None if found is None or abs(found) > 2**53 else int(found)


def numbers(value: object, count: int) -> list[Json] | None:
    """So many finite numbers, or None."""
    if not isinstance(value, MultiValue | list | tuple) or len(value) != count:
        return None
    found = [number(each) for each in value]
    return None if any(each is None for each in found) else [_tidy(each) for each in found if each is not None]


def _tidy(value: float) -> Json:
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def text(value: object) -> str | None:
    """A word of the file's, if it is one."""
    found = str(value).strip() if value is not None and not isinstance(value, MultiValue) else ""
    return found[:64] or None


def items(dataset: Dataset, keyword: str) -> Sequence[Dataset]:
    """Of a sequence; none where there is none."""
    value = dataset.get(keyword)
    if value is None or isinstance(value, str | bytes):
        return ()
    try:
        return [each for each in value if isinstance(each, Dataset)]
    except TypeError:
        return ()


def layers(dataset: Dataset, frame: int) -> Iterator[Dataset]:
    """Where an attribute of a frame may stand: its own functional groups, those of all, the dataset itself."""
    own = items(dataset, "PerFrameFunctionalGroupsSequence")
    shared = items(dataset, "SharedFunctionalGroupsSequence")
    for group in (*own[frame : frame + 1], *shared[:1]):
        for element in group:
            if element.VR == "SQ" and element.value:
                yield from (each for each in element.value[:1] if isinstance(each, Dataset))
    yield dataset


def first(dataset: Dataset, frame: int, keyword: str) -> object:
    """The nearest value of an attribute."""
    for layer in layers(dataset, frame):
        if keyword in layer:
            return layer.get(keyword)
    return None


def spacing(dataset: Dataset, frame: int = 0) -> dict[str, Json] | None:
    """Millimetres between rows and columns, and where that is from: measures are told only with it.

    `pixel-spacing` is calibrated in the body, `imager-pixel-spacing` at the detector (the body is smaller),
    `nominal-scanned` on a scanned film, `ultrasound-region` in the region alone. None: pixels are pixels.
    """
    for keyword, name in (
        ("PixelSpacing", "pixel-spacing"),
        ("ImagerPixelSpacing", "imager-pixel-spacing"),
        ("NominalScannedPixelSpacing", "nominal-scanned"),
    ):
        found = numbers(first(dataset, frame, keyword), 2)
        if found is not None and all(isinstance(each, int | float) and each > 0 for each in found):
            return {"row": found[0], "column": found[1], "from": name}
    regions = ultrasound_regions(dataset)
    calibrated = [each for each in regions if "row" in each]
    if len(calibrated) == 1:
        return {"row": calibrated[0]["row"], "column": calibrated[0]["column"], "from": "ultrasound-region"}
    return None


def ultrasound_regions(dataset: Dataset) -> list[dict[str, Json]]:
    """Where on an ultrasound there is a picture, and its spacing where both axes are lengths."""
    found: list[dict[str, Json]] = []
    for region in items(dataset, "SequenceOfUltrasoundRegions"):
        corners = [whole(region.get(f"RegionLocation{name}")) for name in ("MinX0", "MinY0", "MaxX1", "MaxY1")]
        if any(corner is None for corner in corners):
            continue
        said: dict[str, Json] = {"box": list(corners)}
        across, down = number(region.get("PhysicalDeltaX")), number(region.get("PhysicalDeltaY"))
        units = {whole(region.get("PhysicalUnitsXDirection")), whole(region.get("PhysicalUnitsYDirection"))}
        if units == {CENTIMETRES} and across and down:
            said |= {"row": round(abs(down) * 10, 9), "column": round(abs(across) * 10, 9)}
        found.append(said)
    return found


def place(dataset: Dataset, frame: int = 0) -> dict[str, Json]:
    """Where a frame lies in the body, in the coordinates of its frame of reference (millimetres)."""
    said: dict[str, Json] = {
        "position": numbers(first(dataset, frame, "ImagePositionPatient"), 3),
        "orientation": numbers(first(dataset, frame, "ImageOrientationPatient"), 6),
        "thickness": number(first(dataset, frame, "SliceThickness")),
        "between": number(first(dataset, frame, "SpacingBetweenSlices")),
        "location": number(first(dataset, frame, "SliceLocation")),
    }
    return {name: value for name, value in said.items() if value is not None}


def values(dataset: Dataset, frame: int = 0) -> dict[str, Json]:
    """How stored values become what is shown: rescale, windows, tables."""
    slope = number(first(dataset, frame, "RescaleSlope")) or number(dataset.get("DoseGridScaling"))
    intercept = number(first(dataset, frame, "RescaleIntercept"))
    said: dict[str, Json] = {
        "slope": 1 if not slope else _tidy(slope),
        "intercept": 0 if intercept is None else _tidy(intercept),
        "unit": unit(dataset, frame),
        "windows": list(windows(dataset, frame)),
        "window_function": text(first(dataset, frame, "VOILUTFunction")) or "LINEAR",
        "invert": is_inverted(dataset),
        "padding": _stored(dataset, "PixelPaddingValue"),
    }
    limit = _stored(dataset, "PixelPaddingRangeLimit")
    if said["padding"] is not None and limit is not None:
        said["padding_limit"] = limit
    modality, shown = tables(dataset, "ModalityLUTSequence"), tables(dataset, "VOILUTSequence")
    if modality:
        said["modality_table"] = modality[0]
    if shown:
        said["tables"] = list(shown)
    return said


def _stored(dataset: Dataset, keyword: str) -> int | None:
    """A value of a pixel, with the pixels' sign: files that were rewritten hold it with the other one."""
    found, bits = whole(dataset.get(keyword)), whole(dataset.get("BitsAllocated"))
    if found is None or bits is None:
        return found
    if whole(dataset.get("PixelRepresentation")) == 1:
        return found - 2**bits if 2 ** (bits - 1) <= found < 2**bits else found
    return found + 2**bits if -(2 ** (bits - 1)) <= found < 0 else found


def unit(dataset: Dataset, frame: int) -> str | None:
    """What a value is after rescaling: HU of a CT, Gy of a dose, or what the file says."""
    if number(dataset.get("DoseGridScaling")):
        return "Gy" if dataset.get("DoseUnits") == "GY" else None
    said = text(first(dataset, frame, "RescaleType")) or text(dataset.get("Units"))
    if said is not None and said != "US":
        return said
    return "HU" if dataset.get("Modality") == "CT" and first(dataset, frame, "RescaleIntercept") is not None else None


def is_inverted(dataset: Dataset) -> bool:
    """Whether the lowest value is the brightest."""
    photometric, shape = dataset.get("PhotometricInterpretation"), dataset.get("PresentationLUTShape")
    return str(photometric) == "MONOCHROME1" or str(shape) == "INVERSE"


def windows(dataset: Dataset, frame: int = 0) -> Iterator[dict[str, Json]]:
    """The file's own windows, in their order."""
    centres, widths = first(dataset, frame, "WindowCenter"), first(dataset, frame, "WindowWidth")
    names = first(dataset, frame, "WindowCenterWidthExplanation")
    several = [list(each) if isinstance(each, MultiValue | list) else [each] for each in (centres, widths, names)]
    for place_of, (centre, width) in enumerate(zip(several[0], several[1], strict=False)):
        middle, wide = number(centre), number(width)
        if middle is None or wide is None or wide <= 0:
            continue
        name = text(several[2][place_of]) if place_of < len(several[2]) else None
        yield {"center": _tidy(middle), "width": _tidy(wide)} | ({} if name is None else {"name": name})


def tables(dataset: Dataset, keyword: str) -> list[Json]:
    """Look-up tables: the first value that they map, and what each becomes."""
    found: list[Json] = []
    for item in items(dataset, keyword):
        descriptor, data = item.get("LUTDescriptor"), item.get("LUTData")
        if not isinstance(descriptor, MultiValue | list) or len(descriptor) != 3 or data is None:
            continue
        entries = list(data) if isinstance(data, MultiValue | list) else _words(data)
        if entries and len(entries) <= MOST_ENTRIES and all(isinstance(each, int) for each in entries):
            found.append({"first": whole(descriptor[1]) or 0, "bits": whole(descriptor[2]) or 16, "entries": entries})
    return found


def _words(data: object) -> list[Json]:
    octets = data if isinstance(data, bytes) else b""
    return [int.from_bytes(octets[at : at + 2], "little") for at in range(0, len(octets) - 1, 2)]


def frame_millis(dataset: Dataset) -> Json:
    """How long a frame is shown, one number or one a frame, or None for what does not move."""
    vector = dataset.get("FrameTimeVector")
    if isinstance(vector, MultiValue | list) and 1 < len(vector) <= MOST_FRAMES:
        found = [number(each) for each in vector]
        if all(each is not None and each >= 0 for each in found):
            return list(found)
    single = number(dataset.get("FrameTime"))
    if single is not None and single > 0:
        return _tidy(single)
    rate = number(dataset.get("RecommendedDisplayFrameRate")) or number(dataset.get("CineRate"))
    return _tidy(round(1000 / rate, 3)) if rate is not None and rate > 0 else None


def order(dataset: Dataset) -> dict[str, Json]:
    """What puts the files of a series in their order, and tells which belong together. UIDs are the remapped ones."""
    said: dict[str, Json] = {
        "series": text(dataset.get("SeriesInstanceUID")),
        "study": text(dataset.get("StudyInstanceUID")),
        "frame_of_reference": text(dataset.get("FrameOfReferenceUID")),
        "series_number": whole(dataset.get("SeriesNumber")),
        "acquisition": whole(dataset.get("AcquisitionNumber")),
        "instance": whole(dataset.get("InstanceNumber")),
    }
    return {name: value for name, value in said.items() if value is not None}


def kind_of_picture(dataset: Dataset) -> dict[str, Json]:
    """Modality, and side and view as they are stored."""
    said: dict[str, Json] = {
        "modality": text(dataset.get("Modality")),
        "laterality": text(first(dataset, 0, "ImageLaterality"))
        or text(first(dataset, 0, "FrameLaterality"))
        or text(dataset.get("Laterality")),
        "view": text(dataset.get("ViewPosition")),
        "body_part": text(dataset.get("BodyPartExamined")),
        "directions": [text(each) for each in dataset.get("PatientOrientation") or ()] or None,
    }
    return {name: value for name, value in said.items() if value is not None}
