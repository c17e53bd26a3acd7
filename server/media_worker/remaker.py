"""Makes the renditions of one clean file anew, by today's rules. [REN-11] (docs/adr/0026)

As in `worker`, every step may be the last one of this process: what viewers are told changes in one transaction at the
end, and until then there are only a claim and objects that nothing names.
"""

from __future__ import annotations

import asyncio
import errno
import json
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import structlog

from server.child import ChildLost
from server.entrance import Entropy
from server.media_answers import object_of
from server.media_meters import Came, Ended
from server.media_worker.cleaner import Cleans, TookTooLong
from server.media_worker.job import CleanFile, Job, RejectedLine, RemadeLine
from server.media_worker.putting import Putting
from server.media_worker.worker import AWAY_SECONDS, LOST_SECONDS, MADE, ORIGINAL
from server.settings import Settings
from storage.ports import ObjectKey, Remade, Remake, Shape, Stores
from workspace.errors import Conflict, ConsiliumError, NotFound, ObjectsUnavailable
from workspace.ids import ID_BYTES, make_id
from workspace.media import Reason

NO_ROOM_SECONDS = 600.0
"""The disk is full: nobody hurries."""

log = structlog.get_logger("consilium.media")


class Remaker:
    """Does the work of one claim, in a folder of its own."""

    def __init__(
        self,
        stores: Stores,
        settings: Settings,
        folder: Path,
        *,
        entropy: Entropy,
        ended: Callable[[Ended], None] = lambda _: None,
    ) -> None:
        self._stores = stores
        self._limits = settings.media_limits
        self._folder = folder
        self._entropy = entropy
        self._ended = ended

    async def work(self, remake: Remake, cleaner: Cleans) -> None:
        """Whatever comes of it is written down; what cannot be now is found again. Raises: Conflict (the claim is lost,
        or the file is gone), StorageUnavailable."""
        began = time.monotonic()
        folder: Path | None = None
        try:
            folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="remake-", dir=self._folder))
            refused = await self._remake(remake, cleaner, folder)
        except ObjectsUnavailable as error:
            await self._give_back(remake, Came.STORAGE_AWAY, error.reason, AWAY_SECONDS, began)
        except ChildLost as error:
            await self._give_back(remake, Came.CHILD_LOST, str(error), LOST_SECONDS, began, was_tried=True)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            await self._give_back(remake, Came.NOT_REMADE, Reason.NO_ROOM.value, NO_ROOM_SECONDS, began)
        except asyncio.CancelledError:
            with suppress(ConsiliumError):
                await asyncio.shield(self._stores.remakes.release(remake, 0))
            raise
        else:
            await self._end(remake, refused, began)
        finally:
            if folder is not None:
                await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def _end(self, remake: Remake, refused: Reason | None, began: float) -> None:
        if refused is Reason.NO_ROOM:
            await self._give_back(remake, Came.NOT_REMADE, refused.value, NO_ROOM_SECONDS, began)
            return
        took = time.monotonic() - began
        said = {"file": remake.file.id, "media": remake.file.media, "rules": remake.rules, "ms": round(took * 1000)}
        if refused is None:
            log.info("media.remade", **said)
        else:
            await self._stores.remakes.refuse(remake, refused)
            log.warning("media.not_remade", reason=refused.value, **said)
        came = Came.REMADE if refused is None else Came.NOT_REMADE
        self._ended(Ended(came, took, remake.kind, refused))

    async def _give_back(
        self, remake: Remake, came: Came, why: str, seconds: float, began: float, *, was_tried: bool = False
    ) -> None:
        log.warning("media.remake_given_back", file=remake.file.id, error=why, attempts=remake.attempts)
        self._ended(Ended(came, time.monotonic() - began, remake.kind))
        await self._stores.remakes.release(remake, seconds, was_tried=was_tried)

    async def _remake(self, remake: Remake, cleaner: Cleans, folder: Path) -> Reason | None:
        """Why it cannot be; None: it was."""
        file, original = remake.file, folder / ORIGINAL
        await asyncio.to_thread((folder / MADE).mkdir)
        try:
            fetched = await self._stores.objects.fetch(file.key, original)
        except NotFound:
            return Reason.SOURCE_GONE
        if (fetched.size, fetched.sha256) != (file.size, file.sha256):
            return Reason.CHANGED_ON_THE_WAY
        clean = CleanFile(remake.kind, file.content_type, object_of(file.attributes))
        try:
            answer = await cleaner.run(Job(original, folder / MADE, "", self._limits, clean=clean), lambda *_: None)
        except TookTooLong:
            return Reason.TOOK_TOO_LONG
        match answer:
            case RemadeLine():
                await self._settle(remake, answer, folder / MADE)
                return None
            case RejectedLine():
                return answer.reason
            case _:
                raise ChildLost("it did something else")

    async def _settle(self, remake: Remake, made: RemadeLine, folder: Path) -> None:
        """[REN-12] Under keys of their own: what somebody looks at stays as it is."""
        putting = Putting(self._stores.objects, folder)
        under = ObjectKey(f"{remake.file.key}/{make_id(self._entropy(ID_BYTES))}")
        try:
            renditions = await putting.put_all(under, made.renditions, lambda _: None)
            shape = Shape(made.width, made.height, made.frames, made.seconds)
            remade = Remade(json.dumps(made.attributes, sort_keys=True), shape, renditions)
            await self._stores.remakes.settle(remake, remade)
        except (Conflict, asyncio.CancelledError, ObjectsUnavailable, ChildLost):
            await putting.take_back()
            raise
