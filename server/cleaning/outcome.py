"""What comes of cleaning a file: a cleaned one, a question for a person, or a refusal; the same for every kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from server.cleaning.redaction import Box
from workspace.media import Kind, Reason

Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None
"""What JSON can say. Without a name, a date or a place of the original."""


Report: TypeAlias = Callable[[int, int], None]
"""Told now and then how much of how much is done; what it raises ends the work and goes through."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A new file, which holds nothing of the original but what is to be seen and heard."""

    file: Path
    content_type: str
    kind: Kind
    attributes: Mapping[str, Json]
    """What ordering and showing need: sizes, frames, seconds; of DICOM also geometry and remapped UIDs."""
    certificate: Mapping[str, Json]
    """What was done, with the digests of both files; kept with the medium."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A page or frame for the person who looks through the original, at the size in which marks are made."""

    frame: int | None
    """None when it stands for all frames, or there is but one; else 0, 1, 2…"""
    file: Path
    content_type: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Suggested:
    """A place that looks like text; a person decides."""

    frame: int | None
    box: Box


@dataclass(frozen=True, slots=True)
class NeedsReview:
    """A person has to say what is to be blanked, or that there is nothing; then it is cleaned again, with that."""

    reason: Reason
    pictures: tuple[Picture, ...]
    suggested: tuple[Suggested, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejected:
    """A file that stays out."""

    reason: Reason
    detail: str | None = None
    """What is not supported or what was found, in words of standards; never anything of the file's own."""


Outcome: TypeAlias = Cleaned | NeedsReview | Rejected
