"""Stored bytes and what proves them: every blob names its format and version, its length and its sha-256."""

from __future__ import annotations

from hashlib import sha256
from typing import Protocol


class Sealed(Protocol):
    """A row that holds a blob."""

    @property
    def format(self) -> str: ...
    @property
    def length(self) -> int: ...
    @property
    def sha256(self) -> bytes: ...
    @property
    def body(self) -> bytes: ...


def seal(blob_format: str, body: bytes) -> tuple[str, int, bytes, bytes]:
    """The columns `format`, `length`, `sha256`, `body` of a row that holds `body`."""
    return blob_format, len(body), sha256(body).digest(), body


def is_intact(row: Sealed) -> bool:
    """Whether these are the bytes that were stored."""
    return len(row.body) == row.length and sha256(row.body).digest() == row.sha256
