"""What a cleaned object says about its cleaning (PS3.15 §E.1.1, PS3.3 §C.12.1.1.7, PS3.16 CID 7050)."""

from __future__ import annotations

from collections.abc import Sequence

from server.cleaning.elements import Dataset, Items, Leaf, Node
from workspace.deidentification.attributes import EDITION
from workspace.deidentification.outcome import ENGINE
from workspace.deidentification.policy import CasePolicy
from workspace.deidentification.values import padded

REMOVED, METHOD, METHOD_CODES, DATES = 0x00120062, 0x00120063, 0x00120064, 0x00280303
PIXELS_CLEANED = "113101"
_BASIC, _DATES_MODIFIED, _CHARACTERISTICS, _SAFE_PRIVATE = "113100", "113107", "113108", "113111"

# As PS3.16 spells them; pydicom has them too, among 12,000 others that take 90 MB in every process that asks.
MEANINGS = {
    _BASIC: "Basic Application Confidentiality Profile",
    PIXELS_CLEANED: "Clean Pixel Data",
    _DATES_MODIFIED: "Retain Longitudinal Temporal Information Modified Dates",
    _CHARACTERISTICS: "Retain Patient Characteristics",
    _SAFE_PRIVATE: "Retain Safe Private",
}


def options_of(policy: CasePolicy, *, pixels_cleaned: bool) -> tuple[str, ...]:
    """The CID 7050 codes of what is in force for an object."""
    chosen = {_BASIC, _SAFE_PRIVATE}
    if policy.keep_dates:
        chosen.add(_DATES_MODIFIED)
    if policy.keep_patient_characteristics:
        chosen.add(_CHARACTERISTICS)
    if pixels_cleaned:
        chosen.add(PIXELS_CLEANED)
    return tuple(sorted(chosen))


def marked(dataset: Dataset, options: Sequence[str], *, dates_kept: bool) -> Dataset:
    """The dataset with Patient Identity Removed and its method, in place of what an earlier cleaning wrote [DEI-12]."""
    ours: tuple[Node, ...] = (
        _text(REMOVED, "CS", "YES"),
        _text(METHOD, "LO", f"{ENGINE}\\{EDITION}"),
        Items(METHOD_CODES, tuple(_code(each) for each in options)),
        _text(DATES, "CS", "MODIFIED" if dates_kept else "REMOVED"),
    )
    replaced = {node.tag for node in ours}
    return (*(node for node in dataset if node.tag not in replaced), *ours)


def _code(value: str) -> Dataset:
    return (
        _text(0x00080100, "SH", value),
        _text(0x00080102, "SH", "DCM"),
        _text(0x00080104, "LO", f"{MEANINGS[value]} Option" if value != _BASIC else MEANINGS[value]),
    )


def _text(tag: int, vr: str, text: str) -> Leaf:
    return Leaf(tag, vr, padded(vr, text.encode("ascii")))
