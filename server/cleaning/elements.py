"""A DICOM dataset as a tree of raw values, and how it is spelled in bytes (PS3.5 §7).

Values stay bytes: what is kept is kept as it was, and what is unknown is never interpreted.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

UNDEFINED = 0xFFFFFFFF
ITEM, ITEM_END, SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
# These have a length of four bytes after two that are reserved (PS3.5 table 7.1-1), and so has every one to come.
SHORT_VRS = frozenset(
    {"AE", "AS", "AT", "CS", "DA", "DS", "DT", "FD", "FL", "IS", "LO", "LT", "PN", "SH", "SL", "SS", "ST", "TM"}
    | {"UI", "UL", "US"}
)
LONG_VRS = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"})


@dataclass(frozen=True, slots=True)
class Leaf:
    """One element with its value as it stands in the file."""

    tag: int
    vr: str
    value: bytes | memoryview


@dataclass(frozen=True, slots=True)
class Items:
    """A sequence: its items are datasets."""

    tag: int
    items: tuple[Dataset, ...]


Node: TypeAlias = Leaf | Items
Dataset: TypeAlias = tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Syntax:
    """What a transfer syntax says about bytes (PS3.5 annex A)."""

    uid: str
    explicit: bool = True
    big_endian: bool = False
    deflated: bool = False
    encapsulated: bool = False

    @property
    def order(self) -> str:
        """The letter of `struct`."""
        return ">" if self.big_endian else "<"


IMPLICIT = Syntax("1.2.840.10008.1.2", explicit=False)
EXPLICIT = Syntax("1.2.840.10008.1.2.1")
NATIVE = {
    each.uid: each
    for each in (
        IMPLICIT,
        EXPLICIT,
        Syntax("1.2.840.10008.1.2.1.99", deflated=True),
        Syntax("1.2.840.10008.1.2.2", big_endian=True),
    )
}


def find(dataset: Dataset, tag: int) -> Node | None:
    """The element of that tag at this level."""
    return next((node for node in dataset if node.tag == tag), None)


def text_of(dataset: Dataset, tag: int) -> str:
    """An ASCII value without its padding; empty if it is not there. What is not ASCII becomes U+FFFD."""
    node = find(dataset, tag)
    return bytes(node.value).decode("ascii", "replace").strip(" \0") if isinstance(node, Leaf) else ""


def number_of(dataset: Dataset, tag: int, syntax: Syntax) -> int | None:
    """The first number of a US or IS value; None if there is none."""
    node = find(dataset, tag)
    if not isinstance(node, Leaf) or len(node.value) < 1:
        return None
    if node.vr == "IS":
        first = bytes(node.value).split(b"\\")[0].strip(b" \0")
        return int(first) if first.isdigit() and len(first) < 12 else None
    if len(node.value) in (2, 4) or len(node.value) % 2 == 0:
        width = "I" if node.vr == "UL" and len(node.value) >= 4 else "H"
        return int(struct.unpack_from(syntax.order + width, node.value)[0])
    return None


def walk(dataset: Dataset) -> Iterator[Leaf]:
    """Every element with a value, nested ones too."""
    for node in dataset:
        if isinstance(node, Leaf):
            yield node
        else:
            for item in node.items:
                yield from walk(item)


def encode(dataset: Dataset, syntax: Syntax) -> Iterator[bytes | memoryview]:
    """The bytes of a dataset. Sequences are written with delimiters, so that nothing has to be measured first."""
    for node in sorted(dataset, key=lambda each: each.tag):
        if isinstance(node, Leaf):
            yield _head(node.tag, node.vr, len(node.value), syntax)
            yield node.value
        else:
            yield _head(node.tag, "SQ", UNDEFINED, syntax)
            for item in node.items:
                yield mark(ITEM, UNDEFINED, syntax)
                yield from encode(item, syntax)
                yield mark(ITEM_END, 0, syntax)
            yield mark(SEQUENCE_END, 0, syntax)


def mark(tag: int, length: int, syntax: Syntax) -> bytes:
    """An item's head or a delimiter, which have no value representation in any syntax."""
    return struct.pack(syntax.order + "HHI", tag >> 16, tag & 0xFFFF, length)


def _head(tag: int, vr: str, length: int, syntax: Syntax) -> bytes:
    if not syntax.explicit:
        return mark(tag, length, syntax)
    group, element = tag >> 16, tag & 0xFFFF
    if vr in SHORT_VRS:
        return struct.pack(syntax.order + "HH2sH", group, element, vr.encode(), length)
    return struct.pack(syntax.order + "HH2sHI", group, element, vr.encode(), 0, length)


def pixel_head(tag: int, vr: str, length: int, syntax: Syntax) -> bytes:
    """The head of Pixel Data, whose value is written by who has it."""
    return _head(tag, vr, length, syntax)


def joined(parts: Iterable[bytes | memoryview]) -> bytes:
    """All parts as one."""
    return b"".join(parts)
