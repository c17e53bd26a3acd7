"""Every screen at the desk, in English: everybody can use it, and its picture is kept."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.e2e.inspection import eye, resize, seen_by, violations, walk
from tests.e2e.pictures import paint, turn
from tests.e2e.stage import Screen, Stage, View

READABLE_PX = 1000


@pytest.mark.parametrize("screen", seen_by("desktop"), ids=lambda screen: screen.name)
def test_a_screen_at_the_desk(stage_of: Callable[[Screen], Stage], screen: Screen) -> None:
    """[LOOK-2] [LOOK-3] [LOOK-4] [LOOK-5] [LOOK-9] [ACC-27] Pictures and axe in both themes, sizes, lines on a huge
    display, and the keyboard from one end to the other; and no other server is asked."""
    with stage_of(screen).shown(screen, View("en", (1440, 900))) as page:
        found = paint(page, screen, "desktop")
        found += violations(page)
        turn(page, "light")
        found += violations(page, ["color-contrast"])
        found += eye(page, f"targets({40 if screen.ours else 24})")
        found += walk(page) if page.locator(":popover-open").count() == 0 else []
        resize(page, 3840, 2160)
        found += eye(page, f"longLines({READABLE_PX})") if screen.ours else []
    assert "\n".join(found) == ""
