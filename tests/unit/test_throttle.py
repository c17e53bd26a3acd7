"""server.throttle."""

from __future__ import annotations

import pytest

from server.throttle import MOST_KEYS, Rate, Throttle, network_of
from workspace.errors import TooMany
from workspace.ids import Millis


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000

    def __call__(self) -> Millis:
        return Millis(self.now)


def tries(throttle: Throttle, key: str, rate: Rate) -> int:
    """How many tries are taken now."""
    for count in range(1_000):
        try:
            throttle.spend(key, rate)
        except TooMany:
            return count
    return 1_000


def test_as_many_at_once_as_a_minute_brings() -> None:
    """[AUT-4]"""
    clock = Clock()
    throttle, rate = Throttle(clock), Rate(10)
    assert tries(throttle, "ada", rate) == 10
    assert tries(throttle, "ben", rate) == 10
    clock.now += 6_000
    assert tries(throttle, "ada", rate) == 1
    clock.now += 60_000
    assert tries(throttle, "ada", rate) == 10


def test_it_says_how_long_to_wait_and_keeps_its_word() -> None:
    """[AUT-4] A refused try is not counted: whoever waits gets in."""
    clock = Clock()
    throttle, rate = Throttle(clock), Rate(10)
    tries(throttle, "ada", rate)
    clock.now += 1_500
    with pytest.raises(TooMany) as refused:
        throttle.spend("ada", rate)
    assert refused.value.retry_after_seconds == 5
    clock.now += 4_500
    throttle.spend("ada", rate)


def test_a_forgiven_try_was_none() -> None:
    """[AUT-4]"""
    throttle, rate = Throttle(Clock()), Rate(3)
    for _ in range(20):
        throttle.spend("ada", rate)
        throttle.forgive("ada", rate)
    assert tries(throttle, "ada", rate) == 3


def test_a_clock_that_was_set_back_locks_out_for_a_minute_at_most() -> None:
    """[CLK-2] Not until it is again what it was."""
    clock = Clock()
    throttle, rate = Throttle(clock), Rate(10)
    clock.now += 86_400_000
    assert tries(throttle, "ada", rate) == 10
    clock.now -= 86_400_000
    assert tries(throttle, "ada", rate) == 0
    clock.now += 60_000
    assert tries(throttle, "ada", rate) == 10


def test_memory_is_bounded_and_the_busy_are_remembered() -> None:
    """[AUT-4]"""
    throttle, rate = Throttle(Clock()), Rate(3)
    assert tries(throttle, "ada", rate) == 3
    for number in range(MOST_KEYS - 1):
        throttle.spend(number, rate)
    assert tries(throttle, "ada", rate) == 0
    assert len(throttle._empty_at) == MOST_KEYS
    throttle.spend("one more", rate)
    assert len(throttle._empty_at) == MOST_KEYS


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        (None, ""),
        ("testclient", "testclient"),
    ],
)
def test_an_address_is_what_one_customer_holds(host: str | None, network: str) -> None:
    """[AUT-4]"""
    assert network_of(host) == network
