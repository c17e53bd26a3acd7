"""Media of a case, and the way of a file into it: kinds, states, reasons, and which step follows which. [UPL-1]

An upload is one file on its way. What it becomes is a file of a medium: of one of its own, or of the series it is of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from workspace.errors import Conflict

PART_BYTES = 8 * 1024 * 1024
"""Of every part but the last. S3 takes no less than 5 MiB; a part is what is sent again when a link breaks."""
MOST_PARTS = 10_000
"""S3's own bound: files of up to 80 GiB."""
MOST_ATTEMPTS = 3
"""A file that ended its worker so often would most likely end the next one too."""


class Kind(StrEnum):
    """What a medium is, told by its bytes and never by its name."""

    PHOTO = "photo"
    DICOM = "dicom"
    VIDEO = "video"
    PDF = "pdf"
    ECG = "ecg"
    """A DICOM file that holds curves and no picture."""


class UploadState(StrEnum):
    """Where a file is on its way."""

    REQUESTED = "requested"
    """Announced; nothing was sent."""
    UPLOADING = "uploading"
    """Its parts are on their way to the object storage."""
    QUARANTINED = "quarantined"
    """All of it is there, and it waits for a worker."""
    CLEANING = "cleaning"
    READY = "ready"
    """It is in the gallery, for everybody who may read the case."""
    NEEDS_REVIEW = "needs-review"
    """A human has to say what is to be blanked, or that there is nothing."""
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    """Nobody went on with it in time."""


class Reason(StrEnum):
    """Why a file is not in the gallery. The page has a sentence for each, in every language."""

    EMPTY = "empty"
    TOO_LARGE = "too-large"
    CASE_FULL = "case-full"
    TOO_MANY = "too-many"
    """So many of one person's are on their way already."""
    UNKNOWN_TYPE = "unknown-type"
    UNSUPPORTED = "unsupported"
    """Of a type that is taken, in a form that is not."""
    UNREADABLE = "unreadable"
    """Damaged or cut off."""
    ENCRYPTED = "encrypted"
    TOO_MUCH_INSIDE = "too-much-inside"
    """More pixels, frames or pages than a file of its size holds honestly, or than anybody looks at."""
    DIRECTORY = "directory"
    """A DICOMDIR: the list of what lies beside it, and no image."""
    DOCUMENT = "document"
    """A PDF or a model inside DICOM: it can be uploaded as what it is."""
    REPORT = "report"
    """A structured report: sentences that name people."""
    PRESENTATION = "presentation"
    """Drawings for other files."""
    RAW_DATA = "raw-data"
    SPEECH = "speech"
    PLAN = "plan"
    """A treatment plan or structures: no images, and full of names."""
    CANNOT_BLANK = "cannot-blank"
    """It has to be blanked, in a compression that cannot be written again."""
    WRONG_PLACE = "wrong-place"
    """What was to be blanked is not in the picture."""
    IDENTIFIERS_LEFT = "identifiers-left"
    """The second look found what the first should have taken out."""
    CHANGED_ON_THE_WAY = "changed-on-the-way"
    """What arrived is not what was announced."""
    WORKER_LOST = "worker-lost"
    TOOK_TOO_LONG = "took-too-long"
    NO_ROOM = "no-room"
    """The worker's disk was full."""
    CASE_CLOSED = "case-closed"
    """The case was concluded meanwhile."""
    SOURCE_GONE = "source-gone"
    """What was to be cleaned is not there any more."""
    MAY_SHOW_TEXT = "may-show-text"
    """The picture may show a name: somebody has to look."""
    DUPLICATE = "duplicate"
    """It is in the case already."""
    NOT_FINISHED = "not-finished"
    """It waited for too long, to be sent whole, to be looked at or to be tried again."""


PASSING = frozenset(
    {
        Reason.CHANGED_ON_THE_WAY,
        Reason.WORKER_LOST,
        Reason.TOOK_TOO_LONG,
        Reason.NO_ROOM,
        Reason.CASE_CLOSED,
    }
)
"""What may pass: these may be tried again, and until then their bytes stay in quarantine."""

_S = UploadState
NEXT: Mapping[UploadState, frozenset[UploadState]] = MappingProxyType(
    {
        _S.REQUESTED: frozenset({_S.UPLOADING, _S.QUARANTINED, _S.REJECTED, _S.CANCELLED, _S.EXPIRED}),
        _S.UPLOADING: frozenset({_S.REQUESTED, _S.QUARANTINED, _S.REJECTED, _S.CANCELLED, _S.EXPIRED}),
        _S.QUARANTINED: frozenset({_S.CLEANING, _S.REJECTED, _S.CANCELLED}),
        _S.CLEANING: frozenset({_S.QUARANTINED, _S.READY, _S.NEEDS_REVIEW, _S.REJECTED, _S.CANCELLED}),
        _S.NEEDS_REVIEW: frozenset({_S.QUARANTINED, _S.CANCELLED, _S.EXPIRED}),
        _S.REJECTED: frozenset({_S.REQUESTED, _S.QUARANTINED, _S.CANCELLED, _S.EXPIRED}),
        _S.READY: frozenset(),
        _S.CANCELLED: frozenset(),
        _S.EXPIRED: frozenset(),
    }
)
"""Whatever is not here does not happen."""

SENDING = frozenset({_S.REQUESTED, _S.UPLOADING})
"""Its uploader has something to do."""
WORKED_ON = frozenset({_S.QUARANTINED, _S.CLEANING})
"""A worker has."""
UNFINISHED = SENDING | WORKED_ON | {_S.NEEDS_REVIEW}
ENDED = frozenset({_S.READY, _S.CANCELLED, _S.EXPIRED})
"""Nothing follows, and nothing of it is left in quarantine."""


def check_step(was: UploadState, state: UploadState) -> None:
    """Raises: Conflict when an upload does not go that way. [UPL-1]"""
    if state not in NEXT[was]:
        raise Conflict(f"the upload is {was.value}")


def may_be_tried_again(state: UploadState, reason: Reason | None) -> bool:
    """Whether what was rejected may be given to a worker, or sent, once more."""
    return state is UploadState.REJECTED and reason in PASSING


def is_held(state: UploadState, reason: Reason | None) -> bool:
    """Whether the bytes in quarantine are still needed. What was rejected for good needs none. [UPL-9]"""
    return state in UNFINISHED or may_be_tried_again(state, reason)


@dataclass(frozen=True, slots=True)
class PartToSend:
    """One part of a file: 1, 2, 3…"""

    number: int
    size: int


def parts_of(size: int) -> Iterator[PartToSend]:
    """The parts that a file of `size` bytes is sent in."""
    for number in range(1, count_parts(size) + 1):
        yield PartToSend(number, min(PART_BYTES, size - (number - 1) * PART_BYTES))


def count_parts(size: int) -> int:
    """How many that are."""
    return -(-size // PART_BYTES)


@dataclass(frozen=True, slots=True)
class MediaLimits:
    """How much is taken in. Sizes in bytes."""

    max_photo_bytes: int = 50 * 1024**2
    max_dicom_bytes: int = 1536 * 1024**2
    max_video_bytes: int = 2560 * 1024**2
    max_pdf_bytes: int = 100 * 1024**2
    max_case_bytes: int = 100 * 1024**3
    """Of all files of a case, those on their way with their announced size."""
    max_open_uploads: int = 5_000
    """Of one person in one case: a long CT study has some two thousand files."""

    def of(self, kind: Kind) -> int:
        """The largest file of a kind."""
        match kind:
            case Kind.PHOTO:
                return self.max_photo_bytes
            case Kind.DICOM | Kind.ECG:
                return self.max_dicom_bytes
            case Kind.VIDEO:
                return self.max_video_bytes
            case Kind.PDF:
                return self.max_pdf_bytes

    @property
    def largest(self) -> int:
        """The largest file of any kind: what can be judged before its bytes are known."""
        return max(self.of(kind) for kind in Kind)
