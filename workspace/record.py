"""The shape of a record: its sections, its head; from the editor's nodes to a Yjs document, and from that to plain
text.

One XmlFragment per section, nodes and marks named as in `workspace.prose` (y-prosemirror: a mark is a formatting
attribute of the text), and one Map named `head` with plain strings. `project` and `seed` build a `Doc`: only a child
process may call them. [JRN-14]
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from pycrdt import Doc, Map, XmlElement, XmlFragment, XmlText

from workspace.ids import PersonId, UpdateBytes
from workspace.prose import Node, Run, Sections
from workspace.searching import index_text
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
AGE_BANDS = (
    *("0-27d", "28d-11m", "1-4", "5-11", "12-17", "18-29", "30-39", "40-49", "50-59", "60-69", "70-79", "80-89"),
    "90+",
)
HEAD = "head"
NO_HEAD: Mapping[str, str] = MappingProxyType({})
SEXES = ("female", "male", "other", "unknown")
LONGEST_FIELD = 300
LONGEST_SECTION = 200_000
"""Characters of a section that are projected: 60 pages."""
MOST_STEPS = 500_000
MOST_MENTIONS = 200

_PERSON = re.compile(r"[a-z2-7]{16}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class UnreadableRecord(Exception):
    """A document that no record can be read from."""


@dataclass(frozen=True, slots=True)
class Head:
    """What is understood of a case in five seconds; None is "not said yet"."""

    age_band: str | None = None
    sex: str | None = None
    question: str | None = None
    line: str | None = None
    next_action: str | None = None
    next_owner: PersonId | None = None
    next_due: str | None = None
    """A day, as ISO 8601 spells it."""

    @property
    def said(self) -> str:
        """What people wrote in it, a line each."""
        return "\n".join(each for each in (self.line, self.question, self.next_action) if each is not None)


NOTHING_SAID = Head()


@dataclass(frozen=True, slots=True)
class Projection:
    """A record as plain values: what lists and search are made of."""

    head: Head
    texts: Mapping[str, str]
    """Section → its text, a line per block; sections without text are left out."""
    mentions: tuple[PersonId, ...] = ()
    """Who is mentioned, in order, each once."""
    words: str = ""
    """All texts as search sees them."""


def project(update: UpdateBytes) -> Projection:
    """What a document says, whatever it is made of. Raises: UnreadableRecord. May kill its process."""
    try:
        document: Doc[XmlFragment | Map[object]] = Doc()
        document.apply_update(update)
        head = document.get(HEAD, type=Map)
        values = {key: head[key] for key in KEYS if key in head} if isinstance(head, Map) else {}
        mentions: dict[PersonId, None] = {}
        texts = {name: _text(document.get(name, type=XmlFragment), mentions) for name in SECTIONS}
    except BaseException as error:  # a panic of Rust is no Exception; this process has nothing else to do
        raise UnreadableRecord(type(error).__name__) from None
    said = {name: text for name, text in texts.items() if text}
    return Projection(head_from(values), said, tuple(mentions), index_text("\n".join(said.values())))


def seed(sections: Sections, head: Mapping[str, str] = NO_HEAD) -> UpdateBytes:
    """A new record that holds these sections and this head (by `KEYS`), as one update."""
    document: Doc[XmlFragment | Map[str]] = Doc()
    with document.transaction():
        if head:
            document[HEAD] = Map(dict(head))
        for name in SECTIONS:
            document[name] = fragment = XmlFragment()
            for node in sections.get(name, ()):
                _grow(fragment, node)
    update = document.get_update()
    read_update(update)
    return UpdateBytes(update)


KEYS = ("ageBand", "sex", "question", "line", "nextAction", "nextOwner", "nextDue")


def head_from(values: Mapping[str, object]) -> Head:
    """The head as clients wrote it, checked field by field: what is not of its kind was not said."""
    owner = _one_line(values.get("nextOwner"))
    due = _one_line(values.get("nextDue"))
    band, sex = values.get("ageBand"), values.get("sex")
    return Head(
        age_band=band if isinstance(band, str) and band in AGE_BANDS else None,
        sex=sex if isinstance(sex, str) and sex in SEXES else None,
        question=_one_line(values.get("question")),
        line=_one_line(values.get("line")),
        next_action=_one_line(values.get("nextAction")),
        next_owner=PersonId(owner) if owner is not None and _PERSON.fullmatch(owner) else None,
        next_due=due if due is not None and _is_day(due) else None,
    )


def _one_line(value: object) -> str | None:
    if not isinstance(value, str) or len(value) > LONGEST_FIELD:
        return None
    return " ".join("".join(c if c.isprintable() else " " for c in value).split()) or None


def _is_day(text: str) -> bool:
    try:
        return _DAY.fullmatch(text) is not None and date.fromisoformat(text) is not None
    except ValueError:
        return False


def _text(fragment: object, mentions: dict[PersonId, None]) -> str:
    """Without recursion: a document may be nested deeper than Python can follow."""
    if not isinstance(fragment, XmlFragment):
        return ""
    written: list[str] = []
    length = 0
    waiting: list[object] = [*reversed(list(fragment.children))]
    for _ in range(MOST_STEPS):
        if not waiting or length > LONGEST_SECTION:
            break
        match waiting.pop():
            case str() as piece:
                written.append(piece)
                length += len(piece)
            case XmlText() as text:
                waiting += reversed([piece for piece, _ in text.diff() if isinstance(piece, str)])
            case XmlElement(tag="hardBreak"):
                waiting.append("\n")
            case XmlElement(tag="mention") as mention:
                waiting.append(_mention(mention, mentions))
            case XmlElement(tag="figure") as figure:
                waiting.append(f"\n{_one_line(figure.attributes.get('label')) or ''}\n")
            case XmlElement() as element:
                if element.tag in ("paragraph", "heading"):
                    waiting.append("\n")
                waiting += reversed(list(element.children))
    lines = (" ".join(line.split()) for line in "".join(written)[:LONGEST_SECTION].split("\n"))
    return "\n".join(line for line in lines if line)


def _mention(element: XmlElement, mentions: dict[PersonId, None]) -> str:
    person: object = element.attributes.get("id")
    label: object = element.attributes.get("label")
    if isinstance(person, str) and _PERSON.fullmatch(person) and len(mentions) < MOST_MENTIONS:
        mentions[PersonId(person)] = None
    return f"@{_one_line(label) or ''}"


def _grow(parent: XmlFragment | XmlElement, node: Node) -> None:
    element = XmlElement(node.kind)
    parent.children.append(element)
    for name, value in node.attributes.items():
        element.attributes[name] = value
    text: XmlText | None = None
    end = 0
    for child in node.content:
        if isinstance(child, Run):
            if text is None:
                text, end = XmlText(""), 0
                element.children.append(text)
            text.insert(end, child.text, dict(child.marks) or None)
            end += len(child.text.encode())  # pycrdt counts in bytes of UTF-8
        else:
            text = None
            _grow(element, child)
