"""All ports on one SQL database: a SQLite file, the embedded default, or PostgreSQL."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

from storage.accounts import SqlAccounts
from storage.audit import SqlAudit
from storage.cases import SqlCases
from storage.database import Database, is_postgres, open_database
from storage.gallery import SqlGallery
from storage.journal import open_journal
from storage.leases import SqlLeases
from storage.lists import SqlLists
from storage.mails import SqlMails
from storage.manifests import SqlManifests
from storage.migrations import Schema
from storage.notices import SqlNotices
from storage.offline_keys import SqlOfflineKeys
from storage.people import SqlPeople
from storage.ports import FindAccess, Stores
from storage.presenting import SqlPresenting
from storage.profiles import SqlProfiles
from storage.projections import SqlProjections
from storage.proposals import SqlProposals
from storage.remakes import SqlRemakes
from storage.s3_door import open_door
from storage.s3_multiparts import S3Multiparts
from storage.s3_objects import S3Objects
from storage.sign_ins import SqlSignIns
from storage.templates import SqlTemplates
from storage.upload_work import SqlUploadWork
from storage.uploads import SqlUploads
from storage.usage import SqlUsage
from storage.versions import SqlVersions
from workspace.errors import StorageUnavailable

REFILL_SECONDS = 1.0
"""How soon edits are taken again once there is room."""


async def find_schema(path_or_url: Path | str) -> Schema:
    """How the database's schema stands to this code; changes nothing. Raises: ValueError, StorageUnavailable."""
    async with open_database(path_or_url, migrate=False) as database:
        return await database.schema()


@asynccontextmanager
async def open_node(
    path_or_url: Path | str, redis_url: str | None, reserve_bytes: int, find_access: FindAccess | None = None
) -> AsyncIterator[Stores]:
    """As `open_stores`, for a server: with the bus to other nodes and limits over all of them, if there are any, with
    so many bytes set aside on the disk of a SQLite file, and with the store of objects, if there is one.

    Raises: also ValueError for a `redis_url` that is none.
    """
    async with AsyncExitStack() as opened:
        stores = await opened.enter_async_context(open_stores(path_or_url, reserve_bytes))
        if redis_url is not None:
            # Not at the top: one node alone, and a command, need not wait for this driver.
            from storage.redis_bus import NODE_BYTES, open_redis_bus  # noqa: PLC0415
            from storage.redis_limits import open_redis_limits  # noqa: PLC0415

            node = os.urandom(NODE_BYTES)
            bus = await opened.enter_async_context(open_redis_bus(redis_url, node))
            limits = await opened.enter_async_context(open_redis_limits(redis_url, node))
            stores = replace(stores, bus=bus, rates=limits, session_counts=limits)
        if find_access is not None:
            door = await opened.enter_async_context(open_door(find_access))
            objects, multiparts = S3Objects(door), S3Multiparts(door)
            stores = replace(stores, objects=objects, multiparts=multiparts, objects_state=lambda: door.state)
        yield stores


@asynccontextmanager
async def open_stores(path_or_url: Path | str, reserve_bytes: int = 0) -> AsyncIterator[Stores]:
    """Open the database, migrating it as needed (a file is made where there is none); on leaving, commit what waits.

    Raises: ValueError (neither a SQLite file nor PostgreSQL), StorageUnavailable.
    """
    async with (
        open_database(path_or_url, reserve_bytes=reserve_bytes) as database,
        open_journal(database) as journal,
        _refilled(database),
    ):
        yield Stores(
            journal=journal,
            cases=SqlCases(database),
            people=SqlPeople(database),
            notices=SqlNotices(database),
            offline_keys=SqlOfflineKeys(database),
            accounts=SqlAccounts(database),
            profiles=SqlProfiles(database),
            sign_ins=SqlSignIns(database),
            mails=SqlMails(database),
            usage=SqlUsage(database),
            versions=SqlVersions(database),
            lists=SqlLists(database),
            projections=SqlProjections(database),
            templates=SqlTemplates(database),
            leases=SqlLeases(database),
            presenting=SqlPresenting(database),
            proposals=SqlProposals(database),
            audit=SqlAudit(database),
            uploads=SqlUploads(database),
            upload_work=SqlUploadWork(database),
            gallery=SqlGallery(database),
            manifests=SqlManifests(database),
            remakes=SqlRemakes(database),
            is_shared=isinstance(path_or_url, str) and is_postgres(path_or_url),
            is_full=lambda: database.is_full,
            failed=lambda: database.failed,
        )


@asynccontextmanager
async def _refilled(database: Database) -> AsyncIterator[None]:
    """Room is set aside before anything else, and again whenever there is some. [STO-10]"""
    await database.refill()

    async def look() -> None:
        while True:
            await asyncio.sleep(REFILL_SECONDS)
            with suppress(StorageUnavailable):
                await database.refill()

    looking = asyncio.create_task(look(), name="reserve")
    try:
        yield
    finally:
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking
