"""Small videos with markers in every place where a container can hold words, made by ffmpeg itself."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from server.cleaning import ffmpeg
from tests.unit.marked import Markers

SEEN = ("-f", "lavfi", "-i", "testsrc2=size=160x120:rate=25:duration=2")
HEARD = ("-f", "lavfi", "-i", "sine=frequency=440:duration=2")
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")


def film(*arguments: str | Path) -> None:
    """Run ffmpeg. Raises: CalledProcessError."""
    command = [ffmpeg.program(), "-v", "error", "-y", *map(str, arguments)]
    subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL)


def words(mark: Markers) -> list[str]:
    """Titles, people and places of the file and of its streams."""
    found: list[str] = []
    for name in ("title", "artist", "comment", "copyright", "description", "location", "make", "model", "encoded_by"):
        found += ["-metadata", f"{name}={mark(name.replace('_', ''))}"]
    for stream in ("v", "a"):
        found += [f"-metadata:s:{stream}", f"handler_name={mark('handler')}"]
        found += [f"-metadata:s:{stream}", f"title={mark('track')}"]
    return [*found, "-metadata", "creation_time=1967-11-23T10:00:00Z"]


def beside(folder: Path, mark: Markers) -> list[str]:
    """Chapters and subtitles, as inputs."""
    chapters = folder / "chapters.txt"
    chapters.write_text(f";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1\nSTART=0\nEND=1\ntitle={mark('chapter')}\n")
    spoken = folder / "spoken.srt"
    spoken.write_text(f"1\n00:00:00,000 --> 00:00:02,000\n{mark('subtitle')}\n")
    return ["-f", "ffmetadata", "-i", str(chapters), "-f", "srt", "-i", str(spoken)]


def _marked(folder: Path, mark: Markers, name: str, *coding: str) -> Path:
    file = folder / name
    inputs = [*SEEN, *HEARD, *beside(folder, mark)]
    maps = ["-map", "0:v", "-map", "1:a", "-map", "3:s", "-map_chapters", "2"]
    film(*inputs, *maps, *coding, *words(mark), file)
    return file


def mp4(folder: Path, mark: Markers) -> Path:
    """H.264 with a message in its stream, sound, subtitles, chapters, all tags, and boxes of strangers."""
    message = f"086f3693-b7b3-4f2c-9653-21492feee5b8+{mark('sei')}"
    tags = ("-movflags", "use_metadata_tags", "-bsf:v", f"h264_metadata=sei_user_data={message}")
    file = _marked(folder, mark, "marked.mp4", *H264, "-c:a", "aac", "-c:s", "mov_text", *tags)
    for name in (b"uuid", b"free", b"skip"):
        text = bytes(16) + mark.octets(name.decode())
        with file.open("ab") as behind:
            behind.write((len(text) + 8).to_bytes(4, "big") + name + text)
    return file


def mov(folder: Path, mark: Markers) -> Path:
    """HEVC, turned by a quarter, as a phone writes it."""
    coding = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none", "-tag:v", "hvc1")
    upright = _marked(folder, mark, "upright.mov", *coding, "-c:a", "aac", "-c:s", "mov_text")
    file = folder / "marked.mov"
    film("-display_rotation", "90", "-i", upright, "-map", "0:v", "-map", "0:a", "-c", "copy", file)
    return file


def webm(folder: Path, mark: Markers) -> Path:
    """VP8 and Opus with all tags."""
    return _marked(
        folder, mark, "marked.webm", "-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus", "-c:s", "webvtt"
    )


def mkv(folder: Path, mark: Markers) -> Path:
    """H.264 in Matroska with an attached file."""
    attached = folder / "attached.txt"
    attached.write_text(mark("attached"))
    tail = (
        "-attach",
        str(attached),
        "-metadata:s:t",
        "mimetype=text/plain",
        "-metadata:s:t",
        f"filename={mark('name')}",
    )
    return _marked(folder, mark, "marked.mkv", *H264, "-c:a", "aac", "-c:s", "srt", *tail)


def avi(folder: Path, mark: Markers) -> Path:
    """MPEG-4 in AVI, as old capture cards write it."""
    file = folder / "marked.avi"
    film(*SEEN, *HEARD, "-c:v", "mpeg4", "-c:a", "mp3", *words(mark), file)
    return file


MAKERS: dict[str, Callable[[Path, Markers], Path]] = {"mp4": mp4, "mov": mov, "webm": webm, "mkv": mkv, "avi": avi}


def plain(folder: Path, name: str, coding: Sequence[str] = H264, *more: str) -> Path:
    """A video without words."""
    film(*SEEN, *more, *coding, folder / name)
    return folder / name
