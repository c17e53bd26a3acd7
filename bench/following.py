"""How soon followers have what a presenter sees, and what that costs: `python -m bench.following`.

A real server as it is installed, one presenter whose hand never rests (15 messages a second, as pages send them at
most) and followers in the same case, all on loopback. Each message is looked for at each follower; one that was
overtaken by a newer one is counted apart.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.accounts import Accounts
from bench.client import Client
from bench.gauge import cpu_seconds
from bench.lib0 import var_string, var_uint
from bench.line import framed
from bench.people import read_states
from bench.servers import COLLAB, CONTENDERS, running
from bench.tasks import Door, Place
from bench.wires import Kind, Message

PER_SECOND = 15.0
FOLLOWERS = 20
SECONDS = 20.0
SETTLE_SECONDS = 1.0
CLIENT = 4_000_000_001
WARM_UP = 15
"""Messages that count nothing."""
WEBSOCKET_HEAD = 4


@dataclass(slots=True)
class Follower:
    """Counts what comes of the presenter, and when."""

    client: Client | None = None
    arrived: dict[int, float] = field(default_factory=dict)
    sizes: list[int] = field(default_factory=list)

    def hear(self, frame: bytes) -> Sequence[Message]:
        """Each frame, as it comes."""
        assert self.client is not None
        messages = self.client.wire.read(frame)
        for message in messages:
            if message.kind is Kind.AWARENESS:
                clocks = [clock for client, clock in read_states(message.data) if client == CLIENT]
                for clock in clocks:
                    self.arrived.setdefault(clock, time.perf_counter())
                    self.sizes.append(len(frame) + WEBSOCKET_HEAD)
        return messages


def state(clock: int) -> bytes:
    """A view as a page packs it; the hand goes round."""
    view = [1, "abcdefghijklmnop", clock % 500, 256.1234, 255.5 + clock % 7, 512, 512, 90, 1, 40, 400, None]
    text = json.dumps({"view": [*view, round(100 + clock / 7, 4), round(200 + clock / 9, 4)]}, separators=(",", ":"))
    return b"\x01" + var_uint(CLIENT) + var_uint(clock) + var_string(text)


async def follow(place: Place, doors: Sequence[Door], seconds: float) -> tuple[list[Follower], dict[int, float]]:
    """Everybody joins, the presenter shows for so long; who heard what, and when it was sent."""
    presenter = Client(place, doors[0])
    followers = []
    await presenter.join()
    for door in doors[1:]:
        follower = Follower()
        follower.client = Client(place, door, follower.hear)
        await follower.client.join()
        followers.append(follower)
    sent: dict[int, float] = {}
    began = time.perf_counter()
    for clock in range(1, WARM_UP + round(seconds * PER_SECOND) + 1):
        await asyncio.sleep(max(0.0, began + clock / PER_SECOND - time.perf_counter()))
        assert presenter.line is not None
        sent[clock] = time.perf_counter()
        presenter.line.write(framed(presenter.wire.awareness(state(clock))))
    await asyncio.sleep(SETTLE_SECONDS)
    for client in (presenter, *(each.client for each in followers)):
        assert client is not None
        client.close()
    return followers, sent


def main() -> None:
    """Measure once, and say it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--followers", type=int, default=FOLLOWERS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    asked = parser.parse_args()
    [ours] = [each for each in CONTENDERS if each.id == COLLAB]
    with tempfile.TemporaryDirectory() as folder:
        accounts = Accounts.create(Path(folder), asked.followers + 1)
        with running(ours, Path(folder), [], accounts) as server:
            [case] = accounts.cases(server.place.port, 1, asked.followers + 1)
            doors = [Door("/collab", f"{case}/discussion", token) for token in accounts.tokens]
            before = cpu_seconds(server.place.pid)
            followers, sent = asyncio.run(follow(server.place, doors, asked.seconds))
            used = cpu_seconds(server.place.pid) - before
    counted = {clock: at for clock, at in sent.items() if clock > WARM_UP}
    waits = [each.arrived[clock] - at for each in followers for clock, at in counted.items() if clock in each.arrived]
    sizes = [size for each in followers for size in each.sizes]
    last = max(sent)
    ordered = sorted(waits)
    middle, most = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.95)]
    minute = sum(sizes) / len(followers) / (len(sent) / PER_SECOND) * 60
    print(f"{len(followers)} followers, {PER_SECOND:.0f} messages a second, {asked.seconds:.0f} s")
    print(f"delivery: p50 {middle * 1000:.1f} ms, p95 {most * 1000:.1f} ms, longest {max(waits) * 1000:.1f} ms")
    print(f"message: {max(sizes)} bytes at most, {sum(sizes) / len(sizes):.0f} on average")
    print(f"a followed minute: {minute / 1024:.0f} KiB to each follower")
    print(f"overtaken: {len(counted) * len(followers) - len(waits)} of {len(counted) * len(followers)}")
    print(f"everybody has the last: {all(last in each.arrived for each in followers)}")
    print(f"server CPU: {used / (len(sent) / PER_SECOND) * 100:.1f} % of a core")


if __name__ == "__main__":
    main()
