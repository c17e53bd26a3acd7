"""The bytes of both wires, spelled a second time: what the server misspells is not mirrored here."""

from __future__ import annotations


def var_uint(number: int) -> bytes:
    """Little-endian base 128."""
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def var_bytes(data: bytes) -> bytes:
    """Length, then bytes."""
    return var_uint(len(data)) + data


def read_var_uint(data: bytes, at: int) -> tuple[int, int]:
    """The number at `at`, and where the next thing begins."""
    number = shift = 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return number, at


def read_var_bytes(data: bytes, at: int) -> tuple[bytes, int]:
    """The bytes at `at`, and where the next thing begins."""
    length, at = read_var_uint(data, at)
    assert at + length <= len(data)
    return data[at : at + length], at + length


def step_1(state_vector: bytes) -> bytes:
    """Sync message: what I have."""
    return b"\x00\x00" + var_bytes(state_vector)


def step_2(update: bytes) -> bytes:
    """Sync message: what you lack."""
    return b"\x00\x01" + var_bytes(update)


def update(data: bytes) -> bytes:
    """Sync message: an edit."""
    return b"\x00\x02" + var_bytes(data)


def awareness(client: int, clock: int, text: str) -> bytes:
    """Awareness message of one client."""
    state = b"\x01" + var_uint(client) + var_uint(clock) + var_bytes(text.encode())
    return b"\x01" + var_bytes(state)


def addressed(document: str, message: bytes) -> bytes:
    """A Hocuspocus frame."""
    return var_bytes(document.encode()) + message


def token(secret: str) -> bytes:
    """Hocuspocus Auth message."""
    return b"\x02\x00" + var_bytes(secret.encode()) + var_bytes(b"4.8.0")


def insertion(client: int, clock: int, text: str, *, after: int | None = None) -> bytes:
    """An update: one string at the start of the text `t`, or behind the given clock of the same client."""
    head = b"\x01\x01" + var_uint(client) + var_uint(clock)
    place = b"\x04\x01" + var_bytes(b"t") if after is None else b"\x84" + var_uint(client) + var_uint(after)
    return head + place + var_bytes(text.encode()) + b"\x00"
