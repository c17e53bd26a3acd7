"""Pictures of every screen, kept in docs/screens and painted by each run: written only where one really changed."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageChops
from playwright.sync_api import Page

from tests.e2e.stage import Screen
from tests.servers import ROOT

FOLDER = ROOT / "docs" / "screens"
KINDS = ("desktop", "phone")
THEMES = ("light", "dark")
COLORS = 96
"""Enough for flat surfaces and the edges of letters; a third of the bytes."""
NOTICED = 48
"""How much a channel of a pixel must differ to count: two renderings of one letter differ by less."""
FEW = 40
"""So many noticed pixels are still the same picture: a word is more."""
FEWEST_COLORS = 8
"""An empty page has fewer."""


def turn(page: Page, theme: str) -> None:
    """The theme, on the page as it is."""
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")


def paint(page: Page, screen: Screen, kind: str) -> list[str]:
    """Keep the screen as it is, in both themes; what is wrong with the pictures, one line each. [LOOK-9]"""
    FOLDER.mkdir(exist_ok=True)
    painted = []
    for theme in THEMES:
        turn(page, theme)
        painted.append(
            keep(FOLDER / name_of(screen, kind, theme), page.screenshot(caret="hide", animations="disabled"))
        )
    wrong = [] if differs(*painted) else ["light and dark look the same"]
    return wrong if len(painted[0].getcolors() or []) > FEWEST_COLORS else [*wrong, "the page is empty"]


def keep(path: Path, png: bytes) -> Image.Image:
    """Write the picture unless the one that is there shows the same."""
    picture = _compact(png)
    if path.exists():
        with Image.open(path) as kept:
            if not differs(kept, picture):
                return picture
    picture.save(path, optimize=True)
    return picture


def differs(one: Image.Image, other: Image.Image) -> bool:
    """Whether somebody who looks would see a difference."""
    if one.size != other.size:
        return True
    channels = ImageChops.difference(one.convert("RGB"), other.convert("RGB")).split()
    most = ImageChops.lighter(ImageChops.lighter(channels[0], channels[1]), channels[2])
    return sum(most.histogram()[NOTICED:]) > FEW


def names_of(screen: Screen) -> Sequence[str]:
    """The file of each picture of a screen, in the order of the index."""
    kinds = [kind for kind in KINDS if screen.only in (None, kind)]
    return [name_of(screen, kind, theme) for kind in kinds for theme in THEMES]


def name_of(screen: Screen, kind: str, theme: str) -> str:
    """One file."""
    return f"{screen.name}-{kind}-{theme}.png"


def _compact(png: bytes) -> Image.Image:
    """The picture with a palette of its own."""
    with Image.open(BytesIO(png)) as picture:
        return picture.convert("RGB").quantize(COLORS, dither=Image.Dither.NONE)
