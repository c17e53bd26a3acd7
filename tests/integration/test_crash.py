"""`kill -9` of the real server at random moments, twenty times, under writers, watchers and a browser's client."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest
from websockets.exceptions import ConnectionClosed

from tests.integration.conftest import MakeHouse
from tests.integration.yclient import YClient, read_fresh
from tests.interop.replicas import Clients, Replica, running_node
from tests.servers import People, RunningServer

KILLS = 20
SEED = 20121
WRITERS = ("lead", "contributor")
SETTINGS = {
    "CONSILIUM_COMPACT_EVERY": "60",  # so that snapshots are being made when it dies, and read when it comes back
    "CONSILIUM_MAX_FRAMES_PER_SECOND": "100000",
    "CONSILIUM_FRAME_BURST": "100000",
}


@dataclass(slots=True)
class Books:
    """What was promised and what was kept."""

    cut_off: int = 0
    """Edits that were on their way when the server died."""
    lost: int = 0
    doubled: int = 0
    shown_too_early: int = 0


@dataclass(slots=True)
class Scene:
    """Everybody who is there. They come in before a kill, and again once what is stored was looked at."""

    server: RunningServer
    people: People
    writers: list[YClient]
    watchers: list[YClient]
    browser: Replica

    @property
    def acknowledged(self) -> int:
        """Edits that somebody was told are saved."""
        return sum(len(writer.acknowledged) for writer in self.writers)


@pytest.mark.timeout(300)
async def test_no_acknowledged_edit_is_lost_when_the_server_is_killed(
    make_house: MakeHouse, capsys: pytest.CaptureFixture[str]
) -> None:
    """[ROOM-1] [ROOM-3] [ROOM-14] [ROOM-15] [JRN-1] [JRN-2] [JRN-12]"""
    server, people = make_house(SETTINGS)
    cases = [people.open_case(server) for _ in range(2)]
    places = [(cases[0], "record"), (cases[0], "discussion"), (cases[1], "record")]
    chance = random.Random(SEED)
    books = Books()
    with running_node() as node:
        scene = Scene(
            server,
            people,
            [YClient(server, getattr(people, role), *place) for place in places for role in WRITERS],
            [YClient(server, people.observer, *place) for place in places],
            Clients(node, server).open("collab", people.lead, *places[0]),
        )
        for number in range(KILLS):
            await _write_until_killed(scene, chance, number)
            books.cut_off += sum(len(writer.made) - len(writer.acknowledged) for writer in scene.writers)
            server.start()
            await _look_at_what_is_stored(scene, books)
            scene.browser.online()
        made = await _come_back_and_converge(scene)
    with capsys.disabled():
        print(
            f"\n{KILLS} kills: {made} edits made, {books.cut_off} cut off, {scene.acknowledged} acknowledged, "
            f"{books.lost} lost, "
            f"{books.doubled} doubled, {books.shown_too_early} shown before they were journalled"
        )
    assert scene.acknowledged > 20 * KILLS, "too little was written for this to prove anything"
    assert books.cut_off > KILLS, "the kills came when nothing was going on"
    assert (books.lost, books.doubled, books.shown_too_early) == (0, 0, 0)


async def _write_until_killed(scene: Scene, chance: random.Random, number: int) -> None:
    """Everybody comes in and writes; the server dies after some acknowledgements and a random moment more."""
    target = scene.acknowledged + chance.randint(20, 250)
    async with AsyncExitStack() as open_connections:
        await asyncio.gather(
            *(open_connections.enter_async_context(c.connected()) for c in scene.writers + scene.watchers)
        )
        writing = [asyncio.create_task(_write(writer, number)) for writer in scene.writers]
        scene.browser.run("for (let i = 0; i < 30; i++) doc.getArray('a').push([arg + i])", f"browser.{number}.")
        await scene.writers[0].until(lambda: scene.acknowledged >= target, "enough to be acknowledged", seconds=30)
        await asyncio.sleep(chance.uniform(0, 0.03))  # the moment of the fault; nothing waits for it
        scene.server.kill()
        scene.browser.offline()
        await asyncio.gather(*writing)


async def _write(writer: YClient, round_number: int) -> None:
    name = f"{writer.who.name}.{round_number}"
    try:
        for number in range(1_000_000):
            await writer.write(f"{name}.{number}")
            if not writer.is_open:
                return
    except ConnectionClosed:
        return


async def _look_at_what_is_stored(scene: Scene, books: Books) -> None:
    """Before anybody comes back who could bring along what the journal has lost."""
    seen_by_browser = scene.browser.run("return doc.getArray('a').toArray().filter((w) => !w.startsWith('browser.'))")
    assert isinstance(seen_by_browser, list)
    for watcher in scene.watchers:
        stored = await read_fresh(scene.server, scene.people.moderator, *watcher.place)
        counts = Counter(stored)
        books.doubled += sum(count - 1 for count in counts.values())
        books.shown_too_early += len(set(watcher.content()) - counts.keys())
        if watcher.place == scene.watchers[0].place:
            books.shown_too_early += len(set(seen_by_browser) - counts.keys())
        for writer in scene.writers:
            if writer.place == watcher.place:
                books.lost += len(writer.acknowledged - counts.keys())
                others = set(writer.content()) - set(writer.made)
                books.shown_too_early += len(others - counts.keys())
        seqs = [entry["seq"] for entry in scene.server.history(scene.people.lead, *watcher.place)]
        assert seqs == list(range(1, len(seqs) + 1))


async def _come_back_and_converge(scene: Scene) -> int:
    """All come back, bring what was not acknowledged, and have everything once. How many edits that is."""
    made = 0
    async with AsyncExitStack() as open_connections:
        everybody = scene.writers + scene.watchers
        await asyncio.gather(*(open_connections.enter_async_context(client.connected()) for client in everybody))
        await asyncio.gather(*(client.until_saved() for client in everybody))
        scene.browser.until(lambda s: s.unsynced == 0, "to be saved", seconds=20)
        for watcher in scene.watchers:
            writers = [writer for writer in scene.writers if writer.place == watcher.place]
            expected = [word for writer in writers for word in writer.made]
            if watcher.place == scene.watchers[0].place:
                expected += [f"browser.{number}.{i}" for number in range(KILLS) for i in range(30)]
            for client in (watcher, *writers):
                await client.until_length(len(expected))
                assert sorted(client.content()) == sorted(expected)
                assert client.content() == watcher.content()
            made += len(expected)
    array = scene.browser.run("return doc.getArray('a').toArray()")
    assert array == scene.watchers[0].content()
    return made
