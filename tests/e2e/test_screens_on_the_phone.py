"""Every screen on the phone, in Spanish: it has the longer words, and the phone the smaller place for them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.e2e.foreign import english_words
from tests.e2e.inspection import eye, resize, seen_by, violations
from tests.e2e.pictures import paint, turn
from tests.e2e.stage import ADD_STYLE, Screen, Stage, View

SPACED = """* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }
p { margin-bottom: 2em !important }"""
"""What WCAG 1.4.12 lets a person do to the text."""


@pytest.mark.parametrize("screen", seen_by("phone"), ids=lambda screen: screen.name)
def test_a_screen_on_the_phone(stage_of: Callable[[Screen], Stage], screen: Screen) -> None:
    """[LANG-2] [LOOK-2] [LOOK-4] [LOOK-5] [LOOK-9] No English word in Spanish; pictures and axe in both themes, sizes,
    320 px without scrolling sideways, and text spaced as a person may space it."""
    with stage_of(screen).shown(screen, View("es", (390, 844))) as page:
        found = english_words(page) if screen.ours else []
        found += paint(page, screen, "phone")
        found += violations(page)
        turn(page, "light")
        found += violations(page, ["color-contrast"])
        found += eye(page, f"targets({40 if screen.ours else 24})")
        for width in (640, 320):  # 1280 at 200 %, and at 400 %
            resize(page, width, 640)
            found += eye(page, "tooWide()")
        already = eye(page, "cut()")
        page.evaluate(ADD_STYLE, SPACED)
        found += [f"{each} is cut off" for each in eye(page, "cut()") if each not in already]
        found += eye(page, "tooWide()")
    assert "\n".join(found) == ""
