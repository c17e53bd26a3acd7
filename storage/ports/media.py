"""Media: what the gallery of a case shows, the files that they are made of, and which objects hold them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from storage.ports.objects import ObjectKey
from workspace.audit import SYSTEM, Cause
from workspace.ids import CaseId, FileId, MediaId, Millis, PersonId, UploadId
from workspace.media import Kind


@dataclass(frozen=True, slots=True)
class Rendition:
    """An object made for viewers. `facts` is JSON: what a viewer needs to know of it beside its size."""

    role: str
    key: ObjectKey
    size: int
    sha256: bytes
    content_type: str
    width: int | None = None
    height: int | None = None
    facts: str = "{}"


@dataclass(frozen=True, slots=True)
class Shape:
    """What is told of a file at a glance."""

    width: int | None = None
    height: int | None = None
    frames: int = 1
    """Or pages."""
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class MediaFile:
    """One cleaned file. `attributes` is JSON: order, geometry, window; no identifier."""

    id: FileId
    media: MediaId
    upload: UploadId
    key: ObjectKey
    size: int
    sha256: bytes
    content_type: str
    attributes: str
    shape: Shape
    at: Millis
    renditions: Sequence[Rendition] = ()
    rules: int = 0
    """By which the renditions were made; 0: before rules were counted. [REN-11]"""


@dataclass(frozen=True, slots=True)
class Made:
    """What a worker made of an upload. `media` is the medium's id if this is its first file."""

    file: FileId
    media: MediaId
    kind: Kind
    series: str | None
    """Files of one series are one medium of a case; a file without is one alone."""
    key: ObjectKey
    size: int
    sha256: bytes
    content_type: str
    attributes: str
    shape: Shape
    renditions: Sequence[Rendition]
    certificate: str
    """JSON: what was done to the original, and digests before and after."""
    original_sha256: bytes
    at: Millis
    rules: int = 0
    """By which the renditions were made."""

    @property
    def keys(self) -> Sequence[ObjectKey]:
        """Every object of it."""
        return [self.key, *(each.key for each in self.renditions)]


MANIFEST_TYPE = "application/json"


@dataclass(frozen=True, slots=True)
class Manifest:
    """An object that says what a medium is made of, in order. `of_files`: the state of its files that it describes."""

    key: ObjectKey
    size: int
    sha256: bytes
    of_files: int


@dataclass(frozen=True, slots=True)
class Medium:
    """One item of the gallery."""

    id: MediaId
    case: CaseId
    kind: Kind
    series: str | None
    position: int
    caption: str
    alt: str
    by: PersonId
    at: Millis
    removed_by: PersonId | None = None
    removed_at: Millis | None = None
    version: int = 1
    """Of caption and alternative text."""
    files: int = 1
    files_version: int = 1
    """Grows whenever a file comes or is replaced."""
    frames: int = 1
    """Of all its files."""
    cover: MediaFile | None = None
    """The file that stands for it."""
    certificate: str | None = None
    """Of that file."""
    manifest: Manifest | None = None

    @property
    def is_removed(self) -> bool:
        """Whether somebody took it out of the gallery; nothing of it is gone."""
        return self.removed_at is not None


class Gallery(Protocol):
    """What people do with media. Every change leaves a notice of the case and an event, in the same transaction."""

    async def listed(self, case: CaseId) -> Sequence[Medium]:
        """All of a case in their order, those that were removed too."""
        ...

    async def find(self, case: CaseId, media: MediaId) -> Medium | None:
        """One of a case, removed or not."""
        ...

    async def files(self, media: MediaId) -> Sequence[MediaFile]:
        """The files of a medium that are in use, oldest first, with their renditions."""
        ...

    async def certificate(self, file: FileId) -> str | None:
        """JSON: what was done to a file, also to one that was replaced."""
        ...

    async def describe(self, seen: Medium, caption: str, alt: str, cause: Cause = SYSTEM) -> Medium:
        """Give it other words. Raises: NotFound, Conflict (it has others than those that were seen)."""
        ...

    async def arrange(self, case: CaseId, order: Sequence[MediaId], cause: Cause = SYSTEM) -> None:
        """Put these first, in this order; the others follow as they stood.

        Raises: NotFound (one is not of the case).
        """
        ...

    async def set_removed(
        self, case: CaseId, media: MediaId, by: PersonId | None, at: Millis, cause: Cause = SYSTEM
    ) -> Medium:
        """Take it out of the gallery, or (None) back in; what is so already stays as it is. Raises: NotFound."""
        ...


@dataclass(frozen=True, slots=True)
class Outdated:
    """A medium whose manifest does not describe its files."""

    case: CaseId
    media: MediaId
    files_version: int


@dataclass(frozen=True, slots=True)
class KnownObject:
    """An object as the database has it."""

    key: ObjectKey
    size: int
    sha256: bytes
    content_type: str
    is_manifest: bool = False
    """Then it can be written again from what the database says."""


class Manifests(Protocol):
    """The manifests of media, and which objects there should be."""

    async def outdated(self, quiet: Millis, overdue: Millis, most: int) -> Sequence[Outdated]:
        """Media whose manifest is to be written: no file came since `quiet` and none of the case waits for a worker;
        or the oldest change is from before `overdue`."""
        ...

    async def keep(self, outdated: Outdated, manifest: Manifest, cover: FileId) -> ObjectKey | None:
        """It has this manifest now; the key of the one before, which nothing names any more.

        Raises: Conflict (its files changed meanwhile), NotFound.
        """
        ...

    async def known(self, keys: Collection[ObjectKey]) -> Collection[ObjectKey]:
        """Of these, the ones that a row names."""
        ...

    def objects(self) -> AsyncIterator[KnownObject]:
        """Every object that should be there, in the order of keys; what comes meanwhile may be missed."""
        ...
