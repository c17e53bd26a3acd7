"""workspace.prose: the editor's JSON, read strictly."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from workspace.errors import InvalidRequest
from workspace.prose import DEEPEST, MOST_CHARACTERS, MOST_NODES, Json, Node, Run, parse_sections, section_json
from workspace.record import SECTIONS

SECRET = "Mrs Example, born 1950"


def doc(*content: Json) -> Json:
    return {"type": "doc", "content": list(content)}


def node(kind: str, *content: Json, **attributes: Json) -> Mapping[str, Json]:
    return {
        "type": kind,
        **({"attrs": attributes} if attributes else {}),
        **({"content": list(content)} if content else {}),
    }


def text(words: str, *marks: Json) -> Mapping[str, Json]:
    return {"type": "text", "text": words, **({"marks": list(marks)} if marks else {})}


def paragraph(words: str = "x") -> Mapping[str, Json]:
    return node("paragraph", text(words))


EVERYTHING = doc(
    node("heading", text("Stage"), level=3),
    node(
        "paragraph",
        text("Dr "),
        node("mention", id="a" * 16, label="Ada"),
        text(" bold", {"type": "bold"}, {"type": "italic"}),
        node("hardBreak"),
        text("link", {"type": "link", "attrs": {"href": "https://example.org/x?y#z"}}),
    ),
    node("bulletList", node("listItem", paragraph(), node("orderedList", node("listItem", paragraph()), start=3))),
    node("taskList", node("taskItem", paragraph(), checked=True), node("taskItem", paragraph(), checked=False)),
    node("table", node("tableRow", node("tableHeader", paragraph(), colspan=2), node("tableCell", paragraph()))),
)


def test_everything_the_editor_knows_is_read_and_said_again() -> None:
    """[LST-10] To the letter."""
    sections = parse_sections({"plan": EVERYTHING}, SECTIONS)
    assert section_json(sections["plan"]) == EVERYTHING
    assert isinstance(sections["plan"][0], Node)
    assert sections["plan"][1].content[2] == Run(" bold", {"bold": {}, "italic": {}})


def test_a_section_that_says_nothing_is_left_out() -> None:
    """[LST-10] Empty paragraphs are what an editor shows when nothing was written."""
    assert parse_sections({"plan": doc(node("paragraph"), node("paragraph"))}, SECTIONS) == {}


def deep(levels: int) -> Json:
    inner: Mapping[str, Json] = paragraph(SECRET)
    for _ in range(levels):
        inner = node("bulletList", node("listItem", paragraph(), inner))
    return doc(inner)


def broken(levels: int) -> Json:
    """As JSON can be written: lists in lists, with no node among them."""
    inner: Json = []
    for _ in range(levels):
        inner = [inner]
    return {"type": "doc", "content": inner}


@pytest.mark.parametrize(
    "given",
    [
        None,
        [],
        "text",
        7,
        {},
        {"type": "doc"},
        {"type": "doc", "content": []},
        {"type": "doc", "content": SECRET},
        {"type": "doc", "content": [None]},
        {"type": ["doc"], "content": [paragraph()]},
        {**node("doc", paragraph()), "extra": SECRET},
        paragraph(),
        doc(text(SECRET)),
        doc(node("image", src=SECRET)),
        doc(node("doc", paragraph())),
        doc(node("paragraph", paragraph(SECRET))),
        doc(node("paragraph", text(""))),
        doc(node("paragraph", text("a\x00b"))),
        doc(node("paragraph", text("a\nb"))),
        doc(node("paragraph", text("\ud800"))),
        doc(node("paragraph", text("x"), id=SECRET)),
        doc(node("paragraph", {**text("x"), "style": SECRET})),
        doc(node("paragraph", text("x", {"type": "underline"}))),
        doc(node("paragraph", text("x", {"type": "bold", "attrs": {"class": SECRET}}))),
        doc(node("paragraph", text("x", {"type": "link", "attrs": {"href": "javascript:alert(1)"}}))),
        doc(node("paragraph", text("x", {"type": "link", "attrs": {"href": " https://x"}}))),
        doc(node("paragraph", text("x", {"type": "link", "attrs": {"href": "https://x", "onclick": SECRET}}))),
        doc(node("paragraph", text("x", {"type": "link"}))),
        doc(node("paragraph", {"type": "text", "text": "x", "marks": SECRET})),
        doc(node("heading", text("x"))),
        doc(node("heading", text("x"), level="3")),
        doc(node("heading", text("x"), level=True)),
        doc(node("heading", text("x"), level=1)),
        doc(node("bulletList")),
        doc(node("bulletList", paragraph())),
        doc(node("bulletList", node("listItem", node("listItem", paragraph())))),
        doc(node("orderedList", node("listItem", paragraph()), start=0)),
        doc(node("taskList", node("taskItem", paragraph(), checked="yes"))),
        doc(node("table", node("tableRow"))),
        doc(node("table", node("tableRow", node("tableCell", paragraph(), colspan=10**9)))),
        doc(node("paragraph", node("mention", id="a" * 16))),
        doc(node("paragraph", node("mention", id=SECRET, label="Ada"))),
        deep(DEEPEST),
        deep(300),
        broken(500),
    ],
)
def test_anything_else_is_refused_by_its_section_and_not_repeated(given: Json) -> None:
    """[LST-10] Bent types, unknown nodes, marks and attributes, scripts, control characters, nesting."""
    with pytest.raises(InvalidRequest, match=r"^The request is not valid. \(plan: ") as refused:
        parse_sections({"plan": given}, SECTIONS)
    assert SECRET not in str(refused.value)


def test_a_record_has_its_sections_and_no_others() -> None:
    """[LST-10]"""
    with pytest.raises(InvalidRequest, match="no such section") as refused:
        parse_sections({SECRET: doc(paragraph())}, SECTIONS)
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    "given", [doc(*[node("paragraph")] * (MOST_NODES + 1)), doc(paragraph("x" * (MOST_CHARACTERS + 1)))]
)
def test_what_is_too_long_is_refused(given: Json) -> None:
    """[LST-10] All sections together."""
    with pytest.raises(InvalidRequest, match="too long"):
        parse_sections({"plan": given}, SECTIONS)
    half = doc(paragraph("x" * (MOST_CHARACTERS // 2 + 1)))
    with pytest.raises(InvalidRequest, match="too long"):
        parse_sections({"plan": half, "summary": half}, SECTIONS)


def test_it_reads_what_a_json_reader_gives() -> None:
    """[LST-10]"""
    assert parse_sections(json.loads(json.dumps({"plan": EVERYTHING})), SECTIONS) == parse_sections(
        {"plan": EVERYTHING}, SECTIONS
    )
