"""Keeps parts running: one that dies is started again, later each time it dies soon."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager

from server.part import PartFailed, Running

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 15.0
WELL_SECONDS = 30.0
"""Whoever ran that long has recovered: the next pause is short again. Arbitrary."""

Tell = Callable[[str], None]
Sleep = Callable[[float], Awaitable[None]]


def pauses() -> Iterator[float]:
    """How long to wait before each start, from one death to the next."""
    pause = FIRST_PAUSE_SECONDS
    while True:
        yield pause
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


async def keep(running: Running, tell: Tell, sleep: Sleep = asyncio.sleep) -> None:
    """Start it again whenever it ends, for ever; every death and every new start is told."""
    clock = asyncio.get_running_loop().time
    waits = pauses()
    while True:
        since = clock()
        status = await running.ended()
        if clock() - since > WELL_SECONDS:
            waits = pauses()
        pause = next(waits)
        tell(f"{running.part.name} {_of(status)}; it is started again in {pause:g} s")
        await sleep(pause)
        try:
            await running.start()
        except (PartFailed, OSError) as error:
            tell(str(error))
        else:
            tell(f"{running.part.name} is there again (process {running.pid})")


@asynccontextmanager
async def kept(parts: Sequence[Running], tell: Tell) -> AsyncIterator[None]:
    """Keep these running until the block ends; they run on then."""
    tasks = [asyncio.create_task(keep(each, tell)) for each in parts]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _of(status: int) -> str:
    if status >= 0:
        return f"ended with status {status}"
    try:
        return f"died of {signal.Signals(-status).name}"
    except ValueError:
        return f"died of signal {-status}"
