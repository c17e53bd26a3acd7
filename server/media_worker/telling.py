"""How far the work on an upload is, told now and then to whoever waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from storage.ports import Claim, Stores
from workspace.errors import ConsiliumError

TELL_SECONDS = 1.5
"""Each time every page of the case looks."""
WHOLE = 1000
"""Of so many parts: all of the work."""


class Telling:
    """Tells now and then how far a claim is, whoever counts in which thread."""

    def __init__(self, stores: Stores, claim: Claim) -> None:
        self._stores = stores
        self._claim = claim
        self._done = 0
        self._task = asyncio.create_task(self._tell())

    def part(self, start: int, end: int, total: int) -> Callable[[int], None]:
        """For who counts up to `total`: that is the stretch from `start` to `end`."""

        def count(done: int) -> None:
            self._done = start + (end - start) * min(done, total) // max(total, 1)

        return count

    def between(self, start: int, end: int) -> Callable[[int, int], None]:
        """For who says how much of how much."""
        return lambda done, total: self.part(start, end, total)(done)

    async def end(self) -> None:
        """Tell nothing more."""
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    async def _tell(self) -> None:
        told = 0
        while True:
            await asyncio.sleep(TELL_SECONDS)
            if self._done == told:
                continue
            told = self._done
            try:
                await self._stores.upload_work.progress(self._claim, told, WHOLE)
            except ConsiliumError:  # the claim is lost, which its holder hears elsewhere; or the database is away
                continue
