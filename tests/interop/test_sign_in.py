"""Who gets in, by which credential, and what those hear who do not."""

from __future__ import annotations

import asyncio
import json
import urllib.request

import pytest

from storage.stores import open_stores
from tests.interop.replicas import WIRES, Clients, Replica, Wire
from tests.servers import PASSWORD, People, RunningServer, Someone
from workspace.ids import Millis, PersonId, parse_document_id

ABSENT = "aaaaaaaaaaaaaaaa"
NOTHING = {"collab": "not-found", "yjs": (4404, "There is nothing here, or nothing that you may see.")}


def sign_in(server: RunningServer, person: Someone) -> str:
    """The session cookie that the page gets."""
    body = json.dumps({"email": person.email, "password": PASSWORD}).encode()
    request = urllib.request.Request(f"{server.url}/api/sign-in", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as response:
        return str(response.headers["Set-Cookie"]).split(";")[0]


def test_a_refused_token_leaves_the_socket_to_the_other_documents(clients: Clients, people: People, case: str) -> None:
    """[ROOM-13] [WIRE-8] What the refused address sent is wiped: nothing of it is answered."""
    refused = clients.open("collab", None, case, token="not a token", socket="shared")
    refused.until(lambda s: s.denied == ["unauthenticated"], "to be denied")
    welcome = clients.open("collab", people.lead, case, "discussion", socket="shared")
    welcome.until_ready()
    welcome.write("still open")
    welcome.until_saved()
    state = refused.state()
    assert (state.opens, state.closes, state.synced) == (1, [], False)


def test_a_fresh_token_after_a_refusal_is_a_fresh_try(clients: Clients, people: People, case: str) -> None:
    """[ROOM-13]"""
    client = clients.open("collab", None, case, token="not a token", socket="shared")
    client.until(lambda s: s.denied != [], "to be denied")
    client.run(
        "provider.configuration.token = arg; provider.sendToken().then(() => provider.startSync())", people.lead.token
    )
    client.until_ready()
    client.write("second try")
    client.until_saved()
    assert client.state().opens == 1


def test_a_later_token_message_keeps_the_session(clients: Clients, people: People, case: str) -> None:
    """[ROOM-17] A token refresh; one of somebody else is refused."""
    client = clients.open("collab", people.lead, case)
    client.until_ready()
    client.run("provider.sendToken()")
    client.until(lambda s: s.scopes == ["read-write", "read-write"], "to be welcomed again")
    client.write("goes on")
    client.until_saved()
    client.run("provider.configuration.token = arg; provider.sendToken()", people.contributor.token)
    client.until(lambda s: s.denied == ["forbidden"], "to be denied")


@pytest.mark.parametrize("wire", WIRES)
def test_a_case_that_is_not_yours_looks_like_one_that_is_not_there(
    wire: Wire, clients: Clients, people: People, case: str
) -> None:
    """[PER-1] Also a malformed id, a document that cannot be, and the opinion of one who is no member."""
    documents = [
        (case, "record"),
        (ABSENT, "record"),
        ("not-an-id", "record"),
        (case, "secret"),
        (case, f"opinion.{people.stranger.id}"),
    ]
    told = {_refusal(clients.open(wire, people.stranger, *name)) for name in documents}
    assert told == {NOTHING[wire]}


def _refusal(client: Replica) -> object:
    state = client.until(lambda s: bool(s.denied or s.closes), "to be refused")
    return state.denied[0] if state.denied else state.closes[0]


@pytest.mark.parametrize("document", ["secret", "record~1", "record~2", "Record", "opinion.", f"opinion.{ABSENT}"])
@pytest.mark.parametrize("wire", WIRES)
def test_a_member_cannot_make_documents_up(
    wire: Wire, document: str, clients: Clients, people: People, case: str
) -> None:
    """[PER-1] [PER-4] The documents of a case are given: nobody fills a case's folder by asking for names."""
    told = _refusal(clients.open(wire, people.lead, case, document))
    assert told == NOTHING[wire]


def test_a_ticket_opens_one_connection(clients: Clients, people: People, case: str, server: RunningServer) -> None:
    """[AUT-3] [PEO-3] The stock client comes back with the same parameters: it needs a fresh one."""
    ticket = server.ticket(people.lead)
    first = clients.open("yjs", None, case, params={"ticket": ticket})
    first.until_ready()
    first.write("with a ticket")
    second = clients.open("yjs", None, case, params={"ticket": ticket})
    second.until_closed(4401)
    first.offline()
    first.online(params={"ticket": server.ticket(people.lead)})
    first.until(lambda s: s.opens == 2 and s.synced, "to be back")
    assert first.text() == "with a ticket"


def test_without_a_credential_there_is_no_document(clients: Clients, case: str) -> None:
    """[PER-1]"""
    clients.open("yjs", None, case).until_closed(4401)
    assert clients.open("collab", None, case).until(lambda s: s.denied != [], "a denial").denied == ["unauthenticated"]


@pytest.mark.parametrize("wire", WIRES)
def test_a_cookie_counts_from_our_own_page_only(
    wire: Wire, clients: Clients, people: People, case: str, server: RunningServer
) -> None:
    """[AUT-2] Any page can open a WebSocket to us, and the browser sends our cookie along."""
    cookie = sign_in(server, people.lead)
    ours = clients.open(wire, None, case, headers={"Cookie": cookie, "Origin": server.url})
    ours.until_ready()
    for headers in ({"Origin": "https://elsewhere.example"}, {}):
        told = _refusal(clients.open(wire, None, case, headers={"Cookie": cookie} | headers))
        assert told in ("unauthenticated", (4401, "Please sign in."))


@pytest.mark.parametrize("wire", WIRES)
def test_a_document_whose_history_was_rewritten_says_so(
    wire: Wire, clients: Clients, people: People, case: str, server: RunningServer
) -> None:
    """[JRN-9] Who is in it is sent away at the next edit, who comes later at once; the successor is a fresh start."""
    inside = clients.open(wire, people.lead, case)
    inside.until_ready()
    inside.write("to be rewritten")

    async def rewrite() -> None:
        async with open_stores(server.data / "consilium.sqlite3") as stores:
            document = parse_document_id(case, "record")
            await stores.journal.supersede(document, None, PersonId(people.moderator.id), Millis(1))

    asyncio.run(rewrite())
    inside.write(", too late")
    inside.until_closed(4409)
    told = _refusal(clients.open(wire, people.contributor, case))
    text = f"This document's history was rewritten; it continues under a new name. ({case}/record~2)"
    assert told in ("superseded", (4409, text))
    successor = clients.open(wire, people.contributor, case, "record~2")
    assert successor.until_ready().content == {"t": "", "m": {}, "a": [], "x": ""}
