"""People edit and send files while the object storage is dead, or frozen: edits are acknowledged as ever, files say why
they wait, and go on by themselves when it is back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.crossing import Moment, crossing
from tests.integration.media_browser import MediaBrowser, photo, put
from tests.integration.media_steps import noise, through, workshop
from tests.integration.yclient import YClient, read_fresh
from tests.object_server import ObjectServer, object_server
from tests.servers import RunningServer, data_with_people, start_server, wait_until
from workspace.media import MOST_ATTEMPTS

pytestmark = pytest.mark.timeout(600)
SECONDS = 120.0
EDITS = 300
PACE_SECONDS = 1 / 100
"""Between two edits: who is faster than 200 a second for long is sent away."""


@pytest.fixture
def objects() -> Iterator[ObjectServer]:
    """One of its own, to be broken."""
    with object_server() as server:
        yield server


def state(server: RunningServer) -> object:
    return server.get("/readyz").json()["objects"]


async def until(server: RunningServer, expected: str) -> None:
    await asyncio.to_thread(wait_until, lambda: state(server) == expected, seconds=SECONDS, what=f"objects {expected}")


def told_why(browser: MediaBrowser, path: str, body: object = None) -> None:
    answer = browser.ask("POST", path, body)
    assert (answer.status, answer.json()["reason"]) == (503, "objects-unavailable")
    assert int({name.lower(): value for name, value in answer.headers.items()}["retry-after"]) > 0


@pytest.mark.parametrize("fault", ["killed", "frozen"])
async def test_editing_goes_on_without_the_object_storage(
    objects: ObjectServer, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, fault: str
) -> None:
    """[UPL-11] [OBJ-11] Edits from the moment it is gone, until it is known to be away, and hundreds more: all
    acknowledged. Announcing goes on; sending and completing are told why not, and when to try again. What waits for a
    worker is not counted as its failure. Then all of it goes on."""
    data = tmp_path / "data"
    people = data_with_people(tmp_path_factory.getbasetemp(), data)
    with start_server(data, objects.settings(objects.fresh())) as server:
        await until(server, "ready")
        case = people.open_case(server)
        browser = MediaBrowser(server, people.lead, case)
        writer, reader = YClient(server, people.lead, case), YClient(server, people.observer, case)
        sent, waiting = browser.begin(photo(20)), photo(120)
        browser.send(sent["id"], photo(20))
        [signed] = browser.sign(browser.begin(waiting)["id"], waiting)
        async with writer.connected(), reader.connected():
            objects.freeze() if fault == "frozen" else objects.kill()
            away = asyncio.create_task(until(server, "away"))
            while not away.done() or len(writer.made) < EDITS:
                await writer.write(f"w{len(writer.made)}")
                await asyncio.sleep(PACE_SECONDS)
            await away
            for _ in range(EDITS):
                await writer.write(f"w{len(writer.made)}")
                await asyncio.sleep(PACE_SECONDS)
            await writer.until_saved()
            assert state(server) == "away"
            assert len(writer.acknowledged) == len(writer.made) >= 2 * EDITS
            await reader.until_length(len(writer.made))
        assert set(await read_fresh(server, people.observer, case)) == writer.acknowledged
        late = browser.begin(photo(220))
        told_why(browser, f"/uploads/{late['id']}/parts", {"parts": [{"number": 1, "sha256": "0" * 64}]})
        told_why(browser, f"/uploads/{sent['id']}/complete")
        assert len(browser.uploads()) == 3
        assert browser.media() == []
        objects.thaw() if fault == "frozen" else objects.start()
        await until(server, "ready")
        assert put(signed, waiting) == 200, "an address that was given before"
        for body in (photo(20), waiting, photo(220)):
            begun = browser.begin(body)
            if not begun["parts_done"]:
                browser.send(begun["id"], body)
            browser.complete(begun["id"])
        for upload in browser.uploads():
            await asyncio.to_thread(browser.wait_for, upload, "ready")
        assert len(browser.media()) == 3


def test_what_waits_for_a_worker_waits_for_the_object_storage(objects: ObjectServer, tmp_path: Path) -> None:
    """[UPL-8] [UPL-11] It falls silent while files are read from it and written to it, for longer than a worker would
    be tried: that is nobody's failure, and everything is ready, once, when it speaks again."""
    bucket, data = objects.fresh(), tmp_path / "data"
    with (
        crossing(objects.url) as between,
        start_server(data, through(objects, bucket, between) | {"CONSILIUM_MEDIA_WORKERS": "2"}) as server,
        workshop(server, data / "consilium.sqlite3", objects, bucket, between, [server]) as shop,
    ):
        both = {name: shop.browser() for name in ("reading", "writing")}
        holds = {
            "reading": between.hold("GET", f"/quarantine/{both['reading'].case}/[^?]*$", Moment.AMID),
            "writing": between.hold("PUT", f"/media/{both['writing'].case}/", Moment.BEFORE, skip=1),
        }
        uploads = {name: shop.hand_in_at(browser, noise(number)) for number, (name, browser) in enumerate(both.items())}
        for hold in holds.values():
            hold.wait()
        objects.freeze()
        for hold in holds.values():
            hold.lift()

        def tried(upload: str) -> int:
            return sum("media.storage_away" in line and upload in line for line in server.log().splitlines())

        for upload in uploads.values():
            wait_until(lambda: tried(upload.id) > MOST_ATTEMPTS, seconds=2 * SECONDS, what=server.log)  # noqa: B023
            # It is given back each time, and taken again a while later.
            wait_until(lambda: upload.state == "quarantined", seconds=SECONDS, what=server.log)  # noqa: B023
        objects.thaw()
        shop.settled(uploads)
