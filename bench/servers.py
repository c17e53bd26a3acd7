"""The servers that are compared, each started as its own process on its own core with an empty folder."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import psutil

from bench.accounts import Accounts
from bench.tasks import Door, Place
from bench.wires import WireName
from hatch_build import node_folder

BENCH = Path(__file__).resolve().parent
HOST = "127.0.0.1"
START_SECONDS = 30.0
STOP_SECONDS = 60.0
LOG_TAIL = 2000


class Program(Protocol):
    """What differs between the servers, besides their wire."""

    def command(self, port: int, folder: Path) -> list[str]: ...

    def environment(self, port: int, folder: Path) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True)
class Consilium:
    """Ours, with its durable store: an edit is committed and synced to disk before anyone sees it."""

    def command(self, port: int, folder: Path) -> list[str]:
        """See `Program`."""
        return [sys.executable, "-m", "server", "--data", str(folder), "serve", "--host", HOST, "--port", str(port)]

    def environment(self, port: int, folder: Path) -> Mapping[str, str]:
        """Bounds that this bench exceeds on purpose: four accounts play everybody, and one types days in seconds."""
        return {
            "CONSILIUM_MAX_SESSIONS_PER_PERSON": "2000",
            "CONSILIUM_MAX_SESSIONS_PER_ROOM": "2000",
            "CONSILIUM_MAX_FRAMES_PER_SECOND": "1000000",
            "CONSILIUM_FRAME_BURST": "1000000",
            "CONSILIUM_LOG_LEVEL": "warning",
            "CONSILIUM_S3_ENDPOINT": "off",
        }


@dataclass(frozen=True, slots=True)
class NodeHocuspocus:
    """`@hocuspocus/server` with its defaults, in memory or with a store."""

    stores: bool

    def command(self, port: int, folder: Path) -> list[str]:
        """See `Program`."""
        file = [str(folder / "documents.sqlite3")] if self.stores else []
        return [node(), str(BENCH / "peers" / "hocuspocus.js"), str(port), *file]

    def environment(self, port: int, folder: Path) -> Mapping[str, str]:
        """See `Program`."""
        return {"NODE_ENV": "production"}


@dataclass(frozen=True, slots=True)
class NodeYWebsocket:
    """`@y/websocket-server`'s own program, in memory or with its LevelDB store."""

    stores: bool

    def command(self, port: int, folder: Path) -> list[str]:
        """See `Program`."""
        return [node(), str(BENCH / "node_modules" / "@y" / "websocket-server" / "src" / "server.js")]

    def environment(self, port: int, folder: Path) -> Mapping[str, str]:
        """See `Program`."""
        store = {"YPERSISTENCE": str(folder / "leveldb")} if self.stores else {}
        return {"NODE_ENV": "production", "HOST": HOST, "PORT": str(port), **store}


@dataclass(frozen=True, slots=True)
class Contender:
    """One server on one wire: a row of the tables. It is divided by the row `baseline`: ours, on the same wire."""

    id: str
    title: str
    wire: WireName
    store: str
    acknowledges: bool
    baseline: str
    program: Program

    @property
    def is_ours(self) -> bool:
        """Whether it is the one that others are compared with."""
        return self.id == self.baseline

    @property
    def has_store(self) -> bool:
        """Whether documents outlive the process."""
        return self.store != "none"


LATER = "SQLite, 2-10 s later"
YJS, COLLAB = "ours-yjs", "ours-collab"
PEER_Y, PEER_H = "@y/websocket-server", "@hocuspocus/server"
CONTENDERS = (
    Contender(YJS, "Consilium", "y-websocket", "SQLite, synced", True, YJS, Consilium()),
    Contender("y-websocket", PEER_Y, "y-websocket", "none", False, YJS, NodeYWebsocket(stores=False)),
    Contender(
        "y-websocket-stored", PEER_Y, "y-websocket", "LevelDB, not synced", False, YJS, NodeYWebsocket(stores=True)
    ),
    Contender(COLLAB, "Consilium", "hocuspocus", "SQLite, synced", True, COLLAB, Consilium()),
    Contender("hocuspocus", PEER_H, "hocuspocus", "none", True, COLLAB, NodeHocuspocus(stores=False)),
    Contender("hocuspocus-stored", PEER_H, "hocuspocus", LATER, True, COLLAB, NodeHocuspocus(stores=True)),
)


def node() -> str:
    """The node that the project itself uses."""
    return str(node_folder() / "bin" / "node")


@dataclass(slots=True)
class Running:
    """A server that answers."""

    contender: Contender
    place: Place
    folder: Path
    accounts: Accounts | None
    _names: int = field(default=0)

    def rooms(self, count: int, people: int) -> list[list[Door]]:
        """New, empty rooms, and the doors of so many people into each."""
        if self.accounts is None:
            names = [f"room-{self._names + index}" for index in range(count)]
            self._names += count
            return [[self._door(name, "") for _ in range(people)] for name in names]
        documents = [f"{case}/record" for case in self.accounts.cases(self.place.port, count, people)]
        tokens = self.accounts.tokens
        return [[self._door(name, tokens[number % len(tokens)]) for number in range(people)] for name in documents]

    def _door(self, document: str, token: str) -> Door:
        if self.contender.wire == "hocuspocus":
            return Door("/collab", document, token)
        return Door(f"/yjs/{document}?ack=1" if token else f"/{document}", document, token)


def free_port() -> int:
    """A port that nobody has just now."""
    with socket.create_server((HOST, 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def pinned(cores: Sequence[int]) -> Iterator[None]:
    """What is started meanwhile stays on these cores; nothing happens where the system cannot do that."""
    if not cores:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def running(
    contender: Contender, folder: Path, cores: Sequence[int], accounts: Accounts | None = None
) -> Iterator[Running]:
    """Start a server on what the folder holds, and end it politely. Ours needs the accounts that the folder knows."""
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CONSILIUM_")}
    environment |= contender.program.environment(port, folder)
    log = folder / "server.log"
    with log.open("ab") as out, pinned(cores):
        process = subprocess.Popen(
            contender.program.command(port, folder), cwd=BENCH.parent, env=environment, stdout=out, stderr=out
        )
    try:
        _await_answer(process, port, log)
        place = Place(contender.wire, contender.acknowledges, HOST, port, process.pid)
        yield Running(contender, place, folder, accounts)
    finally:
        _stop(process)


def _await_answer(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Raises: RuntimeError with the end of what the server said."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"the server did not start: {log.read_text(errors='replace')[-LOG_TAIL:]}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        for child in psutil.Process(process.pid).children(recursive=True):
            child.kill()
        process.kill()
        process.wait()
