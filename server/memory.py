"""Gives memory back to the system. Source: malloc_trim(3).

glibc keeps what was freed in an arena per thread: after a busy hour that is as much as the rooms took, for ever.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable


def _find_trim() -> Callable[[int], int] | None:
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError, TypeError):  # another C library, another system: theirs give back by themselves
        return None
    trim.argtypes, trim.restype = [ctypes.c_size_t], ctypes.c_int
    return lambda pad: int(trim(pad))


def give_back() -> None:
    """Give back the pages that are free, of all threads. Takes milliseconds, without the interpreter's lock: in a
    thread."""
    trim = _find_trim()
    if trim is not None:
        trim(0)
