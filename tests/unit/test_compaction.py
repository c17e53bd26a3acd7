"""workspace.compaction: snapshots that forget nothing."""

from __future__ import annotations

import pytest
from pycrdt import Doc, Map, Text, XmlElement, XmlFragment, XmlText

from tests.unit.scene import ADA
from tests.unit.scene import Replica as Browser
from workspace.compaction import decode_snapshot, encode_snapshot, open_replica, squash
from workspace.entries import Entry, Snapshot, Stored
from workspace.errors import InvalidMessage
from workspace.ids import ClientId, Millis, OpId, Seq, UpdateBytes
from workspace.ranges import Ranges
from workspace.replica import Holding, Replica
from workspace.update import read_state_vector, read_update


def replica(*updates: bytes) -> Replica:
    return open_replica(Stored(None, entries(*updates), {}))


def entries(*updates: bytes, after: int = 0) -> tuple[Entry, ...]:
    return tuple(
        Entry(Seq(seq), OpId(seq.to_bytes(16, "big")), UpdateBytes(update), ADA.id, Millis(0))
        for seq, update in enumerate(updates, start=after + 1)
    )


def facts_of(update: bytes) -> tuple[Ranges, Ranges]:
    structs, deletes = Ranges(), Ranges()
    facts = read_update(update)
    structs.add_all(facts.structs)
    deletes.add_all(facts.deletes)
    return structs, deletes


def snapshot(held: Replica) -> Snapshot:
    holding = held.seal()
    return encode_snapshot(holding, squash(holding))


def test_squashing_joins_runs_and_drops_what_was_deleted() -> None:
    """[JRN-12] That is what it is for."""
    browser = Browser(7)
    updates = [browser.type(f"{'word ' * 20}{number}") for number in range(200)]
    updates.append(browser.erase(0, 19_000))
    holding = replica(*updates).seal()
    squashed = squash(holding)
    assert len(squashed) < sum(map(len, holding.chunks)) / 10
    assert str(Browser(99).take([squashed])) == str(browser)
    assert facts_of(squashed)[0] == holding.held


def test_what_waits_for_its_predecessor_is_not_forgotten() -> None:
    """[JRN-12] The first trap: apply 1 and 3, take the `Doc`'s bytes, and 3 is gone when 2 comes."""
    browser = Browser(7)
    first, second, third = browser.type("a"), browser.type("b"), browser.type("c")
    kept = snapshot(replica(first, third))
    opened = decode_snapshot(kept)
    assert dict(opened.held) == {7: [(0, 1), (2, 3)]}
    opened.take(Seq(3), second, read_update(second))
    assert str(Browser(99).take(opened.answer({}))) == "abc"


def test_what_waits_for_another_client_s_structs_is_not_forgotten() -> None:
    """[JRN-12] Its own clocks have no hole, so only the proof shows that a `Doc` holds it back."""
    ada = Browser(7)
    hers = ada.type("ada ")
    ben = Browser(8).take([hers])
    his = ben.type("ben")
    held = replica(his)
    assert not held.held.has_gaps
    opened = decode_snapshot(snapshot(held))
    opened.take(Seq(2), hers, read_update(hers))
    assert str(Browser(99).take(opened.answer({}))) == "ada ben"


def test_a_deletion_that_came_before_what_it_deletes_is_not_forgotten() -> None:
    """[JRN-12]"""
    browser = Browser(7)
    typed, erased = browser.type("abc"), browser.erase(0, 2)
    opened = decode_snapshot(snapshot(replica(erased)))
    assert dict(opened.deleted) == {7: [(0, 2)]}
    opened.take(Seq(2), typed, read_update(typed))
    assert str(Browser(99).take(opened.answer({}))) == "c"


def test_a_doc_that_deletes_more_than_it_was_told_may_stand() -> None:
    """[JRN-12] Ada removed a paragraph while Ben typed into it: his words are journalled, and to be seen nowhere."""
    ada: Doc[XmlFragment] = Doc(client_id=7)
    fragment = ada.get("record", type=XmlFragment)
    fragment.children.append(XmlElement("paragraph", contents=[XmlText("old")]))
    start = ada.get_update()
    ben: Doc[XmlFragment] = Doc(client_id=8)
    ben.apply_update(start)
    before = ben.get_state()
    paragraph = ben.get("record", type=XmlFragment).children[0]
    assert isinstance(paragraph, XmlElement)
    text = paragraph.children[0]
    assert isinstance(text, XmlText)
    text.insert(3, " and Ben's words")
    typed = ben.get_update(before)
    before = ada.get_state()
    del fragment.children[0]
    holding = replica(start, typed, ada.get_update(before)).seal()
    squashed = squash(holding)
    structs, deletes = facts_of(squashed)
    assert structs == holding.held
    assert deletes != holding.deleted
    assert squashed.find(b"Ben's words") == -1, "the Doc's bytes were taken"
    reader: Doc[XmlFragment] = Doc()
    reader.apply_update(squashed)
    assert str(reader.get("record", type=XmlFragment)) == ""


def test_every_kind_of_content_survives() -> None:
    """[JRN-12] What the record, the discussion and an opinion are made of."""
    doc: Doc[Map[object]] = Doc(client_id=7)
    threads: Map[object] = doc.get("threads", type=Map)
    threads["a"] = {"text": "ñ🫀", "anchor": b"\x00\xff", "at": 1.5, "open": True, "none": None, "list": [1, "2"]}
    threads["rich"] = Text("bold")
    rich = threads["rich"]
    assert isinstance(rich, Text)
    rich.format(0, 2, {"bold": True})
    del threads["a"]
    threads["b"] = 2
    before = [doc.get_update()]
    opened = decode_snapshot(snapshot(replica(*before)))
    other: Doc[Map[object]] = Doc()
    for update in opened.answer({}):
        other.apply_update(update)
    copy: Map[object] = other.get("threads", type=Map)
    assert copy.to_py() == threads.to_py()
    assert other.get_state() == doc.get_state()


def test_nothing_at_all_can_be_snapshot() -> None:
    """[JRN-12]"""
    opened = decode_snapshot(snapshot(replica()))
    assert opened.answer({}) == [b"\x00\x00"]
    assert opened.seq == 0


def test_a_document_is_its_snapshot_and_the_entries_after_it() -> None:
    """[JRN-7] [JRN-12]"""
    browser = Browser(7)
    updates = [browser.type(f"{number} ") for number in range(100)]
    kept = snapshot(replica(*updates[:60]))
    assert kept.seq == 60
    opened = open_replica(Stored(kept, entries(*updates[60:], after=60), {}))
    plain = replica(*updates)
    assert opened.seq == plain.seq == 100
    assert opened.held == plain.held
    assert opened.deleted == plain.deleted
    assert opened.state_vector() == plain.state_vector()
    assert str(Browser(99).take(opened.answer({}))) == str(browser)


def test_a_snapshot_says_what_it_holds_without_its_update_being_parsed() -> None:
    """[JRN-7]"""
    browser = Browser(7)
    held = replica(browser.type("abc"), browser.erase(1, 2))
    opened = decode_snapshot(snapshot(held))
    assert opened.held == held.held
    assert opened.deleted == held.deleted
    assert read_state_vector(opened.state_vector()) == {ClientId(7): 3}


@pytest.mark.parametrize("body", [b"", b"\x01", b"\x00", b"\x02\x00\x00"])
def test_bytes_of_another_format_are_refused(body: bytes) -> None:
    """[JRN-7]"""
    with pytest.raises(InvalidMessage):
        decode_snapshot(Snapshot(Seq(1), body))


def test_compacting_again_and_again_loses_nothing() -> None:
    """[JRN-12] [JRN-13] A snapshot of a snapshot, deletions and gaps in between."""
    browser = Browser(7)
    held = replica()
    waiting: list[UpdateBytes] = []
    for seq in range(1, 201):
        size = len(str(browser))
        update = browser.erase(size - 1, size) if seq % 7 == 0 else browser.type(f"{seq};")
        waiting.append(update)
        if seq % 3 == 0:
            waiting.reverse()
        held.take(Seq(seq), waiting[0], read_update(waiting.pop(0)))
        if seq % 20 == 0:
            held = decode_snapshot(snapshot(held))
    for update in waiting:
        held.take(Seq(held.seq + 1), update, read_update(update))
    assert str(Browser(99).take(held.answer({}))) == str(browser)


def test_a_holding_is_not_changed_by_being_squashed() -> None:
    """[JRN-13] A thread works on it while the room answers from the same chunks."""
    browser = Browser(7)
    holding = replica(*(browser.type("x") for _ in range(100))).seal()
    before = Holding(holding.seq, tuple(holding.chunks), holding.held.copy(), holding.deleted.copy())
    squash(holding)
    assert (holding.chunks, holding.held, holding.deleted) == (before.chunks, before.held, before.deleted)
