"""The child that cleans: jobs in on standard input, one at a time, how far it is and what came of it out.

What it reads comes from strangers, so it is bounded before it reads anything: memory, the size of files, its rank among
processes; and it ends with whoever started it.
"""

from __future__ import annotations

import ctypes
import errno
import os
import resource
import signal
import sys
import time
from pathlib import Path
from typing import BinaryIO

from server.media_worker import desk
from server.media_worker.job import Answer, RejectedLine, Told, read_job, write_line
from workspace.media import Reason

TELL_SECONDS = 0.5
TELL_AT_DEATH = 1
"""`PR_SET_PDEATHSIG`, see prctl(2)."""
LEAST_ROOM = 1024 * 1024
"""A disk with less is full, for whatever was written last."""
DOUBTED = frozenset({Reason.UNREADABLE, Reason.UNSUPPORTED, Reason.IDENTIFIERS_LEFT, Reason.WORKER_LOST})
"""What is said of a file that was damaged, by whomever."""
NICE = 10
"""Whoever writes goes first."""


def main() -> int:
    """Bounds are given as arguments: bytes of memory, bytes of a file, and the process that started this one."""
    memory, file_bytes, parent = (int(each) for each in sys.argv[1:4])
    _bound(memory, file_bytes)
    _die_with(parent)
    # Whatever a library prints must not be taken for an answer.
    said = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    for line in sys.stdin.buffer:
        said.write(write_line(_work(line, said)))
    return 0


def _work(line: bytes, said: BinaryIO) -> Answer:
    told_at = 0.0

    def report(done: int, total: int) -> None:
        nonlocal told_at
        now = time.monotonic()
        if now - told_at >= TELL_SECONDS:
            told_at = now
            said.write(write_line(Told(done=done, total=total)))

    job = read_job(line)
    try:
        answer = desk.work(job, report)
    except MemoryError:
        return RejectedLine(reason=Reason.TOO_MUCH_INSIDE, detail="memory")
    except OSError as error:
        if error.errno == errno.EFBIG:
            return RejectedLine(reason=Reason.TOO_MUCH_INSIDE, detail="size")
        if error.errno in (errno.ENOSPC, errno.EDQUOT) or _is_full(job.folder):
            return RejectedLine(reason=Reason.NO_ROOM)
        raise
    except Exception:
        if _is_full(job.folder):
            return RejectedLine(reason=Reason.NO_ROOM)
        raise
    if isinstance(answer, RejectedLine) and answer.reason in DOUBTED and _is_full(job.folder):
        return RejectedLine(reason=Reason.NO_ROOM, kind=answer.kind, detail=answer.detail)
    return answer


def _is_full(folder: Path) -> bool:
    """Whether what is said of a file may be due to the disk: libraries write as much as fits, tell nobody, and find
    later that what they wrote breaks off."""
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize < LEAST_ROOM


def _bound(memory: int, file_bytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # then it is an error of the write, which says what happened
    os.nice(NICE)


def _die_with(parent: int) -> None:
    """Also when the parent is killed. Where the kernel knows no such thing, the end of standard input does it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(TELL_AT_DEATH, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
