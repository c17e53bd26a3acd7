"""The stores of objects that their contract suite runs on, each with the browser that sends what was signed."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from storage.memory import MemoryBucket, MemoryObjects
from storage.ports import Multiparts, Objects, ObjectsState, Signed
from workspace.ids import Millis


@dataclass(frozen=True, slots=True)
class Answer:
    """What the store said to a browser."""

    status: int
    body: bytes
    headers: Mapping[str, str]
    """Names in lower case."""


class Shelf(Protocol):
    """An empty store."""

    @property
    def objects(self) -> Objects:
        """Whole objects."""
        ...

    @property
    def multiparts(self) -> Multiparts:
        """Objects in parts."""
        ...

    def signed_at(self, seconds_ago: float) -> None:
        """From now on what is signed was signed so long ago."""
        ...

    async def send(
        self, method: str, signed: Signed, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answer:
        """As a browser does: the signed headers, and those that are given beside or instead."""
        ...


class MemoryShelf:
    """A store that is a value."""

    def __init__(self) -> None:
        self._ago = 0.0
        self.bucket = MemoryBucket()
        self.objects = MemoryObjects(self.bucket, self._now)
        self.multiparts = self.objects

    def _now(self) -> Millis:
        return Millis(int((time.time() - self._ago) * 1000))

    def signed_at(self, seconds_ago: float) -> None:
        self._ago = seconds_ago

    async def send(
        self, method: str, signed: Signed, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answer:
        ago, self._ago = self._ago, 0.0
        answered = self.objects.answer(method, signed, body, headers or {})
        self._ago = ago
        return Answer(answered.status, answered.body, answered.headers)

    def become(self, state: ObjectsState) -> None:
        """As an outage does."""
        self.bucket.state = state
