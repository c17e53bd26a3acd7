"""A cluster with a proxy on every link, its supervisor, people, and a crowd of clients that write."""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from bench.wires import WireName
from server.cluster.cluster import CLIENTS, Cluster, Plan, open_cluster
from server.cluster.objects import BUCKET
from server.cluster.postgres import make_postgres, remove_postgres
from server.cluster.programs import find_programs
from server.embedded.papers import read_papers
from server.part import Running
from server.premises import bind
from server.supervisor import kept
from storage.ports import S3Access
from storage.stores import open_stores
from tests.disk import Disk, faulty, missing
from tests.faults.chaos import Chaos
from tests.faults.writer import Place, Writer
from tests.object_server import access_of
from tests.servers import OFF, People, add_people

SETTINGS = {
    "CONSILIUM_COMPACT_EVERY": "60",  # so that snapshots are made and read while things break
    "CONSILIUM_LOG_FORMAT": "json",
    "CONSILIUM_MAX_FRAMES_PER_SECOND": "1000",
    "CONSILIUM_FRAME_BURST": "10000",
}
POSTGRES_SETTINGS = {"track_commit_timestamp": "on"}
BETWEEN_EDITS_SECONDS = 0.05
PATIENCE_SECONDS = 90.0
WRITERS: Sequence[tuple[str, WireName]] = (
    ("lead", "y-websocket"),
    ("contributor", "hocuspocus"),
    ("lead", "hocuspocus"),
    ("contributor", "y-websocket"),
)
READERS: Sequence[tuple[str, WireName]] = (("observer", "y-websocket"), ("consultant", "hocuspocus"))
LETTERS = "abcdefghijklmnop"


@dataclass(slots=True)
class Scene:
    """All that a round can do something to."""

    cluster: Cluster
    people: People
    port: int
    """Where clients come in: before the balancer, behind the link that can be broken."""
    links: Mapping[tuple[str, str], Chaos]
    """By who asks and who is asked."""
    told: list[str]
    """What the supervisor said."""
    http: httpx.AsyncClient
    disk: Disk | None
    """What is below PostgreSQL; None where no such thing can be made."""
    clock: Disk | None
    """The clock of nodes and worker, likewise."""
    store: S3Access | None
    """The store of images, past every link; None where the scene has none."""
    bus_was_down: bool = False
    nodes_seen: set[str] = field(default_factory=set)
    """Which nodes had clients."""

    def links_to(self, whom: str) -> Sequence[Chaos]:
        """All links to one part."""
        return [link for (_, asked), link in self.links.items() if asked == whom]

    async def open_case(self) -> str:
        """A case of the lead with everybody in it, made through the balancer."""
        headers = {"Authorization": f"Bearer {self.people.lead.token}"}
        made = await self.http.post("/api/cases", json={"title": "A case"}, headers=headers)
        assert made.status_code == 201, made.text
        case = str(made.json()["case"]["id"])
        for role in ("contributor", "consultant", "observer"):
            body = {"email": getattr(self.people, role).email, "role": role}
            answer = await self.http.put(f"/api/cases/{case}/members", json=body, headers=headers)
            assert answer.status_code == 200, answer.text
        return case

    async def look(self) -> None:
        """Note what nodes say of themselves, for ever."""
        async with httpx.AsyncClient(timeout=2.0) as http:
            while True:
                for node in self.cluster.nodes:
                    with suppress(httpx.HTTPError):
                        numbers = await read_metrics(http, node.part.address)
                        self.bus_was_down |= numbers["consilium_bus_up"] == 0
                        if numbers["consilium_sessions"] > 0:
                            self.nodes_seen.add(node.part.name)
                await asyncio.sleep(0.3)

    async def until_whole(self) -> None:
        """Wait until every part answers again, and the balancer knows it."""

        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                answers = await asyncio.gather(*(part.part.answers() for part in self.cluster.parts))
                if all(answers) and all(node.is_ready for node in self.cluster.ways):
                    return
                await asyncio.sleep(0.1)


@dataclass(slots=True)
class Crowd:
    """Everybody in some rooms."""

    rooms: Mapping[Place, Sequence[Writer]]
    writers: Sequence[Writer]

    @property
    def clients(self) -> Sequence[Writer]:
        return [client for clients in self.rooms.values() for client in clients]

    @property
    def acknowledged(self) -> int:
        return sum(len(writer.acknowledged) for writer in self.writers)

    @property
    def in_flight(self) -> int:
        return sum(writer.in_flight for writer in self.writers)

    @property
    def breaks(self) -> int:
        return sum(client.breaks for client in self.clients)

    async def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait until it holds. Raises: TimeoutError, with what is known of everybody."""
        try:
            await until(condition, what)
        except TimeoutError as error:
            states = {client.name: (client.is_settled, client.in_flight, client.breaks) for client in self.clients}
            raise TimeoutError(f"{what}: {states}") from error


async def until(condition: Callable[[], bool], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Look, ten times a second, until it holds. Raises: TimeoutError."""

    async def holds() -> bool:
        return condition()

    await until_true(holds, what, seconds)


async def until_true(condition: Callable[[], Awaitable[bool]], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    """The same, where looking takes its time. Raises: TimeoutError."""
    deadline = time.monotonic() + seconds
    while not await condition():
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        await asyncio.sleep(0.1)


async def read_metrics(http: httpx.AsyncClient, address: str) -> Mapping[str, float]:
    """All numbers without labels."""
    text = (await http.get(f"{address}/metrics")).text
    lines = (line.split() for line in text.splitlines() if line and line[0] != "#" and "{" not in line)
    return {words[0]: float(words[1]) for words in lines}


def family(running: Running) -> Sequence[psutil.Process]:
    """A part's processes, the one that starts the others first."""
    if running.pid is None:
        return []
    first = psutil.Process(running.pid)
    return [first, *first.children(recursive=True)]


@asynccontextmanager
async def open_scene(
    consilium: Sequence[str] = (sys.executable, "-m", "server"),
    *,
    settings: Mapping[str, str] | None = None,
    has_store: bool = False,
) -> AsyncIterator[Scene]:
    """A fresh cluster in a folder of its own; nothing of it is left. It has a store of images where somebody hands
    files in: a store takes seconds to start."""
    folder = Path(tempfile.mkdtemp(prefix="consilium-faults-"))
    links: dict[tuple[str, str], Chaos] = {}
    people: list[People] = []

    async def between(who: str, whom: str, port: int) -> int:
        link = links[who, whom] = Chaos(f"{who} to {whom}", port)
        return await link.open()

    async def prepare(database_url: str) -> None:
        async with open_stores(database_url):
            pass  # the schema
        people.append(await asyncio.to_thread(add_people, database_url))

    told: list[str] = []
    async with AsyncExitStack() as stack:
        stack.callback(shutil.rmtree, folder)
        stack.callback(remove_postgres, folder)
        programs = find_programs()
        disk = clock = None
        if missing() is None:
            home = (await asyncio.to_thread(make_postgres, folder, programs)).folder
            disk, clock = stack.enter_context(faulty(home)), stack.enter_context(faulty(folder / "nowhere"))
        plan = Plan(
            folder,
            programs,
            settings={
                **SETTINGS,
                **({} if has_store else OFF),
                **(settings or {}),
                **(clock.environment() if clock else {}),
            },
            postgres_settings=POSTGRES_SETTINGS,
            postgres_environment=disk.environment() if disk else {},
            consilium=consilium,
            between=between,
            prepare=prepare,
        )
        bound = stack.enter_context(bind("127.0.0.1", 0))
        cluster = await stack.enter_async_context(open_cluster(plan, bound))
        await stack.enter_async_context(kept(cluster.parts, told.append))
        port = await between(CLIENTS, "balancer", bound.getsockname()[1])
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10))
        stack.callback(_close, links)
        papers = read_papers((folder / "objects").resolve())
        access = None if papers is None else access_of(papers, BUCKET)
        yield Scene(cluster, people[0], port, links, told, http, disk, clock, access)


def _close(links: Mapping[tuple[str, str], Chaos]) -> None:
    for link in links.values():
        link.close()


@asynccontextmanager
async def crowd(scene: Scene, rooms: int = 2) -> AsyncIterator[Crowd]:
    """Clients in that many new rooms, who write until the block ends or they are told to stop."""
    places = [Place(await scene.open_case(), "record") for _ in range(rooms)]
    names = iter(f"{a}{b}" for a in LETTERS for b in LETTERS)
    seated: dict[Place, list[Writer]] = {}
    writers: list[Writer] = []
    for place in places:
        for role, wire in (*WRITERS, *READERS):
            client = Writer(scene.port, getattr(scene.people, role), place, wire, next(names))
            seated.setdefault(place, []).append(client)
            if (role, wire) in WRITERS:
                writers.append(client)
    everybody = Crowd(seated, writers)
    async with at_it(client.run() for client in everybody.clients):
        yield everybody


@asynccontextmanager
async def writing(everybody: Crowd) -> AsyncIterator[None]:
    """All who write do, all the time, whether they are connected or not."""

    async def write(writer: Writer) -> None:
        while True:
            await writer.write()
            await asyncio.sleep(BETWEEN_EDITS_SECONDS)

    async with at_it(write(writer) for writer in everybody.writers):
        yield


@asynccontextmanager
async def at_it(work: Iterable[Coroutine[None, None, None]]) -> AsyncIterator[None]:
    """All of it goes on until the block ends. Raises: what any of it threw."""
    tasks = [asyncio.create_task(each) for each in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        defects = [each for each in results if isinstance(each, Exception)]
        if defects:
            raise defects[0]


async def fresh_reader(scene: Scene, place: Place, node_port: int) -> Writer:
    """Somebody who comes for the first time, straight to one node, has everything, and is gone again."""
    reader = Writer(node_port, scene.people.moderator, place, "y-websocket", "fresh")
    running = asyncio.create_task(reader.run())
    try:
        await until(lambda: reader.is_synced, "a newcomer to be let in")
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    return reader
