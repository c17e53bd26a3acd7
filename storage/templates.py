"""Templates in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from functools import partial

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from storage.audit import record
from storage.database import Database
from storage.events import template_changed, template_reset
from storage.people import exists
from storage.ports.templates import Template
from storage.tables import templates
from workspace.audit import SYSTEM, Cause
from workspace.errors import Conflict, NotFound
from workspace.ids import Millis, PersonId


class SqlTemplates:
    """`storage.ports.Templates` on a Database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> Sequence[Template]:
        """See the port."""
        query = select(templates).order_by(templates.c.id)
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return [
            Template(
                row.id,
                row.language,
                row.name,
                row.about,
                row.sections,
                bool(row.is_retired),
                row.version,
                Millis(row.changed_at),
                PersonId(row.changed_by),
            )
            for row in rows
        ]

    async def keep(self, template: Template, cause: Cause = SYSTEM) -> None:
        """See the port."""
        try:
            await self._database.write(partial(_keep, template=template, cause=cause))
        except IntegrityError as error:
            raise Conflict from error

    async def forget(self, template: str, version: int, cause: Cause = SYSTEM) -> None:
        """See the port."""
        await self._database.write(partial(_forget, template=template, version=version, cause=cause))


def _keep(connection: Connection, template: Template, cause: Cause) -> None:
    if not exists(connection, template.changed_by):
        raise NotFound
    values = asdict(template)
    if template.version == 1:
        connection.execute(insert(templates).values(values))
    else:
        columns = templates.c
        before = (columns.id == template.id, columns.version == template.version - 1)
        if connection.execute(update(templates).where(*before).values(values)).rowcount != 1:
            raise Conflict
    record(connection, template_changed(template, cause))


def _forget(connection: Connection, template: str, version: int, cause: Cause) -> None:
    columns = templates.c
    query = select(columns.version).where(columns.id == template).with_for_update()
    held = connection.execute(query).scalar_one_or_none()
    if held is None:
        raise NotFound
    if held != version:
        raise Conflict
    connection.execute(delete(templates).where(columns.id == template))
    record(connection, template_reset(template, version, cause))
