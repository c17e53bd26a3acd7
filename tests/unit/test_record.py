"""workspace.record: from nodes to a document and from documents, whatever they are made of, to plain values."""

from __future__ import annotations

from typing import Any

import pytest
from pycrdt import Array, Doc, Map, Text, XmlElement, XmlFragment, XmlText

from server.child import Child, ChildLost
from tests.unit.test_prose import EVERYTHING
from tests.unit.test_squashing import nested
from workspace.ids import PersonId, UpdateBytes
from workspace.prose import Run, parse_sections
from workspace.record import (
    LONGEST_SECTION,
    SECTIONS,
    Head,
    Projection,
    UnreadableRecord,
    head_from,
    project,
    seed,
)
from workspace.written import sections_from

ADA = PersonId("a" * 16)


def made(**roots: object) -> UpdateBytes:
    """A document of these roots."""
    doc: Doc[Any] = Doc()
    for name, value in roots.items():
        doc[name] = value
    return UpdateBytes(doc.get_update())


def test_a_seeded_record_says_what_it_was_seeded_with() -> None:
    """[LST-6] [LST-10] A line per block, a mention by its label."""
    update = seed(parse_sections({"plan": EVERYTHING, "summary": EVERYTHING}, SECTIONS))
    projection = project(update)
    assert projection.texts["plan"].split("\n") == ["Stage", "Dr @Ada bold", "link", "x", "x", "x", "x", "x", "x"]
    assert projection.mentions == (ADA,)
    assert projection.head == Head()
    assert projection.words.startswith("stage dr ada bold link")


def test_the_seed_has_the_editor_s_shape() -> None:
    """[LST-10] Numbers are numbers, truths are truths, marks are attributes of the text."""
    doc: Doc[Any] = Doc()
    doc.apply_update(seed(parse_sections({"plan": EVERYTHING}, SECTIONS)))
    plan = doc.get("plan", type=XmlFragment)
    assert [child.tag for child in plan.children] == ["heading", "paragraph", "bulletList", "taskList", "table"]
    assert plan.children[0].attributes["level"] == 3
    assert plan.children[3].children[0].attributes["checked"] is True
    runs = plan.children[1].children[2].diff()
    assert runs == [(" bold", {"bold": {}, "italic": {}})]
    assert plan.children[1].children[4].diff() == [("link", {"link": {"href": "https://example.org/x?y#z"}})]


def test_the_head_is_read_field_by_field() -> None:
    """[LST-6]"""
    said = {
        "ageBand": "30-39",
        "sex": "female",
        "question": "  Which\n drug? ",
        "line": "Fever",
        "nextAction": "Biopsy",
        "nextOwner": ADA,
        "nextDue": "2026-11-30",
    }
    head = Head("30-39", "female", "Which drug?", "Fever", "Biopsy", ADA, "2026-11-30")
    assert head_from(said) == head
    assert project(made(head=Map(said))).head == head


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("ageBand", "34"),
        ("sex", "F"),
        ("nextOwner", "Ada"),
        ("nextDue", "2026-02-30"),
        ("nextDue", "30.11.2026"),
        ("nextDue", "20261130"),
        ("question", "x" * 301),
        ("question", " \n\x00 "),
        ("line", 7),
        ("line", None),
        ("line", ["x"]),
        ("other", "x"),
    ],
)
def test_what_is_not_of_its_kind_was_not_said(field: str, value: object) -> None:
    """[LST-6] Any client may write anything there."""
    assert head_from({field: value}) == Head()


@pytest.mark.parametrize(
    "update",
    [
        made(),
        made(plan=Text("not a fragment"), head=Text("nor a map")),
        made(plan=Array([1]), head=Array([2]), summary=Map({"a": "b"})),
        made(head=Map({"line": Map({"deep": Map()}), "question": Text("x"), "sex": 1.5})),
    ],
    ids=["nothing", "texts", "arrays", "maps"],
)
def test_documents_of_another_shape_say_nothing(update: UpdateBytes) -> None:
    """[LST-6] Also when a root is not of its kind."""
    assert project(update) == Projection(Head(), {})


def test_a_document_by_another_client_is_read_as_far_as_it_goes() -> None:
    """[LST-6] Unknown nodes hold text all the same; nobody is mentioned by a made-up id."""
    section = XmlFragment()
    doc: Doc[Any] = Doc()
    doc["plan"] = section
    for tag, attributes, words in (
        ("callout", {"x": "1"}, "Unknown but said"),
        ("mention", {"id": "nobody", "label": " "}, ""),
        ("paragraph", {}, "x" * (LONGEST_SECTION + 5)),
    ):
        element = XmlElement(tag, attributes)
        section.children.append(element)
        element.children.append(XmlText(words))
    projection = project(UpdateBytes(doc.get_update()))
    assert projection.texts["plan"].startswith("Unknown but said@")
    assert len(projection.texts["plan"]) <= LONGEST_SECTION
    assert projection.mentions == ()


def test_a_figure_says_what_it_was_called() -> None:
    """[GAL-9] A line of its own; its medium's id is no word."""
    section = XmlFragment()
    doc: Doc[Any] = Doc()
    doc["imaging"] = section
    for tag, attributes in (
        ("paragraph", {}),
        ("figure", {"media": "abcdefghijklmnop", "label": "Chest X-ray"}),
        ("figure", {"media": "abcdefghijklmnop"}),
        ("paragraph", {}),
    ):
        element = XmlElement(tag, attributes)
        section.children.append(element)
        if tag == "paragraph":
            element.children.append(XmlText("Words."))
    projection = project(UpdateBytes(doc.get_update()))
    assert projection.texts["imaging"] == "Words.\nChest X-ray\nWords."


def test_bytes_that_are_no_document_are_named_as_such() -> None:
    """[LST-7] Without a word of what they hold."""
    with pytest.raises(UnreadableRecord) as refused:
        project(UpdateBytes(b"\x01\x01case content"))
    assert "content" not in str(refused.value)


async def test_a_hostile_document_ends_a_child_and_nothing_else() -> None:
    """[LST-7] [JRN-14] And the next work finds a fresh one."""
    child = Child(60)
    with pytest.raises(ChildLost):
        await child.run(project, UpdateBytes(nested(50_000)))
    assert (await child.run(project, made(head=Map({"line": "fine"})))).head.line == "fine"


async def test_a_child_that_hangs_is_ended() -> None:
    """[LST-7]"""
    with pytest.raises(ChildLost):
        await Child(0.001).run(project, made())


def test_written_text_becomes_tasks_and_tables() -> None:
    """[LST-10]"""
    sections = sections_from("# plan\n- [ ] One **bold**\n- [x] Two\n\n| a | b |\n| c |  |\n")
    tasks, table = sections["plan"]
    assert [item.attributes["checked"] for item in tasks.content if not isinstance(item, Run)] == [False, True]
    rows = [row for row in table.content if not isinstance(row, Run)]
    assert [[cell.kind for cell in row.content if not isinstance(cell, Run)] for row in rows] == [
        ["tableHeader", "tableHeader"],
        ["tableCell", "tableCell"],
    ]
    assert project(seed(sections)).texts["plan"] == "One bold\nTwo\na\nb\nc"
