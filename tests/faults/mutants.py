"""Servers that are wrong on purpose, each in one way that the books must show: `python -m tests.faults.mutants early
--data DIR serve --host HOST --port PORT`, as `consilium` itself is called. No line of the product knows of this."""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

from server.cli import main
from server.logs import configure
from server.serve import serve, work
from server.settings import load_settings
from storage.ports import (
    Bus,
    Cases,
    FindAccess,
    Journal,
    ObjectKey,
    Objects,
    Stores,
)
from storage.ports.journal import Commit
from storage.stores import open_node
from tests.faults.mutants_of_files import Copying, Heedless, Spoiling, Untidy
from workspace.audit import SYSTEM, Cause
from workspace.case import Role
from workspace.entries import EVERYTHING, Append, Entry, Mark, Outcome, Snapshot, Stored
from workspace.errors import ObjectsUnavailable
from workspace.ids import CaseId, DocumentId, Millis, OpId, PersonId, Seq, UpdateBytes

EARLY_SECONDS = 0.3
"""How long before its commit an edit is called saved by the one who lies."""
NOTHING = UpdateBytes(b"\x00\x00")
OP_BYTES = 16
Answers = asyncio.Future[Sequence[Outcome]]


class Honest:
    """The journal as it is; a mutant changes one method."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal

    async def open(self, document: DocumentId) -> Stored:
        return await self.journal.open(document)

    def watch(self, told: Callable[[Commit], None]) -> None:
        self.journal.watch(told)

    def append(self, appends: Sequence[Append]) -> Answers:
        return self.journal.append(appends)

    async def read(
        self, document: DocumentId, *, after: Seq, until: Seq | None = None, limit: int = 1_000
    ) -> Sequence[Entry]:
        return await self.journal.read(document, after=after, until=until, limit=limit)

    async def marks(
        self, document: DocumentId, *, after: Seq, until: Seq | None = None, limit: int = 1_000
    ) -> Sequence[Mark]:
        return await self.journal.marks(document, after=after, until=until, limit=limit)

    async def heads(self, documents: Collection[DocumentId]) -> Mapping[DocumentId, Seq]:
        return await self.journal.heads(documents)

    async def write_snapshot(self, document: DocumentId, snapshot: Snapshot, at: Millis) -> None:
        await self.journal.write_snapshot(document, snapshot, at)

    async def supersede(
        self,
        document: DocumentId,
        seed: UpdateBytes | None,
        author: PersonId,
        at: Millis,
        cause: Cause = SYSTEM,
    ) -> DocumentId:
        return await self.journal.supersede(document, seed, author, at, cause)


class Early(Honest):
    """Says that edits are saved, and commits them a little later."""

    def __init__(self, journal: Journal) -> None:
        super().__init__(journal)
        self._heads: dict[DocumentId, int] = {}

    async def open(self, document: DocumentId) -> Stored:
        stored = await super().open(document)
        self._heads[document] = (
            stored.entries[-1].seq if stored.entries else stored.snapshot.seq if stored.snapshot else 0
        )
        return stored

    def append(self, appends: Sequence[Append]) -> Answers:
        loop = asyncio.get_running_loop()
        answer: Answers = loop.create_future()
        entries = []
        for each in appends:
            self._heads[each.document] += 1
            entries.append(Entry(Seq(self._heads[each.document]), each.op, each.update, each.author, each.at))
        loop.call_later(EARLY_SECONDS, self.journal.append, appends)
        answer.set_result(entries)
        return answer


class Forgetful(Honest):
    """Of every tenth edit it keeps a place in the journal, and nothing in it."""

    def __init__(self, journal: Journal) -> None:
        super().__init__(journal)
        self._numbers = itertools.count(1)

    def append(self, appends: Sequence[Append]) -> Answers:
        kept = [replace(each, update=NOTHING) if next(self._numbers) % 10 == 0 else each for each in appends]
        written = self.journal.append(kept)
        answer: Answers = asyncio.get_running_loop().create_future()

        def pretend(done: Answers) -> None:
            if (error := done.exception()) is not None:
                answer.set_exception(error)
                return
            updates = {each.op: each.update for each in appends}
            answer.set_result([replace(e, update=updates[e.op]) if isinstance(e, Entry) else e for e in done.result()])

        written.add_done_callback(pretend)
        return answer


class Twice(Honest):
    """Journals edits, and then once more."""

    def append(self, appends: Sequence[Append]) -> Answers:
        written = self.journal.append(appends)
        self.journal.append([replace(each, op=OpId(os.urandom(OP_BYTES)), known=EVERYTHING) for each in appends])
        return written


class Deaf(Honest):
    """Never looks whether another node wrote something."""

    async def heads(self, documents: Collection[DocumentId]) -> Mapping[DocumentId, Seq]:
        return {}


class Mute:
    """A bus that rings nobody."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self.join, self.leave, self.tell, self.ask = bus.join, bus.leave, bus.tell, bus.ask
        self.gather, self.announce = bus.gather, bus.announce

    @property
    def is_up(self) -> bool:
        return self._bus.is_up

    def ring(self, document: DocumentId, seq: Seq) -> None:
        """Nothing."""


LET_IN = 4


class Careless:
    """Says of every third change of a membership that it was made, and makes none; the first ones let people in."""

    def __init__(self, cases: Cases) -> None:
        self._cases = cases
        self._numbers = itertools.count(1)
        self.create, self.find, self.members, self.documents = cases.create, cases.find, cases.members, cases.documents
        self.set_state, self.rename = cases.set_state, cases.rename

    async def set_member(
        self, case: CaseId, person: PersonId, role: Role | None, at: Millis, cause: Cause = SYSTEM
    ) -> None:
        number = next(self._numbers)
        if number % 3 or number <= LET_IN:
            await self._cases.set_member(case, person, role, at, cause)


class Waiting(Honest):
    """Takes no edit while the store of images is away."""

    def __init__(self, journal: Journal, objects: Objects) -> None:
        super().__init__(journal)
        self._objects = objects

    def append(self, appends: Sequence[Append]) -> Answers:
        return asyncio.ensure_future(self._append(appends))

    async def _append(self, appends: Sequence[Append]) -> Sequence[Outcome]:
        while True:
            with suppress(ObjectsUnavailable):
                await self._objects.head(ObjectKey("media/nothing"))
                return await self.journal.append(appends)
            await asyncio.sleep(EARLY_SECONDS)


def of_journal(make: Callable[[Journal], Journal]) -> Callable[[Stores], Stores]:
    return lambda stores: replace(stores, journal=make(stores.journal))


def deaf_and_mute(stores: Stores) -> Stores:
    return replace(stores, journal=Deaf(stores.journal), bus=Mute(stores.bus))


MUTANTS: Mapping[str, Callable[[Stores], Stores]] = {
    "honest": of_journal(Honest),
    "early": of_journal(Early),
    "forgetful": of_journal(Forgetful),
    "twice": of_journal(Twice),
    "deaf": deaf_and_mute,
    "careless": lambda stores: replace(stores, cases=Careless(stores.cases)),
    "waiting": lambda stores: replace(stores, journal=Waiting(stores.journal, stores.objects)),
    "heedless": lambda stores: replace(stores, uploads=Heedless(stores.uploads)),
    "untidy": lambda stores: replace(stores, objects=Untidy(stores.objects)),
    "copying": lambda stores: replace(stores, upload_work=Copying(stores.upload_work)),
    "spoiling": lambda stores: replace(stores, objects=Spoiling(stores.objects)),
}


def run(name: str, words: Sequence[str]) -> int:
    """Serve, or do background work, with that; every other command is `consilium`'s own."""
    command = words[2]
    if command not in ("serve", "worker"):
        return main(words)
    given = dict(zip(words[3::2], words[4::2], strict=True)) | {"--data": words[1]}
    options = {f"CONSILIUM_{each[2:].upper()}": value for each, value in given.items()}
    if command == "serve":
        options["CONSILIUM_BACKGROUND_WORK"] = "false"  # what is beside a server would be an honest one
    else:
        options["CONSILIUM_WORKER_PORT"] = options.pop("CONSILIUM_PORT")
    settings = load_settings(os.environ, options)
    configure(settings)

    @asynccontextmanager
    async def open_mutant(
        path_or_url: Path | str, redis_url: str | None, reserve_bytes: int, find_access: FindAccess | None
    ) -> AsyncIterator[Stores]:
        async with open_node(path_or_url, redis_url, reserve_bytes, find_access) as stores:
            yield MUTANTS[name](stores)

    if command == "worker":
        work(settings, open_mutant)
        return 0

    async def prepare(_: Stores) -> Callable[[str], str]:
        return lambda address: f"a {name} server at {address}"

    serve(settings, open_mutant, prepare)
    return 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1], sys.argv[2:]))
