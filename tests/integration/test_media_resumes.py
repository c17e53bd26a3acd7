"""A file on its way to the object storage, while the server is killed at every step: whoever sends begins again, and
goes on where it broke off."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.api.media_scene import digest_of, parts_of
from tests.integration.crossing import Crossing, Hold, Moment, crossing
from tests.integration.media_browser import MediaBrowser, photo, put, status_of
from tests.integration.media_steps import Upload, Workshop, through, workshop
from tests.object_server import ObjectServer
from tests.servers import start_server
from workspace.media import PART_BYTES

pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def shop(tmp_path: Path, objects_server: ObjectServer) -> Iterator[Workshop]:
    """A server that does all the work, and asks the S3 server through the middle."""
    bucket, data = objects_server.fresh(), tmp_path / "data"
    with (
        crossing(objects_server.url) as between,
        start_server(data, through(objects_server, bucket, between)) as server,
        workshop(server, data / "consilium.sqlite3", objects_server, bucket, between, [server]) as made,
    ):
        yield made


def two_parts(number: int) -> bytes:
    """A photo with a long tail, of which nothing is left when it is cleaned."""
    return photo(number) + bytes(PART_BYTES + number)


@dataclass(frozen=True, slots=True)
class Sender:
    """Somebody who sends one file into a case of its own, and what they wait for."""

    browser: MediaBrowser
    body: bytes
    hold: Hold | None = None
    waits: Future[Any] | None = None


Send = Callable[[Crossing, ThreadPoolExecutor, MediaBrowser, bytes], tuple[Hold | None, Future[Any] | None]]


def _announced(_: Crossing, __: ThreadPoolExecutor, browser: MediaBrowser, body: bytes) -> tuple[None, None]:
    browser.begin(body)
    return None, None


def _signed(_: Crossing, __: ThreadPoolExecutor, browser: MediaBrowser, body: bytes) -> tuple[None, None]:
    browser.sign(browser.begin(body)["id"], body)
    return None, None


def _first_sent(_: Crossing, __: ThreadPoolExecutor, browser: MediaBrowser, body: bytes) -> tuple[None, None]:
    assert put(browser.sign(browser.begin(body)["id"], body)[0], parts_of(body)[0]) == 200
    return None, None


def _all_sent(_: Crossing, __: ThreadPoolExecutor, browser: MediaBrowser, body: bytes) -> tuple[None, None]:
    browser.send(browser.begin(body)["id"], body)
    return None, None


def _opening(moment: Moment) -> Send:
    def send(
        between: Crossing, threads: ThreadPoolExecutor, browser: MediaBrowser, body: bytes
    ) -> tuple[Hold, Future[Any]]:
        hold = between.hold("POST", f"/quarantine/{browser.case}/.*[?]uploads", moment)
        upload = browser.begin(body)["id"]
        waits = threads.submit(browser.sign, upload, body)
        hold.wait()
        return hold, waits

    return send


def _completing(moment: Moment) -> Send:
    def send(
        between: Crossing, threads: ThreadPoolExecutor, browser: MediaBrowser, body: bytes
    ) -> tuple[Hold, Future[Any]]:
        hold = between.hold("POST", f"/quarantine/{browser.case}/.*[?]uploadId", moment)
        upload = browser.begin(body)["id"]
        browser.send(upload, body)
        waits = threads.submit(browser.complete, upload)
        hold.wait()
        return hold, waits

    return send


STEPS: Mapping[str, tuple[Send, list[int]]] = {
    "completing, not yet heard": (_completing(Moment.BEFORE), [1, 2]),
    "completed, not yet told": (_completing(Moment.AFTER), []),
    "all parts sent": (_all_sent, [1, 2]),
    "the first part sent": (_first_sent, [1]),
    "parts signed": (_signed, []),
    "announced": (_announced, []),
    "a place asked for, not yet heard": (_opening(Moment.BEFORE), []),
    "a place made, not yet told": (_opening(Moment.AFTER), []),
}
"""With the parts that need not be sent again. The last ones are given up after ten seconds of waiting."""


def resume(browser: MediaBrowser, body: bytes) -> tuple[str, list[int]]:
    """As a page that was loaded anew, and is given the same file: which parts were there already."""
    begun = browser.begin(body)
    if begun["state"] in ("requested", "uploading"):
        missing = [n for n in range(1, len(parts_of(body)) + 1) if n not in begun["parts_done"]]
        signed = {each["number"]: each for each in browser.sign(begun["id"], body)} if missing else {}
        for number in missing:
            assert put(signed[number], parts_of(body)[number - 1]) == 200
        browser.complete(begun["id"])
    return begun["id"], begun["parts_done"]


def test_a_server_is_killed_at_every_step_of_sending(shop: Workshop) -> None:
    """[UPL-2] [UPL-4] [UPL-8] [UPL-9] SIGKILL between announcing, sending and completing, also when the object storage
    has done what it was asked for and nobody was told. Nothing that has arrived is sent again."""
    senders: dict[str, Sender] = {}
    with ThreadPoolExecutor(len(STEPS)) as threads:
        for number, (name, (send, _)) in enumerate(STEPS.items(), 1):
            browser, body = shop.browser(), two_parts(number)
            senders[name] = Sender(browser, body, *send(shop.between, threads, browser, body))
        shop.server.kill()
        for each in senders.values():
            if each.hold is not None:
                each.hold.cut()
            if each.waits is not None:
                assert isinstance(each.waits.exception(20), OSError), "nobody was answered"
    shop.server.start()
    uploads = {}
    for name, each in senders.items():
        upload, done = resume(each.browser, each.body)
        assert done == STEPS[name][1], name
        uploads[name] = Upload(each.browser, each.body, upload)
    shop.settled(uploads)


def test_a_digest_that_lies_is_refused(shop: Workshop) -> None:
    """[UPL-4] [UPL-9] Every part is as signed, and the whole is not what was announced; nobody sees anything of it. The
    same file can be sent again, and what it left goes."""
    browser = shop.browser()
    sent, announced = (photo(shade).ljust(20_000, b"\0") for shade in (20, 200))
    upload = browser.hand_in(sent, digest=digest_of(announced))
    refused = browser.wait_for(upload, "rejected")
    assert (refused["reason"], refused["can_retry"]) == ("changed-on-the-way", True)
    assert browser.media() == []
    assert browser.json("POST", f"/uploads/{upload}/retry")["state"] == "requested"
    browser.send(upload, announced)
    browser.complete(upload)
    browser.wait_for(upload, "ready")
    assert len(browser.media()) == 1


def test_nobody_reads_what_they_were_not_given(shop: Workshop) -> None:
    """[UPL-5] [OBJ-5] [OBJ-7] Keys are worth nothing without a signature, nor with another's; a part is the part that
    was signed."""
    browser, body = shop.browser(), photo()
    begun = browser.begin(body)
    [signed] = browser.sign(begun["id"], body)
    for forged in (body[:-1] + b"x", body + b"x"):
        with suppress(OSError):  # it may hang up before it has all
            assert put(signed, forged) in (400, 403)
    browser.send(begun["id"], body)
    browser.complete(begun["id"])
    original = f"{shop.objects.url}/{shop.bucket}/quarantine/{browser.case}/{begun['id']}"
    assert status_of(original) == 403
    assert status_of(f"{original}?{signed['url'].partition('?')[2]}") == 403
    browser.wait_for(begun["id"], "ready")
    [media] = browser.media()
    url, _, query = media["preview"]["url"].partition("?")
    assert status_of(url) == 403
    assert status_of(f"{original}?{query}") == 403
