"""The plan for larger installations stands on what was measured, and its simulation on sense."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import pytest
from pydantic import TypeAdapter

from bench.cluster import FILE, Costs
from bench.scale import (
    FIRST_WAIT,
    LETTERS_PER_SECOND,
    NETWORK_SECONDS,
    PAGE,
    TYPING_SHARE,
    anywhere,
    come_back,
    demand,
    tables,
    together,
)


@pytest.fixture(scope="module")
def costs() -> Costs:
    """What was measured."""
    return TypeAdapter(Costs).validate_json(FILE.read_bytes())


def test_the_plan_shows_what_the_measured_costs_come_to(costs: Costs) -> None:
    """[BEN-4] `docs/scale.md` holds the tables that `python -m bench.scale` reckons now, from costs with a day."""
    assert tables(costs) in PAGE.read_text("utf-8")
    assert costs.measured["run"].startswith("20")
    assert all(value > 0 for name, value in vars_of(costs).items() if name != "postgres_edit_elsewhere_us")


def test_more_rooms_take_more_and_a_rooms_own_node_takes_less(costs: Costs) -> None:
    """[BEN-4] What is reckoned grows with the rooms, is spread as chance has it, and agrees with a sum done by hand."""
    few, many = (demand(rooms, anywhere, costs) for rooms in (1_000, 100_000))
    assert few.nodes < many.nodes
    assert 1.0 <= few.spread < many.spread < 3
    own = demand(100_000, together, costs)
    assert own.spread == pytest.approx(1.0)
    assert own.redis_cores == 0
    assert own.node_cores + own.postgres_cores < many.node_cores + many.postgres_cores
    assert own.commits == pytest.approx(100_000 * TYPING_SHARE * LETTERS_PER_SECOND)
    assert own.nodes * 0.6 >= own.node_cores or own.nodes >= math.ceil(100_000 * costs.room_bytes / 2**32)
    assert demand(100_000, anywhere, replace(costs, edit_from_elsewhere_us=0.0)).node_cores < many.node_cores


def test_connections_land_on_as_many_nodes_as_chance_says() -> None:
    """[BEN-4] Against the formula: n(1 - (1 - 1/n)^k) different nodes for k connections."""
    rng = random.Random(3)
    found = sum(anywhere(4, 10, rng) for _ in range(20_000)) / 20_000
    assert found == pytest.approx(10 * (1 - 0.9**4), rel=0.01)


def test_everybody_comes_back_and_cheap_joining_is_quick(costs: Costs) -> None:
    """[BEN-4] Nobody is forgotten; when joining costs nothing the first try does, and shedding bounds the wait of those
    who are in."""
    free = come_back(replace(costs, join_us=0.0), sheds=False)
    assert free.tries == pytest.approx(1.0)
    assert free.last_seconds <= FIRST_WAIT + NETWORK_SECONDS
    dear = replace(costs, join_us=50_000.0)
    let_in, refused = come_back(dear, sheds=False), come_back(dear, sheds=True)
    assert refused.worst_wait_seconds < let_in.worst_wait_seconds / 5
    assert refused.tries > 1
    assert let_in.last_seconds > free.last_seconds
    assert come_back(dear, sheds=True, seed=2) != refused


def vars_of(costs: Costs) -> dict[str, float]:
    """The numbers among the costs."""
    return {name: value for name in Costs.__slots__ if isinstance(value := getattr(costs, name), float)}
