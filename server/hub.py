"""All rooms of this node: opened once, unloaded when idle, told when rights change, drained at the end."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

import structlog

from server.compactor import Compactor, Squash
from server.defects import is_defect
from server.edge import Socket
from server.line import Line
from server.live import LiveRoom
from server.logs import trace
from server.memory import give_back
from server.meters import Meters
from server.notices import NoticeBoard
from server.places import Places
from server.presence import BEAT_SECONDS, Card, Presence, each_once
from server.strain import Burden, Strain
from server.tracing import Tracing, Untraced
from server.watching import Watchers
from storage.ports import AccessNotice, Stores
from workspace.compaction import open_replica
from workspace.entries import Stored
from workspace.errors import (
    AccessChanged,
    ConsiliumError,
    Draining,
    InvalidMessage,
    StorageUnavailable,
)
from workspace.ids import CaseId, DocumentId, Millis, OpId, PersonId, Seq, SessionId
from workspace.limits import Limits
from workspace.messages import Stateless
from workspace.replica import Replica
from workspace.room import Now, Room

log = structlog.get_logger("consilium.hub")

Clock = Callable[[], Millis]
Entropy = Callable[[int], bytes]
Item = TypeVar("Item")

TICK_SECONDS = 1.0
MOST_TURNS = 20
"""Within each second the rooms are looked at in so many turns of the loop: all at once, 10,000 rooms would keep
everybody waiting for 0.2 s."""
ROOMS_A_TURN = 50
"""Fewer are not worth a turn of their own."""
COMPARE_SECONDS = 1.0
HEADS_AT_ONCE = 500
"""Asked for in one query; between two of them everything else has its turn."""
DRAIN_SECONDS = 5.0
OP_ID_BYTES = 16
CASE_CHANGED = Stateless('{"type":"case-changed"}')
"""What says only that there is something new to ask the API for."""
LARGE_DOCUMENT_BYTES = 256 * 1024
"""Reading more than this in one turn of the loop would keep every other room waiting."""
WORTH_GIVING_BACK_BYTES = 4 * 1024 * 1024
"""Of rooms that were left since the last time. Small rooms leave their memory to the next ones."""


class Hub:
    """The rooms that are open here.

    Invariant: at most one live room per document, and every document's first opening is shared by all who wait for it.
    """

    def __init__(
        self,
        stores: Stores,
        limits: Limits,
        *,
        clock: Clock,
        entropy: Entropy,
        squash: Squash,
        meters: Meters,
        strain: Strain,
        tracing: Tracing | None = None,
    ) -> None:
        self.limits = limits
        self.meters = meters
        self.strain = strain
        self.bus = stores.bus
        self._squash = squash
        self._tracing = tracing or Untraced()
        self.is_draining = False
        self.failed: str | None = None
        """See `server.app.House`."""
        self._stores = stores
        self._clock = clock
        self._op_ids: Iterator[OpId] = (OpId(entropy(OP_ID_BYTES)) for _ in itertools.count())
        self._session_ids = itertools.count(1)
        self._rooms: dict[DocumentId, LiveRoom] = {}
        self._opening: dict[DocumentId, asyncio.Task[LiveRoom | ConsiliumError]] = {}
        self.places = Places(stores.session_counts, limits, strain, meters)
        self.notices = NoticeBoard(stores.notices, self._access_changed)
        self._presence = Presence(self.bus)
        self.watchers = Watchers(limits.max_sessions_per_person)
        self._left_bytes = 0
        self._tasks: asyncio.TaskGroup | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Serve until the block ends, then drain."""
        async with self.strain.watching(self.burdens), asyncio.TaskGroup() as self._tasks:
            among_nodes = [self._compare_heads(), self._tell_presence()] if self._stores.is_shared else []
            loops = [self._tick(), self.notices.watch(), *among_nodes]
            running = [self._tasks.create_task(each) for each in loops]
            try:
                yield
            finally:
                for task in running:
                    task.cancel()
                await self.drain()

    @property
    def rooms(self) -> int:
        """How many rooms are in memory."""
        return len(self._rooms)

    @property
    def sessions(self) -> int:
        """How many sessions are open."""
        return self.places.taken

    @property
    def is_full(self) -> bool:
        """See `server.live.House`."""
        return self._stores.is_full()

    @property
    def journal_seconds(self) -> float:
        """How long the oldest edit has waited for the journal."""
        since = min((at for live in self._rooms.values() if (at := live.waiting_since) is not None), default=None)
        return 0.0 if since is None else asyncio.get_running_loop().time() - since

    def burdens(self) -> Mapping[Burden, float]:
        """What this node carries, for `server.strain`."""
        return {Burden.SESSIONS: self.sessions, Burden.JOURNAL: self.journal_seconds}

    @property
    def in_flight_bytes(self) -> int:
        """Edits that are on their way to the disk."""
        return sum(live.room.in_flight_bytes for live in self._rooms.values())

    @property
    def waiting_bytes(self) -> Sequence[int]:
        """What waits to be sent, of each session."""
        return [waiting for live in self._rooms.values() for waiting in live.waiting_bytes]

    def here(self, cases: Collection[CaseId]) -> Mapping[CaseId, Sequence[Card]]:
        """Who has which of the cases open, on any node, each once, as others see them. [NODE-10]"""
        own = self._own_cards(cases)
        here = {case: each_once([*self._presence.elsewhere(case), *own.get(case, ())]) for case in cases}
        return {case: cards for case, cards in here.items() if cards}

    def _own_cards(self, cases: Collection[CaseId] | None = None) -> Mapping[CaseId, Sequence[Card]]:
        """Who has which case open on this node: of all cases, or of these."""
        cards: dict[CaseId, list[Card]] = {}
        for document, live in self._rooms.items():
            if live.room.sessions and (cases is None or document.case in cases):
                cards.setdefault(document.case, []).extend(session.card for session in live.room.sessions.values())
        return {case: each_once(of) for case, of in cards.items()}

    def new_session_id(self) -> SessionId:
        """A number no other session of this process has."""
        return SessionId(next(self._session_ids))

    async def open(self, document: DocumentId) -> LiveRoom:
        """The live room of a document. Raises: Draining, NotFound, Superseded, StorageUnavailable."""
        while True:
            if self.is_draining or self._tasks is None:
                raise Draining
            live = self._rooms.get(document)
            if live is not None:
                return live
            opening = self._opening.get(document)
            if opening is None:
                opening = self._opening[document] = self._tasks.create_task(self._load(document))
            result = await asyncio.shield(opening)
            if isinstance(result, ConsiliumError):
                raise result

    async def _load(self, document: DocumentId) -> LiveRoom | ConsiliumError:
        try:
            with self._tracing.work("room.open", {"document": str(document)}) as facts:
                stored = await self._stores.journal.open(document)
                replica, shared = await _replica(stored), self._stores.is_shared
                facts |= {"entries": len(stored.entries), "bytes": replica.size}
            room = Room(document, replica, stored.owners, self.limits, self._op_ids, is_shared=shared)
            snapshot_seq = stored.snapshot.seq if stored.snapshot else Seq(0)
            compactor = Compactor(self._stores.journal, self._squash, self._clock, snapshot_seq, self.meters)
            live = LiveRoom(room, self._stores.journal, self.limits, self, compactor)
        except BaseException as error:
            if isinstance(error, ConsiliumError) and not isinstance(error, InvalidMessage):
                return error
            if not is_defect(error):
                raise
            # What the journal keeps cannot be read: not the fault of the client who asks.
            log.error("hub.open_failed", document=str(document), trace=trace(error))
            return ConsiliumError()
        finally:
            del self._opening[document]
        self._rooms[document] = live
        self.bus.join(document, live)
        return live

    async def open_for(self, person: PersonId, document: DocumentId) -> LiveRoom:
        """Reserve a place, then open the room: who is turned away costs no more than the question.

        Raises: Overloaded, TooManySessions, and what `open` raises; the place is given back then.
        """
        await self.places.reserve(person, document)
        try:
            return await self.open(document)
        except BaseException:
            self.places.give_back(person, document)
            raise

    def join(self, live: LiveRoom, line: Line) -> None:
        """Seat a session in a room from `open_for`.

        Raises: Draining, AccessChanged (somebody changed the rights between the judgement and now).
        """
        person = line.session.person.id
        if self.is_draining or live.is_over:
            raise Draining
        if self.notices.may_have_changed(person, live.room.document.case, line.judged_after):
            raise AccessChanged
        live.join(line)
        self.places.take(person)

    def watch(self, person: PersonId, socket: Socket, judged_after: int) -> None:
        """Tell this socket of every later change that is the person's own.

        Raises: Draining, AccessChanged (there was one since the judgement), TooManySessions.
        """
        if self.is_draining:
            raise Draining
        if self.notices.may_have_changed(person, None, judged_after):
            raise AccessChanged
        self.watchers.add(person, socket)

    def _access_changed(self, notice: AccessNotice) -> None:
        """End the sessions whose rights may have changed; their clients come back and are judged again. The others in
        that case are told that it changed: its title, its state or its members. [LST-3]"""
        if notice.person is not None and notice.case is None:
            self.watchers.changed(notice.person)
        for live in list(self._rooms.values()):
            if notice.case is None or live.room.document.case == notice.case:
                if notice.person is not None:
                    live.end_person(notice.person, AccessChanged(), judged_before=notice.number)
                if notice.case is not None:
                    live.tell(CASE_CHANGED)

    async def drain(self) -> None:
        """Accept nothing more, let what is on its way be journalled and acknowledged, then close every session
        (1012)."""
        self.is_draining = True
        outstanding = {future for live in self._rooms.values() for future in live.submit()}
        if outstanding:
            await asyncio.wait(outstanding, timeout=DRAIN_SECONDS)
        await asyncio.sleep(0)  # the rooms' own callbacks on those futures run before they are asked to end
        for live in list(self._rooms.values()):
            live.end_all(Draining())
        self.watchers.end_all(Draining())

    def now(self) -> Now:
        """See `server.live.House`."""
        return Now(self._clock(), asyncio.get_running_loop().time())

    def spawn(self, work: Coroutine[None, None, None]) -> None:
        """See `server.live.House`."""
        if self._tasks is None:
            work.close()
            raise Draining
        self._tasks.create_task(work)

    def left(self, person: PersonId, document: DocumentId) -> None:
        """See `server.live.House`."""
        self.places.leave(person, document)

    def over(self, live: LiveRoom) -> None:
        """See `server.live.House`."""
        if self._rooms.get(live.room.document) is live:
            del self._rooms[live.room.document]
            self._left_bytes += live.room.replica.size
            self.bus.leave(live.room.document)

    async def _tick(self) -> None:
        await asyncio.sleep(TICK_SECONDS)
        while True:
            turns = in_turns(list(self._rooms.values()))
            for some in turns:
                for live in some:
                    if not live.is_over:
                        live.guard("room.tick_failed", live.tick)
                await asyncio.sleep(TICK_SECONDS / len(turns))
            if self._left_bytes > WORTH_GIVING_BACK_BYTES:
                self._left_bytes = 0
                await asyncio.to_thread(give_back)

    def _journal_went_back(self, document: DocumentId) -> None:
        """Entries that we hold are not there any more: rooms, and what the journal remembers, are of another time. Only
        a restart forgets it all. [BAK-8]"""
        log.error("hub.journal_went_back", document=str(document))
        self.failed = "the database was taken back to an earlier time while this server ran: see docs/backup.md"
        if (live := self._rooms.get(document)) is not None:
            live.end_all(StorageUnavailable())

    async def _compare_heads(self) -> None:
        """Find entries of other nodes whose bell never came: the last of a document has no later one to show the
        gap. [NODE-2]"""
        while True:
            await asyncio.sleep(COMPARE_SECONDS)
            try:
                documents = list(self._rooms)
                for start in range(0, len(documents), HEADS_AT_ONCE):
                    some = documents[start : start + HEADS_AT_ONCE]
                    known = {document: self._rooms[document].room.head for document in some if document in self._rooms}
                    for document, head in (await self._stores.journal.heads(some)).items():
                        if head < known.get(document, 0):
                            self._journal_went_back(document)
                        elif (live := self._rooms.get(document)) is not None:
                            live.rang(head)
            except Exception as error:  # whatever it was, later entries must be found
                log.warning("hub.heads_failed", trace=trace(error))

    async def _tell_presence(self) -> None:
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            try:
                self._presence.beat(self._own_cards(), asyncio.get_running_loop().time())
            except Exception as error:  # whatever it was, later words must be said
                log.error("hub.presence_failed", trace=trace(error))


def in_turns(rooms: Sequence[Item]) -> Sequence[Sequence[Item]]:
    """All of them, each once, in at least one and at most `MOST_TURNS` groups of about the same size."""
    turns = max(1, min(MOST_TURNS, len(rooms) // ROOMS_A_TURN))
    return [rooms[turn::turns] for turn in range(turns)]


async def _replica(stored: Stored) -> Replica:
    size = len(stored.snapshot.body if stored.snapshot else b"") + sum(len(entry.update) for entry in stored.entries)
    return await asyncio.to_thread(open_replica, stored) if size > LARGE_DOCUMENT_BYTES else open_replica(stored)
