"""A small balancer for a cluster on one machine: byte for byte, to the node with the fewest connections.

It stands in for the proxy of a real installation, which also ends TLS and says whose address a request came from: this
one tells nobody, so that every client has the balancer's address. A node that says it is draining gets nobody new; one
that says nothing at all loses its connections, so that clients go on elsewhere instead of waiting for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from socket import socket
from typing import TypeAlias

CONNECT_SECONDS = 1.0
SILENT_LOOKS = 3
"""Looks without any answer before a node's connections are cut."""
CHUNK_BYTES = 64 * 1024
SORRY = b"No node is ready to take you in. Please try again in a moment.\n"
NOBODY = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\nRetry-After: 2\r\n"
    b"Cache-Control: no-store\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%b" % (len(SORRY), SORRY)
)

Stream: TypeAlias = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long things may take, in seconds."""

    look: float = 0.5
    """Between two looks at a node."""
    alive: float = 1.0
    """Until it says that it lives. It asks nobody else for that: whoever takes longer stands still."""
    ready: float = 3.0
    """Until it says whether it is ready. Longer than it waits itself for storage that does not answer."""
    linger: float = 5.0
    """What a client has left when its node has said all."""


@dataclass(slots=True, eq=False)
class Node:
    """Where a node listens, and how it is."""

    name: str
    host: str
    port: int
    is_ready: bool = False
    silent_looks: int = 0
    taken: int = 0
    """Clients that it was given, and still has or will have in a moment."""
    lines: set[asyncio.StreamWriter] = field(default_factory=set)
    """Both ends of its open connections."""

    def cut(self) -> None:
        """End all of them."""
        for writer in self.lines:
            writer.transport.abort()


class Balancer:
    """Takes connections and gives each to a node. Made by `open_balancer`."""

    def __init__(self, nodes: Sequence[Node], changed: Callable[[Node], None], patience: Patience) -> None:
        self.nodes = nodes
        self._changed = changed
        self._patience = patience

    async def look(self) -> None:
        """Ask every node how it is, for ever; none of them waits for another."""
        async with asyncio.TaskGroup() as tasks:
            for node in self.nodes:
                tasks.create_task(self._watch(node))

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection to its end; for `asyncio.start_server`."""
        try:
            for node in self._by_load():
                node.taken += 1  # before anything is waited for: of many who come at once each counts
                try:
                    if (theirs := await self._connect(node)) is not None:
                        await _join(node, (reader, writer), theirs, self._patience.linger)
                        return
                finally:
                    node.taken -= 1
            await _refuse(reader, writer, self._patience.linger)
        except* OSError:
            pass  # one of both is gone
        finally:
            await _part(writer, self._patience.linger)

    def _by_load(self) -> Sequence[Node]:
        return sorted((node for node in self.nodes if node.is_ready), key=lambda node: node.taken)

    async def _connect(self, node: Node) -> Stream | None:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                return await asyncio.open_connection(node.host, node.port)
        except (OSError, TimeoutError):
            self._set(node, is_ready=False)  # until somebody has looked again
            return None

    async def _watch(self, node: Node) -> None:
        patience = self._patience
        while True:
            lives, readiness = await asyncio.gather(
                _status(node, "/livez", patience.alive), _status(node, "/readyz", patience.ready)
            )
            node.silent_looks = node.silent_looks + 1 if lives is None else 0
            if node.silent_looks >= SILENT_LOOKS:
                node.cut()
            self._set(node, is_ready=lives is not None and readiness == 200)
            await asyncio.sleep(patience.look)

    def _set(self, node: Node, *, is_ready: bool) -> None:
        if node.is_ready != is_ready:
            node.is_ready = is_ready
            self._changed(node)


async def _join(node: Node, ours: Stream, theirs: Stream, linger: float) -> None:
    """Carry both ways until both ends have said all. Raises: ExceptionGroup of OSError when one breaks off."""
    node.lines |= {ours[1], theirs[1]}
    try:
        async with asyncio.TaskGroup() as tasks:
            asking = tasks.create_task(_carry(ours[0], theirs[1]))
            await _carry(theirs[0], ours[1])
            # The node has said all. A client that neither goes on nor goes away must not be kept for ever.
            await asyncio.wait([asking], timeout=linger)
            asking.cancel()
    finally:
        node.lines -= {ours[1], theirs[1]}
        theirs[1].transport.abort()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass on what comes, and that no more comes."""
    while data := await reader.read(CHUNK_BYTES):
        writer.write(data)
        await writer.drain()
    with suppress(OSError):
        writer.write_eof()


async def _refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, linger: float) -> None:
    """Say that nobody is there. What the client has sent is read first and passed over: closing on unread bytes would
    reset the connection, and the client might never see the answer."""
    writer.write(NOBODY)
    writer.write_eof()
    with suppress(TimeoutError):
        async with asyncio.timeout(linger):
            while await reader.read(CHUNK_BYTES):
                pass


async def _part(writer: asyncio.StreamWriter, linger: float) -> None:
    """Close, after what is still to be sent, if the client reads it in time."""
    writer.close()
    try:
        async with asyncio.timeout(linger):
            await writer.wait_closed()
    except (OSError, TimeoutError):
        pass
    finally:
        writer.transport.abort()


async def is_ready(node: Node) -> bool:
    """Whether it says now that it may be sent work."""
    return await _status(node, "/readyz", Patience().ready) == 200


async def _status(node: Node, path: str, patience: float) -> int | None:
    """What the node answers; None when nothing comes, or nothing that is HTTP."""
    try:
        async with asyncio.timeout(patience):
            reader, writer = await asyncio.open_connection(node.host, node.port)
            try:
                writer.write(f"GET {path} HTTP/1.1\r\nHost: balancer\r\nConnection: close\r\n\r\n".encode())
                words = (await reader.readline()).split()
            finally:
                writer.transport.abort()
    except (OSError, TimeoutError, ValueError):  # ValueError: a line without an end
        return None
    is_http = len(words) > 1 and words[0].startswith(b"HTTP/1.") and len(words[1]) == 3 and words[1].isdigit()
    return int(words[1]) if is_http else None


@asynccontextmanager
async def open_balancer(
    bound: socket,
    nodes: Sequence[Node],
    changed: Callable[[Node], None] = lambda _: None,
    patience: Patience | None = None,
) -> AsyncIterator[Balancer]:
    """Listen on `bound` until the block ends; all connections are cut then. `changed` hears of every node that becomes
    ready or is no longer."""
    balancer = Balancer(nodes, changed, patience or Patience())
    looking = asyncio.create_task(balancer.look())
    server = await asyncio.start_server(balancer.take, sock=bound)
    try:
        yield balancer
    finally:
        server.close()
        looking.cancel()
        for node in nodes:
            node.cut()
        with suppress(asyncio.CancelledError):
            await looking
