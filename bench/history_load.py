"""S3: a whole history sent edit by edit, and the document opened cold; S4: many rooms in which nothing happens."""

from __future__ import annotations

import asyncio
import hashlib
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from pycrdt import Doc, Text

from bench.client import Client, join_all
from bench.gauge import cpu_seconds, quiet, resident_bytes
from bench.line import framed
from bench.people import ROOT, Person
from bench.tasks import ColdOpen, Idle, Idled, Opened, TakeIn, TakenIn
from bench.wires import Kind, Message

WINDOW = 256
"""Edits under way at once; arbitrary: more than a person's, few enough to meet every server's bounds."""
STALL_SECONDS = 60.0
STORE_SECONDS = (3.0, 60.0)
"""Stores are written up to 2 s after the last edit (Hocuspocus), or go on long after it (LevelDB)."""
SETTLE_SECONDS = (5.0, 20.0)
SILENCE_SECONDS = 1.0
LINE_LETTERS = 60


def read_history(file: Path) -> Iterator[bytes]:
    """Updates, each with its length in four bytes in front."""
    data = file.read_bytes()
    at = 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        yield data[at + 4 : at + 4 + length]
        at += 4 + length


class Pump:
    """Sends edits, at most WINDOW ahead of what is answered: by acknowledgements, or by echoes where there are none."""

    def __init__(self, task: TakeIn) -> None:
        self.echoes = 0
        self._acknowledges = task.place.acknowledges
        self.client = Client(task.place, task.door, self._on_frame)
        self.client.progress = self._progress
        self._moved = asyncio.Event()

    def _on_frame(self, frame: bytes) -> Sequence[Message]:
        messages = self.client.wire.read(frame)
        if not self._acknowledges:
            self.echoes += sum(message.kind is Kind.UPDATE for message in messages)
            self._progress()
        return messages

    def _progress(self) -> None:
        self._moved.set()

    @property
    def answered(self) -> int:
        """Edits that the server is done with; acknowledgements count the SyncStep2 of the greeting too."""
        return self.client.accepted - self.client.greetings if self._acknowledges else self.echoes

    async def until(self, answered: int) -> None:
        """Wait until so many are answered. Raises: TimeoutError, ConnectionError."""
        while self.answered < answered:
            self._moved.clear()
            if self.client.line is not None and self.client.line.lost.done():
                raise ConnectionError(self.client.line.lost.result())
            async with asyncio.timeout(STALL_SECONDS):
                await self._moved.wait()


async def run_take_in(task: TakeIn) -> TakenIn:
    """Send the history and wait until it is answered and stored."""
    pump = Pump(task)
    await pump.client.join()
    frames = [framed(pump.client.wire.update(update)) for update in read_history(Path(task.history))]
    began_at, server_before, load_before = time.perf_counter(), cpu_seconds(task.place.pid), time.process_time()
    for index, frame in enumerate(frames):
        if index % (WINDOW // 2) == 0:
            await pump.until(index - WINDOW // 2)
        pump.client.send_update(frame)
    await pump.until(len(frames))
    seconds, load_cpu = time.perf_counter() - began_at, time.process_time() - load_before
    pump.client.close()
    await quiet(task.place.pid, *STORE_SECONDS)
    return TakenIn(len(frames), seconds, cpu_seconds(task.place.pid) - server_before, load_cpu)


async def run_cold_open(task: ColdOpen) -> Opened:
    """Connect, and note when each part of the document came. Raises: TimeoutError if it never was whole."""
    heard: list[tuple[float, bytes]] = []
    client = Client(task.place, task.door, lambda frame: _note(client, heard, frame))
    began_at = time.perf_counter()
    await client.join()
    complete_at = None
    async with asyncio.timeout(STALL_SECONDS):
        while complete_at is None:  # a server may send an empty SyncStep2 first, and the document seconds later
            await asyncio.sleep(SILENCE_SECONDS)
            complete_at = _complete_at(client, heard, task.text_sha256)
    client.close()
    step2_at = next(at for at, frame in heard if any(m.kind is Kind.STEP_2 for m in client.wire.read(frame)))
    size = sum(len(frame) for _, frame in heard)
    return Opened((step2_at - began_at) * 1000, (complete_at - began_at) * 1000, size)


def _note(client: Client, heard: list[tuple[float, bytes]], frame: bytes) -> Sequence[Message]:
    heard.append((time.perf_counter(), frame))
    return client.wire.read(frame)


def _complete_at(client: Client, heard: Sequence[tuple[float, bytes]], text_sha256: str) -> float | None:
    doc: Doc[Text] = Doc()
    text = doc.get(ROOT, type=Text)
    for at, frame in heard:
        for message in client.wire.read(frame):
            if message.kind in (Kind.STEP_2, Kind.UPDATE):
                doc.apply_update(message.data)
        if hashlib.sha256(str(text).encode()).hexdigest() == text_sha256:
            return at
    return None


async def run_idle(task: Idle) -> Idled:
    """Open one room to warm the server up, then all others, and compare its memory."""
    rng = random.Random(0)
    people = [Person(f"Dr {index}", rng.randrange(1, 2**32)) for index in range(len(task.doors))]
    clients = [Client(task.place, door) for door in task.doors]
    await _move_in(clients[:1], people[:1])
    await quiet(task.place.pid, *SETTLE_SECONDS)
    before = resident_bytes(task.place.pid)
    await _move_in(clients[1:], people[1:])
    await quiet(task.place.pid, *SETTLE_SECONDS)
    after = resident_bytes(task.place.pid)
    watched = {"server": task.place.pid, **task.others}
    cpu_before = {name: cpu_seconds(pid) for name, pid in watched.items()}
    await asyncio.sleep(task.watch_seconds)
    cpu = {name: cpu_seconds(pid) - cpu_before[name] for name, pid in watched.items()}
    ended = [line.lost.result() for client in clients if (line := client.line) is not None and line.lost.done()]
    if ended:
        raise ConnectionError(f"{len(ended)} connections ended: {ended[0]}")
    for client in clients:
        client.close()
    return Idled(len(clients) - 1, before, after, cpu)


async def _move_in(clients: Sequence[Client], people: Sequence[Person]) -> None:
    await join_all([(client, person.state(1)) for client, person in zip(clients, people, strict=True)])
    for client, person in zip(clients, people, strict=True):
        client.send_update(framed(client.wire.update(person.line(LINE_LETTERS))))
