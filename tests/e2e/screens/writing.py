"""Keys and tools while one writes."""

from __future__ import annotations

from collections.abc import Sequence

from tests.e2e.screens.places import RECORD, WRITTEN
from tests.e2e.screens.steps import keys, press, while_writing
from tests.e2e.stage import Screen

SCREENS: Sequence[Screen] = (
    Screen(
        "tools",
        "amara",
        RECORD,
        "What the row of tools has no room for.",
        shows=WRITTEN,
        steps=while_writing(press("write.more")),
        only="phone",
    ),
    Screen(
        "palette",
        "amara",
        RECORD,
        "Everything that can be done now.",
        shows=WRITTEN,
        steps=while_writing(keys("Control+Shift+P")),
    ),
    Screen(
        "keys",
        "amara",
        RECORD,
        "Every key, and what to do while writing.",
        shows=WRITTEN,
        steps=while_writing(keys("Control+/")),
    ),
    Screen(
        "link", "amara", RECORD, "An address for some words.", shows=WRITTEN, steps=while_writing(keys("Control+k"))
    ),
)
