"""Leases in SQL, by the database's clock."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import NamedTuple

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from storage.clocks import now
from storage.database import Database
from storage.ports.leases import Holder, Lease
from storage.tables import leases
from workspace.errors import Conflict
from workspace.ids import Millis


class Term(NamedTuple):
    """For how long a lease was taken or renewed, by the database's clock."""

    begins: Millis
    ends: Millis

    def is_over(self, now: Millis) -> bool:
        """Also when it begins further ahead than it is long: then the clock was set back, and waiting for the end of
        such a term could take years."""
        return self.ends <= now or self.begins - now > self.ends - self.begins


def term(now: Millis, seconds: float) -> Term:
    """From now on."""
    return Term(now, Millis(now + round(seconds * 1000)))


class SqlLeases:
    """`storage.ports.Leases` on a Database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def acquire(self, name: str, holder: Holder, seconds: float) -> Lease | None:
        """See the port."""
        try:
            return await self._database.write(partial(_acquire, name=name, holder=holder, seconds=seconds))
        except IntegrityError:  # there was no row, and somebody else was first to make it
            return None

    async def renew(self, leases: Collection[Lease], seconds: float) -> Collection[Lease]:
        """See the port."""
        return await self._database.write(partial(_renew, held=leases, seconds=seconds)) if leases else []

    async def release(self, lease: Lease) -> None:
        """See the port."""
        over = update(leases).where(leases.c.name == lease.name, leases.c.fence == lease.fence).values(ends=0)
        await self._database.write(lambda connection: connection.execute(over))


def expect(connection: Connection, lease: Lease) -> None:
    """Part of a transaction that only the lease's holder may make: nobody takes the lease before it has ended.

    Raises: Conflict when somebody else took it, however long ago this holder froze.
    """
    held = select(leases.c.fence).where(leases.c.name == lease.name).with_for_update(read=True)
    if connection.execute(held).scalar_one_or_none() != lease.fence:
        raise Conflict("somebody else holds the lease")


def _acquire(connection: Connection, name: str, holder: Holder, seconds: float) -> Lease | None:
    held = connection.execute(select(leases).where(leases.c.name == name).with_for_update()).first()
    chosen = term(now(connection), seconds)
    if held is None:
        row = {"name": name, "holder": holder, "fence": 1, "begins": chosen.begins, "ends": chosen.ends}
        connection.execute(insert(leases).values(row))
        return Lease(name, holder, 1)
    if held.holder != holder and not Term(held.begins, held.ends).is_over(chosen.begins):
        return None
    taken = Lease(name, holder, held.fence + 1)
    connection.execute(
        update(leases)
        .where(leases.c.name == name)
        .values(holder=holder, fence=taken.fence, begins=chosen.begins, ends=chosen.ends)
    )
    return taken


def _renew(connection: Connection, held: Collection[Lease], seconds: float) -> Collection[Lease]:
    chosen = term(now(connection), seconds)
    still = []
    for lease in sorted(held, key=lambda each: each.name):  # in one order: two nodes must not wait for each other
        row = update(leases).where(leases.c.name == lease.name, leases.c.fence == lease.fence)
        if connection.execute(row.values(begins=chosen.begins, ends=chosen.ends)).rowcount == 1:
            still.append(lease)
    return still
