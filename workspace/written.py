"""A record written as plain text, which people can read and review: the demo's cases and the delivered templates.

`# section`, `### heading`, `- bullet`, `1. number`, `- [ ] task`, paragraphs between blank lines, `**bold**`,
`| a | b |` for the rows of a table, the first of them its header.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from workspace.prose import Node, Run, Section, Sections
from workspace.record import SECTIONS

HEADING = "### "
HEADING_LEVEL = 3
_TASK = re.compile(r"- \[([ x])\] (.+)")
_LISTS = {"bulletList": re.compile(r"- (.+)"), "orderedList": re.compile(r"\d+\. (.+)")}
_BOLD = re.compile(r"\*\*(.+?)\*\*")


def sections_from(text: str) -> Sections:
    """The sections of a written record. Raises: ValueError for a section that a record does not have."""
    sections: dict[str, Section] = {}
    for part in re.split(r"^# ", text, flags=re.MULTILINE)[1:]:
        name, _, body = part.partition("\n")
        if name not in SECTIONS:
            raise ValueError(f"a record has no section {name!r}")
        blocks = re.split(r"\n{2,}", body.strip())
        sections[name] = tuple(node for block in blocks for node in _block(block.split("\n")))
    return sections


def _block(lines: Sequence[str]) -> Sequence[Node]:
    if lines[0].startswith(HEADING):
        heading = Node("heading", {"level": HEADING_LEVEL}, _runs(lines[0].removeprefix(HEADING)))
        return [heading, *(_block(lines[1:]) if len(lines) > 1 else ())]
    if lines[0].startswith("| "):
        return [Node("table", {}, tuple(_row(line, is_header=place == 0) for place, line in enumerate(lines)))]
    if _TASK.match(lines[0]):
        return [Node("taskList", {}, tuple(_task(line) for line in lines))]
    for kind, item in _LISTS.items():
        if item.match(lines[0]):
            return [Node(kind, {}, tuple(_item(line, item) for line in lines))]
    return [_paragraph(" ".join(lines))]


def _row(line: str, *, is_header: bool) -> Node:
    if not (line.startswith("| ") and line.endswith(" |")):
        raise ValueError(f"not a row of its table: {line!r}")
    kind = "tableHeader" if is_header else "tableCell"
    cells = (cell.strip() for cell in line[1:-1].split("|"))
    return Node("tableRow", {}, tuple(Node(kind, {}, (_paragraph(cell),)) for cell in cells))


def _task(line: str) -> Node:
    match = _TASK.fullmatch(line)
    if match is None:
        raise ValueError(f"not an item of its list: {line!r}")
    return Node("taskItem", {"checked": match[1] == "x"}, (_paragraph(match[2]),))


def _item(line: str, item: re.Pattern[str]) -> Node:
    match = item.fullmatch(line)
    if match is None:
        raise ValueError(f"not an item of its list: {line!r}")
    return Node("listItem", {}, (_paragraph(match[1]),))


def _paragraph(line: str) -> Node:
    return Node("paragraph", {}, _runs(line))


def _runs(line: str) -> tuple[Run, ...]:
    """Odd pieces stood between asterisks."""
    pieces = enumerate(_BOLD.split(line))
    return tuple(Run(piece, {"bold": {}} if place % 2 else {}) for place, piece in pieces if piece)
