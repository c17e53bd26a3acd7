"""workspace.sittings: entries as people remember them."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest

from workspace.entries import Mark
from workspace.ids import Millis, PersonId, Seq
from workspace.sittings import LONGEST_MILLIS, MOST_ENTRIES, PAUSE_MILLIS, TOGETHER_MILLIS, Sittings

ADA, BEN, CLEO = (PersonId(letter * 16) for letter in "abc")
SECOND = 1_000


def sat(*entries: tuple[PersonId, int]) -> Sittings:
    """Sittings of entries that were made by somebody at a time, each of 10 bytes."""
    found = Sittings()
    found.take(Mark(Seq(seq), who, Millis(at), 10) for seq, (who, at) in enumerate(entries, 1))
    return found


def brief(found: Sittings) -> list[tuple[str, int, int]]:
    return [("".join(who[0] for who, _ in each.edits), each.first, each.last) for each in found.all]


def test_a_persons_neighbouring_entries_are_one_sitting() -> None:
    """[HIS-2] Until somebody else writes, or after a pause."""
    found = sat((ADA, 0), (ADA, 1), (ADA, PAUSE_MILLIS), (ADA, 2 * PAUSE_MILLIS), (BEN, 2 * PAUSE_MILLIS + 1))
    assert brief(found) == [("a", 1, 3), ("a", 4, 4), ("b", 5, 5)]
    first = found.all[0]
    assert (first.begun, first.ended, first.size, first.count, first.edits) == (0, PAUSE_MILLIS, 30, 3, ((ADA, 3),))
    assert found.reached == 5


def test_one_after_the_other_are_two_sittings() -> None:
    """[HIS-2] However close: each is a step of its own."""
    assert brief(sat((ADA, 0), (ADA, 1), (BEN, 2), (BEN, 3))) == [("a", 1, 2), ("b", 3, 4)]


def test_people_who_take_turns_write_together() -> None:
    """[HIS-2] Two, or three, typing at once do not make a sitting of every letter."""
    turns = [((ADA, BEN, CLEO)[number % 3], number * SECOND) for number in range(300)]
    found = sat(*turns)
    assert brief(found) == [("abc", 1, 300)]
    assert found.all[0].edits == ((ADA, 100), (BEN, 100), (CLEO, 100))
    assert found.all[0].size == 3_000


def test_who_comes_back_later_begins_anew() -> None:
    """[HIS-2] A minute after their last word, if others wrote since."""
    soon, late = TOGETHER_MILLIS - 1, TOGETHER_MILLIS
    assert brief(sat((ADA, 0), (BEN, 1), (ADA, soon))) == [("ab", 1, 3)]
    assert brief(sat((ADA, 0), (BEN, 1), (ADA, late))) == [("a", 1, 1), ("b", 2, 2), ("a", 3, 3)]


def test_nobody_loses_a_morning_in_one_step() -> None:
    """[HIS-2] A sitting is bounded in time and in entries."""
    steady = [(ADA, number * 10 * SECOND) for number in range(720)]  # two hours
    found = sat(*steady)
    assert len(found.all) == 4
    assert all(each.ended - each.begun < LONGEST_MILLIS for each in found.all)
    trace = sat(*[(ADA, 0)] * (3 * MOST_ENTRIES))
    assert [each.count for each in trace.all] == [MOST_ENTRIES] * 3


def test_a_clock_that_was_put_back_ends_nothing_earlier() -> None:
    """[HIS-2] It is the order of the journal that counts."""
    found = sat((ADA, 10_000), (ADA, 2_000), (BEN, 0), (ADA, 1))
    assert brief(found) == [("ab", 1, 4)]
    assert found.all[0].ended == 10_000


@pytest.mark.parametrize("cut", [1, 2, 7, 499])
def test_in_portions_or_at_once_is_the_same(cut: int) -> None:
    """[HIS-2] And every entry is in exactly one sitting."""
    rng, at, entries = Random(4), 0, []
    for _ in range(500):
        at += rng.choice((500, 2_000, 30_000, 90_000, 2 * PAUSE_MILLIS))
        entries.append((rng.choice((ADA, ADA, BEN, CLEO)), at))
    whole, parts = sat(*entries), Sittings()
    marks = [Mark(Seq(seq), who, Millis(at), 10) for seq, (who, at) in enumerate(entries, 1)]
    for start in range(0, len(marks), cut):
        parts.take(marks[start : start + cut])
    assert parts.all == whole.all
    assert len(whole.all) > 20
    assert (whole.all[0].first, whole.all[-1].last) == (1, 500)
    assert all(left.last + 1 == right.first for left, right in pairwise(whole.all))
    assert all(sum(edits for _, edits in each.edits) == each.count for each in whole.all)
