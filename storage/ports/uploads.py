"""Uploads: files on their way into a case, from the announcement to the gallery, and the work on them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias

from storage.ports.leases import Holder
from storage.ports.media import Made
from workspace.audit import SYSTEM, Action, Cause, Detail, Event
from workspace.ids import CaseId, FileId, MediaId, Millis, PersonId, UploadId
from workspace.media import ENDED, SENDING, Kind, MediaLimits, Reason, UploadState


@dataclass(frozen=True, slots=True)
class Upload:
    """One file on its way. `digest` is the SHA-256 over the joined SHA-256 of its parts."""

    id: UploadId
    case: CaseId
    person: PersonId
    name: str | None
    """As its uploader's device calls it: likely a patient's name. Gone when the upload ends. [UPL-6]"""
    size: int
    digest: bytes
    at: Millis
    changed_at: Millis
    state: UploadState = UploadState.REQUESTED
    reason: Reason | None = None
    kind: Kind | None = None
    multipart: str | None = None
    """What the object storage calls its sending."""
    media: MediaId | None = None
    """The medium that it became part of, or whose file it will replace."""
    replaces: FileId | None = None
    """The file that this is to be a redacted form of: then it was never sent, its bytes are that file's."""
    review: str | None = None
    """JSON: what whoever has to look is shown."""
    decision: str | None = None
    """JSON: what is to be blanked, as somebody decided."""
    sha256: bytes | None = None
    """Of the original, once a worker has read it."""
    attempts: int = 0
    """Workers that took it and were not heard of again."""
    done: int = 0
    total: int = 0
    """How far the worker is, in units of its own; 0 of 0 where that cannot be told."""
    is_put_away: bool = False
    version: int = 1


@dataclass(frozen=True, slots=True)
class Duplicate:
    """What was announced is in the case already."""

    media: MediaId


@dataclass(frozen=True, slots=True)
class Refused:
    """What was announced is not taken."""

    reason: Reason


Begun: TypeAlias = Upload | Duplicate | Refused


@dataclass(frozen=True, slots=True)
class Claim:
    """A worker's right to one upload. `fence` grows with every claim of it."""

    upload: Upload
    holder: Holder
    fence: int


@dataclass(frozen=True, slots=True)
class Load:
    """How much work there is."""

    waiting: int
    working: int
    oldest_seconds: float
    """How long the one that waited longest has waited; 0 where none does."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of a file that is clean."""

    upload: Upload
    discarded: Sequence[str] = ()
    """Keys of objects that nothing names any more: a redacted file's former form, or what was put for nothing because
    the case has that file already."""


def settled(upload: Upload) -> Upload:
    """Without what is not kept of an upload that has ended. [UPL-6] Every adapter writes nothing else."""
    if upload.state in ENDED or upload.is_put_away:
        return replace(upload, name=None, multipart=None, review=None, decision=None)
    return upload


def begun(uploads: Sequence[Upload], cause: Cause) -> Event:
    """One event for all files that were announced at once."""
    details = {Detail.FILES: len(uploads), Detail.BYTES: sum(each.size for each in uploads)}
    return Event(Action.MEDIA_BEGUN, cause, uploads[0].case, person=uploads[0].person, details=details)


def told(was: Upload, to: Upload, cause: Cause) -> Sequence[Event]:
    """What the audit log says of a step."""
    action = _action(was.state, to.state)
    if action is None:
        return ()
    details: dict[Detail, str | int] = {Detail.UPLOAD: to.id, Detail.STATE: to.state.value, Detail.BYTES: to.size}
    found = {Detail.REASON: to.reason, Detail.KIND: to.kind, Detail.MEDIA: to.media}
    details |= {key: str(value) for key, value in found.items() if value is not None}
    return [Event(action, cause, to.case, person=to.person, details=details)]


def _action(was: UploadState, state: UploadState) -> Action | None:
    if was is state:
        return None
    match state:
        case UploadState.QUARANTINED if was in SENDING:
            return Action.MEDIA_UPLOADED
        case UploadState.QUARANTINED if was is UploadState.NEEDS_REVIEW:
            return Action.MEDIA_REVIEWED
        case UploadState.READY:
            return Action.MEDIA_READY
        case UploadState.REJECTED | UploadState.CANCELLED | UploadState.EXPIRED:
            return Action.MEDIA_REJECTED
        case _:
            return None


class Uploads(Protocol):
    """What people do with uploads. Every change leaves a notice of the case and an event, in the same transaction."""

    async def begin(self, uploads: Sequence[Upload], limits: MediaLimits, cause: Cause = SYSTEM) -> Sequence[Begun]:
        """Announce files of one person in one case, and answer each as it stands, in this order.

        One that this person has under way with this digest is answered instead of a new one. Raises: NotFound (case
        or person).
        """
        ...

    async def listed(self, case: CaseId) -> Sequence[Upload]:
        """Those that nobody has put away, oldest first."""
        ...

    async def find(self, case: CaseId, upload: UploadId) -> Upload | None:
        """One of a case, listed or not."""
        ...

    async def change(self, seen: Upload, to: Upload, cause: Cause = SYSTEM) -> Upload:
        """Take an upload from how it was seen to another state. A worker that has it loses its claim.

        Raises: NotFound, Conflict (it is not, or no longer, as it was seen; or it does not go that way).
        """
        ...

    async def redact(self, upload: Upload, cause: Cause = SYSTEM) -> Upload:
        """Have a worker make another form of a file in the gallery. Raises: NotFound (case, person or file), Conflict
        (another redaction of the same file is under way)."""
        ...

    async def stale(self, states: Collection[UploadState], before: Millis, most: int) -> Sequence[Upload]:
        """Those in one of these states that nobody went on with since, and nobody put away: oldest first."""
        ...

    async def held(self, uploads: Collection[UploadId]) -> Collection[UploadId]:
        """Of these, the ones whose bytes in quarantine are still needed."""
        ...

    def in_quarantine(self) -> AsyncIterator[Upload]:
        """Those whose original stands there whole and is still needed, by id; what comes meanwhile may be missed."""
        ...


class UploadWork(Protocol):
    """What workers do with uploads. Times are the database's own. Each step that ends a claim, and each that tells
    progress, leaves a notice of the case; each but `claim` raises Conflict when the claim is lost."""

    async def waiting(self) -> bool:
        """Whether there is anything to claim. One short read."""
        ...

    async def load(self) -> Load:
        """How many wait, those that were given back and have to pause among them, and how many are worked on. One short
        read."""
        ...

    async def claim(self, holder: Holder, seconds: float) -> Claim | None:
        """Take the upload that has waited longest, also from a worker that was not heard of in time; None when there
        is none. One that was lost `MOST_ATTEMPTS` times is rejected instead."""
        ...

    async def renew(self, claims: Collection[Claim], seconds: float) -> Collection[Claim]:
        """Those that are still held; never a Conflict."""
        ...

    async def progress(self, claim: Claim, done: int, total: int) -> None:
        """How far it is."""
        ...

    async def release(self, claim: Claim, seconds: float, *, was_tried: bool = False) -> None:
        """Give it back: nobody takes it for so many seconds. Only if it `was_tried` it counts as an attempt."""
        ...

    async def secret(self, case: CaseId, fresh: bytes) -> bytes:
        """What the cleaned files of a case have in common and nobody else knows: `fresh` if it has none yet, the same
        ever after, whoever asks. Raises: NotFound."""
        ...

    async def settle(self, claim: Claim, to: Upload) -> Upload:
        """It needs a review or is rejected. Raises: also Conflict when it does not go that way."""
        ...

    async def accept(self, claim: Claim, made: Made) -> Accepted:
        """It is clean: the file, its renditions, its certificate, and the medium if it is the first of it, all at once.

        In a case that nobody may write in any more it is rejected instead; what the case has already is ready
        without another file.
        """
        ...
