"""Squashing in a child process, because a `Doc` can be killed by well-formed updates. [JRN-14]

Updates that pass our reader one by one can still, together, crash the Rust under a `Doc`: one client that says two
things under one clock across a gap, or types nested tens of thousands deep and then deleted. So no `Doc` is built in
the process that serves people.
"""

from __future__ import annotations

import asyncio

import structlog

from server.child import Child, ChildLost
from workspace.compaction import squash
from workspace.ids import UpdateBytes
from workspace.replica import Holding, fold

log = structlog.get_logger("consilium.squashing")

PATIENCE_SECONDS = 60.0
"""The largest documents take a few; a child that hangs is killed."""


class ChildProcess:
    """Squashes one holding at a time."""

    def __init__(self, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._child = Child(patience_seconds)

    async def __call__(self, holding: Holding) -> UpdateBytes:
        """One update that holds what the chunks hold; merged only, and so larger, when the child did not survive it."""
        try:
            return await self._child.run(squash, holding)
        except ChildLost as error:
            log.warning("squashing.child_lost", seq=holding.seq, error=str(error))
            return await asyncio.to_thread(fold, list(holding.chunks))
