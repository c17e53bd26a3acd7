"""`/notices` at a real server: what a page without an open document hears of its own sign-in."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Iterator
from contextlib import AbstractContextManager

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from tests.servers import PASSWORD, RunningServer, Someone, add_person, start_server

AT_ONCE = 1.0
"""What "within a second" is measured against; a loaded machine gets the rest of `PATIENCE` to answer at all."""
PATIENCE = 15.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with start_server(tmp_path_factory.mktemp("notices") / "data") as running:
        yield running


@pytest.fixture(scope="module")
def ada(server: RunningServer) -> Someone:
    return add_person(server.data, "ada@example.org", "Ada Lovelace")


def sign_in(server: RunningServer, who: Someone) -> str:
    """A browser's session cookie."""
    body = json.dumps({"email": who.email, "password": PASSWORD}).encode()
    request = urllib.request.Request(f"{server.url}/api/sign-in", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        cookies: list[str] = answer.headers.get_all("set-cookie")
    return next(each.partition(";")[0] for each in cookies if each.startswith("consilium_session"))


def watch(server: RunningServer, cookie: str, origin: str | None = None) -> AbstractContextManager[ClientConnection]:
    return connect(
        f"{server.sockets}/notices",
        origin=Origin(origin or server.url),
        additional_headers={"Cookie": cookie},
        proxy=None,
    )


def code_of(socket: ClientConnection) -> int:
    """With what it closes."""
    with pytest.raises(ConnectionClosed) as closed:
        socket.recv(timeout=PATIENCE)
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code


def test_a_page_hears_within_a_second_that_its_sign_in_was_ended(server: RunningServer, ada: Someone) -> None:
    """[ACC-22] The page that stays is told to ask again; the one that was ended is told that it is signed out."""
    stays, ended = sign_in(server, ada), sign_in(server, ada)
    with watch(server, stays) as here, watch(server, ended) as there:
        assert here.recv(timeout=PATIENCE) == there.recv(timeout=PATIENCE) == b""
        request = urllib.request.Request(
            f"{server.url}/api/me/sign-ins", headers={"Cookie": stays, "Origin": server.url}, method="DELETE"
        )
        urllib.request.urlopen(request, timeout=10).close()
        done = time.monotonic()
        assert code_of(there) == 4205
        assert time.monotonic() - done < AT_ONCE
        assert code_of(here) == 4205
    with watch(server, stays) as here, watch(server, ended) as there:
        assert here.recv(timeout=PATIENCE) == b""
        assert code_of(there) == 4401


def test_a_change_from_the_command_line_is_heard_too(server: RunningServer, ada: Someone) -> None:
    """[ACC-22] [CLI-2] A change in one case is none of the person's own."""
    with watch(server, sign_in(server, ada)) as socket:
        assert socket.recv(timeout=PATIENCE) == b""
        server.create_case(ada)
        with pytest.raises(TimeoutError):
            socket.recv(timeout=AT_ONCE)
        body = {"name": "Ada King"}
        assert server.request("PATCH", "/api/me", ada.token, body).status == 200
        assert code_of(socket) == 4205


def test_nobody_else_s_page_and_no_stranger_hears_anything(server: RunningServer, ada: Someone) -> None:
    """[ACC-22] [AUT-2] And a page that talks is closed."""
    for cookie, origin in (("consilium_session=nothing", None), (sign_in(server, ada), "https://elsewhere.example")):
        with watch(server, cookie, origin) as socket:
            assert code_of(socket) == 4401
    with watch(server, sign_in(server, ada)) as socket:
        assert socket.recv(timeout=PATIENCE) == b""
        socket.send(b"hello")
        assert code_of(socket) == 4400


def test_a_stopping_server_says_so(server: RunningServer, ada: Someone) -> None:
    """[ACC-22] The page comes back by itself."""
    with watch(server, sign_in(server, ada)) as socket:
        assert socket.recv(timeout=PATIENCE) == b""
        assert server.terminate() == 0
        assert code_of(socket) == 1012
    server.start()
