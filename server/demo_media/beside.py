"""The process that gives the demo's cases their images, beside a server that people use already."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from types import TracebackType
from typing import Self


class Beside:
    """It ends with the demo, whatever ends that."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def begin(self, address: str, cases: Mapping[str, str], tokens: Mapping[str, str]) -> None:
        """Start it for the server at `address`: ids of cases and bearer tokens of people, by their keys."""
        command = [sys.executable, "-m", "server.demo_media"]
        # In a session of its own, so that Ctrl-C in the terminal is the demo's alone.
        process = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)
        self._process = process
        if process.stdin is not None:
            told = {"address": address, "cases": dict(cases), "tokens": dict(tokens)}
            process.stdin.write(json.dumps(told).encode() + b"\n")
            process.stdin.flush()  # and stays open: its end tells the other that we are gone

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            if self._process.stdin is not None:
                self._process.stdin.close()
