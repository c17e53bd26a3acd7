"""Where and with what a run was made: read from the machine itself, so that no number stands without it."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

import psutil

from bench.servers import BENCH, node

PYTHON_PACKAGES = ("pycrdt", "uvicorn", "uvloop", "websockets")
NODE_PACKAGES = ("@hocuspocus/server", "@y/websocket-server", "yjs", "ws")


def describe() -> dict[str, str]:
    """Name and value, in reading order; nothing that names the machine or its owner."""
    revision = _output(["git", "describe", "--always", "--dirty"])
    return {
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "Python": platform.python_version(),
        "node": _output([node(), "--version"]),
        "Consilium": revision,
        **{name: version(name) for name in PYTHON_PACKAGES},
        **{name: _node_version(name) for name in NODE_PACKAGES},
        "load average before": f"{os.getloadavg()[0]:.2f}",
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown"
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def _node_version(package: str) -> str:
    manifest = json.loads((BENCH / "node_modules" / package / "package.json").read_text())
    return str(manifest["version"])


def _output(command: list[str]) -> str:
    done = subprocess.run(command, cwd=BENCH.parent, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"
