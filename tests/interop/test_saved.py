"""What a client is told of its edits: each is answered once, in order, and "accepted" means committed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from tests.interop.replicas import Clients, until_equal
from tests.servers import People, RunningServer

ACCEPTED, REJECTED = b"\x08\x01", b"\x08\x00"


@contextmanager
def journal_held_up(server: RunningServer) -> Iterator[None]:
    """Nothing can be committed until the block ends: another process holds the write lock."""
    with closing(sqlite3.connect(server.data / "consilium.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def test_an_edit_is_neither_shown_nor_acknowledged_before_it_is_committed(
    clients: Clients, people: People, case: str, server: RunningServer
) -> None:
    """[ROOM-1] [JRN-1] [STO-4] The commit is held up; what the author says after the edit passes: it was read."""
    author = clients.open("collab", people.lead, case)
    counting = clients.open("yjs", people.contributor, case, params={"ack": "1"})
    watchers = [clients.open("collab", people.observer, case), clients.open("yjs", people.consultant, case)]
    for client in (author, counting, *watchers):
        client.until_ready()
    counted = counting.until(lambda s: s.acks != [], "its first SyncStep2 to be acknowledged").acks[-1]
    with journal_held_up(server):
        author.write("not yet")
        counting.write("nor this")
        for writer in (author, counting):
            writer.run("awareness.setLocalStateField('after', 'the edit')")
            for watcher in watchers:
                me = writer.state().client
                watcher.until(lambda s, c=me: s.awareness.get(c, {}).get("after") == "the edit", "the author")  # type: ignore[misc]
        assert author.state().unsynced == 1
        assert counting.state().acks[-1] == counted
        assert [watcher.text() for watcher in watchers] == ["", ""]
        assert server.history(people.lead, case) == []
    author.until_saved()
    counting.until(lambda s: s.acks[-1] == counted + 1, "its edit to be acknowledged")
    until_equal([author, counting, *watchers])
    assert len(server.history(people.lead, case)) == 2


def test_every_edit_is_answered_exactly_once_and_in_order(
    clients: Clients, people: People, case: str, server: RunningServer
) -> None:
    """[ROOM-2] [ROOM-19] [JRN-2] No-ops included; `unsyncedChanges` counts the answers and comes to 0, never below."""
    author = clients.open("collab", people.lead, case)
    ready = author.until_ready()
    first = ready.unsynced_history
    assert first[-1] == 0
    author.run("for (let i = 0; i < 50; i++) doc.getText('t').insert(0, 'x')")
    saved = author.until_saved()
    assert saved.unsynced_history[len(first) :] == [*range(1, 51), *range(49, -1, -1)]
    update = author.run("return [...Y.encodeStateAsUpdate(doc)]")
    assert isinstance(update, list)
    address = f"{case}/record".encode()
    frame = bytes([len(address)]) + address + bytes([0, 2]) + _var_bytes(bytes(update))
    for _ in range(3):  # what the server knows already
        author.send(frame)
    author.until(lambda s: s.frames >= saved.frames + 3, "three more answers")
    answers = [f[-2:] for f in author.heard() if f[len(address) + 1 : -1] == b"\x08"]
    assert answers == [ACCEPTED] * 54  # its SyncStep2, 50 edits, 3 repetitions
    assert [entry["seq"] for entry in server.history(people.lead, case)] == list(range(1, 51))


def test_an_edit_is_shown_before_its_author_hears_that_it_is_saved(clients: Clients, people: People, case: str) -> None:
    """[ROOM-3] Both clients live in one process, which reads their sockets in the order in which they were written."""
    author = clients.open("collab", people.lead, case)
    watcher = clients.open("yjs", people.contributor, case)
    author.until_ready()
    watcher.until_ready()
    for number in range(20):
        author.run("doc.getArray('a').push([arg])", number)
        author.until_saved()
        watcher.until(lambda s, n=number: s.content is not None and n in s.content["a"], "the edit", seconds=1)  # type: ignore[misc]


def test_a_yjs_client_counts_its_saved_edits_if_it_asked(clients: Clients, people: People, case: str) -> None:
    """[WIRE-9] The running total of its SyncStep2 and its edits; a client that did not ask hears nothing of it."""
    asking = clients.open("yjs", people.lead, case, params={"ack": "1"})
    silent = clients.open("yjs", people.contributor, case)
    asking.until_ready()
    silent.until_ready()
    asking.until(lambda s: s.acks == [1], "its SyncStep2 to be counted")
    asking.run("for (let i = 0; i < 10; i++) doc.getText('t').insert(0, 'x')")
    silent.run("for (let i = 0; i < 10; i++) doc.getText('t').insert(0, 'y')")
    acks = asking.until(lambda s: s.acks[-1] == 11, "all to be counted").acks
    assert acks == sorted(set(acks))
    until_equal([asking, silent])
    assert silent.state().acks == []
    assert [frame for frame in silent.heard() if frame[0] == 100] == []


def test_a_document_with_what_we_do_not_keep_is_refused_by_name(
    clients: Clients, people: People, case: str, server: RunningServer
) -> None:
    """[WIRE-5] Sub-documents: no document of a case has them, and they would escape its rights."""
    author = clients.open("yjs", people.lead, case)
    author.until_ready()
    author.run("doc.getMap('m').set('attachment', new Y.Doc())")
    assert author.until_closed(4400).closes[0][1].startswith("The client sent an edit that is not a well-formed")
    assert server.history(people.lead, case) == []


def _var_bytes(data: bytes) -> bytes:
    length, out = len(data), bytearray()
    while length > 127:
        out.append(length & 127 | 128)
        length >>= 7
    return bytes(out) + bytes([length]) + data
