"""Bytes too large for a database: images, videos and what is made of them, under keys that never change their meaning.

The form is Amazon S3's (API reference 2006-03-01). Browsers send and fetch bytes by signed URLs; none passes through a
process of ours. Where this store is away, calls raise `ObjectsUnavailable`; nothing else of the house depends on it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import NewType, Protocol

from workspace import media
from workspace.ids import Millis

ObjectKey = NewType("ObjectKey", str)
"""Lower-case letters, digits and `-_./`, at most 512 of them. It names by ids alone: whoever sees it learns nothing."""
MultipartId = NewType("MultipartId", str)
"""What the store calls one upload in parts."""

PART_BYTES, MOST_PARTS = media.PART_BYTES, media.MOST_PARTS

_KEY = re.compile(r"(?=.{1,512}\Z)[a-z0-9_-][a-z0-9._-]*(?:/[a-z0-9_-][a-z0-9._-]*)*")

Progress = Callable[[int], None]
"""Told how many bytes are done, from another thread."""


class ObjectsState(StrEnum):
    """How the store is, as far as this process knows."""

    READY = "ready"
    STARTING = "starting"
    """Our own server was started and does not answer yet."""
    AWAY = "away"
    FULL = "full"
    """It answers, but its disk takes nothing more."""
    OFF = "off"
    """This installation has none."""


@dataclass(frozen=True, slots=True)
class ListedObject:
    """What a list tells."""

    key: ObjectKey
    size: int
    """Bytes."""
    at: Millis
    """When it was written, by the store's clock."""


@dataclass(frozen=True, slots=True)
class ObjectHead:
    """All that is known of an object without reading it."""

    key: ObjectKey
    size: int
    content_type: str
    at: Millis


@dataclass(frozen=True, slots=True)
class PartToSign:
    """A part that a browser is about to send."""

    number: int
    """1…10,000; parts are joined in this order, whatever the order of their arrival."""
    size: int
    sha256: bytes


@dataclass(frozen=True, slots=True)
class SentPart:
    """A part that has arrived."""

    number: int
    size: int
    sha256: bytes | None
    """None where the store does not tell. It was checked on arrival all the same."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A request that a browser may send as it is, without any credential of its own, until its time is over."""

    url: str
    headers: Mapping[str, str]
    """To be sent, and no others that S3 would sign. `Content-Length` is signed too, but browsers set it themselves."""
    expires_at: Millis


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was read of an object, digested while it came."""

    size: int
    sha256: bytes
    composite: bytes
    """SHA-256 over the joined SHA-256 of each `PART_BYTES`: what a browser, which cannot digest as it goes, calls the
    digest of a file."""


class Multiparts(Protocol):
    """Objects that are sent in parts, by browsers, and appear when they are whole."""

    async def begin(self, key: ObjectKey) -> MultipartId:
        """Open an upload in parts; nothing stands under the key before it is complete."""
        ...

    async def sign_parts(self, key: ObjectKey, multipart: MultipartId, parts: Sequence[PartToSign]) -> Sequence[Signed]:
        """A `PUT` for each part, in this order; length and digest are signed, and the store refuses a body that has
        another. No question is asked: whether the upload is still open shows when the part is sent."""
        ...

    async def parts(self, key: ObjectKey, multipart: MultipartId) -> Sequence[SentPart]:
        """Those that have arrived, by number, each once; of a part that was sent twice the later, if there was a second
        between. Raises: NotFound (completed, aborted, or never begun)."""
        ...

    async def complete(self, key: ObjectKey, multipart: MultipartId, size: int) -> ObjectHead:
        """Join the parts to an object of `size` bytes; durable when this returns. Asked again it answers the same.

        Raises: NotFound (aborted, or never begun), Conflict (parts are missing or of another size; or something else
        stands under the key).
        """
        ...

    async def abort(self, key: ObjectKey, multipart: MultipartId) -> None:
        """Forget the parts; harmless when there is nothing to forget, and to an object that was completed."""
        ...

    def unfinished(self, before: Millis) -> AsyncIterator[tuple[ObjectKey, MultipartId]]:
        """Uploads that were begun before this moment and neither completed nor aborted."""
        ...


class Objects(Protocol):
    """Objects that are whole. One that was written is never changed, only removed."""

    @property
    def origin(self) -> str | None:
        """Scheme, host and port by which browsers reach the store; None when they cannot, or as their page's own."""
        ...

    async def head(self, key: ObjectKey) -> ObjectHead | None:
        """What is known of it; None when there is none."""
        ...

    async def fetch(self, key: ObjectKey, target: Path, progress: Progress | None = None) -> Fetched:
        """Read it into a file, which is made or overwritten, piece by piece. Raises: NotFound."""
        ...

    async def put(
        self, key: ObjectKey, source: Path | bytes, content_type: str, progress: Progress | None = None
    ) -> bytes:
        """Write it, digest checked by the store; its SHA-256. Durable when this returns. Of two keys of which one
        begins with the other and a `/`, the shorter is written first: to some stores it is a folder afterwards.

        Raises: Conflict when something stands under the key: of two who put at once, one does.
        """
        ...

    async def remove(self, keys: Collection[ObjectKey]) -> None:
        """Remove these; harmless for what is not there."""
        ...

    def listed(self, prefix: str) -> AsyncIterator[ListedObject]:
        """Every object whose key begins so, in the order of keys; what is written meanwhile may be missed."""
        ...

    def sign_get(self, key: ObjectKey, *, content_type: str | None = None, download_as: str | None = None) -> Signed:
        """A `GET`, for a range of bytes too. The store is not asked, so there may be nothing under the key.

        The same question gets the same URL for some minutes, so that a browser may keep what it fetched. It is answered
        as `content_type` instead of its own, and, with `download_as`, as a file of that name to keep.
        """
        ...


def checked(key: ObjectKey) -> ObjectKey:
    """The key itself. Raises: ValueError for one that is spelled otherwise than keys are. [OBJ-3]"""
    if not _KEY.fullmatch(key):
        raise ValueError("this is not a key of an object")
    return key


class Digesting:
    """SHA-256 of the whole and of each `PART_BYTES`, as bytes come."""

    def __init__(self) -> None:
        self.size = 0
        self._whole = hashlib.sha256()
        self._part = hashlib.sha256()
        self._parts: list[bytes] = []

    def add(self, data: bytes) -> None:
        """The next bytes, however many."""
        self._whole.update(data)
        rest = memoryview(data)
        while rest:
            piece = rest[: PART_BYTES - self.size % PART_BYTES]
            self._part.update(piece)
            self.size += len(piece)
            rest = rest[len(piece) :]
            if self.size % PART_BYTES == 0:
                self._next_part()

    def done(self) -> Fetched:
        """All of them were added. Nothing at all is one part of no bytes."""
        if self.size % PART_BYTES or not self.size:
            self._next_part()
        return Fetched(self.size, self._whole.digest(), hashlib.sha256(b"".join(self._parts)).digest())

    def _next_part(self) -> None:
        self._parts.append(self._part.digest())
        self._part = hashlib.sha256()
