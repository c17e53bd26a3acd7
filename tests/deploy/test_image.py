"""The image, really built and really run: as root with Debian's programs, since that needs no engine of Docker's.

`python3 run image` runs this; without it these tests say what they lack.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import suppress

import pytest

from tests.deploy.given import ROOT, services
from tests.servers import free_port, wait_until

PROGRAMS = ("buildah", "podman", "runc", "debootstrap")
BASE, IMAGE = "localhost/consilium-test-base:12", "localhost/consilium-test:local"
RUNTIME = ("--runtime", "/usr/sbin/runc", "--cgroup-manager=cgroupfs")
# A sandbox may not raise its own bounds, has no network of its own to give, and no systemd to ask for health.
SANDBOX = ("--ulimit", "nofile=4096:4096", "--ulimit", "nproc=4096:4096", "--network", "host", "--no-healthcheck")
TIGHT = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--tmpfs", "/tmp:size=64m")
CONTAINER = "consilium-test"
LARGEST_MEGABYTES = 700
"""What we add to the base. Arbitrary; of it SeaweedFS is 154, ffmpeg some 80, and what reads DICOM some 120."""

pytestmark = [
    pytest.mark.timeout(1200),
    pytest.mark.skipif("TEST_IMAGE" not in os.environ, reason="takes minutes, root and packages: python3 run image"),
]


def run(*words: str) -> str:
    """One command to its end. Raises: AssertionError with what it said."""
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return done.stdout


def podman(*words: str) -> str:
    """podman, by the one runtime that works everywhere."""
    return run("podman", *RUNTIME, *words)


def size_of(image: str) -> int:
    """Bytes."""
    return int(podman("image", "inspect", image, "--format", "{{.Size}}"))


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Built from this tree on a Debian of debootstrap's: no registry of images is asked."""
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    assert not missing, f"install {', '.join(missing)}"
    assert os.geteuid() == 0, "needs root"
    if subprocess.run(["podman", "image", "exists", BASE], check=False).returncode:
        folder = tmp_path_factory.mktemp("base")
        tree, packed = folder / "tree", folder / "base.tar"
        packages = "python3,python3-pip,python-is-python3,ca-certificates"
        run("debootstrap", "--variant=minbase", f"--include={packages}", "bookworm", str(tree))
        without = ("--exclude=./var/cache/apt", "--exclude=./var/lib/apt/lists")
        run("tar", "-C", str(tree), *without, "-cf", str(packed), ".")
        podman("import", str(packed), BASE)
        shutil.rmtree(tree)
    arguments = ["--build-arg", f"PYTHON={BASE}"]
    for name in ("PIP_INDEX_URL", "UV_DEFAULT_INDEX", "NPM_CONFIG_REGISTRY"):
        if name in os.environ:
            arguments += ["--build-arg", f"{name}={os.environ[name]}"]
    volume = ["--volume", "/etc/ssl/certs:/etc/ssl/certs:ro"]  # who inspects TLS has an authority of their own
    isolated = ["--isolation", "chroot", "--network", "host", "--format", "docker"]
    run("buildah", "bud", *isolated, *volume, *arguments, "--tag", IMAGE, ".")
    yield IMAGE
    podman("image", "rm", "--force", IMAGE)


class Container:
    """One node in a container, without rights, on a root that cannot be written."""

    def __init__(self, image: str) -> None:
        self.port = free_port()
        variables = ("-e", f"CONSILIUM_PORT={self.port}", "-e", "CONSILIUM_HOST=127.0.0.1")
        podman("run", "--detach", "--name", CONTAINER, *SANDBOX, *TIGHT, *variables, image)

    def ask(self, path: str) -> bytes:
        """GET. Raises: OSError."""
        asked = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers={"Accept": "text/html"})
        with urllib.request.urlopen(asked, timeout=5) as answer:
            body: bytes = answer.read()
            return body

    def until_ready(self) -> None:
        """Wait for `/readyz`."""

        def is_ready() -> bool:
            with suppress(OSError, urllib.error.URLError):
                return bool(json.loads(self.ask("/readyz"))["status"] == "ready")
            return False

        wait_until(is_ready, seconds=60, what=lambda: f"the container to be ready: {podman('logs', CONTAINER)}")

    def inside(self, *words: str) -> subprocess.CompletedProcess[str]:
        """A command in it."""
        command = ["podman", *RUNTIME, "exec", CONTAINER, *words]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def stop(self) -> tuple[int, str]:
        """SIGTERM, half a minute, SIGKILL: the status, and all that it said."""
        podman("stop", "--time", "30", CONTAINER)
        done = subprocess.run(["podman", *RUNTIME, "logs", CONTAINER], capture_output=True, text=True, check=False)
        return int(podman("inspect", CONTAINER, "--format", "{{.State.ExitCode}}")), done.stdout + done.stderr

    def remove(self) -> None:
        """And its volume."""
        podman("rm", "--force", "--volumes", CONTAINER)


@pytest.fixture
def container(image: str) -> Iterator[Container]:
    """One that was started, and may not be ready."""
    made = Container(image)
    yield made
    made.remove()


def test_it_holds_what_it_needs_and_no_more(image: str) -> None:
    """[DEP-1]"""
    added = (size_of(image) - size_of(BASE)) // 1_000_000
    print(f"the image adds {added} MB to its base")
    assert added < LARGEST_MEGABYTES
    names = r"\( -name .npm -o -name node_modules -o -path '*/.cache/*' -o -name build \)"
    as_root = (*SANDBOX, "--user", "0:0", "--entrypoint", "sh")
    listed = podman("run", "--rm", *as_root, image, "-c", f"ls /opt/consilium/bin; find / -xdev {names}")
    assert "consilium" in listed.split()
    assert {"node", "npm", "uv", "pip", "gcc"} & set(listed.split()) == set()
    assert [line for line in listed.splitlines() if re.search(r"node_modules|\.npm|\.cache|^/build", line)] == []
    told = json.loads(podman("image", "inspect", image))[0]
    assert told["Config"]["User"] == "10001:10001"
    assert told["Config"]["StopSignal"] == "SIGTERM"
    assert told["Config"]["Labels"]["org.opencontainers.image.licenses"] == "Apache-2.0"
    assert "/livez" in json.dumps(told["Healthcheck"])


def test_it_serves_the_page_on_a_root_that_cannot_be_written(container: Container) -> None:
    """[DEP-1] As a number without a name and without rights; then SIGTERM drains it."""
    container.until_ready()
    assert b"<title>Consilium" in container.ask("/")
    assert container.inside("id", "-u").stdout.strip() == "10001"
    for place in ("/x", "/opt/consilium/x", "/etc/x"):
        assert container.inside("touch", place).returncode != 0
    status = container.inside("cat", "/proc/1/status").stdout
    assert re.findall(r"^Cap(?:Eff|Bnd|Prm):\s*0+$", status, re.MULTILINE)
    assert re.search(r"^NoNewPrivs:\s*1$", status, re.MULTILINE)
    code, said = container.stop()
    assert code == 0
    assert said.index("server.draining") < said.index("server.stopped")
    assert all(line.startswith(("{", "Consilium listens")) for line in said.splitlines() if line)


def test_its_health_is_asked_without_another_program(container: Container) -> None:
    """[DEP-1] [DEP-2] The very words of the compose file, but for the port."""
    container.until_ready()
    for service in ("node-1", "worker"):
        health = services()[service]["healthcheck"]
        assert isinstance(health, dict)
        words = [re.sub(r":800\d", f":{container.port}", word) for word in health["test"][1:]]
        assert container.inside(*words).returncode == 0
        assert container.inside(*[word.replace("/readyz", "/api/me") for word in words]).returncode != 0


def test_stopped_while_it_starts_it_stops(container: Container) -> None:
    """[DEP-5] Process 1 gets no signal that it does not handle."""
    _, said = container.stop()
    assert "SIGKILL" not in said
    code = int(podman("inspect", CONTAINER, "--format", "{{.State.ExitCode}}"))
    assert code in (143, 0)


def test_commands_run_in_it(image: str) -> None:
    """[DEP-1] As compose's `migrate` does, on a volume."""
    shared: Sequence[str] = (*SANDBOX, *TIGHT, "--volume", "consilium-test-data:/data")
    try:
        assert podman("run", "--rm", *shared, image, "migrate").strip() == "the schema is up to date"
        assert podman("run", "--rm", *shared, image, "migrate", "--check").strip() == "the schema is up to date"
    finally:
        podman("volume", "rm", "--force", "consilium-test-data")
