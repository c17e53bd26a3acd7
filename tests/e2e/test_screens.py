"""Pictures of every screen, kept in docs/screens and painted by each run: written only where one really changed."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import Page

from tests.e2e.screens import SCREENS
from tests.e2e.stage import Screen, Stage, View
from tests.servers import ROOT

FOLDER = ROOT / "docs" / "screens"
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}
COLORS = 96
"""Enough for flat surfaces and the edges of letters; a third of the bytes."""
NOTICED = 48
"""How much a channel of a pixel must differ to count: two renderings of one letter differ by less."""
FEW = 40
"""So many noticed pixels are still the same picture: a word is more."""
MOST_BYTES = 9_000_000


def compact(png: bytes) -> Image.Image:
    """The picture with a palette of its own."""
    with Image.open(BytesIO(png)) as picture:
        return picture.convert("RGB").quantize(COLORS, dither=Image.Dither.NONE)


def differs(one: Image.Image, other: Image.Image) -> bool:
    """Whether somebody who looks would see a difference."""
    if one.size != other.size:
        return True
    channels = ImageChops.difference(one.convert("RGB"), other.convert("RGB")).split()
    most = ImageChops.lighter(ImageChops.lighter(channels[0], channels[1]), channels[2])
    return sum(most.histogram()[NOTICED:]) > FEW


def keep(path: Path, png: bytes) -> Image.Image:
    """Write the picture unless the one that is there shows the same."""
    picture = compact(png)
    if path.exists():
        with Image.open(path) as kept:
            if not differs(kept, picture):
                return picture
    picture.save(path, optimize=True)
    return picture


def themes(page: Page) -> Sequence[tuple[str, bytes]]:
    """The screen as it is, in the light and in the dark."""
    painted = []
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        painted.append((theme, page.screenshot(caret="hide", animations="disabled")))
    return painted


def files(screen: Screen) -> Sequence[tuple[str, str]]:
    """Kind and name of each picture of a screen, in the order of the index."""
    kinds = [kind for kind in SIZES if screen.only in (None, kind)]
    return [(kind, f"{screen.name}-{kind}-{theme}.png") for kind in kinds for theme in ("light", "dark")]


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_a_screen_is_kept_as_a_picture(stage: Stage, screen: Screen) -> None:
    """[LOOK-9] At the desk and on the phone, light and dark; and the two themes do not look the same."""
    FOLDER.mkdir(exist_ok=True)
    for kind in {kind: None for kind, _ in files(screen)}:
        with stage.shown(screen, View(size=SIZES[kind])) as page:
            light, dark = (keep(FOLDER / f"{screen.name}-{kind}-{theme}.png", png) for theme, png in themes(page))
        assert differs(light, dark)
        assert len(light.getcolors() or []) > 8, "an empty page"


def test_the_index_shows_every_screen() -> None:
    """[LOOK-9] docs/screens holds the pictures of the list and no others, stays small, and its index shows them all."""
    lines = ["# Screens", "", "Painted by `tests/e2e/test_screens.py` from fictional cases; do not edit.", ""]
    for screen in SCREENS:
        names = [name for _, name in files(screen)]
        lines += [f"## {screen.name}", "", screen.about, ""]
        lines += [f"| {' | '.join(name.removesuffix('.png').removeprefix(f'{screen.name}-') for name in names)} |"]
        lines += [f"|{'---|' * len(names)}", f"| {' | '.join(f'![{screen.about}]({name})' for name in names)} |", ""]
    index = FOLDER / "README.md"
    text = "\n".join(lines)
    if not index.exists() or index.read_text("utf-8") != text:
        index.write_text(text, "utf-8")
    wanted = {name for screen in SCREENS for _, name in files(screen)}
    for stray in {path.name for path in FOLDER.glob("*.png")} - wanted:
        (FOLDER / stray).unlink()
    assert {path.name for path in FOLDER.glob("*.png")} == wanted
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < MOST_BYTES


def test_a_word_is_a_difference_and_a_soft_edge_is_none() -> None:
    """[LOOK-9] Otherwise pictures would change with every run, or never."""
    paper = Image.new("RGB", (200, 100), "white")
    word, edge = paper.copy(), paper.copy()
    word.paste("black", (10, 10, 40, 20))
    edge.paste((225, 225, 225), (10, 10, 40, 20))
    assert differs(paper, word)
    assert differs(paper, paper.resize((100, 100)))
    assert not differs(paper, edge)
