"""Servers and workers that are wrong about files, each in one way; see `tests.faults.mutants`."""

from __future__ import annotations

import hashlib
import itertools
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import asyncpg

from storage.ports import Accepted, Claim, Made, ObjectKey, Objects, Progress, Upload, Uploads, UploadWork
from workspace.audit import SYSTEM, Cause
from workspace.media import UploadState


class Heedless:
    """Says of every third file that it is there, and does not write that down."""

    def __init__(self, uploads: Uploads) -> None:
        self._uploads = uploads
        self._numbers = itertools.count(1)
        self.begin, self.listed, self.find, self.redact = uploads.begin, uploads.listed, uploads.find, uploads.redact
        self.stale, self.held, self.in_quarantine = uploads.stale, uploads.held, uploads.in_quarantine

    async def change(self, seen: Upload, to: Upload, cause: Cause = SYSTEM) -> Upload:
        if to.state is UploadState.QUARANTINED and next(self._numbers) % 3 == 0:
            return to
        return await self._uploads.change(seen, to, cause)


class OtherWork:
    """What workers do with uploads, as it is; a mutant changes one method."""

    def __init__(self, work: UploadWork) -> None:
        self.work = work
        self.waiting, self.claim, self.renew, self.progress = work.waiting, work.claim, work.renew, work.progress
        self.release, self.secret, self.settle, self.load = work.release, work.secret, work.settle, work.load

    async def accept(self, claim: Claim, made: Made) -> Accepted:
        return await self.work.accept(claim, made)


class Copying(OtherWork):
    """Takes every file twice."""

    async def accept(self, claim: Claim, made: Made) -> Accepted:
        accepted = await self.work.accept(claim, made)
        connection = await asyncpg.connect(os.environ["CONSILIUM_DATABASE_URL"].replace("+asyncpg", "", 1))
        try:
            for table, at, others in COPIES:
                names = [
                    row[0]
                    for row in await connection.fetch(
                        "SELECT column_name FROM information_schema.columns WHERE table_name = $1", table
                    )
                ]
                chosen = ", ".join(others.get(name, name) for name in names)
                copy = f"INSERT INTO {table} ({', '.join(names)}) SELECT {chosen} FROM {table} WHERE {at} = $1"
                await connection.execute(copy, claim.upload.id)
        finally:
            await connection.close()
        return accepted


COPIES: Sequence[tuple[str, str, Mapping[str, str]]] = (
    ("uploads", "id", {"id": "reverse(id)"}),
    ("files", "upload", {"id": "reverse(id)", "upload": "reverse(upload)", "object_key": "object_key || 'x'"}),
)
"""Rows that are written a second time: where they are found by an upload, and what is different in them."""


class OtherObjects:
    """The object storage, as it is; a mutant changes what is put there."""

    def __init__(self, objects: Objects) -> None:
        self.objects = objects
        self.head, self.fetch, self.remove = objects.head, objects.fetch, objects.remove
        self.listed, self.sign_get = objects.listed, objects.sign_get

    @property
    def origin(self) -> str | None:
        return self.objects.origin

    async def put(
        self, key: ObjectKey, source: Path | bytes, content_type: str, progress: Progress | None = None
    ) -> bytes:
        return await self.objects.put(key, source, content_type, progress)


class Untidy(OtherObjects):
    """Puts everything also where nobody looks for it again, the sweeper neither."""

    async def put(
        self, key: ObjectKey, source: Path | bytes, content_type: str, progress: Progress | None = None
    ) -> bytes:
        await self.objects.put(ObjectKey(f"left/{key}"), source, content_type)
        return await self.objects.put(key, source, content_type, progress)


class Spoiling(OtherObjects):
    """Of what it is to keep it keeps something else."""

    async def put(
        self, key: ObjectKey, source: Path | bytes, content_type: str, progress: Progress | None = None
    ) -> bytes:
        body = source if isinstance(source, bytes) else source.read_bytes()
        await self.objects.put(key, body[:-1] + b"?", content_type, progress)
        return hashlib.sha256(body).digest()
