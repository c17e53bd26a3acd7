"""Where every command works: a data folder that one server holds at a time, an address, the time; and why it could not.

Apart from `server.serve`, which brings the whole application: a command that does not serve starts in half the time.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, ExitStack, contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from server.settings import Settings
from storage.ports import FindAccess, Stores
from workspace.ids import Millis

LOCK = "serve.lock"

OpenNode = Callable[[Path | str, str | None, int, FindAccess | None], AbstractAsyncContextManager[Stores]]
"""Opens the database, the bus to other nodes by its URL, sets so many bytes aside, and opens the store of objects: the
composition root names the adapters."""


class CommandFailed(Exception):
    """Why a command could not do what it was asked, in one line for the person who typed it."""


def wall_clock() -> Millis:
    """The time now."""
    return Millis(time.time_ns() // 1_000_000)


def make_data_folder(settings: Settings) -> None:
    """The data folder, readable by its owner alone. Raises: CommandFailed."""
    database = settings.database
    for folder in (settings.data, *([database.parent] if isinstance(database, Path) else [])):
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise CommandFailed(f"cannot use the data folder {folder}: {error.strerror}") from error


@contextmanager
def only_server(settings: Settings) -> Iterator[None]:
    """Hold the data folder, and a SQLite file that lies elsewhere, for one server. [SET-3]

    Raises: CommandFailed when another one serves it.
    """
    database = settings.database
    with ExitStack() as held:
        held.enter_context(_locked(settings.data / LOCK, f"the data folder {settings.data}"))
        if isinstance(database, Path) and database.parent.resolve() != settings.data.resolve():
            held.enter_context(_locked(database.with_name(f"{database.name}.{LOCK}"), f"the database {database.name}"))
        yield


@contextmanager
def _locked(file: Path, what: str) -> Iterator[None]:
    lock = FileLock(file, preserve_lock_file=True, fallback_to_soft=False)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise CommandFailed(f"another server already serves {what}") from error
    except OSError as error:
        raise CommandFailed(f"cannot lock {what}: {error.strerror}") from error
    try:
        yield
    finally:
        lock.release()


def bind(host: str, port: int) -> socket.socket:
    """A socket that has the address but does not listen yet. Raises: CommandFailed."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, kind, protocol)
        try:
            if os.name == "posix":  # elsewhere it would let two servers share the port
                bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind(address)
        except OSError:
            bound.close()
            raise
    except OSError as error:
        raise CommandFailed(f"cannot listen on {host} port {port}: {error.strerror}") from error
    return bound


def address_of(settings: Settings, bound: socket.socket) -> str:
    """Where a browser on this machine, or everyone else by `CONSILIUM_PUBLIC_URL`, finds the server."""
    return settings.public_url or local_address(settings, bound)


def local_address(settings: Settings, bound: socket.socket) -> str:
    """Where this machine finds what listens there."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104  (it is read, not bound)
    return f"http://{f'[{host}]' if ':' in host else host}:{bound.getsockname()[1]}"
