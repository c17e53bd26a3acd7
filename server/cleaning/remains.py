"""The second look at a cleaned video: its container, box by box, and the words of the original. [CLN-9]"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from server.cleaning.boxes import CLUSTER, MASTERS, PARENTS, Box, ebml_elements, mp4_boxes, riff_chunks
from server.cleaning.pieces import Unwalkable
from server.cleaning.sniff import Form
from server.cleaning.traces import words_in

BOXES = frozenset(
    b"ftyp moov mvhd trak tkhd edts elst mdia mdhd hdlr minf vmhd smhd dinf dref stbl stsd stts ctts stss stsz stsc"
    b" stco co64 sgpd sbgp sdtp mdat free udta meta ilst \xa9too data".split()
)
ENCODER = b"\0\0\0\x01\0\0\0\0Lavf"
"""The one word that ffmpeg leaves when it is told to leave none."""
HANDLERS = {b"", b"\0", b"VideoHandler\0", b"SoundHandler\0"}
CODED = {b"mdat", b"stsz", b"stco", b"co64", b"stts", b"ctts", b"stsc", b"stss", b"sdtp", b"sbgp"}
"""Of an original, what is pictures, or numbers about them."""
WORDS_OF_EBML = {
    "titel": "7BA9", "date": "4461", "segment name": "7384", "track name": "536E", "attachments": "1941A469",
    "chapters": "1043A770", "family": "4444", "uid": "73A4",
}  # fmt: skip
FORBIDDEN = {bytes.fromhex(name) for name in WORDS_OF_EBML.values()}
TAG_NAME, TAG_VALUE = bytes.fromhex("45A3"), bytes.fromhex("4487")
LEAST = 8
"""Letters of a word: in two gigabytes of noise, six would stand by chance once in a hundred files."""
PIECE = 8 * 1024 * 1024
RUN = re.compile(rb"[\x20-\x7e]{%d,}" % LEAST)
OURS = {b"OpusHead"}
"""What every file with such sound holds."""
TAGS = re.compile(rb"DURATION=[\d:.]+\0*|ENCODER=Lavc[\w .-]*")
"""What ffmpeg writes into every WebM."""
MOST_WORDS = 20_000
MOST_TEXT = 4 * 1024 * 1024
"""Of one box; what is longer is no text."""


def foreign_boxes(container: Form, cleaned: Path) -> list[str]:
    """What stands in a cleaned container and is not needed to play it. Raises: OSError."""
    try:
        with cleaned.open("rb") as file:
            walk = _strange_boxes(file) if container is Form.MP4 else _strange_elements(file)
            return sorted(set(walk))
    except Unwalkable:
        return ["unwalkable"]


def _strange_boxes(file: BinaryIO) -> Iterator[str]:
    for box in mp4_boxes(file):
        name = box.path[-1]
        if name not in BOXES:
            yield name.decode("latin-1")
        elif name == b"data" and _read(file, box)[: len(ENCODER) + 1] != ENCODER:
            yield "udta"
        elif name == b"free" and any(_read(file, box)):
            yield "free"
        elif name == b"hdlr" and b"udta" not in box.path and _read(file, box)[24:] not in HANDLERS:
            yield "hdlr"
        elif name in {b"mvhd", b"tkhd", b"mdhd"} and any(_times(_read(file, box))):
            yield f"{name.decode()} times"


def _times(header: bytes) -> bytes:
    """When it was made and changed (ISO/IEC 14496-12 §8.2.2)."""
    return header[4:20] if header[:1] == b"\x01" else header[4:12]


def _strange_elements(file: BinaryIO) -> Iterator[str]:
    name_of_tag = b""
    for box in ebml_elements(file):
        name = box.path[-1]
        if name in FORBIDDEN:
            yield name.hex()
        elif name == TAG_NAME:
            name_of_tag = _read(file, box)
        elif name == TAG_VALUE and not TAGS.fullmatch(name_of_tag + b"=" + _read(file, box)):
            yield "tag"


def _read(file: BinaryIO, box: Box) -> bytes:
    file.seek(box.start)
    return file.read(min(box.end - box.start, MOST_TEXT))


def original_words(form: Form, source: Path) -> frozenset[bytes]:
    """Every word of eight letters or more that stands in `source` beside its pictures. Raises: OSError."""
    found: set[bytes] = set()
    with source.open("rb") as file:
        try:
            for text in _texts(form, file):
                found.update(word for word in words_in(text) if len(word) >= LEAST and len(set(word)) > 3)
                if len(found) > MOST_WORDS:
                    break
        except Unwalkable:
            return frozenset(found) - OURS
    return frozenset(found) - OURS


def _texts(form: Form, file: BinaryIO) -> Iterator[bytes]:
    if form is Form.MP4:
        for box in mp4_boxes(file):
            if box.path[-1] not in CODED | PARENTS | {b"ftyp"} and box.end - box.start <= MOST_TEXT:
                yield _read(file, box)
    elif form is Form.MATROSKA:
        for box in ebml_elements(file):
            if CLUSTER not in box.path and box.path[-1] not in MASTERS and box.end - box.start <= MOST_TEXT:
                yield _read(file, box)
    else:
        for box in riff_chunks(file):
            file.seek(box.start)
            head = file.read(min(box.end - box.start, MOST_TEXT))
            movie = head.find(b"movi")
            yield head if movie < 0 else head[:movie]


def survivors(words: Iterable[bytes], container: Form, cleaned: Path) -> list[bytes]:
    """Which of `words` stand in a cleaned video, but for what every such file holds. Raises: OSError."""
    with cleaned.open("rb") as file:
        passed_over = list(_constants(container, file))
    return words_in_file(words, cleaned, passed_over)


def words_in_file(words: Iterable[bytes], cleaned: Path, passed_over: Sequence[Box] = ()) -> list[bytes]:
    """Which of `words`, of eight letters or more, stand in a file of any size, read in pieces. Raises: OSError."""
    wanted = sorted(words)
    plain = [word for word in wanted if RUN.fullmatch(word)]
    others = [word for word in wanted if not RUN.fullmatch(word)]
    found: set[bytes] = set()
    with cleaned.open("rb") as file:
        at, before = 0, b""
        while piece := file.read(PIECE):
            text = before + _without(piece, at, passed_over)
            runs = b"\0".join(run[0] for run in RUN.finditer(text))
            found.update(word for word in plain if word in runs)
            found.update(word for word in others if word in text)
            at, before = at + len(piece), text[-256:]
    return sorted(found)


def _constants(container: Form, file: BinaryIO) -> Iterator[Box]:
    """Where the words stand that every such file holds: `foreign_boxes` has seen that they are these."""
    try:
        if container is Form.MP4:
            yield from (box for box in mp4_boxes(file) if box.path[-1] in {b"ftyp", b"hdlr", b"data"})
        else:
            yield from (box for box in ebml_elements(file) if box.path[-1] in {TAG_NAME, TAG_VALUE})
    except Unwalkable:
        return


def _without(piece: bytes, at: int, passed_over: Iterable[Box]) -> bytes:
    changed = bytearray(piece)
    for box in passed_over:
        start, end = max(0, box.start - at), min(len(piece), box.end - at)
        if start < end:
            changed[start:end] = bytes(end - start)
    return bytes(changed)
