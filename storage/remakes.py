"""Renditions that are made anew, in SQL: claims by the database's clock, each broken by a fence. [REN-11]

Locks are taken in the order in which everybody takes them: the case, the file, the claim.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    and_,
    case,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from storage.audit import record
from storage.clocks import now
from storage.database import Database
from storage.gallery import file_of
from storage.leases import term
from storage.ports.leases import Holder
from storage.ports.objects import ObjectKey
from storage.ports.remakes import Remade, Remake, RemakeLoad, Rules, finished
from storage.tables import files, media, remakes, renditions
from storage.upload_work import insert_renditions, outdate
from storage.uploads import lock_case
from workspace.errors import Conflict
from workspace.ids import CaseId, MediaId, Millis
from workspace.media import MOST_ATTEMPTS, Kind, Reason

_SHELVES: FromClause = files.join(media, media.c.id == files.c.media_id).outerjoin(
    remakes, remakes.c.file_id == files.c.id
)


class SqlRemakes:
    """`storage.ports.Remakes` on a Database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def waiting(self, rules: Rules) -> bool:
        """See the port."""
        return await self._database.read(partial(_is_waiting, rules=rules))

    async def load(self, rules: Rules) -> RemakeLoad:
        """See the port."""
        return await self._database.read(partial(_load, rules=rules))

    async def claim(self, rules: Rules, holder: Holder, seconds: float) -> Remake | None:
        """See the port. Nothing is the usual answer, and costs no write."""
        if not await self.waiting(rules):
            return None
        return await self._database.write(partial(_claim, rules=rules, holder=holder, seconds=seconds))

    async def renew(self, remakes: Collection[Remake], seconds: float) -> Collection[Remake]:
        """See the port."""
        return await self._database.write(partial(_renew, held=remakes, seconds=seconds)) if remakes else []

    async def release(self, remake: Remake, seconds: float, *, was_tried: bool = False) -> None:
        """See the port."""
        await self._database.write(partial(_release, remake=remake, seconds=seconds, was_tried=was_tried))

    async def refuse(self, remake: Remake, reason: Reason) -> None:
        """See the port."""
        await self._database.write(partial(_refuse, remake=remake, reason=reason))

    async def settle(self, remake: Remake, remade: Remade) -> None:
        """See the port."""
        await self._database.write(partial(_settle, remake=remake, remade=remade))

    async def ask(self, *, every: bool) -> None:
        """See the port."""
        await self._database.write(partial(_ask, every=every))

    async def end_replaced(self, before: Millis, most: int) -> Sequence[ObjectKey]:
        """See the port."""
        return await self._database.write(partial(_end_replaced, before=before, most=most))


def _wanted(rules: Rules) -> ColumnElement[int]:
    """By which rules a file's renditions should be."""
    return case(*((media.c.kind == kind, number) for kind, number in rules.items()), else_=0)


def _is_older(rules: Rules) -> ColumnElement[bool]:
    """First by what an index knows: most of the time nothing is."""
    return and_(files.c.rules < max(rules.values()), files.c.rules < _wanted(rules))


def _is_free(connection: Connection, rules: Rules) -> ColumnElement[bool]:
    """Older than the rules, and nobody holds it; what failed by earlier rules is tried by these."""
    columns, at, wanted = remakes.c, now(connection), _wanted(rules)
    is_over = or_(columns.ends <= at, columns.begins - at > columns.ends - columns.begins)
    is_free = or_(columns.file_id.is_(None), columns.rules < wanted, and_(columns.reason.is_(None), is_over))
    return and_(_is_older(rules), is_free)


def _is_waiting(connection: Connection, rules: Rules) -> bool:
    query = select(files.c.id).select_from(_SHELVES).where(_is_free(connection, rules)).limit(1)
    return connection.execute(query).first() is not None


def _load(connection: Connection, rules: Rules) -> RemakeLoad:
    wanted = _wanted(rules)
    has_failed = and_(remakes.c.reason.is_not(None), remakes.c.rules >= wanted)
    failed = func.coalesce(func.sum(case((has_failed, 1), else_=0)), 0)
    query = select(func.count(), failed).select_from(_SHELVES).where(_is_older(rules))
    older, failures = connection.execute(query).one()
    return RemakeLoad(int(older) - int(failures), int(failures))


def _claim(connection: Connection, rules: Rules, holder: Holder, seconds: float) -> Remake | None:
    columns = remakes.c
    query = (
        select(files, media.c.case_id, media.c.kind, columns.rules.label("tried"), columns.attempts, columns.fence)
        .select_from(_SHELVES)
        .where(_is_free(connection, rules))
        # What ended a worker lets the others go first; then what came last, which is looked at most.
        .order_by(func.coalesce(columns.attempts, 0), files.c.at.desc(), files.c.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=files)
    )
    row = connection.execute(query).first()
    if row is None:
        return None
    kind, chosen = Kind(row.kind), term(now(connection), seconds)
    wanted = rules[kind]
    attempts = 1 + (row.attempts if row.tried == wanted else 0)
    fence = 1 + (row.fence or 0)
    is_lost = attempts > MOST_ATTEMPTS
    values = {
        "rules": wanted,
        "attempts": attempts,
        "reason": Reason.WORKER_LOST if is_lost else None,
        "holder": None if is_lost else holder,
        "fence": fence,
        "begins": 0 if is_lost else chosen.begins,
        "ends": 0 if is_lost else chosen.ends,
    }
    if row.tried is None:
        connection.execute(insert(remakes).values(file_id=row.id, **values))
    else:
        connection.execute(update(remakes).where(columns.file_id == row.id).values(values))
    if is_lost:
        _tell_if_finished(connection, CaseId(row.case_id), MediaId(row.media_id), wanted)
        return None
    return Remake(CaseId(row.case_id), kind, file_of(row, ()), wanted, attempts, holder, fence)


def _renew(connection: Connection, held: Collection[Remake], seconds: float) -> Collection[Remake]:
    chosen = term(now(connection), seconds)
    still = []
    for each in sorted(held, key=lambda remake: remake.file.id):  # in one order: two workers must not wait for another
        row = update(remakes).where(_is_held(each)).values(begins=chosen.begins, ends=chosen.ends)
        if connection.execute(row).rowcount == 1:
            still.append(each)
    return still


def _is_held(remake: Remake) -> ColumnElement[bool]:
    columns = remakes.c
    return and_(columns.file_id == remake.file.id, columns.fence == remake.fence, columns.holder == remake.holder)


def _release(connection: Connection, remake: Remake, seconds: float, *, was_tried: bool) -> None:
    pause = term(now(connection), seconds)
    attempts = remake.attempts if was_tried else remake.attempts - 1
    values = {"holder": None, "attempts": attempts, "begins": pause.begins, "ends": pause.ends}
    if connection.execute(update(remakes).where(_is_held(remake)).values(values)).rowcount != 1:
        raise Conflict("somebody else makes it anew")


def _refuse(connection: Connection, remake: Remake, reason: Reason) -> None:
    _expect(connection, remake)
    values = {"holder": None, "reason": reason, "begins": 0, "ends": 0}
    connection.execute(update(remakes).where(remakes.c.file_id == remake.file.id).values(values))
    _tell_if_finished(connection, remake.case, remake.file.media, remake.rules)


def _settle(connection: Connection, remake: Remake, remade: Remade) -> None:
    _expect(connection, remake)
    at = now(connection)
    in_use = update(renditions).where(renditions.c.file_id == remake.file.id, renditions.c.replaced_at.is_(None))
    connection.execute(in_use.values(replaced_at=at))
    insert_renditions(connection, remake.file.id, remade.renditions)
    shape = remade.shape
    values = {
        "rules": remake.rules,
        "attributes": remade.attributes,
        "width": shape.width,
        "height": shape.height,
        "frames": shape.frames,
        "seconds": shape.seconds,
    }
    connection.execute(update(files).where(files.c.id == remake.file.id).values(values))
    connection.execute(delete(remakes).where(remakes.c.file_id == remake.file.id))
    outdate(connection, remake.file.media, at)
    _tell_if_finished(connection, remake.case, remake.file.media, remake.rules)


def _expect(connection: Connection, remake: Remake) -> None:
    """The claim, which is held until the transaction has ended. Raises: Conflict."""
    lock_case(connection, remake.case)  # a redaction may be taking the file's place
    held = connection.execute(select(files.c.id).where(files.c.id == remake.file.id).with_for_update()).first()
    query = select(remakes.c.file_id).where(_is_held(remake), remakes.c.rules == remake.rules).with_for_update()
    if held is None or connection.execute(query).first() is None:
        raise Conflict("somebody else makes it anew, or it is gone")


def _tell_if_finished(connection: Connection, chosen: CaseId, medium: MediaId, rules: int) -> None:
    """One event for a medium of hundreds of files: when none of them waits any more."""
    refused = exists().where(remakes.c.file_id == files.c.id, remakes.c.reason.is_not(None))
    mine = select(func.count()).select_from(files).where(files.c.media_id == medium)
    if connection.execute(mine.where(files.c.rules < rules, ~refused)).scalar_one() == 0:
        made = connection.execute(mine.where(files.c.rules >= rules)).scalar_one()
        record(connection, finished(chosen, medium, int(made)))


def _ask(connection: Connection, *, every: bool) -> None:
    connection.execute(delete(remakes).where(remakes.c.reason.is_not(None)))
    if every:
        connection.execute(update(files).values(rules=0))


def _end_replaced(connection: Connection, before: Millis, most: int) -> Sequence[ObjectKey]:
    columns = renditions.c
    query = (
        select(columns.object_key)
        .join(files, files.c.id == columns.file_id)
        .join(media, media.c.id == files.c.media_id)
        .where(columns.replaced_at < before, media.c.manifest_of == media.c.files_version)
        .order_by(columns.object_key)
        .limit(most)
    )
    keys = [ObjectKey(str(key)) for key in connection.execute(query).scalars()]
    connection.execute(delete(renditions).where(columns.object_key.in_(keys)))
    return keys
