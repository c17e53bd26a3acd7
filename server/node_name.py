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
NAME = re.compile(r"[\w.-]{1,80}")


def make_name(entropy: Entropy) -> Holder:
    """A new one."""
    host = re.sub(r"[^\w.-]", "-", socket.gethostname())[:LONGEST_HOST]
    return Holder(f"{host}.{entropy(NAME_BYTES).hex()}")


def keep_name(data: Path, entropy: Entropy) -> Holder:
    """The same after each start on a data folder that only one server may use: what a killed server held, it has back
    at once."""
    file = data / FILE
    if file.exists() and NAME.fullmatch(held := file.read_text("utf-8", "replace").strip()):
        return Holder(held)
    name = make_name(entropy)
    file.write_text(f"{name}\n", "utf-8")
    return name
