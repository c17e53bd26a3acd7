"""Objects in memory: lengths, digests, expiry and immutability are enforced as an S3 server does.

Its URLs begin with `memory:`; `answer` stands for the server that a browser would send them to.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

from storage.ports.objects import (
    MOST_PARTS,
    Digesting,
    Fetched,
    ListedObject,
    MultipartId,
    ObjectHead,
    ObjectKey,
    ObjectsState,
    PartToSign,
    Progress,
    SentPart,
    Signed,
    checked,
)
from workspace.errors import Conflict, NotFound, ObjectsFull, ObjectsOff, ObjectsStarting, ObjectsUnavailable
from workspace.ids import Millis

LIFE_MILLIS = 3_600_000
STEP_MILLIS = LIFE_MILLIS // 2
DIGEST = "x-amz-checksum-sha256"
_RANGE = re.compile(r"bytes=(\d+)-(\d*)")
WHY: Mapping[ObjectsState, type[ObjectsUnavailable]] = {
    ObjectsState.STARTING: ObjectsStarting,
    ObjectsState.AWAY: ObjectsUnavailable,
    ObjectsState.FULL: ObjectsFull,
    ObjectsState.OFF: ObjectsOff,
}


@dataclass(frozen=True, slots=True)
class Kept:
    """An object."""

    body: bytes
    content_type: str
    at: Millis


@dataclass(slots=True)
class Open:
    """An upload in parts."""

    key: ObjectKey
    at: Millis
    parts: dict[int, bytes] = field(default_factory=dict)


@dataclass(slots=True)
class MemoryBucket:
    """What a disk would hold, and how the store is: a test may set it."""

    objects: dict[ObjectKey, Kept] = field(default_factory=dict)
    open: dict[MultipartId, Open] = field(default_factory=dict)
    begun: int = 0
    state: ObjectsState = ObjectsState.READY


@dataclass(frozen=True, slots=True)
class Answered:
    """What the server says to a signed request."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class MemoryObjects:
    """`storage.ports.Objects` and `storage.ports.Multiparts`."""

    def __init__(self, bucket: MemoryBucket, now: Callable[[], Millis]) -> None:
        self._bucket = bucket
        self._now = now

    @property
    def origin(self) -> str | None:
        """See the port."""
        return None

    async def head(self, key: ObjectKey) -> ObjectHead | None:
        """See the port."""
        kept = self._there().objects.get(checked(key))
        return None if kept is None else ObjectHead(key, len(kept.body), kept.content_type, kept.at)

    async def fetch(self, key: ObjectKey, target: Path, progress: Progress | None = None) -> Fetched:
        """See the port."""
        kept = self._there().objects.get(checked(key))
        if kept is None:
            raise NotFound
        _write(target, kept.body)
        digesting = Digesting()
        digesting.add(kept.body)
        if progress is not None:
            progress(len(kept.body))
        return digesting.done()

    async def put(
        self, key: ObjectKey, source: Path | bytes, content_type: str, progress: Progress | None = None
    ) -> bytes:
        """See the port."""
        body = _bytes_of(source)
        bucket = self._writable()
        if checked(key) in bucket.objects or any(each.startswith(f"{key}/") for each in bucket.objects):
            raise Conflict(key)  # the latter as SeaweedFS does, to which it is a folder by now
        bucket.objects[key] = Kept(body, content_type, self._now())
        if progress is not None:
            progress(len(body))
        return hashlib.sha256(body).digest()

    async def remove(self, keys: Collection[ObjectKey]) -> None:
        """See the port."""
        for key in keys:
            self._there().objects.pop(checked(key), None)

    async def listed(self, prefix: str) -> AsyncIterator[ListedObject]:
        """See the port."""
        for key, kept in sorted(self._there().objects.items()):
            if key.startswith(prefix):
                yield ListedObject(key, len(kept.body), kept.at)

    def sign_get(self, key: ObjectKey, *, content_type: str | None = None, download_as: str | None = None) -> Signed:
        """See the port."""
        named = {"response-content-type": content_type, "download": download_as}
        return self._sign("GET", checked(key), {name: value for name, value in named.items() if value is not None}, {})

    async def begin(self, key: ObjectKey) -> MultipartId:
        """See the port."""
        bucket = self._writable()
        bucket.begun += 1
        multipart = MultipartId(f"multipart-{bucket.begun}")
        bucket.open[multipart] = Open(checked(key), self._now())
        return multipart

    async def sign_parts(self, key: ObjectKey, multipart: MultipartId, parts: Sequence[PartToSign]) -> Sequence[Signed]:
        """See the port."""
        return [self._sign_part(checked(key), multipart, part) for part in parts]

    async def parts(self, key: ObjectKey, multipart: MultipartId) -> Sequence[SentPart]:
        """See the port."""
        found = self._find(key, multipart)
        return [SentPart(n, len(body), hashlib.sha256(body).digest()) for n, body in sorted(found.parts.items())]

    async def complete(self, key: ObjectKey, multipart: MultipartId, size: int) -> ObjectHead:
        """See the port."""
        bucket = self._writable()
        kept = bucket.objects.get(key)
        if multipart not in bucket.open and kept is not None:
            if len(kept.body) != size:
                raise Conflict(key)
            return ObjectHead(key, size, kept.content_type, kept.at)
        found = self._find(key, multipart)
        if sorted(found.parts) != list(range(1, len(found.parts) + 1)) or not found.parts:
            raise Conflict("parts are missing")
        body = b"".join(part for _, part in sorted(found.parts.items()))
        if len(body) != size or kept is not None:
            raise Conflict(key)
        del bucket.open[multipart]
        bucket.objects[key] = Kept(body, "application/octet-stream", self._now())
        return ObjectHead(key, size, "application/octet-stream", bucket.objects[key].at)

    async def abort(self, key: ObjectKey, multipart: MultipartId) -> None:
        """See the port."""
        bucket = self._there()
        if (found := bucket.open.get(multipart)) is not None and found.key == key:
            del bucket.open[multipart]

    async def unfinished(self, before: Millis) -> AsyncIterator[tuple[ObjectKey, MultipartId]]:
        """See the port."""
        for multipart, found in list(self._there().open.items()):
            if found.at < before:
                yield found.key, multipart

    def answer(self, method: str, signed: Signed, body: bytes, headers: Mapping[str, str]) -> Answered:
        """What the server says to this request, sent with the headers that were signed, and these beside."""
        if self._bucket.state in (ObjectsState.STARTING, ObjectsState.AWAY, ObjectsState.OFF):
            return Answered(503)
        given = {name.lower(): value for name, value in {**signed.headers, **headers}.items()}
        parts = urlsplit(signed.url)
        query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        key = ObjectKey(parts.path)
        if query.pop("signature") != _signature(method, key, query) or int(query["expires"]) < self._now():
            return Answered(403)
        if method == "GET":
            return self._read(key, query, given.get("range"))
        return self._receive(key, query, given, body)

    def _receive(self, key: ObjectKey, query: Mapping[str, str], given: Mapping[str, str], body: bytes) -> Answered:
        found = self._bucket.open.get(MultipartId(query["uploadId"]))
        if found is None or found.key != key:
            return Answered(404)
        if len(body) != int(query["length"]):
            return Answered(403)
        if hashlib.sha256(body).digest() != b64decode(query["sha256"]) or given.get(DIGEST) != query["sha256"]:
            return Answered(400)
        if self._bucket.state is ObjectsState.FULL:
            return Answered(500)
        found.parts[int(query["partNumber"])] = body
        return Answered(200)

    def _read(self, key: ObjectKey, query: Mapping[str, str], wanted: str | None) -> Answered:
        kept = self._bucket.objects.get(key)
        if kept is None:
            return Answered(404)
        headers = {"content-type": query.get("response-content-type", kept.content_type)}
        if "download" in query:
            headers["content-disposition"] = f'attachment; filename="{query["download"]}"'
        match = _RANGE.fullmatch(wanted or "")
        if match is None:
            return Answered(200, kept.body, headers)
        first, last = int(match[1]), int(match[2] or len(kept.body) - 1)
        if first >= len(kept.body):
            return Answered(416)
        return Answered(206, kept.body[first : last + 1], headers)

    def _sign_part(self, key: ObjectKey, multipart: MultipartId, part: PartToSign) -> Signed:
        if not 1 <= part.number <= MOST_PARTS:
            raise ValueError("parts are numbered 1…10,000")
        digest = b64encode(part.sha256).decode()
        query = {"uploadId": multipart, "partNumber": str(part.number), "length": str(part.size), "sha256": digest}
        return self._sign("PUT", key, query, {DIGEST: digest})

    def _sign(self, method: str, key: ObjectKey, query: Mapping[str, str], headers: Mapping[str, str]) -> Signed:
        until = Millis(self._now() // STEP_MILLIS * STEP_MILLIS + LIFE_MILLIS)
        signed = {**query, "expires": str(until)}
        words = urlencode({**signed, "signature": _signature(method, key, signed)})
        return Signed(f"memory:{key}?{words}", headers, until)

    def _find(self, key: ObjectKey, multipart: MultipartId) -> Open:
        found = self._there().open.get(multipart)
        if found is None or found.key != key:
            raise NotFound
        return found

    def _there(self) -> MemoryBucket:
        if self._bucket.state not in (ObjectsState.READY, ObjectsState.FULL):
            raise WHY[self._bucket.state]
        return self._bucket

    def _writable(self) -> MemoryBucket:
        if self._bucket.state is ObjectsState.FULL:
            raise ObjectsFull
        return self._there()


def _bytes_of(source: Path | bytes) -> bytes:
    return source if isinstance(source, bytes) else source.read_bytes()


def _write(target: Path, body: bytes) -> None:
    target.write_bytes(body)


def _signature(method: str, key: ObjectKey, query: Mapping[str, str]) -> str:
    """Stands for a signature: another request has another."""
    return hashlib.sha256(repr((method, key, sorted(query.items()))).encode()).hexdigest()[:16]
