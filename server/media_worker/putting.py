"""What a child made, put where viewers read it; until the database names it, it can be taken back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from server.child import ChildLost
from server.media_worker.job import MadeFile
from storage.ports import ObjectKey, Objects, Rendition
from workspace.errors import ObjectsUnavailable

PUTS_AT_ONCE = 4


class Putting:
    """The objects of one piece of work, made in one folder."""

    def __init__(self, objects: Objects, folder: Path) -> None:
        self._objects = objects
        self._folder = folder
        self._put: list[ObjectKey] = []

    async def put(self, key: ObjectKey, file: MadeFile) -> tuple[bytes, int]:
        """Its SHA-256 and its size. Raises: ChildLost (the child names what it did not make), ObjectsUnavailable."""
        path = await asyncio.to_thread(_regular, self._folder, file.path)
        self._put.append(key)
        sha256 = await self._objects.put(key, path, file.content_type)
        return sha256, (await asyncio.to_thread(path.stat)).st_size

    async def put_all(
        self, under: ObjectKey, files: Sequence[MadeFile], done: Callable[[int], None]
    ) -> list[Rendition]:
        """Each below that key, by its role; `done` is told how many are. Raises: as `put`."""
        lanes = asyncio.Semaphore(PUTS_AT_ONCE)
        finished = 0

        async def one(file: MadeFile) -> Rendition:
            nonlocal finished
            async with lanes:
                role, _, which = file.role.partition("/")
                key = ObjectKey(f"{under}/{file.role}")
                sha256, size = await self.put(key, file)
                finished += 1
                done(finished)
                facts = json.dumps({**file.facts, **({"which": which} if which else {})}, sort_keys=True)
                return Rendition(role, key, size, sha256, file.content_type, file.width, file.height, facts)

        made = await asyncio.gather(*(one(each) for each in files), return_exceptions=True)
        found = [each for each in made if isinstance(each, BaseException)]
        if found:  # all of them have ended: what was put is known
            raise found[0]
        return [each for each in made if isinstance(each, Rendition)]

    async def take_back(self) -> None:
        """Nothing names it. What is not removed now, the sweeper finds."""
        with suppress(ObjectsUnavailable):
            await self._objects.remove(self._put)


def _regular(folder: Path, name: str) -> Path:
    """A file that the child made in its folder; it may be in a stranger's hands. Raises: ChildLost."""
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()) or path.is_symlink() or not path.is_file():
        raise ChildLost("it names a file that is not there")
    return path
