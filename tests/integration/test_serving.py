"""What only a real server shows: whose address counts, what it says of itself, what broken clients do to its log."""

from __future__ import annotations

import base64
import json
import os
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from tests.servers import RunningServer, Someone, add_person, start_server, wait_until


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with start_server(tmp_path_factory.mktemp("serving") / "data") as running:
        yield running


@pytest.fixture(scope="module")
def someone(server: RunningServer) -> Someone:
    return add_person(server.data, "ada@example.org", "Ada Lovelace")


def guess(server: RunningServer, forwarded_for: str) -> int:
    """One sign-in by a link that nobody was sent."""
    headers = {"Content-Type": "application/json", "X-Forwarded-For": forwarded_for}
    request = urllib.request.Request(f"{server.url}/api/sign-in", b'{"link": "a-guess"}', headers)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=10)
    with refused.value as error:
        return error.code


def test_nobody_gets_more_tries_by_naming_other_addresses(server: RunningServer) -> None:
    """[AUT-4] Without a trusted proxy, what a client says of its address is not believed."""
    statuses = [guess(server, f"198.51.100.{number}") for number in range(35)]
    assert statuses[0] == 401
    assert statuses[-1] == 429


def test_it_does_not_say_what_it_runs_on(server: RunningServer) -> None:
    """[API-11]"""
    headers = {name.lower() for name in server.get("/livez").headers}
    assert "server" not in headers
    assert "x-request-id" in headers


def broken_socket(server: RunningServer, path: str, token: str, junk: bytes) -> None:
    """Open a WebSocket, send bytes that are no frame, and wait until the server hangs up."""
    key = base64.b64encode(os.urandom(16)).decode()
    handshake = (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Authorization: Bearer {token}\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as line:
        line.sendall(handshake.encode() + junk)
        line.shutdown(socket.SHUT_WR)
        while line.recv(65536):
            pass


@pytest.mark.parametrize(
    "junk",
    [
        b"\x82\x05hello",  # not masked
        b"\xc2\x80\x00\x00\x00\x00",  # a compressed frame, though compression was not agreed
        b"\x81\x82\x00\x00\x00\x00\xff\xff",  # text that is not UTF-8
        b"\x82\xff" + b"\xff" * 8 + b"\x00" * 4,  # a frame of 2^64 bytes
        b"\xff" * 64,
    ],
)
def test_broken_frames_leave_the_log_short_and_the_server_well(
    server: RunningServer, someone: Someone, junk: bytes
) -> None:
    """[LOG-2]"""
    before = len(server.log())
    for _ in range(40):
        broken_socket(server, "/collab", someone.token, junk)
    wait_until(lambda: server.get("/readyz").status == 200, seconds=10, what="the server to be ready")
    written = server.log()[before:]
    assert "Traceback" not in written
    assert "  File " not in written
    assert len(written.splitlines()) <= 100, written[-2000:]
    assert all(len(line) < 500 for line in written.splitlines())


def test_the_log_is_one_json_object_a_line(server: RunningServer) -> None:
    """[LOG-1]"""
    lines = server.log().splitlines()
    events = {json.loads(line)["event"] for line in lines if line.startswith("{")}
    assert "http.request" in events
    assert [line for line in lines if not line.startswith("{")] == [
        f"Consilium listens at {server.url} (data in {server.data})"
    ]
