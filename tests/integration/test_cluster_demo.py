"""`consilium cluster-demo` as one types it: what it prints, what it starts again, and what is left of it."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

import psutil
import pytest

from server.cluster.postgres import remove_postgres
from tests.servers import ROOT, wait_until

PATIENCE = 60.0
ROW = re.compile(r"^  (balancer|node \w+|worker|SeaweedFS|Redis|PostgreSQL) +(\S+) +process (\d+)$", re.MULTILINE)


class Demo:
    """The command, and all that it has said so far."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.process = subprocess.Popen(
            [sys.executable, "-m", "server", "--data", str(data), "cluster-demo", "--port", "0"],
            cwd=ROOT,
            env={name: value for name, value in os.environ.items() if not name.startswith("CONSILIUM_")},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.append(line)

    @property
    def said(self) -> str:
        return "".join(self._lines)

    def until_it_says(self, words: str) -> None:
        def has_said() -> bool:
            assert self.process.poll() is None or words in self.said, self.said
            return words in self.said

        wait_until(has_said, seconds=PATIENCE, what=lambda: f"{words!r} in {self.said}")

    @property
    def parts(self) -> Mapping[str, tuple[str, int]]:
        """Address and process of each part, by its name, as they were first told."""
        return {name: (address, int(pid)) for name, address, pid in ROW.findall(self.said)}

    def family(self) -> list[psutil.Process]:
        """The command's processes, without itself."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def finish(self, number: signal.Signals) -> int:
        """Send it, and give the exit status."""
        self.process.send_signal(number)
        status = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return status


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    """A folder that is used by one start after the other."""
    folder = Path(tempfile.mkdtemp(prefix="consilium-demo-"))
    yield folder
    remove_postgres(folder)
    shutil.rmtree(folder)


def started(data: Path) -> Demo:
    demo = Demo(data)
    try:
        demo.until_it_says("Ctrl-C stops all of it.")
    except BaseException:
        demo.process.kill()  # its parts end with it
        raise
    return demo


def get(address: str) -> int:
    try:
        with urllib.request.urlopen(f"{address}/readyz", timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def state(address: str) -> object:
    """How it finds the store of images."""
    with urllib.request.urlopen(f"{address}/readyz", timeout=10) as answer:
        return json.load(answer)["objects"]


def test_it_starts_everything_and_starts_again_what_dies(data: Path) -> None:
    """[DEMO-5] [NODE-14] [NODE-15] Sign-in links at the balancer's address, every part with its own, on loopback
    alone; whichever is killed comes back at the same address; Ctrl-C ends all of it, and nothing stays."""
    demo = started(data)
    try:
        parts = demo.parts
        assert {"balancer", "node one", "node two", "worker", "SeaweedFS", "Redis", "PostgreSQL"} == parts.keys()
        balancer = parts["balancer"][0]
        links = re.findall(r"http://\S+/enter#\S+", demo.said)
        assert len(links) == 6
        assert all(link.startswith(f"{balancer}/") for link in links)
        assert get(balancer) == 200
        for node in ("node one", "node two", "worker"):
            wait_until(
                lambda node=node: state(parts[node][0]) == "ready",  # type: ignore[misc]
                seconds=PATIENCE,
                what=f"{node} to find the store of images",
            )
        listening = {
            each.laddr.ip
            for process in [psutil.Process(demo.process.pid), *demo.family()]
            for each in process.net_connections()
            if each.status == psutil.CONN_LISTEN
        }
        assert listening == {"127.0.0.1"}
        for name, (_, pid) in parts.items():
            if name != "balancer":
                os.kill(pid, signal.SIGKILL)
                demo.until_it_says(f"{name} died of SIGKILL; it is started again in 0.5 s")
                demo.until_it_says(f"{name} is there again")
        wait_until(lambda: get(balancer) == 200, seconds=PATIENCE, what="the balancer to be ready")
        family = demo.family()
        assert len(family) > 8
    finally:
        status = demo.finish(signal.SIGINT)
    assert status == 0
    assert demo.said.rstrip().endswith("Stopping.")
    assert psutil.wait_procs(family, 1)[1] == []


def test_nothing_outlives_it_even_when_it_is_killed(data: Path) -> None:
    """[NODE-15] [DEMO-5] `kill -9` of the command; the next start finds the same people, and makes nobody twice."""
    demo = started(data)
    family = demo.family()
    before = psutil.Process(demo.parts["PostgreSQL"][1]).children()
    assert len(before) > 3
    assert demo.finish(signal.SIGKILL) == -signal.SIGKILL
    assert psutil.wait_procs([*family, *before], 10)[1] == []
    demo = started(data)
    try:
        assert len(re.findall(r"http://\S+/enter#\S+", demo.said)) == 6
        assert get(demo.parts["node two"][0]) == 200
    finally:
        assert demo.finish(signal.SIGTERM) == 0


def test_two_at_once_do_not_share_a_folder(data: Path) -> None:
    """[SET-3] [DEMO-5] In one line; the first goes on."""
    demo = started(data)
    try:
        words = [sys.executable, "-m", "server", "--data", str(data), "cluster-demo", "--port", "0"]
        second = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, timeout=PATIENCE)
        assert second.returncode == 1
        assert second.stderr == f"consilium: another server already serves the data folder {data}\n"
        assert get(demo.parts["balancer"][0]) == 200
    finally:
        assert demo.finish(signal.SIGINT) == 0
