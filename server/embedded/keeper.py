"""Keeps our S3 server running beside us: started without being waited for, started again when it dies, gone when we
are. [OBJ-9]"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import structlog

from server.embedded.papers import HOST, make_papers, read_papers
from server.embedded.sockets import remove_dead
from server.embedded.weed import PROGRAM, weed_part
from server.logs import trace
from server.part import PartFailed, Running
from server.settings import Settings
from server.supervisor import keep, pauses

LEFTOVER_SECONDS = 10.0
POLL_SECONDS = 0.05
PROC = Path("/proc")
"""Of Linux; elsewhere `ps` knows."""
MOST_LOG_BYTES = 1024 * 1024
"""Of what it says before its own log is open."""

log = structlog.get_logger("consilium.objects")


@asynccontextmanager
async def kept_store(settings: Settings, origins: Sequence[str], host: str = HOST) -> AsyncIterator[None]:
    """Our S3 server runs until the block ends; it may take some seconds to be there, or never be: nothing but images
    and files waits for it. `origins` are those of our pages. Nobody else may serve this data folder."""
    keeping = asyncio.create_task(_keep(settings, origins, host), name="objects")
    try:
        yield
    finally:
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping


async def _keep(settings: Settings, origins: Sequence[str], host: str) -> None:
    try:
        running = await _described(settings, origins, host)
        try:
            await _run(running)
        finally:
            await running.kill()
            await asyncio.to_thread(clear_sockets, settings.objects_folder)
    except Exception as error:
        log.error("objects.defect", trace=trace(error))  # ours to mend; all but images and files goes on


async def _described(settings: Settings, origins: Sequence[str], host: str) -> Running:
    """What is to run, when nothing of an earlier start is in its way; tried again until there is room, or a program."""
    folder = settings.objects_folder
    keys = None
    if settings.s3_access_key is not None and settings.s3_secret_key is not None:
        keys = (settings.s3_access_key.get_secret_value(), settings.s3_secret_key.get_secret_value())
    for pause in pauses():
        try:
            await asyncio.to_thread(end_leftovers, folder)
            await asyncio.to_thread(clear_sockets, folder)
            papers = await asyncio.to_thread(make_papers, folder, settings.s3_bucket, settings.s3_port, keys)
            return Running(weed_part(folder, papers, settings.s3_bucket, origins, host), _log_file(folder))
        except (PartFailed, OSError) as error:
            _tell(str(error))
            await asyncio.sleep(pause)
    raise AssertionError("pauses never end")


async def _run(running: Running) -> None:
    try:
        await running.start()
        log.info("objects.started", process=running.pid)
    except (PartFailed, OSError) as error:
        _tell(str(error))
    await keep(running, _tell)


def _tell(line: str) -> None:
    log.warning("objects.server", told=line)


def _log_file(folder: Path) -> Path:
    file = folder / "logs" / "start.log"
    if file.exists() and file.stat().st_size > MOST_LOG_BYTES:
        file.replace(file.with_suffix(".old"))
    return file


def end_leftovers(folder: Path) -> None:
    """End what an earlier server left behind that was killed where no kernel ends its children: two on one folder would
    ruin it. Raises: PartFailed when one does not go."""
    until = time.monotonic() + LEFTOVER_SECONDS
    while found := list(_processes(folder)):
        for process in found:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        if time.monotonic() > until:
            raise PartFailed(f"another store of images runs on {folder} and does not end (process {found[0]})")
        time.sleep(POLL_SECONDS)


def clear_sockets(folder: Path) -> None:
    """What one that was killed has left outside of its folder, by the ports that it had."""
    with suppress(PartFailed):  # papers that cannot be read are told elsewhere
        papers = read_papers(folder)
        if papers is not None:
            remove_dead(papers.ports)


def _processes(folder: Path) -> Iterator[int]:
    """Those that serve this folder. One that is dead, but that nobody has asked for, has no command line any more."""
    word = f"-dir={folder / 'files'}"
    if PROC.exists():
        for entry in PROC.iterdir():
            if entry.name.isdecimal():
                with suppress(OSError):
                    words = (entry / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
                    if Path(words[0]).name == PROGRAM and word in words:
                        yield int(entry.name)
        return
    listed = subprocess.run(["ps", "-axo", "pid=,args="], capture_output=True, text=True, check=False).stdout
    for line in listed.splitlines():
        number, _, words_ = line.strip().partition(" ")
        if PROGRAM in words_ and word in words_:
            yield int(number)
