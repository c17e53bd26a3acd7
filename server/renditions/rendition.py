"""An object made for viewers, and several blobs in one. [REN-1]"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from server.cleaning.outcome import Json
from server.renditions.rules import RULES
from workspace.media import Kind

MANIFEST = "media-manifest/1"


@dataclass(frozen=True, slots=True)
class Rendition:
    """A file to be put into the store."""

    role: str
    """thumbnail · thumbnail-large · preview · manifest · frames · tiles · pages · waveform."""
    file: Path
    content_type: str
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class Rendered:
    """All that was made of one cleaned file."""

    renditions: Sequence[Rendition]
    attributes: Mapping[str, Json] = field(default_factory=dict)
    """What ordering and the gallery need beside what cleaning told."""


class Pack:
    """Blobs one behind the other: one object, one signed address, and a Range request for each. [REN-2]

    Five hundred slices or tiles would be as many objects to put, to list and to sign.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.size = 0

    def add(self, blob: bytes) -> list[Json]:
        """Where it stands: its offset and its length in bytes. Raises: OSError."""
        place: list[Json] = [self.size, len(blob)]
        self._file.write(blob)
        self.size += len(blob)
        return place


def head(kind: Kind) -> dict[str, Json]:
    """What every manifest begins with: what it is, of what, and by which rules it was made."""
    return {"format": MANIFEST, "kind": kind.value, "rules": RULES[kind]}


def write_json(path: Path, said: Mapping[str, Json]) -> None:
    """The same bytes for the same content, sorted. Raises: ValueError for numbers that are none; OSError."""
    path.write_text(json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False) + "\n")
