"""PostgreSQL as a part: a folder is made once, and served on a free port of loopback.

The package's own way to start it is not used: as root it adds a user to the machine and opens every folder above the
data to everybody. PostgreSQL refuses to be root; then it runs as `nobody`, on a copy of its programs, in a folder where
`nobody` may go.
"""

from __future__ import annotations

import asyncio
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from server.cluster.programs import Programs
from server.part import Part, PartFailed, free_port

NOBODY = "nobody"
OWNER = DATABASE = "consilium"
MOVED_TO = Path("/var/tmp")  # noqa: S108  (a folder of our own is made in it, with a name that nobody can guess)
SMALL = {
    "shared_buffers": "64MB",
    "max_connections": "80",
    "listen_addresses": "127.0.0.1",
    "log_destination": "stderr",
}
"""Nothing here touches what makes a commit durable."""


@dataclass(frozen=True, slots=True)
class Postgres:
    """A PostgreSQL that was made."""

    folder: Path
    programs: Path
    user: str | None

    @property
    def password(self) -> str:
        """Of the one who owns the database."""
        return (self.folder / "password").read_text("ascii").strip()

    def url(self, port: int) -> str:
        """What `CONSILIUM_DATABASE_URL` is set to."""
        return f"postgresql+asyncpg://{OWNER}:{self.password}@127.0.0.1:{port}/{DATABASE}"

    def part(self, settings: Mapping[str, str] | None = None, environment: Mapping[str, str] | None = None) -> Part:
        """On a free port. `settings` are PostgreSQL's own."""
        port = free_port()
        chosen = {**SMALL, "port": str(port), "unix_socket_directories": "", **(settings or {})}

        async def answers() -> bool:
            words = ("-q", "-h", "127.0.0.1", "-p", str(port), "-d", DATABASE)
            asked = await asyncio.create_subprocess_exec(self.programs / "pg_isready", *words)
            return await asked.wait() == 0

        return Part(
            name="PostgreSQL",
            address=f"127.0.0.1:{port}",
            command=[
                str(self.programs / "postgres"),
                *("-D", str(self.folder / "data")),
                *(f"--{name}={value}" for name, value in chosen.items()),
            ],
            answers=answers,
            folder=self.folder,
            environment=environment or {},
            user=self.user,
            stop_signal=signal.SIGINT,  # "fast": whoever is connected is sent away
            death_signal=signal.SIGQUIT,  # "immediate": its own children go too
        )


def make_postgres(folder: Path, programs: Programs) -> Postgres:
    """The PostgreSQL of `folder`, made if it is not there yet; that takes about two seconds. Raises: PartFailed."""
    user = NOBODY if os.geteuid() == 0 else None
    home = _home(folder, user)
    postgres = Postgres(home, _programs(home, programs, user), user)
    if not (home / "data").exists():
        _initialise(postgres)
    return postgres


def remove_postgres(folder: Path) -> None:
    """Take away all that `make_postgres` made."""
    home = folder / "postgres"
    shutil.rmtree(home.resolve(), ignore_errors=True)
    if home.is_symlink():
        home.unlink()


def _home(folder: Path, user: str | None) -> Path:
    """Where it lives: in `folder`, or where a link in it leads."""
    home = folder / "postgres"
    if home.is_dir():
        return home.resolve()
    if user is None:
        home.mkdir(mode=0o700)
        return home.resolve()
    # Somebody else must be able to go there, and a data folder of root's is closed to everybody.
    moved = Path(tempfile.mkdtemp(prefix="consilium-postgres-", dir=MOVED_TO))
    owner = pwd.getpwnam(user)
    os.chown(moved, owner.pw_uid, owner.pw_gid)
    home.unlink(missing_ok=True)  # a link whose end is gone
    home.symlink_to(moved)
    return moved


def _programs(home: Path, programs: Programs, user: str | None) -> Path:
    """The folder of programs, copied to where `user` may run them."""
    if user is None:
        return programs.postgres / "pginstall" / "bin"
    copied = home / f"programs-{programs.postgres_version}"
    if not copied.exists():
        fresh = home / "programs.new"
        shutil.rmtree(fresh, ignore_errors=True)
        libraries = programs.postgres.with_name(f"{programs.postgres.name}.libs")
        for source in [programs.postgres, *([libraries] if libraries.exists() else [])]:
            shutil.copytree(source, fresh / source.name)
        fresh.rename(copied)
    return copied / programs.postgres.name / "pginstall" / "bin"


def _initialise(postgres: Postgres) -> None:
    """Made beside its place and moved there when it is whole: a start that was cut off leaves nothing half made."""
    fresh, secret = postgres.folder / "data.new", postgres.folder / "password"
    shutil.rmtree(fresh, ignore_errors=True)
    secret.unlink(missing_ok=True)
    secret.touch(mode=0o600)
    secret.write_text(f"{secrets.token_urlsafe(24)}\n", "ascii")
    if postgres.user is not None:
        owner = pwd.getpwnam(postgres.user)
        os.chown(secret, owner.pw_uid, owner.pw_gid)
    options = ["-U", OWNER, "--auth=scram-sha-256", f"--pwfile={secret}", "--encoding=UTF8", "--locale=C"]
    _run(postgres, "initdb", "-D", str(fresh), *options)
    _run(postgres, "postgres", "--single", "-D", str(fresh), "postgres", given=f"CREATE DATABASE {DATABASE}\n")
    fresh.rename(postgres.folder / "data")


def _run(postgres: Postgres, program: str, *words: str, given: str = "") -> None:
    done = subprocess.run(
        [str(postgres.programs / program), *words],
        cwd=postgres.folder,
        input=given,
        capture_output=True,
        text=True,
        check=False,
        user=postgres.user,
        group=None if postgres.user is None else pwd.getpwnam(postgres.user).pw_gid,
        extra_groups=None if postgres.user is None else [],
    )
    if done.returncode != 0:
        raise PartFailed(f"{program} ended with {done.returncode}: {done.stderr.strip()[-300:]}")
