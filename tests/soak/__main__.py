"""`python -m tests.soak --minutes 30`: a table of what nodes and worker hold over time, and exit status 1 if something
has piled up."""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import fields

import httpx

from tests.faults.scene import open_scene
from tests.soak.levels import Level, read_level
from tests.soak.visits import Visits

IDLE_ROOM_SECONDS = 3
SEED = 2012
WARM_SECONDS = 60.0
IDLE_SECONDS = 20.0
"""How long nobody is there before levels are read: rooms close after 3 s, memory is given back soon after."""
Say = Callable[[str], None]
Levels = Mapping[str, Level]
Look = Callable[[], Awaitable[Levels]]
COLUMNS = [each.name for each in fields(Level)]


async def soak(seconds: float, say: Say, *, warm_seconds: float, idle_seconds: float) -> bool:
    """Whether all came back to where it was when nobody had been there for `idle_seconds`."""
    settings = {"CONSILIUM_IDLE_ROOM_SECONDS": str(IDLE_ROOM_SECONDS)}
    async with open_scene(settings=settings) as scene, httpx.AsyncClient(timeout=10) as http:
        visits = Visits(scene, random.Random(SEED))
        say(f"{'minute':>7} {'part':<9}{''.join(f'{name:>13}' for name in COLUMNS)}")
        begun = time.monotonic()

        async def look() -> Levels:
            parts = (*scene.cluster.nodes, scene.cluster.worker)
            return {each.part.name: await read_level(scene, each, http) for each in parts}

        def show(levels: Levels) -> None:
            minute = (time.monotonic() - begun) / 60
            for name, level in levels.items():
                say(f"{minute:>7.1f} {name:<9}{_numbers(level)}")

        async with visits.going_on():
            await asyncio.sleep(warm_seconds)
        before = await _idle(look, idle_seconds)
        warm = visits.books.visits
        show(before)
        highest = before
        async with visits.going_on(), _sampling(look, show, seconds / 12) as samples:
            await asyncio.sleep(seconds)
        for sample in samples:
            highest = {name: level.highest(sample[name]) for name, level in highest.items()}
        after = await _idle(look, idle_seconds)
        show(after)
        lost = await visits.count_lost()
        saved = sum(map(len, visits.books.acknowledged.values()))
        say(f"{visits.books.visits - warm} visits after warming up, {saved} edits acknowledged, {lost} lost")
        trouble = [*visits.books.trouble, *([f"{lost} lost"] if lost else []), *scene.told]
        if visits.books.visits - warm < seconds:
            trouble.append("less than a visit a second: too few to prove anything")
        if min(level.sessions for name, level in highest.items() if name != "worker") == 0:
            trouble.append("nobody was seen on one of the nodes")
        for name, level in after.items():
            for what, (found, most) in level.beyond(before[name].allowed()).items():
                trouble.append(f"{name}: {what} is {found:g}, at most {most:g} was allowed")
        for line in trouble:
            say(line)
        return not trouble


async def _idle(look: Look, seconds: float) -> Levels:
    """What is held when nobody has been there for a while."""
    async with asyncio.timeout(60):
        while any(level.sessions or level.rooms for level in (await look()).values()):  # noqa: ASYNC110
            await asyncio.sleep(1)
    await asyncio.sleep(seconds)
    return await look()


@asynccontextmanager
async def _sampling(look: Look, show: Callable[[Levels], None], every: float) -> AsyncIterator[list[Levels]]:
    """Look now and then until the block ends."""
    samples: list[Levels] = []

    async def sample() -> None:
        while True:
            await asyncio.sleep(every)
            samples.append(await look())
            show(samples[-1])

    sampling = asyncio.create_task(sample())
    try:
        yield samples
    finally:
        sampling.cancel()
        await asyncio.gather(sampling, return_exceptions=True)


def _numbers(level: Level) -> str:
    return "".join(f"{getattr(level, name):>13g}" for name in COLUMNS)


def parse(words: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0, help="how long people come and go (default: 30)")
    return parser.parse_args(words)


def main(words: list[str]) -> int:
    """The exit status."""
    seconds = parse(words).minutes * 60
    run = soak(
        seconds,
        lambda line: print(line, flush=True),
        warm_seconds=min(WARM_SECONDS, seconds / 4),
        idle_seconds=IDLE_SECONDS,
    )
    return 0 if asyncio.run(run) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
