"""The gallery, its manifests and the files in it, in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from storage.memory.records import MemoryRecords
from storage.ports.media import MANIFEST_TYPE, KnownObject, Made, Manifest, MediaFile, Medium, Outdated
from storage.ports.objects import ObjectKey
from storage.ports.uploads import Upload
from workspace.audit import SYSTEM, Action, Cause, Detail, Event
from workspace.errors import Conflict, NotFound
from workspace.ids import CaseId, FileId, MediaId, Millis, PersonId
from workspace.media import WORKED_ON


@dataclass(frozen=True, slots=True)
class Row:
    """What is kept of a medium beside its files."""

    medium: Medium
    cover: FileId
    files_at: Millis
    outdated_at: Millis

    @property
    def case(self) -> CaseId:
        """The case it is of."""
        return self.medium.case


class MemoryShelf:
    """Puts files into media."""

    def __init__(self, records: MemoryRecords) -> None:
        self._records = records

    def add(self, upload: Upload, made: Made) -> MediaId:
        """The file is part of its series' medium, or a medium of its own."""
        rows = [row for row in self._records.media.values() if row.case == upload.case]
        known = next((row for row in rows if made.series and row.medium.series == made.series), None)
        if known is None:
            position = max((row.medium.position for row in rows), default=0) + 1
            medium = Medium(made.media, upload.case, made.kind, made.series, position, "", "", upload.person, made.at)
            known = Row(medium, made.file, made.at, made.at)
            self._records.media[made.media] = known
        else:
            self._outdate(known, made)
            removed_at = known.medium.removed_at
            if removed_at is not None and removed_at < upload.at:
                self._set(known.medium.id, replace(self._medium(known.medium.id), removed_at=None, removed_by=None))
        self._insert(upload, known.medium.id, made)
        return known.medium.id

    def replace(self, upload: Upload, made: Made) -> Sequence[str] | None:
        """The redacted form takes the place of the file, whose objects are then nobody's."""
        held = None if upload.replaces is None else self._records.files.pop(upload.replaces, None)
        if held is None:
            return None
        former = [key for key, each in self._records.replaced.items() if each.file == held.id]
        for key in former:
            del self._records.replaced[key]
        self._records.remakes.pop(held.id, None)
        self._insert(upload, held.media, made)
        self._outdate(self._records.media[held.media], made)
        row = self._records.media[held.media]
        if row.cover == held.id:
            self._records.media[held.media] = replace(row, cover=made.file)
        return [held.key, *(each.key for each in held.renditions), *former]

    def _medium(self, media: MediaId) -> Medium:
        return self._records.media[media].medium

    def _set(self, media: MediaId, medium: Medium) -> None:
        self._records.media[media] = replace(self._records.media[media], medium=medium)

    def _outdate(self, row: Row, made: Made) -> None:
        outdate(self._records, row, made.at)

    def _insert(self, upload: Upload, media: MediaId, made: Made) -> None:
        self._records.files[made.file] = MediaFile(
            made.file,
            media,
            upload.id,
            made.key,
            made.size,
            made.sha256,
            made.content_type,
            made.attributes,
            made.shape,
            made.at,
            sorted(made.renditions, key=lambda each: each.key),
            made.rules,
        )
        self._records.certificates[made.file] = made.certificate


def outdate(records: MemoryRecords, row: Row, at: Millis) -> None:
    """Its manifest has to be written again; when the first of several changes came is kept."""
    medium = row.medium
    is_current = medium.manifest is not None and medium.manifest.of_files == medium.files_version
    records.media[medium.id] = replace(
        row,
        medium=replace(medium, files_version=medium.files_version + 1),
        files_at=at,
        outdated_at=at if is_current else row.outdated_at,
    )


class MemoryGallery:
    """`storage.ports.Gallery`."""

    def __init__(self, records: MemoryRecords) -> None:
        self._records = records

    async def listed(self, case: CaseId) -> Sequence[Medium]:
        """See the port."""
        held = [self._shown(row) for row in self._records.media.values() if row.case == case]
        return sorted(held, key=lambda each: (each.position, each.id))

    async def find(self, case: CaseId, media: MediaId) -> Medium | None:
        """See the port."""
        row = self._records.media.get(media)
        return self._shown(row) if row is not None and row.case == case else None

    async def files(self, media: MediaId) -> Sequence[MediaFile]:
        """See the port."""
        return files_of(self._records, media)

    async def certificate(self, file: FileId) -> str | None:
        """See the port."""
        return self._records.certificates.get(file)

    async def describe(self, seen: Medium, caption: str, alt: str, cause: Cause = SYSTEM) -> Medium:
        """See the port."""
        row = self._row(seen.case, seen.id)
        if row.medium.version != seen.version:
            raise Conflict("somebody else changed its words")
        changed = replace(row.medium, caption=caption, alt=alt, version=row.medium.version + 1)
        return self._change(row, changed, Event(Action.MEDIA_CHANGED, cause, seen.case, details=_of(seen.id)))

    async def arrange(self, case: CaseId, order: Sequence[MediaId], cause: Cause = SYSTEM) -> None:
        """See the port."""
        if case not in self._records.cases:
            raise NotFound
        held = [each.id for each in await self.listed(case)]
        if not set(order) <= set(held):
            raise NotFound
        wanted = [*dict.fromkeys(order), *(each for each in held if each not in set(order))]
        moved = 0
        for place, each in enumerate(wanted, 1):
            row = self._records.media[each]
            moved += row.medium.position != place
            self._records.media[each] = replace(row, medium=replace(row.medium, position=place))
        if moved:
            self._records.record(Event(Action.MEDIA_CHANGED, cause, case, details={Detail.FILES: moved}))
            self._records.leave_notice(None, case)

    async def set_removed(
        self, case: CaseId, media: MediaId, by: PersonId | None, at: Millis, cause: Cause = SYSTEM
    ) -> Medium:
        """See the port."""
        row = self._row(case, media)
        if (row.medium.removed_at is None) is (by is None):
            return self._shown(row)
        changed = replace(row.medium, removed_by=by, removed_at=None if by is None else at)
        action = Action.MEDIA_CHANGED if by is None else Action.MEDIA_REMOVED
        return self._change(row, changed, Event(action, cause, case, details=_of(media)))

    def _change(self, row: Row, medium: Medium, event: Event) -> Medium:
        changed = replace(row, medium=medium)
        self._records.media[medium.id] = changed
        self._records.record(event)
        self._records.leave_notice(None, medium.case)
        return self._shown(changed)

    def _row(self, case: CaseId, media: MediaId) -> Row:
        row = self._records.media.get(media)
        if row is None or row.case != case:
            raise NotFound
        return row

    def _shown(self, row: Row) -> Medium:
        files = files_of(self._records, row.medium.id)
        cover = next((each for each in files if each.id == row.cover), None)
        return replace(
            row.medium,
            files=len(files),
            frames=sum(each.shape.frames for each in files),
            cover=cover,
            certificate=self._records.certificates.get(cover.id) if cover else None,
        )


def files_of(records: MemoryRecords, media: MediaId) -> Sequence[MediaFile]:
    """Its files in use, oldest first."""
    held = [each for each in records.files.values() if each.media == media]
    return sorted(held, key=lambda each: (each.at, each.id))


def _of(media: MediaId) -> dict[Detail, str | int]:
    return {Detail.MEDIA: media}


class MemoryManifests:
    """`storage.ports.Manifests`."""

    def __init__(self, records: MemoryRecords) -> None:
        self._records = records

    async def outdated(self, quiet: Millis, overdue: Millis, most: int) -> Sequence[Outdated]:
        """See the port."""
        busy = {each.case for each in self._records.uploads.values() if each.state in WORKED_ON}
        found = [
            row
            for row in self._records.media.values()
            if (row.medium.manifest.of_files if row.medium.manifest else 0) < row.medium.files_version
            and ((row.files_at < quiet and row.case not in busy) or row.outdated_at < overdue)
        ]
        found.sort(key=lambda row: (row.outdated_at, row.medium.id))
        return [Outdated(row.case, row.medium.id, row.medium.files_version) for row in found[:most]]

    async def keep(self, outdated: Outdated, manifest: Manifest, cover: FileId) -> ObjectKey | None:
        """See the port."""
        row = self._records.media.get(outdated.media)
        if row is None:
            raise NotFound
        if row.medium.files_version != manifest.of_files:
            raise Conflict("its files changed meanwhile")
        self._records.media[outdated.media] = replace(row, medium=replace(row.medium, manifest=manifest), cover=cover)
        self._records.leave_notice(None, outdated.case)
        return row.medium.manifest.key if row.medium.manifest else None

    async def known(self, keys: Collection[ObjectKey]) -> Collection[ObjectKey]:
        """See the port."""
        return {each.key for each in self._every()} & set(keys)

    async def objects(self) -> AsyncIterator[KnownObject]:
        """See the port."""
        for each in sorted(self._every(), key=lambda known: known.key):
            yield each

    def _every(self) -> Iterator[KnownObject]:
        for file in self._records.files.values():
            yield KnownObject(file.key, file.size, file.sha256, file.content_type)
            yield from (KnownObject(each.key, each.size, each.sha256, each.content_type) for each in file.renditions)
        for former in self._records.replaced.values():
            each = former.rendition
            yield KnownObject(each.key, each.size, each.sha256, each.content_type)
        for row in self._records.media.values():
            if (held := row.medium.manifest) is not None:
                yield KnownObject(held.key, held.size, held.sha256, MANIFEST_TYPE, is_manifest=True)
