"""An installation without a store of objects: every question is answered with `ObjectsOff`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from pathlib import Path

from storage.ports.objects import (
    Fetched,
    ListedObject,
    MultipartId,
    ObjectHead,
    ObjectKey,
    PartToSign,
    Progress,
    SentPart,
    Signed,
)
from workspace.errors import ObjectsOff
from workspace.ids import Millis


class NoObjects:
    """`storage.ports.Objects` and `storage.ports.Multiparts`."""

    @property
    def origin(self) -> str | None:
        """See the port."""
        return None

    async def head(self, key: ObjectKey) -> ObjectHead | None:
        """Raises: ObjectsOff."""
        raise ObjectsOff

    async def fetch(self, key: ObjectKey, target: Path, progress: Progress | None = None) -> Fetched:
        """Raises: ObjectsOff."""
        raise ObjectsOff

    async def put(
        self, key: ObjectKey, source: Path | bytes, content_type: str, progress: Progress | None = None
    ) -> bytes:
        """Raises: ObjectsOff."""
        raise ObjectsOff

    async def remove(self, keys: Collection[ObjectKey]) -> None:
        """Raises: ObjectsOff."""
        raise ObjectsOff

    def listed(self, prefix: str) -> AsyncIterator[ListedObject]:
        """Raises: ObjectsOff."""
        raise ObjectsOff

    def sign_get(self, key: ObjectKey, *, content_type: str | None = None, download_as: str | None = None) -> Signed:
        """Raises: ObjectsOff."""
        raise ObjectsOff

    async def begin(self, key: ObjectKey) -> MultipartId:
        """Raises: ObjectsOff."""
        raise ObjectsOff

    async def sign_parts(self, key: ObjectKey, multipart: MultipartId, parts: Sequence[PartToSign]) -> Sequence[Signed]:
        """Raises: ObjectsOff."""
        raise ObjectsOff

    async def parts(self, key: ObjectKey, multipart: MultipartId) -> Sequence[SentPart]:
        """Raises: ObjectsOff."""
        raise ObjectsOff

    async def complete(self, key: ObjectKey, multipart: MultipartId, size: int) -> ObjectHead:
        """Raises: ObjectsOff."""
        raise ObjectsOff

    async def abort(self, key: ObjectKey, multipart: MultipartId) -> None:
        """Raises: ObjectsOff."""
        raise ObjectsOff

    def unfinished(self, before: Millis) -> AsyncIterator[tuple[ObjectKey, MultipartId]]:
        """Raises: ObjectsOff."""
        raise ObjectsOff
