"""Writes a cleaned object as a DICOM file of our own: new preamble, new file meta information (PS3.10 §7.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from server.cleaning.elements import (
    EXPLICIT,
    ITEM,
    SEQUENCE_END,
    UNDEFINED,
    Dataset,
    Leaf,
    Syntax,
    encode,
    joined,
    mark,
    pixel_head,
    text_of,
)
from workspace.deidentification.outcome import IMPLEMENTATION, VERSION
from workspace.deidentification.values import padded

SOP_CLASS, SOP_INSTANCE = 0x00080016, 0x00080018

PixelWriter = Callable[[BinaryIO], None]


def write_file(target: Path, dataset: Dataset, syntax: Syntax, pixels: PixelWriter | None) -> None:
    """Writes a whole file; `pixels` adds what comes after the dataset."""
    with target.open("wb") as file:
        file.write(bytes(128) + b"DICM" + _meta(dataset, syntax))
        for part in encode(dataset, syntax):
            file.write(part)
        if pixels is not None:
            pixels(file)


def _meta(dataset: Dataset, syntax: Syntax) -> bytes:
    texts = (
        (0x00020002, "UI", text_of(dataset, SOP_CLASS)),
        (0x00020003, "UI", text_of(dataset, SOP_INSTANCE)),
        (0x00020010, "UI", syntax.uid),
        (0x00020012, "UI", IMPLEMENTATION),
        (0x00020013, "SH", VERSION),
    )
    leaves = (Leaf(0x00020001, "OB", b"\0\1"), *(Leaf(tag, vr, padded(vr, text.encode())) for tag, vr, text in texts))
    body = joined(encode(leaves, EXPLICIT))
    return joined(encode((Leaf(0x00020000, "UL", len(body).to_bytes(4, "little")),), EXPLICIT)) + body


def native_pixels(tag: int, vr: str, length: int, syntax: Syntax, pieces: Iterator[bytes]) -> PixelWriter:
    """Uncompressed pixels of `length` bytes, written as they come and padded to even length."""

    def write(file: BinaryIO) -> None:
        file.write(pixel_head(tag, vr, length + length % 2, syntax))
        file.writelines(pieces)
        file.write(bytes(length % 2))

    return write


def encapsulated_pixels(tag: int, syntax: Syntax, fragments: Iterator[tuple[int, Iterator[bytes]]]) -> PixelWriter:
    """Compressed pixels: an offset table, which may be empty, and fragments, each with its length."""

    def write(file: BinaryIO) -> None:
        file.write(pixel_head(tag, "OB", UNDEFINED, syntax))
        for length, pieces in fragments:
            file.write(mark(ITEM, length + length % 2, syntax))
            file.writelines(pieces)
            file.write(bytes(length % 2))
        file.write(mark(SEQUENCE_END, 0, syntax))

    return write
