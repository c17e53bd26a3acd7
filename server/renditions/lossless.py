"""Lossless JPEG, which Pillow does not read and most archives write (ITU-T T.81 Annex H; DICOM's Process 14). [REN-9]

Huffman codes are read one by one, in Python; predictions are undone by NumPy, row by row or all at once. A slice of
512² pixels takes about a third of a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from server.cleaning.pieces import Piece, Unwalkable, jpeg_pieces

MOST_SAMPLES = 100_000_000
WINDOW = 16
"""Bits that are looked at at a time: the longest code."""
PADDING = bytes(24)
Samples = NDArray[np.int64]


class Damaged(Exception):
    """It is no lossless JPEG, or not a whole one."""


@dataclass(frozen=True, slots=True)
class Table:
    """A Huffman table over every window of 16 bits: how many bits are used up, and the difference that they say.

    Where code and difference are longer than a window, `used` is 0, and `lengths` and `sizes` tell the two apart.
    """

    used: Sequence[int]
    said: Sequence[int]
    lengths: Sequence[int]
    sizes: Sequence[int]


def decode(coded: bytes) -> NDArray[np.uint16]:
    """Rows × columns, or rows × columns × components, of unsigned numbers. Raises: Damaged."""
    try:
        found = list(jpeg_pieces(coded))
    except (Unwalkable, IndexError) as error:
        raise Damaged from error
    frame = next((each for each in found if each.name == "SOF3"), None)
    scan = next((each for each in found if each.name == "SOS"), None)
    if frame is None or scan is None or sum(each.name == "SOS" for each in found) > 1:
        raise Damaged("no frame, or not one scan")
    head, start = coded[frame.start : frame.end], coded[scan.start : scan.end]
    if len(head) < 6 or len(head) != 6 + 3 * head[5] or len(start) != 4 + 2 * head[5] or not head[5]:
        raise Damaged("no components")
    bits, rows, columns, count = head[0], int.from_bytes(head[1:3], "big"), int.from_bytes(head[3:5], "big"), head[5]
    if any(head[7 + 3 * each] != 0x11 for each in range(count)) or not 2 <= bits <= 16:
        raise Damaged("components of different sizes")
    if not rows or not columns or rows * columns * count > MOST_SAMPLES:
        raise Damaged("no pixels, or too many")
    tables = _tables(coded, found)
    try:
        chosen = [tables[start[2 + 2 * each] >> 4] for each in range(count)]
    except KeyError as error:
        raise Damaged("no table") from error
    predictor, shift = start[-3], start[-1] & 15
    differences = _parts(coded, found, chosen, rows, columns * count)
    made = np.empty((rows, columns, count), np.uint16)
    for component in range(count):
        planes = [part.reshape(len(part), columns, count)[:, :, component] for part in differences]
        first = 1 << (bits - shift - 1) if bits > shift else 0
        whole = np.concatenate([_predicted(part, predictor, first) for part in planes])
        made[:, :, component] = (whole << shift) & 0xFFFF
    return made[:, :, 0] if count == 1 else made


def _tables(coded: bytes, found: Sequence[Piece]) -> dict[int, Table]:
    made: dict[int, Table] = {}
    for piece in found:
        at = piece.start
        while piece.name == "DHT" and at + 17 <= piece.end:
            counts = coded[at + 1 : at + 17]
            sizes = coded[at + 17 : min(piece.end, at + 17 + sum(counts))]
            made[coded[at] & 15] = _table(counts, sizes)
            at += 17 + sum(counts)
    return made


def _table(counts: bytes, sizes: bytes) -> Table:
    used, said = [0] * 65_536, [0] * 65_536
    lengths, found = [0] * 65_536, [0] * 65_536
    code, place = 0, 0
    for length in range(1, 17):
        for _ in range(counts[length - 1]):
            if place >= len(sizes) or sizes[place] > 16 or code >= 1 << length:
                raise Damaged("a table that is none")
            size = sizes[place]
            free = WINDOW - length
            extra = 0 if size == 16 else size
            for rest in range(1 << free):
                window = code << free | rest
                lengths[window], found[window] = length, size
                if length + extra <= WINDOW:
                    used[window] = length + extra
                    said[window] = _difference(size, rest >> (free - extra)) if size else 0
            code, place = code + 1, place + 1
        code <<= 1
    return Table(used, said, lengths, found)


def _difference(size: int, value: int) -> int:
    """T.81 Table H.2: 16 stands for 32768 and needs no further bits."""
    if size == 16:
        return 32_768
    return value if value >> (size - 1) else value - (1 << size) + 1


def _parts(coded: bytes, found: Sequence[Piece], chosen: Sequence[Table], rows: int, across: int) -> list[Samples]:
    """Differences, row by row, of each restart interval."""
    interval = 0
    for piece in found:
        if piece.name == "DRI" and piece.end - piece.start == 2:
            interval = int.from_bytes(coded[piece.start : piece.end], "big") * len(chosen)
    if interval % across:
        raise Damaged("restarts within a row")
    tall = interval // across if interval else rows
    (scan,) = [coded[each.start : each.end] for each in found if each.name == "scan"][:1] or [b""]
    parts = _intervals(scan)
    if len(parts) < -(-rows // tall):
        raise Damaged("parts are missing")
    made = []
    for number in range(-(-rows // tall)):
        height = min(tall, rows - number * tall)
        read = _read(parts[number], height * across, chosen)
        made.append(np.array(read, np.int64).reshape(height, across))
    return made


def _intervals(scan: bytes) -> list[bytes]:
    """Between restart markers, with the zeros behind 0xFF taken out (T.81 §B.1.1.5)."""
    parts, start = [], 0
    at = scan.find(b"\xff")
    while 0 <= at < len(scan) - 1:
        if 0xD0 <= scan[at + 1] <= 0xD7:
            parts.append(scan[start:at])
            start = at + 2
        at = scan.find(b"\xff", at + 2)
    parts.append(scan[start:])
    return [part.replace(b"\xff\x00", b"\xff") for part in parts]


def _read(octets: bytes, count: int, chosen: Sequence[Table]) -> list[int]:
    """So many differences. Raises: Damaged when the bits end before, or say nothing."""
    data = octets + PADDING
    made = [0] * count
    bits, have, at = 0, 0, 0
    several = len(chosen)
    table = chosen[0]
    used, said = table.used, table.said
    for number in range(count):
        if several > 1:
            table = chosen[number % several]
            used, said = table.used, table.said
        if have < 48:
            if at > len(data):
                raise Damaged("ends too early")
            bits = (bits & ((1 << have) - 1)) << 64 | int.from_bytes(data[at : at + 8].ljust(8, b"\0"), "big")
            at, have = at + 8, have + 64
        window = (bits >> (have - WINDOW)) & 0xFFFF
        taken = used[window]
        if taken:
            made[number] = said[window]
            have -= taken
            continue
        length, size = table.lengths[window], table.sizes[window]
        if not length:
            raise Damaged("no such code")
        have -= length + size
        made[number] = _difference(size, (bits >> have) & ((1 << size) - 1))
    return made


def _predicted(differences: Samples, predictor: int, first: int) -> Samples:
    """Samples, modulo 2¹⁶ (T.81 §H.1.2): the first row from the left, the first column from above."""
    made = differences.copy()
    made[0, 0] += first
    made[0] = np.cumsum(made[0])
    if predictor == 1:
        lines = differences.copy()
        lines[0, 0] += first
        lines[:, 0] = np.cumsum(lines[:, 0])
        return np.cumsum(lines, axis=1) & 0xFFFF
    if predictor == 2:
        return np.cumsum(made, axis=0) & 0xFFFF
    if not 3 <= predictor <= 7:
        raise Damaged("no predictor")
    made &= 0xFFFF
    for row in range(1, len(made)):
        _from_three(made, differences, row, predictor)
    return made


def _from_three(made: Samples, differences: Samples, row: int, predictor: int) -> None:
    above = made[row - 1].tolist()
    given = differences[row].tolist()
    left = (above[0] + given[0]) & 0xFFFF
    line = [left]
    for column in range(1, len(given)):
        b, c = above[column], above[column - 1]
        if predictor == 3:
            guess = c
        elif predictor == 4:
            guess = left + b - c
        elif predictor == 5:
            guess = left + ((b - c) >> 1)
        elif predictor == 6:
            guess = b + ((left - c) >> 1)
        else:
            guess = (left + b) >> 1
        left = (guess + given[column]) & 0xFFFF
        line.append(left)
    made[row] = line
