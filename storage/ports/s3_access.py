"""Where an S3 server is, and who we are to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

Sse = Literal["none", "AES256", "aws:kms"]
Addressing = Literal["path", "virtual"]


@dataclass(frozen=True, slots=True)
class S3Access:
    """All it takes to use one bucket."""

    endpoint: str
    """Scheme, host and port, as processes of ours reach it."""
    public_endpoint: str
    """The same, as browsers reach it."""
    bucket: str
    region: str
    access_key: str
    secret_key: str = field(repr=False)
    sse: Sse = "none"
    """How it is to encrypt what it stores."""
    addressing: Addressing = "path"
    """Whether a bucket's name stands in the path or before the host."""
    url_seconds: int = 900
    """How long an address is good that a browser is given."""
    folder: Path | None = None
    """Of a server that we started ourselves: where its files are, on a disk of ours."""


FindAccess: TypeAlias = Callable[[], S3Access | None]
"""Asked before every question, because a server of ours may have moved; None while it was never started. Must be
quick."""
