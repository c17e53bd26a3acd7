"""Work that may end its process, done in a child: no `Doc` is built in the process that serves people. [JRN-14]"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from anyio import BrokenWorkerProcess, CapacityLimiter, to_process

T = TypeVar("T")


class ChildLost(Exception):
    """The child died, or was ended because it took too long."""


class Child:
    """Does one piece of work at a time in a child that is started when it is first needed and kept for a while."""

    def __init__(self, patience_seconds: float) -> None:
        self._patience_seconds = patience_seconds
        self._one_at_a_time = CapacityLimiter(1)

    async def run(self, work: Callable[..., T], *given: object) -> T:
        """What `work` answers; it and what it is given are sent there, so it must be a function of a module that
        imports nothing of the server. Raises: ChildLost, and what the work raises."""
        try:
            async with asyncio.timeout(self._patience_seconds):
                return await to_process.run_sync(work, *given, cancellable=True, limiter=self._one_at_a_time)
        except (BrokenWorkerProcess, TimeoutError) as error:
            raise ChildLost(type(error).__name__) from error
