"""Manifests in SQL, and which objects rows name."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from functools import partial

from sqlalchemy import Connection, exists, literal, or_, select, union_all, update

from storage.database import Database
from storage.notices import leave
from storage.ports.media import MANIFEST_TYPE, KnownObject, Manifest, Outdated
from storage.ports.objects import ObjectKey
from storage.tables import files, media, renditions, uploads
from workspace.errors import Conflict, NotFound
from workspace.ids import CaseId, FileId, MediaId, Millis
from workspace.media import WORKED_ON

_CHUNK = 1_000


class SqlManifests:
    """`storage.ports.Manifests` on a Database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def outdated(self, quiet: Millis, overdue: Millis, most: int) -> Sequence[Outdated]:
        """See the port."""
        columns = media.c
        waits = exists().where(uploads.c.case_id == columns.case_id, uploads.c.state.in_(sorted(WORKED_ON)))
        query = (
            select(columns.case_id, columns.id, columns.files_version)
            .where(
                columns.manifest_of < columns.files_version,
                or_((columns.files_at < quiet) & ~waits, columns.outdated_at < overdue),
            )
            .order_by(columns.outdated_at, columns.id)
            .limit(most)
        )
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return [Outdated(CaseId(row.case_id), MediaId(row.id), row.files_version) for row in rows]

    async def keep(self, outdated: Outdated, manifest: Manifest, cover: FileId) -> ObjectKey | None:
        """See the port."""
        return await self._database.write(partial(_keep, outdated=outdated, manifest=manifest, cover=cover))

    async def known(self, keys: Collection[ObjectKey]) -> Collection[ObjectKey]:
        """See the port."""
        return await self._database.read(partial(_known, keys=sorted(keys)))

    async def objects(self) -> AsyncIterator[KnownObject]:
        """See the port."""
        after = ""
        while page := await self._database.read(partial(_page, after=after)):
            for each in page:
                yield each
            after = page[-1].key


def _keep(connection: Connection, outdated: Outdated, manifest: Manifest, cover: FileId) -> ObjectKey | None:
    columns = media.c
    query = select(columns.files_version, columns.manifest_key).where(columns.id == outdated.media)
    row = connection.execute(query.with_for_update()).first()
    if row is None:
        raise NotFound
    if row.files_version != manifest.of_files:
        raise Conflict("its files changed meanwhile")
    values = {
        "cover": cover,
        "manifest_of": manifest.of_files,
        "manifest_key": manifest.key,
        "manifest_size": manifest.size,
        "manifest_sha256": manifest.sha256,
    }
    connection.execute(update(media).where(columns.id == outdated.media).values(values))
    leave(connection, None, outdated.case)
    return None if row.manifest_key is None else ObjectKey(row.manifest_key)


def _known(connection: Connection, keys: Sequence[ObjectKey]) -> Collection[ObjectKey]:
    found: set[ObjectKey] = set()
    for start in range(0, len(keys), _CHUNK):
        chunk = keys[start : start + _CHUNK]
        for column in (files.c.object_key, renditions.c.object_key, media.c.manifest_key):
            found |= {ObjectKey(key) for key in connection.execute(select(column).where(column.in_(chunk))).scalars()}
    return found


def _page(connection: Connection, after: str) -> Sequence[KnownObject]:
    manifest = literal(MANIFEST_TYPE).label("content_type")
    each = (
        select(files.c.object_key, files.c.size, files.c.sha256, files.c.content_type, literal(0).label("is_manifest")),
        select(renditions.c.object_key, renditions.c.size, renditions.c.sha256, renditions.c.content_type, literal(0)),
        select(media.c.manifest_key, media.c.manifest_size, media.c.manifest_sha256, manifest, literal(1)).where(
            media.c.manifest_key.is_not(None)
        ),
    )
    every = union_all(*each).subquery()
    query = select(every).where(every.c.object_key > after).order_by(every.c.object_key).limit(_CHUNK)
    return [
        KnownObject(ObjectKey(row.object_key), row.size, bytes(row.sha256), row.content_type, bool(row.is_manifest))
        for row in connection.execute(query)
    ]
