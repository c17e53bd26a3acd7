"""Between our processes and the S3 server: what they ask is seen, and one request can be held at a moment of its own.

So a process can be killed exactly where it stands between two steps: it waits, for as long as the test likes, for an
answer that does not come. Nothing is changed on the way, so that signatures stay good.
"""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import partial
from io import BufferedReader
from urllib.parse import urlsplit

CHUNK_BYTES = 64 * 1024
ALIVE_SECONDS = 3.0
"""Between signs of life of a request that is held: after 15 s of silence whoever asked would give up."""
STILL_ALIVE = b"HTTP/1.1 100 Continue\r\n\r\n"
"""RFC 9110 §15.2.1: a client takes as many as come before the answer, and none of them means anything to it."""
PATIENCE = 120.0
"""Seconds until a request that is waited for must have come. A busy machine takes long to start a child."""


class Moment(Enum):
    """Where a request is held."""

    BEFORE = auto()
    """The S3 server has not heard of it."""
    AMID = auto()
    """Some of the answer has come back, not all of it."""
    AFTER = auto()
    """The S3 server has done it, and whoever asked does not know."""


@dataclass(slots=True, eq=False)
class Hold:
    """The first request that is like this waits."""

    method: str
    target: re.Pattern[str]
    moment: Moment
    skip: int = 0
    """So many that are like this pass before."""
    reached: threading.Event = field(default_factory=threading.Event)
    _let_go: threading.Event = field(default_factory=threading.Event)
    _is_cut: bool = False

    def wait(self) -> None:
        """Until it is there. Raises: TimeoutError."""
        if not self.reached.wait(PATIENCE):
            raise TimeoutError(f"no {self.method} {self.target.pattern}")

    def lift(self) -> None:
        """It goes on its way."""
        self._let_go.set()

    def cut(self) -> None:
        """It never arrives, nor does its answer: whoever asked is dead."""
        self._is_cut = True
        self._let_go.set()

    def stop(self, keep_alive: Callable[[], None]) -> None:
        """Called in the middle. Raises: ConnectionAbortedError when it is cut."""
        self.reached.set()
        while not self._let_go.wait(ALIVE_SECONDS):
            keep_alive()
        if self._is_cut:
            raise ConnectionAbortedError


class Crossing:
    """What listens at `url` in place of the S3 server."""

    def __init__(self, target: str) -> None:
        split = urlsplit(target)
        self._target = (split.hostname or "", split.port or 80)
        self._server = socket.create_server(("127.0.0.1", 0))
        self._lock = threading.Lock()
        self._holds: list[Hold] = []
        self._all_holds: list[Hold] = []
        self._open: set[socket.socket] = set()
        self.seen: list[tuple[str, str]] = []
        """Method and target of every request, in the order in which they came."""
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.getsockname()[1]}"

    def hold(self, method: str, target: str, moment: Moment, *, skip: int = 0) -> Hold:
        """Hold the next request whose target this pattern is found in."""
        hold = Hold(method, re.compile(target), moment, skip)
        with self._lock:
            self._holds.append(hold)
            self._all_holds.append(hold)
        return hold

    def count(self, method: str, target: str) -> int:
        """How many such requests have come."""
        with self._lock:
            return sum(each == method and re.search(target, asked) is not None for each, asked in self.seen)

    def close(self) -> None:
        """End it, and all that goes through it."""
        for hold in self._all_holds:
            hold.cut()
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        for each in list(self._open):
            _end(each)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        """One connection, request by request."""
        with suppress(OSError), socket.create_connection(self._target) as server:
            self._open |= {client, server}
            answers = _Answers(server, client)
            threading.Thread(target=answers.carry, daemon=True).start()
            with suppress(OSError), client.makefile("rb") as asked:
                while head := _head(asked):
                    self._pass_on(head, asked, server, answers)
            _end(server)
            self._open.discard(server)
        _end(client)
        self._open.discard(client)

    def _pass_on(self, head: bytes, asked: BufferedReader, server: socket.socket, answers: _Answers) -> None:
        method, target, length = _parsed(head)
        hold = self._matching(method, target)
        if hold is not None and hold.moment is Moment.BEFORE:
            hold.stop(partial(answers.client.sendall, STILL_ALIVE))
            hold = None
        if not length:
            answers.hold = hold  # before the S3 server can have answered
        server.sendall(head)
        while length:
            chunk = asked.read1(min(length, CHUNK_BYTES))
            if not chunk:
                raise ConnectionAbortedError
            length -= len(chunk)
            if not length:
                answers.hold = hold
            server.sendall(chunk)

    def _matching(self, method: str, target: str) -> Hold | None:
        with self._lock:
            self.seen.append((method, target))
            for hold in self._holds:
                if hold.method == method and hold.target.search(target):
                    if hold.skip:
                        hold.skip -= 1
                        continue
                    self._holds.remove(hold)
                    return hold
        return None


@dataclass(slots=True)
class _Answers:
    """The way back of one connection."""

    server: socket.socket
    client: socket.socket
    hold: Hold | None = None

    def carry(self) -> None:
        """Until one of both ends it."""
        with suppress(OSError):
            while data := self.server.recv(CHUNK_BYTES):
                hold = self.hold
                if hold is not None and not data.startswith(b"HTTP/1.1 100"):
                    self.hold = None
                    if hold.moment is Moment.AMID:
                        self._halt_amid(hold, data)
                        continue
                    hold.stop(partial(self.client.sendall, STILL_ALIVE))
                self.client.sendall(data)
        _end(self.client)

    def _halt_amid(self, hold: Hold, data: bytes) -> None:
        """What has come goes on, but for its end: a byte now and then, as from a very slow link."""
        while len(data) < CHUNK_BYTES:
            data += self.server.recv(CHUNK_BYTES) or _broke_off()
        self.client.sendall(data[:-1000])
        rest = bytearray(data[-1000:])

        def one() -> None:
            self.client.sendall(rest[:1])
            del rest[:1]

        hold.stop(one)
        self.client.sendall(rest)


def _broke_off() -> bytes:
    raise ConnectionAbortedError


def _head(asked: BufferedReader) -> bytes:
    """Of a request, with the empty line; nothing when there is none any more."""
    lines = []
    while (line := asked.readline()) not in (b"\r\n", b""):
        lines.append(line)
    return b"".join(lines) + b"\r\n" if lines and line else b""


def _parsed(head: bytes) -> tuple[str, str, int]:
    first, *rest = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ")
    fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
    assert "transfer-encoding" not in fields, head
    return method, target, int(fields.get("content-length", "0"))


def _end(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()


@contextmanager
def crossing(target: str) -> Iterator[Crossing]:
    """One that is there until the block ends."""
    between = Crossing(target)
    try:
        yield between
    finally:
        between.close()
