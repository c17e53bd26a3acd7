"""Who is here: names and roles are the server's word, one session speaks for one client, and who leaves is gone."""

from __future__ import annotations

import pytest

from tests.interop.replicas import WIRES, Clients, Wire
from tests.servers import People

UNREADABLE = ("not json", "[1]", '"text"', '{"n":NaN}', '{"n":1e999}', '{"s":"' + "x" * 20_000 + '"}')
LIES = {"id": "x", "name": "Dr. House", "role": "lead", "color": "red"}


@pytest.mark.parametrize("wire", WIRES)
def test_name_and_role_come_from_the_server(wire: Wire, clients: Clients, people: People, case: str) -> None:
    """[AWR-1] Whatever the client wrote there; the rest of its state is its own."""
    speaker = clients.open(wire, people.consultant, case)
    watchers = [clients.open(other, people.lead, case) for other in WIRES]
    for client in (speaker, *watchers):
        client.until_ready()
    speaker.run("awareness.setLocalState({ user: arg, cursor: { anchor: 'ü👩🏽‍⚕️' }, n: 1.5 })", LIES)
    me = speaker.state().client
    for watcher in watchers:
        state = watcher.until(lambda s: "cursor" in s.awareness.get(me, {}), "the speaker").awareness[me]
        user = state["user"]
        assert isinstance(user, dict)
        assert (user["id"], user["name"]) == (people.consultant.id, people.consultant.name)
        assert user["role"] == "consultant"
        assert str(user["color"]).startswith("#")
        assert (state["cursor"], state["n"]) == ({"anchor": "ü👩🏽‍⚕️"}, 1.5)


@pytest.mark.parametrize("wire", WIRES)
def test_who_comes_later_sees_who_is_here(wire: Wire, clients: Clients, people: People, case: str) -> None:
    """[AWR-1] Without anybody saying anything anew."""
    here = [clients.open(other, people.lead, case) for other in WIRES]
    for client in here:
        client.until_ready()
        client.run("awareness.setLocalStateField('here', true)")
    ids = {client.state().client for client in here}
    for client in here:
        client.until(lambda s: ids <= s.awareness.keys(), "both")
    late = clients.open(wire, people.observer, case)
    late.until(lambda s: ids <= s.awareness.keys(), "to see both")


@pytest.mark.parametrize("how", ["politely", "by a cut"])
@pytest.mark.parametrize("wire", WIRES)
def test_who_leaves_is_gone_for_the_others(how: str, wire: Wire, clients: Clients, people: People, case: str) -> None:
    """[AWR-3] The session's end is the state's end; nobody waits 30 s."""
    watcher = clients.open("collab", people.lead, case)
    leaver = clients.open(wire, people.contributor, case)
    watcher.until_ready()
    leaver.until_ready()
    leaver.run("awareness.setLocalStateField('here', true)")  # a state of clock 0, as it was made, no client takes
    me = leaver.state().client
    watcher.until(lambda s: me in s.awareness, "to see the other")
    if how == "politely":
        leaver.close()
    else:
        leaver.run("awareness.states.delete(awareness.clientID)")  # so that the stock client, coming back, says nothing
        leaver.cut()
    watcher.until(lambda s: me not in s.awareness, "the other to be gone")


def test_nobody_speaks_for_another_client(clients: Clients, people: People, case: str) -> None:
    """[AWR-2] What a client repeats or makes up of others is passed over, without a word."""
    victim = clients.open("collab", people.lead, case)
    liar = clients.open("yjs", people.contributor, case)
    watcher = clients.open("collab", people.observer, case)
    for client in (victim, liar, watcher):
        client.until_ready()
    for client in (victim, liar):
        client.run("awareness.setLocalStateField('here', true)")
    me, him = victim.state().client, liar.state().client
    for client in (liar, watcher):
        client.until(lambda s: {me, him} <= s.awareness.keys(), "both")
    for lie in ("null", '{"lies":true}'):
        for client_id in (me, 12345):
            liar.send(_awareness(client_id, 2**20, lie))
    liar.run("awareness.setLocalStateField('mark', 1)")  # passes after the lies, on the same wire
    state = watcher.until(lambda s: s.awareness.get(him, {}).get("mark") == 1, "the liar's own state")
    assert "lies" not in state.awareness[me]
    assert 12345 not in state.awareness
    assert liar.state().closes == []


@pytest.mark.parametrize("text", UNREADABLE, ids=lambda text: text[:10])
@pytest.mark.parametrize("wire", WIRES)
def test_a_state_that_browsers_cannot_read_is_refused(
    text: str, wire: Wire, clients: Clients, people: People, case: str
) -> None:
    """[AWR-4] It would throw in everybody's page."""
    watcher = clients.open("yjs", people.observer, case)
    speaker = clients.open(wire, people.contributor, case)
    watcher.until_ready()
    speaker.until_ready()
    address = f"{case}/record".encode() if wire == "collab" else b""
    prefix = bytes([len(address)]) + address if address else b""
    before = speaker.state().client
    speaker.send(prefix + _awareness(before, 2**20, text))
    assert speaker.until_closed(4400).closes[0][0] == 4400
    assert watcher.state().closes == []
    assert text not in str(watcher.state().awareness)


def _var_uint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes(out) + bytes([number])


def _awareness(client: int, clock: int, text: str) -> bytes:
    spelled = text.encode()
    update = b"\x01" + _var_uint(client) + _var_uint(clock) + _var_uint(len(spelled)) + spelled
    return b"\x01" + _var_uint(len(update)) + update
