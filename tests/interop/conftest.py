"""One server, its people and one node process for all tests of this folder; each test has a case of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.interop.replicas import Clients, Node, running_node
from tests.servers import People, RunningServer, data_with_people, start_server


@pytest.fixture(scope="package")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningServer, People]]:
    """A running server and everybody who knows it."""
    data = tmp_path_factory.mktemp("interop") / "data"
    people = data_with_people(tmp_path_factory.getbasetemp(), data)
    with start_server(data) as server:
        yield server, people


@pytest.fixture
def server(house: tuple[RunningServer, People]) -> RunningServer:
    """The server of this folder's tests."""
    server, _ = house
    if not server.is_alive:  # a test before this one failed while it was down
        server.start()
    return server


@pytest.fixture
def people(house: tuple[RunningServer, People]) -> People:
    """Who has an account."""
    return house[1]


@pytest.fixture
def case(server: RunningServer, people: People) -> str:
    """A fresh case with everybody but the stranger in it."""
    return people.open_case(server)


@pytest.fixture(scope="package")
def process() -> Iterator[Node]:
    """The process that all clients of this folder live in."""
    with running_node() as node:
        yield node


@pytest.fixture
def node(process: Node) -> Iterator[Node]:
    """The same, emptied after each test. A client that threw fails the test."""
    yield process
    assert process.clear() == []


@pytest.fixture
def clients(node: Node, server: RunningServer) -> Clients:
    """Makes the clients of one test."""
    return Clients(node, server)
