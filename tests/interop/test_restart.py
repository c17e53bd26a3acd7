"""The server goes and comes back: clients return by themselves, nothing is lost, nothing is doubled."""

from __future__ import annotations

import pytest

from tests.interop.replicas import Clients, until_equal
from tests.servers import People, RunningServer


@pytest.mark.parametrize("how", ["restarted", "killed"])
def test_clients_come_back_after_a_server_was(
    how: str, clients: Clients, people: People, case: str, server: RunningServer
) -> None:
    """[ROOM-12] [ROOM-14] [ROOM-15] [ROOM-16] SIGTERM says 1012 and ends with 0; `kill -9` says nothing."""
    ada = clients.open("collab", people.lead, case)
    grace = clients.open("yjs", people.contributor, case)
    ada.until_ready()
    grace.until_ready()
    for writer in (ada, grace):
        writer.run("for (let i = 0; i < 100; i++) doc.getArray('a').push([arg + i])", f"{writer.name} before ")
    if how == "restarted":
        assert server.terminate() == 0
        ada.until_closed(1012)
        grace.until_closed(1012)
    else:
        server.kill()
        ada.until_closed(1006)
        grace.until_closed(1006)
    for writer in (ada, grace):
        writer.run("for (let i = 0; i < 10; i++) doc.getArray('a').push([arg + i])", f"{writer.name} during ")
    server.start()
    ada.until(lambda s: s.opens >= 2 and s.unsynced == 0, "to be back and saved", seconds=20)
    grace.until(lambda s: s.opens >= 2 and s.synced, "to be back", seconds=20)
    late = clients.open("collab", people.observer, case)
    late.until_ready()
    state = until_equal([ada, grace, late])
    expected = [
        f"{name} {when} {number}"
        for name in (ada.name, grace.name)
        for when, count in (("before", 100), ("during", 10))
        for number in range(count)
    ]
    assert state.content is not None
    array = state.content["a"]
    assert isinstance(array, list)
    assert sorted(array) == sorted(expected)
    seqs = [entry["seq"] for entry in server.history(people.lead, case)]
    assert seqs == list(range(1, len(seqs) + 1))


def test_what_is_on_its_way_is_saved_and_acknowledged_before_the_server_ends(
    clients: Clients, people: People, case: str, server: RunningServer
) -> None:
    """[ROOM-12] Whatever was acknowledged is there, and the acknowledgements came before the 1012."""
    counting = clients.open("yjs", people.lead, case, params={"ack": "1"})
    counting.until(lambda s: s.acks == [1], "its SyncStep2 to be counted")
    counting.run("for (let i = 0; i < 150; i++) doc.getArray('a').push([i])")
    assert server.terminate() == 0
    acknowledged = counting.until_closed(1012).acks[-1] - 1
    server.start()
    assert len(server.history(people.lead, case)) >= acknowledged
