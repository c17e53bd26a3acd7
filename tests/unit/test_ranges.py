"""workspace.ranges: which clocks are held."""

from __future__ import annotations

import pytest

from workspace.ids import ClientId
from workspace.ranges import MANY, Ranges, Span

ADA, BEN = ClientId(7), ClientId(8)


def held(*spans: Span) -> Ranges:
    ranges = Ranges()
    for start, end in spans:
        ranges.add(ADA, start, end)
    return ranges


@pytest.mark.parametrize(
    ("added", "spans"),
    [
        ([(0, 5), (5, 9)], [(0, 9)]),
        ([(5, 9), (0, 5)], [(0, 9)]),
        ([(0, 5), (6, 9)], [(0, 5), (6, 9)]),
        ([(6, 9), (0, 5)], [(0, 5), (6, 9)]),
        ([(0, 5), (6, 9), (5, 6)], [(0, 9)]),
        ([(0, 2), (4, 6), (8, 10), (1, 9)], [(0, 10)]),
        ([(0, 2), (4, 6), (8, 10), (4, 5)], [(0, 2), (4, 6), (8, 10)]),
        ([(4, 6), (3, 7)], [(3, 7)]),
        ([(3, 7), (4, 6)], [(3, 7)]),
    ],
)
def test_spans_are_sorted_disjoint_and_joined(added: list[Span], spans: list[Span]) -> None:
    """[WIRE-7]"""
    assert dict(held(*added)) == {ADA: spans}


def test_a_span_is_covered_only_as_a_whole() -> None:
    """[ROOM-19] What is half new is new."""
    ranges = held((0, 5), (7, 9))
    assert ranges.covers(ADA, 0, 5)
    assert ranges.covers(ADA, 2, 3)
    assert not ranges.covers(ADA, 0, 6)
    assert not ranges.covers(ADA, 4, 8)
    assert not ranges.covers(ADA, 5, 7)
    assert not ranges.covers(BEN, 0, 1)
    assert ranges.contain([(ADA, 1, 2), (ADA, 7, 9)])
    assert not ranges.contain([(ADA, 1, 2), (BEN, 0, 1)])
    assert ranges.contain([])


def test_a_state_vector_counts_to_the_first_hole() -> None:
    """[ROOM-6]"""
    ranges = held((0, 5), (7, 9))
    ranges.add(BEN, 3, 4)
    assert ranges.head(ADA) == 5
    assert ranges.head(BEN) == 0
    assert ranges.head(ClientId(9)) == 0
    assert ranges.heads() == {ADA: 5}


def test_gaps_are_seen_wherever_they_are() -> None:
    """[JRN-12] A `Doc` must not be asked for what it holds back."""
    assert not Ranges().has_gaps
    assert not held((0, 5)).has_gaps
    assert held((1, 5)).has_gaps
    assert held((0, 5), (6, 7)).has_gaps


def test_a_copy_is_independent() -> None:
    """[JRN-13] A thread works on it while the room goes on."""
    ranges = held((0, 5))
    copy = ranges.copy()
    ranges.add(ADA, 5, 6)
    ranges.add(BEN, 0, 1)
    assert dict(copy) == {ADA: [(0, 5)]}
    assert copy != ranges
    assert copy == held((0, 5))


def test_ranges_are_no_keys() -> None:
    with pytest.raises(TypeError):
        hash(Ranges())


def test_many_new_spans_between_held_ones_cost_no_more_than_they_are() -> None:
    """[ROOM-9] Added one by one, each would move the rest of the list: a million of them froze every room for
    minutes, at each opening again. Counted in comparisons, not in seconds."""
    compared = 0

    class Clock(int):
        def __lt__(self, other: int) -> bool:
            nonlocal compared
            compared += 1
            return int(self) < int(other)

    size = 40 * MANY
    ranges = Ranges()
    ranges.add_all([(ADA, Clock(4 * n), Clock(4 * n + 1)) for n in range(size)])
    ranges.add_all([(ADA, Clock(4 * n + 2), Clock(4 * n + 3)) for n in range(size)])
    ((client, spans),) = ranges
    assert client == ADA
    assert spans == [(2 * n, 2 * n + 1) for n in range(2 * size)]
    assert compared < 10 * size
