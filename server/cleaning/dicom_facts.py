"""What ordering and showing need to know of a cleaned DICOM object, without opening it again. Nothing of a patient."""

from __future__ import annotations

import struct
from pathlib import Path

from server.cleaning.elements import Dataset, Items, Leaf, find, number_of, text_of
from server.cleaning.outcome import Json
from server.cleaning.reading import Source, read

_TEXTS = {
    "modality": 0x00080060,
    "photometric": 0x00280004,
    "laterality": 0x00200060,
    "image_laterality": 0x00200062,
    "body_part": 0x00180015,
    "view": 0x00185101,
    "study": 0x0020000D,
    "series": 0x0020000E,
    "instance": 0x00080018,
    "frame_of_reference": 0x00200052,
    "date": 0x00080020,
}
_DECIMALS = {
    "series_number": 0x00200011,
    "instance_number": 0x00200013,
    "acquisition_number": 0x00200012,
    "slice_location": 0x00201041,
    "slice_thickness": 0x00180050,
    "frame_milliseconds": 0x00181063,
    "frames_a_second": 0x00180040,
}
_VECTORS = {
    "position": (0x00200032, 3),
    "orientation": (0x00200037, 6),
    "pixel_spacing": (0x00280030, 2),
    "imager_spacing": (0x00181164, 2),
    "window_center": (0x00281050, 0),
    "window_width": (0x00281051, 0),
}
_NUMBERS = {"width": 0x00280011, "height": 0x00280010, "bits_stored": 0x00280101, "samples": 0x00280002}


def facts_of(path: Path) -> dict[str, Json]:
    """Sizes in pixels, positions and spacings in millimetres, seconds where the object has a pace.

    UIDs are those of the case, which stand for the original's; a date is a moved one.
    """
    source = read(path, path)
    dataset = source.dataset
    facts: dict[str, Json] = {"transfer_syntax": source.syntax.uid, "sop_class": source.sop_class}
    facts |= {name: text for name, tag in _TEXTS.items() if (text := text_of(dataset, tag))}
    facts |= {name: values[0] for name, tag in _DECIMALS.items() if (values := _decimals(dataset, tag))}
    for name, (tag, count) in _VECTORS.items():
        values = _decimals(dataset, tag)
        if values and count in (0, len(values)):
            facts[name] = list(values)
    if source.pixels is not None:
        numbers = {name: number_of(dataset, tag, source.syntax) for name, tag in _NUMBERS.items()}
        facts |= {name: number for name, number in numbers.items() if number is not None}
        facts["frames"] = number_of(dataset, 0x00280008, source.syntax) or 1
        facts |= _pace(facts)
    return facts | _wave(source)


def _pace(facts: dict[str, Json]) -> dict[str, Json]:
    frames, millis, rate = facts.get("frames"), facts.get("frame_milliseconds"), facts.get("frames_a_second")
    if not isinstance(frames, int) or frames < 2:
        return {}
    if isinstance(millis, float) and millis > 0:
        return {"seconds": frames * millis / 1000}
    return {"seconds": frames / rate} if isinstance(rate, float) and rate > 0 else {}


def _wave(source: Source) -> dict[str, Json]:
    """Leads, samples and length of the first of an object's curves."""
    node = find(source.dataset, 0x54000100)
    if not isinstance(node, Items) or not node.items:
        return {}
    first = node.items[0]
    leads = number_of(first, 0x003A0005, source.syntax)
    samples = find(first, 0x003A0010)
    rate = _decimals(first, 0x003A001A)
    if leads is None or not isinstance(samples, Leaf) or len(samples.value) != 4:
        return {}
    (count,) = struct.unpack(source.syntax.order + "I", samples.value)
    found: dict[str, Json] = {"leads": leads, "samples_a_lead": int(count), "curves": len(node.items)}
    if rate and rate[0] > 0:
        found |= {"samples_a_second": rate[0], "seconds": int(count) / rate[0]}
    return found


def _decimals(dataset: Dataset, tag: int) -> tuple[float, ...]:
    """A DS or IS value as numbers; cleaning let nothing else through."""
    text = text_of(dataset, tag)
    try:
        return tuple(float(each) for each in text.split("\\")) if text else ()
    except ValueError:
        return ()
