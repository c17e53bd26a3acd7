"""A small balancer for a cluster on one machine: byte for byte, to the node with the fewest connections.

It stands in for the proxy of a real installation, which also ends TLS and says whose address a request came from. A
node that says it is draining gets nobody new; one that says nothing at all loses its connections, so that clients go
on elsewhere instead of waiting for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeAlias

import structlog

log = structlog.get_logger("consilium.balancer")

LOOK_SECONDS = 0.5
ANSWER_SECONDS = 1.0
SILENT_LOOKS = 3
"""Looks without any answer before a node's connections are cut."""
CHUNK_BYTES = 64 * 1024
NOBODY = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\nRetry-After: 2\r\nConnection: close\r\n"
    b"Content-Length: 24\r\n\r\nNo node is ready to take"
)

Stream: TypeAlias = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(slots=True, eq=False)
class Node:
    """Where a node listens, and how it is."""

    host: str
    port: int
    is_ready: bool = False
    silent_looks: int = 0
    lines: set[asyncio.StreamWriter] = field(default_factory=set)
    """Its open connections."""

    def cut(self) -> None:
        """End all of them."""
        for writer in self.lines:
            writer.transport.abort()


class Balancer:
    """Takes connections and gives each to a node."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self.nodes = nodes

    async def look(self) -> None:
        """Ask every node how it is, for ever."""
        while True:
            async with asyncio.TaskGroup() as tasks:
                for node in self.nodes:
                    tasks.create_task(_look_at(node))
            await asyncio.sleep(LOOK_SECONDS)

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection to its end; for `asyncio.start_server`."""
        try:
            found = await self._connect()
            if found is None:
                writer.write(NOBODY)
                await writer.drain()
            else:
                node, (theirs, to_them) = found
                await _join(node, (reader, writer), (theirs, to_them))
        except* OSError:
            pass  # one of both is gone
        finally:
            writer.close()

    async def _connect(self) -> tuple[Node, Stream] | None:
        for node in sorted((node for node in self.nodes if node.is_ready), key=lambda node: len(node.lines)):
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    return node, await asyncio.open_connection(node.host, node.port)
            except (OSError, TimeoutError):
                node.is_ready = False
        return None


async def _join(node: Node, ours: Stream, theirs: Stream) -> None:
    """Carry both ways until both ends have said all. Raises: ExceptionGroup of OSError when one breaks off."""
    node.lines |= {ours[1], theirs[1]}
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_carry(ours[0], theirs[1]))
            tasks.create_task(_carry(theirs[0], ours[1]))
    finally:
        node.lines -= {ours[1], theirs[1]}
        theirs[1].close()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass on what comes, and that no more comes."""
    while data := await reader.read(CHUNK_BYTES):
        writer.write(data)
        await writer.drain()
    with suppress(OSError):
        writer.write_eof()


async def _look_at(node: Node) -> None:
    status = await _readiness(node)
    node.silent_looks = 0 if status is not None else node.silent_looks + 1
    if node.is_ready != (status == 200):
        node.is_ready = status == 200
        log.info("balancer.node", port=node.port, ready=node.is_ready)
    if node.silent_looks >= SILENT_LOOKS:
        node.cut()


async def _readiness(node: Node) -> int | None:
    """The status of `/readyz`; None when nothing answers."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            reader, writer = await asyncio.open_connection(node.host, node.port)
            try:
                writer.write(b"GET /readyz HTTP/1.1\r\nHost: balancer\r\nConnection: close\r\n\r\n")
                words = (await reader.readline()).split()
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return None
    return int(words[1]) if len(words) > 1 and words[1].isdigit() else None
