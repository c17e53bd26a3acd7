"""What a process is called among the others of its cluster: by its machine's name, and something that tells it from
those beside it."""

from __future__ import annotations

import re
import socket
from pathlib import Path

from server.entrance import Entropy
from storage.ports import Holder

FILE = "node"
NAME_BYTES = 4
LONGEST_HOST = 60


def make_name(entropy: Entropy) -> Holder:
    """A new one."""
    return Holder(f"{_host()}.{entropy(NAME_BYTES).hex()}")


def keep_name(data: Path, entropy: Entropy) -> Holder:
    """The same after each start on a data folder that only one server may use: what a killed server held, it has back
    at once. A copy of the folder, elsewhere or on another machine, gets a name of its own: two nodes of one name would
    take each other's leases."""
    file, place = data / FILE, str(data.resolve())
    held = file.read_text("utf-8", "replace").splitlines() if file.exists() else []
    if held[1:] == [place] and re.fullmatch(re.escape(_host()) + r"\.[0-9a-f]{8}", held[0]):
        return Holder(held[0])
    name = make_name(entropy)
    file.write_text(f"{name}\n{place}\n", "utf-8")
    return name


def _host() -> str:
    return re.sub(r"[^\w.-]", "-", socket.gethostname())[:LONGEST_HOST]
