"""What a section of the record can hold: the editor's nodes, read strictly from its JSON.

The names are those of Tiptap's schema (tiptap.dev, ProseMirror's `Node.toJSON`). What the page's editor does not know
it deletes, for everybody: so nothing else may ever get into a record from here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

from workspace.errors import InvalidRequest

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
Value: TypeAlias = bool | int | str

MOST_NODES = 5_000
MOST_CHARACTERS = 200_000
DEEPEST = 16
"""A list in a cell in a list is 8 deep; the bound keeps recursion short."""
LONGEST_ATTRIBUTE = 2_000
WIDEST = 100
"""Cells that one may span; the editor takes no more (web/src/editor/table.ts)."""


@dataclass(frozen=True, slots=True)
class Run:
    """Text with marks: `bold` and `italic` hold nothing, `link` its `href`."""

    text: str
    marks: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Node:
    """A block, a part of one, or something that stands in a line of text."""

    kind: str
    attributes: Mapping[str, Value] = field(default_factory=dict)
    content: tuple[Node | Run, ...] = ()


Section: TypeAlias = tuple[Node, ...]
Sections: TypeAlias = Mapping[str, Section]


@dataclass(frozen=True, slots=True)
class _Rule:
    """What may stand in a node."""

    may_hold: frozenset[str] = frozenset()
    needs_content: bool = True


_BLOCKS = frozenset({"paragraph", "heading", "bulletList", "orderedList", "taskList", "table"})
_INLINE = frozenset({"text", "hardBreak", "mention"})
_RULES: Mapping[str, _Rule] = MappingProxyType(
    {
        "doc": _Rule(_BLOCKS),
        "paragraph": _Rule(_INLINE, needs_content=False),
        "heading": _Rule(_INLINE, needs_content=False),
        "bulletList": _Rule(frozenset({"listItem"})),
        "orderedList": _Rule(frozenset({"listItem"})),
        "taskList": _Rule(frozenset({"taskItem"})),
        "listItem": _Rule(_BLOCKS),
        "taskItem": _Rule(_BLOCKS),
        "table": _Rule(frozenset({"tableRow"})),
        "tableRow": _Rule(frozenset({"tableHeader", "tableCell"})),
        "tableHeader": _Rule(_BLOCKS),
        "tableCell": _Rule(_BLOCKS),
        "hardBreak": _Rule(needs_content=False),
        "mention": _Rule(needs_content=False),
    }
)
_ATTRIBUTES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "heading": frozenset({"level"}),
        "orderedList": frozenset({"start"}),
        "taskItem": frozenset({"checked"}),
        "tableHeader": frozenset({"colspan", "rowspan"}),
        "tableCell": frozenset({"colspan", "rowspan"}),
        "mention": frozenset({"id", "label"}),
    }
)
HEADING_LEVELS = (3, 4)
_PERSON = re.compile(r"[a-z2-7]{16}")
_LINK = re.compile(r"(https?://|mailto:)[^\s\x00-\x1f]+", re.IGNORECASE)


def parse_sections(given: Mapping[str, Json], names: Sequence[str]) -> Sections:
    """The sections of a record, each a `doc` of the editor's JSON; empty ones are left out.

    Raises: InvalidRequest naming the place, never what stands there.
    """
    unknown = [name for name in given if name not in names]
    if unknown:
        raise InvalidRequest("sections: a record has no such section")
    budget = _Budget()
    parsed = {name: _section(given[name], name, budget) for name in names if name in given}
    return {name: section for name, section in parsed.items() if any(map(_says_something, section))}


def section_json(section: Section) -> Json:
    """A section as the editor's JSON."""
    return {"type": "doc", "content": [_json(node) for node in section]}


@dataclass(slots=True)
class _Budget:
    nodes: int = MOST_NODES
    characters: int = MOST_CHARACTERS

    def take(self, nodes: int, characters: int, where: str) -> None:
        self.nodes -= nodes
        self.characters -= characters
        if self.nodes < 0 or self.characters < 0:
            raise InvalidRequest(f"{where}: too long")


def _section(given: Json, where: str, budget: _Budget) -> Section:
    doc = _node(given, where, budget, 0)
    if doc.kind != "doc":
        raise InvalidRequest(f"{where}: a document of the editor")
    return tuple(child for child in doc.content if isinstance(child, Node))


def _node(given: Json, where: str, budget: _Budget, depth: int) -> Node:
    budget.take(1, 0, where)
    if depth > DEEPEST or not isinstance(given, Mapping) or given.keys() - {"type", "attrs", "content"}:
        raise InvalidRequest(f"{where}: a node of the editor" if depth <= DEEPEST else f"{where}: nested too deep")
    kind, content = given.get("type"), given.get("content")
    rule = _RULES.get(kind) if isinstance(kind, str) else None
    if rule is None or not isinstance(kind, str):
        raise InvalidRequest(f"{where}: a node that the editor does not know")
    children = [] if content is None else content
    if isinstance(children, str) or not isinstance(children, Sequence) or (rule.needs_content and not children):
        raise InvalidRequest(f"{where}: what a {kind} holds")
    read = tuple(_child(child, where, budget, depth + 1) for child in children)
    if any(("text" if isinstance(child, Run) else child.kind) not in rule.may_hold for child in read):
        raise InvalidRequest(f"{where}: a {kind} that holds what it cannot")
    return Node(kind, _attributes(kind, given.get("attrs"), where), read)


def _child(given: Json, where: str, budget: _Budget, depth: int) -> Node | Run:
    if isinstance(given, Mapping) and given.get("type") == "text":
        return _run(given, where, budget)
    return _node(given, where, budget, depth)


def _run(given: Mapping[str, Json], where: str, budget: _Budget) -> Run:
    text, marks = given.get("text"), given.get("marks")
    if given.keys() - {"type", "text", "marks"} or not isinstance(text, str) or not text or not _is_plain(text):
        raise InvalidRequest(f"{where}: a text without control characters")
    budget.take(1, len(text), where)
    if marks is not None and (isinstance(marks, str) or not isinstance(marks, Sequence)):
        raise InvalidRequest(f"{where}: a list of marks")
    return Run(text, dict(_mark(mark, where) for mark in marks or ()))


def _mark(given: Json, where: str) -> tuple[str, Mapping[str, str]]:
    if isinstance(given, Mapping) and not given.keys() - {"type", "attrs"}:
        kind, attributes = given.get("type"), given.get("attrs")
        if kind in ("bold", "italic") and not attributes:
            return str(kind), {}
        if kind == "link" and isinstance(attributes, Mapping) and attributes.keys() == {"href"}:
            href = attributes["href"]
            if isinstance(href, str) and len(href) <= LONGEST_ATTRIBUTE and _LINK.fullmatch(href):
                return "link", {"href": href}
    raise InvalidRequest(f"{where}: a mark that the editor does not know, or a link that is no web address")


def _attributes(kind: str, given: Json, where: str) -> Mapping[str, Value]:
    if given is None:
        given = {}
    known = _ATTRIBUTES.get(kind, frozenset())
    if not isinstance(given, Mapping) or given.keys() - known:
        raise InvalidRequest(f"{where}: attributes that a {kind} does not have")
    for name, value in given.items():
        if not _fits(name, value):
            raise InvalidRequest(f"{where}: the {name} of a {kind}")
    if kind in ("heading", "mention") and given.keys() != known:
        raise InvalidRequest(f"{where}: a {kind} without {', '.join(sorted(known - given.keys()))}")
    return {name: value for name, value in given.items() if isinstance(value, bool | int | str)}


def _fits(name: str, value: Json) -> bool:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    match name:
        case "level":
            return is_whole and value in HEADING_LEVELS
        case "checked":
            return isinstance(value, bool)
        case "colspan" | "rowspan":
            return isinstance(value, int) and is_whole and 1 <= value <= WIDEST
        case "start":
            return isinstance(value, int) and is_whole and 1 <= value <= 1_000
        case "id":
            return isinstance(value, str) and _PERSON.fullmatch(value) is not None
        case _:
            return isinstance(value, str) and 0 < len(value) <= LONGEST_ATTRIBUTE and _is_plain(value)


def _is_plain(text: str) -> bool:
    return not any(unicodedata.category(c) in ("Cc", "Cs") for c in text)


def _says_something(node: Node | Run) -> bool:
    return isinstance(node, Run) or node.kind in ("mention", "table") or any(map(_says_something, node.content))


def _json(node: Node | Run) -> Json:
    if isinstance(node, Run):
        marks: list[Json] = [{"type": kind, **({"attrs": dict(a)} if a else {})} for kind, a in node.marks.items()]
        return {"type": "text", "text": node.text, **({"marks": marks} if marks else {})}
    content: list[Json] = [_json(child) for child in node.content]
    attributes: dict[str, Json] = dict(node.attributes)
    return {
        "type": node.kind,
        **({"attrs": attributes} if attributes else {}),
        **({"content": content} if content else {}),
    }
