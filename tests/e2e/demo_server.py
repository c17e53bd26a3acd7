"""The demo as the README starts it, without the images that it would bring by itself."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from server import demo as fiction
from tests.servers import ROOT, free_port


@contextmanager
def demo(data: Path) -> Iterator[str]:
    """What `python3 run demo` becomes when everything is set up; gives what it prints before it waits for people."""
    words = ["--data", str(data), "demo", "--without-images", "--port", str(free_port())]
    command = [sys.executable, "-m", "server", *words]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            said = ""
            while said.count("/enter#") < len(fiction.PEOPLE):
                line = process.stdout.readline()
                assert line != "", said
                said += line
            yield said
        finally:
            process.terminate()


def links_in(said: str) -> Mapping[str, str]:
    """The address that signs somebody in, by their key."""
    found = re.findall(r"^    (\S+/enter#\S+)$", said, re.MULTILINE)
    return {fictional.key: link for fictional, link in zip(fiction.PEOPLE, found, strict=True)}
