"""Writes the manifests of media: objects that say what each is made of, and in which order. [MED-7]"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress

from pydantic import JsonValue

from server.access import Clock
from server.background import Done, Duty
from server.entrance import Entropy
from server.media_answers import object_of
from server.media_keys import MEDIA, file_key
from storage.ports import MANIFEST_TYPE, Lease, Manifest, MediaFile, Medium, ObjectKey, Outdated, Stores
from workspace.errors import Conflict, NotFound, ObjectsUnavailable
from workspace.ids import ID_BYTES, Millis, make_id
from workspace.series import cover_of, in_order

FORMAT = "consilium-manifest/1"
LOOK_SECONDS = 2.0
QUIET_MILLIS = 3_000
"""After the last file of a series that came; and none of its case waits for a worker."""
OVERDUE_MILLIS = 30_000
"""A case into which files come without end is written all the same."""
AT_ONCE = 20


class Manifests:
    """One after the other; what does not go through is found at the next look."""

    def __init__(self, stores: Stores, *, clock: Clock, entropy: Entropy) -> None:
        self._stores = stores
        self._clock = clock
        self._entropy = entropy
        self.duty = Duty("manifests", LOOK_SECONDS, self._look)

    async def sweep(self) -> int:
        """Write what is to be written now; how many that were. Raises: StorageUnavailable."""
        now = self._clock()
        quiet, overdue = Millis(now - QUIET_MILLIS), Millis(now - OVERDUE_MILLIS)
        due = await self._stores.manifests.outdated(quiet, overdue, AT_ONCE)
        with suppress(ObjectsUnavailable):  # nobody reads one either, then
            for each in due:
                await self._write(each)
        return len(due)

    async def _write(self, outdated: Outdated) -> None:
        medium = await self._stores.gallery.find(outdated.case, outdated.media)
        files = await self._stores.gallery.files(outdated.media)
        if medium is None or not files:
            return
        ordered = in_order([(each, object_of(each.attributes)) for each in files])
        key = file_key(outdated.case, outdated.media, make_id(self._entropy(ID_BYTES)))
        body = describe(medium, ordered)
        await self._stores.objects.put(key, body, MANIFEST_TYPE)
        made = Manifest(key, len(body), hashlib.sha256(body).digest(), outdated.files_version)
        try:
            former = await self._stores.manifests.keep(outdated, made, cover_of(ordered, medium.kind).id)
        except (Conflict, NotFound):  # a file came meanwhile: the next look writes it with that
            await self._stores.objects.remove([key])
            return
        if former is not None:
            await self._stores.objects.remove([former])

    async def _look(self, _: Lease) -> Done:
        """The lease only spares work: what two write at once, one is kept of."""
        return Done(await self.sweep())


def describe(medium: Medium, files: Sequence[MediaFile]) -> bytes:
    """`consilium-manifest/1`: UTF-8 JSON. Paths are those that `POST …/urls` takes."""
    stem = f"{MEDIA}{medium.case}/{medium.id}/"
    said: JsonValue = {
        "format": FORMAT,
        "media": medium.id,
        "kind": medium.kind.value,
        "files": [_file(each, stem) for each in files],
    }
    return json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def _file(file: MediaFile, stem: str) -> JsonValue:
    return {
        "id": file.id,
        "path": _path(file.key, stem),
        "size": file.size,
        "sha256": file.sha256.hex(),
        "content_type": file.content_type,
        "width": file.shape.width,
        "height": file.shape.height,
        "frames": file.shape.frames,
        "seconds": file.shape.seconds,
        "attributes": object_of(file.attributes),
        "renditions": [
            {
                "role": each.role,
                "path": _path(each.key, stem),
                "size": each.size,
                "sha256": each.sha256.hex(),
                "content_type": each.content_type,
                "width": each.width,
                "height": each.height,
                "facts": object_of(each.facts),
            }
            for each in file.renditions
        ],
    }


def _path(key: ObjectKey, stem: str) -> str:
    return key.removeprefix(stem)
