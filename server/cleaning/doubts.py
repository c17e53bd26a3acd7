"""Whether the pixels may say who the patient is: what the file says about itself, by kind of object [DEI-9]."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from server.cleaning.elements import Dataset, Items, Leaf, Syntax, find, text_of
from server.cleaning.pixels import Shape
from workspace.deidentification.classes import Kind, Verdict
from workspace.deidentification.outcome import Doubt, Rectangle

BURNED_IN, MODALITY, CONVERSION, IMAGE_TYPE, LABELLED = 0x00280301, 0x00080060, 0x00080064, 0x00080008, 0x00480010
REGIONS = 0x00186011
_EDGES = (0x00186018, 0x0018601A, 0x0018601C, 0x0018601E)
# Text stands above, below or beside an ultrasound's image: regions that cover more were not drawn round it.
_MOST_OF_A_FRAME = 0.97
_CAPTURES = {"SC", "OT", "SR", "DOC", "KO", "PR"}
_PHOTOGRAPHS = {"XC", "ES", "GM", "SM", "DMS", "OP", "OPV"}
_FILM = {"DF", "DI", "SD", "DRW", "SYN", "WSD", "SI"}


@dataclass(frozen=True, slots=True)
class Finding:
    """What is to be done about the pixels: regions to keep, or reasons for a person to look."""

    doubts: tuple[Doubt, ...] = ()
    keep: tuple[Rectangle, ...] = ()


def examine(verdict: Verdict, dataset: Dataset, syntax: Syntax, shape: Shape) -> Finding:
    """Looks at the dataset as it came, before anything was taken out of it."""
    declared = text_of(dataset, BURNED_IN).upper() == "YES"
    modality = text_of(dataset, MODALITY).upper()
    doubts: set[Doubt] = set()
    if verdict is Kind.ULTRASOUND or modality in ("US", "IVUS"):
        regions = _regions(dataset, syntax, shape) if verdict is Kind.ULTRASOUND else ()
        if regions and _share(regions, shape) <= _MOST_OF_A_FRAME:
            return Finding(keep=regions)
        doubts.add(Doubt.REGIONS if regions else Doubt.ULTRASOUND)
    if isinstance(verdict, Doubt):
        doubts.add(verdict)
    if declared:
        doubts.add(Doubt.DECLARED)
    if modality in _CAPTURES:
        doubts.add(Doubt.CAPTURE)
    if modality in _PHOTOGRAPHS and not _is_slide(dataset):
        doubts.add(Doubt.PHOTOGRAPH)
    conversion = text_of(dataset, CONVERSION).upper()
    if conversion in _FILM or modality in ("HC", "FID"):
        doubts.add(Doubt.FILM if conversion in ("DF", "DRW") or modality == "HC" else Doubt.CAPTURE)
    kinds = text_of(dataset, IMAGE_TYPE).upper().split("\\")
    if "LABEL" in kinds or "OVERVIEW" in kinds or text_of(dataset, LABELLED).upper() == "YES":
        doubts.add(Doubt.SLIDE_LABEL)
    if "SCREEN SAVE" in kinds or ("SECONDARY" in kinds[1:2] and "CAPTURE" in kinds):
        doubts.add(Doubt.CAPTURE)
    return Finding(tuple(sorted(doubts)))


def _is_slide(dataset: Dataset) -> bool:
    return text_of(dataset, 0x00080016) == "1.2.840.10008.5.1.4.1.1.77.1.6"


def _regions(dataset: Dataset, syntax: Syntax, shape: Shape) -> tuple[Rectangle, ...]:
    """The regions of an ultrasound, or none if any of them is not one."""
    node = find(dataset, REGIONS)
    if not isinstance(node, Items):
        return ()
    found: list[Rectangle] = []
    for item in node.items:
        edges = [_edge(item, tag, syntax) for tag in _EDGES]
        left, top, right, bottom = edges
        if not 0 <= left < right <= shape.columns or not 0 <= top < bottom <= shape.rows:
            return ()
        # The edges are pixels of the region themselves (PS3.3 §C.8.5.5.1).
        width, height = min(right, shape.columns - 1) - left + 1, min(bottom, shape.rows - 1) - top + 1
        found.append(Rectangle(left, top, width, height))
    return tuple(sorted(set(found)))


def _edge(item: Dataset, tag: int, syntax: Syntax) -> int:
    node = find(item, tag)
    if not isinstance(node, Leaf) or len(node.value) != 4:
        return -1
    return int(struct.unpack(syntax.order + "I", node.value)[0])


def _share(regions: tuple[Rectangle, ...], shape: Shape) -> float:
    """How much of the frame lies within some region, by rows."""
    covered = 0
    for row in range(shape.rows):
        spans = sorted((r.left, r.left + r.width) for r in regions if r.top <= row < r.top + r.height)
        reached = 0
        for start, end in spans:
            covered += max(0, end - max(start, reached))
            reached = max(reached, end)
    return covered / (shape.rows * shape.columns)
