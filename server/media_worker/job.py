"""What a worker tells the child that cleans, and what it hears: one JSON object a line, over pipes.

The child reads files of strangers: it is given paths and numbers, no credential, and no way to the database or to the
object storage.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeAlias

from pydantic import BaseModel, ConfigDict, JsonValue, TypeAdapter

from workspace.media import Kind, MediaLimits, Reason

Facts: TypeAlias = Mapping[str, JsonValue]


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True, slots=True)
class CleanFile:
    """What was told of a file when it was cleaned."""

    kind: Kind
    content_type: str
    attributes: Facts


@dataclass(frozen=True, slots=True)
class Job:
    """One file to clean. `decision`: what somebody marked in it; `certificate`: of a cleaned file that is redacted."""

    source: Path
    folder: Path
    """Empty; everything that is made goes there."""
    secret: str
    """Of the case, in hexadecimal."""
    limits: MediaLimits
    decision: str | None = None
    certificate: str | None = None
    keep_sound: bool = False
    """Of a video."""
    clean: CleanFile | None = None
    """What `source` is, if it is clean: then only its renditions are made, anew. [REN-11]"""

    def to_line(self) -> bytes:
        """As it travels."""
        return json.dumps({**asdict(self), "source": str(self.source), "folder": str(self.folder)}).encode() + b"\n"


def read_job(line: bytes) -> Job:
    """What `to_line` wrote. Raises: ValueError."""
    return TypeAdapter(Job).validate_json(line)


class Told(_Line):
    """How far it is."""

    done: int
    total: int


class MadeFile(_Line):
    """A file in the job's folder."""

    path: str
    content_type: str
    width: int | None = None
    height: int | None = None
    role: str = ""
    """Of a rendition: what it is for, and after a `/` which of many."""
    facts: dict[str, JsonValue] = {}
    frame: int | None = None


class CleanedLine(_Line):
    """The file is clean."""

    kind: Kind
    file: MadeFile
    frames: int
    seconds: float | None
    series: str | None
    attributes: dict[str, JsonValue]
    certificate: dict[str, JsonValue]
    renditions: list[MadeFile]


class RemadeLine(_Line):
    """The renditions of a clean file, made anew."""

    width: int | None
    height: int | None
    frames: int
    seconds: float | None
    attributes: dict[str, JsonValue]
    renditions: list[MadeFile]


class ReviewLine(_Line):
    """Somebody has to look."""

    kind: Kind
    reason: Reason
    pictures: list[MadeFile]
    suggested: list[dict[str, JsonValue]]


class RejectedLine(_Line):
    """It stays out. `detail` is for operators, in words of standards."""

    reason: Reason
    kind: Kind | None = None
    detail: str | None = None


Answer: TypeAlias = CleanedLine | RemadeLine | ReviewLine | RejectedLine


class _Envelope(_Line):
    told: Told | None = None
    cleaned: CleanedLine | None = None
    remade: RemadeLine | None = None
    review: ReviewLine | None = None
    rejected: RejectedLine | None = None


def write_line(said: Told | Answer) -> bytes:
    """As it travels."""
    envelope = _Envelope(
        told=said if isinstance(said, Told) else None,
        cleaned=said if isinstance(said, CleanedLine) else None,
        remade=said if isinstance(said, RemadeLine) else None,
        review=said if isinstance(said, ReviewLine) else None,
        rejected=said if isinstance(said, RejectedLine) else None,
    )
    return envelope.model_dump_json().encode() + b"\n"


def read_line(line: bytes) -> Told | Answer:
    """What `write_line` wrote. Raises: ValueError for anything else: the child may be in a stranger's hands."""
    envelope = _Envelope.model_validate_json(line)
    said = envelope.told or envelope.cleaned or envelope.remade or envelope.review or envelope.rejected
    if said is None:
        raise ValueError("nothing was said")
    return said
