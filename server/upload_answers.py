"""What is asked and told about uploads."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema

from server.body import Answer, Body, Id, When, Whole
from storage.ports import Begun, Duplicate, Refused, Signed, Upload
from workspace.ids import PersonId
from workspace.media import MOST_PARTS, PART_BYTES, Kind, MediaLimits, Reason, UploadState, may_be_tried_again

MOST_FILES = 100
MOST_SIGNED = 32
MOST_MARKS = 500
"""Of one review or redaction."""
MOST_POINTS = 2_000
GREATEST_PIXEL = 1_000_000


def _plain(text: str) -> str:
    """Names of files may hold anything but a slash: what cannot be shown is shown as that."""
    return "".join("�" if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") else c for c in text)


FileName = Annotated[
    str,
    StringConstraints(min_length=1, max_length=300),
    AfterValidator(_plain),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 300}),
]
Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Pixel = Annotated[int, Field(ge=0, le=GREATEST_PIXEL)]
Extent = Annotated[int, Field(ge=1, le=GREATEST_PIXEL)]


class FileToBegin(Body):
    """`digest` is the SHA-256 over the joined SHA-256 of each 8 MiB, in hexadecimal."""

    name: FileName
    size: Whole
    digest: Digest


class BeginBody(Body):
    """Files of one person, in the order in which they are answered."""

    files: Annotated[list[FileToBegin], Field(min_length=1, max_length=MOST_FILES)]


class PartBody(Body):
    """A part that is about to be sent, with its own SHA-256 in hexadecimal."""

    number: Annotated[int, Field(ge=1, le=MOST_PARTS)]
    sha256: Digest


class PartsBody(Body):
    """Those that are sent next."""

    parts: Annotated[list[PartBody], Field(min_length=1, max_length=MOST_SIGNED)]


class Rectangle(Body):
    """Pixels from the upper left; `frame` 0, 1, 2…, or none for all of them."""

    frame: Annotated[int, Field(ge=0, le=GREATEST_PIXEL)] | None = None
    x: Pixel
    y: Pixel
    width: Extent
    height: Extent


class ReviewBody(Body):
    """What is to be blanked. `confirmed`: somebody looked, and there is nothing else."""

    blank: Annotated[list[Rectangle], Field(max_length=MOST_MARKS)]
    confirmed: Literal[True]


class Progress(Answer):
    """How far the work is, in units of its own; 0 of 0 where that cannot be told."""

    done: int
    total: int


class UploadShown(Answer):
    """A file on its way, or what became of it."""

    id: Id
    name: str | None
    """Told to its uploader alone, until the upload ends."""
    size: int
    digest: Digest
    state: UploadState
    reason: Reason | None
    kind: Kind | None
    at: When
    part_bytes: int
    parts_done: list[int]
    """Parts that have arrived; told when the upload is begun, also anew, and empty in lists."""
    progress: Progress
    media: Id | None
    """The medium that it became part of."""
    duplicate_of: Id | None
    """The same, where the case had this file already."""
    can_retry: bool
    is_mine: bool


class BegunShown(UploadShown):
    """It may be sent, or goes on as it stands."""

    outcome: Literal["begun"] = "begun"


class DuplicateShown(Answer):
    """The case has it: nothing is to be sent."""

    outcome: Literal["duplicate"] = "duplicate"
    duplicate_of: Id


class RefusedShown(Answer):
    """It is not taken."""

    outcome: Literal["refused"] = "refused"
    reason: Reason
    limit_bytes: int | None
    """What would be taken, where it is for its size."""


class BegunList(Answer):
    """One answer for each file, in their order."""

    uploads: list[BegunShown | DuplicateShown | RefusedShown]


class UploadList(Answer):
    """One's own that were not put away; for moderators also those that somebody has to look at. Oldest first."""

    uploads: list[UploadShown]
    waiting_of_others: int
    """How many more are on their way."""


class SignedPart(Answer):
    """A request that the browser sends as it is."""

    number: int
    url: str
    headers: dict[str, str]
    expires_at: When


class SignedParts(Answer):
    """In the order in which they were asked for."""

    parts: list[SignedPart]


class PictureShown(Answer):
    """A frame or a page of what is to be looked at; `frame` null: what is marked on it holds for all of them."""

    frame: int | None
    url: str
    width: int
    height: int
    expires_at: When


class RectangleShown(Answer):
    """A place that may hold words."""

    frame: int | None
    x: int
    y: int
    width: int
    height: int


class ReviewShown(Answer):
    """What somebody has to look at before others see it."""

    pictures: list[PictureShown]
    suggested: list[RectangleShown]


def show(upload: Upload, viewer: PersonId, parts_done: Collection[int] = ()) -> UploadShown:
    """An upload, as this person sees it."""
    is_mine = upload.person == viewer
    is_double = upload.reason is Reason.DUPLICATE
    return UploadShown(
        id=upload.id,
        name=upload.name if is_mine else None,
        size=upload.size,
        digest=upload.digest.hex(),
        state=upload.state,
        reason=upload.reason,
        kind=upload.kind,
        at=upload.at,
        part_bytes=PART_BYTES,
        parts_done=sorted(parts_done),
        progress=Progress(done=upload.done, total=upload.total),
        media=upload.media if upload.state is UploadState.READY else None,
        duplicate_of=upload.media if is_double else None,
        can_retry=is_mine and may_be_tried_again(upload.state, upload.reason),
        is_mine=is_mine,
    )


def show_begun(
    begun: Begun, viewer: PersonId, limits: MediaLimits, parts_done: Collection[int]
) -> BegunShown | DuplicateShown | RefusedShown:
    """What became of an announcement."""
    match begun:
        case Upload():
            return BegunShown.model_validate(show(begun, viewer, parts_done).model_dump())
        case Duplicate():
            return DuplicateShown(duplicate_of=begun.media)
        case Refused():
            bounds = {Reason.TOO_LARGE: limits.largest, Reason.CASE_FULL: limits.max_case_bytes}
            return RefusedShown(reason=begun.reason, limit_bytes=bounds.get(begun.reason))


def show_part(number: int, signed: Signed) -> SignedPart:
    """A signed request."""
    return SignedPart(number=number, url=signed.url, headers=dict(signed.headers), expires_at=signed.expires_at)
