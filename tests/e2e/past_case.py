"""A case with a past: written by several people on several days, with two moments that have a name."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from pycrdt import Doc, Map, XmlElement, XmlFragment, XmlText

from server.demo import FictionalCase
from server.demo_record import record_from
from storage.ports import LastSeen, NamedVersion, NewCase, Stores
from workspace.case import CaseState, Role
from workspace.entries import Append, Entry
from workspace.ids import ClientId, DocumentId, DocumentKind, DocumentName, Millis, OpId, PersonId, Seq, UpdateBytes

PAST = FictionalCase(
    "past",
    "Weight loss, night sweats and a mediastinal mass",
    {"jonas": Role.LEAD, "amara": Role.CONTRIBUTOR, "meihua": Role.CONTRIBUTOR, "rafael": Role.OBSERVER},
)
RECORD = DocumentName(DocumentKind.RECORD.value)
MINUTE, HOUR = 60_000, 3_600_000
TEXT = """# summary

A 34-year-old nurse lost 9 kg in three months and sweats at night. The chest film shows a wide mediastinum.

# impression

Lymphoma is likely. Tuberculosis has to be ruled out first.

# plan

Start steroids today.

Biopsy of the mediastinal mass.

CT of chest and abdomen.
"""

Change = Callable[[Doc[Any]], None]


def _text(doc: Doc[Any], section: str, block: int) -> XmlText:
    paragraph = doc.get(section, type=XmlFragment).children[block]
    assert isinstance(paragraph, XmlElement)
    text = paragraph.children[0]
    assert isinstance(text, XmlText)
    return text


def replace(section: str, block: int, old: str, new: str) -> Change:
    """Words in place of others."""

    def change(doc: Doc[Any]) -> None:
        text = _text(doc, section, block)
        at = str(text).encode().index(old.encode())
        del text[at : at + len(old.encode())]
        if new:
            text.insert(at, new)

    return change


def add(section: str, *words: str) -> Change:
    """Paragraphs at the end of a section."""

    def change(doc: Doc[Any]) -> None:
        for each in words:
            doc.get(section, type=XmlFragment).children.append(XmlElement("paragraph")).children.append(XmlText(each))

    return change


def remove(section: str, block: int) -> Change:
    """A paragraph goes."""

    def change(doc: Doc[Any]) -> None:
        del doc.get(section, type=XmlFragment).children[block]

    return change


def ask(question: str) -> Change:
    """The question for the room."""

    def change(doc: Doc[Any]) -> None:
        doc.get("head", type=Map)["question"] = question

    return change


EDITS = (
    ("jonas", 70 * HOUR, ask("Biopsy before or after the first steroids?")),
    ("jonas", 70 * HOUR - MINUTE, add("history", "No fever at home. Born in Goa, last visit two years ago.")),
    ("amara", 52 * HOUR, replace("plan", 0, "Start steroids today.", "No steroids before the biopsy.")),
    (
        "amara",
        52 * HOUR - MINUTE,
        add("examination", "Temp 37.8 °C, pulse 96. Firm node of 2 cm above the left clavicle."),
    ),
    ("meihua", 52 * HOUR - 90_000, replace("impression", 0, "Lymphoma is likely.", "Hodgkin lymphoma is likely.")),
    ("jonas", 27 * HOUR, add("investigations", "LDH 412 U/l (135–225), ESR 88 mm/h, HIV negative, IGRA negative.")),
    ("jonas", 27 * HOUR - MINUTE, replace("impression", 0, " Tuberculosis has to be ruled out first.", "")),
    (
        "meihua",
        3 * HOUR,
        add("imaging", "CT: anterior mediastinal mass of 9 × 6 cm, nodes at both hila, spleen normal."),
    ),
    ("meihua", 3 * HOUR - MINUTE, remove("plan", 2)),
    (
        "jonas",
        3 * HOUR - 2 * MINUTE,
        replace("plan", 1, "mediastinal mass", "left supraclavicular node, Thursday 08:30"),
    ),
    ("jonas", 3 * HOUR - 3 * MINUTE, ask("ABVD or escalated BEACOPP, and who tells her?")),
)
"""Who, how long before now, and what."""
NAMED = ((5, "Before the biopsy", "amara"), (8, "Tumour board, Monday", "jonas"))


async def write_past(stores: Stores, people: Mapping[str, PersonId], now: Millis) -> None:
    """The case, its edits, its named moments; Amara last saw it yesterday."""
    begun = Millis(now - 71 * HOUR)
    seeds = {RECORD: record_from(TEXT)}
    await stores.cases.create(NewCase(PAST.id, PAST.title, people["jonas"], CaseState.OPEN, begun, seeds))
    for key, role in PAST.members.items():
        await stores.cases.set_member(PAST.id, people[key], role, begun)
    document = DocumentId(PAST.id, RECORD)
    state = seeds[RECORD]
    for number, (who, before, change) in enumerate(EDITS):
        client = ClientId(1000 + sorted(PAST.members).index(who))
        doc: Doc[Any] = Doc(client_id=client)
        doc.apply_update(state)
        known = doc.get_state()
        with doc.transaction():
            change(doc)
        update = UpdateBytes(doc.get_update(known))
        clients = frozenset({client})
        append = Append(OpId(os.urandom(16)), document, update, people[who], clients, Millis(now - before))
        [entry] = await stores.journal.append([append])
        assert isinstance(entry, Entry), number
        state = UpdateBytes(doc.get_update())
    for seq, name, who in NAMED:
        await stores.versions.name(document, NamedVersion(Seq(seq), name, people[who], Millis(now - 26 * HOUR)))
    await stores.versions.see(document, people["amara"], LastSeen(Seq(8), Millis(now - 26 * HOUR)))
