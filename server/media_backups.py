"""Images and files in backups: which database names them, in which store they are, and what a command says of it.

Taken are the objects, then the database, then what came meanwhile: docs/backup.md says why. [BAK-9]
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from sqlalchemy import inspect

from server.embedded.found import find_access
from server.embedded.keeper import kept_store
from server.object_backups import (
    NamedObjects,
    Owed,
    Tally,
    Wrong,
    check_folder,
    count,
    forget_passed,
    give_back,
    keep,
    lacking,
    made_folder,
    owed_by,
)
from server.premises import CommandFailed, make_data_folder, only_server
from server.progress import Progress
from server.settings import Settings
from storage.audit import record
from storage.database import open_database
from storage.manifests import SqlManifests
from storage.migrations import Schema
from storage.ports import Objects, ObjectsState
from storage.s3_door import Door, open_door
from storage.s3_objects import S3Objects
from storage.tables import files
from storage.uploads import SqlUploads
from workspace.audit import COMMAND_LINE, Action, Detail, Event
from workspace.errors import StorageUnavailable

PATIENCE_SECONDS = 24 * 3600.0
READY_SECONDS = {"embedded": 90.0, "s3": 15.0}
"""How long a store is waited for: our own may have to be started."""
POLL_SECONDS = 0.1
TRIES = 3
"""Of taking the database again, when an object that it named was replaced before it could be copied."""
HERE = ["http://127.0.0.1"]
"""A store of our own wants an origin of pages; nobody looks at any while a command has it."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a command was told about objects: where they are kept (None: they are left out), and whether the rest is
    done when some are missing."""

    folder: Path | None
    incomplete: bool = False


Copy: TypeAlias = Callable[[], None]


def back_up(settings: Settings, choice: Choice) -> str:
    """The objects of the database in use. [BAK-9] Raises: CommandFailed, StorageUnavailable, ObjectsUnavailable."""

    async def run() -> str:
        async with named_by(settings.database) as named:
            await tell_audit(settings.database)
            if choice.folder is None or not (await count(named()))[0]:
                return "there are no images and files"
            async with open_store(settings) as objects:
                with made_folder(choice.folder):
                    tally = await _keep(objects, named, choice.folder)
                    await forget_passed(named(), choice.folder)
        check_whole(tally, choice)
        return say(tally, choice.folder)

    make_data_folder(settings)
    return asyncio.run(run())


def restore(settings: Settings, choice: Choice) -> str:
    """What the database in use names and the store does not have. [BAK-10] Raises: as `back_up`."""

    async def run() -> str:
        async with named_by(settings.database) as named:
            if choice.folder is None or not (await count(named()))[0]:
                return "there are no images and files"
            check_folder(choice.folder)
            check_whole(await lacking(named(), choice.folder), choice)
            async with open_store(settings) as objects:
                tally = await put(objects, named, choice)
        if tally.moved:
            await tell_audit(settings.database, tally)
        return say(tally, choice.folder)

    make_data_folder(settings)
    return asyncio.run(run())


async def take(settings: Settings, source: Path, made: Path, copy: Copy, choice: Choice) -> Tally | None:
    """Copy a database with `copy`, and the objects that it names; None where there are none, or they are left out.

    Raises: CommandFailed, StorageUnavailable, ObjectsUnavailable.
    """
    async with AsyncExitStack() as opened:
        live = await opened.enter_async_context(named_by(source))
        objects: Objects | None = None
        folder = choice.folder
        if folder is None:
            await asyncio.to_thread(copy)
            return None
        for _ in range(TRIES):
            if objects is None and (await count(live()))[0]:
                objects = await opened.enter_async_context(open_store(settings))
                opened.enter_context(made_folder(folder))
                # Most of them before the database: little is left to be done, and to go, between it and the rest.
                await _keep(objects, live, folder)
            await asyncio.to_thread(made.unlink, missing_ok=True)
            await asyncio.to_thread(copy)
            async with named_by(made) as named:
                if objects is None:
                    if not (await count(named()))[0]:
                        return None
                    continue  # the first of all came just now
                tally = await _keep(objects, named, folder)
                if not await _were_replaced(tally, live):
                    await forget_passed(named(), folder)
                    check_whole(tally, choice)
                    return tally
    raise CommandFailed("images were replaced as fast as they were copied; try again when there is less to do")


async def put(objects: Objects, named: NamedObjects, choice: Choice) -> Tally:
    """Give a store what it does not have. Raises: CommandFailed, ObjectsUnavailable."""
    folder = _chosen(choice)
    progress = Progress("restored", *await count(named()))
    try:
        tally = await give_back(objects, named, folder, progress)
    except OSError as error:
        raise CommandFailed(f"cannot read {folder}: {error.strerror}") from error
    finally:
        progress.end()
    check_whole(tally, choice)
    return tally


def say(tally: Tally, folder: Path | None) -> str:
    """What became of it, in a line."""
    lost = f"; {len(tally.wrong)} are missing" if tally.wrong else ""
    return f"{folder}: {tally.objects} objects with {tally.bytes} bytes, {tally.moved} of them copied now{lost}"


@asynccontextmanager
async def named_by(location: Path | str) -> AsyncIterator[NamedObjects]:
    """What a database names; nothing where it is of a release that had no media."""
    async with open_database(location, migrate=False, wait_seconds=PATIENCE_SECONDS) as database:
        if await database.read(lambda connection: inspect(connection).has_table(files.name)):
            manifests, uploads = SqlManifests(database), SqlUploads(database)
            yield lambda: owed_by(manifests, uploads)
        else:
            yield _nothing


@asynccontextmanager
async def open_store(settings: Settings, *, is_served: bool | None = None) -> AsyncIterator[Objects]:
    """The store that the settings name. Our own is started for the time when nobody serves this data folder; a caller
    who holds it says so. Raises: CommandFailed when it is not there."""
    find = find_access(settings)
    if find is None:
        raise CommandFailed("there are images and files, and no store of them: CONSILIUM_S3_ENDPOINT says where it is")
    async with AsyncExitStack() as opened:
        is_embedded = settings.objects == "embedded"
        if is_embedded and is_served is None:
            is_served = not opened.enter_context(_held(settings))
        if is_embedded and not is_served:
            await opened.enter_async_context(kept_store(settings, HERE))
        door = await opened.enter_async_context(open_door(find))
        await _until_ready(door, READY_SECONDS["embedded" if is_embedded else "s3"])
        yield S3Objects(door)


async def tell_audit(location: Path | str, restored: Tally | None = None) -> None:
    """Record who took the data out of the house, or put objects into it. A full disk must not stop a backup, so what
    cannot be recorded is said aloud. [AUD-9]"""
    event = Event(Action.BACKED_UP, COMMAND_LINE)
    if restored is not None:
        details = {Detail.FILES: restored.moved, Detail.BYTES: restored.bytes}
        event = Event(Action.RESTORED, COMMAND_LINE, details=details)
    try:
        async with open_database(location, migrate=False) as database:
            if await database.schema() is Schema.CURRENT:
                await database.write(lambda connection: record(connection, event))
                return
            why = "the database is of another release"
    except StorageUnavailable as error:
        why = error.reason
    sys.stderr.write(f"consilium: this is not in the audit log ({why})\n")


async def _keep(objects: Objects, named: NamedObjects, folder: Path) -> Tally:
    progress = Progress("copied", *await count(named()))
    try:
        return await keep(objects, named(), folder, progress)
    finally:
        progress.end()


async def _were_replaced(tally: Tally, live: NamedObjects) -> bool:
    """Whether what is missing is named by nobody any more: then the copy of the database is of before."""
    missing = {wrong.key for wrong in tally.wrong}
    if not missing:
        return False
    still = {each.key async for each in live() if each.key in missing}
    return still != missing


def check_whole(tally: Tally, choice: Choice) -> None:
    """Say what is missing. Raises: CommandFailed, unless the rest is wanted all the same."""
    for wrong in tally.wrong:
        sys.stdout.write(f"{_line(wrong)}\n")
    if tally.wrong and not choice.incomplete:
        raise CommandFailed(f"{len(tally.wrong)} objects are missing; --incomplete goes on without them")


def _line(wrong: Wrong) -> str:
    return f"{wrong.key}: {wrong.what}"


def _chosen(choice: Choice) -> Path:
    if choice.folder is None:
        raise CommandFailed("no folder was named")
    return choice.folder


async def _nothing() -> AsyncIterator[Owed]:
    nothing: tuple[Owed, ...] = ()
    for each in nothing:
        yield each


@contextmanager
def _held(settings: Settings) -> Iterator[bool]:
    """Whether nobody serves this data folder: then nobody does until the block ends."""
    with ExitStack() as held:
        try:
            held.enter_context(only_server(settings))
            is_ours = True
        except CommandFailed:
            is_ours = False
        yield is_ours


async def _until_ready(door: Door, seconds: float) -> None:
    for _ in range(round(seconds / POLL_SECONDS)):
        if door.state in (ObjectsState.READY, ObjectsState.FULL):
            return
        await asyncio.sleep(POLL_SECONDS)
    raise CommandFailed(f"the store of images and files is not there ({door.state.value})")
