"""Redis as a part: without a disk, behind a password that is made anew each time."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass
from pathlib import Path

from server.cluster.programs import Programs
from server.part import Part, free_port

PONG = b"-NOAUTH"
"""What it answers to a stranger's PING: that it is there."""


@dataclass(frozen=True, slots=True)
class Redis:
    """One that can be run."""

    part: Part
    port: int
    password: str

    def url(self, port: int) -> str:
        """What `CONSILIUM_REDIS_URL` is set to."""
        return f"redis://:{self.password}@127.0.0.1:{port}/0"


def make_redis(folder: Path, programs: Programs) -> Redis:
    """On a free port of loopback."""
    port, password = free_port(), secrets.token_urlsafe(24)
    settings = ("bind 127.0.0.1", f"port {port}", 'save ""', "appendonly no", f"requirepass {password}")

    async def answers() -> bool:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            return False
        try:
            writer.write(b"PING\r\n")
            return (await reader.readline()).startswith(PONG)
        finally:
            writer.transport.abort()

    part = Part(
        name="Redis",
        address=f"127.0.0.1:{port}",
        command=[str(programs.redis), "-"],  # its settings come on its standard input
        answers=answers,
        folder=folder,
        given="".join(f"{line}\n" for line in settings).encode(),
    )
    return Redis(part, port, password)
