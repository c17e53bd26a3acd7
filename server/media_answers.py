"""What is asked and told about media. Addresses of objects are good for a short time, and asked for again after it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, JsonValue, StringConstraints

from server.body import Answer, Body, Id, Phrase, When
from server.past import Author
from server.upload_answers import MOST_MARKS, MOST_POINTS, Extent, Pixel, Rectangle
from storage.ports import MediaFile, Medium, ObjectKey, Objects, Rendition
from workspace.media import Kind

MOST_ORDERED = 2_000
MOST_PATHS = 500
LONGEST_ALT = 2_000
THUMBNAIL, PREVIEW = "thumbnail", "preview"
ENDINGS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/gif": "gif",
    "image/tiff": "tif",
    "application/dicom": "dcm",
    "video/mp4": "mp4",
    "video/webm": "webm",
    "application/pdf": "pdf",
}


class WordsBody(Body):
    """What is left out stays. `version`: of the medium as it was seen."""

    caption: Phrase | None = None
    alt: Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_ALT)] | None = None
    version: Annotated[int, Field(ge=1)]


class OrderBody(Body):
    """Those that come first, in this order."""

    media: Annotated[list[Id], Field(max_length=MOST_ORDERED)]


class Stroke(Body):
    """What a brush painted: points as pairs of x and y, and how wide it is."""

    points: Annotated[
        list[Annotated[list[Pixel], Field(min_length=2, max_length=2)]], Field(min_length=1, max_length=MOST_POINTS)
    ]
    width: Extent


class RedactBody(Body):
    """What is to be blanked in one file: rectangles and strokes of a brush."""

    file: Id
    blank: Annotated[list[Rectangle], Field(max_length=MOST_MARKS)] = Field(default_factory=list)
    strokes: Annotated[list[Stroke], Field(max_length=MOST_MARKS)] = Field(default_factory=list)


class PathsBody(Body):
    """Objects of a medium, as its manifest calls them."""

    paths: Annotated[
        list[Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_./-]{0,199}$")]],
        Field(min_length=1, max_length=MOST_PATHS),
    ]


class Source(Answer):
    """An object, to be read straight from the object storage."""

    url: str
    content_type: str
    width: int | None
    height: int | None
    expires_at: When


class RenditionShown(Source):
    """What was made for viewers, with what they have to know of it."""

    role: str
    facts: dict[str, JsonValue]


class MediaShown(Answer):
    """One item of the gallery."""

    id: Id
    kind: Kind
    caption: str
    alt: str
    version: int
    position: int
    by: Author
    at: When
    files: int
    width: int | None
    height: int | None
    frames: int
    seconds: float | None
    thumbnail: Source | None
    preview: Source | None
    certificate: dict[str, JsonValue] | None
    """What was done to the file that stands for it."""
    removed_by: Author | None
    removed_at: When | None


class FileShown(Source):
    """One file of a medium."""

    id: Id
    size: int
    sha256: str
    frames: int
    attributes: dict[str, JsonValue]
    renditions: list[RenditionShown]


class ManifestShown(Answer):
    """Where the manifest is. It may lack a file that came a moment ago."""

    url: str
    expires_at: When
    sha256: str
    is_current: bool


class MediumShown(MediaShown):
    """One item with all that it is made of."""

    file_list: list[FileShown]
    manifest: ManifestShown | None


class MediaList(Answer):
    """In their order. What was taken out stands apart, for those who may put it back and for moderators."""

    media: list[MediaShown]
    removed: list[MediaShown]
    may_change: bool
    """Whether the one who asks may describe, arrange, redact and take out, now."""


class DownloadShown(Answer):
    """A file to keep."""

    id: Id
    name: str
    url: str
    size: int
    content_type: str


class Download(Answer):
    """Every file of a medium, cleaned; `url` is that of the first."""

    url: str
    expires_at: When
    files: list[DownloadShown]


class SignedPath(Answer):
    """Where one object is."""

    path: str
    url: str
    expires_at: When


class SignedPaths(Answer):
    """In the order in which they were asked for."""

    paths: list[SignedPath]


def object_of(text: str | None) -> dict[str, JsonValue]:
    """A JSON object that was stored as text."""
    found = json.loads(text) if text is not None else {}
    return found if isinstance(found, dict) else {}


def source_of(objects: Objects, key: ObjectKey, content_type: str, width: int | None, height: int | None) -> Source:
    """An object with an address."""
    signed = objects.sign_get(key, content_type=content_type)
    return Source(url=signed.url, content_type=content_type, width=width, height=height, expires_at=signed.expires_at)


def show_media(objects: Objects, medium: Medium, by: Author, removed_by: Author | None) -> MediaShown:
    """An item as lists have it."""
    cover = medium.cover
    return MediaShown(
        id=medium.id,
        kind=medium.kind,
        caption=medium.caption,
        alt=medium.alt,
        version=medium.version,
        position=medium.position,
        by=by,
        at=medium.at,
        files=medium.files,
        width=cover.shape.width if cover else None,
        height=cover.shape.height if cover else None,
        frames=medium.frames,
        seconds=cover.shape.seconds if cover else None,
        thumbnail=_rendition(objects, cover, THUMBNAIL),
        preview=_preview(objects, medium),
        certificate=object_of(medium.certificate) if medium.certificate is not None else None,
        removed_by=removed_by,
        removed_at=medium.removed_at,
    )


def _rendition(objects: Objects, cover: MediaFile | None, role: str) -> Source | None:
    found = next((each for each in cover.renditions if each.role == role), None) if cover else None
    return source_of(objects, found.key, found.content_type, found.width, found.height) if found else None


def _preview(objects: Objects, medium: Medium) -> Source | None:
    """What is opened large: a video and a PDF are themselves what a browser shows."""
    cover = medium.cover
    if cover is not None and medium.kind in (Kind.VIDEO, Kind.PDF):
        return source_of(objects, cover.key, cover.content_type, cover.shape.width, cover.shape.height)
    found = _rendition(objects, cover, PREVIEW)
    if found is None and cover is not None and medium.kind is Kind.PHOTO:
        return source_of(objects, cover.key, cover.content_type, cover.shape.width, cover.shape.height)
    return found


def show_file(objects: Objects, file: MediaFile) -> FileShown:
    """A file with its renditions."""
    shape = file.shape
    own = source_of(objects, file.key, file.content_type, shape.width, shape.height)
    return FileShown(
        **own.model_dump(),
        id=file.id,
        size=file.size,
        sha256=file.sha256.hex(),
        frames=shape.frames,
        attributes=object_of(file.attributes),
        renditions=[_show_rendition(objects, each) for each in file.renditions],
    )


def _show_rendition(objects: Objects, made: Rendition) -> RenditionShown:
    own = source_of(objects, made.key, made.content_type, made.width, made.height)
    facts = {} if made.role == "manifest" else object_of(made.facts)  # the manifest of the medium says them
    return RenditionShown(**own.model_dump(), role=made.role, facts=facts)


def manifest_of(objects: Objects, medium: Medium) -> ManifestShown | None:
    """None while it has not been written."""
    if medium.manifest is None:
        return None
    signed = objects.sign_get(medium.manifest.key)
    return ManifestShown(
        url=signed.url,
        expires_at=signed.expires_at,
        sha256=medium.manifest.sha256.hex(),
        is_current=medium.manifest.of_files == medium.files_version,
    )


def show_download(objects: Objects, medium: Medium, files: Sequence[MediaFile]) -> Download:
    """Names that say what a file is, and nothing of whom it shows."""
    shown, until = [], 0
    for number, file in enumerate(files, 1):
        ending = ENDINGS.get(file.content_type, "bin")
        counted = f"-{number}" if len(files) > 1 else ""
        name = f"{medium.kind.value}-{medium.position}{counted}.{ending}"
        signed = objects.sign_get(file.key, content_type=file.content_type, download_as=name)
        until = signed.expires_at
        shown.append(
            DownloadShown(id=file.id, name=name, url=signed.url, size=file.size, content_type=file.content_type)
        )
    return Download(url=shown[0].url, expires_at=until, files=shown)
