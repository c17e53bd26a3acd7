"""What each part of a cluster costs, measured on real parts: `python -m bench.cluster --record` writes `costs.json`.

`docs/scale.md` and the simulation in `bench/scale.py` reckon with these numbers. CPU is read per process, so a machine
that does other things beside makes them at most a little larger.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from bench.gauge import cpu_seconds
from bench.machine import describe
from bench.people import Person
from bench.scenarios import Cores, perform
from bench.servers import BENCH, Consilium
from bench.tasks import Door, Idle, Idled, Place, Typed, Typing
from storage.ports import Journal
from storage.stores import open_stores
from tests.postgres import Postgres, running_postgres
from tests.redis_server import RedisServer, redis_server
from tests.servers import People, RunningServer, Someone, add_people, start_server
from workspace.entries import Append
from workspace.ids import ClientId, Millis, OpId, PersonId, UpdateBytes, parse_document_id

FILE = BENCH / "costs.json"
ROOMS = 48
"""In each of which one person types, in every layout: a node that is busier gathers more, so only layouts with the same
edits may be compared."""
KEYSTROKES_PER_SECOND = 8.0
WARM_UP_SECONDS, SECONDS = 3.0, 15.0
IDLE_ROOMS, WATCH_SECONDS = 400, 15.0
BUSY_ROOMS, WRITERS = 20, 200
"""Appends under way at once when the journal alone is measured: as many as a busy node has."""
APPENDS = 20_000
ANYWHERE = Cores((), ())


@dataclass(frozen=True, slots=True)
class Costs:
    """CPU in microseconds, sizes in bytes. An edit is one letter, journalled, with the cursor that moved with it."""

    edit_alone_us: float
    """A node takes in an edit of somebody who is alone in the room; the journal is SQLite."""
    edit_alone_postgres_us: float
    """The same with PostgreSQL: the node's share."""
    delivery_us: float
    """A node writes one edit, or one state, to one more person."""
    edit_from_elsewhere_us: float
    """A node hears the bell, reads the entry and shows it to its one person in the room, cursor included."""
    postgres_edit_us: float
    """PostgreSQL commits an edit, when few come together."""
    postgres_edit_busy_us: float
    """The same when 200 writers keep it busy: what the limit of one PostgreSQL is made of."""
    postgres_edit_elsewhere_us: float
    """What PostgreSQL spends more on an edit that a second node reads."""
    redis_edit_us: float
    """Redis carries the bell and the cursor of an edit to one more node."""
    join_us: float
    """A node lets a person into a room that nobody has open: sign-in, rights, the new document, first sync."""
    idle_room_us: float
    """What a node spends each second on a room where nobody does anything: presence is renewed, heads are compared."""
    idle_room_postgres_us: float
    """PostgreSQL's share of that: each node asks for the heads of its rooms."""
    room_bytes: float
    """Memory of a node for a room with one session, of a line of text."""
    entry_bytes: float
    """A letter's entry on PostgreSQL's disk, indexes included, the write-ahead log not."""
    wal_bytes: float
    """The write-ahead log of a letter, when few come together."""
    measured: Mapping[str, str]
    """Machine, versions and day."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Servers that run, and what they run on."""

    nodes: Sequence[RunningServer]
    people: People
    postgres: Postgres | None
    redis: RedisServer | None
    database: str

    @property
    def place(self) -> Place:
        """The first node."""
        return Place("hocuspocus", True, "127.0.0.1", self.nodes[0].port, self.nodes[0].process.pid)

    @property
    def others(self) -> dict[str, int]:
        """The other processes, by name."""
        pids = {f"node {number}": node.process.pid for number, node in enumerate(self.nodes[1:], 2)}
        if self.postgres is not None:
            pids["postgres"] = self.postgres.pid
        if self.redis is not None:
            pids["redis"] = self.redis.process.pid
        return pids

    def rooms(self, count: int, people: int) -> list[list[Door]]:
        """New rooms, and doors into each for so many people, who go to the nodes in turn."""
        cases = [self.nodes[0].create_case(self.people.lead, f"Bench {number}") for number in range(count)]
        writers: Sequence[Someone] = (self.people.lead, self.people.contributor)
        for case in cases:
            self.nodes[0].set_member(case, self.people.lead, self.people.contributor, "contributor")
        return [
            [
                Door("/collab", f"{case}/record", writers[n % 2].token, self.nodes[n % len(self.nodes)].port)
                for n in range(people)
            ]
            for case in cases
        ]

    def typing(self, people: int) -> Typed:
        """Rooms of so many people, of whom one types, on the first node."""
        rooms = self.rooms(ROOMS, people)
        task = Typing(
            self.place, rooms, 1, KEYSTROKES_PER_SECOND, WARM_UP_SECONDS, SECONDS, seed=people, others=self.others
        )
        outcome = perform(task, ANYWHERE)
        assert isinstance(outcome, Typed)
        if outcome.missing:
            raise RuntimeError(f"{outcome.missing} letters or states did not arrive")
        return outcome


@contextmanager
def cluster(nodes: int, *, postgres: bool) -> Iterator[Cluster]:
    """Servers on SQLite or PostgreSQL, joined by Redis when there are several, until the block ends."""
    with ExitStack() as parts:
        folder = Path(parts.enter_context(tempfile.TemporaryDirectory(prefix="bench-cluster-")))
        database = parts.enter_context(running_postgres()) if postgres else None
        redis = parts.enter_context(redis_server()) if nodes > 1 else None
        url = database.fresh() if database is not None else f"sqlite:///{folder / 'consilium.sqlite3'}"
        people = add_people(url if database is not None else folder / "consilium.sqlite3")
        settings = {
            **Consilium().environment(0, folder),
            "CONSILIUM_DATABASE_URL": url,
            **({"CONSILIUM_REDIS_URL": redis.url} if redis is not None else {}),
        }
        started = [parts.enter_context(start_server(folder / f"node{number}", settings)) for number in range(nodes)]
        yield Cluster(started, people, database, redis, url)


def measure() -> Costs:
    """Start, load and stop one layout after the other. Raises: RuntimeError when a load fails."""
    with cluster(1, postgres=False) as one:
        alone, four = one.typing(1), one.typing(4)
    with cluster(1, postgres=True) as one:
        before = _database_bytes(one)
        wal_before = _wal_bytes(one)
        on_postgres = one.typing(1)
        written = on_postgres.sent.edits
        entry_bytes = (_database_bytes(one) - before) / written
        wal_bytes = (_wal_bytes(one) - wal_before) / written
        busy_us = _busy_journal(one)
        idle = _idle(one)
    with cluster(2, postgres=True) as two:
        split = two.typing(2)
    alone_us, postgres_us = _per_edit(alone), _per_edit(on_postgres)
    postgres_edit_us = _per_edit(on_postgres, "postgres")
    # Each edit, and the cursor with it, reaches the three others.
    delivery_us = (_per_edit(four) - alone_us) / 6
    return Costs(
        edit_alone_us=alone_us,
        edit_alone_postgres_us=postgres_us,
        delivery_us=delivery_us,
        edit_from_elsewhere_us=_per_edit(split, "node 2"),
        postgres_edit_us=postgres_edit_us,
        postgres_edit_busy_us=busy_us,
        postgres_edit_elsewhere_us=max(0.0, _per_edit(split, "postgres") - postgres_edit_us),
        redis_edit_us=_per_edit(split, "redis"),
        join_us=on_postgres.joining_cpu_seconds / ROOMS * 1e6,
        idle_room_us=idle.watched_cpu_seconds["server"] / WATCH_SECONDS / idle.rooms * 1e6,
        idle_room_postgres_us=idle.watched_cpu_seconds["postgres"] / WATCH_SECONDS / idle.rooms * 1e6,
        room_bytes=(idle.rss_after - idle.rss_before) / idle.rooms,
        entry_bytes=entry_bytes,
        wal_bytes=wal_bytes,
        measured=describe() | {"run": time.strftime("%Y-%m-%d")},
    )


def _per_edit(outcome: Typed, part: str | None = None) -> float:
    """Microseconds of CPU per letter typed, of the first node or of another part."""
    seconds = outcome.server_cpu_seconds if part is None else outcome.others_cpu_seconds[part]
    return seconds / outcome.typed * 1e6


def _idle(one: Cluster) -> Idled:
    doors = [door for [door] in one.rooms(IDLE_ROOMS + 1, 1)]
    outcome = perform(Idle(one.place, doors, WATCH_SECONDS, one.others), ANYWHERE)
    assert isinstance(outcome, Idled)
    return outcome


def _database_bytes(one: Cluster) -> int:
    assert one.postgres is not None
    return int(one.postgres.execute("SELECT pg_database_size(current_database())", url=one.database))


def _wal_bytes(one: Cluster) -> int:
    assert one.postgres is not None
    return int(one.postgres.execute("SELECT wal_bytes::bigint FROM pg_stat_wal"))


def _busy_journal(one: Cluster) -> float:
    """Microseconds of PostgreSQL's CPU per edit, with many writers who each wait for their answer."""
    assert one.postgres is not None
    pid, author = one.postgres.pid, PersonId(one.people.lead.id)
    cases = [one.nodes[0].create_case(one.people.lead, f"Busy {number}") for number in range(BUSY_ROOMS)]
    documents = [parse_document_id(case, "record") for case in cases]

    async def write(journal: Journal, number: int) -> None:
        person, document = Person("Dr Busy", 1_000 + number), documents[number % BUSY_ROOMS]
        for clock in range(APPENDS // WRITERS):
            update, clients = UpdateBytes(person.keystroke(clock)), frozenset({ClientId(person.client)})
            await journal.append([Append(OpId(os.urandom(16)), document, update, author, clients, Millis(0))])

    async def run() -> float:
        async with open_stores(one.database) as stores:
            for document in documents:
                await stores.journal.open(document)
            before = cpu_seconds(pid)
            await asyncio.gather(*[write(stores.journal, number) for number in range(WRITERS)])
            return (cpu_seconds(pid) - before) / APPENDS * 1e6

    return asyncio.run(run())


def main() -> int:
    """Measure, print, and keep."""
    parser = argparse.ArgumentParser(prog="python -m bench.cluster", description=__doc__)
    parser.add_argument("--record", action="store_true", help=f"write bench/{FILE.name}")
    arguments = parser.parse_args()
    costs = measure()
    text = TypeAdapter(Costs).dump_json(costs, indent=1)
    sys.stdout.write(f"{text.decode()}\n")
    if arguments.record:
        FILE.write_bytes(text + b"\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
