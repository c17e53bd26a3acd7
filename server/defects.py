"""Telling our own mistakes, and Rust's below us, from orders to stop. A defect ends one room, never the house
[ROOM-18]."""

from __future__ import annotations

PANIC = "PanicException"
"""What a Rust panic is called: pyo3 derives it from BaseException and exports no name for it."""


def is_defect(error: BaseException) -> bool:
    """Whether this is a mistake to be logged and outlived; cancellation and the like must be passed on."""
    return isinstance(error, Exception) or type(error).__name__ == PANIC
