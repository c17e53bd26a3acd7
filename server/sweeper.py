"""Forgets what ended by itself: sessions, tickets, links and known devices whose time is over."""

from __future__ import annotations

from server.access import Clock
from server.background import Done, Duty
from storage.ports import Lease, People

LOOK_SECONDS = 600.0


class Sweeper:
    """The rows were good for nothing already; a new credential sweeps them too, but may be long in coming."""

    def __init__(self, people: People, *, clock: Clock) -> None:
        self._people = people
        self._clock = clock
        self.duty = Duty("sweeping", LOOK_SECONDS, self._look)

    async def _look(self, _: Lease) -> Done:
        return Done(await self._people.sweep(self._clock()))
