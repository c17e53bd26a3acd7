"""Stored bytes and what proves them: every blob names its format and version, its length and its sha-256."""

from __future__ import annotations

from hashlib import sha256
from typing import NamedTuple, Protocol


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


class Blob(NamedTuple):
    """The columns of a row that hold a blob."""

    format: str
    length: int
    sha256: bytes
    body: bytes


def seal(blob_format: str, body: bytes) -> Blob:
    """`body` as it is to be stored."""
    return Blob(blob_format, len(body), sha256(body).digest(), body)


def is_intact(row: Sealed) -> bool:
    """Whether these are the bytes that were stored."""
    return len(row.body) == row.length and sha256(row.body).digest() == row.sha256
