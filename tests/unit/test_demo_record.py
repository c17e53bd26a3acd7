"""server.demo_record: written cases as Yjs documents of the shape that the browser's editor reads."""

from __future__ import annotations

from dataclasses import fields
from importlib.resources import files

import pytest
from pycrdt import Doc, XmlElement, XmlFragment, XmlText

from server.demo import CASES, PEOPLE, FictionalCase, head_of
from server.demo_record import SECTIONS, record_from
from workspace.case import Role, Standing
from workspace.ids import Millis, UpdateBytes
from workspace.record import project


def section_of(update: UpdateBytes, name: str) -> XmlFragment:
    doc: Doc[XmlFragment] = Doc()
    doc.apply_update(update)
    return doc.get(name, type=XmlFragment)


def test_text_becomes_the_nodes_and_marks_of_the_editor() -> None:
    """[DEMO-1]"""
    update = record_from("# plan\n### Today\nFirst **Müller 林** then\nrest.\n\n- a\n- b\n\n1. one\n2. two\n")
    assert str(section_of(update, "plan")) == (
        '<heading level="3">Today</heading>'
        "<paragraph>First <bold>Müller 林</bold> then rest.</paragraph>"
        "<bulletList><listItem><paragraph>a</paragraph></listItem><listItem><paragraph>b</paragraph></listItem>"
        "</bulletList>"
        "<orderedList><listItem><paragraph>one</paragraph></listItem><listItem><paragraph>two</paragraph></listItem>"
        "</orderedList>"
    )


def test_a_heading_s_level_is_a_number() -> None:
    """[DEMO-1] The editor compares it with numbers; the text "3" would be another level."""
    heading = section_of(record_from("# plan\n### Today\nx\n"), "plan").children[0]
    assert isinstance(heading, XmlElement)
    assert heading.attributes["level"] == 3
    assert not isinstance(heading.attributes["level"], str)


@pytest.mark.parametrize("text", ["# notes\nx\n", "# plan\n- a\nb\n"])
def test_what_no_record_holds_is_refused(text: str) -> None:
    """[DEMO-1]"""
    with pytest.raises(ValueError, match=r"section|item"):
        record_from(text)


@pytest.mark.parametrize("key", [case.key for case in CASES])
def test_every_demo_case_has_every_section_written(key: str) -> None:
    """[DEMO-1]"""
    text = files("server").joinpath("demo_cases", f"{key}.md").read_text("utf-8")
    update = record_from(text)
    for name in SECTIONS:
        section = section_of(update, name)
        assert len(section.children) >= 1, name
        for child in section.children:
            assert isinstance(child, XmlElement)
            assert not any(isinstance(leaf, XmlText) and not str(leaf) for leaf in child.children)
    assert "**" not in str(section_of(update, "summary"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.key)
def test_every_demo_case_is_understood_at_a_glance(case: FictionalCase) -> None:
    """[DEMO-1] Its whole head is said, in words that the page knows; what is next is for one of its members."""
    head = project(record_from("# plan\nx\n", head_of(case, Millis(1_773_654_060_000)))).head
    assert all(getattr(head, each.name) is not None for each in fields(head))
    assert head.next_owner in {fictional.person.id for fictional in PEOPLE if fictional.key in case.members}
    assert head.next_due is not None
    assert head.next_due > "2026-03-16"


def test_the_demo_has_every_standing_and_every_role() -> None:
    """[DEMO-2]"""
    assert {person.standing for person in PEOPLE} == set(Standing)
    assert len(CASES) >= 2
    for case in CASES:
        assert set(case.members.values()) == set(Role) - {Role.MODERATOR}
        assert list(case.members.values()).count(Role.LEAD) == 1
