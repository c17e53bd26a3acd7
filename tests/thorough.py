"""Tests of two forms: `python3 run test` makes do with the short one, `python3 run thorough` runs the long one."""

from __future__ import annotations

import os
from typing import TypeVar

T = TypeVar("T")
IS_THOROUGH = os.environ.get("TEST_THOROUGH") == "1"


def short_or_long(short: T, long: T) -> T:
    """Whichever this run wants."""
    return long if IS_THOROUGH else short
