"""Objects on an S3 server (Amazon S3 API reference, 2006-03-01). boto3 sends what processes of ours ask; browsers are
given signed addresses."""

from __future__ import annotations

import hashlib
import time
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Collection
from datetime import datetime
from functools import partial
from io import FileIO
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypedDict
from urllib.parse import quote

from storage.ports.objects import (
    Digesting,
    Fetched,
    ListedObject,
    ObjectHead,
    ObjectKey,
    Progress,
    Signed,
    checked,
)
from storage.ports.s3_access import S3Access
from storage.s3_door import Door
from workspace.errors import NotFound, ObjectsUnavailable
from workspace.ids import Millis

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CHUNK_BYTES = 1024 * 1024
MOST_AT_ONCE = 1_000
"""Objects in one removal and in one page of a list: S3's bound."""


class Encryption(TypedDict, total=False):
    """What a write says about it."""

    ServerSideEncryption: Literal["AES256", "aws:kms"]


def wall_clock() -> Millis:
    """The time now."""
    return Millis(time.time_ns() // 1_000_000)


class S3Objects:
    """`storage.ports.Objects`."""

    def __init__(self, door: Door, clock: Callable[[], Millis] = wall_clock) -> None:
        self._door = door
        self._clock = clock

    @property
    def origin(self) -> str | None:
        """See the port."""
        try:
            return self._door.signer.origin
        except ObjectsUnavailable:
            return None

    async def head(self, key: ObjectKey) -> ObjectHead | None:
        """See the port."""
        try:
            return await self._door.ask(partial(head_of, checked(key)))
        except NotFound:
            return None

    async def fetch(self, key: ObjectKey, target: Path, progress: Progress | None = None) -> Fetched:
        """See the port."""
        checked(key)

        def read(client: S3Client, access: S3Access, is_unwanted: Callable[[], bool]) -> Fetched:
            answer = client.get_object(Bucket=access.bucket, Key=key)
            digesting = Digesting()
            with target.open("wb") as file:
                for chunk in answer["Body"].iter_chunks(CHUNK_BYTES):
                    if is_unwanted():
                        raise ObjectsUnavailable("nobody waits for it")
                    file.write(chunk)
                    digesting.add(chunk)
                    if progress is not None:
                        progress(digesting.size)
            if digesting.size != answer["ContentLength"]:
                raise ObjectsUnavailable("it broke off")
            return digesting.done()

        return await self._door.carry(read)

    async def put(
        self, key: ObjectKey, source: Path | bytes, content_type: str, progress: Progress | None = None
    ) -> bytes:
        """See the port."""
        checked(key)
        self._door.expect_room()

        def write(client: S3Client, access: S3Access, is_unwanted: Callable[[], bool]) -> bytes:
            if isinstance(source, bytes):
                return _put(client, access, key, source, hashlib.sha256(source).digest(), content_type)
            with source.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").digest()
            with _Reading(source, progress, is_unwanted) as body:
                return _put(client, access, key, body, digest, content_type)

        return await self._door.carry(write)

    async def remove(self, keys: Collection[ObjectKey]) -> None:
        """See the port."""
        rest = iter([checked(key) for key in keys])
        while batch := list(islice(rest, MOST_AT_ONCE)):
            await self._door.ask(partial(_remove, batch))

    async def listed(self, prefix: str) -> AsyncIterator[ListedObject]:
        """See the port."""
        after = ""
        while True:
            page = await self._door.ask(partial(_page, prefix, after))
            for each in page:
                yield each
            if len(page) < MOST_AT_ONCE:
                return
            after = page[-1].key

    def sign_get(self, key: ObjectKey, *, content_type: str | None = None, download_as: str | None = None) -> Signed:
        """See the port."""
        signer, seconds = self._door.signer, self._door.access.url_seconds
        step = max(1, seconds * 500)  # a half of its life, in milliseconds: the same address for so long
        query = {} if content_type is None else {"response-content-type": content_type}
        if download_as is not None:
            query["response-content-disposition"] = _to_keep_as(download_as)
        return signer.sign("GET", checked(key), Millis(self._clock() // step * step), query, {})


class _Reading(FileIO):
    """A file that tells how much of it was read, and stops when nobody wants it any more."""

    def __init__(self, path: Path, progress: Progress | None, is_unwanted: Callable[[], bool]) -> None:
        super().__init__(path)
        self._progress = progress
        self._is_unwanted = is_unwanted

    def read(self, size: int | None = -1, /) -> bytes:
        if self._is_unwanted():
            raise ObjectsUnavailable("nobody waits for it")
        data = super().read(-1 if size is None else size) or b""
        if self._progress is not None:
            self._progress(self.tell())
        return data


def millis(moment: datetime) -> Millis:
    """A time of S3's."""
    return Millis(round(moment.timestamp() * 1000))


def encryption(access: S3Access) -> Encryption:
    """As the setting says."""
    return {} if access.sse == "none" else {"ServerSideEncryption": access.sse}


def head_of(key: ObjectKey, client: S3Client, access: S3Access) -> ObjectHead:
    """What is known of an object."""
    answer = client.head_object(Bucket=access.bucket, Key=key)
    return ObjectHead(key, answer["ContentLength"], answer["ContentType"], millis(answer["LastModified"]))


def _put(
    client: S3Client, access: S3Access, key: ObjectKey, body: bytes | FileIO, digest: bytes, content_type: str
) -> bytes:
    client.put_object(
        Bucket=access.bucket,
        Key=key,
        Body=body,
        ContentType=content_type,
        ChecksumSHA256=b64encode(digest).decode(),
        IfNoneMatch="*",
        **encryption(access),
    )
    return digest


def _remove(keys: list[ObjectKey], client: S3Client, access: S3Access) -> None:
    answer = client.delete_objects(
        Bucket=access.bucket, Delete={"Objects": [{"Key": key} for key in keys], "Quiet": True}
    )
    if errors := answer.get("Errors"):
        raise ObjectsUnavailable(errors[0].get("Code", "not removed"))


def _page(prefix: str, after: str, client: S3Client, access: S3Access) -> list[ListedObject]:
    answer = client.list_objects_v2(Bucket=access.bucket, Prefix=prefix, StartAfter=after, MaxKeys=MOST_AT_ONCE)
    return [
        ListedObject(ObjectKey(each["Key"]), each["Size"], millis(each["LastModified"]))
        for each in answer.get("Contents", [])
    ]


def _to_keep_as(name: str) -> str:
    """RFC 6266: a name of any letters, and one for who knows ASCII only."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%' else "_" for c in name)
    extended = "" if plain == name else f"; filename*=UTF-8''{quote(name, safe='')}"
    return f'attachment; filename="{plain}"{extended}'
