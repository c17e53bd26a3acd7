"""The proxy as it is given to operators, really run: nginx with `deploy/compose/nginx.conf`, on ports of this machine.

What is changed in it is where things are (ports, files, nodes), and each change must find its place.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import pwd
import shutil
import socket
import ssl
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.deploy.given import COMPOSE
from tests.servers import RunningServer, free_port, wait_until

NGINX_PACKAGE = "nginx-light"
NOBODY = "nobody"
STOP_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer that came through the proxy."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


class Proxy:
    """One nginx in front of nodes. Clients take it for a server: it has `sockets`."""

    def __init__(self, folder: Path, nodes: Sequence[RunningServer], store_port: int) -> None:
        self.folder = folder
        self.port = free_port()
        self.plain_port = free_port()
        self._nodes = nodes
        self._store_port = store_port
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """What a browser types."""
        return f"https://localhost:{self.port}"

    @property
    def sockets(self) -> str:
        """The same for WebSockets."""
        return f"wss://localhost:{self.port}"

    @property
    def certificate(self) -> Path:
        """Who vouches for it: itself."""
        return self.folder / "certificate.pem"

    def make(self) -> None:
        """A certificate, and the given configuration with the places of this machine."""
        _sign_for_localhost(self.folder)
        text = (COMPOSE / "nginx.conf").read_text()
        assert text.count("/tmp/") == 6
        text = text.replace("/tmp/", f"{self.folder}/")
        for there, here in (
            ("listen 8443 ssl", f"listen 127.0.0.1:{self.port} ssl"),
            ("listen 8080;", f"listen 127.0.0.1:{self.plain_port};"),
            ("/run/secrets/tls_certificate;", f"{self.certificate};"),
            ("/run/secrets/tls_key;", f"{self.folder / 'key.pem'};"),
            ("include upstreams.conf;", f"include {self.folder / 'upstreams.conf'};"),
            ("http://store:8333;", f"http://127.0.0.1:{self._store_port};"),
            ("/dev/stdout", str(self.folder / "access.log")),
            ("error_log stderr", f"error_log {self.folder / 'error.log'}"),
            ("worker_processes auto;", "worker_processes 2;"),
            ("worker_rlimit_nofile 65536;", ""),
            ("worker_connections 16384;", "worker_connections 400;"),
        ):
            assert text.count(there) == 1, there
            text = text.replace(there, here)
        (self.folder / "nginx.conf").write_text(text)
        nodes = (COMPOSE / "upstreams.conf").read_text()
        for number, node in enumerate(self._nodes, 1):
            assert nodes.count(f"node-{number}:8000 ") == 1
            nodes = nodes.replace(f"node-{number}:8000 ", f"127.0.0.1:{node.port} ")
        (self.folder / "upstreams.conf").write_text(nodes)

    def start(self) -> None:
        """Start it as nobody, and wait until it answers."""
        user = NOBODY if os.geteuid() == 0 else None
        if user is not None:
            owner = pwd.getpwnam(user)
            for path in (self.folder, *self.folder.iterdir()):
                os.chown(path, owner.pw_uid, owner.pw_gid)
        words = ["-c", str(self.folder / "nginx.conf"), "-p", str(self.folder), "-g", "daemon off;"]
        self._process = subprocess.Popen(
            [nginx(), "-e", str(self.folder / "error.log"), *words], user=user, stderr=subprocess.DEVNULL
        )

        def answers() -> bool:
            assert self._process is not None
            if self._process.poll() is not None:
                raise RuntimeError(f"nginx ended:\n{(self.folder / 'error.log').read_text()[-2000:]}")
            with contextlib.suppress(OSError):
                return self.ask("GET", "/readyz").status == 200
            return False

        wait_until(answers, seconds=10, what="nginx to answer")

    def stop(self) -> None:
        """End it at once."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(STOP_SECONDS)

    def context(self) -> ssl.SSLContext:
        """Trust its certificate and no other."""
        return ssl.create_default_context(cafile=str(self.certificate))

    def line(self, source: str = "127.0.0.1") -> ssl.SSLSocket:
        """A TLS connection, from an address of one's choice."""
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=20, source_address=(source, 0))
        return self.context().wrap_socket(plain, server_hostname="localhost")

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        headers: Mapping[str, str] | None = None,
        source: str = "127.0.0.1",
    ) -> Heard:
        """One request over TLS, with bytes or JSON. Raises: OSError."""
        connection = http.client.HTTPSConnection("localhost", self.port, context=self.context(), timeout=20)
        connection.sock = self.line(source)
        try:
            sent = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
            typed = {} if body is None or isinstance(body, bytes) else {"Content-Type": "application/json"}
            connection.request(method, path, sent, {**typed, "Origin": self.url, **(headers or {})})
            answer = connection.getresponse()
            return Heard(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def log(self) -> list[dict[str, str]]:
        """Its lines."""
        return [json.loads(line) for line in (self.folder / "access.log").read_text().splitlines()]


def nginx() -> str:
    """Where it is. Raises: LookupError."""
    found = shutil.which("nginx", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"]))
    if found is None:
        raise LookupError("nginx")
    return found


def _sign_for_localhost(folder: Path) -> None:
    subprocess.run(
        [
            *(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-days",
                "2",
            ),
            *("-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem"), "-subj", "/CN=localhost"),
            *("-addext", "subjectAltName=DNS:localhost"),
        ],
        check=True,
        capture_output=True,
    )


@contextmanager
def proxy_for(*nodes: RunningServer, store_port: int) -> Iterator[Proxy]:
    """A proxy until the block ends, in a folder that nobody may enter."""
    with tempfile.TemporaryDirectory(prefix="proxy-") as name:
        proxy = Proxy(Path(name), nodes, store_port)
        proxy.make()
        yield proxy
        proxy.stop()
