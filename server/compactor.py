"""Keeps one room's snapshots: made in the background, one at a time, and never needed for the truth. [JRN-13]"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog

from server.defects import is_defect
from server.meters import Meters
from storage.ports import Journal
from workspace.compaction import encode_snapshot
from workspace.ids import Millis, Seq, UpdateBytes
from workspace.replica import Holding
from workspace.room import Room

log = structlog.get_logger("consilium.compactor")

Squash = Callable[[Holding], Awaitable[UpdateBytes]]
"""One update for all chunks of a replica: `server.squashing.ChildProcess`."""


class Compactor:
    """Compacts one room's document, and knows how far behind its newest snapshot is."""

    def __init__(
        self, journal: Journal, squash: Squash, clock: Callable[[], Millis], snapshot_seq: Seq, meters: Meters
    ) -> None:
        self.is_busy = False
        self._meters = meters
        self._journal = journal
        self._squash = squash
        self._clock = clock
        self._snapshot_seq = snapshot_seq

    def behind(self, room: Room) -> int:
        """How many entries came after the newest snapshot, or after the last try at one."""
        return room.head - self._snapshot_seq

    async def run(self, room: Room) -> None:
        """Write a snapshot of what the room holds now, and let the room hold it instead of what it stands for."""
        replica, seq = room.replica, room.head
        try:
            holding = replica.seal()
            with self._meters.compactions.time():
                update = await self._squash(holding)
                await self._journal.write_snapshot(room.document, encode_snapshot(holding, update), self._clock())
        except BaseException as error:
            if not is_defect(error):
                raise
            # Compaction is a convenience: history stands whole without it. Try again when more has come.
            replica.unseal()
            self._meters.compaction_failures.inc()
            log.warning("room.compaction_failed", document=str(room.document), error=type(error).__name__)
        else:
            replica.compacted(update)
            log.info("room.compacted", document=str(room.document), seq=seq, bytes=len(update))
        self._snapshot_seq = seq
        self.is_busy = False
