"""`consilium media verify`: every object is read again and compared with what the database says of it. [MED-9]"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from server.embedded.found import find_access
from server.media_keys import MEDIA
from server.premises import CommandFailed, OpenNode, make_data_folder
from server.settings import Settings
from storage.ports import KnownObject, ObjectKey, Stores
from workspace.errors import NotFound

AT_ONCE = 500


@dataclass(slots=True)
class Verified:
    """What was looked at."""

    objects: int = 0
    read_bytes: int = 0
    faults: int = 0
    unnamed: int = 0
    """Objects that no row names: left by work that broke off, removed by the sweeper when they are a day old."""


def verify_media(settings: Settings, open_node: OpenNode) -> str:
    """What was looked at, in a line; what differs is printed. Raises: CommandFailed, StorageUnavailable,
    ObjectsUnavailable."""

    async def run() -> Verified:
        async with open_node(settings.database, None, 0, find_access(settings)) as stores:
            return await verify(stores, lambda line: print(line, flush=True))

    make_data_folder(settings)
    found = asyncio.run(run())
    said = f"{found.objects} objects with {found.read_bytes} bytes"
    if found.unnamed:
        said += f"; {found.unnamed} more that nothing names, which go when they are a day old"
    if found.faults:
        raise CommandFailed(f"{found.faults} faults in {said}")
    return f"no fault in {said}"


async def verify(stores: Stores, say: Callable[[str], None]) -> Verified:
    """Each object that differs is said, in one line. Raises: StorageUnavailable, ObjectsUnavailable."""
    found = Verified()
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="consilium-verify-"))
    target = folder / "object"
    try:
        async for known in stores.manifests.objects():
            found.objects += 1
            what = await _differs(stores, known, target, found)
            if what is not None:
                found.faults += 1
                say(f"{known.key}: {what}")
    finally:
        await asyncio.to_thread(_remove, folder)
    page: list[ObjectKey] = []
    async for each in stores.objects.listed(MEDIA):
        page.append(each.key)
        if len(page) == AT_ONCE:
            found.unnamed += await _count_unnamed(stores, page)
            page = []
    found.unnamed += await _count_unnamed(stores, page)
    return found


async def _differs(stores: Stores, known: KnownObject, target: Path, found: Verified) -> str | None:
    try:
        fetched = await stores.objects.fetch(known.key, target)
    except NotFound:
        return "is not there"
    found.read_bytes += fetched.size
    if fetched.size != known.size:
        return f"has {fetched.size} bytes instead of {known.size}"
    if fetched.sha256 != known.sha256:
        return "holds other bytes than were stored"
    return None


async def _count_unnamed(stores: Stores, keys: list[ObjectKey]) -> int:
    known = await stores.manifests.known(keys)
    return sum(key not in known for key in keys)


def _remove(folder: Path) -> None:
    (folder / "object").unlink(missing_ok=True)
    folder.rmdir()
