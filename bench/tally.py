"""What receivers got: letters and awareness states counted one by one, however a server gathers them into frames."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bench.people import Span, read_edits, read_states
from bench.tasks import Counts
from bench.wires import Kind, Message

CACHED_FRAMES = 256
"""All receivers of a room get the same bytes, so each frame is read once. Arbitrary; a few ticks' worth."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One frame, read."""

    messages: tuple[Message, ...]
    edits: tuple[Span, ...]
    states: tuple[tuple[int, int], ...]


@dataclass(slots=True)
class Reader:
    """Reads the frames of one room."""

    read: Callable[[bytes], list[Message]]
    _known: dict[bytes, Heard] = field(default_factory=dict)

    def hear(self, frame: bytes) -> Heard:
        """Read a frame, or remember what it said."""
        heard = self._known.get(frame)
        if heard is None:
            if len(self._known) >= CACHED_FRAMES:
                self._known.clear()
            heard = self._known[frame] = _digest(self.read(frame))
        return heard


def _digest(messages: list[Message]) -> Heard:
    edits = [span for m in messages if m.kind in (Kind.UPDATE, Kind.STEP_2) for span in read_edits(m.data)]
    states = [state for m in messages if m.kind is Kind.AWARENESS for state in read_states(m.data)]
    rest = tuple(m for m in messages if m.kind not in (Kind.UPDATE, Kind.AWARENESS))
    return Heard(rest, tuple(edits), tuple(states))


@dataclass(slots=True)
class Tally:
    """All that the load's clients sent and got. Times are seconds of `time.perf_counter`."""

    edits_sent_at: dict[int, list[float]] = field(default_factory=dict)
    """Per client id, when each letter was sent: the index is its clock."""
    states_sent_at: dict[int, list[float]] = field(default_factory=dict)
    """Per client id, when each state was sent: the index is its clock, of which 0 is never used."""
    edits: int = 0
    states: int = 0
    superseded: int = 0
    edit_latencies: list[float] = field(default_factory=list)
    state_latencies: list[float] = field(default_factory=list)
    ack_latencies: list[float] = field(default_factory=list)

    @property
    def sent(self) -> Counts:
        """How many letters and states were sent."""
        letters = sum(map(len, self.edits_sent_at.values()))
        return Counts(letters, sum(len(sent_at) - 1 for sent_at in self.states_sent_at.values()), 0)

    @property
    def arrived(self) -> Counts:
        """How many reached somebody else, each receiver counted."""
        return Counts(self.edits, self.states, self.superseded)

    def forget_latencies(self) -> None:
        """Begin to measure."""
        self.edit_latencies.clear()
        self.state_latencies.clear()
        self.ack_latencies.clear()


@dataclass(slots=True)
class Receiver:
    """One client's view. Counts each letter and each state of others once, at its first arrival."""

    tally: Tally
    client: int
    letters: dict[int, int] = field(default_factory=dict)
    """Per other client id, how many of its letters have arrived."""
    clocks: dict[int, int] = field(default_factory=dict)

    def take(self, heard: Heard) -> None:
        """A frame arrived, just now."""
        now = time.perf_counter()
        for client, clock, length in heard.edits:
            known = self.letters.get(client, 0)
            end = clock + length
            if client == self.client or end <= known:
                continue
            if clock > known:
                raise ValueError(f"letter {clock} of {client} arrived before letter {known}")
            self.letters[client] = end
            self.tally.edits += end - known
            sent_at = self.tally.edits_sent_at[client]
            for index in range(known, end):
                self.tally.edit_latencies.append(now - sent_at[index])
        for client, clock in heard.states:
            known = self.clocks.get(client, 0)
            if client == self.client or clock <= known:
                continue
            self.clocks[client] = clock
            self.tally.states += 1
            self.tally.superseded += clock - known - 1
            self.tally.state_latencies.append(now - self.tally.states_sent_at[client][clock])
