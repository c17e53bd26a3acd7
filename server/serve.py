"""Serving: one server per data folder, an address that is printed when it answers, and an end that loses nothing."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from types import FrameType

import structlog
import uvicorn
from starlette.applications import Starlette

from server.access import Clock
from server.app import House, build_house, build_worker
from server.edge import Edge
from server.embedded.found import find_access
from server.embedded.keeper import kept_store
from server.logs import OBJECTS_OFF, SERVER_DRAIN_TIMED_OUT, SERVER_DRAINING, SERVER_STARTED, SERVER_STOPPED
from server.media_meters import MediaMeters
from server.media_worker.beside import kept_media_worker
from server.node_name import keep_name, make_name
from server.patience import impatient
from server.premises import (
    CommandFailed,
    OpenNode,
    address_of,
    bind,
    local_address,
    make_data_folder,
    only_server,
    wall_clock,
)
from server.settings import Settings
from server.tracing import Tracing, Untraced
from storage.ports import Stores

SIGNALS = (signal.SIGINT, signal.SIGTERM)
LEFTOVER_SECONDS = 5
"""How long requests may still run after the rooms are drained."""

log = structlog.stdlib.get_logger(__name__)

Prepare = Callable[[Stores], Awaitable[Callable[[str], str]]]
"""Something to do before serving; its answer turns the server's address into what is printed."""

OpenHouse = Callable[[Stores], Awaitable[tuple[House, str]]]
"""Builds what is to run; with the line that is printed when it listens."""


@dataclass(frozen=True, slots=True)
class Duties:
    """What the server does besides serving."""

    on_listening: Callable[[], None]
    has_failed: Callable[[], bool]
    drain: Callable[[], Awaitable[None]]


class Server(uvicorn.Server):
    """uvicorn's server, but it drains while sockets are still open, and a signal ends it with status 0."""

    def __init__(self, config: uvicorn.Config, duties: Duties) -> None:
        super().__init__(config)
        self._duties = duties

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then say so."""
        await super().startup(sockets)
        if self.started:
            self._duties.on_listening()

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second. Only a restart mends a store that failed for good: stop, and let that happen."""
        return self._duties.has_failed() or await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept nothing new; flush, acknowledge and close sessions; then let uvicorn close what is left."""
        for server in self.servers:
            server.close()
        await self._duties.drain()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """As uvicorn does, but without raising the signal again afterwards: the stores still have to be closed."""
        before = {number: signal.signal(number, self._stop) for number in SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.handle_exit(number, frame)


def uvicorn_config(app: Starlette, settings: Settings) -> uvicorn.Config:
    """How uvicorn runs our application."""
    return uvicorn.Config(
        app,
        http=impatient(settings.limits.hello_seconds),
        ws=Edge,
        ws_max_size=settings.limits.max_frame_bytes,
        ws_per_message_deflate=False,  # a compression bomb is cheap to send, and updates hardly shrink
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        timeout_graceful_shutdown=LEFTOVER_SECONDS,
    )


def serve(settings: Settings, open_node: OpenNode, prepare: Prepare, clock: Clock = wall_clock) -> None:
    """Serve until SIGINT or SIGTERM. Raises: CommandFailed, StorageUnavailable."""

    async def open_house(stores: Stores) -> tuple[House, str]:
        announcement = await prepare(stores)
        name = keep_name(settings.data, os.urandom)
        house = build_house(
            settings, stores, clock=clock, entropy=os.urandom, name=name, tracing=tracing, cleaned=cleaned
        )
        return house, announcement(address_of(settings, bound))

    cleaned = MediaMeters()
    make_data_folder(settings)
    with only_server(settings), bind(settings.host, settings.port) as bound, traced(settings) as tracing:
        node = open_node(settings.database, settings.redis, settings.reserve_bytes, find_access(settings))
        _run(settings, _beside(settings, bound, node, cleaned), bound, open_house)


def work(settings: Settings, open_node: OpenNode, clock: Clock = wall_clock) -> None:
    """Do background work until SIGINT or SIGTERM, beside servers or without. Raises: CommandFailed,
    StorageUnavailable."""

    async def open_house(stores: Stores) -> tuple[House, str]:
        name = make_name(os.urandom)
        house = build_worker(settings, stores, clock=clock, entropy=os.urandom, name=name, tracing=tracing)
        return house, f"Consilium works; its health is at {local_address(settings, bound)}"

    make_data_folder(settings)
    with bind(settings.host, settings.worker_port) as bound, traced(settings) as tracing:
        _run(settings, open_node(settings.database, None, 0, find_access(settings)), bound, open_house)


@asynccontextmanager
async def _beside(
    settings: Settings, bound: socket.socket, node: AbstractAsyncContextManager[Stores], cleaned: MediaMeters
) -> AsyncIterator[Stores]:
    """The node, a store of objects of our own where the settings name none, and who works on uploads."""
    async with AsyncExitStack() as opened:
        # First, since it may refuse to open: then nothing was started for it.
        stores = await opened.enter_async_context(node)
        match settings.objects:
            case "embedded":
                await opened.enter_async_context(kept_store(settings, origins_of(settings, bound)))
            case "off":
                log.warning(OBJECTS_OFF)
            case "s3":
                pass
        await opened.enter_async_context(kept_media_worker(settings, stores, cleaned))
        yield stores


def origins_of(settings: Settings, bound: socket.socket) -> Sequence[str]:
    """Those of our pages, as browsers spell them."""
    local = local_address(settings, bound)
    given = [local, local.replace("//127.0.0.1:", "//localhost:"), *settings.allowed_origins]
    return list(dict.fromkeys([*([settings.public_url] if settings.public_url else []), *given]))


@contextmanager
def traced(settings: Settings) -> Iterator[Tracing]:
    """Where spans go until the block ends. Raises: CommandFailed when the packages for it are not there. [TRC-1]"""
    if settings.otlp_endpoint is None:
        yield Untraced()
        return
    try:
        from server.otlp import open_tracing  # noqa: PLC0415  (it brings packages that few need)
    except ImportError as error:
        raise CommandFailed("CONSILIUM_OTLP_ENDPOINT needs more packages: install consilium[otlp]") from error
    with open_tracing(settings.otlp_endpoint) as tracing:
        yield tracing


def _run(
    settings: Settings, node: AbstractAsyncContextManager[Stores], bound: socket.socket, open_house: OpenHouse
) -> None:
    loop_factory = uvicorn.Config(lambda: None, log_config=None).get_loop_factory()
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(_serve(settings, node, bound, open_house))


async def _serve(
    settings: Settings, node: AbstractAsyncContextManager[Stores], bound: socket.socket, open_house: OpenHouse
) -> None:
    async with node as stores:
        house, announcement = await open_house(stores)

        def announce() -> None:
            sys.stdout.write(f"{announcement}\n")
            sys.stdout.flush()
            log.info(SERVER_STARTED, host=settings.host, port=bound.getsockname()[1])

        async def drain() -> None:
            log.info(SERVER_DRAINING)
            try:
                async with asyncio.timeout(settings.drain_seconds):
                    await house.drain()
            except TimeoutError:
                log.warning(SERVER_DRAIN_TIMED_OUT, seconds=settings.drain_seconds)

        duties = Duties(announce, lambda: (stores.failed() or house.failed()) is not None, drain)
        try:
            await Server(uvicorn_config(house.app, settings), duties).serve([bound])
        except SystemExit as error:  # uvicorn's way to say that the application did not start; it has logged why
            raise CommandFailed("the server could not start") from error
        except OSError as error:
            raise CommandFailed(
                f"cannot listen on {settings.host} port {bound.getsockname()[1]}: {error.strerror}"
            ) from error
        log.info(SERVER_STOPPED)
        if (line := house.failed()) is not None:
            raise CommandFailed(line)
        if (failure := stores.failed()) is not None:
            raise CommandFailed(
                f"storage failed ({failure}); what was acknowledged is safe: check the disk, start again"
            )
