"""What every screen is held to can be failed, and the index of the pictures shows them all."""

from __future__ import annotations

import pytest
from PIL import Image

from tests.e2e.inspection import eye, violations, walk
from tests.e2e.pictures import FOLDER, differs, names_of
from tests.e2e.screens import SCREENS
from tests.e2e.stage import Stage, View, settle

MOST_BYTES = 11_000_000


def test_the_index_shows_every_screen() -> None:
    """[LOOK-9] docs/screens holds pictures of the list and no others, stays small, and its index shows them all."""
    lines = [
        "# Screens",
        "",
        "Painted by the tests from fictional cases, at the desk in English and on the phone in Spanish.",
    ]
    for screen in SCREENS:
        names = names_of(screen)
        titles = [name.removesuffix(".png").removeprefix(f"{screen.name}-") for name in names]
        lines += ["", f"## {screen.name}", "", screen.about, "", f"| {' | '.join(titles)} |", f"|{'---|' * len(names)}"]
        lines += [f"| {' | '.join(f'![{screen.about}]({name})' for name in names)} |"]
    index, text = FOLDER / "README.md", "\n".join([*lines, ""])
    if not index.exists() or index.read_text("utf-8") != text:
        index.write_text(text, "utf-8")
    wanted = {name for screen in SCREENS for name in names_of(screen)}
    for stray in {path.name for path in FOLDER.glob("*.png")} - wanted:
        (FOLDER / stray).unlink()
    assert len(wanted) > 100
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


def test_a_stranger_is_noticed(stage: Stage) -> None:
    """[ACC-27] What every screen is held to: a picture from elsewhere and a style of its own fail it."""
    signing_in = next(screen for screen in SCREENS if screen.name == "sign-in")
    for code in (
        "new Image().src = 'http://elsewhere.example/pixel.png'",
        "document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">x</p>')",
    ):
        with pytest.raises(AssertionError, match="Content Security Policy"), stage.shown(signing_in, View()) as page:
            page.evaluate(code)
            settle(page)


def test_the_eyes_see(stage: Stage) -> None:
    """[LOOK-2] [LOOK-3] [LOOK-4] [LOOK-5] A page with one of every fault, so that the tests above are able to fail."""
    with stage.browser.new_context(viewport={"width": 320, "height": 600}) as context:
        page = context.new_page()
        page.set_content(
            """<html lang=en><title>x</title><main><h1>x</h1><img src=x>
            <button style="width:20px;height:20px;padding:0">a</button>
            <button id=mute style="outline:none">mute</button><div style="width:500px">wide</div>
            <p id=cut style="height:20px;overflow:hidden">one two three four five six seven eight nine ten eleven</p>
            <button id=under style="position:absolute;top:300px;left:0">under</button>
            <div style="position:absolute;top:290px;left:0;width:300px;height:100px;background:red"></div>
            <input id=trap onkeydown="event.key === 'Tab' && event.preventDefault()"></main>"""
        )
        assert any("image-alt" in each for each in violations(page))
        assert "<button> “a” is 20 × 20" in eye(page, "targets(24)")
        assert eye(page, "tooWide()") != []
        assert eye(page, "cut()") != []
        wrong = " · ".join(walk(page))
    for fault in ("mute” has the focus and does not", "under” has the focus under", "id=trap> “” holds"):
        assert fault in wrong
