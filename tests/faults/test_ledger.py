"""The books that faults and mutants are judged by: each number counts what it says, and nothing else."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from pycrdt import Doc, Text, merge_updates

from tests.faults.ledger import Ledger, Verdict, count_entries, judge
from tests.faults.writer import Place, Writer
from tests.servers import Someone

FIRST, SECOND = "<a.0>", "<a.1>"
SOUND = Ledger([1, 2], {FIRST: 11.0, SECOND: 21.0}, Counter((FIRST, SECOND)), FIRST + SECOND)
"""Two edits of one client, made at 10 and 20, committed a second later and called saved after another."""


def client(name: str, text: str = SOUND.text) -> Writer:
    someone = Someone("id", f"{name}@example.org", name, "token")
    made = Writer(0, someone, Place("case", "record"), "y-websocket", name)
    made._text += text
    made.shown.clear()
    return made


def everybody() -> tuple[Writer, Writer]:
    """Who wrote, and who was shown it."""
    writer, reader = client("a"), client("b")
    writer.made, writer.acknowledged = {FIRST: 10.0, SECOND: 20.0}, {FIRST: 12.0, SECOND: 22.0}
    reader.shown = {FIRST: 12.5, SECOND: 22.5}
    return writer, reader


def counted(verdict: Verdict) -> dict[str, float]:
    """What is wrong in it."""
    assert verdict.is_clean == (verdict.acknowledged > 0 and not verdict.wrong)
    return dict(verdict.wrong)


def test_nothing_is_wrong_with_sound_books() -> None:
    """[NODE-16]"""
    verdict = judge(SOUND, everybody())
    assert counted(verdict) == {}
    assert (verdict.acknowledged, verdict.worst_ack, verdict.worst_delivery) == (2, 2.0, 2.5)
    assert verdict.is_clean


@pytest.mark.parametrize(
    ("ledger", "wrong"),
    [
        (replace(SOUND, committed={FIRST: 11.0, SECOND: 22.2}), {"lost": 1}),
        (replace(SOUND, committed={FIRST: 11.0}), {"lost": 1, "early": 1}),
        (replace(SOUND, committed={FIRST: 11.0, SECOND: 23.0}), {"lost": 1, "early": 1}),
        (replace(SOUND, entries_of=Counter((FIRST, SECOND, SECOND))), {"again": 1}),
        (replace(SOUND, text=FIRST + SECOND + SECOND), {"doubled": 1, "differing": 2}),
        (replace(SOUND, seqs=[1, 3]), {"gaps": 1}),
    ],
)
def test_a_journal_that_is_wrong_is_found_out(ledger: Ledger, wrong: dict[str, float]) -> None:
    """[NODE-16] Committed after it was called saved, or after it was shown, or never; twice in it; with a gap."""
    verdict = judge(ledger, everybody())
    assert counted(verdict) == wrong
    assert not verdict.is_clean


def test_what_came_too_early_comes_again_with_what_it_stands_on_and_not_otherwise() -> None:
    """[NODE-16] [JRN-15] Three edits of one client; the last is journalled before the second, and then with it."""
    doc: Doc[Text] = Doc()
    text, heard = doc.get("t", type=Text), list[bytes]()
    doc.observe(lambda event: heard.append(event.update))
    for number in range(3):
        text += f"<a.{number}>"
    first, second, third = heard
    both = merge_updates(second, third)
    assert count_entries([first, second, third]) == Counter({"<a.0>": 1, "<a.1>": 1, "<a.2>": 1})
    assert count_entries([first, third, both]) == Counter({"<a.0>": 1, "<a.1>": 1, "<a.2>": 1})
    assert count_entries([first, third, both, third])["<a.2>"] == 2
    assert count_entries([first, second, third, both]) == Counter({"<a.0>": 1, "<a.1>": 2, "<a.2>": 2})
    assert count_entries([first, third, third, both])["<a.2>"] == 2


def test_clients_that_are_wrong_are_found_out() -> None:
    """[NODE-16] One that shows something else, one that was never told, and one that was refused."""
    writer, _ = everybody()
    del writer.acknowledged[SECOND]
    writer.trouble.append("refused")
    assert counted(judge(SOUND, [writer, client("b", FIRST)])) == {"differing": 1, "unsaved": 1, "trouble": 1}
