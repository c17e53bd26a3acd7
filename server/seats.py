"""How a session gets its seat: judged by the one door, named by the server, seated in the live room."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass, replace

from server.access import Access, OpenCase
from server.edge import Socket
from server.hub import Hub
from server.line import Dialect, Line
from server.live import LiveRoom
from workspace import policy
from workspace.audit import Action, Event
from workspace.case import Principal
from workspace.cutting import cut
from workspace.errors import ConsiliumError, InvalidMessage
from workspace.ids import DocumentId, SessionId
from workspace.messages import ClientMessage, SyncStep2, Update
from workspace.session import Session, card_of
from workspace.update import read_update

LARGE_UPDATE_BYTES = 64 * 1024
"""What is read in one turn of the loop: up to 40 ms when it is made of the smallest structs."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """A principal who was let through the door to one document, and the newest change of rights known before."""

    principal: Principal
    opened: OpenCase
    document: DocumentId
    judged_after: int


@dataclass(slots=True, eq=False)
class Seat:
    """An open session. What it hears is heard in order, also when one message takes long to read. [ROOM-21]"""

    live: LiveRoom
    line: Line
    _waiting: deque[ClientMessage] | None = None
    _has_left: bool = False
    _code: int | None = None

    @property
    def session(self) -> SessionId:
        """The session's id."""
        return self.line.session.id

    def hear(self, message: ClientMessage) -> None:
        """The client said something."""
        if self._waiting is not None:
            self._waiting.append(message)
        elif isinstance(message, Update | SyncStep2) and self._is_large(message.update):
            self._waiting = deque()
            self.line.socket.pause()
            self.live.spawn(self._read_apart(message))
        else:
            self.live.hear(self.session, message)

    def leave(self, code: int | None = None) -> None:
        """The client is gone, or only detached (no code); harmless when it was ended already. What it said before is
        still heard."""
        self._has_left, self._code = True, code
        if self._waiting is None:
            self.live.leave(self.session, code)

    def _is_large(self, update: bytes) -> bool:
        return LARGE_UPDATE_BYTES < len(update) <= self.live.max_update_bytes

    async def _read_apart(self, message: Update | SyncStep2) -> None:
        """Read a large update in a thread, leave out there what is held, then hear it and what came after it."""
        try:
            facts = await asyncio.to_thread(read_update, message.update)
            news = self.live.room.replica.missing(facts)
            if news is not facts and not news.is_empty:
                with suppress(RuntimeError):  # a defect, which the room will meet too, and tell of
                    update, facts = await asyncio.to_thread(cut, message.update, news)
                    message = replace(message, update=update)
        except InvalidMessage as error:
            self.live.end(self.session, error)
        else:
            self.live.hear(self.session, message, facts)
        finally:
            waiting, self._waiting = self._waiting or deque(), None
            self.line.socket.resume()
        for later in waiting:
            self.hear(later)
        if self._has_left:
            self.leave(self._code)


async def judge(hub: Hub, access: Access, who: Coroutine[None, None, Principal], document: DocumentId) -> Admitted:
    """Find out who asks and let them through the door.

    Raises: NotFound, Superseded, Unauthenticated, StorageUnavailable.

    The number of the newest notice is taken first. A later one may have been missed by the judgement and ends the
    session; an earlier one was not, whenever the hub comes to read it. [ROOM-10]
    """
    try:
        judged_after = await hub.notices.latest()
    except ConsiliumError:
        who.close()
        raise
    principal = await who
    opened = await access.open_case(principal, document.case)
    found = await access.find_document(opened, document.name)
    await access.note(Event(Action.DOCUMENT_OPENED, principal.cause, found.case, found.name))  # [AUD-5]
    return Admitted(principal, opened, found, judged_after)


def take_seat(
    hub: Hub,
    live: LiveRoom,
    admitted: Admitted,
    dialect: Dialect,
    socket: Socket,
    *,
    hears_refusals: bool,
    request: str = "",
) -> Seat:
    """Seat an admitted principal, whose place was reserved; the room greets it at once. Raises: Draining,
    AccessChanged; the place is given back then."""
    person = admitted.principal.person
    session = Session(
        id=hub.new_session_id(),
        person=person,
        card=card_of(person, admitted.opened.role),
        may_write=admitted.opened.access(admitted.document) is policy.Access.WRITE,
        hears_refusals=hears_refusals,
    )
    line = Line(session, dialect, socket, admitted.principal.expires_at, admitted.judged_after, request)
    try:
        hub.join(live, line)
    except BaseException:
        hub.places.give_back(person.id, admitted.document)
        raise
    return Seat(live, line)
