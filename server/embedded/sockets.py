"""Unix sockets that SeaweedFS makes in `/tmp`, by its ports, and that stay when it is killed. [OBJ-9]

It has options for two of the six and none to be without; where they stand is fixed in it.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from server.embedded.papers import Ports

FOLDER = Path("/tmp")  # noqa: S108


def sockets_of(ports: Ports, folder: Path = FOLDER) -> Iterator[Path]:
    """Those of a server with these ports."""
    for name, port in (
        ("master-grpc", ports.master_grpc),
        ("volume-grpc", ports.volume_grpc),
        ("filer", ports.filer),
        ("filer-grpc", ports.filer_grpc),
        ("s3", ports.s3),
        ("s3-grpc", ports.s3_grpc),
    ):
        yield folder / f"seaweedfs-{name}-{port}.sock"


def remove_dead(ports: Ports, folder: Path = FOLDER) -> None:
    """Of these, the ones at which nobody listens: by now another server may have got one of the ports."""
    for path in sockets_of(ports, folder):
        if path.is_socket() and _is_dead(path):
            with suppress(OSError):  # it is another person's
                path.unlink()


def _is_dead(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            return True
        except OSError:
            return False
    return False
