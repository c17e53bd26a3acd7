"""workspace.attribution against the plainest model: for each clock, the first entry that brought it.

Random people edit replicas, offline and on, merge each other's, and send what they have, twice and out of order, as
real clients do; the journal keeps what a room would keep.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from pycrdt import Doc, Text, XmlElement, XmlFragment, merge_updates

from workspace.attribution import JOIN_MILLIS, Attribution, Claims
from workspace.entries import Entry
from workspace.ids import ClientId, Millis, OpId, PersonId, Seq, UpdateBytes
from workspace.lib0 import write_var_uint
from workspace.ranges import MANY
from workspace.update import ClientRange, encode_ranges, read_update

PEOPLE = tuple(PersonId(letter * 16) for letter in "abc")
Model = dict[tuple[ClientId, int], Entry]


def entry(seq: int, who: PersonId, update: bytes, at: int) -> Entry:
    return Entry(Seq(seq), OpId(seq.to_bytes(16, "big")), UpdateBytes(update), who, Millis(at))


def modelled(entries: Sequence[Entry]) -> tuple[Model, Model]:
    written: Model = {}
    deleted: Model = {}
    for each in entries:
        facts = read_update(each.update)
        for model, ranges in ((written, facts.structs), (deleted, facts.deletes)):
            for client, start, end in ranges:
                for clock in range(start, end):
                    model.setdefault((client, clock), each)
    return written, deleted


def check(claims: Claims, model: Model) -> None:
    found: set[tuple[ClientId, int]] = set()
    count = 0
    for client, runs in claims:
        last = -1
        for run in runs:
            count += 1
            assert last <= run.start < run.end, "sorted and disjoint"
            assert run.until - run.since < JOIN_MILLIS
            last = run.end
            for clock in range(run.start, run.end):
                found.add((client, clock))
                source = model[client, clock]
                assert source.author == run.person
                assert run.first <= source.seq <= run.last
                assert run.since <= source.at <= run.until
    assert found == set(model)
    assert claims.count == count


def edit(rng: Random, doc: Doc[Any]) -> None:
    """Type, break a line, or delete some of what anybody wrote."""
    fragment = doc.get("x", type=XmlFragment)
    text = doc.get("t", type=Text)
    size = len(str(text))
    match rng.randrange(8):
        case 0:
            fragment.children.insert(rng.randint(0, len(fragment.children)), XmlElement("p", {}, [XmlElement("b")]))
        case 1 if len(fragment.children):
            del fragment.children[rng.randrange(len(fragment.children))]
        case 2 | 3 if size:
            start = rng.randrange(size)
            del text[start : rng.randint(start + 1, size)]
        case _:
            text.insert(rng.randint(0, size), rng.choice(("a", "word ", "Befund. ")))


def journal(rng: Random, steps: int) -> list[Entry]:
    """What a room would journal of people who write, merge behind the server's back, and send late and twice."""
    devices = (*PEOPLE, PEOPLE[0])
    replicas: list[tuple[PersonId, Doc[Any]]] = [(who, Doc(client_id=7 + index)) for index, who in enumerate(devices)]
    server: Doc[Any] = Doc()
    entries: list[Entry] = []
    at = 0

    def send(who: PersonId, update: bytes) -> None:
        facts = read_update(update)
        held, dropped = modelled(entries)
        structs = {(client, clock) for client, start, end in facts.structs for clock in range(start, end)}
        deletes = {(client, clock) for client, start, end in facts.deletes for clock in range(start, end)}
        if structs <= held.keys() and deletes <= dropped.keys():
            return  # nothing new: never journalled
        if any(devices[client - 7] != who for client, _ in structs - held.keys()):
            return  # another person's client: refused
        entries.append(entry(len(entries) + 1, who, update, at))
        server.apply_update(update)

    for _ in range(steps):
        at += rng.choice((10, 900, 45_000))
        who, doc = rng.choice(replicas)
        match rng.randrange(6):
            case 0:  # comes online: takes everything, sends everything it has, deletions of others included
                send(who, doc.get_update(server.get_state()))
                doc.apply_update(server.get_update())
            case 1:  # sends the whole document again
                doc.apply_update(server.get_update())
                send(who, doc.get_update())
            case _:
                before = doc.get_state()
                edit(rng, doc)
                if rng.random() < 0.6:
                    send(who, doc.get_update(before))
    return entries


@given(st.integers(0, 2**32), st.integers(5, 60))
def test_authors_are_those_who_first_brought_it(seed: int, steps: int) -> None:
    """[HIS-4] Offline merges, repeated ranges, deletions of others' words: clock by clock as the model says."""
    entries = journal(Random(seed), steps)
    found = Attribution()
    found.take(entries)
    written, deleted = modelled(entries)
    check(found.written, written)
    check(found.deleted, deleted)
    assert found.count == found.written.count + found.deleted.count
    assert found.reached == len(entries)
    authors = {each.author for each in written.values()}
    foreign = any(written[place].author != each.author for place, each in deleted.items() if place in written)
    event(f"authors {len(authors)}, one deletes another's words: {foreign}")


def test_the_histories_above_have_what_they_are_about() -> None:
    """[HIS-4] Several authors, words of one deleted by another, entries that repeat what was known."""
    authors = foreign = repeated = offline = 0
    for seed in range(40):
        entries = journal(Random(seed), 50)
        written, deleted = modelled(entries)
        authors += len({each.author for each in written.values()}) == 3
        foreign += any(written[place].author != each.author for place, each in deleted.items() if place in written)
        seen: set[tuple[ClientId, int]] = set()
        for each in entries:
            mine = {(c, clock) for c, start, end in read_update(each.update).structs for clock in range(start, end)}
            repeated += bool(mine & seen)
            offline += len(mine - seen) > 12
            seen |= mine
    assert min(authors, foreign, repeated, offline) >= 5, (authors, foreign, repeated, offline)


spans = st.lists(st.tuples(st.integers(0, 2_000), st.integers(1, 9)), min_size=1, max_size=400)


@given(st.lists(st.tuples(st.sampled_from(PEOPLE), spans, st.integers(0, 90_000)), min_size=1, max_size=6))
def test_many_ranges_at_once_are_as_each_by_itself(claims: list[tuple[PersonId, list[tuple[int, int]], int]]) -> None:
    """[HIS-4] The quick way for scattered deletions leads to the same place."""
    found = Attribution()
    entries = []
    at = 0
    for seq, (who, wanted, pause) in enumerate(claims, 1):
        ranges: list[tuple[int, int]] = []
        for start, length in sorted(wanted):
            if not ranges or start > ranges[-1][1]:
                ranges.append((start, start + length))
        at += pause
        entries.append(entry(seq, who, b"\x00" + encode_ranges({ClientId(7): ranges}), at))
    found.take(entries)
    check(found.deleted, modelled(entries)[1])
    event(f"the quick way: {any(len(read_update(each.update).deletes) >= MANY for each in entries)}")


def test_huge_ranges_cost_little() -> None:
    """[HIS-5] 150,000 scattered deletions in one update, then the other halves of them; and one clock of 2³⁰."""
    found = Attribution()
    evens = b"\x00" + encode_ranges({ClientId(7): [(start, start + 1) for start in range(0, 300_000, 2)]})
    every = b"\x00" + encode_ranges({ClientId(7): [(0, 300_000)], ClientId(8): [(0, 2**30)]})
    found.take([entry(1, PEOPLE[0], evens, 0), entry(2, PEOPLE[1], every, 1)])
    assert found.deleted.count == 300_001
    assert [run.person for run in found.deleted.of(ClientId(7), 10, 13)] == [PEOPLE[0], PEOPLE[1], PEOPLE[0]]
    assert [(run.start, run.end) for run in found.deleted.of(ClientId(8), 5, 9)] == [(5, 9)]


@pytest.mark.parametrize("broken", [b"", b"\xff", b"\x00\x01", b"edit", b"\x00" * 9])
def test_an_entry_that_cannot_be_read_brings_nothing(broken: bytes) -> None:
    """[HIS-5] What is before and behind it is attributed all the same. Tried: nothing, cut off, trailing bytes."""
    doc: Doc[Any] = Doc(client_id=7)
    text = doc.get("t", type=XmlFragment)
    text.children.append(XmlElement("p"))
    first = doc.get_update()
    before = doc.get_state()
    text.children.append(XmlElement("p"))
    found = Attribution()
    found.take(
        [entry(1, PEOPLE[0], first, 0), entry(2, PEOPLE[1], broken, 0), entry(3, PEOPLE[2], doc.get_update(before), 0)]
    )
    assert found.reached == 3
    assert [run.person for run in found.written.of(ClientId(7), 0, 9)] == [PEOPLE[0], PEOPLE[2]]


def test_entries_that_came_merged_are_their_bringers() -> None:
    """[HIS-4] A gap that is filled later belongs to who filled it."""
    doc: Doc[Any] = Doc(client_id=9)
    fragment = doc.get("t", type=XmlFragment)
    updates = []
    for _ in range(3):
        before = doc.get_state()
        fragment.children.append(XmlElement("p"))
        updates.append(doc.get_update(before))
    outer = merge_updates(updates[0], updates[2])
    found = Attribution()
    found.take([entry(1, PEOPLE[0], outer, 0), entry(2, PEOPLE[1], updates[1], 120_000)])
    assert [(run.start, run.person) for run in found.written.of(ClientId(9), 0, 99)] == [
        (0, PEOPLE[0]),
        (1, PEOPLE[1]),
        (2, PEOPLE[0]),
    ]


def test_a_span_is_asked_for_by_any_part_of_it() -> None:
    """[HIS-4] Cut to what was asked; nothing of what nobody wrote."""
    claims = Claims()
    out = bytearray()
    write_var_uint(out, 1)
    claims.claim([ClientRange(ClientId(5), 10, 20)], entry(1, PEOPLE[0], bytes(out), 0))
    claims.claim([ClientRange(ClientId(5), 20, 30)], entry(2, PEOPLE[1], bytes(out), 0))
    asked = [(run.start, run.end, run.person) for run in claims.of(ClientId(5), 15, 22)]
    assert asked == [(15, 20, PEOPLE[0]), (20, 22, PEOPLE[1])]
    for start, end in ((0, 10), (30, 99)):
        assert list(claims.of(ClientId(5), start, end)) == []
    assert list(claims.of(ClientId(6), 0, 99)) == []
    assert claims.clients() == [5]
