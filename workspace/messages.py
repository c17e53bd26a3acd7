"""What clients and server say to each other, whatever the wire: a closed set of values.

`workspace.wire` spells them as y-websocket frames, `workspace.hocuspocus` as Hocuspocus frames.
"""

from __future__ import annotations

from dataclasses import dataclass

from workspace.errors import ConsiliumError


@dataclass(frozen=True, slots=True)
class SyncStep1:
    """ "This is what I have; send me the rest." A state vector, not yet checked when it comes from a client."""

    state_vector: bytes


@dataclass(frozen=True, slots=True)
class SyncStep2:
    """The answer to SyncStep1: all that the asker lacks. An update, not yet checked when it comes from a client."""

    update: bytes


@dataclass(frozen=True, slots=True)
class Update:
    """One edit, or several merged. An update, not yet checked when it comes from a client."""

    update: bytes


@dataclass(frozen=True, slots=True)
class Awareness:
    """Who is here and where: an encoded awareness update, not yet checked when it comes from a client."""

    update: bytes


@dataclass(frozen=True, slots=True)
class QueryAwareness:
    """ "Send me all awareness." """


@dataclass(frozen=True, slots=True)
class SignIn:
    """Hocuspocus Auth, client to server: a token (may be empty when the socket itself is signed in)."""

    token: str


@dataclass(frozen=True, slots=True)
class Stateless:
    """A text outside the document, Hocuspocus only."""

    text: str


@dataclass(frozen=True, slots=True)
class Detach:
    """Hocuspocus Close, client to server: leave this document, keep the socket."""


@dataclass(frozen=True, slots=True)
class Pong:
    """The answer to Ping; of the whole socket, not of a document."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A message type this server does not know; its payload cannot be skipped, so the frame ends here."""

    type: int


@dataclass(frozen=True, slots=True)
class SignInWanted:
    """Hocuspocus Auth 0, server to client: "send your token (again)"."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Hocuspocus Auth 2, server to client: the scope this session has."""

    may_write: bool


@dataclass(frozen=True, slots=True)
class Denied:
    """Auth refused, or an edit refused on a wire that has no better word; `reason` is public text."""

    reason: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """`count` edits of this session are journalled, counted from the last Accepted or Refused.

    Hocuspocus: that many SyncStatus 1. y-websocket: message 100 with the running total, if the client asked for it.
    """

    count: int = 1


@dataclass(frozen=True, slots=True)
class Refused:
    """One edit of this session was not saved, and why. Hocuspocus: SyncStatus 0 and a stateless message."""

    error: ConsiliumError


@dataclass(frozen=True, slots=True)
class Closed:
    """Hocuspocus Close, server to client: this document is closed to you; `reason` is public text."""

    reason: str


@dataclass(frozen=True, slots=True)
class Ping:
    """ "Are you there?", of the whole socket. y-websocket has no ping; an empty awareness update serves."""


ClientMessage = (
    SyncStep1 | SyncStep2 | Update | Awareness | QueryAwareness | SignIn | Stateless | Detach | Pong | Unknown
)
ServerMessage = (
    SyncStep1
    | SyncStep2
    | Update
    | Awareness
    | SignInWanted
    | SignedIn
    | Denied
    | Accepted
    | Refused
    | Stateless
    | Closed
    | Ping
)
