"""server.embedded: what our own S3 server is told, what is kept for it, and how others find it."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from server.embedded.found import find_access
from server.embedded.keeper import end_leftovers
from server.embedded.papers import IDENTITIES, PAPERS, make_papers, read_papers
from server.embedded.sockets import remove_dead, sockets_of
from server.embedded.weed import command_of, environment_of, find_program, weed_part
from server.part import PartFailed
from server.settings import WrongSettings, load_settings

BUCKET = "consilium"
ORIGINS = ["https://consilium.example", "http://127.0.0.1:8000"]


def options(folder: Path) -> dict[str, str]:
    """What stands behind `weed server`."""
    words = command_of(find_program(), folder, make_papers(folder, BUCKET, 0), ORIGINS)
    assert words[0] == str(find_program())
    ours = words[words.index("server") + 1 :]
    assert all(word.startswith("-") for word in ours)
    return {name.removeprefix("-"): value or "true" for name, _, value in (word.partition("=") for word in ours)}


def test_it_listens_on_loopback_and_reports_to_nobody(tmp_path: Path) -> None:
    """[OBJ-8] Each option, one by one; `weed` would not start if it did not know one of them."""
    told = options(tmp_path)
    papers = read_papers(tmp_path)
    assert papers is not None
    ports = {name.replace("_grpc", ".grpc"): str(number) for name, number in asdict(papers.ports).items()}
    for part in ("master", "volume", "filer", "s3"):
        assert told.pop(f"{part}.port") == ports[part]
        assert told.pop(f"{part}.port.grpc") == ports[f"{part}.grpc"]
    assert len(set(ports.values())) == 8
    assert told == {
        "dir": str(tmp_path / "files"),
        "ip": "127.0.0.1",
        "ip.bind": "127.0.0.1",
        "master.telemetry": "false",
        "master.electionTimeout": "1s",
        "master.heartbeatInterval": "100ms",
        "master.volumeSizeLimitMB": "512",
        "volume.max": "0",
        "volume.preStopSeconds": "0",
        "volume.minFreeSpace": "1GiB",
        "filer": "true",
        "filer.disableDirListing": "true",
        "filer.exposeDirectoryData": "false",
        "s3": "true",
        "s3.ip.bind": "127.0.0.1",
        "s3.config": str(tmp_path / IDENTITIES),
        "s3.iam": "false",
        "s3.autoCreateBucket": "false",
        "s3.allowDeleteBucketNotEmpty": "false",
        "s3.port.iceberg": "0",
        "s3.port.lance": "0",
        "s3.allowedOrigins": "https://consilium.example,http://127.0.0.1:8000",
    }


def test_every_option_is_one_that_it_knows(tmp_path: Path) -> None:
    """[OBJ-8] A misspelled one would be a setting that is not made."""
    helped = subprocess.run([find_program(), "server", "-h"], capture_output=True, text=True, check=False)
    for name in options(tmp_path):
        assert f"  -{name}" in helped.stdout + helped.stderr, name


def test_its_keys_are_in_its_environment(tmp_path: Path) -> None:
    """[OBJ-8] Where no list of processes shows them; without them anybody on the machine passes S3 by."""
    papers = make_papers(tmp_path, BUCKET, 0)
    told = environment_of(papers)
    keys = {name: value for name, value in told.items() if name.endswith("_KEY")}
    assert set(keys) == {
        "WEED_JWT_SIGNING_KEY",
        "WEED_JWT_SIGNING_READ_KEY",
        "WEED_JWT_FILER_SIGNING_KEY",
        "WEED_JWT_FILER_SIGNING_READ_KEY",
        "WEED_S3_SSE_KEY",
    }
    assert len(set(keys.values())) == 5
    assert min(map(len, keys.values())) >= 40
    assert told["GOMEMLIMIT"] == "512MiB"
    shown = " ".join(command_of(find_program(), tmp_path, papers, ORIGINS))
    assert not any(secret in shown for secret in (*keys.values(), papers.secret_key, papers.access_key))


def test_what_is_made_is_kept_and_for_nobody_else(tmp_path: Path) -> None:
    """[OBJ-8] Keys and ports stay; the one key may use one bucket, and not make or remove any."""
    papers = make_papers(tmp_path / "objects", BUCKET, 0)
    assert make_papers(tmp_path / "objects", BUCKET, 0) == papers == read_papers(tmp_path / "objects")
    assert make_papers(tmp_path / "other", BUCKET, 0).secret_key != papers.secret_key
    assert (tmp_path / "objects").stat().st_mode & 0o777 == 0o700
    for name in (PAPERS, IDENTITIES):
        assert (tmp_path / "objects" / name).stat().st_mode & 0o777 == 0o600
    [identity] = json.loads((tmp_path / "objects" / IDENTITIES).read_text())["identities"]
    assert identity["actions"] == [f"{action}:{BUCKET}" for action in ("Read", "Write", "List", "Tagging")]
    assert identity["credentials"] == [{"accessKey": papers.access_key, "secretKey": papers.secret_key}]
    assert make_papers(tmp_path / "objects", BUCKET, 9123).ports.s3 == 9123
    given = make_papers(tmp_path / "objects", BUCKET, 0, ("key", "secret"))
    assert (given.access_key, given.secret_key, given.sse_key) == ("key", "secret", papers.sse_key)


def test_what_cannot_be_read_is_not_made_anew(tmp_path: Path) -> None:
    """[OBJ-8] New keys would make the old objects unreadable."""
    make_papers(tmp_path, BUCKET, 0)
    for text in ("{", "[]", "{}", json.dumps({"format": "consilium-objects/2"})):
        (tmp_path / PAPERS).write_text(text)
        with pytest.raises(PartFailed):
            make_papers(tmp_path, BUCKET, 0)
        assert (tmp_path / PAPERS).read_text() == text


def test_it_is_killed_not_asked(tmp_path: Path) -> None:
    """[OBJ-9] Asked, it lingers and keeps its ports."""
    part = weed_part(tmp_path, make_papers(tmp_path, BUCKET, 0), BUCKET, ORIGINS)
    assert part.stop_signal.name == part.death_signal.name == "SIGKILL"


def test_what_an_earlier_server_left_is_ended(tmp_path: Path) -> None:
    """[OBJ-9] Found by its folder; one on another folder is left alone."""
    stays, goes = (
        # Named as `weed` is, but Python: the list of processes shows what it was called.
        subprocess.Popen(
            ["weed", "-c", "import time; print(flush=True); time.sleep(60)", f"-dir={folder}"],
            executable=sys.executable,
            stdout=subprocess.PIPE,
        )
        for folder in (tmp_path / "stays" / "files", tmp_path / "goes" / "files")
    )
    for process in (stays, goes):
        # It runs. Before, while the kernel loads a program, the list of processes shows it without a word, and `Popen`
        # does not wait for the end of that.
        assert process.stdout is not None
        assert process.stdout.readline() == b"\n"
    try:
        end_leftovers(tmp_path / "goes")
        assert goes.wait(10) == -9
        assert stays.poll() is None
        end_leftovers(tmp_path / "none")
    finally:
        for process in (stays, goes):
            process.kill()
            process.communicate()


def test_sockets_of_one_that_was_killed_are_removed(tmp_path: Path) -> None:
    """[OBJ-9] Not those of one that lives, by whichever port, and nothing that is no socket."""
    ports = make_papers(tmp_path / "objects", BUCKET, 0).ports
    dead, lives, file, *_ = sockets_of(ports, tmp_path)
    other = tmp_path / "seaweedfs-filer-1.sock"
    for each in (dead, other):
        with socket.socket(socket.AF_UNIX) as killed:
            killed.bind(str(each))
    file.write_text("x")
    with socket.socket(socket.AF_UNIX) as living:
        living.bind(str(lives))
        living.listen()
        remove_dead(ports, tmp_path)
        assert not dead.exists()
        assert all(each.exists() for each in (lives, other, file))


def test_who_is_beside_finds_it_and_learns_when_it_moves(tmp_path: Path) -> None:
    """[OBJ-10] By the file in the data folder, before the first start and after each."""
    settings = load_settings({"CONSILIUM_DATA": str(tmp_path)})
    assert settings.objects == "embedded"
    find = find_access(settings)
    assert find is not None
    assert find() is None
    for port in (9123, 9124):
        papers = make_papers(settings.objects_folder, BUCKET, port)
        access = find()
        assert access is not None
        assert (access.endpoint, access.public_endpoint) == (f"http://127.0.0.1:{port}",) * 2
        assert (access.access_key, access.secret_key) == (papers.access_key, papers.secret_key)
        assert access.secret_key not in repr(access)
        assert access.folder == settings.objects_folder


def test_one_that_is_named_is_taken(tmp_path: Path) -> None:
    """[OBJ-10] With the address that browsers use, if that is another."""
    named = {
        "CONSILIUM_S3_ENDPOINT": "https://s3.internal/",
        "CONSILIUM_S3_PUBLIC_ENDPOINT": "https://s3.example",
        "CONSILIUM_S3_ACCESS_KEY": "key",
        "CONSILIUM_S3_SECRET_KEY": "secret",
        "CONSILIUM_S3_SSE": "AES256",
        "CONSILIUM_DATABASE_URL": "postgresql+asyncpg://u:p@db/consilium",
    }
    find = find_access(load_settings(named))
    assert find is not None
    access = find()
    assert access is not None
    assert (access.endpoint, access.public_endpoint) == ("https://s3.internal", "https://s3.example")
    assert access.sse == "AES256"
    assert (access.access_key, access.secret_key, access.folder) == ("key", "secret", None)


def test_on_a_postgres_there_is_none_until_one_is_named() -> None:
    """[OBJ-10] Each node would have its own, and half of the files. Who asks for that is told so."""
    postgres = {"CONSILIUM_DATABASE_URL": "postgresql+asyncpg://u:p@db/consilium"}
    assert load_settings(postgres).objects == "off"
    assert find_access(load_settings(postgres)) is None
    assert find_access(load_settings({"CONSILIUM_S3_ENDPOINT": "off"})) is None
    with pytest.raises(WrongSettings, match="S3_ENDPOINT: embedded goes with SQLite"):
        load_settings({**postgres, "CONSILIUM_S3_ENDPOINT": "embedded"})


def test_keys_go_with_an_address() -> None:
    """[OBJ-10]"""
    with pytest.raises(WrongSettings) as caught:
        load_settings({"CONSILIUM_S3_ENDPOINT": "https://s3.example"})
    assert [problem.partition(":")[0] for problem in caught.value.problems] == [
        "CONSILIUM_S3_ACCESS_KEY",
        "CONSILIUM_S3_SECRET_KEY",
    ]
    with pytest.raises(WrongSettings, match="S3_SECRET_KEY: goes with an address"):
        load_settings({"CONSILIUM_S3_SECRET_KEY": "secret"})
    with pytest.raises(WrongSettings, match="S3_ENDPOINT: expected http"):
        load_settings({"CONSILIUM_S3_ENDPOINT": "https://s3.example/path"})
