"""Renditions that are made anew, while whoever does it is killed: each file has new ones in the end, once, what is
looked at stays, and nothing of what was begun is left. [REN-11]"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from server.media_sweeper import MediaSweeper
from server.premises import wall_clock
from server.renditions.rules import RULES
from storage.ports import ObjectKey, RemakeLoad
from tests.integration.crossing import Crossing, Moment, crossing
from tests.integration.media_steps import SECONDS, Upload, Workshop, media_processes, noise, through, workshop
from tests.object_server import ObjectServer
from tests.servers import start_server, wait_until
from workspace.audit import Action, Chain, decode
from workspace.ids import CaseId, Millis

pytestmark = pytest.mark.timeout(400)
FILES = 3
DAYS = 2 * 86_400_000


@pytest.fixture
def between(objects_server: ObjectServer) -> Iterator[Crossing]:
    with crossing(objects_server.url) as between:
        yield between


@pytest.fixture
def shop(tmp_path: Path, objects_server: ObjectServer, between: Crossing) -> Iterator[Workshop]:
    bucket, data = objects_server.fresh(), tmp_path / "data"
    with (
        start_server(data, through(objects_server, bucket, between) | {"CONSILIUM_MEDIA_WORKERS": "1"}) as server,
        workshop(server, data / "consilium.sqlite3", objects_server, bucket, between, [server]) as made,
    ):
        yield made


async def renditions(shop: Workshop, upload: Upload) -> dict[str, ObjectKey]:
    """Of the file that came of it: what viewers are told, by role."""
    async with shop.stores() as stores:
        [medium] = await stores.gallery.listed(CaseId(upload.browser.case))
        [file] = await stores.gallery.files(medium.id)
        assert file.rules in (0, RULES[medium.kind])
        return {each.role: each.key for each in file.renditions}


async def load(shop: Workshop) -> RemakeLoad:
    async with shop.stores() as stores:
        return await stores.remakes.load(RULES)


async def finished(shop: Workshop, uploads: list[Upload]) -> None:
    """A day later: what is there is what the database says, and the log tells each medium once."""
    async with shop.stores() as stores:
        sweeper = MediaSweeper(stores, 72.0, clock=lambda: Millis(wall_clock() + DAYS))
        assert await sweeper.remove_replaced() > 0
        for upload in uploads:
            events = await stores.audit.kept(Chain(upload.browser.case), after=0, limit=1000)
            told = [each for each in events if decode(each.body).event.action is Action.MEDIA_REMADE]
            assert len(told) == 1


@pytest.mark.parametrize("moment", [Moment.BEFORE, Moment.AFTER])
def test_a_worker_is_killed_while_it_makes_renditions_anew(shop: Workshop, moment: Moment) -> None:
    """[REN-11] [REN-12] SIGKILL amid the objects of one file: the next worker takes it, and the others."""
    uploads = [shop.hand_in(noise(number)) for number in range(1, FILES + 1)]
    shop.settled({str(number): each for number, each in enumerate(uploads)})
    before = [asyncio.run(renditions(shop, each)) for each in uploads]
    hold = shop.between.hold("PUT", r"/media/.*/.*/.*/.*/", moment, skip=1)
    said = shop.server.command("media", "remake", "--all")
    assert said.strip() == f"{FILES} files are made anew, beside everything else"
    hold.wait()
    [process] = media_processes(shop.server)
    process.kill()
    psutil.wait_procs([process], timeout=20)
    hold.cut()
    wait_until(lambda: asyncio.run(load(shop)) == RemakeLoad(0, 0), seconds=SECONDS, what="all to be made anew")
    after = [asyncio.run(renditions(shop, each)) for each in uploads]
    assert [set(each) for each in after] == [set(each) for each in before]
    assert not {key for each in after for key in each.values()} & {key for each in before for key in each.values()}
    shop.settled({str(number): each for number, each in enumerate(uploads)})
    asyncio.run(finished(shop, uploads))
    asyncio.run(shop.holds_nothing_else())
    assert shop.server.log().count("media.remade") == FILES
