"""How far long work of a command is: a line that changes on a terminal, a line for each tenth elsewhere."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from typing import TextIO

TELL_SECONDS = 0.2
STEP = 10
"""Per cent."""
MEGABYTE = 1_000_000


class Progress:
    """Counts objects and their bytes, from several threads, up to totals that are known."""

    def __init__(self, verb: str, objects: int, size: int, out: TextIO | None = None) -> None:
        self._verb = verb
        self._objects, self._size = objects, size
        self._out = sys.stdout if out is None else out
        self._done = 0
        self._bytes = 0
        self._told = 0
        self._began = self._told_at = time.monotonic()
        self._lock = threading.Lock()

    def part(self) -> Callable[[int], None]:
        """For who counts the bytes of one object from nothing up."""
        last = 0

        def count(done: int) -> None:
            nonlocal last
            with self._lock:
                self._bytes += done - last
                last = done
                self._show()

        return count

    def one(self, size: int = 0) -> None:
        """An object is done; `size` of its bytes were not counted yet."""
        with self._lock:
            self._done += 1
            self._bytes += size
            self._show()
            self._tell()

    def end(self) -> None:
        """Nothing follows."""
        with self._lock:
            if self._out.isatty() and self._objects:
                self._out.write(f"\r{self._said()}\x1b[K\n")
                self._out.flush()

    def _show(self) -> None:
        now = time.monotonic()
        if self._out.isatty() and now - self._told_at >= TELL_SECONDS:
            self._told_at = now
            self._out.write(f"\r{self._said()}\x1b[K")
            self._out.flush()

    def _tell(self) -> None:
        if self._out.isatty():
            return
        done = 100 * self._bytes // self._size if self._size else 100
        if done - self._told >= STEP:
            self._told = done - done % STEP
            self._out.write(f"{self._said()}\n")
            self._out.flush()

    def _said(self) -> str:
        seconds = time.monotonic() - self._began
        speed = f", {self._bytes / MEGABYTE / seconds:.0f} MB/s" if seconds >= 1 else ""
        bytes_ = f"{self._bytes / MEGABYTE:.1f} of {self._size / MEGABYTE:.1f} MB"
        return f"{self._verb} {self._done} of {self._objects} objects, {bytes_}{speed}"
