"""workspace.pace: how fast a client may speak."""

from __future__ import annotations

from workspace.messages import Awareness, SyncStep1, SyncStep2, Update
from workspace.pace import Pace, price_of


def allowed(pace: Pace, now: float, tries: int = 1_000) -> int:
    return sum(pace.allows(now) for _ in range(tries))


def test_a_burst_is_allowed_and_no_more() -> None:
    """[ROOM-9]"""
    assert allowed(Pace(rate=10, burst=30, now=100.0), 100.0) == 30


def test_the_average_counts_afterwards() -> None:
    """[ROOM-9]"""
    pace = Pace(rate=8, burst=30, now=100.0)
    allowed(pace, 100.0)
    assert allowed(pace, 100.0625) == 0
    assert allowed(pace, 100.125) == 1
    assert allowed(pace, 102.125) == 16
    assert sum(pace.allows(102.125 + eighth / 8) for eighth in range(1, 101)) == 100


def test_silence_saves_up_no_more_than_a_burst() -> None:
    """[ROOM-9]"""
    pace = Pace(rate=10, burst=30, now=0.0)
    assert allowed(pace, 1_000_000.0) == 30


def test_being_refused_costs_nothing() -> None:
    """[ROOM-9] Who goes on too fast is served at the average, not never."""
    pace = Pace(rate=8, burst=1, now=0.0)
    pace.allows(0.0)
    assert sum(pace.allows(tick / 128) for tick in range(1, 1_281)) == 80


def test_what_costs_more_counts_more() -> None:
    """[ROOM-9] Questions about a whole document and large updates use a burst up sooner."""
    assert price_of(Awareness(b"")) == 1
    assert price_of(Update(b"a letter")) == 1
    assert price_of(SyncStep1(b"")) == 5
    assert price_of(SyncStep2(bytes(1024 * 1024))) == price_of(Update(bytes(1024 * 1024))) == 33
    pace = Pace(rate=10, burst=30, now=0.0)
    assert sum(pace.allows(0.0, price=5) for _ in range(100)) == 6


def test_what_costs_more_than_a_burst_is_allowed_after_silence() -> None:
    """[ROOM-9] The largest update is not refused for ever."""
    pace = Pace(rate=10, burst=30, now=0.0)
    assert pace.allows(0.0, price=1_000)
    assert not pace.allows(2.9, price=1_000)
    assert pace.allows(6.0, price=1_000)
