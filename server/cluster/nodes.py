"""Nodes and workers as parts: `consilium` itself, told by its environment where the others are."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from server.cluster.balancer import Node, is_ready
from server.part import Part, free_port

CONSILIUM = (sys.executable, "-m", "server")
ROOT = Path(__file__).resolve().parent.parent.parent


def node_part(
    name: str, data: Path, environment: Mapping[str, str], program: Sequence[str] = CONSILIUM
) -> tuple[Part, Node]:
    """A server on a free port of loopback, and how a balancer knows it."""
    return _part(name, data, "serve", environment, program)


def worker_part(
    name: str, data: Path, environment: Mapping[str, str], program: Sequence[str] = CONSILIUM
) -> tuple[Part, Node]:
    """A worker, and where its health is asked for."""
    return _part(name, data, "worker", environment, program)


def _part(
    name: str, data: Path, command: str, environment: Mapping[str, str], program: Sequence[str]
) -> tuple[Part, Node]:
    port = free_port()
    node = Node(name, "127.0.0.1", port)

    async def answers() -> bool:
        return await is_ready(node)

    words = ("--data", str(data), command, "--host", "127.0.0.1", "--port", str(port))
    return Part(name, f"http://127.0.0.1:{port}", [*program, *words], answers, ROOT, environment), node
