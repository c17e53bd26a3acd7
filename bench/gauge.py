"""Readings: CPU and memory of a process with its children, and quantiles."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import psutil

from bench.tasks import Quantiles

QUIET_SHARE = 0.03
QUIET_LOOK_SECONDS = 0.5


def family(pid: int) -> list[psutil.Process]:
    """A process and all below it."""
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def cpu_seconds(pid: int) -> float:
    """User and system time of all threads, and of children that ended, to about 10 ms."""
    total = 0.0
    for process in family(pid):
        with suppress(psutil.NoSuchProcess):  # a child that ended just now: its parent's times hold it
            times = process.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total


def resident_bytes(pid: int) -> int:
    """Resident set size."""
    total = 0
    for process in family(pid):
        with suppress(psutil.NoSuchProcess):
            total += process.memory_info().rss
    return total


async def quiet(pid: int, at_least: float, at_most: float) -> None:
    """Wait until the server has stopped working on what it was given, between these many seconds."""
    await asyncio.sleep(at_least)
    waited = at_least
    before = cpu_seconds(pid)
    while waited < at_most:
        await asyncio.sleep(QUIET_LOOK_SECONDS)
        waited += QUIET_LOOK_SECONDS
        now = cpu_seconds(pid)
        if now - before < QUIET_SHARE * QUIET_LOOK_SECONDS:
            return
        before = now


def quantiles(seconds: Sequence[float]) -> Quantiles:
    """The median and the 99th percentile, in milliseconds."""
    if not seconds:
        return Quantiles(None, None)
    ordered = sorted(seconds)
    return Quantiles(_at(ordered, 0.50), _at(ordered, 0.99))


def _at(ordered: Sequence[float], share: float) -> float:
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000, 3)
