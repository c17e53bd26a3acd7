"""Clients that have nothing to say: stock clients drop a link that was silent for 30 s, so ours is never silent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.interop.replicas import WIRES, Clients, Replica, Wire, running_node
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


@pytest.mark.parametrize("is_heard", [True, False], ids=["with awareness", "without a word"])
@pytest.mark.parametrize("wire", WIRES)
def test_a_lone_idle_client_is_not_dropped(
    wire: Wire, fast_house: tuple[RunningServer, People], *, is_heard: bool
) -> None:
    """[WIRE-10] For 50 s of its life; both clients close a silent link after 30 s by their own watch."""
    server, people = fast_house
    case = people.open_case(server)
    with running_node(clock_rate=RATE) as node:
        client = Clients(node, server).open(wire, people.lead, case)
        client.until_ready()
        if not is_heard:
            client.run("awareness.setLocalState(null)")
        end = _now(client) + LIFE_SECONDS * 1000
        client.until(lambda _: _now(client) > end, "the time to pass", seconds=LIFE_SECONDS)
        state = client.state()
        assert (state.opens, state.closes, state.connected) == (1, [], True)


def _now(client: Replica) -> float:
    now = client.run("return Date.now()")
    assert isinstance(now, int | float)
    return now
