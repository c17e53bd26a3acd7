"""Reads a DICOM file with bounds, up to its pixels (PS3.10 §7, PS3.5 §7).

Files come from strangers: every length is compared with the bytes that are left before it is used, nesting and the
number of elements are bounded, and nothing is copied. What this reader does not take, nobody is shown.
"""

from __future__ import annotations

import mmap
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from server.cleaning.elements import (
    EXPLICIT,
    IMPLICIT,
    ITEM,
    ITEM_END,
    LONG_VRS,
    NATIVE,
    SEQUENCE_END,
    SHORT_VRS,
    UNDEFINED,
    Dataset,
    Items,
    Leaf,
    Node,
    Syntax,
    encode,
    joined,
    text_of,
)
from server.cleaning.registry import dictionary_vr, is_encapsulated_syntax
from workspace.deidentification.outcome import Reason

# Real objects stay far below: an enhanced series of 2,000 frames has some 120,000 elements, nested at most 8 deep.
MAX_ELEMENTS = 500_000
MAX_DEPTH = 24
MAX_FRAGMENTS = 200_000
# Before the pixels: day-long wave forms and palettes fit. A bound on address space need not be wider than this for a
# file of gigabytes.
WINDOW_BYTES = 256 << 20
# Deflate packs a thousandfold at best; images gain a factor of two or three, masks a hundred.
MAX_INFLATED_BYTES = 2 << 30
MAX_INFLATION = 300
_PIECE = 1 << 20
TRANSFER_SYNTAX = 0x00020010
_EXPLICIT_UID = EXPLICIT.uid.encode() + b"\0"
PIXELS = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})


class Unreadable(Exception):
    """The file is not taken; never leaves this package but as `Rejected`."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason, self.detail = reason, detail


@dataclass(frozen=True, slots=True)
class Pixels:
    """Where the pixels are in the file: one stretch of bytes, or fragments of which the first is the offset table."""

    tag: int
    vr: str
    stretches: tuple[tuple[int, int], ...]
    """Start and length of each, in bytes."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file as it was read: everything before its pixels, and where they are."""

    path: Path
    """The file in which `pixels` are: the one given, or what it inflates to."""
    syntax: Syntax
    sop_class: str
    dataset: Dataset
    pixels: Pixels | None


def read(path: Path, scratch: Path, window: int = WINDOW_BYTES) -> Source:
    """Reads `path`; a deflated one is inflated into `scratch` first, which the caller removes.

    Only the first `window` bytes are mapped; all that comes before the pixels has to be in them.

    Raises:
        Unreadable: it is not DICOM, damaged, or beyond a bound.
    """
    buffer = _mapped(path, window)
    if bytes(buffer[128:132]) != b"DICM":
        raise Unreadable(Reason.NOT_DICOM, "no prefix")
    meta, start = _Reader(path, buffer, EXPLICIT, stop=lambda tag: tag >> 16 != 2).top(132)
    syntax = _syntax(text_of(meta, TRANSFER_SYNTAX))
    if syntax.deflated:
        if len(buffer) < path.stat().st_size:
            raise Unreadable(Reason.TOO_LARGE, "deflated")
        start = inflate(buffer, meta, start, scratch)
        path, syntax, buffer = scratch, EXPLICIT, _mapped(scratch, window)
    reader = _Reader(path, buffer, syntax, stop=lambda tag: tag in PIXELS)
    dataset, position = reader.top(start)
    pixels = reader.pixels(position) if position < len(buffer) else None
    # A DICOMDIR says what it is in its file meta information only.
    sop_class = text_of(dataset, 0x00080016) or text_of(meta, 0x00020002)
    return Source(path, syntax, sop_class, dataset, pixels)


def _mapped(path: Path, window: int) -> memoryview:
    size = path.stat().st_size
    if not size:
        raise Unreadable(Reason.NOT_DICOM, "empty")
    with path.open("rb") as file:
        return memoryview(mmap.mmap(file.fileno(), min(size, window), access=mmap.ACCESS_READ))


def _syntax(uid: str) -> Syntax:
    if not uid:
        raise Unreadable(Reason.DAMAGED, "no transfer syntax")
    if uid in NATIVE:
        return NATIVE[uid]
    if is_encapsulated_syntax(uid):
        return Syntax(uid, encapsulated=True)
    raise Unreadable(Reason.UNSUPPORTED, "transfer syntax")


def inflate(deflated: memoryview, meta: Dataset, start: int, target: Path) -> int:
    """Unpacks a deflated dataset in pieces, and stops at what no image would unpack to [DEI-13].

    Writes a whole file, which says that it is not deflated, and returns where its dataset begins.

    Raises:
        Unreadable: it is beyond the bounds, or damaged.
    """
    limit = min(MAX_INFLATED_BYTES, MAX_INFLATION * max(len(deflated) - start, 4096))
    unpacker, written = zlib.decompressobj(-zlib.MAX_WBITS), 0
    plain = (*(node for node in meta if node.tag != TRANSFER_SYNTAX), Leaf(TRANSFER_SYNTAX, "UI", _EXPLICIT_UID))
    with target.open("wb") as file:
        head = file.write(bytes(128) + b"DICM" + joined(encode(plain, EXPLICIT)))
        for at in range(start, len(deflated), _PIECE):
            waiting = bytes(deflated[at : at + _PIECE])
            while waiting and not unpacker.eof:
                try:
                    written += file.write(unpacker.decompress(waiting, _PIECE))
                except zlib.error:
                    raise Unreadable(Reason.DAMAGED, "deflate") from None
                if written > limit:
                    raise Unreadable(Reason.INFLATES)
                waiting = unpacker.unconsumed_tail
    if not unpacker.eof or not written:
        raise Unreadable(Reason.DAMAGED, "deflate")
    return head


@dataclass(slots=True)
class _Reader:
    """One pass over one buffer; counts what it has read."""

    path: Path
    buffer: memoryview
    syntax: Syntax
    stop: Callable[[int], bool]
    elements: int = 0

    def _cut_off(self) -> Unreadable:
        """Why there are fewer bytes than a length says."""
        if len(self.buffer) < self.path.stat().st_size:
            return Unreadable(Reason.TOO_COMPLEX, "header")
        return Unreadable(Reason.DAMAGED, "cut off")

    def top(self, start: int) -> tuple[Dataset, int]:
        """The elements from `start` on, and where reading stopped."""
        return self._dataset(start, len(self.buffer), self.syntax, 0, top=True)

    def _dataset(self, at: int, end: int, syntax: Syntax, depth: int, *, top: bool = False) -> tuple[Dataset, int]:
        if depth > MAX_DEPTH:
            raise Unreadable(Reason.TOO_COMPLEX, "depth")
        nodes: list[Node] = []
        while at < end:
            if end - at < 8:
                raise self._cut_off()
            group, element = struct.unpack_from(syntax.order + "HH", self.buffer, at)
            tag = group << 16 | element
            if tag == ITEM_END and not top:
                return tuple(nodes), at + 8
            if top and self.stop(tag):
                return tuple(nodes), at
            self.elements += 1
            if self.elements > MAX_ELEMENTS:
                raise Unreadable(Reason.TOO_COMPLEX, "elements")
            node, at = self._element(tag, at, end, syntax, depth)
            if node is not None:
                nodes.append(node)
        return tuple(nodes), at

    def _element(self, tag: int, at: int, end: int, syntax: Syntax, depth: int) -> tuple[Node | None, int]:
        if tag >> 16 == 0xFFFE:
            raise Unreadable(Reason.DAMAGED, "delimiter")
        vr, length, at = self._head(tag, at, end, syntax)
        if length == UNDEFINED:
            if vr == "UN":
                # Whoever did not know the sequence wrote it as implicit (PS3.5 §6.2.2, note 4).
                return self._items(tag, at, end, IMPLICIT, depth)
            if vr != "SQ":
                return None, self._fragments(at, syntax)[1]
            return self._items(tag, at, end, syntax, depth)
        if length > end - at:
            raise self._cut_off()
        if vr == "SQ" or (vr == "UN" and dictionary_vr(tag) == "SQ"):
            inner = IMPLICIT if vr == "UN" else syntax
            return self._items(tag, at, at + length, inner, depth, defined=True)
        return Leaf(tag, vr, self.buffer[at : at + length]), at + length

    def _head(self, tag: int, at: int, end: int, syntax: Syntax) -> tuple[str, int, int]:
        if not syntax.explicit:
            (length,) = struct.unpack_from("<I", self.buffer, at + 4)
            vr = dictionary_vr(tag) or "UN"
            return ("SQ" if length == UNDEFINED and vr == "UN" else vr), length, at + 8
        vr = bytes(self.buffer[at + 4 : at + 6]).decode("latin-1")
        if vr in SHORT_VRS:
            (length,) = struct.unpack_from(syntax.order + "H", self.buffer, at + 6)
            return vr, length, at + 8
        if vr not in LONG_VRS or end - at < 12:
            raise Unreadable(Reason.DAMAGED, "value representation")
        (length,) = struct.unpack_from(syntax.order + "I", self.buffer, at + 8)
        return vr, length, at + 12

    def _items(
        self, tag: int, at: int, end: int, syntax: Syntax, depth: int, *, defined: bool = False
    ) -> tuple[Items, int]:
        items: list[Dataset] = []
        while at < end or not defined:
            if end - at < 8:
                raise self._cut_off()
            group, element, length = struct.unpack_from(syntax.order + "HHI", self.buffer, at)
            at += 8
            mark = group << 16 | element
            if mark == SEQUENCE_END:
                if defined and at != end:
                    raise Unreadable(Reason.DAMAGED, "delimiter")
                break
            self.elements += 1
            if mark != ITEM or self.elements > MAX_ELEMENTS:
                raise Unreadable(Reason.DAMAGED if mark != ITEM else Reason.TOO_COMPLEX, "item")
            if length == UNDEFINED:
                item, at = self._dataset(at, end, syntax, depth + 1)
                if self.buffer[at - 8 : at] != _ITEM_END[syntax.big_endian]:
                    raise self._cut_off()
            else:
                if length > end - at:
                    raise self._cut_off()
                item, at = self._dataset(at, at + length, syntax, depth + 1)
            items.append(item)
        return Items(tag, tuple(items)), at

    def pixels(self, at: int) -> Pixels:
        """The pixels that begin at `at`. What comes after them (padding, signatures, private groups) is not read."""
        if len(self.buffer) - at < 12:
            raise self._cut_off()
        group, element = struct.unpack_from(self.syntax.order + "HH", self.buffer, at)
        tag = group << 16 | element
        vr, length, at = self._head(tag, at, len(self.buffer), self.syntax)
        if length == UNDEFINED:
            if not self.syntax.encapsulated:
                raise Unreadable(Reason.DAMAGED, "pixels of no length")
            return Pixels(tag, "OB", self._fragments(at, self.syntax)[0])
        if self.syntax.encapsulated:
            raise Unreadable(Reason.DAMAGED, "pixels without fragments")
        if length > self.path.stat().st_size - at:
            raise Unreadable(Reason.DAMAGED, "cut off")
        return Pixels(tag, vr, ((at, length),))

    def _fragments(self, at: int, syntax: Syntax) -> tuple[tuple[tuple[int, int], ...], int]:
        """Where fragments are, read from the file: they may lie behind the window."""
        found: list[tuple[int, int]] = []
        with self.path.open("rb") as file:
            size = file.seek(0, 2)
            while size - at >= 8:
                file.seek(at)
                group, element, length = struct.unpack(syntax.order + "HHI", file.read(8))
                at += 8
                if group << 16 | element == SEQUENCE_END:
                    return tuple(found), at
                if group << 16 | element != ITEM or length > size - at:
                    raise Unreadable(Reason.DAMAGED, "fragment")
                if len(found) > MAX_FRAGMENTS:
                    raise Unreadable(Reason.TOO_COMPLEX, "fragments")
                found.append((at, length))
                at += length
        raise Unreadable(Reason.DAMAGED, "cut off")


_ITEM_END = {False: b"\xfe\xff\x0d\xe0\0\0\0\0", True: b"\xff\xfe\xe0\x0d\0\0\0\0"}
