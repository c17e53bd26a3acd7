"""The sessions that sit in one room: whom to tell, whom to hear no more of for a while, whose sign-in ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from server.edge import frame
from server.line import Line
from workspace.effects import Show
from workspace.ids import PersonId, SessionId
from workspace.messages import Ping, ServerMessage, SignInWanted
from workspace.room import Now

ASK_BEFORE_MILLIS = 60_000
"""How long before a sign-in ends the client is asked for a fresh one."""


class Lines:
    """Their lines, in the order in which they sat down."""

    def __init__(self) -> None:
        self._lines: dict[SessionId, Line] = {}
        self._paused: set[Line] = set()

    def __len__(self) -> int:
        return len(self._lines)

    def __iter__(self) -> Iterator[Line]:
        """All of them; who ends meanwhile does no harm."""
        return iter(list(self._lines.values()))

    def get(self, session: SessionId) -> Line | None:
        """The line of a session, while it sits here."""
        return self._lines.get(session)

    def add(self, line: Line) -> None:
        """Seat a session."""
        self._lines[line.session.id] = line

    def remove(self, line: Line) -> None:
        """It sits here no more; what it has to say is read, by whoever holds its socket."""
        del self._lines[line.session.id]
        if line in self._paused:
            self._paused.discard(line)
            line.socket.resume()

    def take_all(self) -> Sequence[Line]:
        """All of them, none of whom sits here any more."""
        taken = list(self)
        self._lines.clear()
        self._paused.clear()
        return taken

    def of(self, person: PersonId, *, judged_before: int) -> Sequence[SessionId]:
        """The sessions of one person that were judged before the notice of this number."""
        return [
            line.session.id for line in self if line.session.person.id == person and line.judged_after < judged_before
        ]

    def pause(self, line: Line) -> None:
        """Read nothing more of it until `resume`."""
        if line.session.id in self._lines and line not in self._paused:
            line.socket.pause()
            self._paused.add(line)

    @property
    def has_paused(self) -> bool:
        """Whether there is anybody to `resume`."""
        return bool(self._paused)

    def resume(self) -> None:
        """Read everybody again."""
        paused, self._paused = self._paused, set()
        for line in paused:
            line.socket.resume()

    def say(self, message: ServerMessage, now: float) -> None:
        """Something to everybody whose wire has a word for it."""
        for line in self:
            line.say([message], now)

    def show(self, show: Show, now: float) -> None:
        """What the room shows, spelled and framed once for each way of spelling."""
        framed: dict[object, bytes] = {}
        for session, line in self._lines.items():
            if session == show.skip:
                continue
            key = line.dialect.broadcast_key
            spelled = framed.get(key)
            if spelled is None:
                spelled = framed[key] = frame(line.dialect.encode(show.messages))
            line.carry(spelled, now)

    def remind(self, now: Now, keepalive_seconds: float) -> Sequence[SessionId]:
        """Ask for fresh sign-ins, and say something to whom nothing was said for long. Gives those whose sign-in has
        ended."""
        ended: list[SessionId] = []
        for line in self:
            if line.expires_at <= now.wall:
                ended.append(line.session.id)
            elif line.expires_at - now.wall < ASK_BEFORE_MILLIS and not line.asked_to_sign_in:
                line.asked_to_sign_in = True
                line.say([SignInWanted()], now.steady)
            elif now.steady - line.said_at > keepalive_seconds:
                line.say([Ping()], now.steady)
        return ended
