"""Whether the rows about images and files hold together: states, claims, references, keys, digests, certificates. The
objects themselves are read by `consilium media verify`. [BAK-13]

Constraints keep out what a correct program might do wrong by chance; here is what somebody else, or a defect of ours,
may have left behind. Each table is read in pages, and no row is held beyond its page.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from typing import NamedTuple, NewType, TypeAlias

from sqlalchemy import ColumnElement, Connection, Row, Select, func, literal, select

from storage.database import Database
from storage.tables import case_secrets, cases, certificates, files, media, renditions, uploads
from workspace.media import ENDED, WORKED_ON, Kind, Reason, UploadState

PAGE = 1_000
DIGEST_BYTES = SECRET_BYTES = 32

Shelf = NewType("Shelf", str)
"""Where among media something is wrong: `case/media/…`, `case/uploads/…`."""
AnyRow: TypeAlias = "Row[*tuple[object, ...]]"


class Wrong(NamedTuple):
    """A row that is not as it should be."""

    place: Shelf
    what: str


@dataclass(slots=True)
class MediaCensus:
    """What was looked at."""

    uploads: int = 0
    media: int = 0
    files: int = 0
    wrong: list[Wrong] = field(default_factory=list)


async def examine_media(database: Database) -> MediaCensus:
    """Look at every row. Raises: StorageUnavailable."""
    census = MediaCensus()
    census.uploads = await _walk(database, _UPLOADS, _judge_upload, census.wrong)
    census.media = await _walk(database, _MEDIA, _judge_medium, census.wrong)
    census.files = await _walk(database, _FILES, _judge_file, census.wrong)
    await _walk(database, _RENDITIONS, _judge_rendition, census.wrong)
    await _walk(database, _CERTIFICATES, _judge_certificate, census.wrong)
    await _walk(database, _SECRETS, _judge_secret, census.wrong)
    return census


Words = Iterator[str]


async def _walk(
    database: Database, query: Select[*tuple[object, ...]], judge: Callable[[AnyRow], Words], wrong: list[Wrong]
) -> int:
    """How many rows there were. What is wrong with them is added."""
    after, count = "", 0
    while page := await database.read(partial(_page, query=query, after=after)):
        count += len(page)
        for row in page:
            wrong += [Wrong(Shelf(f"{row.place_case}/{row.place}"), what) for what in judge(row)]
        after = str(page[-1].key)
    return count


def _page(connection: Connection, query: Select[*tuple[object, ...]], after: str) -> Sequence[AnyRow]:
    column = query.selected_columns["key"]
    return connection.execute(query.where(column > after).order_by(column).limit(PAGE)).all()


def _placed(key: ColumnElement[str], case: ColumnElement[str], word: str) -> tuple[ColumnElement[str], ...]:
    """Where a row stands, for pages and for whoever reads of it."""
    return key.label("key"), func.coalesce(case, "?").label("place_case"), (literal(f"{word}/") + key).label("place")


_UPLOADS = select(
    *_placed(uploads.c.id, uploads.c.case_id, "uploads"),
    uploads,
    media.c.case_id.label("media_case"),
    files.c.id.label("replaced"),
).select_from(
    uploads.outerjoin(media, media.c.id == uploads.c.media_id).outerjoin(files, files.c.id == uploads.c.replaces)
)


def _judge_upload(row: AnyRow) -> Words:
    if row.state not in set(UploadState) or row.kind not in {None, *Kind} or row.reason not in {None, *Reason}:
        yield "has a state, kind or reason that this release does not know"
        return
    if row.state == UploadState.REJECTED and row.reason is None:
        yield "is rejected for no reason"
    if (row.state in ENDED or row.is_put_away) and any((row.name, row.multipart, row.review, row.decision)):
        yield "has ended and still holds what was to be forgotten"
    if (row.state == UploadState.CLEANING) != (row.holder is not None):
        yield "is held by a worker without being cleaned" if row.holder else "is being cleaned by nobody"
    if row.begins > row.ends or min(row.fence, row.begins, row.attempts, row.done) < 0:
        yield "has a claim that cannot be"
    if row.media_case not in (None, row.case_id) or (row.media_id is not None and row.media_case is None):
        yield "became part of a medium that is not of its case"
    if row.state == UploadState.READY and row.media_id is None:
        yield "is ready and part of no medium"
    if row.replaces is not None and row.state in WORKED_ON and row.replaced is None:
        yield "is to replace a file that is not there"
    if len(row.digest) != DIGEST_BYTES or len(row.sha256 or row.digest) != DIGEST_BYTES or row.size < 0:
        yield "has a digest or a size that cannot be"
    if not all(_is_json(text) for text in (row.review, row.decision) if text is not None):
        yield "has a review that cannot be read"


_COVER = files.alias()
_COUNT = select(func.count()).where(files.c.media_id == media.c.id).scalar_subquery()
_TWIN = media.alias()
_TWINS = (
    select(func.count())
    .where(_TWIN.c.case_id == media.c.case_id, _TWIN.c.position == media.c.position, _TWIN.c.id != media.c.id)
    .scalar_subquery()
)
_MEDIA = select(
    *_placed(media.c.id, media.c.case_id, "media"),
    media,
    cases.c.id.label("found_case"),
    _COVER.c.media_id.label("cover_of"),
    _COUNT.label("file_count"),
    _TWINS.label("twins"),
    case_secrets.c.case_id.label("has_secret"),
).select_from(
    media.outerjoin(cases, cases.c.id == media.c.case_id)
    .outerjoin(_COVER, _COVER.c.id == media.c.cover)
    .outerjoin(case_secrets, case_secrets.c.case_id == media.c.case_id)
)


def _judge_medium(row: AnyRow) -> Words:
    if row.kind not in set(Kind):
        yield "is of a kind that this release does not know"
    if row.found_case is None:
        yield "is of a case that is not there"
    if row.file_count == 0:
        yield "has no file"
    elif row.cover_of != row.id:
        yield "is stood for by a file that is not its own"
    if row.twins:
        yield "stands at the position of another one"
    if (row.removed_by is None) != (row.removed_at is None):
        yield "is taken out by nobody, or at no time"
    manifest = (row.manifest_key, row.manifest_size, row.manifest_sha256)
    is_there = [each is not None for each in manifest]
    if any(is_there) != all(is_there) or row.manifest_of > row.files_version or (row.manifest_of > 0) != all(is_there):
        yield "has half a manifest, or one of files that never were"
    if row.manifest_key is not None and not row.manifest_key.startswith(f"media/{row.case_id}/{row.id}/"):
        yield "has a manifest under another's key"
    if row.kind in (Kind.DICOM, Kind.ECG) and row.has_secret is None:
        yield "was cleaned without the secret of its case"


_FILES = select(
    *_placed(files.c.id, media.c.case_id, "files"),
    files,
    media.c.case_id,
    uploads.c.case_id.label("upload_case"),
    uploads.c.state,
    certificates.c.case_id.label("certified_case"),
).select_from(
    files.outerjoin(media, media.c.id == files.c.media_id)
    .outerjoin(uploads, uploads.c.id == files.c.upload)
    .outerjoin(certificates, certificates.c.file_id == files.c.id)
)


def _judge_file(row: AnyRow) -> Words:
    if row.case_id is None:
        yield "is of a medium that is not there"
        return
    if not row.object_key.startswith(f"media/{row.case_id}/{row.media_id}/"):
        yield "has another's key"
    if row.upload_case != row.case_id:
        yield "came from an upload that is not of its case"
    elif row.state != UploadState.READY:
        yield "came from an upload that is not ready"
    if row.certified_case is None:
        yield "has no certificate"
    elif row.certified_case != row.case_id:
        yield "has the certificate of another case"
    if len(row.sha256) != DIGEST_BYTES or row.size < 0 or row.frames < 1:
        yield "has a digest, a size or a count that cannot be"
    if not _is_json(row.attributes):
        yield "has attributes that cannot be read"


_RENDITIONS = select(
    *_placed(renditions.c.object_key, media.c.case_id, "renditions"), renditions, files.c.object_key.label("file_key")
).select_from(
    renditions.outerjoin(files, files.c.id == renditions.c.file_id).outerjoin(media, media.c.id == files.c.media_id)
)


def _judge_rendition(row: AnyRow) -> Words:
    if row.file_key is None:
        yield "is of a file that is not there"
    elif not row.object_key.startswith(f"{row.file_key}/"):
        yield "has another's key"
    if len(row.sha256) != DIGEST_BYTES or row.size < 0 or not _is_json(row.facts):
        yield "has a digest, a size or facts that cannot be"


_CERTIFICATES = select(*_placed(certificates.c.file_id, certificates.c.case_id, "certificates"), certificates)


def _judge_certificate(row: AnyRow) -> Words:
    if sha256(row.body.encode()).digest() != row.sha256:
        yield "is not what was certified"
    elif not _is_json(row.body):
        yield "cannot be read"


_SECRETS = select(
    *_placed(case_secrets.c.case_id, case_secrets.c.case_id, "secret"), case_secrets, cases.c.id.label("found_case")
).select_from(case_secrets.outerjoin(cases, cases.c.id == case_secrets.c.case_id))


def _judge_secret(row: AnyRow) -> Words:
    if len(row.secret) != SECRET_BYTES or row.found_case is None:
        yield "is too short, or of a case that is not there"


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
