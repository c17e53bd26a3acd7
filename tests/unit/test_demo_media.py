"""server.demo_media: what is chosen fits where it goes, and figures stand behind their paragraph."""

from __future__ import annotations

from importlib.resources import files

import pytest
from pycrdt import Doc, XmlElement, XmlFragment

from server.demo import CASES, PEOPLE
from server.demo_media.chosen import CHOSEN, NOT_OURS, Chosen
from server.demo_media.figures import place
from server.demo_record import record_from
from server.media_answers import LONGEST_ALT, WordsBody
from workspace.case import Role

SHOWN = [chosen for chosen in CHOSEN if not chosen.is_left_for_review]


def section_of(chosen: Chosen) -> XmlFragment:
    """As the demo writes it."""
    document: Doc[XmlFragment] = Doc()
    text = files("server").joinpath("demo_cases", f"{chosen.case}.md").read_text("utf-8")
    document.apply_update(record_from(text))
    return document.get(chosen.section, type=XmlFragment)


@pytest.mark.parametrize("chosen", CHOSEN, ids=lambda chosen: chosen.file)
def test_an_image_is_brought_by_somebody_who_may_and_is_described(chosen: Chosen) -> None:
    """[DEMO-6] [MED-4]"""
    case = next(case for case in CASES if case.key == chosen.case)
    assert case.members[chosen.by] in (Role.LEAD, Role.CONTRIBUTOR)
    assert chosen.by in {fictional.key for fictional in PEOPLE}
    if not chosen.is_left_for_review:
        assert WordsBody(caption=f"{chosen.caption} {NOT_OURS}", alt=chosen.alt, version=1).alt
        assert 40 < len(chosen.alt) < LONGEST_ALT


@pytest.mark.parametrize("chosen", SHOWN, ids=lambda chosen: chosen.file)
def test_a_figure_stands_behind_its_paragraph_once(chosen: Chosen) -> None:
    """[DEMO-6]"""
    section = section_of(chosen)
    before = [str(block) for block in section.children]
    assert place(section, "a" * 16, chosen)
    after = list(section.children)
    (index,) = (i for i, block in enumerate(after) if isinstance(block, XmlElement) and block.tag == "figure")
    figure = after[index]
    assert isinstance(figure, XmlElement)
    assert chosen.behind in str(after[index - 1]).replace("<bold>", "").replace("</bold>", "")
    assert (figure.attributes["media"], figure.attributes["label"]) == ("a" * 16, chosen.caption)
    assert [str(block) for block in after[:index] + after[index + 1 :]] == before
    assert not place(section, "a" * 16, chosen)


def test_a_text_that_was_changed_meanwhile_gets_no_figure() -> None:
    """[DEMO-6]"""
    chosen = SHOWN[0]
    section = section_of(chosen)
    del section.children[0 : len(section.children)]
    assert not place(section, "a" * 16, chosen)
    assert not list(section.children)
