"""What a larger installation would take, reckoned from `costs.json`, and a simulation of what cannot be measured here:
where people's connections land on many nodes, and how they come back when one of the nodes dies.

`python -m bench.scale --record` puts its tables into `docs/scale.md`. The same costs and seed give the same tables.
"""

from __future__ import annotations

import argparse
import heapq
import math
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from bench.cluster import FILE, Costs

PAGE = Path(__file__).resolve().parent.parent / "docs" / "scale.md"
BEGIN, END = "<!-- reckoned: begin -->\n", "<!-- reckoned: end -->\n"

SIZES = (10_000, 100_000, 1_000_000)
PEOPLE = (1, 1, 1, 2, 2, 2, 3, 4, 5, 8)
"""Sessions in an open room; each as likely as the other. The mean is 2.9."""
TYPING_SHARE = 0.1
"""Of the open rooms, those in which somebody types at this moment."""
LETTERS_PER_SECOND = 4.0
FULL_SHARE = 0.6
"""Of a core, what is planned to be used: the rest is for the hour when it is needed."""
NODE_BYTES = 4 * 2**30
"""Memory of a node beside what its process takes when it is empty."""
EMPTY_NODE_BYTES = 130 * 2**20
"""That, with the child that reads records beside it: what a node took before the first room was opened."""
SAMPLED_ROOMS = 20_000
WORKING_HOURS_A_YEAR = 250 * 8
"""In which rooms are as busy as above."""

Placement = Callable[[int, int, random.Random], int]
"""On how many nodes a room's so many sessions are, of so many nodes."""


def anywhere(sessions: int, nodes: int, rng: random.Random) -> int:
    """Any balancer: each connection goes to any node."""
    return len({rng.randrange(nodes) for _ in range(sessions)})


def together(sessions: int, nodes: int, rng: random.Random) -> int:
    """A balancer that knows the case in the address and sends all of its connections to one node."""
    del sessions, nodes, rng
    return 1


@dataclass(frozen=True, slots=True)
class Demand:
    """What an installation asks of its parts, in cores unless it says otherwise."""

    rooms: int
    nodes: int
    """Processes of one core each."""
    spread: float
    """On how many nodes a room is, on average."""
    node_cores: float
    postgres_cores: float
    heads_cores: float
    """The part of PostgreSQL's that goes into the comparing of heads."""
    redis_cores: float
    commits: float
    """Edits per second."""
    wal_megabytes: float
    """Per second."""
    terabytes_a_year: float
    room_gibibytes: float
    """Of all nodes, beside what their processes take when they are empty."""

    @property
    def cores_per_thousand_rooms(self) -> float:
        """All parts."""
        return (self.node_cores + self.postgres_cores + self.redis_cores) / self.rooms * 1_000

    @property
    def gibibytes_per_thousand_rooms(self) -> float:
        """Of the nodes."""
        return (self.room_gibibytes + self.nodes * EMPTY_NODE_BYTES / 2**30) / self.rooms * 1_000


def demand(rooms: int, placement: Placement, costs: Costs, seed: int = 1) -> Demand:
    """Reckon until the number of nodes agrees with the spread that it leads to."""
    nodes = 1
    while True:
        found = _demand(rooms, nodes, placement, costs, seed)
        bytes_ = rooms * found.spread * costs.room_bytes
        needed = max(math.ceil(found.node_cores / FULL_SHARE), math.ceil(bytes_ / NODE_BYTES), 1)
        if needed <= nodes:
            return found
        nodes = needed


def _demand(rooms: int, nodes: int, placement: Placement, costs: Costs, seed: int) -> Demand:
    rng = random.Random(seed)
    sample = min(rooms, SAMPLED_ROOMS)
    deliveries = elsewhere = spread = 0.0
    for _ in range(sample):
        sessions = rng.choice(PEOPLE)
        on = placement(sessions, nodes, rng)
        spread += on / sample
        elsewhere += (on - 1) / sample
        # Each other person gets the letter and the cursor; the first one on another node is part of hearing of it.
        deliveries += max(0, sessions - on) * 2 / sample
    edits = rooms * TYPING_SHARE * LETTERS_PER_SECOND
    per_edit_us = (
        costs.edit_alone_postgres_us + deliveries * costs.delivery_us + elsewhere * costs.edit_from_elsewhere_us
    )
    heads_us = rooms * spread * costs.idle_room_postgres_us
    return Demand(
        rooms=rooms,
        nodes=nodes,
        spread=spread,
        node_cores=(edits * per_edit_us + rooms * spread * costs.idle_room_us) / 1e6,
        postgres_cores=(edits * (costs.postgres_edit_busy_us + elsewhere * costs.postgres_edit_elsewhere_us) + heads_us)
        / 1e6,
        heads_cores=heads_us / 1e6,
        redis_cores=edits * elsewhere * costs.redis_edit_us / 1e6,
        commits=edits,
        wal_megabytes=edits * costs.wal_bytes / 1e6,
        terabytes_a_year=edits * costs.entry_bytes * WORKING_HOURS_A_YEAR * 3_600 / 1e12,
        room_gibibytes=rooms * spread * costs.room_bytes / 2**30,
    )


NODES, SESSIONS_PER_NODE = 20, 10_000
BUSY_SHARE = 0.45
"""Of each node's core, what those take who are in."""
FIRST_WAIT, LONGEST_WAIT = 1.0, 30.0
"""Seconds. `@hocuspocus/provider` 4.8 tries first one second after the loss; then it waits between one second and a
limit that doubles with each try, up to the longest."""
NETWORK_SECONDS = 0.25
"""Within which the loss is noticed by everybody."""
PATIENCE = 30.0
"""Seconds after which it takes a silent socket for dead and tries again."""
FULL_QUEUE = 0.5
"""Seconds of joining that wait on a node from which on it refuses newcomers, where it sheds load."""
REFUSAL_US = 150.0
"""What saying no costs: an assumption, about a tenth of saying yes."""


@dataclass(frozen=True, slots=True)
class Return:
    """How the people of a dead node came back."""

    half_seconds: float
    last_seconds: float
    tries: float
    """Per person."""
    worst_wait_seconds: float
    """The longest that an edit of somebody who was in waited behind the newcomers on its node."""


def come_back(costs: Costs, *, sheds: bool, seed: int = 1) -> Return:
    """One of the nodes dies at 0; its sessions try again until each is in. Events: a client's tries, in order of time.

    A node works on one thing after the other and has, of each second, what those who are in leave. Whoever is not let
    in within their patience goes away and tries again; the node has done the work for nothing.
    """
    rng = random.Random(seed)
    free_at = [0.0] * (NODES - 1)
    join_seconds = costs.join_us / 1e6 / (1 - BUSY_SHARE)
    refuse_seconds = REFUSAL_US / 1e6 / (1 - BUSY_SHARE)
    tries: list[tuple[float, int, int]] = []
    for client in range(SESSIONS_PER_NODE):
        heapq.heappush(tries, (FIRST_WAIT + rng.random() * NETWORK_SECONDS, client, 1))
    back: list[float] = []
    total, worst = 0, 0.0
    while tries:
        at, client, attempt = heapq.heappop(tries)
        total += 1
        node = rng.randrange(len(free_at))
        waiting = max(0.0, free_at[node] - at)
        again = (at + _wait(attempt, rng), client, attempt + 1)
        if sheds and waiting > FULL_QUEUE:
            free_at[node] = at + waiting + refuse_seconds
            heapq.heappush(tries, again)
        else:
            free_at[node] = at + waiting + join_seconds
            if waiting + join_seconds <= PATIENCE:
                back.append(free_at[node])
            else:
                heapq.heappush(tries, (again[0] + PATIENCE, client, attempt + 1))
        worst = max(worst, free_at[node] - at)
    back.sort()
    return Return(back[len(back) // 2], back[-1], total / SESSIONS_PER_NODE, worst)


def _wait(attempt: int, rng: random.Random) -> float:
    return rng.uniform(FIRST_WAIT, min(LONGEST_WAIT, FIRST_WAIT * 2**attempt))


def tables(costs: Costs) -> str:
    """Markdown."""
    return "\n".join([*_cost_table(costs), "", *_demand_table(costs), "", *_return_table(costs), ""])


def _cost_table(costs: Costs) -> Iterator[str]:
    yield "| what was measured | |"
    yield "|---|---:|"
    for words, value, unit in (
        ("A node takes in an edit, on SQLite", costs.edit_alone_us, "µs"),
        ("A node takes in an edit, on PostgreSQL", costs.edit_alone_postgres_us, "µs"),
        ("A node writes one edit or cursor to one more person", costs.delivery_us, "µs"),
        ("A second node hears of an edit, reads it and shows it", costs.edit_from_elsewhere_us, "µs"),
        ("PostgreSQL commits an edit when few come together", costs.postgres_edit_us, "µs"),
        ("PostgreSQL commits an edit when many come together", costs.postgres_edit_busy_us, "µs"),
        ("PostgreSQL lets a second node read an edit", costs.postgres_edit_elsewhere_us, "µs"),
        ("Redis carries bell and cursor of an edit to a second node", costs.redis_edit_us, "µs"),
        ("A node lets a person in", costs.join_us, "µs"),
        ("A node keeps a room in which nothing happens, each second", costs.idle_room_us, "µs"),
        ("PostgreSQL's part of that: the comparing of heads", costs.idle_room_postgres_us, "µs"),
        ("Memory of a room with one person", costs.room_bytes / 1024, "KiB"),
        ("A letter in PostgreSQL's tables", costs.entry_bytes, "bytes"),
        ("A letter in its write-ahead log, when few come together", costs.wal_bytes, "bytes"),
    ):
        yield f"| {words} | {value:,.0f} {unit} |"


def _demand_table(costs: Costs) -> Iterator[str]:
    titles = ("open rooms", "connections go", "nodes", "a room is on", "node cores", "PostgreSQL cores", "of it heads")
    more = ("Redis cores", "commits/s", "log MB/s", "TB a year", "cores per 1,000 rooms", "GiB per 1,000")
    yield f"| {' | '.join(titles + more)} |"
    yield "|---:|---|" + "---:|" * 11
    for rooms in SIZES:
        for words, placement in (("anywhere", anywhere), ("to the room's node", together)):
            d = demand(rooms, placement, costs)
            cells = (f"{rooms:,}", words, f"{d.nodes:,}", f"{d.spread:.2f} nodes", f"{d.node_cores:,.1f}")
            parts = (f"{d.postgres_cores:,.1f}", f"{d.heads_cores:,.1f}", f"{d.redis_cores:,.2f}", f"{d.commits:,.0f}")
            rest = (f"{d.wal_megabytes:,.0f}", f"{d.terabytes_a_year:,.1f}", f"{d.cores_per_thousand_rooms:.2f}")
            memory = (f"{d.gibibytes_per_thousand_rooms:.2f}",)
            yield f"| {' | '.join(cells + parts + rest + memory)} |"


def _return_table(costs: Costs) -> Iterator[str]:
    event = f"one of {NODES} nodes with {SESSIONS_PER_NODE:,} sessions each dies"
    yield f"| {event} | half are back after | all after | tries each | an edit of others waits at most |"
    yield "|---|---:|---:|---:|---:|"
    for words, sheds in (("newcomers are refused while too many wait", True), ("everybody is let in", False)):
        r = come_back(costs, sheds=sheds)
        times = (
            f"{r.half_seconds:.1f} s",
            f"{r.last_seconds:.1f} s",
            f"{r.tries:.1f}",
            f"{r.worst_wait_seconds:.1f} s",
        )
        yield f"| {' | '.join((words, *times))} |"


def main(words: Sequence[str] | None = None) -> int:
    """Reckon, print, and keep."""
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    parser.add_argument("--record", action="store_true", help="put the tables into docs/scale.md")
    arguments = parser.parse_args(words)
    text = tables(TypeAdapter(Costs).validate_json(FILE.read_bytes()))
    if arguments.record:
        before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}\n{text}\n{END}{rest.partition(END)[2]}", "utf-8")
    sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
