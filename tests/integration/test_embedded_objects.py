"""Our own S3 server beside a real server: nobody waits for it, nobody gets past it, nothing of it is left behind."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path

import httpx
import psutil
import pytest

from server.embedded.found import find_access
from server.embedded.papers import Papers, make_papers, read_papers
from server.embedded.sockets import sockets_of
from server.embedded.weed import weed_part
from server.part import PartFailed, Running
from server.settings import load_settings
from storage.ports import ObjectKey, ObjectsState
from storage.s3_door import Door, open_door
from storage.s3_objects import S3Objects
from tests.servers import EMBEDDED, ROOT, RunningServer, free_port, wait_until
from workspace.errors import ObjectsUnavailable

pytestmark = pytest.mark.timeout(900)
START_SECONDS = 180
SMALL = b"what the camera saw" * 100


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    """One that has its own store; its pages answer, the store may not yet."""
    server = RunningServer(tmp_path / "data", free_port(), EMBEDDED, tmp_path / "server.log")
    server.start()
    try:
        yield server
    finally:
        server.stop()


def state(server: RunningServer) -> object:
    return server.get("/readyz").json()["objects"]


def ready(server: RunningServer) -> None:
    wait_until(lambda: state(server) == "ready", seconds=START_SECONDS, what=lambda: server.log()[-2000:])


async def until(condition: Callable[[], bool], what: str) -> None:
    await asyncio.to_thread(wait_until, condition, seconds=START_SECONDS, what=what)


async def there_again(server: RunningServer, times: int) -> None:
    """It has been started again so many times."""
    await until(lambda: server.log().count("SeaweedFS is there again") == times, "it to be started again")


async def seen_ready(door: Door) -> None:
    """The door has looked since."""
    await until(lambda: door.state is ObjectsState.READY, "the store to be seen")


async def fetched(door: Door, key: ObjectKey, target: Path) -> bytes:
    """The digest of what is there. A store that is busy may be taken for away for a moment."""
    while True:
        try:
            return (await S3Objects(door).fetch(key, target)).sha256
        except ObjectsUnavailable:
            await seen_ready(door)


def papers(server: RunningServer) -> Papers:
    found = read_papers(server.data / "objects")
    assert found is not None
    return found


def weeds(server: RunningServer) -> list[psutil.Process]:
    """The processes that have this data folder's files."""
    word = f"-dir={server.data.resolve() / 'objects' / 'files'}"
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if word in process.cmdline():
                found.append(process)
    return found


def ends(weed: psutil.Process) -> tuple[set[str], set[str]]:
    """The addresses where it listens, and those that it has connected to."""
    lines = weed.net_connections("inet")
    here = [line.laddr.ip for line in lines if line.status == psutil.CONN_LISTEN]
    assert len(here) >= 8
    return set(here), {line.raddr.ip for line in lines if line.status == psutil.CONN_ESTABLISHED}


@contextlib.asynccontextmanager
async def door(server: RunningServer) -> AsyncIterator[Door]:
    """As a worker beside it has."""
    find = find_access(load_settings({"CONSILIUM_DATA": str(server.data)}))
    assert find is not None
    async with open_door(find) as opened:
        yield opened


async def test_it_is_there_when_it_is_there(server: RunningServer, tmp_path: Path) -> None:
    """[OBJ-9] [OBJ-10] [OBJ-11] The server has answered before; what it is asked meanwhile is told that it starts; then
    who is beside uses it, over its death too, and at the same address."""
    began = state(server)
    assert began in ("starting", "ready")
    ready(server)
    assert began == "starting" or "objects.started" in server.log()
    async with door(server) as beside:
        objects = S3Objects(beside)
        await objects.put(ObjectKey("media/a/b"), SMALL, "image/png")
        before = papers(server)
        [weed] = weeds(server)
        weed.kill()
        await there_again(server, 1)
        assert papers(server) == before
        await seen_ready(beside)
        assert await fetched(beside, ObjectKey("media/a/b"), tmp_path / "fetched") == hashlib.sha256(SMALL).digest()


async def test_strangers_get_nothing(server: RunningServer) -> None:
    """[OBJ-8] Not from S3, not around it from the filer and the volumes, and from elsewhere nothing listens at all."""
    ready(server)
    key = ObjectKey("media/a/b")
    async with door(server) as beside:
        await S3Objects(beside).put(key, SMALL, "image/png")
        forged = replace(beside.access, secret_key="another")
        async with open_door(lambda: forged) as stranger:
            signed = S3Objects(stranger).sign_get(key)
    ports = papers(server).ports
    async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
        for method, address in (
            ("GET", f"http://127.0.0.1:{ports.s3}/consilium/{key}"),
            ("GET", f"http://127.0.0.1:{ports.s3}/consilium?list-type=2"),
            ("PUT", f"http://127.0.0.1:{ports.s3}/consilium/{key}"),
            ("DELETE", f"http://127.0.0.1:{ports.s3}/consilium/{key}"),
            ("GET", signed.url),
            ("GET", f"http://127.0.0.1:{ports.filer}/buckets/consilium/{key}"),
            ("PUT", f"http://127.0.0.1:{ports.filer}/buckets/consilium/other"),
            ("DELETE", f"http://127.0.0.1:{ports.filer}/buckets/consilium/{key}"),
            ("GET", f"http://127.0.0.1:{ports.volume}/1,01637037d6"),
            ("DELETE", f"http://127.0.0.1:{ports.volume}/1,01637037d6"),
        ):
            answer = await client.request(method, address, content=b"x" if method == "PUT" else None)
            assert answer.status_code in (401, 403, 404, 405), (method, address, answer.status_code)
            assert SMALL[:20] not in answer.content
    [weed] = weeds(server)
    assert ends(weed) == ({"127.0.0.1"}, {"127.0.0.1"})


async def test_what_was_acknowledged_outlives_kill_9(server: RunningServer, tmp_path: Path) -> None:
    """[OBJ-8] Of the S3 server, in the midst of writing, three times; then of our server, which takes it along."""
    ready(server)
    acknowledged: dict[ObjectKey, bytes] = {}
    numbers = count()
    async with door(server) as beside:
        objects = S3Objects(beside)

        async def write(number: int, until: asyncio.Event) -> None:
            while not until.is_set():
                key = ObjectKey(f"media/{number}/{next(numbers)}")
                try:
                    acknowledged[key] = await objects.put(key, f"{key} ".encode() * 999, "image/png")
                except ObjectsUnavailable:  # which is said at once: whoever does not wait would ask without end
                    await seen_ready(beside)

        for time in (1, 2, 3):
            await seen_ready(beside)
            stop = asyncio.Event()
            goal = len(acknowledged) + 30
            writing = [asyncio.create_task(write(number, stop)) for number in range(4)]
            await until(partial(lambda goal: len(acknowledged) >= goal, goal), "objects to be written")
            [weed] = weeds(server)
            weed.kill()
            stop.set()
            await asyncio.gather(*writing)
            await there_again(server, time)
        [weed] = weeds(server)
        left = [each for each in sockets_of(papers(server).ports) if each.exists()]
        assert len(left) == 6, "where they stand is known"
        server.kill()
        wait_until(lambda: not weed.is_running(), seconds=10, what="it to go with its server")
        server.start()
        await asyncio.to_thread(ready, server)
        await seen_ready(beside)
        assert len(acknowledged) >= 90
        for key, digest in acknowledged.items():
            assert await fetched(beside, key, tmp_path / "fetched") == digest
    assert server.terminate() == 0
    assert weeds(server) == []
    assert not any(each.exists() for each in left)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what lingers of connections does not count
        probe.bind(("127.0.0.1", papers(server).ports.s3))


def test_pages_may_use_it_and_no_others(server: RunningServer) -> None:
    """[OBJ-8] Browsers are told so by the store, and by the page's own policy."""
    ready(server)
    s3 = papers(server).endpoint
    policy: dict[str, list[str]] = {}
    for part in server.get("/livez").headers["content-security-policy"].split(";"):
        name, *words = part.split()
        policy[name] = words
    assert {name for name, words in policy.items() if s3 in words} == {"connect-src", "img-src", "media-src"}
    asked = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "x-amz-checksum-sha256"}
    for origin, may in ((server.url, True), ("https://elsewhere.example", False)):
        answer = httpx.options(f"{s3}/consilium/media/a", headers={"Origin": origin, **asked}, trust_env=False)
        assert (answer.headers.get("access-control-allow-origin") == origin) == may, (origin, answer.headers)


def start_alone(store: RunningServer) -> subprocess.Popen[bytes]:
    words = ["--data", str(store.data), "store", "--host", "127.0.0.2", "--port", str(store.port)]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CONSILIUM_")}
    command, environment = [sys.executable, "-m", "server", *words], inherited | dict(store.settings)
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE)


async def test_it_runs_alone_for_servers_elsewhere(tmp_path: Path) -> None:
    """[OBJ-8] [OBJ-9] `consilium store`: at the address that is asked for it speaks S3, and nothing else; its key is
    the one that servers are given; SIGTERM ends it."""
    port = free_port()
    named = {
        "CONSILIUM_S3_ENDPOINT": f"http://127.0.0.2:{port}",
        "CONSILIUM_S3_ACCESS_KEY": "KEYOFALLNODES",
        "CONSILIUM_S3_SECRET_KEY": "what-goes-with-it",
    }
    store = RunningServer(tmp_path / "data", port, named, tmp_path / "log")
    store.process = await asyncio.to_thread(start_alone, store)
    try:
        find = find_access(load_settings(named))
        assert find is not None
        async with open_door(find) as node:
            await seen_ready(node)
            await S3Objects(node).put(ObjectKey("media/a/b"), SMALL, "image/png")
        [weed] = weeds(store)
        lines = [line for line in weed.net_connections("inet") if line.status == psutil.CONN_LISTEN]
        assert {line.laddr.port for line in lines if line.laddr.ip == "127.0.0.2"} - {papers(store).ports.s3_grpc} == {
            port
        }
        assert {line.laddr.ip for line in lines} == {"127.0.0.1", "127.0.0.2"}
        store.process.send_signal(signal.SIGTERM)
        said, _ = await asyncio.to_thread(store.process.communicate, None, 20)
        assert store.process.returncode == 0
        assert b"keeps images and files in" in said
        assert weeds(store) == []
    finally:
        store.stop()


async def test_one_that_takes_anybody_is_not_used(tmp_path: Path) -> None:
    """[OBJ-8] Without identities it would: it is ended before anything is written."""
    part = weed_part(tmp_path, make_papers(tmp_path, "consilium", 0), "consilium", ["http://127.0.0.1"])
    command = [word for word in part.command if not word.startswith("-s3.config")]
    assert len(command) == len(part.command) - 1
    running = Running(replace(part, command=command), tmp_path / "log")
    with pytest.raises(PartFailed, match="by a stranger, who should get 403"):
        await running.start()
    assert running.pid is None
