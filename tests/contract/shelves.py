"""The stores of objects that their contract suite runs on, each with the browser that sends what was signed."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import httpx

from storage.memory import MemoryBucket, MemoryObjects
from storage.ports import Multiparts, Objects, ObjectsState, Signed
from storage.s3_door import Door
from storage.s3_multiparts import S3Multiparts
from storage.s3_objects import S3Objects
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


class S3Shelf:
    """A bucket of a real server, and a real browser's requests."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self.objects = S3Objects(door, self._now)
        self.multiparts = S3Multiparts(door, self._now)
        self._ago = 0.0

    def _now(self) -> Millis:
        return Millis(int((time.time() - self._ago) * 1000))

    def signed_at(self, seconds_ago: float) -> None:
        self._ago = seconds_ago

    async def send(
        self, method: str, signed: Signed, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answer:
        async with httpx.AsyncClient(trust_env=False, timeout=30) as browser:
            answer = await browser.request(
                method, signed.url, content=body, headers={**signed.headers, **(headers or {})}
            )
        return Answer(answer.status_code, answer.content, {k.lower(): v for k, v in answer.headers.items()})


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
