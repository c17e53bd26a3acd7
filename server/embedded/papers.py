"""What is made once for our S3 server and kept in its folder: keys and ports. Commands beside a running server find it
by these."""

from __future__ import annotations

import json
import os
import secrets
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from server.part import PartFailed, free_port

HOST = "127.0.0.1"
PAPERS, IDENTITIES = "papers.json", "identities.json"
FORMAT = "consilium-objects/1"


@dataclass(frozen=True, slots=True)
class Ports:
    """Where each piece of it listens, on loopback."""

    master: int
    master_grpc: int
    volume: int
    volume_grpc: int
    filer: int
    filer_grpc: int
    s3: int
    s3_grpc: int


@dataclass(frozen=True, slots=True)
class Papers:
    """Whoever loses the folder loses the keys with what they protect."""

    access_key: str
    """Ours, to S3; with the next one."""
    secret_key: str
    volume_key: str
    """Without these four anybody on the machine would write and read files around S3."""
    volume_read_key: str
    filer_key: str
    filer_read_key: str
    sse_key: str
    """What objects are encrypted with, where the setting asks for it."""
    ports: Ports

    @property
    def endpoint(self) -> str:
        """Where S3 is spoken."""
        return f"http://{HOST}:{self.ports.s3}"


def read_papers(folder: Path) -> Papers | None:
    """Those of this folder; None before the first start. Raises: PartFailed for what cannot be read."""
    file = folder / PAPERS
    try:
        told = json.loads(file.read_text("utf-8"))
        if told.pop("format") != FORMAT:
            raise PartFailed(f"{file} is of another release")
        return Papers(**{**told, "ports": Ports(**told["ports"])})
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PartFailed(f"{file} cannot be read ({type(error).__name__})") from error


def make_papers(folder: Path, bucket: str, port: int, keys: tuple[str, str] | None = None) -> Papers:
    """Those of this folder, made at the first start. Ports stay as they were, so that addresses that browsers hold are
    good over a restart; one that somebody took meanwhile, or that the setting changes (0: any), is chosen anew. `keys`,
    to S3, are taken where others know them already. Raises: PartFailed, OSError."""
    known = read_papers(folder)
    if known is None:
        known = Papers(
            access_key=secrets.token_hex(10).upper(),
            secret_key=secrets.token_urlsafe(32),
            volume_key=secrets.token_urlsafe(32),
            volume_read_key=secrets.token_urlsafe(32),
            filer_key=secrets.token_urlsafe(32),
            filer_read_key=secrets.token_urlsafe(32),
            sse_key=secrets.token_urlsafe(32),
            ports=Ports(*(free_port() for _ in range(8))),
        )
    chosen = {name: number if _is_free(number) else free_port() for name, number in asdict(known.ports).items()}
    papers = replace(known, ports=Ports(**(chosen | ({"s3": port} if port else {}))))
    if keys is not None:
        papers = replace(papers, access_key=keys[0], secret_key=keys[1])
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _keep(folder / PAPERS, {"format": FORMAT, **asdict(papers)})
    actions = [f"{action}:{bucket}" for action in ("Read", "Write", "List", "Tagging")]
    credentials = [{"accessKey": papers.access_key, "secretKey": papers.secret_key}]
    _keep(folder / IDENTITIES, {"identities": [{"name": "node", "credentials": credentials, "actions": actions}]})
    return papers


def _is_free(port: int) -> bool:
    with socket.socket() as probe, suppress(OSError):
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what lingers of an earlier start does not count
        probe.bind((HOST, port))
        return True
    return False


def _keep(file: Path, content: Mapping[str, object]) -> None:
    """Whole or not at all, and for nobody else's eyes."""
    fresh = file.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as target:  # noqa: PTH123
        json.dump(content, target, indent=1)
        target.flush()
        os.fsync(target.fileno())
    fresh.replace(file)
