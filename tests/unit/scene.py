"""A room and the people in it, without any I/O: what the tests of the core build their scenes from."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pycrdt import Doc, Text

from storage.memory.history import MemoryHistory
from workspace.case import Person, Role, Standing
from workspace.compaction import open_replica
from workspace.effects import Effect, End, ReadJournal, Send, Show
from workspace.entries import Append, Entry, Outcome
from workspace.errors import ConsiliumError
from workspace.ids import CaseId, DocumentId, DocumentName, Millis, OpId, PersonId, SessionId, UpdateBytes
from workspace.limits import Limits
from workspace.messages import ClientMessage, ServerMessage, SyncStep2, Update
from workspace.room import Now, Room
from workspace.session import Session, card_of
from workspace.update import read_update

DOCUMENT = DocumentId(CaseId("c" * 16), DocumentName("record"))
NOW = Now(Millis(1_700_000_000_000), 1_000.0)


def person(letter: str) -> Person:
    """Somebody whose id is that letter."""
    return Person(PersonId(letter * 16), f"{letter}@example.org", f"Dr {letter.upper()}", Standing.CLINICIAN)


ADA, BEN, EVE = person("a"), person("b"), person("e")


class Replica:
    """A browser's copy of the document."""

    def __init__(self, client: int) -> None:
        self.doc: Doc[Text] = Doc(client_id=client)
        self.text: Text = self.doc.get("text", type=Text)

    def type(self, words: str, at: int | None = None) -> UpdateBytes:
        """The update that typing makes."""
        before = self.doc.get_state()
        self.text.insert(len(str(self.text).encode()) if at is None else at, words)
        return UpdateBytes(self.doc.get_update(before))

    def erase(self, start: int, end: int) -> UpdateBytes:
        """The update that deleting makes."""
        before = self.doc.get_state()
        del self.text[start:end]
        return UpdateBytes(self.doc.get_update(before))

    def take(self, updates: Iterable[bytes]) -> Replica:
        """Apply updates in order."""
        for update in updates:
            self.doc.apply_update(update)
        return self

    @property
    def state(self) -> bytes:
        return self.doc.get_state()

    def __str__(self) -> str:
        return str(self.text)


@dataclass
class Scene:
    """A room on a journal in memory. `settle` is the world's part of an edit; before it, nothing may be shown."""

    history: MemoryHistory
    limits: Limits
    room: Room
    appends: list[Append] = field(default_factory=list)
    told: dict[SessionId, list[ServerMessage]] = field(default_factory=dict)
    ended: dict[SessionId, ConsiliumError] = field(default_factory=dict)
    reads: int = 0
    log: list[Effect] = field(default_factory=list)
    """Every effect, in order."""

    def seat(
        self, who: Person, number: int, *, may_write: bool = True, hears_refusals: bool = True
    ) -> tuple[SessionId, list[ServerMessage]]:
        """Join; the session's id, and the list that what it is told goes to."""
        session = SessionId(number)
        told = self.told[session] = []
        card = card_of(who, Role.CONTRIBUTOR)
        self.perform(self.room.join(Session(session, who, card, may_write, hears_refusals)))
        return session, told

    def hear(self, session: SessionId, *messages: ClientMessage) -> list[Effect]:
        """Messages arrive."""
        return [e for m in messages for e in self.perform(self.room.receive(session, m, NOW))]

    def perform(self, effects: list[Effect]) -> list[Effect]:
        self.log += effects
        for effect in effects:
            match effect:
                case Append():
                    self.appends.append(effect)
                case ReadJournal():
                    self.reads += 1
                case Send(session, messages):
                    self.told[session] += messages
                case Show(messages, skip):
                    for session in self.room.sessions.keys() - {skip}:
                        self.told[session] += messages
                case End(session, error):
                    self.ended[session] = error
                    self.room.leave(session)
        return effects

    def commit(self) -> list[Outcome]:
        """The journal writes what waits."""
        return self.history.append(self.appends)

    def answer(self, results: Sequence[Outcome]) -> list[Effect]:
        """The journal's answer arrives."""
        appends, self.appends = self.appends[: len(results)], self.appends[len(results) :]
        return self.perform(self.room.answered(appends, results))

    def settle(self) -> list[Effect]:
        """Commit, answer, flush: everything on its way arrives."""
        return [*self.answer(self.commit()), *self.perform(self.room.flush())]

    def forget(self) -> None:
        """Nobody was told anything so far."""
        for told in self.told.values():
            told.clear()

    def elsewhere(self, who: Person, update: UpdateBytes) -> Entry:
        """Another node journals an update of somebody there."""
        op, clients = OpId(next(_elsewhere).to_bytes(16, "big")), {each.client for each in read_update(update).structs}
        (result,) = self.history.append([Append(op, DOCUMENT, update, who.id, frozenset(clients), NOW.wall)])
        assert isinstance(result, Entry)
        return result


_elsewhere = itertools.count(1_000_000)


def scene(limits: Limits | None = None, history: MemoryHistory | None = None, *, is_shared: bool = False) -> Scene:
    """A room of `DOCUMENT`, opened from what its journal holds."""
    if history is None:
        history = MemoryHistory()
        history.add_case(DOCUMENT.case)
    limits = limits or Limits()
    stored = history.open(DOCUMENT)
    ops = (OpId(number.to_bytes(16, "big")) for number in itertools.count(len(stored.entries) * 1_000 + 1))
    room = Room(DOCUMENT, open_replica(stored), stored.owners, limits, ops, is_shared=is_shared)
    return Scene(history, limits, room)


def updates(told: Iterable[ServerMessage]) -> list[bytes]:
    """What was told of the document, in order."""
    return [message.update for message in told if isinstance(message, Update | SyncStep2)]


def kinds(told: Iterable[ServerMessage]) -> list[type[ServerMessage]]:
    """What kinds of messages were told, in order."""
    return [type(message) for message in told]
