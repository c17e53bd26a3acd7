"""What people tell of themselves."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from workspace.audit import SYSTEM, Cause
from workspace.ids import Millis, PersonId


@dataclass(frozen=True, slots=True)
class Profile:
    """What a person told of themselves; empty where they told nothing."""

    profession: str = ""
    specialty: str = ""
    registration: str = ""
    """The number under which an authority knows them; shown to themselves and to admins."""
    language: str | None = None
    """BCP 47; None: as their browser asks."""
    picture: str | None = None
    """The sha-256 of their picture in hexadecimal; None where there is none."""


@dataclass(frozen=True, slots=True)
class Picture:
    """An image that we encoded ourselves; `format` names type and version (`webp/1`)."""

    format: str
    body: bytes


class Profiles(Protocol):
    """Profiles and pictures. Every change is an event in the audit log, in the same transaction."""

    async def of(self, people: Collection[PersonId]) -> Mapping[PersonId, Profile]:
        """The profile of each person asked for, an empty one for those who told nothing."""
        ...

    async def tell(self, person: PersonId, name: str, profile: Profile, cause: Cause = SYSTEM) -> None:
        """Replace name and profile; the picture stays as it is. A new name leaves an AccessNotice (every case), so that
        others see it at once. Raises: NotFound."""
        ...

    async def show(self, person: PersonId, picture: Picture | None, at: Millis, cause: Cause = SYSTEM) -> None:
        """Replace or (None) take away the picture. Raises: NotFound."""
        ...

    async def picture(self, person: PersonId, digest: str) -> Picture | None:
        """The person's picture, if it is still the one of this digest (hexadecimal) and whole."""
        ...
