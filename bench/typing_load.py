"""S1 and S2: people type in rooms. An open loop: keystrokes go out when they are due, whatever the server does."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from bench.client import Client, join_all, wire_to
from bench.gauge import cpu_seconds, quantiles
from bench.line import framed
from bench.people import Person
from bench.tally import Reader, Receiver, Tally
from bench.tasks import Place, Typed, Typing
from bench.wires import Message

RENEWAL_SECONDS = 15.0
"""A client that does nothing says so this often (y-protocols)."""
JITTER = 0.2
LATEST = 3
"""A load that takes so many times as long as planned has failed."""
DRAIN_SECONDS = 10.0
LOOK_SECONDS = 0.05
MAX_CLIENT_ID = 2**32


class Screen:
    """One person's client, with every frame it is going to send already spelled."""

    def __init__(self, person: Person, client: Client, tally: Tally, receiver: Receiver) -> None:
        self.person = person
        self.client = client
        self.receiver = receiver
        self._tally = tally
        tally.edits_sent_at[person.client] = []
        tally.states_sent_at[person.client] = [0.0]
        self._edits: list[bytes] = []
        self._states: list[bytes] = []

    def prepare(self, keystrokes: int, states: int) -> None:
        """Spell what will be sent."""
        wire = self.client.wire
        self._edits = [framed(wire.update(self.person.keystroke(clock))) for clock in range(keystrokes)]
        self._states = [framed(wire.awareness(self.person.state(clock))) for clock in range(2, states + 2)]

    def arrive(self) -> bytes:
        """The state that this person comes in with."""
        self._tally.states_sent_at[self.person.client].append(time.perf_counter())
        return self.person.state(1)

    def move(self) -> None:
        """Send the next state."""
        sent_at = self._tally.states_sent_at[self.person.client]
        frame = self._states[len(sent_at) - 2]
        sent_at.append(time.perf_counter())
        assert self.client.line is not None
        self.client.line.write(frame)

    def type(self) -> None:
        """Send the next letter, then the cursor that moved with it: two writes, as a page makes them."""
        sent_at = self._tally.edits_sent_at[self.person.client]
        frame = self._edits[len(sent_at)]
        sent_at.append(time.perf_counter())
        self.client.send_update(frame)
        self.move()


@dataclass(frozen=True, slots=True)
class Due:
    """Something that a person does, `at` seconds after the start."""

    at: float
    act: Callable[[], None]


def seat(task: Typing, tally: Tally, rng: random.Random) -> list[list[Screen]]:
    """Everybody, room by room; nobody has joined yet."""
    return [list(_seat_room(task.place, task, index, tally, rng)) for index in range(len(task.rooms))]


def _seat_room(place: Place, task: Typing, index: int, tally: Tally, rng: random.Random) -> Iterator[Screen]:
    doors = task.rooms[index]
    reader = Reader(wire_to(place, doors[0]).read)
    for number, door in enumerate(doors):
        person = Person(f"Dr {index}.{number}", rng.randrange(1, MAX_CLIENT_ID))
        receiver = Receiver(tally, person.client)
        client = Client(place, door, partial(_hear, reader, receiver))
        client.ack_latencies = tally.ack_latencies
        yield Screen(person, client, tally, receiver)


def _hear(reader: Reader, receiver: Receiver, frame: bytes) -> tuple[Message, ...]:
    heard = reader.hear(frame)
    receiver.take(heard)
    return heard.messages


def plan(task: Typing, rooms: list[list[Screen]], rng: random.Random) -> list[Due]:
    """When everybody does what; the same for the same seed, whoever the server is."""
    total = task.warm_up_seconds + task.seconds
    dues: list[Due] = []
    for room in rooms:
        for number, screen in enumerate(room):
            is_typist = number < task.typists
            every = 1 / task.keystrokes_per_second if is_typist else RENEWAL_SECONDS
            times = list(_times(every, total, rng))
            screen.prepare(len(times) if is_typist else 0, len(times))
            dues += [Due(at, screen.type if is_typist else screen.move) for at in times]
    return sorted(dues, key=lambda due: due.at)


def _times(every: float, total: float, rng: random.Random) -> Iterator[float]:
    at = rng.random() * every
    while at < total:
        yield at
        at += every * (1 + rng.uniform(-JITTER, JITTER))


class Conductor:
    """Does what is due, and notes how late."""

    def __init__(self, dues: list[Due]) -> None:
        self.late: list[float] = []
        self._dues = dues
        self._next = 0
        self._loop = asyncio.get_running_loop()
        self._started_at = 0.0
        self.done: asyncio.Future[None] = self._loop.create_future()

    def start(self) -> None:
        """Time zero is now."""
        self._started_at = time.perf_counter()
        self._step()

    def _step(self) -> None:
        while self._next < len(self._dues):
            due = self._dues[self._next]
            late = time.perf_counter() - self._started_at - due.at
            if late < 0:
                self._loop.call_later(-late, self._step)
                return
            self.late.append(late)
            self._next += 1
            due.act()
        self.done.set_result(None)


async def run_typing(task: Typing) -> Typed:
    """Let everybody in, warm up, measure, and wait for what is under way. Raises: ConnectionError."""
    rng = random.Random(task.seed)
    tally = Tally()
    rooms = seat(task, tally, rng)
    screens = [screen for room in rooms for screen in room]
    dues = plan(task, rooms, rng)
    joining_before = cpu_seconds(task.place.pid)
    await join_all([(screen.client, screen.arrive()) for screen in screens])
    joining_cpu = cpu_seconds(task.place.pid) - joining_before
    conductor = Conductor(dues)
    conductor.start()
    await asyncio.sleep(task.warm_up_seconds)
    tally.forget_latencies()
    conductor.late.clear()
    began_at, server_before, load_before = time.perf_counter(), cpu_seconds(task.place.pid), time.process_time()
    others_before = {name: cpu_seconds(pid) for name, pid in task.others.items()}
    before, sent_before = tally.arrived, tally.sent
    await asyncio.wait_for(conductor.done, task.seconds * LATEST)
    seconds = time.perf_counter() - began_at
    server_cpu, load_cpu = cpu_seconds(task.place.pid) - server_before, time.process_time() - load_before
    others_cpu = {name: cpu_seconds(pid) - others_before[name] for name, pid in task.others.items()}
    measured, typed = tally.arrived - before, tally.sent.edits - sent_before.edits
    times = [tally.edit_latencies, tally.state_latencies, tally.ack_latencies, conductor.late]
    edit_ms, state_ms, ack_ms, late_ms = map(quantiles, times)
    missing = await drain(rooms, tally)
    check_lines(screens)
    return Typed(
        measured=measured,
        server_cpu_seconds=server_cpu,
        load_cpu_seconds=load_cpu,
        seconds=seconds,
        edit_ms=edit_ms,
        state_ms=state_ms,
        ack_ms=ack_ms,
        late_ms=late_ms,
        sent=tally.sent,
        arrived=tally.arrived,
        missing=missing,
        typed=typed,
        joining_cpu_seconds=joining_cpu,
        others_cpu_seconds=others_cpu,
    )


async def drain(rooms: list[list[Screen]], tally: Tally) -> int:
    """Wait until every receiver has everything; what is missing when patience ends."""
    for _ in range(int(DRAIN_SECONDS / LOOK_SECONDS)):
        if not count_missing(rooms, tally):
            return 0
        await asyncio.sleep(LOOK_SECONDS)
    return count_missing(rooms, tally)


def count_missing(rooms: list[list[Screen]], tally: Tally) -> int:
    """Letters, and last states, that were sent and that somebody in the same room does not have."""
    missing = 0
    for room in rooms:
        for screen in room:
            client = screen.person.client
            letters, clock = len(tally.edits_sent_at[client]), len(tally.states_sent_at[client]) - 1
            for other in (other.receiver for other in room if other is not screen):
                missing += letters - other.letters.get(client, 0) + (other.clocks.get(client, 0) < clock)
    return missing


def check_lines(screens: list[Screen]) -> None:
    """Nobody may have been thrown out. Raises: ConnectionError."""
    ended = [line.lost.result() for screen in screens if (line := screen.client.line) is not None and line.lost.done()]
    if ended:
        raise ConnectionError(f"{len(ended)} of {len(screens)} connections ended: {ended[0]}")
    for screen in screens:
        screen.client.close()
