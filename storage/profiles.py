"""Profiles and pictures in SQL."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from functools import partial

from sqlalchemy import Connection, delete, insert, select, update

from storage.audit import record
from storage.database import Database
from storage.events import of_account
from storage.notices import leave
from storage.people import exists
from storage.ports import Picture, Profile
from storage.tables import members, people, pictures, profiles
from workspace.audit import SYSTEM, Action, Cause
from workspace.errors import NotFound
from workspace.ids import CaseId, Millis, PersonId

ASKED_AT_ONCE = 500
"""Databases bound how many values one statement may carry."""


class SqlProfiles:
    """`storage.ports.Profiles` on a Database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, people: Collection[PersonId]) -> Mapping[PersonId, Profile]:
        """See the port."""
        return await self._database.read(partial(_of, asked=sorted(set(people))))

    async def tell(self, person: PersonId, name: str, profile: Profile, cause: Cause = SYSTEM) -> None:
        """See the port."""
        await self._database.write(partial(_tell, person=person, name=name, profile=profile, cause=cause))

    async def show(self, person: PersonId, picture: Picture | None, at: Millis, cause: Cause = SYSTEM) -> None:
        """See the port."""
        await self._database.write(partial(_show, person=person, picture=picture, at=at, cause=cause))

    async def picture(self, person: PersonId, digest: str) -> Picture | None:
        """See the port."""
        query = select(pictures).where(pictures.c.person == person)
        row = await self._database.read(lambda connection: connection.execute(query).first())
        if row is None or row.digest.hex() != digest or hashlib.sha256(row.body).hexdigest() != digest:
            return None
        return Picture(row.format, row.body)


def _of(connection: Connection, asked: list[PersonId]) -> Mapping[PersonId, Profile]:
    found = dict.fromkeys(asked, Profile())
    for first in range(0, len(asked), ASKED_AT_ONCE):
        some = asked[first : first + ASKED_AT_ONCE]
        query = (
            select(people.c.id, profiles, pictures.c.digest)
            .select_from(people.outerjoin(profiles).outerjoin(pictures, pictures.c.person == people.c.id))
            .where(people.c.id.in_(some))
        )
        for row in connection.execute(query):
            found[PersonId(row.id)] = Profile(
                profession=row.profession or "",
                specialty=row.specialty or "",
                registration=row.registration or "",
                language=row.language,
                picture=row.digest.hex() if row.digest else None,
            )
    return found


def _tell(connection: Connection, person: PersonId, name: str, profile: Profile, cause: Cause) -> None:
    held = connection.execute(select(people.c.name).where(people.c.id == person).with_for_update()).scalar_one_or_none()
    if held is None:
        raise NotFound
    told = {
        "profession": profile.profession,
        "specialty": profile.specialty,
        "registration": profile.registration,
        "language": profile.language,
    }
    before = _of(connection, [person])[person]
    changed = connection.execute(update(profiles).where(profiles.c.person == person).values(told))
    if not changed.rowcount:
        connection.execute(insert(profiles).values(told | {"person": person}))
    if held != name:
        connection.execute(update(people).where(people.c.id == person).values(name=name))
    record(connection, of_account(Action.PROFILE_CHANGED, person, cause))
    if held != name:
        leave(connection, person, None)
    if (held, before.profession, before.specialty) != (name, profile.profession, profile.specialty):
        _tell_cases(connection, person)


def _show(connection: Connection, person: PersonId, picture: Picture | None, at: Millis, cause: Cause) -> None:
    if not exists(connection, person, lock=True):
        raise NotFound
    connection.execute(delete(pictures).where(pictures.c.person == person))
    if picture is not None:
        row = {
            "person": person,
            "digest": hashlib.sha256(picture.body).digest(),
            "at": at,
            "format": picture.format,
            "length": len(picture.body),
            "body": picture.body,
        }
        connection.execute(insert(pictures).values(row))
    record(connection, of_account(Action.PICTURE_CHANGED, person, cause))
    _tell_cases(connection, person)


def _tell_cases(connection: Connection, person: PersonId) -> None:
    """Their members are shown otherwise now; nobody's rights changed."""
    query = select(members.c.case_id).where(members.c.person == person).order_by(members.c.case_id)
    for case in connection.execute(query).scalars():
        leave(connection, None, CaseId(case))
