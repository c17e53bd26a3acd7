"""`consilium cluster-demo`: a cluster with fictional people on this machine, kept running until it is told to stop."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from pathlib import Path
from socket import socket

from server import demo
from server.cluster.balancer import Node
from server.cluster.cluster import Cluster, Plan, open_cluster
from server.cluster.programs import find_programs
from server.part import PartFailed
from server.premises import CommandFailed, address_of, bind, only_server, wall_clock
from server.settings import FILE, PREFIX, Settings
from server.supervisor import kept
from storage.ports import Stores

DATA = Path("data") / "cluster"
"""Beside the folders of `serve` and `demo`."""
GIVEN = frozenset(f"{PREFIX}{name}" for name in ("DATA", "HOST", "PORT", "DATABASE_URL", "REDIS_URL", "WORKER_PORT"))
"""What each part is told by the cluster; every other setting goes to nodes and worker as it is."""
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

OpenStores = Callable[[str], AbstractAsyncContextManager[Stores]]


def run(settings: Settings, environment: Mapping[str, str], open_stores: OpenStores) -> None:
    """Serve until SIGINT, SIGTERM or SIGHUP. Raises: CommandFailed."""
    programs = find_programs()
    demo.claim(settings)
    chosen = {k: v for k, v in environment.items() if k.startswith(PREFIX) and k.removesuffix(FILE) not in GIVEN}
    links: list[Callable[[str], str]] = []

    async def prepare(database_url: str) -> None:
        async with open_stores(database_url) as stores:
            links.append(await demo.seed(stores, now=wall_clock(), entropy=os.urandom))

    origins = [*([settings.public_url] if settings.public_url else []), *settings.allowed_origins]
    plan = Plan(settings.data.resolve(), programs, settings=chosen, origins=origins, prepare=prepare)

    def announce(cluster: Cluster, bound: socket) -> None:
        address = address_of(settings, bound)
        _say(links[-1](address))
        _say("\n".join(table(cluster, address, plan.folder)))

    with only_server(settings):
        bound = bind(settings.host, settings.port)
        try:
            asyncio.run(_serve(plan, bound, announce))
        except PartFailed as error:
            raise CommandFailed(str(error)) from error
        finally:
            bound.close()


def table(cluster: Cluster, address: str, folder: Path) -> Sequence[str]:
    """What runs, where it answers, and as which process."""
    rows = [("balancer", address, str(os.getpid()))]
    rows += [(each.part.name, each.part.address, str(each.pid)) for each in reversed(cluster.parts)]
    lines = [f"  {name:<12}{where:<28}process {pid}" for name, where, pid in rows]
    return [*lines, "", f"Logs are in {folder / 'logs'}. Ctrl-C stops all of it.", ""]


async def _serve(plan: Plan, bound: socket, announce: Callable[[Cluster, socket], None]) -> None:
    """Whatever it is doing, a signal ends it, and all parts in their order."""
    serving = asyncio.create_task(_serve_for_ever(plan, bound, announce))
    loop = asyncio.get_running_loop()
    for number in SIGNALS:
        loop.add_signal_handler(number, _cancel_once(serving))
    with suppress(asyncio.CancelledError):
        await serving


def _cancel_once(task: asyncio.Task[None]) -> Callable[[], None]:
    def cancel() -> None:
        if not task.cancelling():  # a second one would interrupt the stopping
            _say("Stopping.")
            task.cancel()

    return cancel


async def _serve_for_ever(plan: Plan, bound: socket, announce: Callable[[Cluster, socket], None]) -> None:
    def changed(node: Node) -> None:
        _say(f"{node.name} is ready" if node.is_ready else f"{node.name} is given nobody new")

    async with open_cluster(plan, bound, changed) as cluster, kept(cluster.parts, _say):
        announce(cluster, bound)
        await asyncio.Event().wait()


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
