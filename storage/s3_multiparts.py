"""Objects that browsers send in parts (Amazon S3, "Uploading and copying objects using multipart upload")."""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from storage.ports.objects import (
    MOST_PARTS,
    MultipartId,
    ObjectHead,
    ObjectKey,
    PartToSign,
    SentPart,
    Signed,
    checked,
)
from storage.ports.s3_access import S3Access
from storage.s3_door import JOIN_SECONDS, Door
from storage.s3_objects import encryption, head_of, millis, wall_clock
from workspace.errors import Conflict, NotFound
from workspace.ids import Millis

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef, PartTypeDef

ANY_TYPE = "application/octet-stream"
TRIAL, TRIAL_BODY = ObjectKey("trial/parts"), b"?"
_DIGEST = "x-amz-checksum-sha256"


class S3Multiparts:
    """`storage.ports.Multiparts`."""

    def __init__(self, door: Door, clock: Callable[[], Millis] = wall_clock) -> None:
        self._door = door
        self._clock = clock
        self._tells: tuple[S3Access, bool] | None = None

    async def begin(self, key: ObjectKey) -> MultipartId:
        """See the port."""
        checked(key)
        self._door.expect_room()
        return await self._door.ask(partial(self._begin, key))

    def _begin(self, key: ObjectKey, client: S3Client, access: S3Access) -> MultipartId:
        if self._tells is None or self._tells[0] != access:
            self._tells = (access, _tells_digests(client, access))
        return _open(client, access, key, has_digests=self._tells[1])

    async def sign_parts(self, key: ObjectKey, multipart: MultipartId, parts: Sequence[PartToSign]) -> Sequence[Signed]:
        """See the port."""
        self._door.expect_room()
        signer, now = self._door.signer, self._clock()
        return [
            signer.sign(
                "PUT",
                checked(key),
                now,
                {"partNumber": str(_number(part)), "uploadId": multipart},
                {"content-length": str(part.size), _DIGEST: b64encode(part.sha256).decode()},
            )
            for part in parts
        ]

    async def parts(self, key: ObjectKey, multipart: MultipartId) -> Sequence[SentPart]:
        """See the port."""
        sent = await self._door.ask(partial(_parts, checked(key), multipart))
        return [
            SentPart(
                each["PartNumber"], each["Size"], b64decode(told) if (told := each.get("ChecksumSHA256")) else None
            )
            for each in sent
        ]

    async def complete(self, key: ObjectKey, multipart: MultipartId, size: int) -> ObjectHead:
        """See the port."""
        self._door.expect_room()
        sent = await self._sent(checked(key), multipart)
        if sent is not None:
            numbers = [part["PartNumber"] for part in sent]
            if not sent or numbers != list(range(1, len(sent) + 1)) or sum(part["Size"] for part in sent) != size:
                raise Conflict("parts are missing")
            try:
                await self._door.ask(partial(_join, key, multipart, sent), JOIN_SECONDS)
            except (Conflict, NotFound):
                if await self._sent(key, multipart) is not None:
                    raise
        # Whoever completed it, this time or before, has left no parts but an object: keys are used once.
        head = await self._door.ask(partial(head_of, key))
        if head.size != size:
            raise Conflict("it has another size")
        return head

    async def _sent(self, key: ObjectKey, multipart: MultipartId) -> Sequence[PartTypeDef] | None:
        try:
            return await self._door.ask(partial(_parts, key, multipart))
        except NotFound:
            return None

    async def abort(self, key: ObjectKey, multipart: MultipartId) -> None:
        """See the port."""
        try:
            await self._door.ask(partial(_abort, checked(key), multipart))
        except NotFound:
            return

    async def unfinished(self, before: Millis) -> AsyncIterator[tuple[ObjectKey, MultipartId]]:
        """See the port."""
        key, multipart = "", ""
        while True:
            page, more = await self._door.ask(partial(_unfinished, key, multipart))
            for key, multipart, at in page:
                if at < before:
                    yield ObjectKey(key), MultipartId(multipart)
            if not more or not page:
                return


def _number(part: PartToSign) -> int:
    if not 1 <= part.number <= MOST_PARTS:
        raise ValueError("parts are numbered 1…10,000")
    return part.number


def _open(client: S3Client, access: S3Access, key: ObjectKey, *, has_digests: bool) -> MultipartId:
    if has_digests:
        answer = client.create_multipart_upload(
            Bucket=access.bucket, Key=key, ContentType=ANY_TYPE, ChecksumAlgorithm="SHA256", **encryption(access)
        )
    else:
        answer = client.create_multipart_upload(
            Bucket=access.bucket, Key=key, ContentType=ANY_TYPE, **encryption(access)
        )
    return MultipartId(answer["UploadId"])


def _tells_digests(client: S3Client, access: S3Access) -> bool:
    """Whether the server's list of parts has their digests.

    Amazon takes digests of parts only for an upload that was begun with that in mind, and wants all of them again when
    it is completed; SeaweedFS checks them in any case, wants the same, and then does not tell them. So the first upload
    of a process asks which kind it is.
    """
    multipart = _open(client, access, TRIAL, has_digests=True)
    try:
        client.upload_part(
            Bucket=access.bucket,
            Key=TRIAL,
            UploadId=multipart,
            PartNumber=1,
            Body=TRIAL_BODY,
            ChecksumSHA256=b64encode(hashlib.sha256(TRIAL_BODY).digest()).decode(),
        )
        [sent] = _parts(TRIAL, multipart, client, access)
        return "ChecksumSHA256" in sent
    finally:
        _abort(TRIAL, multipart, client, access)


def _parts(key: ObjectKey, multipart: MultipartId, client: S3Client, access: S3Access) -> Sequence[PartTypeDef]:
    pages = client.get_paginator("list_parts").paginate(Bucket=access.bucket, Key=key, UploadId=multipart)
    latest: dict[int, PartTypeDef] = {}
    for page in pages:
        for part in page.get("Parts", []):
            # SeaweedFS lists a part that was sent twice twice, by times without fractions of a second.
            known = latest.get(part["PartNumber"])
            if known is None or part["LastModified"] >= known["LastModified"]:
                latest[part["PartNumber"]] = part
    return [part for _, part in sorted(latest.items())]


def _abort(key: ObjectKey, multipart: MultipartId, client: S3Client, access: S3Access) -> None:
    client.abort_multipart_upload(Bucket=access.bucket, Key=key, UploadId=multipart)


def _join(
    key: ObjectKey, multipart: MultipartId, sent: Sequence[PartTypeDef], client: S3Client, access: S3Access
) -> None:
    client.complete_multipart_upload(
        Bucket=access.bucket,
        Key=key,
        UploadId=multipart,
        MultipartUpload={"Parts": [_named(part) for part in sent]},
        IfNoneMatch="*",
    )


def _named(part: PartTypeDef) -> CompletedPartTypeDef:
    named: CompletedPartTypeDef = {"PartNumber": part["PartNumber"], "ETag": part["ETag"]}
    if "ChecksumSHA256" in part:
        named["ChecksumSHA256"] = part["ChecksumSHA256"]
    return named


def _unfinished(
    after_key: str, after: str, client: S3Client, access: S3Access
) -> tuple[Sequence[tuple[str, str, Millis]], bool]:
    """A page, and whether there are more."""
    answer = client.list_multipart_uploads(Bucket=access.bucket, KeyMarker=after_key, UploadIdMarker=after)
    found = [(each["Key"], each["UploadId"], millis(each["Initiated"])) for each in answer.get("Uploads", [])]
    return found, answer.get("IsTruncated", False)
