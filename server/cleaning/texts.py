"""Character sets of DICOM (PS3.5 §6.1) as text."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

from pydicom.charset import convert_encodings, decode_bytes, python_encoding

DEFAULT = ("iso8859",)


def encodings(value: bytes) -> tuple[str, ...] | None:
    """Python's names for the character sets that (0008,0005) names; None if it names one that is not defined."""
    terms = value.decode("ascii", "replace").rstrip(" \0").split("\\")
    if any(term.strip() not in python_encoding for term in terms):
        return None
    with warnings.catch_warnings():
        # Stand-alone sets with extensions and the like: read as far as it makes sense.
        warnings.simplefilter("ignore")
        return tuple(convert_encodings([term.strip() for term in terms]))


def decoded(value: bytes, sets: Sequence[str]) -> str | None:
    """The text, or None if the bytes are none in these sets."""
    if value.isascii() and b"\x1b" not in value:
        return value.decode("ascii")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return decode_bytes(value, list(sets), set())
        except (UnicodeError, UserWarning, LookupError, ValueError):
            return None
