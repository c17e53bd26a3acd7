"""A record written as plain text becomes the Yjs document that the browser's editor reads.

The text: `# section`, `### heading`, `- bullet`, `1. number`, paragraphs between blank lines, `**bold**`. The document:
one XmlFragment per section, with the node and mark names of Tiptap's schema (y-prosemirror: a mark is a formatting
attribute of the text).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pycrdt import Doc, XmlElement, XmlFragment, XmlText

from workspace.ids import UpdateBytes
from workspace.update import read_update

SECTIONS = (
    "summary",
    "impression",
    "plan",
    "history",
    "examination",
    "investigations",
    "imaging",
    "timeline",
    "outcome",
)
HEADING_LEVEL = 3
LISTS = {"bulletList": re.compile(r"- (.+)"), "orderedList": re.compile(r"\d+\. (.+)")}
BOLD = re.compile(r"\*\*(.+?)\*\*")

Parent = XmlFragment | XmlElement


def record_from(text: str) -> UpdateBytes:
    """The whole record as one update. Raises: ValueError for a section that a record does not have."""
    document: Doc[XmlFragment] = Doc()
    for part in re.split(r"^# ", text, flags=re.MULTILINE)[1:]:
        name, _, body = part.partition("\n")
        if name not in SECTIONS:
            raise ValueError(f"a record has no section {name!r}")
        section = document.get(name, type=XmlFragment)
        with document.transaction():
            for block in re.split(r"\n{2,}", body.strip()):
                _add_block(section, block.split("\n"))
    update = document.get_update()
    read_update(update)
    return UpdateBytes(update)


def _add_block(section: XmlFragment, lines: Sequence[str]) -> None:
    if lines[0].startswith("### "):
        heading = _add(section, "heading")
        heading.attributes["level"] = HEADING_LEVEL  # a number: the schema compares it with numbers
        _write(heading, lines[0].removeprefix("### "))
        if len(lines) > 1:
            _add_block(section, lines[1:])
        return
    for kind, item in LISTS.items():
        if item.match(lines[0]):
            whole = _add(section, kind)
            for line in lines:
                match = item.fullmatch(line)
                if match is None:
                    raise ValueError(f"not an item of its list: {line!r}")
                _write(_add(_add(whole, "listItem"), "paragraph"), match[1])
            return
    _write(_add(section, "paragraph"), " ".join(lines))


def _add(parent: Parent, tag: str) -> XmlElement:
    element = XmlElement(tag)
    parent.children.append(element)
    return element


def _write(parent: XmlElement, line: str) -> None:
    text = XmlText("")
    parent.children.append(text)
    end = 0
    for position, run in enumerate(BOLD.split(line)):
        if run:
            text.insert(end, run, {"bold": {}} if position % 2 else None)  # odd runs stood between asterisks
            end += len(run.encode())  # pycrdt counts in bytes of UTF-8
