"""Values by their representation (PS3.5 §6.2): what is a valid one, and what stands in for one that had to go."""

from __future__ import annotations

import re
from collections.abc import Mapping

from workspace.deidentification.policy import read_date

# A dummy is valid for its representation, says that it is one, and is the same in every file, so that it tells nothing.
# Dates lie before any patient's birth.
_DUMMY_TEXTS: Mapping[str, str] = {
    **dict.fromkeys(("AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UT"), "REMOVED"),
    "AS": "000Y",
    "DA": "18500101",
    "DT": "18500101000000",
    "TM": "000000",
    "DS": "0",
    "IS": "0",
    "UR": "https://removed.invalid",
}
_NUMBER_BYTES: Mapping[str, int] = {
    "AT": 4, "FD": 8, "FL": 4, "SL": 4, "SS": 2, "SV": 8, "UL": 4, "US": 2, "UV": 8,
    "OD": 8, "OF": 4, "OL": 4, "OV": 8, "OW": 2, "OB": 1, "UN": 1,
}  # fmt: skip

TEXTS = frozenset(_DUMMY_TEXTS) | {"UI"}
"""Representations whose values are characters."""
CHARACTER_SETS = frozenset({"LO", "LT", "PN", "SH", "ST", "UC", "UT"})
"""Those of them that Specific Character Set (0008,0005) speaks about."""

_DECIMAL = re.compile(r" *[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})? *\Z", re.ASCII)
# Some write "1.0" where an integer belongs, and more digits than the 12 and 16 allowed; 24 hold every real number seen.
_MAX_NUMBER_LETTERS = 24
_TIME = re.compile(r"([01]\d|2[0-3])(:?[0-5]\d(:?([0-5]\d|60)(\.\d{1,6})?)?)? *\Z", re.ASCII)
_AGE = re.compile(r"\d{3}[DWMY]\Z", re.ASCII)
# Lower case letters are not allowed in a code string and are found in many.
_CODE = re.compile(r"[A-Za-z0-9 _./+\-]{0,16}\Z", re.ASCII)
_MAX_SHORT, _MAX_LONG = 16, 64


def dummy(vr: str) -> bytes:
    """A stand-in that is valid for `vr`, of even length [DEI-3]."""
    text = _DUMMY_TEXTS.get(vr)
    return padded(vr, text.encode("ascii")) if text is not None else bytes(max(2, _NUMBER_BYTES.get(vr, 2)))


def padded(vr: str, value: bytes) -> bytes:
    """Even length, as every value in a DICOM file has."""
    return value + (b"\0" if vr in ("UI", "OB", "UN") else b" ") if len(value) % 2 else value


def is_valid(vr: str, text: str) -> bool:
    """Whether characters are what their representation says: a number, a code, a date. Texts may say anything.

    A value that is not may be a name in a place where nobody looks for one; such a value does not stay [DEI-3].
    """
    return all(_is_valid(vr, each) for each in text.rstrip(" \0").split("\\"))


def _is_valid(vr: str, text: str) -> bool:
    match vr:
        case _ if not text:
            return True
        case "DS" | "IS":
            return len(text) <= _MAX_NUMBER_LETTERS and _DECIMAL.match(text) is not None
        case "DA":
            return read_date(text) is not None
        case "DT":
            return text[:4].isdigit()
        case "TM":
            return _TIME.match(text) is not None
        case "AS":
            return _AGE.match(text) is not None
        case "CS":
            return _CODE.match(text) is not None
        case "SH":
            return len(text) <= _MAX_SHORT and text.isprintable()
        case _:
            return len(text) <= _MAX_LONG and text.isprintable()


def is_whole(vr: str, length: int) -> bool:
    """Whether a binary value has the length of one or several numbers."""
    return length % _NUMBER_BYTES.get(vr, 1) == 0


def capped_age(text: str) -> str:
    """An age; from 90 years on it is 90, since there are few of them and their age tells who they are."""
    years = text[:3] if _AGE.match(text) and text[3] == "Y" else "000"
    return "090Y" if int(years) > 89 else text
