"""The work on uploads beside a server, in a process of its own: started when something waits, gone when nothing does.

So no byte of a file passes through the process that serves people, and none of its memory and turns goes to it.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial

import structlog

from server.media_meters import MediaMeters, read_line
from server.media_worker.lanes import count_lanes
from server.part import die_with
from server.renditions.rules import RULES
from server.settings import Settings
from server.supervisor import pauses
from storage.ports import Stores
from workspace.errors import ConsiliumError

COMMAND, TELL = "media-worker", "--tell"
LOOK_SECONDS = 1.0
"""How often a server looks whether there is anything to do. One short read."""
STOP_SECONDS = 10.0
LAST_WORDS_SECONDS = 1.0

log = structlog.get_logger("consilium.media")


@asynccontextmanager
async def kept_media_worker(settings: Settings, stores: Stores, meters: MediaMeters) -> AsyncIterator[None]:
    """While the block runs, files that wait are worked on, in a process of their own, and counted in `meters`. When it
    ends, the process gives back what it has and ends."""
    if not settings.background_work or count_lanes(settings) == 0:
        yield
        return
    keeping = asyncio.create_task(_keep(settings, stores, meters), name="media-worker")
    try:
        yield
    finally:
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping


async def _keep(settings: Settings, stores: Stores, meters: MediaMeters) -> None:
    waits = pauses()
    while True:
        if not await _is_waiting(stores):
            await asyncio.sleep(LOOK_SECONDS)
            continue
        status = await _run(settings, meters)
        if status == 0:
            waits = pauses()
            continue
        pause = next(waits)
        log.warning("media.worker_ended", status=status, pause=pause)
        await asyncio.sleep(pause)


async def _is_waiting(stores: Stores) -> bool:
    try:
        return await stores.upload_work.waiting() or await stores.remakes.waiting(RULES)
    except ConsiliumError:  # the database is away, which others say
        return False


async def _run(settings: Settings, meters: MediaMeters) -> int:
    """Its exit status; negative for the signal that it died of."""
    reading, writing = os.pipe()
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "server",
            "--data",
            str(settings.data),
            COMMAND,
            TELL,
            str(writing),
            pass_fds=(writing,),
            stdin=asyncio.subprocess.DEVNULL,
            # Ctrl-C in the terminal is for us, who end it in order.
            start_new_session=True,
            preexec_fn=partial(die_with, os.getpid(), signal.SIGTERM),
        )
    except OSError as error:
        os.close(reading)
        log.warning("media.worker_not_started", error=error.strerror)
        return 1
    finally:
        os.close(writing)
    log.info("media.worker_started", process=process.pid)
    counting = asyncio.create_task(_count(reading, meters), name="media-counts")
    try:
        return await process.wait()
    except asyncio.CancelledError:
        await asyncio.shield(_stop(process))
        raise
    finally:
        with suppress(TimeoutError):  # what it said last is in the pipe; a child of its own may hold that open
            await asyncio.wait_for(counting, LAST_WORDS_SECONDS)


async def _count(pipe: int, meters: MediaMeters) -> None:
    """What the process tells, until it has ended."""
    lines = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(lines), os.fdopen(pipe, "rb", buffering=0)
    )
    try:
        async for line in lines:
            meters.count(read_line(line))
    except ValueError:  # it is of another release, or beside itself
        log.warning("media.not_counted")
    finally:
        transport.close()


async def _stop(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
