"""A disk that fails and a clock that jumps, when a test says so, under any program: `tests/disk.c` in LD_PRELOAD.

    with faulty(folder) as disk:
        start_server(folder / "data", disk.environment())     # or running_postgres(disk.environment(), …)
        disk.fail_syncs(errno.EIO)

Nothing here knows pytest. The library is compiled with `cc`, in a moment.
"""

from __future__ import annotations

import mmap
import shutil
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

SOURCE = Path(__file__).with_suffix(".c")
FIELDS = (
    "sync_error",
    "sync_times",
    "sync_delay",
    "write_error",
    "room",
    "clock_offset",
    "syncs",
    "refusals",
)
"""As in `struct faults` of the source."""
UNBOUNDED = -1


def missing() -> str | None:
    """Why faults cannot be made here, for a test that has to be skipped by name; None where they can."""
    if not sys.platform.startswith("linux"):
        return "LD_PRELOAD is Linux's"
    return None if shutil.which("cc") else "no C compiler (cc)"


class Disk:
    """The faults of the files below one folder, and of the clock, in every process with its environment."""

    def __init__(self, folder: Path, place: Path) -> None:
        """`place` is for the library, and for the file that processes map: any user may reach both, since PostgreSQL is
        not run as root."""
        self._folder = folder.resolve()
        self._library = place / "disk.so"
        self._control = place / "faults"
        place.chmod(0o755)
        subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-Wall", "-o", self._library, SOURCE, "-ldl"], check=True)
        self._control.write_bytes(bytes(8 * len(FIELDS)))
        self._control.chmod(0o666)
        with self._control.open("r+b") as file:
            self._page = mmap.mmap(file.fileno(), 0)
        self.mend()

    def environment(self) -> Mapping[str, str]:
        """What a process is to be started with."""
        return {"LD_PRELOAD": str(self._library), "DISK_FAULTS": str(self._control), "DISK_FOLDER": str(self._folder)}

    def fail_syncs(self, error: int, *, times: int = UNBOUNDED) -> None:
        """The next syncs fail with this errno; after `times` of them all seems well, as with a kernel that has dropped
        what it could not write."""
        self._set("sync_times", times)
        self._set("sync_error", error)

    def delay_syncs(self, seconds: float) -> None:
        """Every sync takes so much longer."""
        self._set("sync_delay", round(seconds * 1000))

    def fail_writes(self, error: int) -> None:
        """Every write fails with this errno."""
        self._set("write_error", error)

    def leave_room(self, size: int) -> None:
        """Files may grow by so many bytes, and by what is deleted from now on; then the disk is full (ENOSPC)."""
        self._set("room", size)

    def shift_clock(self, by: timedelta) -> None:
        """The wall clock is wrong by this much from now on. Clocks that measure intervals are not."""
        self._set("clock_offset", round(by.total_seconds() * 1000))

    def mend(self) -> None:
        """All is well again, the clock too."""
        for field in ("sync_error", "sync_times", "sync_delay", "write_error", "clock_offset"):
            self._set(field, 0)
        self._set("room", UNBOUNDED)

    @property
    def syncs(self) -> int:
        """How many syncs were asked for."""
        return self._get("syncs")

    @property
    def refusals(self) -> int:
        """How many calls failed because of us: a test whose fault hit nobody proves nothing."""
        return self._get("refusals")

    def close(self) -> None:
        """Processes that still run keep their mapping."""
        self._page.close()

    def _set(self, field: str, value: int) -> None:
        struct.pack_into("<q", self._page, 8 * FIELDS.index(field), value)

    def _get(self, field: str) -> int:
        (value,) = struct.unpack_from("<q", self._page, 8 * FIELDS.index(field))
        assert isinstance(value, int)
        return value


@contextmanager
def faulty(folder: Path) -> Iterator[Disk]:
    """Faults for the files below `folder`, which need not exist yet. Raises: RuntimeError where there can be none."""
    if (why := missing()) is not None:
        raise RuntimeError(why)
    place = Path(tempfile.mkdtemp(prefix="consilium-disk-", dir="/tmp"))
    disk = Disk(folder, place)
    try:
        yield disk
    finally:
        disk.close()
        shutil.rmtree(place)
