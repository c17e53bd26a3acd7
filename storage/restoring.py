"""A database that was taken back to an earlier moment: what must not live again, and what must not come back to it.

docs/adr/0011 says why. Clients hold what was written after that moment, under names that they would go on using; and
secrets that were revoked since are good again. Whoever restores runs this before anybody is served. [BAK-5] [BAK-6]
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select, text, update

from storage.audit import record
from storage.events import document_continued
from storage.tables import cases, credentials, documents, entries, mails, media, people
from workspace.audit import COMMAND_LINE, Action, Detail, Event
from workspace.case import Standing
from workspace.ids import CaseId, DocumentId, DocumentKind, DocumentName, Millis

ALWAYS_THERE = (DocumentKind.RECORD, DocumentKind.DISCUSSION)
"""What every case has, opened or not: `Access.documents` names them."""


class StillServed(Exception):
    """Servers are running on this database."""


@dataclass(frozen=True, slots=True)
class Anew:
    """What was done."""

    sign_ins: int
    """Credentials of all kinds that ended."""
    documents: int
    newest: Millis | None
    """When the newest entry was written: what came after it is not here."""
    standing: dict[Standing, int]
    """How many people have more rights than others, as it was then."""


def begin_anew(connection: Connection, now: Millis) -> Anew:
    """End every sign-in and continue every document under a new name, history and all.

    The new names were never used, in this time or in one that was lost: they carry the second of `now`.
    Raises: StillServed.
    """
    _refuse_company(connection)
    ended = connection.execute(delete(credentials)).rowcount  # sign-ins and salts of offline keys go with them
    connection.execute(delete(mails))
    _forget_manifests(connection)
    epoch = now // 1000
    for case in list(connection.execute(select(cases.c.id)).scalars()):
        _begin_documents(connection, CaseId(case))
    continued = [_continue(connection, *row, epoch) for row in connection.execute(_LIVE).all()]
    told = {Detail.DOCUMENTS: len(continued), Detail.CREDENTIALS: ended}
    record(connection, *continued, Event(Action.RESTORED, COMMAND_LINE, details=told))
    newest = connection.execute(select(func.max(entries.c.at))).scalar_one()
    counted = select(people.c.standing, func.count()).group_by(people.c.standing)
    standing = {Standing(each): count for each, count in connection.execute(counted).all()}
    return Anew(ended, len(continued), None if newest is None else Millis(newest), standing)


_LIVE = select(documents.c.id, documents.c.case_id, documents.c.name).where(documents.c.superseded_by.is_(None))


def _forget_manifests(connection: Connection) -> None:
    """[BAK-11] The object of one that was written again since is removed; what it said can be written again."""
    nothing = {"manifest_of": 0, "manifest_key": None, "manifest_size": None, "manifest_sha256": None}
    connection.execute(update(media).values(nothing))


def _begin_documents(connection: Connection, case: CaseId) -> None:
    """One that nobody had opened then may have been written in since: its first name must not be free."""
    held = set(connection.execute(select(documents.c.name).where(documents.c.case_id == case)).scalars())
    for kind in ALWAYS_THERE:
        if kind.value not in held:
            connection.execute(insert(documents).values(case_id=case, name=kind.value, head=0))


def _continue(connection: Connection, key: int, case: str, name: str, epoch: int) -> Event:
    """The row goes on under the new name, with entries, owners of client ids, snapshots and versions; a row without any
    stays behind under the old one and says where it went. What the audit log says of it. [JRN-9]"""
    document = DocumentId(CaseId(case), DocumentName(name))
    successor = document.successor(epoch)
    connection.execute(update(documents).where(documents.c.id == key).values(name=successor.name))
    connection.execute(insert(documents).values(case_id=case, name=name, head=0, superseded_by=successor.name))
    return document_continued(document, successor, COMMAND_LINE)


def _refuse_company(connection: Connection) -> None:
    """A node that ran on through a restore has rooms that are ahead of the journal. A SQLite file has a lock for it."""
    if connection.dialect.name != "postgresql":
        return
    query = text(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'consilium'"
        " AND datname = current_database() AND pid <> pg_backend_pid()"
    )
    if (others := connection.execute(query).scalar_one()) > 0:
        raise StillServed(f"{others} connections of servers are open; stop every server first")
