"""How a session gets its seat: judged by the one door, named by the server, seated in the live room."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass

from server.access import Access, OpenCase
from server.edge import Socket
from server.hub import Hub
from server.line import Dialect, Line
from server.live import LiveRoom
from workspace import policy
from workspace.case import Principal
from workspace.ids import DocumentId, SessionId
from workspace.messages import ClientMessage
from workspace.session import Session, card_of


@dataclass(frozen=True, slots=True)
class Admitted:
    """A principal who was let through the door to one document, and the newest change of rights known before."""

    principal: Principal
    opened: OpenCase
    document: DocumentId
    judged_after: int


@dataclass(frozen=True, slots=True)
class Seat:
    """An open session."""

    live: LiveRoom
    line: Line

    @property
    def session(self) -> SessionId:
        """The session's id."""
        return self.line.session.id

    def hear(self, message: ClientMessage) -> None:
        """The client said something."""
        self.live.hear(self.session, message)

    def leave(self) -> None:
        """The client is gone; harmless when it was ended already."""
        self.live.leave(self.session)


async def judge(hub: Hub, access: Access, who: Awaitable[Principal], document: DocumentId) -> Admitted:
    """Find out who asks and let them through the door.

    Raises: NotFound, Superseded, Unauthenticated, StorageUnavailable.

    The number of the newest notice is taken first. A later one may have been missed by the judgement and ends the
    session; an earlier one was not, whenever the hub comes to read it. [ROOM-10]
    """
    judged_after = await hub.latest_notice()
    principal = await who
    opened = await access.open_case(principal, document.case)
    return Admitted(principal, opened, await access.find_document(opened, document.name), judged_after)


def take_seat(
    hub: Hub, live: LiveRoom, admitted: Admitted, dialect: Dialect, socket: Socket, *, hears_refusals: bool
) -> Seat:
    """Seat an admitted principal; the room greets it at once. Raises: Draining, TooManySessions, AccessChanged."""
    person = admitted.principal.person
    session = Session(
        id=hub.new_session_id(),
        person=person,
        card=card_of(person, admitted.opened.role),
        may_write=admitted.opened.access(admitted.document) is policy.Access.WRITE,
        hears_refusals=hears_refusals,
    )
    line = Line(session, dialect, socket, admitted.principal.expires_at, admitted.judged_after)
    hub.join(live, line)
    return Seat(live, line)
