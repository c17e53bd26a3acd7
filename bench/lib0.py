"""Numbers and strings as lib0 writes them. The load's own, so that no server is measured by its own code."""

from __future__ import annotations


def var_uint(number: int) -> bytes:
    """Spell a number."""
    out = bytearray()
    while number > 127:
        out.append(128 | (number & 127))
        number >>= 7
    out.append(number)
    return bytes(out)


def var_bytes(data: bytes) -> bytes:
    """Spell bytes with their length in front."""
    return var_uint(len(data)) + data


def var_string(text: str) -> bytes:
    """Spell a string; its length counts UTF-8 bytes."""
    return var_bytes(text.encode())


def read_var_uint(data: bytes, at: int) -> tuple[int, int]:
    """The number at `at`, and where what follows begins."""
    number = shift = 0
    while (byte := data[at]) > 127:
        number |= (byte & 127) << shift
        shift += 7
        at += 1
    return number | byte << shift, at + 1


def read_var_bytes(data: bytes, at: int) -> tuple[bytes, int]:
    """The bytes at `at`, and where what follows begins."""
    length, at = read_var_uint(data, at)
    return data[at : at + length], at + length
