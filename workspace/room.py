"""The live state of one document on one node: frames in, effects out. SPEC rules ROOM-*.

The journey of an edit: `receive` checks it and asks for `Append` · the world journals it · `answered` applies it ·
`flush` shows it to the others and then acknowledges it. Nothing that is not in the journal is ever applied, shown or
acknowledged.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import assert_never

from workspace.awareness import AwarenessStates
from workspace.brought import Brought
from workspace.cutting import cut
from workspace.effects import Effect, End, ReadJournal, Send, Show
from workspace.entries import Append, Covered, Entry, Outcome, Rejected
from workspace.errors import (
    ConsiliumError,
    DocumentFull,
    ForeignClient,
    Incoherent,
    InvalidMessage,
    ReadOnly,
    Superseded,
    UpdateTooLarge,
)
from workspace.ids import ClientId, DocumentId, Millis, OpId, PersonId, Seq, SessionId, UpdateBytes
from workspace.limits import Limits
from workspace.messages import (
    Awareness,
    ClientMessage,
    Detach,
    Pong,
    QueryAwareness,
    ServerMessage,
    SignedIn,
    SignIn,
    Stateless,
    SyncStep1,
    SyncStep2,
    Unknown,
    Update,
)
from workspace.replica import RANGE_BYTES, Replica, fold
from workspace.session import Answer, Session
from workspace.update import UpdateFacts, read_state_vector, read_update

MERGE_AT_MOST = 8
"""`merge_updates` is about quadratic; several messages in one write do the rest."""


@dataclass(frozen=True, slots=True)
class Now:
    """The time as two clocks tell it: `wall` is written into the journal, `steady` measures intervals in seconds."""

    wall: Millis
    steady: float


@dataclass(frozen=True, slots=True)
class _InFlight:
    session: SessionId
    answer: Answer
    update: UpdateBytes
    facts: UpdateFacts


class Room:
    """One document's sessions, replica and awareness.

    Invariants: (1) the replica holds exactly entries 1…`head`, in order; (2) an edit is applied, shown and acknowledged
    only once the journal returned its entry; (3) it is shown to the others before its author is told; (4) every inbound
    SyncStep2 or Update is answered exactly once, in order; (5) no byte of a client reaches Rust before our reader has
    passed it.
    """

    def __init__(
        self,
        document: DocumentId,
        replica: Replica,
        owners: dict[ClientId, PersonId],
        limits: Limits,
        op_ids: Iterator[OpId],
        *,
        is_shared: bool = False,
    ) -> None:
        """`is_shared`: there may be other nodes, which are to be told who is here."""
        self.document = document
        self.replica = replica
        self.awareness = AwarenessStates(limits.max_awareness_bytes, is_shared=is_shared)
        self.sessions: dict[SessionId, Session] = {}
        self._owners = owners
        self._limits = limits
        self._op_ids = op_ids
        self._is_shared = is_shared
        self._in_flight: dict[OpId, _InFlight] = {}
        self._in_flight_bytes = 0
        self._on_the_way: Brought | None = None
        self._covered: deque[Covered] = deque()
        self._ahead: dict[Seq, Entry] = {}
        self._news: list[tuple[UpdateBytes, SessionId | None]] = []
        self._answering: set[SessionId] = set()

    @property
    def head(self) -> Seq:
        """The newest entry applied."""
        return self.replica.seq

    @property
    def has_news(self) -> bool:
        """Whether `flush` would say something."""
        return self.has_decided or self.awareness.has_news

    @property
    def has_decided(self) -> bool:
        """Whether `flush` would show or answer an edit."""
        return bool(self._news or self._answering)

    @property
    def is_settled(self) -> bool:
        """Whether nothing waits for the journal: the room may be unloaded."""
        return not self._in_flight and not self._ahead

    @property
    def in_flight(self) -> int:
        """How many edits are on their way to the disk."""
        return len(self._in_flight)

    @property
    def in_flight_bytes(self) -> int:
        """Edits that wait for the journal: the world stops feeding a room that has too many."""
        return self._in_flight_bytes

    def join(self, session: Session) -> list[Effect]:
        """Seat a session: say what it may do, what we have, and who is here."""
        self.sessions[session.id] = session
        greeting: list[ServerMessage] = [SignedIn(session.may_write), SyncStep1(self.replica.state_vector())]
        here = self.awareness.all()
        if here is not None:
            greeting.append(Awareness(here))
        return [Send(session.id, tuple(greeting))]

    def leave(self, session: SessionId) -> None:
        """The session is gone. What it sent is journalled all the same."""
        if self.sessions.pop(session, None) is not None:
            self.awareness.leave(session)
            self._answering.discard(session)

    def receive(
        self, session_id: SessionId, message: ClientMessage, now: Now, facts: UpdateFacts | None = None
    ) -> list[Effect]:
        """Take one message of a seated session. A message that cannot be read ends its session, and only that.

        `facts` are what `read_update` said of the message's update, if it was asked already.
        """
        session = self.sessions.get(session_id)
        if session is None:
            return []  # it was ended while this message waited
        try:
            return self._dispatch(session, message, now, facts)
        except InvalidMessage as error:
            return [End(session_id, error)]

    def _dispatch(self, session: Session, message: ClientMessage, now: Now, facts: UpdateFacts | None) -> list[Effect]:
        match message:
            case SyncStep1(state_vector):
                return [Send(session.id, self._answer_sync(state_vector))]
            case Update(update) | SyncStep2(update):
                return self._edit(session, update, facts, now, is_step2=isinstance(message, SyncStep2))
            case Awareness(update):
                self.awareness.receive(session.speaker, update, self._owners, now.steady)
                return []
            case QueryAwareness():
                here = self.awareness.all()
                return [Send(session.id, (Awareness(here),))] if here is not None else []
            case Stateless() | SignIn() | Detach() | Pong() | Unknown():
                return []  # no meaning inside a room: the socket's affair, or ignored
            case _:
                assert_never(message)

    def _answer_sync(self, state_vector: bytes) -> tuple[ServerMessage, ...]:
        *earlier, last = self.replica.answer(read_state_vector(state_vector))
        return (*map(Update, earlier), SyncStep2(last))  # last, because the client calls itself synced on it

    def _edit(
        self, session: Session, update: bytes, facts: UpdateFacts | None, now: Now, *, is_step2: bool
    ) -> list[Effect]:
        if len(update) > self._limits.max_update_bytes:
            return self._refuse(session, UpdateTooLarge(f"{len(update)} > {self._limits.max_update_bytes} bytes"))
        facts = facts or read_update(update)
        news = self.replica.missing(facts)
        if not session.may_write and not (news.is_empty and is_step2):
            return self._refuse(session, ReadOnly())
        if news.is_empty:
            session.expect_answer("accepted")
            self._answering.add(session.id)
            return []
        owners, person = self._owners, session.person.id
        unowned = frozenset(client for client, _, _ in news.structs if owners.get(client) != person)
        # What is another person's and new here another node may have journalled: then it is not new. [JRN-15]
        if not self._is_shared and not owners.keys().isdisjoint(unowned):
            return self._refuse(session, ForeignClient())
        if news is not facts:
            update, facts = cut(update, news)
        weight = len(update) + RANGE_BYTES * (len(facts.structs) + len(facts.deletes))
        if self.replica.weight + self._in_flight_bytes + weight > self._limits.max_document_bytes:
            return self._refuse(session, DocumentFull())
        op, follows, sent = next(self._op_ids), self._followed_by(news), UpdateBytes(update)
        self._in_flight[op] = _InFlight(session.id, session.expect_answer("waiting"), sent, facts)
        self._in_flight_bytes += len(sent)
        return [Append(op, self.document, sent, person, unowned, now.wall, news, self.head, follows)]

    def _followed_by(self, news: UpdateFacts) -> OpId | None:
        """The newest append on its way, if nothing is on its way already of what an update brings. Who comes back on
        another line sends that again; then the journal looks. [JRN-15]"""
        if not self._in_flight:
            self._on_the_way = None
            return None
        if self._on_the_way is None:
            self._on_the_way = Brought()
            for flying in self._in_flight.values():
                self._on_the_way.add(flying.facts)
        is_new = self._on_the_way.missing(news) is news
        self._on_the_way.add(news)
        return next(reversed(self._in_flight)) if is_new else None

    def _refuse(self, session: Session, error: ConsiliumError) -> list[Effect]:
        session.expect_answer(error)
        self._answering.add(session.id)
        # A reader goes on reading. Any other refusal leaves the client ahead of us for good, and a client that cannot
        # be told must not go on believing that it is saved.
        if session.hears_refusals or isinstance(error, ReadOnly):
            return []
        return [*self.flush(), End(session.id, error)]

    def answered(self, appends: Sequence[Append], results: Sequence[Outcome]) -> list[Effect]:
        """The journal's answer to appends of this room, in their order."""
        effects: list[Effect] = []
        for append, result in zip(appends, results, strict=True):
            match result:
                case Entry():
                    effects += self._committed(result)
                case Covered():
                    self._covered.append(result)
                    effects += self._accept_covered() if result.seq <= self.head else [ReadJournal(self.head)]
                case Rejected(error=error):
                    effects += self._rejected(append, error)
                case _:
                    assert_never(result)
        return effects

    def committed(self, entries: Sequence[Entry]) -> list[Effect]:
        """Entries read from the journal: ours or another node's, new or known, in any order."""
        return [effect for entry in entries for effect in self._committed(entry)]

    def _committed(self, entry: Entry) -> list[Effect]:
        if entry.seq <= self.head:
            if entry.op in self._in_flight:  # what stands there was another entry when we applied it [BAK-8]
                raise RuntimeError("the journal went back")
            return []
        if entry.seq > self.head + 1:
            self._ahead[entry.seq] = entry
            return [ReadJournal(self.head)]
        effects = self._apply(entry)
        while (following := self._ahead.pop(Seq(self.head + 1), None)) is not None:
            effects += self._apply(following)
        return effects + self._accept_covered() if self._covered else effects

    def _apply(self, entry: Entry) -> list[Effect]:
        flying = self._in_flight.get(entry.op)
        is_as_sent = flying is not None and flying.update == entry.update  # the journal may have left some out [JRN-15]
        facts = flying.facts if flying is not None and is_as_sent else read_update(entry.update)
        for client in self.replica.new_clients(facts):
            self._owners.setdefault(client, entry.author)
        self.replica.take(entry.seq, entry.update, facts)
        self._news.append((entry.update, flying.session if flying is not None else None))
        effects = self._settle(entry)
        if flying is not None and (session := self.sessions.get(flying.session)) is not None:
            effects += self._ask_for_gap(session, facts)
        return effects

    def _settle(self, entry: Entry) -> list[Effect]:
        flying = self._land(entry.op)
        if flying is not None:
            flying.answer.verdict = "accepted"
        return []

    def _accept_covered(self) -> list[Effect]:
        """What has no entry of its own is saved, and is acknowledged once all that it brought was applied here."""
        effects: list[Effect] = []
        while self._covered and self._covered[0].seq <= self.head:
            flying = self._land(self._covered.popleft().op)
            if flying is not None:
                flying.answer.verdict = "accepted"
                if (session := self.sessions.get(flying.session)) is not None:
                    effects += self._ask_for_gap(session, flying.facts)
        return effects

    def _land(self, op: OpId) -> _InFlight | None:
        flying = self._in_flight.pop(op, None)
        if flying is not None:
            self._in_flight_bytes -= len(flying.update)
            if flying.session in self.sessions:
                self._answering.add(flying.session)
        return flying

    def _ask_for_gap(self, session: Session, facts: UpdateFacts) -> list[Effect]:
        """What came is kept; what should have come before it is asked for, once per gap."""
        if not self.replica.waits(facts):
            session.asked_for_gap = False
            return []
        session.missing += 1
        if session.missing > self._limits.max_missing_updates:
            return [End(session.id, Incoherent(f"{session.missing} updates"))]
        if session.asked_for_gap:
            return []
        session.asked_for_gap = True
        return [Send(session.id, (SyncStep1(self.replica.state_vector()),))]

    def _rejected(self, append: Append, error: ConsiliumError) -> list[Effect]:
        if isinstance(error, Superseded):
            return self.end_all(error)
        flying = self._land(append.op)
        session = self.sessions.get(flying.session) if flying is not None else None
        if flying is None or session is None:
            return []
        flying.answer.verdict = error
        return [] if session.hears_refusals else [*self.flush(), End(session.id, error)]

    def postponed(self, appends: Sequence[Append], error: ConsiliumError) -> list[Effect]:
        """Nothing of these was written, and nothing will be before their clients come back with them: their sessions
        end, and only those. [STO-10]"""
        flown = [self._land(append.op) for append in appends]
        ended = dict.fromkeys(flying.session for flying in flown if flying is not None)
        return [*self.flush(), *(End(session, error) for session in ended if session in self.sessions)]

    def end_all(self, error: ConsiliumError) -> list[Effect]:
        """End every session, for a reason that is not theirs. What is decided is said first."""
        return [*self.flush(), *(End(session, error) for session in list(self.sessions))]

    def flush(self) -> list[Effect]:
        """Show what was committed and who moved, then acknowledge."""
        effects: list[Effect] = []
        shown = self._take_news()
        if shown is not None:
            effects.append(shown)
        answering, self._answering = self._answering, set()
        for session_id in answering:
            if (session := self.sessions.get(session_id)) is not None:
                effects += self._answers_of(session)
        return effects

    def _take_news(self) -> Show | None:
        news, self._news = self._news, []
        authors = {author for _, author in news}
        messages: list[ServerMessage] = [
            Update(fold([update for update, _ in news[start : start + MERGE_AT_MOST]]))
            for start in range(0, len(news), MERGE_AT_MOST)
        ]
        if self.awareness.has_news:
            authors.add(self.awareness.speaker_of_news())
            messages.append(Awareness(self.awareness.news()))
        if not messages:
            return None
        return Show(tuple(messages), authors.pop() if len(authors) == 1 else None)

    def _answers_of(self, session: Session) -> list[Effect]:
        due = session.due_answers()
        return [Send(session.id, tuple(due))] if due else []
