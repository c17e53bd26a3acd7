"""People who come, write a little, see that it is saved, and go; in rooms that open when somebody comes, and close."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.faults.ledger import read_ledger
from tests.faults.scene import READERS, WRITERS, Scene, until
from tests.faults.writer import Place, Writer

VISITORS = 8
CASES = 24
"""So many are visited; older ones are left for good."""
BETWEEN_CASES_SECONDS = 5.0
MOST_EDITS = 8
MOST_PAUSE_SECONDS = 1.0
"""Between two visits of one person: so that the machine is not full, and memory is not what waits to be sent."""


@dataclass(slots=True)
class Books:
    """What came of it."""

    visits: int = 0
    acknowledged: dict[Place, set[str]] = field(default_factory=dict)
    trouble: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Visits:
    """The coming and going."""

    scene: Scene
    chance: random.Random
    books: Books = field(default_factory=Books)
    _cases: deque[str] = field(default_factory=lambda: deque(maxlen=CASES))
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    @asynccontextmanager
    async def going_on(self) -> AsyncIterator[None]:
        """Until the block ends; then everybody leaves."""
        if not self._cases:
            self._cases.extend([await self.scene.open_case() for _ in range(CASES // 4)])
        tasks = [
            asyncio.create_task(self._open_cases()),
            *(asyncio.create_task(self._visit()) for _ in range(VISITORS)),
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            for result in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(result, Exception):
                    self.books.trouble.append(repr(result))

    async def count_lost(self) -> int:
        """How many acknowledged edits are in no journal."""
        lost = 0
        for place, acknowledged in self.books.acknowledged.items():
            lost += len(acknowledged - (await read_ledger(self.scene.cluster.database_url, place)).committed.keys())
        return lost

    async def _open_cases(self) -> None:
        while True:
            await asyncio.sleep(BETWEEN_CASES_SECONDS)
            self._cases.append(await self.scene.open_case())

    async def _visit(self) -> None:
        while True:
            place = Place(self.chance.choice(list(self._cases)), self.chance.choice(("record", "discussion")))
            role, wire = self.chance.choice((*WRITERS, *READERS))
            name = "".join(chr(ord("a") + int(digit)) for digit in str(next(self._numbers)))
            visitor = Writer(self.scene.port, getattr(self.scene.people, role), place, wire, name)
            running = asyncio.create_task(visitor.run())
            try:
                await until(lambda: visitor.is_synced, f"{name} to be let in", 30.0)  # noqa: B023  (called in this turn)
                if (role, wire) in WRITERS:
                    for _ in range(self.chance.randint(1, MOST_EDITS)):
                        await visitor.write()
                        await asyncio.sleep(0.02)
                    await until(lambda: visitor.is_settled, f"{name} to be saved", 30.0)  # noqa: B023
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)
                self.books.acknowledged.setdefault(place, set()).update(visitor.acknowledged)
                self.books.trouble += visitor.trouble
            self.books.visits += 1
            await asyncio.sleep(self.chance.uniform(0, MOST_PAUSE_SECONDS))
