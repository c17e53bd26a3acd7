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
COLORS = (40, 48, 56, 64, 80, 96)
"""The first that is enough: flat surfaces and the edges of letters need few. Of a photo the last is taken anyway."""
NOTICED = 48
"""How much a channel of a pixel must differ to count: two renderings of one letter differ by less."""
STRICT = 36
"""The same, for what a palette changes: the next rendering must have room to differ, too."""
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
    wrong = [] if differs(painted[0], painted[1]) else ["light and dark look the same"]
    return wrong if len(painted[0].getcolors() or []) > FEWEST_COLORS else [*wrong, "the page is empty"]


def keep(path: Path, png: bytes) -> Image.Image:
    """Write the picture unless the one that is there shows the same."""
    with Image.open(BytesIO(png)) as whole:
        picture = compact(whole)
        if path.exists():
            with Image.open(path) as kept:
                if not (differs(kept, picture) and differs(kept, whole)):
                    return picture
    picture.save(path, optimize=True)
    return picture


def differs(one: Image.Image, other: Image.Image, noticed: int = NOTICED) -> bool:
    """Whether somebody who looks would see a difference."""
    if one.size != other.size:
        return True
    channels = ImageChops.difference(one.convert("RGB"), other.convert("RGB")).split()
    most = ImageChops.lighter(ImageChops.lighter(channels[0], channels[1]), channels[2])
    return sum(most.histogram()[noticed:]) > FEW


def compact(picture: Image.Image) -> Image.Image:
    """The picture with a palette of its own, which is as small as nobody sees."""
    whole = picture.convert("RGB")
    found = whole
    for colors in COLORS:
        found = whole.quantize(colors, dither=Image.Dither.NONE)
        if not differs(whole, found, STRICT):
            break
    return found


def names_of(screen: Screen) -> Sequence[str]:
    """The file of each picture of a screen, in the order of the index."""
    kinds = [kind for kind in KINDS if screen.only in (None, kind)]
    return [name_of(screen, kind, theme) for kind in kinds for theme in THEMES]


def name_of(screen: Screen, kind: str, theme: str) -> str:
    """One file."""
    return f"{screen.name}-{kind}-{theme}.png"
