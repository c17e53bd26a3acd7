"""A long record, and people who write in it: real Yjs updates of rich text, made before the clock starts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from pycrdt import Doc, XmlElement, XmlFragment, XmlText

from bench.lib0 import var_string, var_uint
from bench.people import LETTERS

PARAGRAPH_LETTERS = 400
"""About what a paragraph of a case report holds."""
HEADING_EVERY, LIST_EVERY = 8, 5
HEADING_LEVEL = 3
MARK = "▮"
"""Begins the paragraph of each person, so that a reader can count what arrived."""


def write_record(sections: Sequence[str], letters: int, people: int) -> bytes:
    """One update: `letters` in paragraphs, headings and lists, spread over the sections, and a paragraph per person."""
    doc: Doc[XmlFragment] = Doc(client_id=1)
    paragraphs = max(1, letters // len(sections) // PARAGRAPH_LETTERS)
    length = letters // len(sections) // paragraphs
    for number, name in enumerate(sections):
        section = doc.get(name, type=XmlFragment)
        with doc.transaction():
            for index in range(paragraphs):
                if index % HEADING_EVERY == HEADING_EVERY - 1:
                    heading = section.children.append(XmlElement("heading"))
                    heading.attributes["level"] = HEADING_LEVEL
                    heading.children.append(XmlText("Findings"))
                place: XmlFragment | XmlElement = section
                if index % LIST_EVERY == LIST_EVERY - 1:
                    place = section.children.append(XmlElement("bulletList")).children.append(XmlElement("listItem"))
                _add_paragraph(place, (LETTERS * (length // len(LETTERS) + 1))[:length])
            for person in range(number, people, len(sections)):
                _add_paragraph(section, MARK, at=min(person // len(sections), 1))
    return doc.get_update()


def _add_paragraph(place: XmlFragment | XmlElement, text: str, at: int | None = None) -> None:
    paragraph = XmlElement("paragraph")
    added = place.children.append(paragraph) if at is None else place.children.insert(at, paragraph)
    added.children.append(XmlText(text))


@dataclass(frozen=True, slots=True)
class Keystroke:
    """A letter, and the cursor that moved with it."""

    update: bytes
    state: bytes


def write_keystrokes(record: bytes, sections: Sequence[str], person: int, client: int, count: int) -> list[Keystroke]:
    """What one person types behind their mark, letter by letter."""
    doc: Doc[XmlFragment] = Doc(client_id=client)
    doc.apply_update(record)
    section = doc.get(sections[person % len(sections)], type=XmlFragment)
    marked = [child for child in section.children if isinstance(child, XmlElement) and str(child).count(MARK)]
    text = marked[person // len(sections)].children[0]
    assert isinstance(text, XmlText)
    keystrokes = []
    for clock in range(count):
        before = doc.get_state()
        text.insert(len(str(text).encode()), LETTERS[clock % len(LETTERS)])
        keystrokes.append(Keystroke(doc.get_update(before), _state(f"Dr {person}", client, clock)))
    return keystrokes


def _state(name: str, client: int, clock: int) -> bytes:
    spot = {"type": None, "item": {"client": client, "clock": clock}, "assoc": 0}
    state = {"user": {"name": name, "color": "#0f766e"}, "cursor": {"anchor": spot, "head": spot}}
    text = json.dumps(state, separators=(",", ":"))
    return b"\x01" + var_uint(client) + var_uint(clock + 1) + var_string(text)
