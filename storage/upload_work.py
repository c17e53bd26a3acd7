"""The work on uploads in SQL: claims by the database's clock, each broken by a fence."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial
from hashlib import sha256

from sqlalchemy import ColumnElement, Connection, Row, and_, case, delete, func, insert, or_, select, update

from storage.audit import record
from storage.clocks import now
from storage.database import Database
from storage.leases import term
from storage.notices import leave
from storage.ports.leases import Holder
from storage.ports.media import Made, Rendition
from storage.ports.uploads import Accepted, Claim, Load, Upload, told
from storage.tables import case_secrets, certificates, files, media, renditions, uploads
from storage.uploads import duplicate_of, lock_case, lock_upload, upload_of, write
from workspace.audit import SYSTEM
from workspace.case import CaseState
from workspace.errors import Conflict, NotFound
from workspace.ids import CaseId, FileId, MediaId, Millis
from workspace.media import MOST_ATTEMPTS, WORKED_ON, Reason, UploadState
from workspace.policy import WRITABLE_STATES


class SqlUploadWork:
    """`storage.ports.UploadWork` on a Database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def waiting(self) -> bool:
        """See the port."""
        return await self._database.read(_is_waiting)

    async def load(self) -> Load:
        """See the port."""
        return await self._database.read(_load)

    async def claim(self, holder: Holder, seconds: float) -> Claim | None:
        """See the port. Nothing is the usual answer, and costs no write."""
        if not await self.waiting():
            return None
        return await self._database.write(partial(_claim, holder=holder, seconds=seconds))

    async def renew(self, claims: Collection[Claim], seconds: float) -> Collection[Claim]:
        """See the port."""
        return await self._database.write(partial(_renew, claims=claims, seconds=seconds)) if claims else []

    async def progress(self, claim: Claim, done: int, total: int) -> None:
        """See the port."""
        await self._database.write(partial(_progress, claim=claim, done=done, total=total))

    async def release(self, claim: Claim, seconds: float, *, was_tried: bool = False) -> None:
        """See the port."""
        await self._database.write(partial(_release, claim=claim, seconds=seconds, was_tried=was_tried))

    async def secret(self, case: CaseId, fresh: bytes) -> bytes:
        """See the port."""
        query = select(case_secrets.c.secret).where(case_secrets.c.case_id == case)
        held = await self._database.read(lambda connection: connection.execute(query).scalars().first())
        return bytes(held) if held is not None else await self._database.write(partial(_secret, case=case, fresh=fresh))

    async def settle(self, claim: Claim, to: Upload) -> Upload:
        """See the port."""
        return await self._database.write(partial(_settle, claim=claim, to=to))

    async def accept(self, claim: Claim, made: Made) -> Accepted:
        """See the port."""
        return await self._database.write(partial(_accept, claim=claim, made=made))


FREE = {"holder": None, "begins": 0, "ends": 0}


def _waiting(connection: Connection) -> Sequence[Row[tuple[object, ...]]]:
    """Those that nobody holds, the one that waited longest first. A term that begins further ahead than it is long was
    made before the clock was set back."""
    columns, at = uploads.c, now(connection)
    is_over = or_(columns.ends <= at, columns.begins - at > columns.ends - columns.begins)
    query = (
        select(uploads)
        .where(columns.state.in_([UploadState.QUARANTINED, UploadState.CLEANING]), is_over)
        .order_by(columns.attempts, columns.changed_at, columns.id)  # what ended a worker lets the others go first
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return connection.execute(query).all()


def _is_waiting(connection: Connection) -> bool:
    columns, at = uploads.c, now(connection)
    is_over = or_(columns.ends <= at, columns.begins - at > columns.ends - columns.begins)
    query = select(columns.id).where(columns.state.in_([UploadState.QUARANTINED, UploadState.CLEANING]), is_over)
    return connection.execute(query.limit(1)).first() is not None


def _load(connection: Connection) -> Load:
    columns, at = uploads.c, now(connection)
    is_held = and_(columns.state == UploadState.CLEANING, columns.ends > at)
    query = select(
        func.coalesce(func.sum(case((is_held, 0), else_=1)), 0),
        func.coalesce(func.sum(case((is_held, 1), else_=0)), 0),
        func.min(case((is_held, None), else_=columns.changed_at)),
    ).where(columns.state.in_(sorted(WORKED_ON)))
    waiting, working, oldest = connection.execute(query).one()
    return Load(int(waiting), int(working), 0.0 if oldest is None else max(0, at - int(oldest)) / 1000)


def _claim(connection: Connection, holder: Holder, seconds: float) -> Claim | None:
    for row in _waiting(connection):
        held = upload_of(row)
        chosen = term(now(connection), seconds)
        if held.attempts >= MOST_ATTEMPTS:
            lost = replace(held, state=UploadState.REJECTED, reason=Reason.WORKER_LOST, changed_at=chosen.begins)
            # One that waits cannot be rejected for it: nobody had taken it.
            write(connection, held, lost, fence=uploads.c.fence + 1, **FREE)
            record(connection, *told(held, lost, SYSTEM))
            leave(connection, None, held.case)
            return None
        taken = replace(
            held,
            state=UploadState.CLEANING,
            reason=None,
            attempts=held.attempts + 1,
            done=0,
            total=0,
            changed_at=chosen.begins,
        )
        claimed = write(
            connection,
            held,
            taken,
            holder=holder,
            fence=uploads.c.fence + 1,
            begins=chosen.begins,
            ends=chosen.ends,
        )
        leave(connection, None, held.case)
        return Claim(claimed, holder, row.fence + 1)
    return None


def _renew(connection: Connection, claims: Collection[Claim], seconds: float) -> Collection[Claim]:
    chosen = term(now(connection), seconds)
    still = []
    for claim in sorted(claims, key=lambda each: each.upload.id):
        row = update(uploads).where(_is_held(claim)).values(begins=chosen.begins, ends=chosen.ends)
        if connection.execute(row).rowcount == 1:
            still.append(claim)
    return still


def _is_held(claim: Claim) -> ColumnElement[bool]:
    columns = uploads.c
    return and_(columns.id == claim.upload.id, columns.fence == claim.fence, columns.holder == claim.holder)


def _progress(connection: Connection, claim: Claim, done: int, total: int) -> None:
    held = _expect(connection, claim)
    connection.execute(update(uploads).where(uploads.c.id == held.id).values(done=done, total=total))
    leave(connection, None, held.case)


def _release(connection: Connection, claim: Claim, seconds: float, *, was_tried: bool) -> None:
    held = _expect(connection, claim)
    pause = term(now(connection), seconds)
    attempts = held.attempts if was_tried else held.attempts - 1
    back = replace(held, state=UploadState.QUARANTINED, attempts=attempts, done=0, total=0)
    more = {"holder": None, "begins": pause.begins, "ends": pause.ends, "fence": uploads.c.fence + 1}
    write(connection, held, back, **more)
    leave(connection, None, held.case)


def _secret(connection: Connection, case: CaseId, fresh: bytes) -> bytes:
    lock_case(connection, case)  # two workers that are first at once draw one
    query = select(case_secrets.c.secret).where(case_secrets.c.case_id == case)
    held = connection.execute(query).scalars().first()
    if held is not None:
        return bytes(held)
    connection.execute(insert(case_secrets).values(case_id=case, secret=fresh))
    return fresh


def _settle(connection: Connection, claim: Claim, to: Upload) -> Upload:
    held = _expect(connection, claim)
    settled = write(connection, held, replace(to, changed_at=now(connection)), fence=uploads.c.fence + 1, **FREE)
    record(connection, *told(held, settled, SYSTEM))
    leave(connection, None, held.case)
    return settled


def _expect(connection: Connection, claim: Claim) -> Upload:
    """The upload, which this claim still holds until the transaction has ended. Raises: Conflict."""
    try:
        row = lock_upload(connection, claim.upload.id)
    except NotFound as error:
        raise Conflict("the upload is gone") from error
    if (row.fence, row.holder) != (claim.fence, claim.holder):
        raise Conflict("somebody else works on it")
    return upload_of(row)


def _accept(connection: Connection, claim: Claim, made: Made) -> Accepted:
    state = lock_case(connection, claim.upload.case)  # before the upload's row, as everybody takes them
    held = _expect(connection, claim)
    at = now(connection)
    ready = replace(held, state=UploadState.READY, kind=made.kind, sha256=made.original_sha256, changed_at=at)
    discarded: Sequence[str] = list(made.keys)
    if CaseState(state) not in WRITABLE_STATES:
        ready = replace(ready, state=UploadState.REJECTED, reason=Reason.CASE_CLOSED)
    elif held.replaces is not None:
        replaced = _replace(connection, held, made)
        if replaced is None:
            ready = replace(ready, state=UploadState.REJECTED, reason=Reason.SOURCE_GONE)
        else:
            discarded = replaced
    elif (known := duplicate_of(connection, held.case, held.digest)) is not None:
        ready = replace(ready, media=known, reason=Reason.DUPLICATE)
    else:
        ready, discarded = replace(ready, media=_add(connection, held, made)), []
    done = write(connection, held, ready, fence=uploads.c.fence + 1, **FREE)
    record(connection, *told(held, done, SYSTEM))
    leave(connection, None, held.case)
    return Accepted(done, discarded)


def _add(connection: Connection, upload: Upload, made: Made) -> MediaId:
    columns = media.c
    known = None
    if made.series is not None:
        query = select(columns.id).where(columns.case_id == upload.case, columns.series == made.series)
        known = connection.execute(query).scalars().first()
    if known is None:
        last = select(func.coalesce(func.max(columns.position), 0)).where(columns.case_id == upload.case)
        row = {
            "id": made.media,
            "case_id": upload.case,
            "kind": made.kind,
            "series": made.series,
            "position": connection.execute(last).scalar_one() + 1,
            "caption": "",
            "alt": "",
            "person": upload.person,
            "at": made.at,
            "version": 1,
            "cover": made.file,
            "files_version": 1,
            "files_at": made.at,
            "outdated_at": made.at,
            "manifest_of": 0,
        }
        connection.execute(insert(media).values(row))
    else:
        outdate(connection, known, made.at)
        # Whoever sends more of a series that was taken out of the gallery wants it back.
        shown = update(media).where(columns.id == known, columns.removed_at < upload.at)
        connection.execute(shown.values(removed_at=None, removed_by=None))
    chosen = MediaId(known or made.media)
    _insert_file(connection, upload, chosen, made)
    return chosen


def _replace(connection: Connection, upload: Upload, made: Made) -> Sequence[str] | None:
    """The redacted form takes the place of the file, whose objects are then nobody's; None when that is gone."""
    columns = files.c
    row = connection.execute(select(columns.media_id, columns.object_key).where(columns.id == upload.replaces)).first()
    if row is None:
        return None
    made_for = select(renditions.c.object_key).where(renditions.c.file_id == upload.replaces)
    discarded = [row.object_key, *connection.execute(made_for).scalars()]
    connection.execute(delete(renditions).where(renditions.c.file_id == upload.replaces))
    connection.execute(delete(files).where(columns.id == upload.replaces))
    _insert_file(connection, upload, MediaId(row.media_id), made)
    outdate(connection, row.media_id, made.at)
    connection.execute(
        update(media).where(media.c.id == row.media_id, media.c.cover == upload.replaces).values(cover=made.file)
    )
    return discarded


def outdate(connection: Connection, chosen: str, at: Millis) -> None:
    """Its manifest has to be written again; when the first of several changes came is kept."""
    columns = media.c
    row = connection.execute(
        select(columns.files_version, columns.manifest_of, columns.outdated_at).where(columns.id == chosen)
    ).one()
    is_current = row.files_version == row.manifest_of
    connection.execute(
        update(media)
        .where(columns.id == chosen)
        .values(
            files_version=row.files_version + 1,
            files_at=at,
            outdated_at=at if is_current else row.outdated_at,
        )
    )


def _insert_file(connection: Connection, upload: Upload, chosen: MediaId, made: Made) -> None:
    row = {
        "id": made.file,
        "media_id": chosen,
        "upload": upload.id,
        "object_key": made.key,
        "size": made.size,
        "sha256": made.sha256,
        "content_type": made.content_type,
        "attributes": made.attributes,
        "width": made.shape.width,
        "height": made.shape.height,
        "frames": made.shape.frames,
        "seconds": made.shape.seconds,
        "at": made.at,
        "rules": made.rules,
    }
    connection.execute(insert(files).values(row))
    insert_renditions(connection, made.file, made.renditions)
    body = made.certificate
    connection.execute(
        insert(certificates).values(
            file_id=made.file, case_id=upload.case, sha256=sha256(body.encode()).digest(), body=body
        )
    )


def insert_renditions(connection: Connection, file: FileId, made: Sequence[Rendition]) -> None:
    """What was made of a file for viewers."""
    if not made:
        return
    rows = [
        {
            "object_key": each.key,
            "file_id": file,
            "role": each.role,
            "size": each.size,
            "sha256": each.sha256,
            "content_type": each.content_type,
            "width": each.width,
            "height": each.height,
            "facts": each.facts,
        }
        for each in made
    ]
    connection.execute(insert(renditions), rows)
