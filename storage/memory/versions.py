"""Named versions, and how far each person has seen a document, in memory."""

from __future__ import annotations

from collections.abc import Sequence

from storage.events import version_changed
from storage.memory.records import MemoryRecords
from storage.ports.versions import MOST_NAMED, LastSeen, NamedVersion
from workspace.audit import SYSTEM, Action, Cause
from workspace.errors import Conflict, NotFound, TooMany
from workspace.ids import DocumentId, PersonId, Seq


class MemoryVersions:
    """`storage.ports.Versions`."""

    def __init__(self, records: MemoryRecords) -> None:
        self._records = records

    async def name(self, document: DocumentId, version: NamedVersion, cause: Cause = SYSTEM) -> None:
        """See the port."""
        self._expect(document, version.seq)
        if version.seq < 1:
            raise NotFound
        held = self._records.versions.setdefault(document, {})
        if len(held) >= MOST_NAMED:
            raise TooMany(f"at most {MOST_NAMED} names in a document")
        if version.seq in held:
            raise Conflict("this moment has a name")
        held[version.seq] = version
        self._records.record(version_changed(Action.VERSION_NAMED, document, version.seq, cause))

    async def rename(self, document: DocumentId, version: NamedVersion, cause: Cause = SYSTEM) -> None:
        """See the port."""
        held = self._records.versions.get(document, {})
        if version.seq not in held:
            raise NotFound
        held[version.seq] = version
        self._records.record(version_changed(Action.VERSION_RENAMED, document, version.seq, cause))

    async def forget(self, document: DocumentId, seq: Seq, cause: Cause = SYSTEM) -> None:
        """See the port."""
        if self._records.versions.get(document, {}).pop(seq, None) is None:
            raise NotFound
        self._records.record(version_changed(Action.VERSION_FORGOTTEN, document, seq, cause))

    async def named(self, document: DocumentId) -> Sequence[NamedVersion]:
        """See the port."""
        return [version for _, version in sorted(self._records.versions.get(document, {}).items())]

    async def see(self, document: DocumentId, person: PersonId, seen: LastSeen) -> LastSeen:
        """See the port."""
        self._expect(document, seen.seq)
        self._records.account(person)
        held = self._records.seen.get((document, person))
        if held is None or seen.seq >= held.seq:
            self._records.seen[document, person] = seen
        return self._records.seen[document, person]

    async def seen(self, document: DocumentId, person: PersonId) -> LastSeen | None:
        """See the port."""
        return self._records.seen.get((document, person))

    def _expect(self, document: DocumentId, seq: Seq) -> None:
        head = self._records.history.heads([document]).get(document)
        if head is None or seq > head:
            raise NotFound
