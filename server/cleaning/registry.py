"""What PS3.6 registers, asked of pydicom: representations, names and UIDs."""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from pydicom._dicom_dict import DicomDictionary
from pydicom._uid_dict import UID_dictionary
from pydicom.datadict import dictionary_VR
from pydicom.uid import UID

# Where two representations are possible, the one that makes no difference to bytes that are not interpreted.
_EITHER = {"US or SS": "US", "OB or OW": "OW", "US or OW": "OW", "US or SS or OW": "OW"}


@cache
def dictionary_vr(tag: int) -> str | None:
    """The representation of a public attribute, repeating groups included; None if there is none."""
    if tag >> 16 & 1:
        return None
    try:
        vr = dictionary_VR(tag)
    except KeyError:
        return None
    return _EITHER.get(vr, vr)


def is_registered(uid: str) -> bool:
    """Whether a UID is one that the standard gives a meaning: such a one names no patient."""
    return uid in UID_dictionary


def is_encapsulated_syntax(uid: str) -> bool:
    """Whether this is a transfer syntax of the standard with compressed pixels."""
    known = UID(uid)
    return is_registered(uid) and known.is_transfer_syntax and known.is_encapsulated


@cache
def vocabulary() -> frozenset[str]:
    """Words in the names of attributes, casefolded: a patient's name may be one of them (Head, Long, Gray)."""
    names = (entry[2] for entry in DicomDictionary.values())
    return frozenset(word.casefold() for name in names for word in re.findall(r"[A-Za-z]{2,}", name))


@contextmanager
def quiet() -> Iterator[None]:
    """pydicom warns of what is odd in a file, and quotes it: no log may hold that, and odd is not wrong."""
    logger = logging.getLogger("pydicom")
    before, logger.disabled = logger.disabled, True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.disabled = before
