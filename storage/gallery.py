"""The gallery in SQL. The case's row is the lock of the order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial

from sqlalchemy import Connection, Row, func, select, update

from storage.audit import record
from storage.database import Database
from storage.notices import leave
from storage.ports.media import Manifest, MediaFile, Medium, Rendition, Shape
from storage.ports.objects import ObjectKey
from storage.tables import certificates, files, media, renditions
from storage.uploads import lock_case
from workspace.audit import SYSTEM, Action, Cause, Detail, Event
from workspace.errors import Conflict, NotFound
from workspace.ids import CaseId, FileId, MediaId, Millis, PersonId, UploadId
from workspace.media import Kind

_CHUNK = 1_000


class SqlGallery:
    """`storage.ports.Gallery` on a Database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def listed(self, case: CaseId) -> Sequence[Medium]:
        """See the port."""
        return await self._database.read(partial(_listed, case=case))

    async def find(self, case: CaseId, media: MediaId) -> Medium | None:
        """See the port."""
        found = await self._database.read(partial(_listed, case=case, only=media))
        return found[0] if found else None

    async def files(self, media: MediaId) -> Sequence[MediaFile]:
        """See the port."""
        return await self._database.read(partial(files_of, chosen=media))

    async def certificate(self, file: FileId) -> str | None:
        """See the port."""
        query = select(certificates.c.body).where(certificates.c.file_id == file)
        found = await self._database.read(lambda connection: connection.execute(query).scalars().first())
        return None if found is None else str(found)

    async def describe(self, seen: Medium, caption: str, alt: str, cause: Cause = SYSTEM) -> Medium:
        """See the port."""
        return await self._database.write(partial(_describe, seen=seen, caption=caption, alt=alt, cause=cause))

    async def arrange(self, case: CaseId, order: Sequence[MediaId], cause: Cause = SYSTEM) -> None:
        """See the port."""
        await self._database.write(partial(_arrange, case=case, order=order, cause=cause))

    async def set_removed(
        self, case: CaseId, media: MediaId, by: PersonId | None, at: Millis, cause: Cause = SYSTEM
    ) -> Medium:
        """See the port."""
        return await self._database.write(partial(_set_removed, case=case, chosen=media, by=by, at=at, cause=cause))


def files_of(connection: Connection, chosen: MediaId) -> Sequence[MediaFile]:
    """Its files in use, oldest first, with their renditions."""
    rows = connection.execute(select(files).where(files.c.media_id == chosen).order_by(files.c.at, files.c.id)).all()
    query = (
        select(renditions)
        .join(files, files.c.id == renditions.c.file_id)
        .where(files.c.media_id == chosen, renditions.c.replaced_at.is_(None))
    )
    made = _by_file(connection.execute(query.order_by(renditions.c.object_key)).all())
    return [file_of(row, made.get(row.id, ())) for row in rows]


def file_of(row: Row[tuple[object, ...]], made: Sequence[Rendition]) -> MediaFile:
    """A row of `files`."""
    return MediaFile(
        FileId(row.id),
        MediaId(row.media_id),
        UploadId(row.upload),
        ObjectKey(row.object_key),
        row.size,
        bytes(row.sha256),
        row.content_type,
        row.attributes,
        Shape(row.width, row.height, row.frames, row.seconds),
        Millis(row.at),
        made,
        row.rules,
    )


def _by_file(rows: Sequence[Row[tuple[object, ...]]]) -> Mapping[str, Sequence[Rendition]]:
    found: defaultdict[str, list[Rendition]] = defaultdict(list)
    for row in rows:
        found[row.file_id].append(
            Rendition(
                row.role,
                ObjectKey(row.object_key),
                row.size,
                bytes(row.sha256),
                row.content_type,
                row.width,
                row.height,
                row.facts,
            )
        )
    return found


def _listed(connection: Connection, case: CaseId, only: MediaId | None = None) -> Sequence[Medium]:
    columns = media.c
    counted = (
        select(files.c.media_id, func.count().label("number"), func.sum(files.c.frames).label("frames"))
        .join(media, columns.id == files.c.media_id)
        .where(columns.case_id == case)
        .group_by(files.c.media_id)
    )
    query = select(media).where(columns.case_id == case).order_by(columns.position, columns.id)
    if only is not None:
        query, counted = query.where(columns.id == only), counted.where(columns.id == only)
    rows = connection.execute(query).all()
    if not rows:
        return []
    counts = {row.media_id: (int(row.number), int(row.frames)) for row in connection.execute(counted)}
    covers = _covers(connection, [row.cover for row in rows if row.cover is not None])
    return [_medium(row, *counts.get(row.id, (0, 0)), covers) for row in rows]


_Cover = tuple[MediaFile, str | None]


def _covers(connection: Connection, wanted: Sequence[str]) -> Mapping[str, _Cover]:
    found: dict[str, _Cover] = {}
    for start in range(0, len(wanted), _CHUNK):
        ids = wanted[start : start + _CHUNK]
        made = _by_file(
            connection.execute(
                select(renditions)
                .where(renditions.c.file_id.in_(ids), renditions.c.replaced_at.is_(None))
                .order_by(renditions.c.object_key)
            ).all()
        )
        query = (
            select(files, certificates.c.body)
            .outerjoin(certificates, certificates.c.file_id == files.c.id)
            .where(files.c.id.in_(ids))
        )
        for row in connection.execute(query):
            found[row.id] = file_of(row, made.get(row.id, ())), row.body
    return found


def _medium(row: Row[tuple[object, ...]], count: int, frames: int, covers: Mapping[str, _Cover]) -> Medium:
    cover, certificate = covers.get(row.cover, (None, None))
    manifest = None
    if row.manifest_key is not None:
        manifest = Manifest(ObjectKey(row.manifest_key), row.manifest_size, bytes(row.manifest_sha256), row.manifest_of)
    return Medium(
        MediaId(row.id),
        CaseId(row.case_id),
        Kind(row.kind),
        row.series,
        row.position,
        row.caption,
        row.alt,
        PersonId(row.person),
        Millis(row.at),
        None if row.removed_by is None else PersonId(row.removed_by),
        None if row.removed_at is None else Millis(row.removed_at),
        row.version,
        count,
        row.files_version,
        frames,
        cover,
        certificate,
        manifest,
    )


def _find(connection: Connection, case: CaseId, chosen: MediaId) -> Medium:
    found = _listed(connection, case, chosen)
    if not found:
        raise NotFound
    return found[0]


def _describe(connection: Connection, seen: Medium, caption: str, alt: str, cause: Cause) -> Medium:
    columns = media.c
    changed = connection.execute(
        update(media)
        .where(columns.id == seen.id, columns.case_id == seen.case, columns.version == seen.version)
        .values(caption=caption, alt=alt, version=columns.version + 1)
    )
    described = _find(connection, seen.case, seen.id)
    if changed.rowcount != 1:
        raise Conflict("somebody else changed its words")
    record(connection, Event(Action.MEDIA_CHANGED, cause, seen.case, details={Detail.MEDIA: seen.id}))
    leave(connection, None, seen.case)
    return described


def _arrange(connection: Connection, case: CaseId, order: Sequence[MediaId], cause: Cause) -> None:
    lock_case(connection, case)
    columns = media.c
    query = select(columns.id, columns.position).where(columns.case_id == case)
    held = {row.id: row.position for row in connection.execute(query.order_by(columns.position, columns.id))}
    if not set(order) <= held.keys():
        raise NotFound
    wanted = [*dict.fromkeys(order), *(each for each in held if each not in set(order))]
    moved = {each: place for place, each in enumerate(wanted, 1) if held[each] != place}
    for each, place in moved.items():
        connection.execute(update(media).where(columns.id == each).values(position=place))
    if moved:
        record(connection, Event(Action.MEDIA_CHANGED, cause, case, details={Detail.FILES: len(moved)}))
        leave(connection, None, case)


def _set_removed(
    connection: Connection, case: CaseId, chosen: MediaId, by: PersonId | None, at: Millis, cause: Cause
) -> Medium:
    columns = media.c
    row = connection.execute(
        select(columns.removed_at).where(columns.id == chosen, columns.case_id == case).with_for_update()
    ).first()
    if row is None:
        raise NotFound
    if (row.removed_at is None) is (by is None):
        return _find(connection, case, chosen)
    values = {"removed_by": by, "removed_at": None if by is None else at}
    connection.execute(update(media).where(columns.id == chosen).values(values))
    action = Action.MEDIA_CHANGED if by is None else Action.MEDIA_REMOVED
    record(connection, Event(action, cause, case, details={Detail.MEDIA: chosen}))
    leave(connection, None, case)
    return _find(connection, case, chosen)
