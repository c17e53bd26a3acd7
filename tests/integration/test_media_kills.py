"""The work on uploads, while whoever does it is killed or frozen at every step: each file is ready in the end,
once, and nothing of what was begun is left. [UPL-8]"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path

import psutil
import pytest

from tests.integration.crossing import Crossing, crossing
from tests.integration.media_steps import (
    SECONDS,
    Held,
    Workshop,
    children,
    media_processes,
    noise,
    steps,
    steps_afterwards,
    through,
    workshop,
)
from tests.object_server import ObjectServer
from tests.postgres import Postgres
from tests.servers import RunningServer, start_server, wait_until

pytestmark = pytest.mark.timeout(600)  # a claim ends half a minute after its holder, and ten files are worked on again
LANES = {"CONSILIUM_MEDIA_WORKERS": "11"}
"""So that an upload can be held at every step at once."""


@pytest.fixture
def between(objects_server: ObjectServer) -> Iterator[Crossing]:
    with crossing(objects_server.url) as between:
        yield between


@pytest.fixture
def beside(tmp_path: Path, objects_server: ObjectServer, between: Crossing) -> Iterator[Workshop]:
    """A server that does the work in a process beside it."""
    bucket, data = objects_server.fresh(), tmp_path / "data"
    with (
        start_server(data, through(objects_server, bucket, between) | LANES) as server,
        workshop(server, data / "consilium.sqlite3", objects_server, bucket, between, [server]) as made,
    ):
        yield made


@dataclass(frozen=True, slots=True)
class Apart:
    """A server that does no such work, and a worker that does; and how another one is started."""

    shop: Workshop
    start_another: Callable[[], RunningServer]


@pytest.fixture
def apart(tmp_path: Path, objects_server: ObjectServer, between: Crossing, postgres: Postgres) -> Iterator[Apart]:
    """On one PostgreSQL."""
    bucket, url = objects_server.fresh(), postgres.fresh()
    usual = through(objects_server, bucket, between) | {"CONSILIUM_DATABASE_URL": url}
    with ExitStack() as running:

        def start(name: str) -> RunningServer:
            return running.enter_context(start_server(tmp_path / name, usual | LANES, does="worker"))

        server = running.enter_context(start_server(tmp_path / "data", usual | {"CONSILIUM_MEDIA_WORKERS": "0"}))
        shop = running.enter_context(workshop(server, url, objects_server, bucket, between, [start("one")]))
        yield Apart(shop, partial(start, "two"))
    postgres.clean(url)


def one_through(shop: Workshop) -> int:
    """How many objects are made of a file that nobody disturbs."""
    whole = shop.hand_in(noise(0))
    wait_until(lambda: whole.state == "ready", seconds=SECONDS, what="the first to be ready")
    wait_until(lambda: shop.between.count("POST", r"\?delete") == 1, seconds=SECONDS, what="its original to go")
    objects = shop.between.count("PUT", f"/media/{whole.browser.case}/")
    assert objects >= 5
    return objects


def groups(shop: Workshop, objects: int) -> Iterator[dict[str, Held]]:
    """An upload held at every step, in groups."""
    numbers = count(1)
    for group in steps(objects):
        held = {name: step(shop, next(numbers)) for name, step in group.items()}
        states = {name: each.upload.state for name, each in held.items()}
        assert set(states.values()) == {"cleaning"}, states
        yield held


def cut(held: Iterable[Held]) -> None:
    """What the dead have asked for does not come to pass."""
    for each in held:
        if each.hold is not None:
            each.hold.cut()


def lift(held: Iterable[Held]) -> None:
    """What was held goes on."""
    for each in held:
        if each.hold is not None:
            each.hold.lift()


def kill(server: RunningServer) -> None:
    """Whoever works on uploads, who takes its children along."""
    [process] = media_processes(server)
    cleaning = children(server)
    process.kill()
    psutil.wait_procs([process, *cleaning], timeout=20)
    assert not any(each.is_running() for each in cleaning), "they end with it, also when they are frozen"


def test_a_process_beside_a_server_is_killed_at_every_step(beside: Workshop) -> None:
    """[UPL-7] [UPL-8] [UPL-9] [MED-10] SIGKILL; the next one comes by itself, and takes what the dead one held."""
    objects = one_through(beside)
    held: dict[str, Held] = {}
    for number, (name, step) in enumerate(steps_afterwards().items(), 20):
        held[name] = step(beside, number)
        assert held[name].upload.state == "ready"
        kill(beside.server)
        cut([held[name]])
    for group in groups(beside, objects):
        held |= group
        kill(beside.server)
        cut(group.values())
    beside.settled({name: each.upload for name, each in held.items()})


def test_who_cleans_is_killed_at_every_step(beside: Workshop) -> None:
    """[UPL-8] SIGKILL of the child alone, at work and idle: the file is tried again, and its worker lives on."""
    first, *_ = steps(5)
    held = {
        name: first[name](beside, number)
        for number, name in enumerate(("cleaning", "rendering", "before the first object"), 1)
    }
    before, killed = media_processes(beside.server), children(beside.server)
    assert len(killed) == len(held)
    for child in killed:
        child.kill()
    lift(held.values())
    beside.settled({name: each.upload for name, each in held.items()})
    assert media_processes(beside.server) == before
    assert not any(each.is_running() for each in killed)
    assert beside.server.log().count("media.child_lost") == len(held) - 1


def test_what_is_cancelled_ends_at_every_step(beside: Workshop) -> None:
    """[UPL-10] [UPL-9] Whatever is done with it, by a child that would never end by itself too: nothing of it is seen,
    and nothing is left."""
    first, *_ = steps(5)
    held = {name: step(beside, number) for number, (name, step) in enumerate(first.items(), 1)}
    frozen = [each for each in children(beside.server) if each.status() == psutil.STATUS_STOPPED]
    assert len(frozen) == 2
    for each in held.values():
        assert each.upload.browser.ask("DELETE", f"/uploads/{each.upload.id}").status == 204
    lift(held.values())
    wait_until(lambda: not any(each.is_running() for each in frozen), seconds=SECONDS, what="the frozen to be ended")
    beside.nothing_is_in_the_folders()
    for each in held.values():
        assert each.upload.browser.uploads() == {}
        assert each.upload.browser.media() == []
    asyncio.run(beside.holds_nothing_else())
    through_again = beside.hand_in(noise(50))
    beside.settled({"another": through_again})


def test_a_worker_wakes_up_when_others_have_done_its_work(apart: Apart) -> None:
    """[UPL-7] [UPL-8] [MED-10] Frozen at every step for longer than its claims: another worker takes them all. Then it
    goes on where it was: its transaction is refused, and what it had put goes."""
    shop, (first, *_) = apart.shop, steps(5)
    held = {name: step(shop, number) for number, (name, step) in enumerate(first.items(), 1)}
    [frozen], cleaning = media_processes(shop.workers[0]), children(shop.workers[0])
    frozen.suspend()
    shop.workers.append(apart.start_another())
    for each in held.values():
        wait_until(lambda: each.upload.state == "ready", seconds=2 * SECONDS, what=str(each))  # noqa: B023
    lift(held.values())
    for child in cleaning:
        child.resume()
    frozen.resume()
    shop.settled({name: each.upload for name, each in held.items()})
    log = shop.workers[0].log()
    assert log.count("media.claim_lost") + log.count("media.given_up") == len(held)
    assert "media.worked" not in log


def test_a_worker_is_killed_at_every_step(apart: Apart) -> None:
    """[UPL-7] [UPL-8] [UPL-9] [MED-10] SIGKILL of `consilium worker`; another one takes what it held."""
    shop, (first, *_) = apart.shop, steps(5)
    held = {name: step(shop, number) for number, (name, step) in enumerate(first.items(), 1)}
    kill(shop.workers[0])
    cut(held.values())
    shop.workers[0] = apart.start_another()
    shop.settled({name: each.upload for name, each in held.items()})


def test_no_process_stays_when_there_is_nothing_to_do(beside: Workshop) -> None:
    """[UPL-7] None before the first file; it ends with its server, however that ends, and leaves no file behind."""
    assert media_processes(beside.server) == []
    upload = beside.hand_in(noise(1))
    wait_until(lambda: upload.state == "ready", seconds=SECONDS, what="it to be ready")
    [worker], cleaning = media_processes(beside.server), children(beside.server)
    beside.server.kill()
    psutil.wait_procs([worker, *cleaning], timeout=20)
    assert not any(each.is_running() for each in (worker, *cleaning))
    beside.nothing_is_in_the_folders()
    beside.server.start()
    beside.settled({"before": upload})
