"""The process that works on uploads beside a server, until there is nothing to do for a while."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress

from server.access import Clock
from server.embedded.found import find_access
from server.media_meters import Ended
from server.media_worker.lanes import Lanes
from server.node_name import make_name
from server.premises import OpenNode, make_data_folder, wall_clock
from server.settings import Settings

LOOK_SECONDS = 1.0
IDLE_SECONDS = 60.0
"""For so long it waits for the next file: the next of a person who sends several comes sooner."""


def work_on_media(
    settings: Settings, open_node: OpenNode, told_to: int | None = None, clock: Clock = wall_clock
) -> None:
    """Work on uploads until there are none for a while, or until SIGTERM; `told_to` is a pipe for what is counted.
    Raises: StorageUnavailable, OSError."""

    def tell(ended: Ended) -> None:
        if told_to is not None:
            with suppress(OSError):  # a count is not worth waiting for, nor is a server that is gone
                os.write(told_to, ended.to_line())

    async def run() -> None:
        stopping = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stopping.set)
        async with open_node(settings.database, None, 0, find_access(settings)) as stores:
            lanes = Lanes(settings, stores, make_name(os.urandom), clock=clock, entropy=os.urandom, ended=tell)
            async with lanes.running():
                while not stopping.is_set() and lanes.idle_seconds < IDLE_SECONDS:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(stopping.wait(), LOOK_SECONDS)
                await lanes.drain()

    if told_to is not None:
        os.set_blocking(told_to, False)
    make_data_folder(settings)
    asyncio.run(run())
