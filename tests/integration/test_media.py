"""Files from a browser to everybody's: a real server, a real S3 server, real workers that are killed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

from tests.integration.media_browser import MediaBrowser, fetch, json_of, photo, slice_of
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
    told = server.get("/metrics").body.decode()
    assert 'consilium_media_ended_total{came="ready",reason=""} 6.0' in told, "by a process that nobody asks"
    assert "consilium_media_waiting 0.0" in told
