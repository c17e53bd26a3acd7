"""What came of cleaning one object: three outcomes, their closed vocabularies, and the certificate that is kept."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TypeAlias

ENGINE = "consilium-dicom/1"
"""Changes whenever the same file would be cleaned differently, so that certificates say which rules were used."""
PROFILE = "Basic Application Level Confidentiality Profile"
IMPLEMENTATION = "2.25.204763985104472187366129358205274163811"
"""Who wrote the file, in its meta information: a UUID of ours under 2.25 (PS3.5 §B.2), drawn once."""
VERSION = "CONSILIUM_1"


class Reason(StrEnum):
    """Why an object is not taken. A clinician's message is made of each; docs/deidentification.md says how."""

    NOT_DICOM = "not-dicom"
    DAMAGED = "damaged"
    TOO_LARGE = "too-large"
    TOO_COMPLEX = "too-complex"
    """Nested or split up beyond any real file: hostile, or written by a broken device."""
    INFLATES = "inflates"
    """A small file that unpacks to far more than images do."""
    DIRECTORY = "directory"
    """A DICOMDIR: the list of what lies beside it. To be passed over quietly when a folder is uploaded."""
    DOCUMENT = "document"
    """A PDF, CDA or model inside DICOM: nothing here can clean it; it can be uploaded as what it is."""
    REPORT = "report"
    """A structured report or a key object note: sentences that name people."""
    PRESENTATION = "presentation"
    """A presentation state: drawings and texts for other files, not an image."""
    RAW_DATA = "raw-data"
    SPEECH = "speech"
    """A recorded voice."""
    PLAN = "plan"
    """Treatment plans, structures, protocols and templates: not images, and full of names."""
    UNSUPPORTED = "unsupported"
    """A kind of DICOM object that is known and not taken."""
    UNKNOWN_KIND = "unknown-kind"
    """A maker's own kind, or one newer than this server."""
    ENCRYPTED = "encrypted"
    CANNOT_BLANK = "cannot-blank"
    """Something should be blanked, and the compression is one that cannot be rewritten here."""
    WRONG_PLACE = "wrong-place"
    """A rectangle or a frame to blank that is not in the image."""
    DEFECT = "defect"
    """Something failed here that should not, whatever the file is. It is not released."""
    LEFT_OVER = "left-over"
    """The second pass found something of the original in what had been cleaned. It is not released."""


class Doubt(StrEnum):
    """Why a person has to look at the pixels before others may see them."""

    DECLARED = "declared"
    """The file itself says that text is burned in."""
    ULTRASOUND = "ultrasound"
    """An ultrasound that does not say where its image is."""
    REGIONS = "regions"
    """An ultrasound whose regions are the whole picture, so that nothing could be blanked."""
    COMPRESSION = "compression"
    """An ultrasound that says where its image is, in a compression that cannot be rewritten here."""
    CAPTURE = "capture"
    """A secondary capture: a screen, a scanned paper, a printout."""
    PHOTOGRAPH = "photograph"
    """A photograph or an endoscopic image: faces, name plates, text of the device."""
    VIDEO = "video"
    SLIDE_LABEL = "slide-label"
    """A pathology slide's label or an overview that shows it."""
    FILM = "film"
    """Digitised film or paper: names stand on films."""


@dataclass(frozen=True, slots=True, order=True)
class Rectangle:
    """Pixels to blank: `left` and `top` counted from 0, of all frames or of those in `frames` (counted from 0)."""

    left: int
    top: int
    width: int
    height: int
    frames: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """What the second pass looked for and where: numbers only."""

    originals: int
    """Values of the original that must not be found."""
    spellings: int
    """Byte strings they were looked for as."""
    bytes_searched: int
    short: int
    """Values too short or too common to be looked for in bytes; they were looked for as whole words in texts."""
    found: int = 0


@dataclass(frozen=True, slots=True)
class Certificate:
    """What was done to one object. Holds no value of the original, old UIDs included [DEI-12]."""

    engine: str
    profile: str
    edition: str
    options: tuple[str, ...]
    """CID 7050 codes, as written into the object."""
    sop_class: str
    transfer_syntax: str
    actions: Mapping[str, int]
    """How often each action was taken, nested attributes counted one by one."""
    private_kept: int
    uids_replaced: int
    """Different UIDs, not places."""
    frames: int
    kept_regions: tuple[Rectangle, ...]
    blanked: tuple[Rectangle, ...]
    reviewed: bool
    """A person looked at the pixels, and marked `blanked` or said that there is nothing to mark."""
    recompressed: bool
    sha256_before: str
    sha256_after: str
    bytes_before: int
    bytes_after: int
    proof: Proof

    def to_json(self) -> str:
        """The same certificate always as the same text: sorted keys, no blanks."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def certificate_from_json(text: str) -> Certificate:
    """What `to_json` wrote.

    Raises:
        ValueError: it is not a certificate.
    """
    try:
        read = json.loads(text)
        return Certificate(
            **{
                **read,
                "options": tuple(read["options"]),
                "kept_regions": _rectangles(read["kept_regions"]),
                "blanked": _rectangles(read["blanked"]),
                "proof": Proof(**read["proof"]),
            }
        )
    except (KeyError, TypeError) as error:
        raise ValueError("not a certificate") from error


def _rectangles(read: Sequence[Mapping[str, object]]) -> tuple[Rectangle, ...]:
    found: list[Rectangle] = []
    for each in read:
        frames = each["frames"]
        left, top, width, height = (_int(each[name]) for name in ("left", "top", "width", "height"))
        inner = tuple(_int(frame) for frame in frames) if isinstance(frames, list) else None
        found.append(Rectangle(left, top, width, height, inner))
    return tuple(found)


def _int(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError("a number")
    return value


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The target holds the object, and others may see it."""

    certificate: Certificate


@dataclass(frozen=True, slots=True)
class NeedsReview:
    """The target holds the object, cleaned but for its pixels; others may see it after `review_dicom`."""

    certificate: Certificate
    doubts: tuple[Doubt, ...]


@dataclass(frozen=True, slots=True)
class Rejected:
    """There is no target. `detail` is a word of ours for operators (a limit, a type of error), never content."""

    reason: Reason
    detail: str = ""


Outcome: TypeAlias = Cleaned | NeedsReview | Rejected
