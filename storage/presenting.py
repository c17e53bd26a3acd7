"""Who presents, in SQL, by the database's clock."""

from __future__ import annotations

from functools import partial

from sqlalchemy import Connection, Row, insert, select, update

from storage import events
from storage.audit import record
from storage.clocks import now
from storage.database import Database
from storage.leases import Term, term
from storage.notices import leave
from storage.people import exists
from storage.ports.presenting import Presenter, ShowingPage
from storage.tables import cases, credentials, presenters
from workspace.audit import SYSTEM, Action, Cause
from workspace.errors import Conflict, NotFound
from workspace.ids import CaseId, ClientId, Millis, PersonId


class SqlPresenting:
    """`storage.ports.Presenting` on a Database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def now(self, case: CaseId) -> Presenter | None:
        """See the port."""
        return await self._database.read(partial(_now, case=case))

    async def begin(
        self, case: CaseId, page: ShowingPage, seconds: float, *, beyond: int = 0, cause: Cause = SYSTEM
    ) -> Presenter:
        """See the port."""
        return await self._database.write(
            partial(_begin, case=case, page=page, seconds=seconds, beyond=beyond, cause=cause)
        )

    async def take_over(
        self, case: CaseId, number: int, page: ShowingPage, seconds: float, cause: Cause = SYSTEM
    ) -> Presenter:
        """See the port."""
        return await self._database.write(
            partial(_take_over, case=case, number=number, page=page, seconds=seconds, cause=cause)
        )

    async def hand_over(
        self, case: CaseId, number: int, to: PersonId, seconds: float, cause: Cause = SYSTEM
    ) -> Presenter:
        """See the port."""
        return await self._database.write(
            partial(_hand_over, case=case, number=number, to=to, seconds=seconds, cause=cause)
        )

    async def renew(self, case: CaseId, number: int, page: ShowingPage, seconds: float) -> Presenter:
        """See the port."""
        return await self._database.write(partial(_renew, case=case, number=number, page=page, seconds=seconds))

    async def end(self, case: CaseId, number: int, cause: Cause = SYSTEM) -> None:
        """See the port."""
        await self._database.write(partial(_end, case=case, number=number, cause=cause))


def _now(connection: Connection, case: CaseId) -> Presenter | None:
    held = connection.execute(select(presenters).where(presenters.c.case_id == case)).first()
    if held is None or _is_over(connection, held, at := now(connection)):
        return None
    client = None if held.client is None else ClientId(held.client)
    return Presenter(PersonId(held.person), client, held.number, held.ends - at)


def _is_over(connection: Connection, held: Row[tuple[object, ...]], at: Millis) -> bool:
    if Term(held.begins, held.ends).is_over(at):
        return True
    if held.credential is None:
        return False
    sought = select(credentials.c.digest).where(credentials.c.digest == held.credential)
    return connection.execute(sought).first() is None


def _lock(connection: Connection, case: CaseId) -> None:
    """The case's row is the lock: it is there also before anybody ever presented. Raises: NotFound."""
    if connection.execute(select(cases.c.id).where(cases.c.id == case).with_for_update()).first() is None:
        raise NotFound


def _expect(connection: Connection, case: CaseId, number: int) -> Presenter:
    """Raises: Conflict when it is not that turn any more."""
    held = _now(connection, case)
    if held is None or held.number != number:
        raise Conflict("somebody else presents, or nobody")
    return held


def _begin(
    connection: Connection, case: CaseId, page: ShowingPage, seconds: float, beyond: int, cause: Cause
) -> Presenter:
    _lock(connection, case)
    held = _now(connection, case)
    is_free = held is None or held.number <= beyond
    if held is not None and not is_free and held.person != page.person:
        raise Conflict("somebody else presents")
    given = _give(connection, case, page.person, page, seconds)
    if is_free:
        record(connection, events.presenting(Action.PRESENTING_BEGUN, case, page.person, cause))
    leave(connection, None, case)
    return given


def _take_over(
    connection: Connection, case: CaseId, number: int, page: ShowingPage, seconds: float, cause: Cause
) -> Presenter:
    _lock(connection, case)
    _expect(connection, case, number)
    given = _give(connection, case, page.person, page, seconds)
    record(connection, events.presenting(Action.PRESENTING_TAKEN_OVER, case, page.person, cause))
    leave(connection, None, case)
    return given


def _hand_over(
    connection: Connection, case: CaseId, number: int, to: PersonId, seconds: float, cause: Cause
) -> Presenter:
    _lock(connection, case)
    _expect(connection, case, number)
    if not exists(connection, to):
        raise NotFound
    given = _give(connection, case, to, None, seconds)
    record(connection, events.presenting(Action.PRESENTING_HANDED_OVER, case, to, cause))
    leave(connection, None, case)
    return given


def _give(
    connection: Connection, case: CaseId, person: PersonId, page: ShowingPage | None, seconds: float
) -> Presenter:
    """The next turn, which is theirs. The case is locked."""
    before = connection.execute(select(presenters.c.number).where(presenters.c.case_id == case)).scalar_one_or_none()
    chosen = term(now(connection), seconds)
    row = {
        "person": person,
        "client": page.client if page else None,
        "credential": page.credential if page else None,
        "number": (before or 0) + 1,
        "begins": chosen.begins,
        "ends": chosen.ends,
    }
    if before is None:
        connection.execute(insert(presenters).values(case_id=case, **row))
    else:
        connection.execute(update(presenters).where(presenters.c.case_id == case).values(row))
    return Presenter(person, page.client if page else None, (before or 0) + 1, chosen.ends - chosen.begins)


def _renew(connection: Connection, case: CaseId, number: int, page: ShowingPage, seconds: float) -> Presenter:
    chosen = term(now(connection), seconds)
    columns = presenters.c
    # Only the row itself is locked: this is written every few seconds, and nobody is told.
    held = connection.execute(select(presenters).where(columns.case_id == case).with_for_update()).first()
    if held is None or held.number != number or held.person != page.person:
        raise Conflict("somebody else presents, or nobody")
    if _is_over(connection, held, chosen.begins):
        raise Conflict("it ended by itself")
    connection.execute(
        update(presenters)
        .where(columns.case_id == case)
        .values(client=page.client, credential=page.credential, begins=chosen.begins, ends=chosen.ends)
    )
    return Presenter(page.person, page.client, number, chosen.ends - chosen.begins)


def _end(connection: Connection, case: CaseId, number: int, cause: Cause) -> None:
    _lock(connection, case)
    held = _now(connection, case)
    if held is None or held.number != number:
        return
    connection.execute(update(presenters).where(presenters.c.case_id == case).values(begins=0, ends=0, credential=None))
    record(connection, events.presenting(Action.PRESENTING_ENDED, case, held.person, cause))
    leave(connection, None, case)
