"""workspace.session: a seat, and the answers it is owed."""

from __future__ import annotations

import pytest

from tests.unit.scene import ADA, BEN, person
from workspace.case import Role
from workspace.errors import DocumentFull, ForeignClient
from workspace.ids import SessionId
from workspace.messages import Accepted, Refused
from workspace.session import COLOURS, Session, card_of


def seat() -> Session:
    return Session(SessionId(1), ADA, card_of(ADA, Role.LEAD), may_write=True, hears_refusals=True)


def test_a_card_says_who_somebody_is() -> None:
    """[AWR-1]"""
    card = card_of(ADA, Role.LEAD)
    assert card == {"id": ADA.id, "name": "Dr A", "role": "lead", "color": card["color"]}
    assert card_of(ADA, None)["role"] == ""


def test_a_colour_follows_from_the_id_alone() -> None:
    """[AWR-1] It is the same everywhere and for ever, and not one for all."""
    assert card_of(ADA, Role.LEAD)["color"] == card_of(ADA, Role.OBSERVER)["color"] == "#be123c"
    assert len({card_of(person(letter), None)["color"] for letter in "abcdefghijklmnop"}) > 4


@pytest.mark.parametrize("colour", COLOURS)
def test_a_name_can_be_read_on_its_colour(colour: str) -> None:
    """[AWR-1] White on it has a contrast of at least 4.5 (WCAG 2.2 §1.4.3)."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    assert 1.05 / (luminance + 0.05) >= 4.5


def test_answers_keep_the_order_of_the_questions() -> None:
    """[ROOM-2] What was decided second waits for the first."""
    session = seat()
    first, full = session.expect_answer("waiting"), DocumentFull()
    session.expect_answer(full)
    last = session.expect_answer("waiting")
    assert session.due_answers() == []
    first.verdict = "accepted"
    assert session.due_answers() == [Accepted(1), Refused(full)]
    assert session.due_answers() == []
    last.verdict = "accepted"
    assert session.due_answers() == [Accepted(1)]
    assert not session.answers


def test_neighbouring_acceptances_are_counted_in_one_message() -> None:
    """[ROOM-2] Each is counted, none is skipped, and a refusal keeps its place."""
    session = seat()
    foreign = ForeignClient()
    for verdict in ("accepted", "accepted", foreign, "accepted", "accepted", "accepted", foreign):
        session.expect_answer(verdict)
    assert session.due_answers() == [Accepted(2), Refused(foreign), Accepted(3), Refused(foreign)]


def test_a_session_speaks_with_its_person_s_card() -> None:
    """[AWR-1]"""
    session = Session(SessionId(9), BEN, card_of(BEN, Role.OBSERVER), may_write=False, hears_refusals=True)
    assert (session.speaker.session, session.speaker.person) == (9, BEN.id)
    assert session.speaker.card["name"] == "Dr B"
