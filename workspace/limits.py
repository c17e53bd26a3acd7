"""Every bound a client meets, in one value. `server.settings` fills it from `CONSILIUM_*`; `docs/settings.md` explains
each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes, times in seconds. Each default is arbitrary within a factor of a few unless it says why."""

    max_frame_bytes: int = 8 * 1024 * 1024
    """One WebSocket frame. Room for a large paste with its awareness; above it the socket closes with 1009."""
    max_update_bytes: int = 4 * 1024 * 1024
    """One update. Reading is linear: up to a second per MiB of the smallest structs, in a thread."""
    max_document_bytes: int = 16 * 1024 * 1024
    """What holding a document may come to, its bytes and what its scattered ranges take; a further edit is refused,
    reading goes on.
    A newcomer gets all of it: 13 s at 10 Mbit/s, and clients drop a link that brings nothing whole for 30 s."""
    max_awareness_bytes: int = 16 * 1024
    """One client's awareness state."""
    max_frames_per_second: int = 200
    """Messages per session, averaged; a fast typist with a moving cursor makes 20."""
    frame_burst: int = 600
    """How many messages a session may send at once before the average counts: a reconnect after offline work."""
    max_missing_updates: int = 1_000
    """Updates of one session that wait for predecessors: their cost is quadratic (4,000 took 1.2 s)."""
    max_sessions_per_room: int = 1_000
    max_sessions_per_person: int = 100
    """On all nodes; a person with 100 tabs has another problem."""
    max_sessions: int = 100_000
    """On all nodes: what the installation was sized for."""
    max_sessions_per_node: int = 10_000
    """An idle one costs some 25 KB; ten thousand people who type would be too much for one process long before."""
    max_lag_seconds: float = 1.0
    """By how much a timer may be late, again and again: every edit waits as long."""
    max_journal_seconds: float = 3.0
    """How long the oldest edit may wait for the disk; after three seconds pages say that it is not saved yet."""
    max_documents_per_socket: int = 100
    max_unsigned_bytes: int = 1024 * 1024
    """What a socket may send before it is signed in; the reference allows 5 MiB."""
    max_unsigned_messages: int = 1_000
    max_outbox_bytes: int = 16 * 1024 * 1024
    """What may wait for one socket beside the largest thing that does. More closes it with 1013; the client comes back
    and syncs by state vector."""
    hello_seconds: float = 10.0
    """How long a socket may stay silent before it has said what it came for."""
    keepalive_seconds: float = 12.0
    """Clients drop a link that was silent for 30 s."""
    awareness_seconds: float = 30.0
    """A state dies this long after its last renewal (y-protocols)."""
    idle_room_seconds: float = 60.0
    """How long a room without sessions stays in memory."""
    gather_seconds: float = 0.004
    """How long a busy room gathers before it shows; a quiet one shows at once."""
    compact_every: int = 500
    """Entries after the newest snapshot before a new one is written in the background."""
