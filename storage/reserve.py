"""Room that is set aside on the disk of a SQLite file: given back when the disk is full, so that what is on its way is
still written; taken again when there is room. [STO-10]"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import structlog

RESERVE = ".reserve"
"""Ends the file's name, which begins with that of the database."""
CHUNK = 1024 * 1024

_log = structlog.stdlib.get_logger(__name__)


class Reserve:
    """A file of `size` bytes that holds nothing. While it is not there, the disk counts as full."""

    def __init__(self, path: Path, size: int) -> None:
        """Nothing is made yet. A size of 0 sets nothing aside, and the disk never counts as full."""
        self._path = path
        self._size = size
        self._is_made = False

    @property
    def is_spent(self) -> bool:
        """Whether new work is to be refused."""
        return self._size > 0 and not self._is_made

    def spend(self) -> bool:
        """Give the room back. False when there is none to give."""
        if self._size == 0 or not self._is_made:
            return False
        self._is_made = False
        self._path.unlink(missing_ok=True)
        _log.error("storage.reserve_spent", bytes=self._size)
        return True

    def make(self) -> None:
        """Set the room aside if it is there, and as much again: what is on its way must not fill the disk at once."""
        if not self.is_spent:
            return
        try:
            if not self._is_there():
                if shutil.disk_usage(self._path.parent).free < 2 * self._size:
                    return
                self._fill()
        except OSError as error:
            _log.warning("storage.no_reserve", error=error.strerror)
            self._path.unlink(missing_ok=True)
        else:
            self._is_made = True
            _log.info("storage.reserve_made", bytes=self._size)

    def _is_there(self) -> bool:
        """Left by the server before us."""
        return self._path.exists() and self._path.stat().st_size == self._size

    def _fill(self) -> None:
        """With noise: some file systems squeeze zeros to nothing."""
        with self._path.open("wb") as file:
            for start in range(0, self._size, CHUNK):
                file.write(os.urandom(min(CHUNK, self._size - start)))
            file.flush()
            os.fsync(file.fileno())
