"""Marks as W3C Web Annotations: `workspace.annotation` and the shapes as other tools draw them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycrdt import Doc

from tests.marks import FORM, check_model, graph_of, put
from workspace.annotation import CONTEXT, annotation_of, read_marks, reply_of
from workspace.annotation_shapes import COUNTS, box_of, points_of, svg_of
from workspace.ids import UpdateBytes

BASE = "https://x.example/api/cases/c/"
ROOT = Path(__file__).resolve().parents[2]
Plain = Mapping[str, object]


def shape(kind: str, *points: float, **more: object) -> Plain:
    return {"type": "ShapeSelector", "shape": kind, "points": list(points), **more}


def mark(selector: Plain, **more: object) -> Plain:
    return {"target": {"source": "media/photo", "selector": selector}, **more}


def test_points_are_where_they_were_moved_and_all_of_it_was_moved() -> None:
    """[ANN-2] A handle's own place, then the offset of the whole."""
    moved = shape("angle", 0, 0, 10, 0, 10, 10, handles={"1": [20.0, 5.0]}, offset=[100, 1])
    assert points_of(moved) == [(100, 1), (120, 6), (110, 11)]


def test_sides_of_a_box_are_moved_by_themselves() -> None:
    """[ANN-2] A coordinate's own place; what is no number is passed over."""
    handles = {"0x": 5.0, "1y": 20, "0y": None, "1x": float("nan")}
    assert points_of(shape("rectangle", 0, 0, 10, 10, handles=handles, offset=[100, 1])) == [(105, 1), (110, 21)]


@pytest.mark.parametrize("kind", COUNTS)
def test_every_shape_is_an_svg_of_numbers_and_a_box(kind: str) -> None:
    """[ANN-12]"""
    flat = [number for at in range(COUNTS[kind][0]) for number in (10.5 + 7 * at, 20 + 3 * at * at)]
    selectors = annotation_of("a", mark(shape(kind, *flat)), BASE)
    assert selectors is not None
    points = points_of(shape(kind, *flat))
    assert points is not None
    [drawn] = ET.fromstring(svg_of(kind, points))
    assert drawn.tag.startswith("{http://www.w3.org/2000/svg}")
    assert box_of(points).startswith("xywh=10,20,")


def test_what_lies_outside_of_the_picture_has_a_box_inside() -> None:
    """[ANN-12] A fragment cannot be negative."""
    assert box_of([(-5, -5), (3.2, -1)]) == "xywh=0,0,4,1"


@pytest.mark.parametrize(
    ("selector", "told"),
    [
        ({"type": "FrameSelector", "file": "1.2", "frame": 3.0}, {"type": "FrameSelector", "file": "1.2", "frame": 3}),
        ({"type": "FrameSelector", "file": "<b>", "frame": -1}, {"type": "FrameSelector"}),
        (
            {"type": "FragmentSelector", "value": "t=npt:12.5"},
            {"type": "FragmentSelector", "conformsTo": "http://www.w3.org/TR/media-frags/", "value": "t=npt:12.5"},
        ),
    ],
)
def test_where_it_is_refined_by_what_it_looks_like(selector: Plain, told: Plain) -> None:
    """[ANN-1] [ANN-12]"""
    found = annotation_of("a", mark({**selector, "refinedBy": shape("point", 1, 2)}), BASE)
    assert found is not None
    target = found["target"]
    assert isinstance(target, dict)
    shapes = target["selector"].pop("refinedBy")
    assert target["selector"] == told
    assert [each["type"] for each in shapes] == ["ShapeSelector", "SvgSelector", "FragmentSelector"]


def test_what_has_no_pixels_is_told_by_our_shape_alone() -> None:
    """[ANN-12] An SVG and a box would be taken for pixels."""
    on_paper = mark(
        {"type": "FrameSelector", "file": None, "frame": 1, "refinedBy": shape("length", 5, 19985, 25, 20000)}
    )
    found = annotation_of("a", on_paper, BASE, curves={"photo"})
    assert found is not None
    target = found["target"]
    assert isinstance(target, dict)
    assert target["selector"] == {
        "type": "FrameSelector",
        "frame": 1,
        "refinedBy": [{"type": "ShapeSelector", "shape": "length", "points": [5, 19985, 25, 20000]}],
    }


@pytest.mark.parametrize(
    "selector",
    [
        shape("point", 1),
        shape("point", float("nan"), 2),
        shape("point", 1e9, 2),
        shape("star", 1, 2),
        shape("polygon", 1, 2),
        {"type": "FragmentSelector", "value": "xywh=0,0,1,1", "refinedBy": shape("point", 1, 2)},
        {"type": "CssSelector", "refinedBy": shape("point", 1, 2)},
        {"type": "FrameSelector"},
    ],
)
def test_what_cannot_be_drawn_is_no_annotation(selector: Plain) -> None:
    """[ANN-10]"""
    assert annotation_of("a", mark(selector), BASE) is None


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([*FORM, "value", "type"]), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*FORM, "coded", "removed", "resolved"]), anything))
def test_whatever_a_client_wrote_is_left_out_or_is_json(wrote: dict[str, object]) -> None:
    """[ANN-10] Put over a good mark, one key and another."""
    annotation_of("a", wrote, BASE)
    reply_of(wrote, BASE)
    found = annotation_of("a", {**mark(shape("point", 1, 2)), **wrote}, BASE)
    json.dumps(found, allow_nan=False)
    if "target" not in wrote and wrote.get("removed") is not True:
        assert found is not None


def test_a_discussion_is_read_in_the_order_in_which_it_was_made() -> None:
    """[ANN-12]"""
    doc: Doc[Any] = Doc(client_id=5)
    for at, key in enumerate(["c", "a", "b"]):
        put(doc, key, {**FORM, "created": f"2026-01-01T00:00:0{at}.000Z"})
    found = read_marks(UpdateBytes(doc.get_update()), BASE)
    assert [each.annotation["id"] for each in found] == [f"{BASE}annotations/{key}" for key in "cab"]
    assert [(each.client, [said.client for said in each.replies]) for each in found] == [(5, [5])] * 3


def test_the_context_is_the_one_that_is_documented() -> None:
    """[ANN-12]"""
    text = (ROOT / "docs" / "annotations.md").read_text("utf-8")
    [block] = [part for part in text.split("```json\n")[1:] if '"@version"' in part]
    assert json.loads(block.partition("```")[0]) == CONTEXT


def every_kind() -> Mapping[str, object]:
    """A page of annotations of each shape in each kind of place, with all that can be said of one."""
    doc: Doc[Any] = Doc()
    for kind, (least, _) in COUNTS.items():
        drawn = shape(kind, *(10.5 + 7 * at for at in range(2 * least)), offset=[3, 4])
        places: Sequence[Plain] = (
            drawn,
            {"type": "FrameSelector", "file": "1.2.3", "frame": 4, "refinedBy": drawn},
            {"type": "FrameSelector", "file": None, "frame": 1, "refinedBy": drawn},
            {"type": "FragmentSelector", "value": "t=npt:12.5", "refinedBy": drawn},
        )
        for at, place in enumerate(places):
            target = {"source": f"media/{'ecg' if at == 2 else 'photo'}", "selector": place}
            put(doc, f"{kind}{at}", {**FORM, "resolved": True, "locked": True, "target": target})
    marks = read_marks(UpdateBytes(doc.get_update()), BASE, curves={"ecg"})
    ada = {"id": f"{BASE}members/ada", "type": "Person", "name": "Ada", "role": "lead", "color": "#0b6b6b"}
    items = [each.signed({each.client: ada}) for each in marks]
    whole = {"id": f"{BASE}annotations", "type": "AnnotationCollection", "total": len(items)}
    return {"id": f"{BASE}annotations?after=0", "type": "AnnotationPage", "partOf": whole, "items": items}


def test_each_kind_of_annotation_is_told_in_words_that_a_context_explains() -> None:
    """[ANN-12] A reader of JSON-LD passes over words that no context knows: there is none of them."""
    page = every_kind()
    assert check_model(graph_of(page, CONTEXT)) == 4 * len(COUNTS)
    with pytest.raises(AssertionError, match="nonsense"):
        check_model(graph_of({**page, "nonsense": 1}, CONTEXT))
