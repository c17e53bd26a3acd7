"""Files from a browser to everybody's: a real server, a real S3 server, real workers that are killed."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import boto3
import psutil
import pytest
from botocore.config import Config

from server.media_worker.lanes import CLAIM_SECONDS, FOLDER
from tests.api.media_scene import digest_of
from tests.integration.media_browser import MediaBrowser, fetch, json_of, photo, put, slice_of, status_of
from tests.object_server import ObjectServer
from tests.servers import RunningServer, Someone, add_person, start_server, wait_until


@pytest.fixture
def bucket(objects_server: ObjectServer) -> str:
    return objects_server.fresh()


@pytest.fixture
def server(tmp_path: Path, objects_server: ObjectServer, bucket: str) -> Iterator[RunningServer]:
    with start_server(tmp_path / "data", dict(objects_server.settings(bucket))) as server:
        yield server


@pytest.fixture
def ada(server: RunningServer) -> Someone:
    return add_person(server.data, "ada@example.org", "Ada")


@pytest.fixture
def browser(server: RunningServer, ada: Someone) -> MediaBrowser:
    return MediaBrowser(server, ada, server.create_case(ada))


def keys(objects_server: ObjectServer, bucket: str) -> list[str]:
    """What the storage holds."""
    client = boto3.session.Session().client(
        "s3",
        endpoint_url=objects_server.url,
        region_name="us-east-1",
        aws_access_key_id=objects_server.papers.access_key,
        aws_secret_access_key=objects_server.papers.secret_key,
        config=Config(s3={"addressing_style": "path"}, proxies={}),
    )
    with contextlib.closing(client):
        return sorted(each["Key"] for each in client.list_objects_v2(Bucket=bucket).get("Contents", []))


def workers(server: RunningServer) -> list[psutil.Process]:
    """The processes that work on uploads beside this server."""
    found = []
    for process in psutil.Process(server.process.pid).children(recursive=False):
        with contextlib.suppress(psutil.Error):
            if "media-worker" in process.cmdline():
                found.append(process)
    return found


def test_files_go_from_a_browser_to_everybody(
    server: RunningServer, browser: MediaBrowser, objects_server: ObjectServer, bucket: str
) -> None:
    """[UPL-1] [UPL-3] [UPL-6] [UPL-9] [MED-1] [MED-7] [MED-8] Photos and a series, without a name in any byte."""
    reader = add_person(server.data, "ben@example.org", "Ben")
    server.set_member(browser.case, browser.person, reader, "observer")
    theirs = MediaBrowser(server, reader, browser.case)
    bodies = [photo(), *(slice_of(number) for number in range(1, 6))]
    uploads = [browser.hand_in(body) for body in bodies]
    assert theirs.json("GET", "/uploads")["uploads"] == []
    for upload in uploads:
        assert browser.wait_for(upload, "ready")["name"] is None
    media = {each["kind"]: each for each in theirs.media()}
    assert media["dicom"]["files"] == 5
    assert fetch(media["photo"]["thumbnail"]["url"])[:4] == b"RIFF"
    assert len(fetch(media["photo"]["preview"]["url"], {"Range": "bytes=0-9"})) == 10

    def manifest() -> object:
        return theirs.json("GET", f"/media/{media['dicom']['id']}")["manifest"]

    wait_until(lambda: manifest() is not None, seconds=30, what="the manifest")
    shown = theirs.json("GET", f"/media/{media['dicom']['id']}")
    numbers = [each["attributes"]["instance_number"] for each in json_of(shown["manifest"]["url"])["files"]]
    assert numbers == [1, 2, 3, 4, 5]
    wait_until(
        lambda: not any(key.startswith("quarantine/") for key in keys(objects_server, bucket)),
        seconds=10,
        what="the originals to be gone",
    )
    for each in shown["file_list"]:
        assert b"Quillfeather" not in fetch(each["url"])
    assert not any("Doe" in key for key in keys(objects_server, bucket))
    assert "Doe" not in server.log()
    assert "Quillfeather" not in server.log()
    assert server.command("media", "verify").startswith("no fault in")


def test_nobody_reads_what_they_were_not_given(
    browser: MediaBrowser, objects_server: ObjectServer, bucket: str
) -> None:
    """[UPL-5] Keys are worth nothing without a signature, nor with another's; a part is the part that was signed."""
    body = photo()
    begun = browser.begin(body)
    [signed] = browser.sign(begun["id"], body)
    assert put(signed, body[:-1] + b"x") in (400, 403)
    assert put(signed, body + b"x") in (400, 403)
    browser.send(begun["id"], body)
    browser.complete(begun["id"])
    original = f"{objects_server.url}/{bucket}/quarantine/{browser.case}/{begun['id']}"
    assert status_of(original) == 403
    assert status_of(f"{original}?{signed['url'].partition('?')[2]}") == 403
    browser.wait_for(begun["id"], "ready")
    [media] = browser.media()
    url, _, query = media["preview"]["url"].partition("?")
    assert status_of(url) == 403
    assert status_of(f"{original}?{query}") == 403


def test_a_digest_that_lies_is_refused(browser: MediaBrowser) -> None:
    """[UPL-4] Every part is as signed, and the whole is not what was announced."""
    upload = browser.hand_in(photo(1), digest=digest_of(photo(2)))
    refused = browser.wait_for(upload, "rejected")
    assert (refused["reason"], refused["can_retry"]) == ("changed-on-the-way", True)
    assert browser.media() == []


def test_no_process_stays_when_there_is_nothing_to_do(server: RunningServer, browser: MediaBrowser) -> None:
    """[UPL-7] None before the first file; it ends with its server, however that ends, and leaves no file behind."""
    assert workers(server) == []
    browser.wait_for(browser.hand_in(photo()), "ready")
    [worker] = workers(server)
    child = worker.children()
    server.kill()
    psutil.wait_procs([worker, *child], timeout=20)
    assert not worker.is_running()
    assert not any(each.is_running() for each in child)
    folder = server.data / FOLDER
    assert [each for each in folder.iterdir() if each.is_dir()] == []
    server.start()


@pytest.mark.parametrize("victim", ["worker", "child", "server"])
def test_whoever_is_killed_the_file_is_ready(server: RunningServer, browser: MediaBrowser, victim: str) -> None:
    """[UPL-8] SIGKILL while it is worked on; what was half done leaves nothing that is seen."""
    uploads = [browser.hand_in(photo(shade, (3000, 2000))) for shade in range(3)]
    wait_until(lambda: bool(workers(server) and workers(server)[0].children()), seconds=60, what="a worker")
    wait_until(
        lambda: (
            any(each["state"] == "cleaning" for each in browser.uploads().values())
            or all(each["state"] == "ready" for each in browser.uploads().values())
        ),
        seconds=60,
        what="work",
    )
    [worker] = workers(server)
    match victim:
        case "worker":
            worker.kill()
        case "child":
            for child in worker.children():
                os.kill(child.pid, signal.SIGKILL)
        case _:
            server.kill()
            server.start()
    for upload in uploads:
        wait_until(
            lambda upload=upload: browser.uploads()[upload]["state"] == "ready",  # type: ignore[misc]
            seconds=CLAIM_SECONDS + 90,
            what=lambda: str(browser.uploads()),
        )
    assert len(browser.media()) == 3
    assert server.command("media", "verify").startswith("no fault in")
    left = [each for each in (server.data / FOLDER).iterdir() if each.is_dir()]
    assert len(left) <= 1, "what a killed worker left is removed by the next"


def test_cancelling_ends_what_a_worker_does(server: RunningServer, browser: MediaBrowser) -> None:
    """[UPL-10] At any moment; nothing of it is seen."""
    upload = browser.hand_in(photo(7, (6000, 5000)))
    assert browser.ask("DELETE", f"/uploads/{upload}").status == 204
    other = browser.hand_in(photo(8))
    browser.wait_for(other, "ready")
    assert upload not in browser.uploads()
    assert len(browser.media()) == 1
