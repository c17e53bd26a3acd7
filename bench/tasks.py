"""What the measuring process and the load process say to each other, as JSON on standard input and output."""

from __future__ import annotations

from dataclasses import dataclass, field
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
    port: int | None = None
    """Of the node that this person is on, when it is not the place's own."""


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
    others: dict[str, int] = field(default_factory=dict)
    """Processes beside the server's whose CPU is read too: name and pid."""
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
    watch_seconds: float = 0.0
    """How long to watch, once all rooms are open, what doing nothing costs."""
    others: dict[str, int] = field(default_factory=dict)
    """Processes beside the server's that are watched too: name and pid."""
    kind: Literal["idle"] = "idle"


@dataclass(frozen=True, slots=True)
class Reading:
    """How a browser comes to the document: ours after signing in, or a plain editor that talks to the place."""

    sections: list[str]
    """The fragments of the document, in reading order."""
    email: str
    password: str
    """Both empty where nobody signs in."""


@dataclass(frozen=True, slots=True)
class Fluency:
    """One person in a real browser, others by wire, all typing in one record of so many letters: S5 and S6."""

    place: Place
    doors: list[Door]
    """Of the others; the record is the document of the first."""
    reading: Reading
    letters: int
    keystrokes_per_second: float
    seconds: float
    seed: int
    kind: Literal["fluency"] = "fluency"


Task = Typing | TakeIn | ColdOpen | Idle | Fluency


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
    typed: int
    """Letters sent in the measured seconds."""
    joining_cpu_seconds: float
    """What the server's process spent until everybody was in."""
    others_cpu_seconds: dict[str, float]
    """Of the processes that the task named, in the measured seconds."""
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
    watched_cpu_seconds: dict[str, float] = field(default_factory=dict)
    """While nobody did anything; the server's own as `server`."""
    kind: Literal["idle"] = "idle"


@dataclass(frozen=True, slots=True)
class Felt:
    """What came of `Fluency`, as the browser's own clocks tell it."""

    open_ms: float
    """From the first request until the text can be written in."""
    paint_ms: Quantiles
    """From a key going down until the frame that shows it."""
    busy_share: float
    """Of the measured time, how much the page's main thread worked."""
    long_task_share: float
    """The part of that in tasks of over 50 ms, in which nothing moves."""
    heap_bytes: int
    server_cpu_seconds: float
    seconds: float
    keys: int
    missing: int
    """Letters of the others that did not show within 10 s."""
    kind: Literal["felt"] = "felt"


Outcome = Typed | TakenIn | Opened | Idled | Felt
