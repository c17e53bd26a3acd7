"""A DICOM file's frames, its first frame as small pictures, or its curves; and what a viewer has to know. [REN-5]"""

from __future__ import annotations

import warnings
from pathlib import Path

from pydicom.dataset import Dataset

from server.cleaning.outcome import Cleaned, Json, Report
from server.renditions import facts, frames
from server.renditions.ecg import NoCurves, as_json, read_curves, sheet
from server.renditions.frames import NotShown
from server.renditions.rendition import Pack, Rendered, Rendition, head, write_json
from server.renditions.shown import picture
from server.renditions.small import small_pictures
from workspace.media import Kind

MOST_OWN_GEOMETRIES = 5_000
"""Frames that may each lie elsewhere; a manifest stays under a megabyte."""


def render(cleaned: Cleaned, folder: Path, report: Report) -> Rendered:
    """What viewers need of a cleaned DICOM file; of one whose pixels cannot be decoded, a manifest that says so.

    Raises: OSError, what pydicom does for what is no DICOM.
    """
    with warnings.catch_warnings():
        # pydicom warns when a value that does not agree with the standard is looked at.
        warnings.simplefilter("ignore")
        return _rendered(cleaned, folder, report)


def _rendered(cleaned: Cleaned, folder: Path, report: Report) -> Rendered:
    said = head(cleaned.kind)
    made: list[Rendition] = []
    try:
        dataset = frames.read(cleaned.file)
        if "WaveformSequence" in dataset:
            said |= {"kind": str(Kind.ECG), "order": facts.order(dataset), "picture": facts.kind_of_picture(dataset)}
            made = _curves(cleaned.file, folder, said)
        else:
            said |= {"kind": str(Kind.DICOM), **_told(dataset)}
            made = _frames(dataset, cleaned.file, folder, said, report)
    except NotShown as why:
        said["not_shown"] = str(why)
    write_json(folder / "manifest.json", said)
    made.append(Rendition("manifest", folder / "manifest.json", "application/json"))
    return Rendered(made, _attributes(said))


def _told(dataset: Dataset) -> dict[str, Json]:
    """What the file says beside its pixels. Raises: NotShown where it cannot be read: all of it is in memory here."""
    try:
        count = max(1, facts.whole(dataset.get("NumberOfFrames")) or 1)
        said: dict[str, Json] = {
            "order": facts.order(dataset),
            "picture": facts.kind_of_picture(dataset),
            "values": facts.values(dataset),
            "spacing": facts.spacing(dataset),
            "place": facts.place(dataset),
            "regions": list(facts.ultrasound_regions(dataset)),
            "frame_millis": facts.frame_millis(dataset),
        }
        if facts.items(dataset, "PerFrameFunctionalGroupsSequence") and count <= MOST_OWN_GEOMETRIES:
            said["frames"] = [_frame(dataset, each) for each in range(count)]
    except Exception as error:
        raise NotShown(f"damaged: {type(error).__name__}") from error
    return said


def _frame(dataset: Dataset, number: int) -> dict[str, Json]:
    values = facts.values(dataset, number)
    return {"place": facts.place(dataset, number), **{name: values[name] for name in ("windows", "slope", "intercept")}}


def _frames(dataset: Dataset, file: Path, folder: Path, said: dict[str, Json], report: Report) -> list[Rendition]:
    count = max(1, facts.whole(dataset.get("NumberOfFrames")) or 1)
    try:
        with (folder / "frames").open("wb") as target:
            packed = frames.pack(dataset, file, Pack(target), lambda done: report(min(done, count), count))
    except NotShown:
        (folder / "frames").unlink()
        raise
    said["pixels"] = packed.said
    values = said["values"]
    image = picture(packed.first, values if isinstance(values, dict) else {})
    return [Rendition("frames", folder / "frames", "application/octet-stream"), *small_pictures(image, folder)]


def _curves(file: Path, folder: Path, said: dict[str, Json]) -> list[Rendition]:
    try:
        curves = read_curves(file)
    except NoCurves as why:
        said["not_shown"] = str(why)
        return []
    said["curves"] = {
        "hertz": curves.hertz,
        "seconds": round(curves.seconds, 6),
        "leads": [name for name, _ in curves.leads],
    }
    write_json(folder / "waveform.json", as_json(curves))
    return [
        Rendition("waveform", folder / "waveform.json", "application/json"),
        *small_pictures(sheet(curves), folder),
    ]


def _attributes(said: dict[str, Json]) -> dict[str, Json]:
    """What a series is put in order by, and what the gallery tells."""
    found: dict[str, Json] = {}
    order, pixels, place = said.get("order"), said.get("pixels"), said.get("place")
    if isinstance(order, dict):
        found |= order
    if isinstance(pixels, dict):
        places = pixels.get("places")
        found |= {"width": pixels["width"], "height": pixels["height"]}
        found["frames"] = len(places) if isinstance(places, list) else 1
    if isinstance(place, dict):
        found |= {name: place[name] for name in ("position", "orientation", "location") if name in place}
    curves = said.get("curves")
    if isinstance(curves, dict):
        found["seconds"] = curves["seconds"]
    millis = said.get("frame_millis")
    if isinstance(millis, int | float) and isinstance(found.get("frames"), int):
        found["seconds"] = round(millis * int(str(found["frames"])) / 1000, 3)
    return found
