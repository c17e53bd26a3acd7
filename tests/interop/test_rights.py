"""Rights that change act on open connections: closed with 4205 within a second, back at once, judged again."""

from __future__ import annotations

import time

import pytest

from tests.interop.replicas import WIRES, Clients, Replica, Wire
from tests.servers import People, RunningServer

WITHIN_SECONDS = 1.0


def _set_role(server: RunningServer, case: str, email: str, role: str) -> float:
    """By the command line, beside the server; when the command was done."""
    server.command("case", "member", case, email, "--role", role)
    return time.monotonic()


def _card(state: dict[str, object]) -> dict[str, object]:
    card = state["user"]
    assert isinstance(card, dict)
    return card


def _closed_in_time(client: Replica, since: float) -> None:
    client.until_closed(4205, seconds=WITHIN_SECONDS - (time.monotonic() - since))


def test_a_writer_who_becomes_an_observer_comes_back_as_a_reader(
    clients: Clients, people: People, case: str, server: RunningServer
) -> None:
    """[ROOM-10] [CLI-2]"""
    colleague = clients.open("collab", people.lead, case)
    client = clients.open("collab", people.contributor, case)
    colleague.until_ready()
    client.until_ready()
    client.write("while I may")
    client.until_saved()
    done = _set_role(server, case, people.contributor.email, "observer")
    _closed_in_time(client, done)
    client.until(lambda s: s.scopes[-1] == "readonly" and s.synced, "to be back as a reader")
    client.write(", and now I may not")
    client.until(lambda s: s.refusals == ["read-only"], "to be refused")
    assert colleague.text() == "while I may"
    assert colleague.state().closes == []
    client.run("awareness.setLocalStateField('here', true)")
    me = client.state().client
    state = colleague.until(lambda s: me in s.awareness, "to see the other again").awareness[me]
    assert state["user"] == {**_card(state), "role": "observer", "name": people.contributor.name}


def test_a_reader_who_becomes_a_contributor_can_write_at_once(
    clients: Clients, people: People, case: str, server: RunningServer
) -> None:
    """[ROOM-10] What was refused before and is still in the client's document comes with it."""
    client = clients.open("collab", people.observer, case)
    client.until_ready()
    client.write("rescued")
    client.until(lambda s: s.refusals == ["read-only"], "to be refused")
    server.set_member(case, people.lead, people.observer, "contributor")
    client.until(lambda s: s.scopes[-1] == "read-write" and s.unsynced == 0, "to be back as a writer")
    assert len(server.history(people.lead, case)) == 1


@pytest.mark.parametrize("wire", WIRES)
def test_who_is_removed_is_out_within_a_second_and_stays_out(
    wire: Wire, clients: Clients, people: People, case: str, server: RunningServer
) -> None:
    """[ROOM-10] [PER-1] An edit after that reaches nobody."""
    colleague = clients.open("yjs", people.lead, case)
    client = clients.open(wire, people.contributor, case)
    colleague.until_ready()
    client.until_ready()
    done = _set_role(server, case, people.contributor.email, "none")
    _closed_in_time(client, done)
    if wire == "collab":
        client.until(lambda s: s.denied == ["not-found"], "to be denied")
    else:
        client.until_closed(4404)
    client.write("a last word")
    colleague.write("without you")
    colleague.until(lambda s: len(server.history(people.lead, case)) == 1, "its own edit")
    assert colleague.text() == "without you"
    assert colleague.state().closes == []


def test_rights_in_one_case_leave_sessions_in_another_alone(
    clients: Clients, people: People, case: str, server: RunningServer
) -> None:
    """[ROOM-10]"""
    other = people.open_case(server)
    there = clients.open("yjs", people.contributor, other)
    here = clients.open("yjs", people.contributor, case)
    there.until_ready()
    here.until_ready()
    server.set_member(case, people.lead, people.contributor, "consultant")
    here.until_closed(4205)
    assert there.state().closes == []


@pytest.mark.parametrize("wire", WIRES)
def test_signing_out_ends_what_that_sign_in_opened(
    wire: Wire, clients: Clients, people: People, case: str, server: RunningServer
) -> None:
    """[ROOM-10] [ROOM-17] The client comes back with what it has, and that is worth nothing any more."""
    token = server.command("token", people.contributor.email)
    headers = {"Authorization": f"Bearer {token}"} if wire == "yjs" else {}
    client = clients.open(wire, None, case, token=token, headers=headers)
    client.until_ready()
    assert server.request("POST", "/api/sign-out", token).status == 204
    client.until_closed(4205)
    if wire == "collab":
        client.until(lambda s: s.denied == ["unauthenticated"], "to be denied")
    else:
        client.until_closed(4401)


def test_a_sign_in_that_ends_is_asked_for_in_time_and_ends_the_session(
    clients: Clients, people: People, case: str, server: RunningServer
) -> None:
    """[ROOM-17] The stock provider answers with a fresh token, if its page has one; y-websocket cannot be asked."""
    short = server.command("token", people.contributor.email, "--ttl", "4")
    asked = clients.open("collab", None, case, token=short)
    silent = clients.open("yjs", None, case, headers={"Authorization": f"Bearer {short}"})
    asked.until_ready()
    silent.until_ready()
    asked.run("provider.configuration.token = arg", people.contributor.token)
    asked.until(lambda s: len(s.scopes) >= 2, "to be welcomed with the fresh token")
    silent.until_closed(4401, seconds=8)
    asked.write("still here")
    asked.until_saved()
    assert asked.state().closes == []
