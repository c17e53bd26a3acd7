"""Simulated people: the bytes that their keystrokes and cursors make, and the reading of those bytes at the other end.

Updates are Yjs v1 (yjs `Item.write`, `ContentString`): each owns a client id and types behind their own last letter.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from bench.lib0 import read_var_bytes, read_var_uint, var_string, var_uint

ROOT = "t"
"""The name of the shared text."""
LETTERS = "the patient is afebrile, bp 128/76, no murmur. "
STRING, SKIP, GARBAGE = 4, 10, 0
HAS_ORIGIN, HAS_RIGHT_ORIGIN, HAS_KEY = 0x80, 0x40, 0x20
NO_DELETIONS = b"\x00"
EMPTY_UPDATE = b"\x00\x00"

Span = tuple[int, int, int]
"""Client id, first clock, number of letters."""


@dataclass(frozen=True, slots=True)
class Person:
    """One person at one screen."""

    name: str
    client: int

    def keystroke(self, clock: int) -> bytes:
        """The update of letter number `clock` (from 0) at the end of this person's own text."""
        client = var_uint(self.client)
        letter = var_string(LETTERS[clock % len(LETTERS)])
        if clock == 0:
            where = bytes((STRING, 1)) + var_string(ROOT)
        else:
            where = bytes((HAS_ORIGIN | STRING,)) + client + var_uint(clock - 1)
        return b"\x01\x01" + client + var_uint(clock) + where + letter + NO_DELETIONS

    def line(self, letters: int) -> bytes:
        """One update that holds the person's first letters at once."""
        text = (LETTERS * (letters // len(LETTERS) + 1))[:letters]
        where = bytes((STRING, 1)) + var_string(ROOT)
        return b"\x01\x01" + var_uint(self.client) + b"\x00" + where + var_string(text) + NO_DELETIONS

    def state(self, clock: int) -> bytes:
        """The awareness update number `clock` (from 1; a clock of 0 is never taken): who this is, and a cursor."""
        spot = {"type": None, "tname": ROOT, "item": {"client": self.client, "clock": clock - 1}, "assoc": 0}
        state = {"user": {"name": self.name, "color": "#0f766e"}, "cursor": {"anchor": spot, "head": spot}}
        text = json.dumps(state, separators=(",", ":"))
        return b"\x01" + var_uint(self.client) + var_uint(clock) + var_string(text)


def read_edits(update: bytes) -> list[Span]:
    """Which letters an update brings, merged or not. Raises: ValueError for anything these people cannot have typed."""
    spans: list[Span] = []
    clients, at = read_var_uint(update, 0)
    for _ in range(clients):
        structs, at = read_var_uint(update, at)
        client, at = read_var_uint(update, at)
        clock, at = read_var_uint(update, at)
        for _ in range(structs):
            length, at, is_text = _read_struct(update, at)
            if is_text:
                spans.append((client, clock, length))
            clock += length
    return spans


def _read_struct(update: bytes, at: int) -> tuple[int, int, bool]:
    """Length, where the next one begins, and whether it is text."""
    info = update[at]
    at += 1
    kind = info & 31
    if kind in (SKIP, GARBAGE):
        length, at = read_var_uint(update, at)
        return length, at, False
    if kind != STRING or info & HAS_KEY:
        raise ValueError(f"nobody here typed content of kind {kind}")
    for flag in (HAS_ORIGIN, HAS_RIGHT_ORIGIN):
        if info & flag:
            _, at = read_var_uint(update, at)
            _, at = read_var_uint(update, at)
    if not info & (HAS_ORIGIN | HAS_RIGHT_ORIGIN):
        if update[at] != 1:
            raise ValueError("nobody here typed into a nested text")
        _, at = read_var_bytes(update, at + 1)
    text, at = read_var_bytes(update, at)
    return len(text), at, True  # LETTERS are ASCII: bytes, letters and clocks are one count


def read_states(awareness: bytes) -> list[tuple[int, int]]:
    """(client, clock) of everybody whom an awareness update speaks of and who is not gone."""
    count, at = read_var_uint(awareness, 0)
    states: list[tuple[int, int]] = []
    for _ in range(count):
        client, at = read_var_uint(awareness, at)
        clock, at = read_var_uint(awareness, at)
        text, at = read_var_bytes(awareness, at)
        if text != b"null":
            states.append((client, clock))
    return states
