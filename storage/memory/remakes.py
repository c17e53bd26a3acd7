"""Renditions that are made anew, in memory."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from storage.leases import Term, term
from storage.memory.media import files_of, outdate
from storage.memory.records import MemoryRecords
from storage.ports.leases import Holder
from storage.ports.media import MediaFile, Rendition
from storage.ports.objects import ObjectKey
from storage.ports.remakes import Remade, Remake, RemakeLoad, Rules, finished
from workspace.errors import Conflict
from workspace.ids import FileId, MediaId, Millis
from workspace.media import MOST_ATTEMPTS, Reason


@dataclass(frozen=True, slots=True)
class Tried:
    """A file that is made anew, or of which that failed."""

    rules: int
    attempts: int
    reason: Reason | None
    holder: Holder | None
    fence: int
    term: Term


@dataclass(frozen=True, slots=True)
class Replaced:
    """A former rendition."""

    file: FileId
    rendition: Rendition
    at: Millis


class MemoryRemakes:
    """`storage.ports.Remakes`."""

    def __init__(self, records: MemoryRecords) -> None:
        self._records = records

    async def waiting(self, rules: Rules) -> bool:
        """See the port."""
        return bool(self._waiting(rules))

    async def load(self, rules: Rules) -> RemakeLoad:
        """See the port."""
        older = self._older(rules)
        failed = sum(self._has_failed(each, self._wanted(each, rules)) for each in older)
        return RemakeLoad(len(older) - failed, failed)

    async def claim(self, rules: Rules, holder: Holder, seconds: float) -> Remake | None:
        """See the port."""
        waiting = sorted(self._waiting(rules), key=lambda each: (self._attempts(each), -each.at, each.id))
        if not waiting:
            return None
        file, medium = waiting[0], self._records.media[waiting[0].media].medium
        wanted, tried = rules[medium.kind], self._records.remakes.get(waiting[0].id)
        attempts = 1 + (tried.attempts if tried is not None and tried.rules == wanted else 0)
        fence = 1 + (tried.fence if tried is not None else 0)
        if attempts > MOST_ATTEMPTS:
            lost = Tried(wanted, attempts, Reason.WORKER_LOST, None, fence, Term(Millis(0), Millis(0)))
            self._records.remakes[file.id] = lost
            self._tell_if_finished(medium.id, wanted)
            return None
        held = Tried(wanted, attempts, None, holder, fence, term(self._records.now(), seconds))
        self._records.remakes[file.id] = held
        return Remake(medium.case, medium.kind, replace(file, renditions=()), wanted, attempts, holder, fence)

    async def renew(self, remakes: Collection[Remake], seconds: float) -> Collection[Remake]:
        """See the port."""
        still = [each for each in remakes if self._is_held(each)]
        for each in still:
            held = self._records.remakes[each.file.id]
            self._records.remakes[each.file.id] = replace(held, term=term(self._records.now(), seconds))
        return still

    async def release(self, remake: Remake, seconds: float, *, was_tried: bool = False) -> None:
        """See the port."""
        held = self._expect(remake)
        attempts = held.attempts if was_tried else held.attempts - 1
        pause = term(self._records.now(), seconds)
        self._records.remakes[remake.file.id] = replace(held, attempts=attempts, holder=None, term=pause)

    async def refuse(self, remake: Remake, reason: Reason) -> None:
        """See the port."""
        self._records.remakes[remake.file.id] = replace(self._expect(remake), reason=reason, holder=None)
        self._tell_if_finished(remake.file.media, remake.rules)

    async def settle(self, remake: Remake, remade: Remade) -> None:
        """See the port."""
        self._expect(remake)
        held, at = self._records.files[remake.file.id], self._records.now()
        for each in held.renditions:
            self._records.replaced[each.key] = Replaced(held.id, each, at)
        self._records.files[held.id] = replace(
            held,
            attributes=remade.attributes,
            shape=remade.shape,
            renditions=sorted(remade.renditions, key=lambda each: each.key),
            rules=remake.rules,
        )
        del self._records.remakes[held.id]
        outdate(self._records, self._records.media[held.media], at)
        self._tell_if_finished(held.media, remake.rules)

    async def ask(self, *, every: bool) -> None:
        """See the port."""
        for file in [file for file, tried in self._records.remakes.items() if tried.reason is not None]:
            del self._records.remakes[file]
        if every:
            for file, held in self._records.files.items():
                self._records.files[file] = replace(held, rules=0)

    async def end_replaced(self, before: Millis, most: int) -> Sequence[ObjectKey]:
        """See the port."""
        ended = [
            key for key, each in sorted(self._records.replaced.items()) if each.at < before and self._is_told(each)
        ]
        for key in ended[:most]:
            del self._records.replaced[key]
        return ended[:most]

    def _wanted(self, file: MediaFile, rules: Rules) -> int:
        return rules.get(self._records.media[file.media].medium.kind, 0)

    def _older(self, rules: Rules) -> list[MediaFile]:
        return [each for each in self._records.files.values() if each.rules < self._wanted(each, rules)]

    def _waiting(self, rules: Rules) -> list[MediaFile]:
        return [each for each in self._older(rules) if self._is_free(each, self._wanted(each, rules))]

    def _is_free(self, file: MediaFile, wanted: int) -> bool:
        tried = self._records.remakes.get(file.id)
        if tried is None or tried.rules < wanted:
            return True
        return tried.reason is None and tried.term.is_over(self._records.now())

    def _has_failed(self, file: MediaFile, wanted: int) -> bool:
        tried = self._records.remakes.get(file.id)
        return tried is not None and tried.reason is not None and tried.rules >= wanted

    def _attempts(self, file: MediaFile) -> int:
        tried = self._records.remakes.get(file.id)
        return 0 if tried is None else tried.attempts

    def _is_held(self, remake: Remake) -> bool:
        tried = self._records.remakes.get(remake.file.id)
        return tried is not None and (tried.fence, tried.holder) == (remake.fence, remake.holder)

    def _expect(self, remake: Remake) -> Tried:
        if remake.file.id not in self._records.files or not self._is_held(remake):
            raise Conflict("somebody else makes it anew, or it is gone")
        return self._records.remakes[remake.file.id]

    def _is_told(self, former: Replaced) -> bool:
        medium = self._records.media[self._records.files[former.file].media].medium
        return medium.manifest is not None and medium.manifest.of_files == medium.files_version

    def _tell_if_finished(self, media: MediaId, rules: int) -> None:
        held = files_of(self._records, media)
        if all(each.rules >= rules or self._has_failed(each, rules) for each in held):
            made = sum(each.rules >= rules for each in held)
            self._records.record(finished(self._records.media[media].case, media, made))
