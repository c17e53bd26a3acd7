"""A DICOM file on its way into a case: cleaned, shown to a person where its pixels may name somebody, and described.

Joins `server.cleaning.dicom` to what all cleaners answer. The file that a person looks at is the cleaned one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

import numpy as np

from server.cleaning import dicom, outcome
from server.cleaning.dicom_facts import facts_of
from server.cleaning.dicom_pictures import Undecodable, pictures_of
from server.cleaning.outcome import Outcome, Report
from server.cleaning.redaction import Redaction, mask
from workspace.deidentification.outcome import (
    Certificate,
    Cleaned,
    NeedsReview,
    Reason,
    Rectangle,
    Rejected,
    certificate_from_json,
)
from workspace.deidentification.policy import CasePolicy
from workspace.media import Kind
from workspace.media import Reason as MediaReason

CONTENT_TYPE = "application/dicom"
_ECG = "1.2.840.10008.5.1.4.1.1.9."
# Where clinicians are told the same of several of ours, one word of theirs stands for them.
_REASONS: Mapping[Reason, MediaReason] = {
    Reason.NOT_DICOM: MediaReason.UNKNOWN_TYPE,
    Reason.DAMAGED: MediaReason.UNREADABLE,
    Reason.TOO_LARGE: MediaReason.TOO_LARGE,
    Reason.TOO_COMPLEX: MediaReason.TOO_MUCH_INSIDE,
    Reason.INFLATES: MediaReason.TOO_MUCH_INSIDE,
    Reason.DIRECTORY: MediaReason.DIRECTORY,
    Reason.DOCUMENT: MediaReason.DOCUMENT,
    Reason.REPORT: MediaReason.REPORT,
    Reason.PRESENTATION: MediaReason.PRESENTATION,
    Reason.RAW_DATA: MediaReason.RAW_DATA,
    Reason.SPEECH: MediaReason.SPEECH,
    Reason.PLAN: MediaReason.PLAN,
    Reason.UNSUPPORTED: MediaReason.UNSUPPORTED,
    Reason.UNKNOWN_KIND: MediaReason.UNSUPPORTED,
    Reason.ENCRYPTED: MediaReason.ENCRYPTED,
    Reason.CANNOT_BLANK: MediaReason.CANNOT_BLANK,
    Reason.WRONG_PLACE: MediaReason.WRONG_PLACE,
    Reason.DEFECT: MediaReason.WORKER_LOST,
    Reason.LEFT_OVER: MediaReason.IDENTIFIERS_LEFT,
}

Marks = Mapping[int | None, Redaction]
"""What a person marked, by frame from 0; None stands for all frames. Empty: there is nothing to blank."""


@dataclass(frozen=True, slots=True)
class DicomPolicy:
    """How one file is cleaned. `marks` is None as long as nobody was asked."""

    case: CasePolicy
    marks: Marks | None = None


def clean(source: Path, folder: Path, policy: DicomPolicy, report: Report) -> Outcome:
    """Cleans a file, and applies what a person marked if it was asked for.

    `folder` is empty and takes all that is made. What `report` raises goes through.

    Raises:
        OSError: of the disk.
    """
    first = dicom.clean_dicom(source, folder / "cleaned.dcm", policy.case, report)
    match first:
        case Rejected():
            return _rejected(first)
        case NeedsReview() if policy.marks is None:
            return _asked(folder / "cleaned.dcm", folder, report)
        case NeedsReview() | Cleaned():
            if policy.marks is None or (isinstance(first, Cleaned) and not policy.marks):
                return _answered(folder / "cleaned.dcm", first.certificate)
            return _marked(folder / "cleaned.dcm", folder, policy.marks, first.certificate, report)
        case _:
            assert_never(first)


def redact(source: Path, folder: Path, marks: Marks, certificate: str, report: Report) -> Outcome:
    """Blanks more in a file that was cleaned before; `certificate` is what was kept with it.

    Raises:
        ValueError: the certificate is none.
        OSError: of the disk.
    """
    return _marked(source, folder, marks, certificate_from_json(certificate), report)


def _marked(source: Path, folder: Path, marks: Marks, certificate: Certificate, report: Report) -> Outcome:
    facts = facts_of(source)
    size = (facts.get("width"), facts.get("height"))
    blank = list(_rectangles(marks, size)) if isinstance(size[0], int) and isinstance(size[1], int) else []
    after = dicom.review_dicom(source, folder / "marked.dcm", blank, certificate, report)
    if isinstance(after, Rejected):
        return _rejected(after)
    return _answered(folder / "marked.dcm", after.certificate)


def _answered(file: Path, certificate: Certificate) -> Outcome:
    facts = facts_of(file)
    kind = Kind.ECG if certificate.sop_class.startswith(_ECG) else Kind.DICOM
    return outcome.Cleaned(file, CONTENT_TYPE, kind, facts, json.loads(certificate.to_json()))


def _asked(file: Path, folder: Path, report: Report) -> Outcome:
    try:
        pictures = pictures_of(file, folder, report)
    except Undecodable as error:
        # Nobody can look at what nobody can decode.
        return outcome.Rejected(MediaReason.UNSUPPORTED, str(error))
    return outcome.NeedsReview(MediaReason.MAY_SHOW_TEXT, tuple(pictures))


def _rejected(ours: Rejected) -> outcome.Rejected:
    return outcome.Rejected(_REASONS[ours.reason], f"{ours.reason}: {ours.detail}" if ours.detail else ours.reason)


def _rectangles(marks: Marks, size: tuple[object, object]) -> Iterator[Rectangle]:
    """The marks as rectangles, pixel for pixel: a brush's stroke is as many as its shape takes."""
    width, height = (each if isinstance(each, int) else 0 for each in size)
    for frame in sorted(marks, key=lambda each: -1 if each is None else each):
        pixels = np.asarray(mask(width, height, marks[frame]))
        open_runs: dict[tuple[int, int], int] = {}
        for row in range(height + 1):
            runs = set(_runs(pixels[row])) if row < height else set()
            for run in sorted(open_runs.keys() - runs):
                top = open_runs.pop(run)
                yield Rectangle(run[0], top, run[1] - run[0], row - top, None if frame is None else (frame,))
            for run in runs - open_runs.keys():
                open_runs[run] = row


def _runs(row: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> Sequence[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate(([0], row.astype(np.int8), [0])))).tolist()
    return list(zip(edges[::2], edges[1::2], strict=True))
