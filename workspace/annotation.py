"""Marks in a case's pictures as W3C Web Annotations (https://www.w3.org/TR/annotation-model/), from its discussion.

The discussion's root map `annotations` holds one map for each, whose JSON is an annotation already
(docs/annotations.md); what a case gives away is checked, absolute, and says the shape a second and a third time in
words that other tools know: SvgSelector and FragmentSelector (https://www.w3.org/TR/media-frags/). Whatever clients
wrote is left out where it is not of its kind: nothing here trusts them. `read_marks` builds a `Doc`: only a child
process may call it. [JRN-14]
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from pycrdt import Array, Assoc, Doc, Map

from workspace.annotation_shapes import Points, box_of, points_of, svg_of
from workspace.ids import ClientId, UpdateBytes
from workspace.structs import MAX_CLOCK, StructId
from workspace.update import ClientRange, read_update, walk_update

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
Fields: TypeAlias = Mapping[str, object]
"""What a client wrote, of whatever kind."""

ROOT = "annotations"
W3C_CONTEXT = "http://www.w3.org/ns/anno.jsonld"
MEDIA_FRAGMENTS = "http://www.w3.org/TR/media-frags/"
LONGEST_LABEL, LONGEST_REPLY, LONGEST_ID = 500, 10_000, 200
MOST_REPLIES = 1_000
MOST_FRAMES = 1_000_000

_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z")
_SECONDS = re.compile(r"t=npt:\d{1,7}(?:\.\d{1,20})?")
_NAME = re.compile(r"[A-Za-z0-9._-]{1,200}")
_WEB = re.compile(r"https?://[A-Za-z0-9./#_-]{1,300}")

CONTEXT: Mapping[str, Json] = {
    "@context": {
        "@version": 1.1,
        "consilium": "urn:x-consilium:annotation:",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
        "oa": "http://www.w3.org/ns/oa#",
        "FrameSelector": "consilium:FrameSelector",
        "ShapeSelector": "consilium:ShapeSelector",
        "file": "consilium:file",
        "frame": {"@id": "consilium:frame", "@type": "xsd:integer"},
        "shape": "consilium:shape",
        "points": {"@id": "consilium:points", "@container": "@list"},
        "handles": {"@id": "consilium:handles", "@type": "@json"},
        "offset": {"@id": "consilium:offset", "@container": "@list"},
        "coded": {"@id": "oa:hasBody", "@type": "@id"},
        "system": {"@id": "consilium:system", "@type": "@id"},
        "code": "consilium:code",
        "display": "consilium:display",
        "role": "consilium:role",
        "color": "consilium:color",
        "resolved": {"@id": "consilium:resolved", "@type": "xsd:boolean"},
        "locked": {"@id": "consilium:locked", "@type": "xsd:boolean"},
        "removed": {"@id": "consilium:removed", "@type": "xsd:boolean"},
    }
}
"""What our words mean, beside those of the W3C's context. It never changes its mind: what it says is only added to."""


class UnreadableDiscussion(Exception):
    """A document that no mark can be read from."""


@dataclass(frozen=True, slots=True)
class Said:
    """One reply: its words as a body, and the client that brought it."""

    body: Mapping[str, Json]
    client: ClientId


@dataclass(frozen=True, slots=True)
class Mark:
    """One annotation without its author, whom the journal knows by the client that brought it."""

    annotation: Mapping[str, Json]
    client: ClientId
    replies: tuple[Said, ...] = ()

    def signed(self, creators: Mapping[ClientId, Json]) -> Mapping[str, Json]:
        """The whole annotation, its author and those of the replies as `creators` has them; whoever is not there is not
        named."""
        replies = [{**said.body, **_creator(creators, said.client)} for said in self.replies]
        bodies = self.annotation.get("body")
        body = [*(bodies if isinstance(bodies, list) else []), *replies]
        return {**self.annotation, **_creator(creators, self.client), **({"body": body} if body else {})}


def _creator(creators: Mapping[ClientId, Json], client: ClientId) -> Mapping[str, Json]:
    return {"creator": creators[client]} if client in creators else {}


def read_marks(
    update: UpdateBytes, base: str, only: str | None = None, curves: Collection[str] = frozenset()
) -> list[Mark]:
    """The marks of a discussion that are not removed, as they were made: all, or only the one of this name. `base` ends
    in a slash: what ids and pictures stand under. `curves`: media that have no pixels. Raises: UnreadableDiscussion.
    May kill its process."""
    try:
        document: Doc[Map[object]] = Doc()
        document.apply_update(update)
        root = document.get(ROOT, type=Map)
        brought = brought_by(update)
        asked = [(key, value) for key, value in root.items() if only in (None, key)]
        found = [_mark(key, value, brought.get(key), base, curves) for key, value in asked]
    except BaseException as error:  # a panic of Rust is no Exception; this process has nothing else to do
        raise UnreadableDiscussion(type(error).__name__) from None
    return sorted((mark for mark in found if mark is not None), key=_in_order)


def _in_order(mark: Mark) -> tuple[str, str]:
    return str(mark.annotation.get("created", "")), str(mark.annotation["id"])


def brought_by(update: bytes) -> dict[str, ClientId]:
    """Which client brought the map that stands under each key of the root now. Raises: InvalidUpdate."""
    deleted = sorted(read_update(update).deletes)
    keys: dict[StructId, str] = {}
    waiting: list[tuple[StructId, StructId]] = []
    for struct in walk_update(update):
        place = StructId(struct.client, struct.clock)
        if struct.parent == ROOT and struct.key is not None:
            keys[place] = struct.key
        elif struct.parent is None and struct.left is not None and struct.length == 1:
            waiting.append((place, struct.left))
    while True:  # what was put in the place of another names that one, and not the key
        still = [(place, left) for place, left in waiting if left not in keys]
        for place, left in waiting:
            if left in keys:
                keys[place] = keys[left]
        if len(still) == len(waiting):
            break
        waiting = still
    return {key: place.client for place, key in keys.items() if not _is_in(place, deleted)}


def _is_in(place: StructId, ranges: Sequence[ClientRange]) -> bool:
    """Whether one of these sorted, disjoint ranges holds it."""
    at = bisect_right(ranges, (place.client, place.clock, MAX_CLOCK)) - 1
    return at >= 0 and ranges[at].client == place.client and place.clock < ranges[at].end


def _mark(key: str, value: object, client: ClientId | None, base: str, curves: Collection[str]) -> Mark | None:
    if not isinstance(value, Map) or client is None or not _NAME.fullmatch(key):
        return None
    plain = _plain(value)
    body = value.get("body")
    replies = tuple(_replies(body, base)) if isinstance(body, Array) else ()
    annotation = annotation_of(key, plain, base, curves)
    return None if annotation is None else Mark(annotation, client, replies)


def _plain(value: Map[object]) -> Fields:
    found = value.to_py()
    return found if isinstance(found, dict) else {}


def _replies(body: Array[object], base: str) -> Iterator[Said]:
    """A reply is whose who brought it: its place in the list tells the client."""
    found = 0
    for at in range(min(len(body), 10 * MOST_REPLIES)):
        value = body[at]
        reply = reply_of(value, base) if isinstance(value, dict) else None
        if reply is None:
            continue
        item = body.sticky_index(at, Assoc.AFTER).to_json().get("item")
        if not isinstance(item, dict):
            continue
        yield Said(reply, ClientId(int(item["client"])))
        found += 1
        if found == MOST_REPLIES:
            return


def reply_of(value: Fields, base: str) -> Mapping[str, Json] | None:
    """One reply as a body with an id; None: it is none."""
    key, said = _tail(value.get("id"), "annotations/"), value.get("value")
    if key is None or not isinstance(said, str) or value.get("purpose") != "replying":
        return None
    body: dict[str, Json] = {"id": f"{base}annotations/{key}", "type": "TextualBody", "purpose": "replying"}
    body |= {"format": "text/plain", "value": said[:LONGEST_REPLY]}
    return body | _times(value, "created")


def annotation_of(
    key: str, mark: Fields, base: str, curves: Collection[str] = frozenset()
) -> Mapping[str, Json] | None:
    """One annotation but for its author and replies; None: it is removed, or nothing that could be drawn."""
    target = mark.get("target")
    if not isinstance(target, dict) or mark.get("removed") is True:
        return None
    media, selector = _tail(target.get("source"), "media/"), target.get("selector")
    if media is None or not isinstance(selector, dict):
        return None
    chosen = _selectors(selector, has_pixels=media not in curves)
    if chosen is None:
        return None
    bodies = [*_label(mark.get("body")), *_coded(mark.get("coded"))]
    annotation: dict[str, Json] = {"id": f"{base}annotations/{key}", "type": "Annotation", "motivation": "describing"}
    annotation |= _times(mark, "created", "modified")
    if bodies:
        annotation["body"] = bodies
    annotation["target"] = {"type": "SpecificResource", "source": f"{base}media/{media}", "selector": chosen}
    return annotation | {word: True for word in ("resolved", "locked") if mark.get(word) is True}


def _selectors(selector: Fields, *, has_pixels: bool) -> Json:
    """Where it is, then what it looks like: ours first, then the standard's. None: nowhere."""
    kind, inner = selector.get("type"), selector.get("refinedBy")
    if kind == "ShapeSelector":
        return _shapes(selector, has_pixels=has_pixels)
    shapes = _shapes(inner, has_pixels=has_pixels) if isinstance(inner, dict) else None
    if shapes is None:
        return None
    if kind == "FragmentSelector" and isinstance(value := selector.get("value"), str) and _SECONDS.fullmatch(value):
        return {"type": "FragmentSelector", "conformsTo": MEDIA_FRAGMENTS, "value": value, "refinedBy": shapes}
    if kind != "FrameSelector":
        return None
    where: dict[str, Json] = {"type": "FrameSelector"}
    file, frame = selector.get("file"), _whole(selector.get("frame"))
    if isinstance(file, str) and _NAME.fullmatch(file):
        where["file"] = file
    if frame is not None:
        where["frame"] = frame
    return {**where, "refinedBy": shapes}


def _shapes(selector: Fields, *, has_pixels: bool) -> list[Json] | None:
    shape = selector.get("shape")
    points: Points | None = points_of(selector) if selector.get("type") == "ShapeSelector" else None
    if points is None or not isinstance(shape, str):
        return None
    flat: list[Json] = [number for point in points for number in point]
    ours: Json = {"type": "ShapeSelector", "shape": shape, "points": flat}
    if not has_pixels:  # an SVG and a box are in those of the picture, and nothing else
        return [ours]
    return [
        ours,
        {"type": "SvgSelector", "value": svg_of(shape, points)},
        {"type": "FragmentSelector", "conformsTo": MEDIA_FRAGMENTS, "value": box_of(points)},
    ]


def _label(body: object) -> Iterator[Json]:
    entries = body if isinstance(body, list) else []
    labels = (each for each in entries if isinstance(each, dict) and each.get("purpose") == "describing")
    value = next(labels, {}).get("value")
    if isinstance(value, str) and value:
        label = value[:LONGEST_LABEL]
        yield {"type": "TextualBody", "purpose": "describing", "format": "text/plain", "value": label}


def _coded(value: object) -> Iterator[Json]:
    if not isinstance(value, dict):
        return
    source, system, code, display = (value.get(word) for word in ("source", "system", "code", "display"))
    if not (isinstance(source, str) and _WEB.fullmatch(source) and isinstance(system, str) and _WEB.fullmatch(system)):
        return
    if isinstance(code, str) and isinstance(display, str) and len(code) <= LONGEST_ID:
        body: dict[str, Json] = {"type": "SpecificResource", "purpose": "classifying", "source": source}
        yield body | {"system": system, "code": code, "display": display[:LONGEST_LABEL]}


def _times(value: Fields, *words: str) -> dict[str, Json]:
    return {word: time for word in words if isinstance(time := value.get(word), str) and _TIME.fullmatch(time)}


def _whole(value: object) -> int | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(number := float(str(value))) or not number.is_integer():
        return None
    return int(number) if 0 <= number <= MOST_FRAMES else None


def _tail(value: object, beginning: str) -> str | None:
    tail = value.removeprefix(beginning) if isinstance(value, str) and value.startswith(beginning) else ""
    return tail if _NAME.fullmatch(tail) else None
