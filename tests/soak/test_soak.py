"""A few seconds of `python -m tests.soak`, and that its scales move."""

from __future__ import annotations

from dataclasses import fields

import pytest

from tests.soak.__main__ import soak
from tests.soak.levels import Level

IDLE = Level(memory_mib=120.0, descriptors=30, tasks=12, sessions=0, rooms=0, database=3, redis=2)


@pytest.mark.timeout(200)
async def test_what_comes_and_goes_leaves_nothing_behind(capsys: pytest.CaptureFixture[str]) -> None:
    """[NODE-17] Too short to show a small leak of memory; long enough for a socket, a task or a room that stays."""
    lines: list[str] = []
    is_well = await soak(15, lines.append, warm_seconds=5, idle_seconds=3)
    with capsys.disabled():
        print("\n" + "\n".join(lines))
    assert is_well, lines


def test_what_came_back_is_within_what_is_allowed() -> None:
    """[NODE-17]"""
    assert IDLE.beyond(IDLE.allowed()) == {}


@pytest.mark.parametrize(
    ("what", "found"),
    [
        ("memory_mib", 150.0),
        ("descriptors", 53),
        ("tasks", 16),
        ("sessions", 1),
        ("rooms", 1),
        ("database", 9),
        ("redis", 12),
    ],
)
def test_what_stays_is_named(what: str, found: float) -> None:
    """[NODE-17] A test that cannot fail proves nothing."""
    assert what in {each.name for each in fields(Level)}
    held = {each.name: getattr(IDLE, each.name) for each in fields(Level)}
    left = Level(**(held | {what: found}))
    assert left.beyond(IDLE.allowed()) == {what: (found, getattr(IDLE.allowed(), what))}
