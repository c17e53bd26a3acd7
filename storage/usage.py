"""How much room things take, counted in SQL."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import ColumnElement, Connection, Table, func, select, text

from storage.database import Database
from storage.ports import CaseUsage, Used
from storage.tables import cases, documents, entries, people, pictures, snapshots
from workspace.ids import CaseId


class SqlUsage:
    """`storage.ports.Usage` on a Database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def measure(self) -> Used:
        """See the port."""
        return await self._database.read(_measure)


def _measure(connection: Connection) -> Used:
    entry_bytes = _sum_by_case(connection, entries)
    snapshot_bytes = _sum_by_case(connection, snapshots)
    # `head` is the number of entries, because seqs have no gaps [JRN-2].
    counted = select(documents.c.case_id, func.count(), func.sum(documents.c.head)).group_by(documents.c.case_id)
    held = {case: (many, heads) for case, many, heads in connection.execute(counted).all()}
    listed = []
    for case in connection.execute(select(cases.c.id)).scalars():
        many, heads = held.get(case, (0, 0))
        listed.append(CaseUsage(CaseId(case), many, int(heads), entry_bytes[case] + snapshot_bytes[case]))
    return Used(
        database_bytes=_database_bytes(connection),
        people=_one(connection, func.count(people.c.id)),
        pictures=_one(connection, func.count(pictures.c.person)),
        picture_bytes=_one(connection, func.coalesce(func.sum(pictures.c.length), 0)),
        entry_bytes=sum(entry_bytes.values()),
        snapshots=_one(connection, func.count(snapshots.c.seq)),
        snapshot_bytes=sum(snapshot_bytes.values()),
        cases=sorted(listed, key=lambda each: (-each.bytes, each.case)),
    )


def _sum_by_case(connection: Connection, table: Table) -> defaultdict[str, int]:
    query = (
        select(documents.c.case_id, func.sum(table.c.length))
        .select_from(table.join(documents, table.c.document == documents.c.id))
        .group_by(documents.c.case_id)
    )
    return defaultdict(int, {case: int(total) for case, total in connection.execute(query).all()})


def _one(connection: Connection, what: ColumnElement[int]) -> int:
    return int(connection.execute(select(what)).scalar_one())


def _database_bytes(connection: Connection) -> int:
    if connection.dialect.name != "sqlite":
        return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
    pages, size = (
        int(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()) for name in ("page_count", "page_size")
    )
    return pages * size
