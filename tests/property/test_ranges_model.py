"""workspace.ranges against the plainest model there is: a set of (client, clock)."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import event, given
from hypothesis import strategies as st

from workspace.ids import ClientId
from workspace.ranges import MANY, Ranges
from workspace.update import ClientRange, encode_ranges, read_ranges

Range = tuple[ClientId, int, int]

CLOCKS = 40
clients = st.sampled_from([ClientId(7), ClientId(8), ClientId(2**53 - 1)])
ranges = st.builds(
    lambda client, start, length: (client, start, start + length),
    clients,
    st.integers(0, CLOCKS),
    st.integers(1, 12),
)


def clocks(added: list[Range]) -> set[tuple[ClientId, int]]:
    return {(client, clock) for client, start, end in added for clock in range(start, end)}


def check(found: Ranges, model: set[tuple[ClientId, int]], asked: Range) -> None:
    for _, spans in found:
        assert all(start < end for start, end in spans)
        assert all(left[1] < right[0] for left, right in pairwise(spans)), "sorted, disjoint and joined"
    assert clocks([(client, start, end) for client, spans in found for start, end in spans]) == model
    client, start, end = asked
    assert found.covers(client, start, end) == (clocks([asked]) <= model)
    assert found.contain([asked]) == found.covers(client, start, end)
    others = (ClientRange(*asked),)
    lacking = found.lacking(others)
    assert clocks(list(lacking)) == clocks([asked]) - model
    assert (lacking is others) == (clocks([asked]).isdisjoint(model))
    assert all(left[2] < right[1] for left, right in pairwise(lacking)), "in order, and no more than needed"
    head = next(clock for clock in range(CLOCKS * 2) if (client, clock) not in model)
    assert found.head(client) == head == found.heads().get(client, 0)
    of_client = {clock for who, clock in model if who == client}
    assert of_client == set(range(head)) or found.has_gaps


@given(st.lists(ranges, max_size=60), ranges)
def test_ranges_hold_exactly_what_was_added(added: list[Range], asked: Range) -> None:
    """[ROOM-19] [WIRE-7]"""
    found = Ranges()
    for each in added:
        found.add(*each)
    check(found, clocks(added), asked)
    event(f"gaps: {found.has_gaps}")


@given(st.lists(ranges, max_size=20), st.lists(ranges, min_size=1, max_size=20), ranges)
def test_adding_many_at_once_is_adding_each(first: list[Range], then: list[Range], asked: Range) -> None:
    """[ROOM-19] [WIRE-7] The quick way for large updates leads to the same place."""
    found, one_by_one = Ranges(), Ranges()
    for each in [*first, *then]:
        one_by_one.add(*each)
    found.add_all(first)
    many = sorted(then * (MANY // len(then) + 1))
    assert len(many) >= MANY
    found.add_all(many)
    assert found == one_by_one
    check(found, clocks([*first, *then]), asked)


@given(st.lists(ranges, max_size=30))
def test_ranges_survive_their_spelling(added: list[Range]) -> None:
    """[JRN-7] A snapshot spares its reader the parsing of what it holds."""
    found = Ranges()
    found.add_all(added)
    assert Ranges(read_ranges(encode_ranges(dict(found)))) == found
