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
from collections.abc import Mapping, Sequence
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
    """A view as a page packs it, every figure as long as they get; the hand goes round."""
    turning = [round(1000 + each + clock / 7, 3) for each in range(5)]
    view = [1, "abcdefghijklmnop", clock % 500, *turning, 3, 1040.125, 1400.125, round(100 + clock / 15, 3)]
    text = json.dumps({"view": [*view, *turning[:2]]}, separators=(",", ":"))
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
        accounts = asyncio.run(Accounts.create(Path(folder), asked.followers + 1))
        with running(ours, Path(folder), [], accounts) as server:
            [case] = accounts.cases(server.place.port, 1, asked.followers + 1)
            doors = [Door("/collab", f"{case}/discussion", token) for token in accounts.tokens]
            before = cpu_seconds(server.place.pid)
            followers, sent = asyncio.run(follow(server.place, doors, asked.seconds))
            used = cpu_seconds(server.place.pid) - before
    print(report(followers, sent, used))


def report(followers: Sequence[Follower], sent: Mapping[int, float], cpu: float) -> str:
    """The table of bench/README.md; `cpu` in seconds of the server's processor."""
    counted = {clock: at for clock, at in sent.items() if clock > WARM_UP}
    waits = sorted(
        (each.arrived[clock] - at) * 1000
        for each in followers
        for clock, at in counted.items()
        if clock in each.arrived
    )
    sizes = [size for each in followers for size in each.sizes]
    seconds = max(sent.values()) - min(sent.values())
    each_second = (len(sizes) / len(followers) - 1) / seconds
    each_minute = sum(sizes) / len(followers) / seconds * 60 / 1024
    last = max(sent)
    rows = {
        "from the presenter to a follower: p50, p95, longest, ms": (
            f"{waits[len(waits) // 2]:.1f}, {waits[int(len(waits) * 0.95)]:.1f}, {waits[-1]:.1f}"
        ),
        "messages a second to each": f"{each_second:.1f}",
        "largest message, on average, bytes": f"{max(sizes)}, {sum(sizes) / len(sizes):.0f}",
        "a followed minute, KiB to each": f"{each_minute:.0f}",
        "overtaken by a newer one": f"{len(counted) * len(followers) - len(waits)} of {len(counted) * len(followers)}",
        "followers who have the last one": f"{sum(last in each.arrived for each in followers)}",
        "server, % of a core": f"{cpu / seconds * 100:.1f}",
    }
    return "\n".join(
        (
            f"| {len(followers)} followers, {seconds:.0f} s | |",
            "|---|---:|",
            *(f"| {what} | {value} |" for what, value in rows.items()),
        )
    )


if __name__ == "__main__":
    main()
