"""Uploads in SQL. The case's row is the lock: whoever counts what a case holds comes one after the other."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from functools import partial

from sqlalchemy import Connection, Row, and_, case, func, insert, or_, select, update

from storage.audit import record
from storage.database import Database
from storage.notices import leave
from storage.people import exists
from storage.ports.uploads import Begun, Duplicate, Refused, Upload, begun, settled, told
from storage.tables import cases, files, media, uploads
from workspace.audit import SYSTEM, Cause
from workspace.errors import Conflict, NotFound
from workspace.ids import CaseId, FileId, MediaId, Millis, PersonId, UploadId
from workspace.media import (
    PASSING,
    SENDING,
    UNFINISHED,
    Kind,
    MediaLimits,
    Reason,
    UploadState,
    check_step,
)

_CHUNK = 1_000


class SqlUploads:
    """`storage.ports.Uploads` on a Database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, uploads: Sequence[Upload], limits: MediaLimits, cause: Cause = SYSTEM) -> Sequence[Begun]:
        """See the port."""
        return await self._database.write(partial(_begin, announced=uploads, limits=limits, cause=cause))

    async def listed(self, case: CaseId) -> Sequence[Upload]:
        """See the port."""
        query = (
            select(uploads)
            .where(uploads.c.case_id == case, uploads.c.is_put_away.is_(False))
            .order_by(uploads.c.at, uploads.c.id)
        )
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return [upload_of(row) for row in rows]

    async def find(self, case: CaseId, upload: UploadId) -> Upload | None:
        """See the port."""
        query = select(uploads).where(uploads.c.id == upload, uploads.c.case_id == case)
        row = await self._database.read(lambda connection: connection.execute(query).first())
        return upload_of(row) if row else None

    async def change(self, seen: Upload, to: Upload, cause: Cause = SYSTEM) -> Upload:
        """See the port."""
        return await self._database.write(partial(_change, seen=seen, to=to, cause=cause))

    async def redact(self, upload: Upload, cause: Cause = SYSTEM) -> Upload:
        """See the port."""
        return await self._database.write(partial(_redact, upload=upload, cause=cause))

    async def stale(self, states: Collection[UploadState], before: Millis, most: int) -> Sequence[Upload]:
        """See the port."""
        columns = uploads.c
        query = (
            select(uploads)
            .where(
                columns.changed_at < before,
                columns.state.in_(sorted(states)),
                columns.is_put_away.is_(False),
            )
            .order_by(columns.changed_at, columns.id)
            .limit(most)
        )
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return [upload_of(row) for row in rows]

    async def held(self, uploads: Collection[UploadId]) -> Collection[UploadId]:
        """See the port."""
        return await self._database.read(partial(_held, asked=sorted(uploads)))

    async def in_quarantine(self) -> AsyncIterator[Upload]:
        """See the port."""
        after = ""
        while page := await self._database.read(partial(_in_quarantine, after=after)):
            for each in page:
                yield each
            after = page[-1].id


def lock_case(connection: Connection, case: CaseId) -> str:
    """Nobody else counts, adds or orders media of it before this transaction has ended; the case's state.

    Raises: NotFound.
    """
    row = connection.execute(select(cases.c.state).where(cases.c.id == case).with_for_update()).first()
    if row is None:
        raise NotFound
    return str(row.state)


def lock_upload(connection: Connection, upload: UploadId) -> Row[tuple[object, ...]]:
    """Its row, which nobody else changes before this transaction has ended. Raises: NotFound."""
    row = connection.execute(select(uploads).where(uploads.c.id == upload).with_for_update()).first()
    if row is None:
        raise NotFound
    return row


def write(connection: Connection, held: Upload, to: Upload, **more: object) -> Upload:
    """Put `to` in the place of what is held. Raises: Conflict when an upload does not go that way."""
    if to.state is not held.state:
        check_step(held.state, to.state)
    changed = settled(to)
    values = _values(changed) | {"version": uploads.c.version + 1} | more
    connection.execute(update(uploads).where(uploads.c.id == held.id).values(values))
    return upload_of(lock_upload(connection, held.id))


def duplicate_of(connection: Connection, case: CaseId, digest: bytes) -> MediaId | None:
    """The medium that a file with this digest is in already, also one that was taken out of the gallery."""
    query = (
        select(media.c.id)
        .join(files, files.c.media_id == media.c.id)
        .join(uploads, uploads.c.id == files.c.upload)
        .where(
            uploads.c.case_id == case,
            uploads.c.digest == digest,
            uploads.c.replaces.is_(None),  # what was redacted has its original's digest, and is another file
        )
    )
    found = connection.execute(query).scalars().first()
    return None if found is None else MediaId(found)


def _begin(connection: Connection, announced: Sequence[Upload], limits: MediaLimits, cause: Cause) -> Sequence[Begun]:
    if not announced:
        return []
    first = announced[0]
    lock_case(connection, first.case)
    if not exists(connection, first.person):
        raise NotFound
    open_, stored = _count(connection, first.case, first.person)
    answers: list[Begun] = []
    made: list[Upload] = []
    for each in announced:
        answer = _under_way(connection, each) or _refusal(connection, each, limits, open_ + len(made), stored)
        if answer is None:
            connection.execute(
                insert(uploads).values(id=each.id, holder=None, fence=0, begins=0, ends=0, version=1, **_values(each))
            )
            made.append(each)
            stored, answer = stored + each.size, each
        answers.append(answer)
    if made:
        record(connection, begun(made, cause))
        leave(connection, None, first.case)
    return answers


def _under_way(connection: Connection, upload: Upload) -> Upload | None:
    columns = uploads.c
    row = connection.execute(
        select(uploads).where(
            columns.case_id == upload.case,
            columns.digest == upload.digest,
            columns.person == upload.person,
            columns.state.in_(sorted(UNFINISHED)),
            columns.replaces.is_(None),
        )
    ).first()
    return upload_of(row) if row else None


def _refusal(
    connection: Connection, upload: Upload, limits: MediaLimits, open_: int, stored: int
) -> Duplicate | Refused | None:
    if (found := duplicate_of(connection, upload.case, upload.digest)) is not None:
        return Duplicate(found)
    if upload.size <= 0:
        return Refused(Reason.EMPTY)
    if upload.size > limits.largest:
        return Refused(Reason.TOO_LARGE)
    if open_ >= limits.max_open_uploads:
        return Refused(Reason.TOO_MANY)
    if stored + upload.size > limits.max_case_bytes:
        return Refused(Reason.CASE_FULL)
    return None


def _count(connection: Connection, case_id: CaseId, person: PersonId) -> tuple[int, int]:
    """How many of this person's are on their way, and how many bytes the case holds or is going to."""
    columns = uploads.c
    mine = case((columns.person == person, 1), else_=0)
    waiting = select(func.coalesce(func.sum(mine), 0), func.coalesce(func.sum(columns.size), 0)).where(
        columns.case_id == case_id, columns.state.in_(sorted(UNFINISHED))
    )
    open_, coming = connection.execute(waiting).one()
    of_case = select(files.c.id, files.c.size).join(media, media.c.id == files.c.media_id)
    held = of_case.where(media.c.case_id == case_id).subquery()
    stored = connection.execute(select(func.coalesce(func.sum(held.c.size), 0))).scalar_one()
    return int(open_), int(coming) + int(stored)


def _change(connection: Connection, seen: Upload, to: Upload, cause: Cause) -> Upload:
    held = upload_of(lock_upload(connection, seen.id))
    if held.case != seen.case:
        raise NotFound
    if held.version != seen.version:
        raise Conflict(f"the upload is {held.state.value}")
    # A claim is broken by its fence: whoever held it changes nothing any more.
    changed = write(connection, held, to, holder=None, fence=uploads.c.fence + 1, begins=0, ends=0)
    record(connection, *told(held, changed, cause))
    leave(connection, None, changed.case)
    return changed


def _redact(connection: Connection, upload: Upload, cause: Cause) -> Upload:
    lock_case(connection, upload.case)
    columns = files.c
    known = select(columns.id).join(media, media.c.id == columns.media_id)
    if connection.execute(
        known.where(columns.id == upload.replaces, media.c.case_id == upload.case, media.c.id == upload.media)
    ).first() is None or not exists(connection, upload.person):
        raise NotFound
    under_way = select(uploads.c.id).where(
        uploads.c.replaces == upload.replaces, uploads.c.state.in_(sorted(UNFINISHED))
    )
    if connection.execute(under_way).first() is not None:
        raise Conflict("another redaction of it is under way")
    connection.execute(
        insert(uploads).values(id=upload.id, holder=None, fence=0, begins=0, ends=0, version=1, **_values(upload))
    )
    record(connection, begun([upload], cause))
    leave(connection, None, upload.case)
    return upload


def _held(connection: Connection, asked: Sequence[UploadId]) -> Collection[UploadId]:
    columns = uploads.c
    needed = or_(
        columns.state.in_(sorted(UNFINISHED)),
        and_(columns.state == UploadState.REJECTED, columns.reason.in_(sorted(PASSING))),
    )
    found: set[UploadId] = set()
    for start in range(0, len(asked), _CHUNK):
        query = select(columns.id).where(columns.id.in_(asked[start : start + _CHUNK]), needed)
        found |= {UploadId(each) for each in connection.execute(query).scalars()}
    return found


def _in_quarantine(connection: Connection, after: str) -> Sequence[Upload]:
    columns = uploads.c
    needed = or_(
        columns.state.in_(sorted(UNFINISHED - SENDING)),
        and_(columns.state == UploadState.REJECTED, columns.reason.in_(sorted(PASSING))),
    )
    query = select(uploads).where(needed, columns.replaces.is_(None), columns.id > after)
    return [upload_of(row) for row in connection.execute(query.order_by(columns.id).limit(_CHUNK))]


def _values(upload: Upload) -> dict[str, object]:
    return {
        "case_id": upload.case,
        "person": upload.person,
        "name": upload.name,
        "size": upload.size,
        "digest": upload.digest,
        "at": upload.at,
        "changed_at": upload.changed_at,
        "state": upload.state,
        "reason": upload.reason,
        "kind": upload.kind,
        "multipart": upload.multipart,
        "media_id": upload.media,
        "replaces": upload.replaces,
        "review": upload.review,
        "decision": upload.decision,
        "sha256": upload.sha256,
        "attempts": upload.attempts,
        "done": upload.done,
        "total": upload.total,
        "is_put_away": upload.is_put_away,
    }


def upload_of(row: Row[tuple[object, ...]]) -> Upload:
    """The upload in a row of `uploads`."""
    return Upload(
        UploadId(row.id),
        CaseId(row.case_id),
        PersonId(row.person),
        row.name,
        row.size,
        bytes(row.digest),
        Millis(row.at),
        Millis(row.changed_at),
        UploadState(row.state),
        None if row.reason is None else Reason(row.reason),
        None if row.kind is None else Kind(row.kind),
        row.multipart,
        None if row.media_id is None else MediaId(row.media_id),
        None if row.replaces is None else FileId(row.replaces),
        row.review,
        row.decision,
        None if row.sha256 is None else bytes(row.sha256),
        row.attempts,
        row.done,
        row.total,
        row.is_put_away,
        row.version,
    )
