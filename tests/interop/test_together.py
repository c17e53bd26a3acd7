"""Both kinds of client in one room: what one writes, all have, whatever happened on the way."""

from __future__ import annotations

import pytest

from tests.interop.replicas import WIRES, Clients, Wire, until_equal
from tests.servers import People, RunningServer

SCRIPTS = {
    "umlauts": "Müller-Lüdenscheidt, Ålesund, naïve café",
    "CJK": "胸痛三日、呼吸困難。심근경색 의심",
    "right to left": "ألم في الصدر منذ ثلاثة أيام — כאב בחזה",
    "emoji of several code points": "👩🏽‍⚕️👨‍👩‍👧‍👦🏴󠁧󠁢󠁳󠁣󠁴󠁿🇨🇭",
    "combining marks": "a\u0301e\u0308\u0323 क्षत्रिय ก็ Z̷̢͔a̴l̶g̸o",
    "outside the basic plane": "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𐍈 𠜎𠜱",
    "controls and separators": "tab\tnul\x00line\u2028end\u200b\ufeff",
}


def test_a_yjs_and_a_collab_client_write_one_document(clients: Clients, people: People, case: str) -> None:
    """[ROOM-7] [WIRE-1]"""
    ada = clients.open("collab", people.lead, case)
    grace = clients.open("yjs", people.contributor, case)
    ada.until_ready()
    grace.until_ready()
    ada.write("Chest pain")
    grace.until_text("Chest pain")
    grace.write(" for three days")
    ada.until_text("Chest pain for three days")
    until_equal([ada, grace])


@pytest.mark.parametrize("wire", WIRES)
def test_who_comes_later_gets_what_is_there(wire: Wire, clients: Clients, people: People, case: str) -> None:
    """[ROOM-20] Also with deletions, and when everybody who wrote has left."""
    author = clients.open("collab", people.lead, case)
    author.until_ready()
    author.write("one two three")
    author.run("doc.getText('t').delete(3, 4)")
    author.until_saved()
    before = author.state()
    author.close()
    late = clients.open(wire, people.contributor, case)
    late.until_text("one three")
    assert late.until_ready().digest == before.digest


def test_edits_made_offline_on_both_sides_meet_on_reconnecting(clients: Clients, people: People, case: str) -> None:
    """[ROOM-15] [ROOM-14]"""
    ada = clients.open("collab", people.lead, case)
    grace = clients.open("yjs", people.contributor, case)
    ada.until_ready()
    ada.write("middle")
    grace.until_text("middle")
    ada.offline()
    grace.offline()
    ada.until(lambda s: not s.connected, "to be offline")
    grace.until(lambda s: not s.connected, "to be offline")
    ada.write("left ", at=0)
    ada.run("doc.getMap('m').set('by', 'ada')")
    grace.write(" right")
    grace.run("doc.getText('t').delete(0, 3)")
    ada.online()
    grace.online()
    ada.until_text("left dle right")
    assert until_equal([ada, grace]).content == {"t": "left dle right", "m": {"by": "ada"}, "a": [], "x": ""}


def test_three_who_write_at_once_end_equal(clients: Clients, people: People, case: str) -> None:
    """[ROOM-15] [ROOM-8] [ROOM-14] In one place, with deletions in between; nothing is lost and nothing is doubled."""
    writers = [
        clients.open("collab", people.lead, case),
        clients.open("yjs", people.contributor, case),
        clients.open("collab", people.lead, case),
    ]
    for writer in writers:
        writer.until_ready()
    for number in range(20):
        for mark, writer in zip("xyz", writers, strict=True):
            writer.run(
                "doc.getArray('a').insert(0, [arg]); const t = doc.getText('t'); t.insert(0, 'keepno'); t.delete(4, 2)",
                f"{mark}{number}",
            )
    until_equal(writers)
    state = writers[0].until(lambda s: s.content is not None and len(str(s.content["t"])) == 240, "to have all")
    assert state.content is not None
    array = state.content["a"]
    assert isinstance(array, list)
    assert sorted(array) == sorted(f"{mark}{number}" for mark in "xyz" for number in range(20))
    assert state.content["t"] == "keep" * 60


def test_a_connection_cut_in_the_middle_loses_and_doubles_nothing(clients: Clients, people: People, case: str) -> None:
    """[ROOM-14] [ROOM-15] The client finds out by itself, comes back and sends what was not acknowledged."""
    ada = clients.open("collab", people.lead, case)
    grace = clients.open("yjs", people.contributor, case)
    ada.until_ready()
    grace.until_ready()
    for round_number in range(4):
        for writer in (ada, grace):
            for number in range(5):
                writer.run("doc.getArray('a').push([arg])", f"{writer.name}.{round_number}.{number}")
            writer.cut()
            for number in range(5, 10):
                writer.run("doc.getArray('a').push([arg])", f"{writer.name}.{round_number}.{number}")
            back = round_number + 2
            writer.until(lambda s, back=back: s.opens >= back and s.synced, "to be back")  # type: ignore[misc]
    ada.until_saved()
    state = until_equal([ada, grace])
    assert state.content is not None
    array = state.content["a"]
    assert isinstance(array, list)
    expected = [f"{name}.{r}.{n}" for name in (ada.name, grace.name) for r in range(4) for n in range(10)]
    assert sorted(array) == sorted(expected)


def test_a_long_document_arrives_whole(clients: Clients, people: People, case: str) -> None:
    """[ROOM-20] 1.2 million characters in 40 edits of one burst, and a client that comes after them."""
    ada = clients.open("collab", people.lead, case)
    grace = clients.open("yjs", people.contributor, case)
    ada.until_ready()
    grace.until_ready()
    ada.run("for (let i = 0; i < 40; i++) doc.getText('t').insert(0, String(i).padEnd(30000, 'äx'))")
    ada.until_saved()
    late = clients.open("collab", people.consultant, case)
    until_equal([ada, grace, late])
    assert late.run("return doc.getText('t').length") == 40 * 30_000


@pytest.mark.parametrize("script", SCRIPTS)
def test_text_of_every_script_passes_both_wires_unchanged(
    script: str, clients: Clients, people: People, case: str
) -> None:
    """[WIRE-1] Typed character by character on one wire, edited on the other, read afresh on the first."""
    ada = clients.open("collab", people.lead, case)
    grace = clients.open("yjs", people.contributor, case)
    ada.until_ready()
    grace.until_ready()
    text = SCRIPTS[script]
    for character in text:  # as typed: each its own update
        ada.write(character)
    grace.until_text(text)
    grace.run("doc.getText('t').insert(1, 'ß'); doc.getText('t').delete(0, 1)")
    state = until_equal([ada, grace])
    late = clients.open("collab", people.consultant, case)
    assert late.until_ready().digest == state.digest


def test_every_shared_type_arrives(clients: Clients, people: People, case: str) -> None:
    """[ROOM-15] Nested maps and arrays, formatted text, XML as the editor makes it, embeds, binary values."""
    ada = clients.open("collab", people.lead, case)
    grace = clients.open("yjs", people.contributor, case)
    ada.until_ready()
    grace.until_ready()
    ada.run(
        """
        const paragraph = new Y.XmlElement('paragraph')
        paragraph.setAttribute('textAlign', 'left')
        const text = new Y.XmlText()
        const bold = { bold: true }
        text.applyDelta([{ insert: 'Now: ' }, { insert: 'NSTEMI', attributes: bold }, { insert: { image: 'x' } }])
        paragraph.insert(0, [text])
        doc.getXmlFragment('x').insert(0, [paragraph])
        const inner = new Y.Map()
        inner.set('labs', Y.Array.from([1, -2.5, 2 ** 40, null, true, { nested: ['deep'] }, new Uint8Array([0, 255])]))
        doc.getMap('m').set('inner', inner)
        doc.getArray('a').insert(0, ['first', 'second', 'third'])
        doc.getArray('a').delete(1, 1)
        """
    )
    ada.until_saved()
    state = until_equal([ada, grace])
    assert state.content is not None
    assert state.content["a"] == ["first", "third"]
    assert "<bold>NSTEMI</bold>" in str(state.content["x"])
    assert grace.run("return [...doc.getMap('m').get('inner').get('labs').get(6)]") == [0, 255]


def test_several_documents_share_one_collab_socket(
    clients: Clients, people: People, case: str, server: RunningServer
) -> None:
    """[WIRE-6] Each has its own content, and leaving one leaves the others."""
    record = clients.open("collab", people.lead, case, "record", socket="shared")
    discussion = clients.open("collab", people.lead, case, "discussion", socket="shared")
    opinion = clients.open("collab", people.lead, case, f"opinion.{people.lead.id}", socket="shared")
    for replica in (record, discussion, opinion):
        replica.until_ready()
        replica.write(replica.name)
        replica.until_saved()
    assert record.state().opens == 1
    discussion.close()
    record.write(" goes on")
    record.until_saved()
    other = clients.open("yjs", people.contributor, case, "discussion")
    other.until_text(discussion.name)
    assert [len(server.history(people.lead, case, name)) for name in ("record", "discussion")] == [2, 1]


def test_two_sessions_of_one_document_share_a_socket_by_session_awareness(
    clients: Clients, people: People, case: str
) -> None:
    """[WIRE-6] The address `name\\0session` comes back byte for byte, so each session hears its own answers."""
    left = clients.open("collab", people.lead, case, socket="shared", session_awareness=True)
    right = clients.open("collab", people.lead, case, socket="shared", session_awareness=True)
    left.until_ready()
    right.until_ready()
    left.write("left")
    right.until_text("left")
    right.write(" right")
    left.until_text("left right")
    left.until_saved()
    right.until_saved()
    assert left.state().opens == 1
    addresses = {frame[1 : 1 + frame[0]] for frame in left.heard() if len(frame) > 1}
    assert len(addresses) == 2
    assert all(address.startswith(f"{case}/record\0".encode()) for address in addresses)


@pytest.mark.parametrize("wire", WIRES)
def test_synced_comes_on_an_empty_and_on_a_full_document(
    wire: Wire, clients: Clients, people: People, case: str
) -> None:
    """[ROOM-20]"""
    empty = clients.open(wire, people.lead, case)
    assert empty.until_ready().content == {"t": "", "m": {}, "a": [], "x": ""}
    empty.run("for (let i = 0; i < 300; i++) doc.getText('t').insert(0, 'word ')")
    full = clients.open(wire, people.contributor, case)
    state = full.until(lambda s: s.synced, "to be synced")
    full.until_text("word " * 300)
    assert not state.pending
