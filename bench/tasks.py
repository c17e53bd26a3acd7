"""What the measuring process and the load process say to each other, as JSON on standard input and output."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bench.wires import WireName


@dataclass(frozen=True, slots=True)
class Door:
    """The way of one person into one room."""

    path: str
    address: str
    """The document's name, for Hocuspocus."""
    token: str
    """Empty where nobody asks for one."""


@dataclass(frozen=True, slots=True)
class Place:
    """A running server."""

    wire: WireName
    acknowledges: bool
    host: str
    port: int
    pid: int


@dataclass(frozen=True, slots=True)
class Typing:
    """People who type in rooms: S1 and S2."""

    place: Place
    rooms: list[list[Door]]
    """Per room, the door of each person; the first `typists` of a room type, all are present."""
    typists: int
    keystrokes_per_second: float
    warm_up_seconds: float
    seconds: float
    seed: int
    kind: Literal["typing"] = "typing"


@dataclass(frozen=True, slots=True)
class TakeIn:
    """One person sends a whole history, edit by edit: S3."""

    place: Place
    door: Door
    history: str
    kind: Literal["take-in"] = "take-in"


@dataclass(frozen=True, slots=True)
class ColdOpen:
    """One person opens a document that the server has only in its store: S3."""

    place: Place
    door: Door
    text_sha256: str
    kind: Literal["cold-open"] = "cold-open"


@dataclass(frozen=True, slots=True)
class Idle:
    """One person in each room, who wrote a line and now does nothing: S4."""

    place: Place
    doors: list[Door]
    kind: Literal["idle"] = "idle"


Task = Typing | TakeIn | ColdOpen | Idle


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Milliseconds; None where nothing was measured."""

    p50: float | None
    p99: float | None


@dataclass(frozen=True, slots=True)
class Counts:
    """Letters, awareness states, and states that a receiver never got because it got a newer one of the same person."""

    edits: int
    states: int
    superseded: int

    def __sub__(self, other: Counts) -> Counts:
        return Counts(self.edits - other.edits, self.states - other.states, self.superseded - other.superseded)


@dataclass(frozen=True, slots=True)
class Typed:
    """What came of `Typing`: in the measured seconds and, from `sent` on, in the whole run."""

    measured: Counts
    server_cpu_seconds: float
    load_cpu_seconds: float
    seconds: float
    edit_ms: Quantiles
    state_ms: Quantiles
    ack_ms: Quantiles
    late_ms: Quantiles
    """How much later than planned the load sent its keystrokes."""
    sent: Counts
    arrived: Counts
    """What reached another client, each receiver counted, until 10 s after the last was sent."""
    missing: int
    """Letters and last states that some receiver in the same room did not have by then."""
    kind: Literal["typing"] = "typing"

    @property
    def deliveries(self) -> int:
        """Letters and states that reached another client."""
        return self.measured.edits + self.measured.states


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What came of `TakeIn`. CPU includes the storing that goes on after the last acknowledgement."""

    updates: int
    seconds: float
    server_cpu_seconds: float
    load_cpu_seconds: float
    kind: Literal["take-in"] = "take-in"


@dataclass(frozen=True, slots=True)
class Opened:
    """What came of `ColdOpen`: milliseconds since the first byte went out to connect."""

    step2_ms: float
    complete_ms: float
    """When the text was whole."""
    received_bytes: int
    kind: Literal["cold-open"] = "cold-open"


@dataclass(frozen=True, slots=True)
class Idled:
    """What came of `Idle`."""

    rooms: int
    rss_before: int
    rss_after: int
    kind: Literal["idle"] = "idle"


Outcome = Typed | TakenIn | Opened | Idled
