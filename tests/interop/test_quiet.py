"""Clients that have nothing to say: stock clients drop a link that was silent for 30 s, so ours is never silent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.interop.replicas import WIRES, Clients, Replica, running_node
from tests.servers import People, RunningServer, data_with_people, start_server

RATE = 10
"""The clients' minutes pass ten times as fast, and the server's keepalive with them: 12 s of a client are 1.2 s."""
LIFE_SECONDS = 50


@pytest.fixture(scope="module")
def fast_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningServer, People]]:
    """A server that speaks up ten times as early."""
    data = tmp_path_factory.mktemp("quiet") / "data"
    people = data_with_people(tmp_path_factory.getbasetemp(), data)
    with start_server(data, {"CONSILIUM_KEEPALIVE_SECONDS": str(12 / RATE)}) as server:
        yield server, people


def test_lone_idle_clients_are_not_dropped(fast_house: tuple[RunningServer, People]) -> None:
    """[WIRE-10] For 50 s of their life, each alone in its room, with awareness and without a word.

    By their own watch both clients close a link that was silent for 30 s.
    """
    server, people = fast_house
    with running_node(clock_rate=RATE) as node:
        clients = Clients(node, server)
        lone = [clients.open(wire, people.lead, people.open_case(server)) for wire in WIRES for _ in range(2)]
        for client, is_heard in zip(lone, (True, False) * 2, strict=True):
            client.until_ready()
            if not is_heard:
                client.run("awareness.setLocalState(null)")
        end = _now(lone[0]) + LIFE_SECONDS * 1000
        lone[0].until(lambda _: _now(lone[0]) > end, "the time to pass", seconds=LIFE_SECONDS)
        for client in lone:
            state = client.state()
            assert (state.opens, state.closes, state.connected) == (1, [], True)


def _now(client: Replica) -> float:
    now = client.run("return Date.now()")
    assert isinstance(now, int | float)
    return now
