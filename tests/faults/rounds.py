"""The faults, one value each: what is done, and by which signs it really happened."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto
from errno import EIO
from functools import partial

import psutil

from server.part import Running
from tests.disk import Disk, missing
from tests.faults.chaos import Chaos
from tests.faults.scene import Scene, family, until


class Sign(Enum):
    """By what one sees that a fault hit. That edits were on their way is asked for always."""

    BREAKS = auto()
    """Connections of clients ended."""
    DEATH = auto()
    """The supervisor saw a part die."""
    BUS = auto()
    """A node was without a bus."""
    LINK = auto()
    """The link was used, and cut, held or delayed what came."""
    DISK = auto()
    """PostgreSQL was told of an error of its disk."""
    LATE = auto()
    """Somebody waited for an acknowledgement: half as long as the fault lasted, or as long as the fault says."""
    AWAY = auto()
    """Somebody who handed a file in was turned away, or waited for half as long as the fault lasted."""
    SAVED = auto()
    """Edits were called saved all the while: this is asked for where writing needs nothing of what is broken."""


Strike = Callable[[Scene, float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Fault:
    """One."""

    name: str
    strike: Strike
    """Do it, for so many seconds, and undo it."""
    signs: Sequence[Sign]
    least_seconds: float = 0.0
    """Less would not be noticed by anybody."""
    late_seconds: float | None = None


Pick = Callable[[Scene], Sequence[Running]]
PickLinks = Callable[[Scene], Sequence[Chaos]]


async def send(number: signal.Signals, pick: Pick, scene: Scene, seconds: float) -> None:
    """A signal to the first process of each; the supervisor does the rest."""
    for each in pick(scene):
        each.signal(number)
    await asyncio.sleep(seconds)


async def kill_all(pick: Pick, scene: Scene, seconds: float) -> None:
    """SIGKILL to all processes of each at once, as when the power goes."""
    everybody = [process for each in pick(scene) for process in family(each)]
    for process in everybody:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    await asyncio.sleep(seconds)


async def freeze(pick: Pick, scene: Scene, seconds: float) -> None:
    """SIGSTOP to all processes of each, and after a while SIGCONT."""
    frozen = [process for each in pick(scene) for process in family(each)]
    try:
        for process in frozen:
            with suppress(psutil.NoSuchProcess):
                process.suspend()
        await asyncio.sleep(seconds)
    finally:
        for process in frozen:
            with suppress(psutil.NoSuchProcess):
                process.resume()


async def crash_a_backend(scene: Scene, seconds: float) -> None:
    """SIGKILL to one that serves a connection: PostgreSQL takes its memory for broken, ends everybody and recovers."""
    children = psutil.Process(scene.cluster.postgres.pid).children()
    next(each for each in children if "consilium consilium" in " ".join(each.cmdline())).kill()
    await asyncio.sleep(seconds)


async def kill_cleaners(scene: Scene, seconds: float) -> None:
    """SIGKILL to the processes that read files of strangers, whoever started them; twice, so that none of these files
    is given up."""
    for _ in range(2):
        await until(lambda: bool(_cleaners(scene)), "a file to be cleaned")
        for process in _cleaners(scene):
            with suppress(psutil.NoSuchProcess):
                process.kill()
        await asyncio.sleep(seconds / 2)


def _cleaners(scene: Scene) -> Sequence[psutil.Process]:
    found = []
    for process in (each for part in scene.cluster.parts for each in family(part)):
        with suppress(psutil.NoSuchProcess):
            if "server.media_worker" in process.cmdline():
                found.append(process)
    return found


async def disturb(how: Callable[[Chaos], None], pick: PickLinks, scene: Scene, seconds: float) -> None:
    """Do something to links, and after a while undo it."""
    try:
        for link in pick(scene):
            how(link)
        await asyncio.sleep(seconds)
    finally:
        for link in pick(scene):
            link.heal()


async def fail(how: Callable[[Disk], None], pick: Callable[[Scene], Disk | None], scene: Scene, seconds: float) -> None:
    """Spoil a disk or a clock, and after a while mend it."""
    disk = pick(scene)
    assert disk is not None, missing()
    try:
        how(disk)
        await asyncio.sleep(seconds)
    finally:
        disk.mend()


def on_disk(how: Callable[[Disk], None]) -> Strike:
    """To what is below PostgreSQL."""
    return partial(fail, how, lambda scene: scene.disk)


def jump(by: timedelta) -> Strike:
    """The clocks of nodes and worker."""
    return partial(fail, lambda clock: clock.shift_clock(by), lambda scene: scene.clock)


def slow(seconds: float) -> Callable[[Chaos], None]:
    """Each chunk of bytes takes so much longer."""

    def how(link: Chaos) -> None:
        link.delay_seconds = seconds

    return how


def _node(number: int) -> Pick:
    return lambda scene: [scene.cluster.nodes[number]]


def _nodes(scene: Scene) -> Sequence[Running]:
    return scene.cluster.nodes


def _redis(scene: Scene) -> Sequence[Running]:
    return [scene.cluster.redis]


def _postgres(scene: Scene) -> Sequence[Running]:
    return [scene.cluster.postgres]


def _worker(scene: Scene) -> Sequence[Running]:
    return [scene.cluster.worker]


def _store(scene: Scene) -> Sequence[Running]:
    return [] if scene.cluster.objects is None else [scene.cluster.objects]


def _everything(scene: Scene) -> Sequence[Running]:
    return scene.cluster.parts


def _links(whom: str, who: str | None = None) -> PickLinks:
    return lambda scene: [link for (asks, asked), link in scene.links.items() if asked == whom and who in (None, asks)]


_ONE_TO_POSTGRES = _links("PostgreSQL", "node one")
BREAKS, DEATH, BUS, LINK, LATE, DISK = Sign.BREAKS, Sign.DEATH, Sign.BUS, Sign.LINK, Sign.LATE, Sign.DISK
AWAY, SAVED = Sign.AWAY, Sign.SAVED
CUT, SWALLOW = Chaos.cut, Chaos.swallow

FAULTS: Sequence[Fault] = (
    Fault("kill node one", partial(kill_all, _node(0)), (BREAKS, DEATH)),
    Fault("kill node two", partial(kill_all, _node(1)), (BREAKS, DEATH)),
    Fault("stop node one", partial(send, signal.SIGTERM, _node(0)), (BREAKS, DEATH)),
    Fault("freeze node one", partial(freeze, _node(0)), (BREAKS, LATE), 6),
    Fault("freeze node two", partial(freeze, _node(1)), (BREAKS, LATE), 6),
    Fault("kill both nodes", partial(kill_all, _nodes), (BREAKS, DEATH)),
    Fault("kill PostgreSQL", partial(kill_all, _postgres), (BREAKS, DEATH)),
    Fault("crash PostgreSQL's backend", crash_a_backend, (BREAKS,)),
    Fault("freeze PostgreSQL", partial(freeze, _postgres), (LATE,), 3),
    Fault("kill Redis", partial(kill_all, _redis), (DEATH, BUS)),
    Fault("freeze Redis", partial(freeze, _redis), (BUS,), 6),
    Fault("kill the worker", partial(kill_all, _worker), (DEATH,)),
    Fault("freeze the worker", partial(freeze, _worker), ()),
    Fault("kill everything", partial(kill_all, _everything), (BREAKS, DEATH)),
    Fault("cut node one from PostgreSQL", partial(disturb, CUT, _ONE_TO_POSTGRES), (BREAKS, LINK)),
    Fault(
        "lose node one's way to PostgreSQL",
        partial(disturb, SWALLOW, _ONE_TO_POSTGRES),
        (LINK, LATE),
        3,
    ),
    Fault("slow way to PostgreSQL", partial(disturb, slow(0.2), _links("PostgreSQL")), (LATE,), late_seconds=0.4),
    Fault("cut nodes from Redis", partial(disturb, CUT, _links("Redis")), (BUS, LINK)),
    Fault("lose node one's way to Redis", partial(disturb, SWALLOW, _links("Redis", "node one")), (BUS, LINK), 6),
    Fault("slow way to Redis", partial(disturb, slow(0.3), _links("Redis")), ()),
    Fault("cut clients off", partial(disturb, CUT, _links("balancer")), (BREAKS, LINK)),
    Fault("lose the clients' way", partial(disturb, SWALLOW, _links("balancer")), (BREAKS, LINK, LATE), 5),
    Fault("slow way of the clients", partial(disturb, slow(0.3), _links("balancer")), (LATE,), late_seconds=0.6),
)
DISK_FAULTS: Sequence[Fault] = (
    Fault("a sync of PostgreSQL fails", on_disk(lambda disk: disk.fail_syncs(EIO, times=1)), (BREAKS, DISK)),
    Fault("PostgreSQL syncs slowly", on_disk(lambda disk: disk.delay_syncs(0.5)), (LATE,), late_seconds=0.5),
    Fault("PostgreSQL's disk is full", on_disk(lambda disk: disk.leave_room(0)), (BREAKS, DISK)),
    Fault("nodes' clocks jump ahead", jump(timedelta(hours=3)), ()),
    Fault("nodes' clocks jump back", jump(-timedelta(hours=3)), ()),
)
"""Those that need `tests/disk.py`, which not every machine can have."""
STORE_FAULTS: Sequence[Fault] = (
    Fault("kill S3", partial(kill_all, _store), (DEATH, AWAY, SAVED)),
    Fault("freeze S3", partial(freeze, _store), (AWAY, SAVED), 6),
    Fault("cut all from S3", partial(disturb, CUT, _links("S3")), (LINK, AWAY, SAVED)),
    Fault("lose the way to S3", partial(disturb, SWALLOW, _links("S3")), (LINK, AWAY, SAVED), 6),
    Fault("slow way to S3", partial(disturb, slow(0.3), _links("S3")), (LINK, SAVED)),
    Fault("cut clients from S3", partial(disturb, CUT, _links("S3", "clients")), (LINK, AWAY, SAVED)),
    Fault("cut the worker from S3", partial(disturb, CUT, _links("S3", "worker")), (LINK, SAVED)),
    Fault("kill the worker, with files", partial(kill_all, _worker), (DEATH, SAVED)),
    Fault("freeze the worker, with files", partial(freeze, _worker), (SAVED,), 40),
    Fault("kill all that clean", kill_cleaners, (SAVED,)),
    Fault("kill node one, with files", partial(kill_all, _node(0)), (BREAKS, DEATH)),
    Fault("kill both nodes, with files", partial(kill_all, _nodes), (BREAKS, DEATH, AWAY)),
    Fault("kill PostgreSQL, with files", partial(kill_all, _postgres), (BREAKS, DEATH, AWAY)),
    Fault("freeze PostgreSQL, with files", partial(freeze, _postgres), (LATE,), 3),
    Fault("kill everything, with files", partial(kill_all, _everything), (BREAKS, DEATH, AWAY)),
)
"""Those while which somebody hands files in, in a cluster with a store. A worker is frozen for longer than its claims
last, so that others take what it has, and it comes back and must not finish it."""
SHORT_STORE = ("kill S3", "kill the worker, with files")
SHORT = (
    "kill node one",
    "freeze node two",
    "kill PostgreSQL",
    "kill Redis",
    "a sync of PostgreSQL fails",
    "lose node one's way to PostgreSQL",
    "lose the clients' way",
)
"""What runs with every change: each kind of fault once."""
