"""ffmpeg in a child of its own: told exactly which reader and which decoders it may use, and what it may take. [CLN-10]

It reads one file, named by us, through the `file` protocol alone: playlists, concatenations and references to other
files are formats of their own, which are on no list here. It gets no environment, no terminal and no network.
"""

from __future__ import annotations

import ctypes
import errno
import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import imageio_ffmpeg

from server.cleaning.sniff import Form

READERS = {Form.MP4: "mov", Form.MATROSKA: "matroska", Form.AVI: "avi", Form.HEIC: "mov"}
NAMES = {"mov": "mov,mp4,m4a,3gp,3g2,mj2", "matroska": "matroska,webm", "avi": "avi"}
PICTURES = (
    "h264,hevc,vp8,vp9,libvpx-vp9,av1,libdav1d,mpeg4,msmpeg4v2,msmpeg4v3,mjpeg,mpeg1video,mpeg2video,h263,prores,dvvideo,"
    "rawvideo,v210,png,cinepak,indeo5,wmv1,wmv2,wmv3,vc1,theora,ffv1,huffyuv,utvideo,qtrle,rle,msvideo1,msrle"
)
SOUNDS = "aac,mp3,mp3float,ac3,eac3,opus,libopus,vorbis,flac,alac,amrnb,amrwb,libopencore_amrnb,libopencore_amrwb"
PCM = (
    "pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_u8,pcm_s8,pcm_f32le,pcm_alaw,pcm_mulaw,adpcm_ima_qt,adpcm_ms"
)
DECODERS = f"{PICTURES},{SOUNDS},{PCM}"
MAX_PICTURE_PIXELS = 8192 * 4608
MAX_STREAMS = 64
TELL_AT_DEATH = 1
"""`PR_SET_PDEATHSIG`, see prctl(2)."""
TAIL_BYTES = 256 * 1024
FULL = "No space left on device"
"""As it says ENOSPC, in the language that it is given. A file that says so itself may only be tried again for it."""
_prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


class Failed(Exception):
    """ffmpeg ended with an error: the file is damaged, or of a kind that it does not read."""


class TookTooLong(Exception):
    """It was ended because it took more time than it was given."""


@dataclass(frozen=True, slots=True)
class Means:
    """What one run may take."""

    seconds: float = 7200.0
    """By the clock; twice as much of the processor's time, since it works on two cores."""
    memory_bytes: int = 4 * 1024**3
    """Of addresses: encoding 4K takes 1.5 GB of memory."""
    written_bytes: int = 8 * 1024**3
    """Of one file."""


@cache
def program() -> str:
    """The ffmpeg that comes with the package `imageio-ffmpeg`."""
    return str(imageio_ffmpeg.get_ffmpeg_exe())


def source(form: Form, path: Path) -> list[str]:
    """Arguments that open `path` as `form`, and as nothing else."""
    reader = READERS[form]
    drefs = ["-enable_drefs", "0", "-use_absolute_path", "0"] if reader == "mov" else []
    return [
        "-protocol_whitelist", "file",
        "-format_whitelist", NAMES[reader],
        "-codec_whitelist", DECODERS,
        "-max_pixels", str(MAX_PICTURE_PIXELS),
        "-max_streams", str(MAX_STREAMS),
        "-threads", "2",
        *drefs,
        "-f", reader,
        "-i", f"file:{path.resolve()}",
    ]  # fmt: skip


def run(
    arguments: Sequence[str],
    means: Means,
    at: Callable[[float], None] | None = None,
    *,
    is_asked: bool = False,
) -> str:
    """Run it; what it says on standard error, the last 256 KiB of it.

    `at` is told now and then how many seconds are written, and may raise to end it. `is_asked`: an error is an answer,
    as it is where no output is asked for. Raises: Failed, TookTooLong, what `at` raises, OSError, also for a
    full disk and a file that became too large.
    """
    head = [program(), "-hide_banner", "-nostdin", "-y", "-loglevel", "info", "-max_alloc", str(1024**3)]
    command = [*head, "-nostats", "-progress", "pipe:1", *arguments]
    parent = os.getpid()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=said,
            env={"LC_ALL": "C", "TMPDIR": tempfile.gettempdir()},
            preexec_fn=lambda: _confine(parent, means),  # noqa: PLW1509 (it asks the kernel for bounds, and no more)
        )
        is_late = threading.Event()

        def end() -> None:
            is_late.set()
            process.kill()

        clock = threading.Timer(means.seconds, end)
        clock.start()
        try:
            status = _follow(process, at)
        finally:
            clock.cancel()
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()
        if is_late.is_set() or status == -signal.SIGXCPU:
            raise TookTooLong
        said.seek(max(0, said.seek(0, os.SEEK_END) - TAIL_BYTES))
        words = said.read().decode(errors="replace")
    if status == -signal.SIGXFSZ:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
    if status and FULL in words:
        raise OSError(errno.ENOSPC, FULL)
    if status and not is_asked:
        raise Failed(words[-2000:])
    return words


def _follow(process: subprocess.Popen[bytes], at: Callable[[float], None] | None) -> int:
    for line in process.stdout or ():
        name, _, value = line.partition(b"=")
        if at is not None and name == b"out_time_us" and value.strip().isdigit():
            at(int(value) / 1_000_000)
    return process.wait()


def _confine(parent: int, means: Means) -> None:
    """In the child, before it becomes ffmpeg: bounds of the kernel's, and an end with whoever started it."""
    for what, most in (
        (resource.RLIMIT_AS, means.memory_bytes),
        (resource.RLIMIT_CPU, 2 + round(2 * means.seconds)),
        (resource.RLIMIT_FSIZE, means.written_bytes),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)
        limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (limit, hard if what == resource.RLIMIT_NOFILE else limit))
    if _prctl is not None:
        _prctl(TELL_AT_DEATH, signal.SIGKILL)
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)
