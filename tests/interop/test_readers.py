"""Who may read but not write: refused before the journal, told so, and left to read on."""

from __future__ import annotations

import pytest

from tests.interop.replicas import Clients
from tests.servers import People, RunningServer, Someone

REFUSED = {"type": "refused", "reason": "read-only", "title": "You may read this document but not change it."}
REJECTED = b"\x08\x00"


def test_a_collab_reader_is_told_its_scope_and_each_refusal(
    clients: Clients, people: People, case: str, server: RunningServer
) -> None:
    """[ROOM-4] [ROOM-2] SyncStatus 0 and a stateless message; nobody else and no journal sees the edit."""
    author = clients.open("collab", people.lead, case)
    reader = clients.open("collab", people.observer, case)
    author.until_ready()
    assert reader.until_ready().scopes == ["readonly"]
    reader.write("I was never here")
    told = reader.until(lambda s: s.refused != [], "to be told")
    assert told.refused == [REFUSED]
    assert told.unsynced == 1
    assert [frame[-2:] for frame in reader.heard()].count(REJECTED) == 1
    author.write("written by who may")
    author.until_saved()
    reader.until(lambda s: s.content is not None and "written by who may" in str(s.content["t"]), "to read on")
    assert author.text() == "written by who may"
    (entry,) = server.history(people.lead, case)
    assert isinstance(entry["author"], dict)
    assert entry["author"]["id"] == people.lead.id
    assert reader.state().closes == []


def test_a_yjs_reader_hears_a_denial_and_stays(
    clients: Clients, people: People, case: str, server: RunningServer
) -> None:
    """[ROOM-4]"""
    author = clients.open("yjs", people.lead, case)
    reader = clients.open("yjs", people.observer, case)
    author.until_ready()
    reader.until_ready()
    reader.write("I was never here")
    reader.until(lambda s: s.denied == [REFUSED["title"]], "to be told")
    author.write("written by who may")
    reader.until(lambda s: s.content is not None and "written by who may" in str(s.content["t"]), "to read on")
    assert author.text() == "written by who may"
    assert len(server.history(people.lead, case)) == 1
    assert reader.state().closes == []


def test_what_a_reader_wrote_offline_is_refused_and_told(
    clients: Clients, people: People, case: str, server: RunningServer
) -> None:
    """[ROOM-4] The provider sends it twice, as the edit it kept and as a SyncStep2 with something new: two refusals."""
    reader = clients.open("collab", people.observer, case)
    reader.until_ready()
    reader.offline()
    reader.until(lambda s: not s.connected, "to be offline")
    reader.write("a note to myself")
    reader.online()
    assert reader.until(lambda s: len(s.refused) == 2, "to be told").refused == [REFUSED, REFUSED]
    assert server.history(people.lead, case) == []
    assert reader.state().unsynced != 0


@pytest.mark.parametrize(
    ("role", "document", "scope"),
    [
        ("lead", "record", "read-write"),
        ("lead", "discussion", "read-write"),
        ("contributor", "record", "read-write"),
        ("consultant", "record", "readonly"),
        ("consultant", "discussion", "read-write"),
        ("consultant", "opinion.{consultant}", "read-write"),
        ("lead", "opinion.{consultant}", "readonly"),
        ("observer", "discussion", "readonly"),
        ("moderator", "record", "readonly"),
    ],
)
def test_the_scope_follows_the_role_and_the_document(
    role: str, document: str, scope: str, clients: Clients, people: People, case: str, server: RunningServer
) -> None:
    """[PER-2] And it is what the server does: the edit is journalled or it is not."""
    who = getattr(people, role)
    assert isinstance(who, Someone)
    name = document.format(consultant=people.consultant.id)
    clients.open("yjs", people.consultant, case, name).until_ready()  # so that it is there, whoever comes first
    client = clients.open("collab", who, case, name)
    assert client.until_ready().scopes == [scope]
    client.write("x")
    if scope == "read-write":
        client.until_saved()
    else:
        client.until(lambda s: s.refused == [REFUSED], "to be told")
    assert len(server.history(people.lead, case, "record" if name == "record" else name)) == (scope == "read-write")
