"""What a room asks of the world, in the order in which it must happen."""

from __future__ import annotations

from dataclasses import dataclass

from workspace.entries import Append
from workspace.errors import ConsiliumError
from workspace.ids import Seq, SessionId
from workspace.messages import ServerMessage


@dataclass(frozen=True, slots=True)
class Send:
    """To one session."""

    session: SessionId
    messages: tuple[ServerMessage, ...]


@dataclass(frozen=True, slots=True)
class Show:
    """To every session but `skip` (the only author of what is shown), encoded once per wire, in one write each."""

    messages: tuple[ServerMessage, ...]
    skip: SessionId | None


@dataclass(frozen=True, slots=True)
class End:
    """End one session; the socket closes with the error's code."""

    session: SessionId
    error: ConsiliumError


@dataclass(frozen=True, slots=True)
class ReadJournal:
    """Entries after `after` are missing here: another node wrote them. Read them and call `Room.committed`."""

    after: Seq


Effect = Append | Send | Show | End | ReadJournal
