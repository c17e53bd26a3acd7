"""One client's connection to one document, as the room sees it."""

from __future__ import annotations

import zlib
from collections import deque
from dataclasses import dataclass, field
from typing import Literal, assert_never

from workspace.awareness import Speaker
from workspace.case import Person, Role
from workspace.errors import ConsiliumError
from workspace.ids import PersonId, SessionId
from workspace.messages import Accepted, Refused

COLOURS = ("#0f766e", "#b45309", "#6d28d9", "#be123c", "#1d4ed8", "#4d7c0f", "#a21caf", "#0369a1", "#9a3412", "#4338ca")
"""Each has a contrast of at least 4.5 to white, so that a name can stand on it."""


def colour_of(person: PersonId) -> str:
    """A person's colour, `#rrggbb`. It follows from the id, so it is the same everywhere and for ever."""
    return COLOURS[zlib.crc32(person.encode("ascii")) % len(COLOURS)]


def card_of(person: Person, role: Role | None) -> dict[str, str]:
    """What others are told of a person in a room."""
    return {"id": person.id, "name": person.name, "role": role.value if role else "", "color": colour_of(person.id)}


Verdict = Literal["waiting", "accepted"] | ConsiliumError


@dataclass(slots=True, eq=False)
class Answer:
    """What will be said about one inbound SyncStep2 or Update."""

    verdict: Verdict


@dataclass(slots=True, eq=False)
class Session:
    """A seat in a room. `may_write` is judged when the session opens; a change of rights ends the session.

    Invariant: inbound edits are answered one by one and in their order, whatever order they were decided in, because
    clients count the answers.
    """

    id: SessionId
    person: Person
    card: dict[str, str]
    """What others are told of this person: id, name, role, colour."""
    may_write: bool
    hears_refusals: bool
    """Whether the wire can say "this edit was refused"; where it cannot, the socket closes instead."""
    missing: int = 0
    """Updates of this session that wait for predecessors."""
    asked_for_gap: bool = False
    answers: deque[Answer] = field(default_factory=deque)

    @property
    def speaker(self) -> Speaker:
        """The session as the author of its awareness."""
        return Speaker(self.id, self.person.id, self.card)

    def expect_answer(self, verdict: Verdict) -> Answer:
        """Note that one edit came in."""
        answer = Answer(verdict)
        self.answers.append(answer)
        return answer

    def due_answers(self) -> list[Accepted | Refused]:
        """Take the answers that are decided and whose predecessors are."""
        due: list[Accepted | Refused] = []
        while self.answers and (verdict := self.answers[0].verdict) != "waiting":
            self.answers.popleft()
            match verdict:
                case ConsiliumError():
                    due.append(Refused(verdict))
                case "accepted":
                    match due:
                        case [*_, Accepted(count)]:
                            due[-1] = Accepted(count + 1)
                        case _:
                            due.append(Accepted())
                case _:
                    assert_never(verdict)
        return due
