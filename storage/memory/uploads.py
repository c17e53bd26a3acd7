"""Uploads and the work on them in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass, replace

from storage.leases import Term, term
from storage.memory.media import MemoryShelf
from storage.memory.records import MemoryRecords
from storage.ports.leases import Holder
from storage.ports.media import Made
from storage.ports.uploads import Accepted, Begun, Claim, Duplicate, Load, Refused, Upload, begun, settled, told
from workspace.audit import SYSTEM, Cause
from workspace.errors import Conflict, NotFound
from workspace.ids import CaseId, MediaId, Millis, PersonId, UploadId
from workspace.media import (
    MOST_ATTEMPTS,
    SENDING,
    UNFINISHED,
    WORKED_ON,
    MediaLimits,
    Reason,
    UploadState,
    check_step,
    is_held,
)
from workspace.policy import WRITABLE_STATES


@dataclass(frozen=True, slots=True)
class Held:
    """Who has a claim, and for how long; nobody while an upload that was given back has to wait."""

    holder: Holder | None
    fence: int
    term: Term


class MemoryUploads:
    """`storage.ports.Uploads`."""

    def __init__(self, records: MemoryRecords) -> None:
        self._records = records

    async def begin(self, uploads: Sequence[Upload], limits: MediaLimits, cause: Cause = SYSTEM) -> Sequence[Begun]:
        """See the port."""
        answers: list[Begun] = []
        made: list[Upload] = []
        for each in uploads:
            self._records.account(each.person)
            if each.case not in self._records.cases:
                raise NotFound
            answer = self._under_way(each) or self._refusal(each, limits)
            if answer is None:
                self._records.uploads[each.id] = each
                made.append(each)
                answer = each
            answers.append(answer)
        if made:
            self._records.record(begun(made, cause))
            self._records.leave_notice(None, made[0].case)
        return answers

    async def listed(self, case: CaseId) -> Sequence[Upload]:
        """See the port."""
        held = [each for each in self._records.uploads.values() if each.case == case and not each.is_put_away]
        return sorted(held, key=lambda each: (each.at, each.id))

    async def find(self, case: CaseId, upload: UploadId) -> Upload | None:
        """See the port."""
        held = self._records.uploads.get(upload)
        return held if held is not None and held.case == case else None

    async def change(self, seen: Upload, to: Upload, cause: Cause = SYSTEM) -> Upload:
        """See the port."""
        held = self._records.uploads.get(seen.id)
        if held is None or held.case != seen.case:
            raise NotFound
        if held.version != seen.version:
            raise Conflict(f"the upload is {held.state.value}")
        changed = write(self._records, held, to)
        self._records.claims.pop(held.id, None)
        self._records.record(*told(held, changed, cause))
        self._records.leave_notice(None, changed.case)
        return changed

    async def redact(self, upload: Upload, cause: Cause = SYSTEM) -> Upload:
        """See the port."""
        self._records.account(upload.person)
        held = None if upload.replaces is None else self._records.files.get(upload.replaces)
        if held is None or held.media != upload.media or self._records.media[held.media].case != upload.case:
            raise NotFound
        if any(
            each.replaces == upload.replaces and each.state in UNFINISHED for each in self._records.uploads.values()
        ):
            raise Conflict("another redaction of it is under way")
        self._records.uploads[upload.id] = upload
        self._records.record(begun([upload], cause))
        self._records.leave_notice(None, upload.case)
        return upload

    async def stale(self, states: Collection[UploadState], before: Millis, most: int) -> Sequence[Upload]:
        """See the port."""
        found = [
            each
            for each in self._records.uploads.values()
            if each.changed_at < before and each.state in states and not each.is_put_away
        ]
        return sorted(found, key=lambda each: (each.changed_at, each.id))[:most]

    async def held(self, uploads: Collection[UploadId]) -> Collection[UploadId]:
        """See the port."""
        found = {key: self._records.uploads[key] for key in uploads if key in self._records.uploads}
        return {key for key, each in found.items() if is_held(each.state, each.reason)}

    async def in_quarantine(self) -> AsyncIterator[Upload]:
        """See the port."""
        for _, each in sorted(self._records.uploads.items()):
            if is_held(each.state, each.reason) and each.state not in SENDING and each.replaces is None:
                yield each

    def _under_way(self, upload: Upload) -> Upload | None:
        return next(
            (
                each
                for each in self._records.uploads.values()
                if (each.case, each.digest, each.person) == (upload.case, upload.digest, upload.person)
                and each.state in UNFINISHED
                and each.replaces is None
            ),
            None,
        )

    def _refusal(self, upload: Upload, limits: MediaLimits) -> Duplicate | Refused | None:
        if (found := duplicate_of(self._records, upload.case, upload.digest)) is not None:
            return Duplicate(found)
        if upload.size <= 0:
            return Refused(Reason.EMPTY)
        if upload.size > limits.largest:
            return Refused(Reason.TOO_LARGE)
        open_, stored = self._count(upload.case, upload.person)
        if open_ >= limits.max_open_uploads:
            return Refused(Reason.TOO_MANY)
        if stored + upload.size > limits.max_case_bytes:
            return Refused(Reason.CASE_FULL)
        return None

    def _count(self, case: CaseId, person: PersonId) -> tuple[int, int]:
        coming = [e for e in self._records.uploads.values() if e.case == case and e.state in UNFINISHED]
        stored = [each for each in self._records.files.values() if self._records.media[each.media].case == case]
        return (
            sum(each.person == person for each in coming),
            sum(each.size for each in coming) + sum(each.size for each in stored),
        )


def write(records: MemoryRecords, held: Upload, to: Upload) -> Upload:
    """Put `to` in the place of what is held. Raises: Conflict when an upload does not go that way."""
    if to.state is not held.state:
        check_step(held.state, to.state)
    changed = replace(settled(to), version=held.version + 1)
    records.uploads[held.id] = changed
    return changed


def duplicate_of(records: MemoryRecords, case: CaseId, digest: bytes) -> MediaId | None:
    """The medium that a file with this digest is in already."""
    for file in records.files.values():
        upload = records.uploads[file.upload]
        if (upload.case, upload.digest) == (case, digest) and upload.replaces is None:
            return file.media
    return None


class MemoryUploadWork:
    """`storage.ports.UploadWork`. What is held of a claim is a lease by another name."""

    def __init__(self, records: MemoryRecords) -> None:
        self._records = records
        self._shelf = MemoryShelf(records)

    async def waiting(self) -> bool:
        """See the port."""
        return bool(self._waiting())

    async def load(self) -> Load:
        """See the port."""
        at = self._records.now()
        found = [each for each in self._records.uploads.values() if each.state in WORKED_ON]
        waiting = [each for each in found if each.state is not UploadState.CLEANING or self._is_free(each.id, at)]
        oldest = min((each.changed_at for each in waiting), default=at)
        return Load(len(waiting), len(found) - len(waiting), max(0, at - oldest) / 1000)

    async def claim(self, holder: Holder, seconds: float) -> Claim | None:
        """See the port."""
        at, waiting = self._records.now(), self._waiting()
        if not waiting:
            return None
        held = min(waiting, key=lambda each: (each.attempts, each.changed_at, each.id))
        if held.attempts >= MOST_ATTEMPTS:
            lost = replace(held, state=UploadState.REJECTED, reason=Reason.WORKER_LOST, changed_at=at)
            self._end(held, lost)
            return None
        taken = replace(
            held,
            state=UploadState.CLEANING,
            reason=None,
            attempts=held.attempts + 1,
            done=0,
            total=0,
            changed_at=at,
        )
        fence = self._records.fences.get(held.id, 0) + 1
        self._records.fences[held.id] = fence
        self._records.claims[held.id] = Held(holder, fence, term(at, seconds))
        claimed = write(self._records, held, taken)
        self._records.leave_notice(None, held.case)
        return Claim(claimed, holder, fence)

    async def renew(self, claims: Collection[Claim], seconds: float) -> Collection[Claim]:
        """See the port."""
        still = [claim for claim in claims if self._is_held(claim)]
        for claim in still:
            self._records.claims[claim.upload.id] = Held(claim.holder, claim.fence, term(self._records.now(), seconds))
        return still

    async def progress(self, claim: Claim, done: int, total: int) -> None:
        """See the port."""
        held = self._expect(claim)
        self._records.uploads[held.id] = replace(held, done=done, total=total)
        self._records.leave_notice(None, held.case)

    async def secret(self, case: CaseId, fresh: bytes) -> bytes:
        """See the port."""
        if case not in self._records.cases:
            raise NotFound
        return self._records.secrets.setdefault(case, fresh)

    async def release(self, claim: Claim, seconds: float, *, was_tried: bool = False) -> None:
        """See the port."""
        held = self._expect(claim)
        attempts = held.attempts if was_tried else held.attempts - 1
        back = replace(held, state=UploadState.QUARANTINED, attempts=attempts, done=0, total=0)
        write(self._records, held, back)
        self._records.claims[held.id] = Held(None, 0, term(self._records.now(), seconds))
        self._records.leave_notice(None, held.case)

    async def settle(self, claim: Claim, to: Upload) -> Upload:
        """See the port."""
        return self._end(self._expect(claim), replace(to, changed_at=self._records.now()))

    async def accept(self, claim: Claim, made: Made) -> Accepted:
        """See the port."""
        held = self._expect(claim)
        at = self._records.now()
        ready = replace(held, state=UploadState.READY, kind=made.kind, sha256=made.original_sha256, changed_at=at)
        discarded: Sequence[str] = list(made.keys)
        if self._records.cases[held.case].state not in WRITABLE_STATES:
            ready = replace(ready, state=UploadState.REJECTED, reason=Reason.CASE_CLOSED)
        elif held.replaces is not None:
            replaced = self._shelf.replace(held, made)
            if replaced is None:
                ready = replace(ready, state=UploadState.REJECTED, reason=Reason.SOURCE_GONE)
            else:
                discarded = replaced
        elif (known := duplicate_of(self._records, held.case, held.digest)) is not None:
            ready = replace(ready, media=known, reason=Reason.DUPLICATE)
        else:
            ready, discarded = replace(ready, media=self._shelf.add(held, made)), []
        return Accepted(self._end(held, ready), discarded)

    def _end(self, held: Upload, to: Upload) -> Upload:
        """The claim is over."""
        ended = write(self._records, held, to)
        self._records.claims.pop(held.id, None)
        self._records.record(*told(held, ended, SYSTEM))
        self._records.leave_notice(None, held.case)
        return ended

    def _expect(self, claim: Claim) -> Upload:
        if not self._is_held(claim):
            raise Conflict("somebody else works on it")
        return self._records.uploads[claim.upload.id]

    def _waiting(self) -> Sequence[Upload]:
        at, every = self._records.now(), self._records.uploads.values()
        return [each for each in every if each.state in WORKED_ON and self._is_free(each.id, at)]

    def _is_free(self, upload: UploadId, at: Millis) -> bool:
        taken = self._records.claims.get(upload)
        return taken is None or taken.term.is_over(at)

    def _is_held(self, claim: Claim) -> bool:
        taken = self._records.claims.get(claim.upload.id)
        return taken is not None and (taken.holder, taken.fence) == (claim.holder, claim.fence)
