"""A session and what carries it: its wire's dialect, its socket, and until when it is signed in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog

from server.edge import Socket, frame
from server.logs import SESSION_ENDED
from workspace.errors import ConsiliumError
from workspace.ids import DocumentId, Millis
from workspace.messages import Closed, ServerMessage
from workspace.session import Session

log = structlog.get_logger("consilium.session")


class Dialect(Protocol):
    """How one session's wire spells messages (`workspace.wire`, `workspace.hocuspocus`)."""

    @property
    def broadcast_key(self) -> object:
        """Sessions with equal keys get the same bytes for what is shown to all."""
        ...

    def encode(self, messages: Sequence[ServerMessage]) -> list[bytes]:
        """The payloads of the frames that say these messages; none for what this wire has no word for."""
        ...


@dataclass(slots=True, eq=False)
class Line:
    """One open session. `expires_at` moves when the client signs in again."""

    session: Session
    dialect: Dialect
    socket: Socket
    expires_at: Millis
    judged_after: int
    """The number of a notice; later ones may change what was judged."""
    request: str = ""
    """The name of the request that opened the socket: with the session's number it is one of a kind on all nodes."""
    asked_to_sign_in: bool = False
    began_at: float = 0.0
    heard: int = 0
    edits: int = 0
    said_at: float = 0.0

    def say(self, messages: Sequence[ServerMessage], now: float) -> None:
        """Send to this session alone, in one write."""
        payloads = self.dialect.encode(messages)
        if payloads:
            self.carry(frame(payloads), now)

    def carry(self, framed: bytes, now: float) -> None:
        """Send bytes that are already framed."""
        self.said_at = now
        self.socket.write(framed)

    def tell_end(self, document: DocumentId, reason: str, code: int | None, now: float) -> None:
        """The session's one line in the log; `code` is None while the socket stays open for others. [LOG-4]"""
        log.info(
            SESSION_ENDED,
            session=self.session.id,
            request=self.request,
            document=str(document),
            person=self.session.person.id,
            reason=reason,
            code=code,
            seconds=round(now - self.began_at, 1),
            heard=self.heard,
            edits=self.edits,
        )

    def end(self, error: ConsiliumError, now: float) -> None:
        """Say why, then close: a stock client that only lost its document would go on sending into nothing."""
        self.say([Closed(error.reason)], now)
        self.socket.end(error)
