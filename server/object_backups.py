"""Objects on an operator's disk: taken out of the store, and given back to one. [BAK-9] [BAK-10]

Format `consilium-object-backup/1` of a folder: a cleaned object is the file `ab/abcd…`, named by its sha-256 in
hexadecimal, so that one folder serves any number of backups and whoever has `sha256sum` can check it; an original that
waits to be cleaned, and what a reviewer is shown of it, is `quarantine/` and its key with `+` for `/`. A file that has
its name is whole and synced. Cleaned files are never removed; what is in quarantine is, as soon as nobody needs it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, TypeAlias, TypeVar

from filelock import FileLock, Timeout

from server.media_keys import is_file, quarantine_key
from server.premises import CommandFailed
from server.progress import Progress
from storage.ports import Fetched, Manifests, ObjectKey, Objects, Uploads
from storage.ports.objects import Digesting
from workspace.errors import Conflict, ConsiliumError, NotFound

FORMAT_FILE, FORMAT = "format", "consilium-object-backup/1\n"
QUARANTINE, PARTIAL, LOCK = "quarantine", "partial", "lock"
LANES = 4
"""Objects on their way at once: small ones cost a round trip each, and the store's long threads are as many."""
CHUNK_BYTES = 1024 * 1024
UNKNOWN_TYPE = "application/octet-stream"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Owed:
    """An object that a database names, and where a folder keeps it."""

    key: ObjectKey
    place: str
    content_type: str
    size: int | None = None
    """Bytes; with the digests, None where the database does not say."""
    sha256: bytes | None = None
    composite: bytes | None = None
    is_passing: bool = False
    """In quarantine: it may go at any moment."""

    def differs(self, found: Fetched) -> bool:
        """Whether these are not the bytes that the database tells of."""
        told = ((self.size, found.size), (self.sha256, found.sha256), (self.composite, found.composite))
        return any(should is not None and should != is_ for should, is_ in told)


class Wrong(NamedTuple):
    """What is not as it should be with an object."""

    key: ObjectKey
    what: str


@dataclass(slots=True)
class Tally:
    """What was looked at, and what of it had to be moved."""

    objects: int = 0
    bytes: int = 0
    moved: int = 0
    wrong: list[Wrong] = field(default_factory=list)


NamedObjects: TypeAlias = Callable[[], AsyncIterator[Owed]]
"""Every object that a database names; asked again it lists them again."""


async def owed_by(manifests: Manifests, uploads: Uploads) -> AsyncIterator[Owed]:
    """Every object that these tables name and that cannot be made again: manifests are, after a restore."""
    async for known in manifests.objects():
        if not known.is_manifest:
            name = known.sha256.hex()
            yield Owed(known.key, f"{name[:2]}/{name}", known.content_type, known.size, known.sha256)
    async for upload in uploads.in_quarantine():
        key = quarantine_key(upload.case, upload.id)
        yield Owed(key, _place(key), UNKNOWN_TYPE, upload.size, composite=upload.digest, is_passing=True)
        for shown in [] if upload.review is None else json.loads(upload.review)["pictures"]:
            yield Owed(ObjectKey(shown["key"]), _place(shown["key"]), UNKNOWN_TYPE, is_passing=True)


async def count(owed: AsyncIterator[Owed]) -> tuple[int, int]:
    """How many objects that are, and how many bytes."""
    objects = size = 0
    async for each in owed:
        objects, size = objects + 1, size + (each.size or 0)
    return objects, size


@contextlib.contextmanager
def made_folder(folder: Path) -> Iterator[None]:
    """A folder that objects may be kept in, for this process alone. Raises: CommandFailed."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not (folder / FORMAT_FILE).exists():
            if any(folder.iterdir()):
                raise CommandFailed(f"{folder} holds something else than objects of a backup")
            (folder / FORMAT_FILE).write_text(FORMAT)
        _check_format(folder)
        with FileLock(folder / LOCK, timeout=0):
            for name in (QUARANTINE, PARTIAL):
                (folder / name).mkdir(mode=0o700, exist_ok=True)
            yield
            shutil.rmtree(folder / PARTIAL)
    except Timeout as error:
        raise CommandFailed(f"another backup is being written to {folder}") from error
    except OSError as error:
        raise CommandFailed(f"cannot write to {folder}: {error.strerror}") from error


def check_folder(folder: Path) -> None:
    """Whether objects can be taken out of a folder. Raises: CommandFailed."""
    if not folder.is_dir():
        raise CommandFailed(f"there is no folder {folder} with the objects of this backup; --objects says where it is")
    _check_format(folder)


async def keep(objects: Objects, owed: AsyncIterator[Owed], folder: Path, progress: Progress) -> Tally:
    """Copy into a folder what it does not hold yet. What the store lacks, or has otherwise, is in the tally.

    Raises: ObjectsUnavailable, OSError. Whatever ends it, what was copied is not copied again.
    """
    tally = Tally()

    async def one(each: Owed) -> None:
        target = folder / each.place
        held = await asyncio.to_thread(_size_of, target)
        if held is None or each.size not in (None, held):
            partial = folder / PARTIAL / secrets.token_hex(8)
            try:
                fetched = await objects.fetch(each.key, partial, progress.part())
            except NotFound:
                if not each.is_passing:
                    tally.wrong.append(Wrong(each.key, "is not there"))
                return
            if each.differs(fetched):
                await asyncio.to_thread(partial.unlink)
                tally.wrong.append(Wrong(each.key, "holds other bytes than were stored"))
                return
            await asyncio.to_thread(_name, partial, target)
            tally.moved += 1
            tally.bytes += fetched.size
            progress.one()
        else:
            tally.bytes += held
            progress.one(held)
        tally.objects += 1

    await _for_each(owed, one)
    return tally


async def forget_passed(owed: AsyncIterator[Owed], folder: Path) -> None:
    """Remove what was in quarantine and is needed no more: it may show a name."""
    needed = {Path(each.place).name async for each in owed if each.is_passing}
    for file in (folder / QUARANTINE).iterdir():
        if file.name not in needed:
            file.unlink()


async def lacking(owed: AsyncIterator[Owed], folder: Path) -> Tally:
    """What a folder does not hold, or not whole; by lengths alone."""
    tally = Tally()
    async for each in owed:
        held = await asyncio.to_thread(_size_of, folder / each.place)
        if held is not None and each.size in (None, held):
            tally.objects, tally.bytes = tally.objects + 1, tally.bytes + held
        elif not each.is_passing:
            tally.wrong.append(Wrong(each.key, "is not in the backup"))
    return tally


async def give_back(objects: Objects, named: NamedObjects, folder: Path, progress: Progress) -> Tally:
    """Put into the store what it does not have; each digest is compared before. Asked again it goes on where it was.

    A file goes before what was made of it, whose keys begin with its own: SeaweedFS takes no object under a name that
    is already a folder. Raises: ObjectsUnavailable, OSError.
    """
    tally = Tally()

    async def one(each: Owed) -> None:
        head = await objects.head(each.key)
        if head is None:
            source = folder / each.place
            if await asyncio.to_thread(_size_of, source) is None:
                if not each.is_passing:
                    tally.wrong.append(Wrong(each.key, "is not in the backup"))
                return
            found = await asyncio.to_thread(_digest, source)
            if each.differs(found):
                tally.wrong.append(Wrong(each.key, "is damaged in the backup"))
                return
            try:
                await objects.put(each.key, source, each.content_type, progress.part())
                tally.moved += 1
            except Conflict:  # somebody was quicker, with the same bytes: nothing else has this key
                if await objects.head(each.key) is None:
                    tally.wrong.append(Wrong(each.key, "is not taken by the store"))
                    return
            tally.bytes += found.size
            progress.one()
        elif each.size not in (None, head.size):
            tally.wrong.append(Wrong(each.key, f"has {head.size} bytes instead of {each.size}"))
            return
        else:
            tally.bytes += head.size
            progress.one(head.size)
        tally.objects += 1

    for is_first in (True, False):
        await _for_each((each async for each in named() if (is_file(each.key)) is is_first), one)
    return tally


async def _for_each(items: AsyncIterator[T], work: Callable[[T], Awaitable[None]]) -> None:
    """Several at once. Raises: the first error of ours, or of the disk."""
    turn = asyncio.Lock()

    async def lane() -> None:
        while True:
            async with turn:
                try:
                    item = await anext(items)
                except StopAsyncIteration:
                    return
            await work(item)

    try:
        async with asyncio.TaskGroup() as lanes:
            for _ in range(LANES):
                lanes.create_task(lane())
    except* (ConsiliumError, OSError) as group:
        raise _first(group) from None


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    error = group.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error


def _place(key: str) -> str:
    return f"{QUARANTINE}/{key.replace('/', '+')}"


def _check_format(folder: Path) -> None:
    try:
        found = (folder / FORMAT_FILE).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        found = ""
    if found != FORMAT:
        raise CommandFailed(f"{folder} holds no objects of a backup that this release can read")


def _size_of(file: Path) -> int | None:
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return None


def _digest(file: Path) -> Fetched:
    digesting = Digesting()
    with file.open("rb") as opened:
        while chunk := opened.read(CHUNK_BYTES):
            digesting.add(chunk)
    return digesting.done()


def _name(partial: Path, target: Path) -> None:
    """Give a file its name, when nothing can take it from the disk any more."""
    target.parent.mkdir(mode=0o700, exist_ok=True)
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    partial.chmod(0o600)
    partial.replace(target)
    descriptor = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
