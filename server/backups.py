"""Backup, restore and verification from the command line: a SQLite file's own, and what follows any restore. What
they do with images and files is in `media_backups`.

PostgreSQL is copied and taken back with its own tools: docs/backup.md.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from server.child import Child, ChildLost
from server.media_backups import Choice, check_whole, named_by, open_store, put, say, take, tell_audit
from server.node_name import FILE as NODE
from server.object_backups import Tally, check_folder, count, lacking
from server.premises import LOCK, CommandFailed, make_data_folder, only_server, wall_clock
from server.settings import Settings
from storage.backups import Unfit, copy, judge, sync, unmark
from storage.database import Database, open_database
from storage.reserve import RESERVE
from storage.restoring import Anew, StillServed, begin_anew
from storage.soundness import Census, examine
from workspace.case import Standing
from workspace.compaction import says_same
from workspace.ids import Millis, UpdateBytes
from workspace.replica import Holding

PATIENCE_SECONDS = 24 * 3600.0
"""A read of a large database may take as long as it takes: nobody else waits for it."""
CHILD_SECONDS = 120.0
FAULTS_SHOWN = 100
RESTORING = "restoring"
"""A file that is there from the first object that a restore puts until it is done."""
PARTIAL = ".partial"
"""Ends the name of a file that is not whole yet."""
STEP = 10
"""Progress is told in steps of so many per cent."""


def back_up(settings: Settings, file: Path, choice: Choice) -> str:
    """Copy the database beside a running server, and its objects; check the copy, and only then give it its name.
    [BAK-1] [BAK-9]

    Raises: CommandFailed, StorageUnavailable, ObjectsUnavailable.
    """
    source = _sqlite(settings, "is copied")
    if not source.exists():
        raise CommandFailed(f"there is no database at {source}")
    if file.exists():
        raise CommandFailed(f"{file} is there already; a backup writes over nothing")
    made = file.with_name(f"{file.name}{PARTIAL}")
    made.unlink(missing_ok=True)
    with _gone_unless_done(made):
        asyncio.run(tell_audit(source))
        tally = asyncio.run(take(settings, source, made, partial(_copy, source, made), choice))
        census = asyncio.run(_inspect(made))
        made.rename(file)
        sync(file)
    said = "" if tally is None else f"{say(tally, choice.folder)}\n"
    return f"{said}{file}: {_say(census)}"


def restore(settings: Settings, file: Path, choice: Choice) -> str:
    """Make a data folder of a backup: every sign-in ended, every document under a new name. [BAK-4] The database gets
    its name last: before, nobody serves it, and asked again the rest of the objects is put. [BAK-10]

    Raises: CommandFailed, StorageUnavailable, ObjectsUnavailable.
    """
    target = _sqlite(settings, "is taken back")
    make_data_folder(settings)
    with only_server(settings):
        _refuse_filled(settings, target, choice)
        made = target.with_name(f"{target.name}{PARTIAL}")
        with _gone_unless_done(made):
            _judged(file)
            _copy(file, made)
            unmark(made)
            done, census = asyncio.run(_begin_anew(made))
            tally = asyncio.run(_put(settings, made, choice))
            made.rename(target)
            sync(target)
            (settings.data / RESTORING).unlink(missing_ok=True)
    said = "" if tally is None else f"{say(tally, choice.folder)}\n"
    return f"{said}{target}: {_say(census)}\n{_say_anew(done)}"


def after_restore(settings: Settings) -> str:
    """What must follow when a database was taken back by other means than `restore`. [BAK-5]

    Raises: CommandFailed, StorageUnavailable.
    """
    make_data_folder(settings)
    with only_server(settings):
        done, census = asyncio.run(_begin_anew(settings.database))
    return f"{_say(census)}\n{_say_anew(done)}"


def verify(settings: Settings) -> str:
    """Walk through everything; what is wrong is printed. [BAK-3] Raises: CommandFailed, StorageUnavailable."""

    async def run() -> Census:
        async with open_database(settings.database, migrate=False, wait_seconds=PATIENCE_SECONDS) as database:
            return await _examine(database)

    if isinstance(settings.database, Path) and not settings.database.exists():
        raise CommandFailed(f"there is no database at {settings.database}")
    census = asyncio.run(run())
    for fault in census.faults[:FAULTS_SHOWN]:
        sys.stdout.write(f"{fault.place}: {fault.what}\n")
    if census.faults:
        raise CommandFailed(f"{len(census.faults)} faults in {_say(census)}")
    return f"no fault in {_say(census)}"


def _sqlite(settings: Settings, verb: str) -> Path:
    if isinstance(settings.database, Path):
        return settings.database
    raise CommandFailed(f"PostgreSQL {verb} with its own tools: see docs/backup.md")


async def _put(settings: Settings, made: Path, choice: Choice) -> Tally | None:
    """The objects that a database names; None where there are none, or they are left out."""
    async with named_by(made) as named:
        if choice.folder is None or not (await count(named()))[0]:
            return None
        check_folder(choice.folder)
        check_whole(await lacking(named(), choice.folder), choice)  # nobody waits for a store to hear it
        (settings.data / RESTORING).touch()
        async with open_store(settings, is_served=False) as objects:
            return await put(objects, named, choice)


def _refuse_filled(settings: Settings, target: Path, choice: Choice) -> None:
    """[BAK-4] Nothing is ever written over. A store of our own may be there that a restore before had begun to fill, or
    whose objects are said to be left alone."""
    held = {path.name for path in settings.data.iterdir()} - {LOCK, NODE, f"{target.name}{RESERVE}"}
    if RESTORING in held or choice.folder is None:
        held -= {RESTORING, settings.objects_folder.name}
    if target.exists():
        held.add(target.name)
    if held:
        raise CommandFailed(f"the data folder {settings.data} holds {', '.join(sorted(held))}; move that away first")


@contextmanager
def _gone_unless_done(made: Path) -> Iterator[None]:
    """What was made so far goes when the rest cannot be done. Raises: CommandFailed for what went wrong meanwhile."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        what = error.strerror if isinstance(error, OSError) else getattr(error, "sqlite_errorname", "")
        raise CommandFailed(f"cannot write {made}: {what or type(error).__name__}") from error
    except StillServed as error:
        raise CommandFailed(str(error)) from error
    finally:
        for ending in ("", "-wal", "-shm", "-journal"):
            made.with_name(f"{made.name}{ending}").unlink(missing_ok=True)


def _copy(source: Path, made: Path) -> None:
    copy(source, made, _progress())


def _progress() -> Callable[[int], None]:
    told = -STEP

    def tell(done: int) -> None:
        nonlocal told
        if done - told >= STEP:
            told = done
            sys.stdout.write(f"copied {done} %\n")
            sys.stdout.flush()

    return tell


def _judged(file: Path) -> None:
    try:
        asyncio.run(judge(file))
    except Unfit as error:
        raise CommandFailed(str(error)) from error


async def _inspect(made: Path) -> Census:
    """[BAK-2] A backup that cannot be restored is none."""
    try:
        await judge(made)
    except Unfit as error:
        raise CommandFailed(f"the copy is not good: {error}") from error
    async with open_database(made, migrate=False, wait_seconds=PATIENCE_SECONDS) as database:
        return _whole(await _examine(database), "the copy")


async def _begin_anew(database: Path | str) -> tuple[Anew, Census]:
    async with open_database(database, wait_seconds=PATIENCE_SECONDS) as opened:
        census = _whole(await _examine(opened), "the database")
    # Opened afresh: connections that have read count as somebody else's.
    async with open_database(database, wait_seconds=PATIENCE_SECONDS) as opened:
        try:
            return await opened.write(partial(begin_anew, now=wall_clock())), census
        except StillServed as error:
            raise CommandFailed(str(error)) from error


async def _examine(database: Database) -> Census:
    child = Child(CHILD_SECONDS)

    async def same(update: UpdateBytes, holding: Holding) -> bool:
        try:
            return await child.run(says_same, update, holding)
        except (ChildLost, RuntimeError):
            return True  # hostile clients can write what no `Doc` survives; such snapshots are merged bytes

    return await examine(database, same)


def _whole(census: Census, what: str) -> Census:
    if census.faults:
        first = census.faults[0]
        more = f" and {len(census.faults) - 1} more" if len(census.faults) > 1 else ""
        raise CommandFailed(f"{what} is damaged: {first.place}: {first.what}{more}")
    return census


def _say(census: Census) -> str:
    log = f"; {census.events} events of the audit log"
    until = "" if census.newest is None else f", up to {_moment(census.newest)}"
    shown = f"; {census.media} media with {census.files} files" if census.media or census.files else ""
    held = f"{census.documents} documents with {census.entries} entries and {census.snapshots} snapshots"
    return f"{held}{until}{shown}{log}"


def _say_anew(done: Anew) -> str:
    more = " and ".join(f"{done.standing.get(each, 0)} {each.value}s" for each in (Standing.ADMIN, Standing.MODERATOR))
    return (
        f"{done.sign_ins} sign-ins, tokens and links ended; {done.documents} documents continue under new names\n"
        f"accounts, passwords and memberships are as they were then, with {more}:"
        " take away again what was taken away since, before anybody signs in"
    )


def _moment(at: Millis) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
