"""What each kind of DICOM object is to us: an image that is cleaned, one that a person must look at, or not taken.

SOP classes by the registry of PS3.6 Annex A. A class that is not here is not taken [DEI-8]: what cannot be cleaned
surely is refused by name, rather than passed in the hope that it is like another.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

from workspace.deidentification.outcome import Doubt, Reason

_STORAGE = "1.2.840.10008.5.1.4.1.1."


class Kind(StrEnum):
    """How a class that is taken is treated."""

    PLAIN = "plain"
    """Made by a device that keeps texts beside the pixels: clear unless the file says otherwise."""
    ULTRASOUND = "ultrasound"
    WAVEFORM = "waveform"


Verdict: TypeAlias = Kind | Doubt | Reason

# Where a whole branch of the registry is of one kind, one prefix says it; the longest prefix that fits decides.
_VERDICTS: dict[str, Verdict] = {
    # Radiography, tomography, angiography, nuclear medicine.
    **dict.fromkeys(("1", "1.1", "1.1.1", "1.2", "1.2.1", "1.3", "1.3.1"), Kind.PLAIN),
    **dict.fromkeys(("2", "2.1", "2.2", "4", "4.1", "4.3", "4.4"), Kind.PLAIN),
    **dict.fromkeys(("12.1", "12.1.1", "12.2", "12.2.1", "12.3"), Kind.PLAIN),
    **dict.fromkeys(("13.1.1", "13.1.2", "13.1.3", "13.1.4", "13.1.5", "14.1", "14.2"), Kind.PLAIN),
    **dict.fromkeys(("5", "20", "128", "128.1", "130", "481.1", "481.2"), Kind.PLAIN),
    # Sections of the eye come from the device with nothing in them; its photographs may have the patient's name on top.
    **dict.fromkeys(("77.1.5.4", "77.1.5.7", "77.1.5.8"), Kind.PLAIN),
    **dict.fromkeys(("3", "3.1", "6", "6.1"), Kind.ULTRASOUND),
    **dict.fromkeys(("6.2", "6.3"), Doubt.ULTRASOUND),
    **dict.fromkeys(("7", "7.1", "7.2", "7.3", "7.4"), Doubt.CAPTURE),
    **dict.fromkeys(("77.1.1", "77.1.2", "77.1.3", "77.1.4", "77.1.7", "77.1.8", "77.1.9"), Doubt.PHOTOGRAPH),
    **dict.fromkeys(("77.1.5.1", "77.1.5.2", "77.1.5.5", "77.1.5.6"), Doubt.PHOTOGRAPH),
    **dict.fromkeys(("77.1.1.1", "77.1.2.1", "77.1.4.1"), Doubt.VIDEO),
    # A whole slide is clear; its label and its overview are told by ImageType (`server.cleaning.doubts`).
    "77.1.6": Kind.PLAIN,
    **dict.fromkeys(("9.1.1", "9.1.2", "9.1.3", "9.1.4", "9.2.1", "9.3.1", "9.5.1", "9.6.1", "9.6.2"), Kind.WAVEFORM),
    **dict.fromkeys(("9.7.1", "9.7.2", "9.7.3", "9.7.4", "9.8.1"), Kind.WAVEFORM),
    **dict.fromkeys(("9.4.1", "9.4.2"), Reason.SPEECH),
}
_BRANCHES: dict[str, Reason] = {
    "1.2.840.10008.1.3.10": Reason.DIRECTORY,
    f"{_STORAGE}11.": Reason.PRESENTATION,
    f"{_STORAGE}88.": Reason.REPORT,
    f"{_STORAGE}79.1": Reason.REPORT,
    f"{_STORAGE}104.": Reason.DOCUMENT,
    f"{_STORAGE}66": Reason.UNSUPPORTED,
    f"{_STORAGE}481.": Reason.PLAN,
    f"{_STORAGE}200.": Reason.PLAN,
    "1.2.840.10008.5.1.4.34.": Reason.PLAN,
    "1.2.840.10008.5.1.4.38.": Reason.PRESENTATION,
    "1.2.840.10008.5.1.4.43.": Reason.PLAN,
    "1.2.840.10008.5.1.4.44.": Reason.PLAN,
    "1.2.840.10008.5.1.4.45.": Reason.PLAN,
    _STORAGE: Reason.UNSUPPORTED,
}


def verdict_on(sop_class: str, *, registered: bool) -> Verdict:
    """How an object of this class is treated; `registered` says whether PS3.6 has the class.

    A kind of image is taken, a doubt is taken once a person looked, a reason is not taken.
    """
    if sop_class.startswith(_STORAGE):
        verdict = _VERDICTS.get(sop_class.removeprefix(_STORAGE))
        if verdict is not None:
            return verdict
        if sop_class == f"{_STORAGE}66":
            return Reason.RAW_DATA
    if not registered:
        return Reason.UNKNOWN_KIND
    return next((reason for branch, reason in _BRANCHES.items() if sop_class.startswith(branch)), Reason.UNKNOWN_KIND)
