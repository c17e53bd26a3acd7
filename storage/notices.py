"""The tail of access notices: what a running server reads to judge open sessions again."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, func, insert, select

from storage.database import Database
from storage.ports import AccessNotice
from storage.tables import access_notices
from storage.turns import Turn, take
from workspace.ids import CaseId, PersonId

MAX_NOTICES = 1_000


def leave(connection: Connection, person: PersonId | None, case: CaseId | None) -> None:
    """[CAS-1] Part of the transaction that changes the right, and its last: neither is ever seen without the other.

    Numbers are given in turns, so that they are in commit order: a reader would pass over one that is seen late.
    Whoever has the turn must not wait for a row any more, since its holder may wait for the turn.
    """
    take(connection, Turn.NOTICE)
    connection.execute(insert(access_notices).values(person=person, case_id=case))


class SqlNotices:
    """`storage.ports.Notices` on a Database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def since(self, number: int) -> Sequence[AccessNotice]:
        """See the port."""
        columns = access_notices.c
        query = select(access_notices).where(columns.number > number).order_by(columns.number).limit(MAX_NOTICES)
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return [AccessNotice(row.number, row.person, row.case_id) for row in rows]

    async def latest(self) -> int:
        """See the port."""
        query = select(func.coalesce(func.max(access_notices.c.number), 0))
        return await self._database.read(lambda connection: int(connection.execute(query).scalar_one()))
