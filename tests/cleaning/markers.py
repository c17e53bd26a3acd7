"""DICOM objects of several kinds in which every attribute that the table lists holds a marker of its own.

Each marker stands at the top, two levels deep in sequences that stay, and in a private sequence. What of them is in the
bytes of a cleaned file has survived. Written with pydicom, which the cleaning's own reader and writer know nothing of.
"""

from __future__ import annotations

import struct
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from pydicom.datadict import dictionary_VR
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset, write_file_meta_info
from pydicom.sequence import Sequence
from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from workspace.deidentification.attributes import TABLE
from workspace.deidentification.rules import read_table

STORAGE = "1.2.840.10008.5.1.4.1.1."
CLASSES: Mapping[str, tuple[str, str]] = {
    "CT": (f"{STORAGE}2", "CT"),
    "MR": (f"{STORAGE}4", "MR"),
    "US": (f"{STORAGE}6.1", "US"),
    "US multi-frame": (f"{STORAGE}3.1", "US"),
    "CR": (f"{STORAGE}1", "CR"),
    "SC": (f"{STORAGE}7", "OT"),
    "ECG": (f"{STORAGE}9.1.1", "ECG"),
    "Enhanced CT": (f"{STORAGE}2.1", "CT"),
    "Whole slide": (f"{STORAGE}77.1.6", "SM"),
    "Photograph": (f"{STORAGE}77.1.4", "XC"),
}
# Sequences that the table does not list, one in the other; each item of them is a dataset like any.
OUTER, INNER = 0x00082218, 0x00082220
FIRST_DAY = date(1931, 3, 3)


@dataclass(frozen=True, slots=True)
class Marker:
    """One marked value: where it is, and the bytes that must not be found."""

    place: str
    tag: int
    vr: str
    needle: bytes


def _word(number: int) -> tuple[object, bytes]:
    return f"QZ{number:06}X", f"QZ{number:06}X".encode()


def _name(number: int) -> tuple[object, bytes]:
    return f"Qz{number:06}x^Given", f"Qz{number:06}x".encode()


def _text(form: Callable[[int], str]) -> Callable[[int], tuple[object, bytes]]:
    return lambda number: (form(number), form(number).encode())


def _day(number: int) -> str:
    return (FIRST_DAY + timedelta(days=number % 360)).strftime("%Y%m%d")


def _time(number: int) -> str:
    return f"0405{number % 60:02}.{number:06}"


_TEXTS: Mapping[str, Callable[[int], tuple[object, bytes]]] = {
    "PN": _name,
    "UI": _text(lambda number: f"1.2.826.0.1.3680043.{700000000 + number}"),
    "DA": _text(_day),
    "DT": _text(lambda number: _day(number) + _time(number)),
    "TM": _text(_time),
    "DS": _text(lambda number: str(810000000 + number)),
    "IS": _text(lambda number: str(810000000 + number)),
    "UR": _text(lambda number: f"https://qz{number:06}x.example"),
}
# An empty needle is not looked for: two or four bytes are anywhere. These are compared where they stand.
_NUMBERS: Mapping[str, Callable[[int], tuple[object, bytes]]] = {
    "AS": lambda number: (f"{number % 80 + 10:03}Y", b""),
    "US": lambda _: (7, b""),
    "SS": lambda _: (7, b""),
    "AT": lambda number: (0x00100000 + number, b""),
    "FL": lambda number: (float(number), b""),
    "UL": lambda number: (0x5A510000 + number, struct.pack("<I", 0x5A510000 + number)),
    "SL": lambda number: (0x5A510000 + number, struct.pack("<I", 0x5A510000 + number)),
    "FD": lambda number: (1e300 + number * 1e290, struct.pack("<d", 1e300 + number * 1e290)),
    **dict.fromkeys(("OB", "OW", "UN"), lambda number: (f"QZ{number:06}X ".encode(), f"QZ{number:06}X".encode())),
    **dict.fromkeys(("OF", "OD", "OL", "OV"), lambda number: (f"QZ{number:06}X".encode().ljust(16), b"")),
}


@dataclass(slots=True)
class Marking:
    """Fills datasets with markers, each of which occurs once in the file."""

    markers: list[Marker] = field(default_factory=list)

    def value(self, place: str, tag: int, vr: str) -> object:
        """A value that is valid for `vr` and unlike any other; remembers it."""
        number = len(self.markers) + 1
        made, needle = (_TEXTS if vr in _TEXTS else _NUMBERS).get(vr, _word)(number)
        self.markers.append(Marker(place, tag, vr, needle))
        return made

    def fill(self, dataset: Dataset, place: str) -> None:
        """Sets every listed attribute but those of files and messages, which stand elsewhere."""
        for tag, vr in listed():
            if tag >> 16 in (0x0000, 0x0002, 0x0004) and place != "top":
                continue
            if tag >> 16 == 0x0002:
                continue
            if vr == "SQ":
                item = Dataset()
                item.add(DataElement(0x00080100, "SH", self.value(f"{place}/{tag:08X}", 0x00080100, "SH")))
                item.add(DataElement(0x00080104, "LO", self.value(f"{place}/{tag:08X}", 0x00080104, "LO")))
                item.add(DataElement(0x00100010, "PN", self.value(f"{place}/{tag:08X}", 0x00100010, "PN")))
                dataset.add(DataElement(tag, "SQ", Sequence([item])))
            else:
                dataset.add(DataElement(tag, vr, self.value(place, tag, vr)))

    def private(self, dataset: Dataset) -> None:
        """Private texts and a private sequence, in which every listed attribute stands once more."""
        dataset.add(DataElement(0x00190010, "LO", "QZ PRIVATE MAKER"))
        for element, vr in ((0x01, "LO"), (0x02, "PN"), (0x03, "DA"), (0x04, "UI"), (0x05, "OB"), (0x06, "UN")):
            tag = 0x00191000 | element
            dataset.add(DataElement(tag, vr, self.value("private", tag, vr)))
        inside = Dataset()
        self.fill(inside, "private sequence")
        dataset.add(DataElement(0x00191010, "SQ", Sequence([inside])))

    def survivors(self, cleaned: bytes) -> list[Marker]:
        """The markers whose bytes are in a file, small or large, with and without the zeros of UTF-16 between them."""
        small = cleaned.lower()
        close = small.replace(b"\0", b"")
        found = (marker for marker in self.markers if marker.needle)
        return [each for each in found if each.needle.lower() in small or each.needle.lower() in close]


def listed() -> Iterator[tuple[int, str]]:
    """Every attribute of the table with its representation; of repeating groups three members."""
    for digits in read_table(TABLE):
        tags = [digits]
        if digits == "50xxxxxx":
            tags = ["50000022", "50002600", "50023000"]
        elif "x" in digits:
            tags = [digits.replace("xx", each) for each in ("00", "02", "1E")]
        for each in tags:
            tag = int(each, 16)
            yield tag, _vr(tag)


def _vr(tag: int) -> str:
    try:
        return dictionary_VR(tag).split(" or ")[0]
    except KeyError:
        # Newer than pydicom's registry: as a text it holds whatever may stand there.
        return "LO"


def marked_object(kind: str, marking: Marking) -> tuple[Dataset, bytes]:
    """A whole object of one of `CLASSES`, and the dataset it was written from; implicit ones read the same."""
    sop_class, modality = CLASSES[kind]
    dataset = Dataset()
    marking.fill(dataset, "top")
    outer, inner = Dataset(), Dataset()
    marking.fill(inner, "nested")
    outer.add(DataElement(INNER, "SQ", Sequence([inner])))
    outer.add(DataElement(0x00080104, "LO", "Thorax"))
    dataset.add(DataElement(OUTER, "SQ", Sequence([outer])))
    marking.private(dataset)
    dataset.SOPClassUID, dataset.Modality = sop_class, modality
    if kind == "ECG":
        _add_waveform(dataset)
    else:
        _add_pixels(dataset, frames=3 if "multi" in kind or "Enhanced" in kind else 1)
    return dataset, written(dataset, {0x00020003: str(marking.value("meta", 0x00020003, "UI"))})


def _add_pixels(dataset: Dataset, frames: int) -> None:
    dataset.Rows, dataset.Columns, dataset.SamplesPerPixel = 16, 24, 1
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 8, 8, 7, 0
    dataset.PhotometricInterpretation = "MONOCHROME2"
    if frames > 1:
        dataset.NumberOfFrames = frames
    pixels = bytes(index % 251 for index in range(16 * 24 * frames))
    dataset.add(DataElement(0x7FE00010, "OB", pixels))


def _add_waveform(dataset: Dataset) -> None:
    wave = Dataset()
    wave.WaveformOriginality, wave.NumberOfWaveformChannels, wave.NumberOfWaveformSamples = "ORIGINAL", 1, 32
    wave.SamplingFrequency, wave.WaveformBitsAllocated, wave.WaveformSampleInterpretation = "500", 16, "SS"
    wave.add(DataElement(0x54001010, "OW", bytes(range(64))))
    dataset.WaveformSequence = Sequence([wave])


def written(
    dataset: Dataset,
    meta: Mapping[int, str] | None = None,
    *,
    syntax: str = ExplicitVRLittleEndian,
    prefix: bytes = b"",
) -> bytes:
    """The bytes of a file; elements of every group are written as they stand, also where no file has them."""
    head = FileMetaDataset()
    head.MediaStorageSOPClassUID = UID(dataset.get("SOPClassUID", "1.2.3"))
    head.MediaStorageSOPInstanceUID = UID((meta or {}).get(0x00020003, "1.2.826.0.1.3680043.1"))
    head.TransferSyntaxUID = UID(syntax)
    head.ImplementationClassUID = UID("1.2.826.0.1.3680043.2")
    head.SourceApplicationEntityTitle = "QZSOURCEAE"
    body = DicomBytesIO()
    body.is_little_endian, body.is_implicit_VR = True, syntax == ImplicitVRLittleEndian
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        write_dataset(body, dataset)
    top = DicomBytesIO()
    write_file_meta_info(top, head)
    return prefix.ljust(128, b"\0") + b"DICM" + top.getvalue() + body.getvalue()


def save(path: Path, kind: str, change: Callable[[Dataset], None] | None = None) -> Marking:
    """Writes a marked object to `path`."""
    marking = Marking()
    dataset, data = marked_object(kind, marking)
    if change is not None:
        change(dataset)
        data = written(dataset)
    path.write_bytes(data)
    return marking
