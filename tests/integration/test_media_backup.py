"""Images and files in backups, as an operator takes and restores them: real servers, real S3 servers, a real disk."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.integration.media_browser import MediaBrowser, fetch, json_of, photo, slice_of
from tests.integration.test_cli import Done, consilium
from tests.object_server import ObjectServer
from tests.servers import EMBEDDED, RunningServer, Someone, add_person, run_command, start_server, wait_until

pytestmark = pytest.mark.timeout(600)
MOST_SLICES = 60


@dataclass(slots=True)
class House:
    """A server with a case, and what an operator does beside it."""

    server: RunningServer
    browser: MediaBrowser
    settings: Mapping[str, str]

    def command(self, *words: str) -> Done:
        return consilium("--data", str(self.server.data), *words, environment=self.settings)


def ready(server: RunningServer) -> None:
    wait_until(lambda: server.get("/readyz").json()["objects"] == "ready", seconds=90, what="the store")


def fill(data: Path, settings: Mapping[str, str]) -> Iterator[House]:
    with start_server(data, dict(settings)) as server:
        ready(server)
        ada = add_person(data, "ada@example.org", "Ada")
        yield House(server, MediaBrowser(server, ada, server.create_case(ada)), settings)


@pytest.fixture
def house(tmp_path: Path, objects_server: ObjectServer) -> Iterator[House]:
    """On an S3 server that is somebody else's."""
    yield from fill(tmp_path / "data", objects_server.settings(objects_server.fresh()))


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[House]:
    """With the store that comes with us."""
    yield from fill(tmp_path / "data", EMBEDDED)


def again(browser: MediaBrowser, server: RunningServer) -> MediaBrowser:
    """The same person, signed in afresh, at another server."""
    who: Someone = browser.person
    return replace(browser, server=server, person=replace(who, token=server.command("token", who.email)))


def shown(browser: MediaBrowser) -> dict[str, bytes]:
    """Every file of the gallery, and every rendition that a page is given."""
    found: dict[str, bytes] = {}
    for each in browser.media():
        detail = browser.json("GET", f"/media/{each['id']}")
        found |= {file["id"]: fetch(file["url"]) for file in detail["file_list"]}
        found[each["id"]] = fetch(detail["thumbnail"]["url"])
    return found


def objects_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and len(path.name) == 64)


def test_an_empty_machine_has_all_images_again(alone: House, tmp_path: Path) -> None:
    """[BAK-9] [BAK-10] [BAK-11] [AUD-9] Beside a running server, with FILE and what lies beside it alone: the same
    bytes, both verifiers content, and a series has its manifest again."""
    browser = alone.browser
    for upload in [browser.hand_in(photo()), *(browser.hand_in(slice_of(number)) for number in (1, 2, 3))]:
        browser.wait_for(upload, "ready")
    before = shown(browser)
    assert len(before) == 6
    file = tmp_path / "monday.backup"
    said = alone.server.command("backup", str(file)).splitlines()
    assert said[-2].startswith(f"{file}.objects: ")
    kept = objects_in(tmp_path / "monday.backup.objects")
    assert kept
    for path in kept:
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name, "whoever has sha256sum can check it"
        assert path.stat().st_mode & 0o077 == 0
    assert '"house.backed-up"' in alone.server.command("audit", "list")
    alone.server.kill()

    data = tmp_path / "another machine"
    done = consilium("--data", str(data), "restore", str(file), environment=EMBEDDED)
    assert done.returncode == 0, done
    assert "continue under new names" in done.stdout
    assert not (data / "restoring").exists()
    assert run_command(data, "verify", settings=EMBEDDED).startswith("no fault in ")
    with start_server(data, EMBEDDED) as server:
        ready(server)
        theirs = again(browser, server)
        assert shown(theirs) == before
        [series] = [each["id"] for each in theirs.media() if each["kind"] == "dicom"]
        wait_until(
            lambda: theirs.json("GET", f"/media/{series}")["manifest"] is not None, seconds=30, what="the manifest"
        )
        manifest = json_of(theirs.json("GET", f"/media/{series}")["manifest"]["url"])
        assert len(manifest["files"]) == 3
        assert server.command("media", "verify").startswith("no fault in ")


def test_a_backup_beside_uploads_holds_all_that_it_names(
    house: House, tmp_path: Path, objects_server: ObjectServer
) -> None:
    """[BAK-9] Files come and series are described anew while it is taken."""
    is_over = threading.Event()

    def upload() -> None:
        number = 0
        while not is_over.is_set() and number < MOST_SLICES:
            number += 1
            house.browser.hand_in(slice_of(number))

    uploading = threading.Thread(target=upload)
    uploading.start()
    try:
        wait_until(lambda: len(house.browser.media()) > 0, seconds=90, what="the first")
        done = house.command("backup", str(tmp_path / "monday"))
    finally:
        is_over.set()
        uploading.join()
    assert done.returncode == 0, done
    settings = dict(objects_server.settings(objects_server.fresh()))
    data = tmp_path / "another"
    run_command(data, "restore", str(tmp_path / "monday"), settings=settings)
    assert run_command(data, "media", "verify", settings=settings).startswith("no fault in ")
    assert run_command(data, "verify", settings=settings).startswith("no fault in ")
