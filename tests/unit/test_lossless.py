"""Lossless JPEG, written here by the letter of T.81 and read back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from server.renditions.lossless import Damaged, decode


def written(pixels: NDArray[np.uint16], bits: int, predictor: int, restart_rows: int = 0, shift: int = 0) -> bytes:
    """One scan of `pixels` (rows × columns × components), every difference with a code of five bits for its size."""
    rows, columns, count = pixels.shape
    values = pixels.astype(np.int64) >> shift
    bitstring, scan = "", b""
    for row in range(rows):
        if restart_rows and row and row % restart_rows == 0:
            scan += stuffed(bitstring) + bytes([0xFF, 0xD0 + (row // restart_rows - 1) % 8])
            bitstring = ""
        is_first = row == 0 or bool(restart_rows and row % restart_rows == 0)
        for column in range(columns):
            for each in range(count):
                guess = predicted(values[:, :, each], row, column, predictor, is_first, 1 << (bits - shift - 1))
                difference = (int(values[row, column, each]) - guess) & 0xFFFF
                bitstring += coded(difference)
    scan += stuffed(bitstring)
    components = b"".join(bytes([each + 1, 0x11, 0]) for each in range(count))
    made = b"\xff\xd8" + segment(
        0xC3, bytes([bits]) + rows.to_bytes(2, "big") + columns.to_bytes(2, "big") + bytes([count]) + components
    )
    made += segment(0xC4, b"\0" + bytes([0, 0, 0, 0, 17, *[0] * 11]) + bytes(range(17)))
    if restart_rows:
        made += segment(0xDD, (restart_rows * columns).to_bytes(2, "big"))
    chosen = b"".join(bytes([each + 1, 0]) for each in range(count))
    return made + segment(0xDA, bytes([count]) + chosen + bytes([predictor, 0, shift])) + scan + b"\xff\xd9"


def predicted(values: NDArray[np.int64], row: int, column: int, predictor: int, is_first: bool, start: int) -> int:  # noqa: FBT001
    """T.81 Table H.1."""
    if is_first:
        return int(values[row, column - 1]) if column else start
    above = int(values[row - 1, column])
    if not column:
        return above
    left, corner = int(values[row, column - 1]), int(values[row - 1, column - 1])
    return (
        left,
        above,
        corner,
        left + above - corner,
        left + ((above - corner) >> 1),
        above + ((left - corner) >> 1),
        (left + above) >> 1,
    )[predictor - 1]


def coded(difference: int) -> str:
    if difference == 32_768:
        return f"{16:05b}"
    signed = difference - 65_536 if difference > 32_768 else difference
    size = abs(signed).bit_length()
    value = signed if signed >= 0 else signed + (1 << size) - 1
    return f"{size:05b}" + (f"{value:0{size}b}" if size else "")


def stuffed(bitstring: str) -> bytes:
    padded = bitstring + "1" * (-len(bitstring) % 8)
    return bytes(int(padded[at : at + 8], 2) for at in range(0, len(padded), 8)).replace(b"\xff", b"\xff\0")


def segment(marker: int, payload: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(payload) + 2).to_bytes(2, "big") + payload


@given(
    st.integers(1, 9),
    st.integers(1, 9),
    st.sampled_from([1, 3]),
    st.integers(2, 16),
    st.integers(1, 7),
    st.integers(0, 3),
    st.integers(0, 2**32 - 1),
)
def test_what_was_written_is_read(
    rows: int, columns: int, count: int, bits: int, predictor: int, restart: int, seed: int
) -> None:
    """[REN-9] Every predictor, every depth, one component or three, with and without restarts."""
    pixels = np.random.default_rng(seed).integers(0, 1 << bits, (rows, columns, count), dtype=np.uint16)
    found = decode(written(pixels, bits, predictor, restart))
    assert np.array_equal(found.reshape(pixels.shape), pixels)


def test_numbers_may_be_shifted() -> None:
    """[REN-9] A point transform drops the lowest bits."""
    pixels = np.arange(64, dtype=np.uint16).reshape(8, 8, 1) * 60
    assert np.array_equal(decode(written(pixels, 12, 1, shift=2)), pixels[:, :, 0] >> 2 << 2)


@pytest.mark.parametrize("cut", [2, 10, 30, 60, -20])
def test_half_a_frame_is_damaged(cut: int) -> None:
    """[REN-9]"""
    pixels = np.random.default_rng(1).integers(0, 4096, (16, 16, 1), dtype=np.uint16)
    with pytest.raises(Damaged):
        decode(written(pixels, 12, 1)[:cut] if cut > 0 else written(pixels, 12, 1)[: cut - 100])
