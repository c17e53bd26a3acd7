"""The work on uploads, while whoever does it is killed or frozen at every step: each file is ready in the end,
once, and nothing of what was begun is left. [UPL-8]"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
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


def settings(objects_server: ObjectServer, bucket: str, between: Crossing) -> dict[str, str]:
    """Processes of ours go through the middle, browsers straight on."""
    ours = {"CONSILIUM_S3_ENDPOINT": between.url, "CONSILIUM_S3_PUBLIC_ENDPOINT": objects_server.url}
    return dict(objects_server.settings(bucket)) | ours


@pytest.fixture
def beside(tmp_path: Path, objects_server: ObjectServer, between: Crossing) -> Iterator[Workshop]:
    """A server that does the work in a process beside it."""
    bucket, data = objects_server.fresh(), tmp_path / "data"
    with (
        start_server(data, settings(objects_server, bucket, between) | LANES) as server,
        workshop(server, data / "consilium.sqlite3", objects_server, bucket, between, [server]) as made,
    ):
        yield made


@pytest.fixture
def apart(tmp_path: Path, objects_server: ObjectServer, between: Crossing, postgres: Postgres) -> Iterator[Workshop]:
    """A server that does no such work, and two workers, one of which has not been started yet."""
    bucket, url = objects_server.fresh(), postgres.fresh()
    usual = settings(objects_server, bucket, between) | {"CONSILIUM_DATABASE_URL": url}
    with ExitStack() as running:
        server = running.enter_context(start_server(tmp_path / "data", usual | {"CONSILIUM_MEDIA_WORKERS": "0"}))
        one = running.enter_context(start_server(tmp_path / "one", usual | LANES, does="worker"))
        yield running.enter_context(workshop(server, url, objects_server, bucket, between, [one]))
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
