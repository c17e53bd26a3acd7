"""A room brought to life: its lines, its timing, its traffic with the journal.

Everything here runs as plain callbacks on the one event loop and never awaits, so a room needs neither lock nor task
(`docs/adr/0002`). All that happens in one turn of the loop is gathered into one append and, when the room is busy, one
flush.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Coroutine, Iterator, Sequence
from functools import partial
from typing import Protocol, assert_never

import structlog

from server.compactor import Compactor
from server.defects import is_defect
from server.line import Line
from server.lines import Lines
from server.logs import trace
from server.meters import Meters
from server.problem import outcome_of
from storage.ports import Bus, Journal
from workspace.effects import Effect, End, ReadJournal, Send, Show
from workspace.entries import Append, Entry, Outcome, Rejected
from workspace.errors import (
    ConsiliumError,
    InvalidMessage,
    StorageFull,
    StorageUnavailable,
    Superseded,
    Unauthenticated,
)
from workspace.ids import DocumentId, PersonId, Seq, SessionId
from workspace.limits import Limits
from workspace.messages import ClientMessage, ServerMessage
from workspace.room import Now, Room
from workspace.update import UpdateFacts

log = structlog.get_logger("consilium.room")

CROWD = 50
"""Above this many sessions a busy room gathers longer, in proportion: each flush is a write to all of them."""
AWARENESS_PATIENCE_SECONDS = 0.05
"""How long a cursor waits for its letter: most commits take a few milliseconds, and a slow disk must not hide
people."""
BUSY_EDITS = 5_000
"""How many edits, however small, may be on their way: each costs a kilobyte beside its own bytes."""
BUSY_UPDATES = 4
"""How many of the largest updates may be on their way to the disk before a room stops reading its sockets."""
READ_AT_ONCE = 1_000
LEFT, DETACHED = "left", "detached"
"""Why a session ended that nobody sent away, in the log."""


class House(Protocol):
    """What a live room needs of the hub."""

    meters: Meters
    bus: Bus

    @property
    def is_full(self) -> bool:
        """Whether there is no room for edits."""
        ...

    def now(self) -> Now:
        """The time."""
        ...

    def spawn(self, work: Coroutine[None, None, None]) -> None:
        """Run work in the hub's task group; it handles its own errors."""
        ...

    def left(self, person: PersonId, document: DocumentId) -> None:
        """A session of this person with this document ended."""
        ...

    def over(self, live: LiveRoom) -> None:
        """This room is not to be used again."""
        ...


class LiveRoom:
    """A room with the outside world attached.

    Invariants: (1) effects are performed in their order; (2) a room whose journal failed is never used again: its
    sessions end, and the document is opened afresh from what the journal holds; (3) each session's line is told before
    it is dropped.
    """

    def __init__(self, room: Room, journal: Journal, limits: Limits, house: House, compactor: Compactor) -> None:
        self.room = room
        self.is_over = False
        self._journal = journal
        self._limits = limits
        self._house = house
        self._loop = asyncio.get_running_loop()
        self._lines = Lines()
        self._appends: list[Append] = []
        self._appends_since = 0.0
        self._unacknowledged_since: float | None = None
        self._outstanding: dict[asyncio.Future[Sequence[Outcome]], float] = {}
        """Appends that the journal has not answered, and since when the oldest edit in each waits."""
        self._turn_is_due = False
        self._flush_timer: asyncio.TimerHandle | None = None
        self._flush_due = 0.0
        self._flushed_at = 0.0
        self._is_reading = False
        self._must_read = False
        self._compactor = compactor
        self._idle_since = self._loop.time()

    @property
    def waiting_bytes(self) -> Iterator[int]:
        """What waits to be sent, of each line."""
        return (line.socket.waiting_bytes for line in self._lines)

    @property
    def waiting_since(self) -> float | None:
        """When the oldest edit arrived that the journal has not answered, by the loop's clock."""
        return min(self._outstanding.values(), default=None)

    @property
    def max_update_bytes(self) -> int:
        """A larger update is refused unread."""
        return self._limits.max_update_bytes

    def join(self, line: Line) -> None:
        """Seat a session."""
        greeting = self.room.join(line.session)
        line.began_at = self._loop.time()
        self._lines.add(line)
        self._perform(greeting)

    def hear(self, session: SessionId, message: ClientMessage, facts: UpdateFacts | None = None) -> None:
        """A client said something; `facts` are those of its update if somebody has read it already."""
        line = self._lines.get(session)
        if line is None:
            return
        self.guard("room.receive_failed", lambda: self._receive(line, message, facts), line)
        if self._is_laden:
            self._lines.pause(line)
        self._want_turn()

    def _receive(self, line: Line, message: ClientMessage, facts: UpdateFacts | None) -> None:
        effects = self.room.receive(line.session.id, message, self._house.now(), facts)
        line.heard += 1
        for effect in effects:
            if isinstance(effect, Append):
                line.edits += 1
        self._perform(effects)

    def end(self, session: SessionId, error: ConsiliumError) -> None:
        """Send one session away."""
        self.guard("room.end_failed", lambda: self._perform([End(session, error)]))
        self._want_turn()

    def rang(self, seq: Seq) -> None:
        """See `storage.ports.Ear`."""
        if seq > self.room.head and not self.is_over:
            self._read()

    def told(self, states: bytes) -> None:
        """See `storage.ports.Ear`."""
        if self.is_over:
            return
        try:
            self.room.awareness.hear(states, self._house.now().steady)
        except InvalidMessage:
            log.warning("room.bus_unreadable", document=str(self.room.document))
        self._want_turn()

    def asked(self) -> None:
        """See `storage.ports.Ear`."""
        if not self.is_over and (states := self.room.awareness.ours()) is not None:
            self._house.bus.tell(self.room.document, states)

    def may_have_missed(self) -> None:
        """See `storage.ports.Ear`. The others missed as much."""
        if not self.is_over:
            self._read()
            self.asked()
            self._house.bus.ask(self.room.document)

    def spawn(self, work: Coroutine[None, None, None]) -> None:
        """Run work for one of this room's sessions; it handles its own errors."""
        self._house.spawn(work)

    def leave(self, session: SessionId, code: int | None = None) -> None:
        """The client is gone, by this closing code; without one it left the document alone and the socket stays."""
        self.guard("room.leave_failed", lambda: self._leave(session, code))
        self._want_turn()

    def _leave(self, session: SessionId, code: int | None) -> None:
        if (left := self._drop(session)) is not None:
            left.tell_end(self.room.document, DETACHED if code is None else LEFT, code, self._loop.time())

    def end_person(self, person: PersonId, error: ConsiliumError, *, judged_before: int) -> None:
        """End the sessions of one person that were judged before the notice of this number."""
        ends = [End(session, error) for session in self._lines.of(person, judged_before=judged_before)]
        self.guard("room.end_failed", lambda: self._perform(ends))
        self._want_turn()

    def tell(self, message: ServerMessage) -> None:
        """Say something to everybody here, whose wire has a word for it."""
        self._lines.say(message, self._house.now().steady)

    def tick(self) -> None:
        """Once a second: who fell silent, whose sign-in ends, what may be tidied."""
        now = self._house.now()
        self.room.awareness.expire(now.steady - self._limits.awareness_seconds)
        signed_out = self._lines.remind(now, self._limits.keepalive_seconds)
        self._perform([End(session, Unauthenticated()) for session in signed_out])
        self._tidy(now.steady)
        self._want_turn()

    def _tidy(self, now: float) -> None:
        compactor, behind = self._compactor, self._compactor.behind(self.room)
        is_idle = not self._lines and now - self._idle_since > self._limits.idle_room_seconds
        if not compactor.is_busy and behind and (is_idle or behind >= self._limits.compact_every):
            compactor.is_busy = True
            self._house.spawn(compactor.run(self.room))
        elif is_idle and self.room.is_settled and not compactor.is_busy and not self._outstanding:
            self._finish()

    def submit(self) -> Collection[asyncio.Future[Sequence[Outcome]]]:
        """Send what waits to the journal now; the answers that are still to come."""
        if self._appends:
            batch, self._appends = self._appends, []
            future = self._journal.append(batch)
            self._outstanding[future] = self._appends_since
            future.add_done_callback(partial(self._answered, batch, self._appends_since))
        return self._outstanding.keys()

    def end_all(self, error: ConsiliumError) -> None:
        """Show and say what is decided, end every session, and be over."""
        self.guard("room.end_failed", lambda: self._perform(self.room.end_all(error)))
        self._finish()

    def _want_turn(self) -> None:
        if not self._turn_is_due:
            self._turn_is_due = True
            self._loop.call_soon(self._turn)

    def _turn(self) -> None:
        self._turn_is_due = False
        if not self.is_over:
            self.guard("room.turn_failed", self._take_turn)

    def _take_turn(self) -> None:
        self.submit()
        self._flush_if_due()

    def _answered(self, batch: list[Append], since: float, future: asyncio.Future[Sequence[Outcome]]) -> None:
        del self._outstanding[future]
        self._house.meters.journal.observe(self._loop.time() - since)
        if self.is_over:
            future.cancelled() or future.exception()  # looked at, so that asyncio does not report it
            return
        if not future.cancelled() and isinstance(future.exception(), StorageFull):
            self._house.meters.journal_failures.inc(len(batch))
            self.guard("room.answer_failed", partial(self._postpone, batch))
            return
        if future.cancelled() or future.exception() is not None:
            # Whether it was committed is unknown: clients come back and send again what they hold unacknowledged.
            log.error("room.journal_failed", document=str(self.room.document), appends=len(batch))
            self._house.meters.journal_failures.inc(len(batch))
            self.end_all(StorageUnavailable())
            return
        if self._unacknowledged_since is None:
            self._unacknowledged_since = since
        self.guard("room.answer_failed", partial(self._take_answers, batch, future.result()))

    def _postpone(self, appends: Sequence[Append]) -> None:
        """[STO-10] The disk is full. Who wrote comes back later with what was not saved; who reads stays."""
        self._perform(self.room.postponed(appends, StorageFull()))
        self._resume_unless_laden()

    def _take_answers(self, batch: list[Append], results: Sequence[Outcome]) -> None:
        self._perform(self.room.answered(batch, results))
        self._house.meters.edits.inc(sum(isinstance(result, Entry) for result in results))
        self._house.bus.ring(self.room.document, self.room.head)
        if any(isinstance(result, Rejected) and isinstance(result.error, Superseded) for result in results):
            self._finish()  # [JRN-9] who comes next must hear from the journal where it goes on
            return
        self._flush_if_due()
        self._resume_unless_laden()

    @property
    def _is_laden(self) -> bool:
        room = self.room
        return room.in_flight > BUSY_EDITS or room.in_flight_bytes > BUSY_UPDATES * self._limits.max_update_bytes

    def _resume_unless_laden(self) -> None:
        if self._lines.has_paused and not self._is_laden:
            self._lines.resume()

    def _flush_if_due(self) -> None:
        """The leading edge at once, then gather. Awareness alone gives the edits that are on their way to the disk a
        moment: a cursor is shown with the letter that moved it, in one write."""
        if not self.room.has_news:
            return
        now = self._loop.time()
        due = self._flushed_at + self._limits.gather_seconds * max(1.0, len(self._lines) / CROWD)
        if self._outstanding and not self.room.has_decided:
            due = max(due, now + AWARENESS_PATIENCE_SECONDS)
        if self._flush_timer is not None:
            if self._flush_due <= due:
                return
            self._flush_timer.cancel()
        if due <= now:
            self._flush()
        else:
            self._flush_due = due  # remembered here: uvloop's handle cannot be asked once its time has come
            self._flush_timer = self._loop.call_at(due, self._flush)

    def _flush(self) -> None:
        self._flush_timer = None
        if not self.is_over:
            self._flushed_at = self._loop.time()
            self.guard("room.flush_failed", lambda: self._perform(self.room.flush()))
            if (states := self.room.awareness.untold()) is not None:
                self._house.bus.tell(self.room.document, states)
            if self._unacknowledged_since is not None:
                self._house.meters.acks.observe(self._loop.time() - self._unacknowledged_since)
                self._unacknowledged_since = None

    def _perform(self, effects: Sequence[Effect]) -> None:
        now = self._loop.time()
        for effect in effects:
            match effect:
                case Append() if self._house.is_full:
                    self._postpone([effect])
                case Append():
                    if not self._appends:
                        self._appends_since = now
                    self._appends.append(effect)
                case Send(session, messages):
                    if (line := self._lines.get(session)) is not None:
                        line.say(messages, now)
                case Show():
                    self._lines.show(effect, now)
                case End(session, error):
                    if (ended := self._drop(session)) is not None:
                        self._send_away(ended, error, now)
                case ReadJournal():
                    self._read()
                case _:
                    assert_never(effect)

    def _send_away(self, line: Line, error: ConsiliumError, now: float) -> None:
        line.tell_end(self.room.document, error.reason, outcome_of(error).close_code, now)
        line.end(error, now)

    def _drop(self, session: SessionId) -> Line | None:
        line = self._lines.get(session)
        if line is not None:
            self.room.leave(session)
            self._lines.remove(line)  # not before: a line that is not listed is ended by nobody
            self._house.left(line.session.person.id, self.room.document)
            if not self._lines:
                self._idle_since = self._loop.time()
        return line

    def _read(self) -> None:
        self._house.meters.resyncs.inc()
        self._must_read = True  # a read that is under way may have looked too early
        if not self._is_reading:
            self._is_reading = True
            self._house.spawn(self._read_journal())

    async def _read_journal(self) -> None:
        try:
            while self._must_read and not self.is_over:
                self._must_read = False
                entries = await self._journal.read(self.room.document, after=self.room.head, limit=READ_AT_ONCE)
                self._must_read |= len(entries) == READ_AT_ONCE
                if not self.is_over:
                    self.guard("room.read_failed", partial(self._take_entries, entries))
        except Exception as error:
            log.error("room.read_failed", document=str(self.room.document), trace=trace(error))
            self.end_all(StorageUnavailable())
        finally:
            self._is_reading = False

    def _take_entries(self, entries: Sequence[Entry]) -> None:
        self._perform(self.room.committed(entries))
        self._flush_if_due()
        self._resume_unless_laden()

    def guard(self, event: str, work: Callable[[], object], line: Line | None = None) -> None:
        """Do a piece of work, maybe for one line. A defect of ours in it is logged once and ends this room's sessions,
        and only those."""
        try:
            work()
        except BaseException as error:
            if not is_defect(error):
                raise
            whose = {} if line is None else {"session": line.session.id, "request": line.request}
            log.error(event, document=str(self.room.document), **whose, trace=trace(error))
            self._house.meters.defects.inc()
            self._abandon()

    def _abandon(self) -> None:
        """End every session without asking the room, which may be in any state."""
        lines = self._lines.take_all()
        self._finish()
        now = self._house.now().steady
        for line in lines:
            self._house.left(line.session.person.id, self.room.document)
            self._send_away(line, ConsiliumError(), now)

    def _finish(self) -> None:
        """Not to be used again, however often it is said."""
        self.is_over = True
        if self._flush_timer is not None:
            self._flush_timer.cancel()
            self._flush_timer = None
        self._house.over(self)
