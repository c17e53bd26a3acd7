"""workspace.replica: what a node holds of a document."""

from __future__ import annotations

import random

import pytest
from pycrdt import Doc, Text

from tests.unit.scene import Replica as Browser
from workspace.ids import ClientId, Seq, UpdateBytes
from workspace.ranges import Ranges
from workspace.replica import TAIL_LENGTH, Replica, fold
from workspace.update import EMPTY_UPDATE, UpdateFacts, read_state_vector, read_update


def replica(*updates: bytes) -> Replica:
    held = Replica(Seq(0), None, Ranges(), Ranges())
    for seq, update in enumerate(updates, start=1):
        held.take(Seq(seq), UpdateBytes(update), read_update(update))
    return held


def typed(count: int, client: int = 7) -> tuple[Browser, list[UpdateBytes]]:
    browser = Browser(client)
    return browser, [browser.type(f"{number} ") for number in range(count)]


def text_of(updates: list[UpdateBytes]) -> str:
    return str(Browser(99).take(updates))


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7, 64, 65, 100])
def test_folding_keeps_everything_in_order(count: int) -> None:
    """[JRN-13] Pairwise, because merging many at once is quadratic."""
    browser, updates = typed(count)
    assert text_of([fold(updates)]) == str(browser)


def test_folding_keeps_what_waits_for_its_predecessor() -> None:
    """[JRN-12] A `Doc` would forget it."""
    browser, (first, second, third) = typed(3)
    gapped = fold([first, third])
    doc = Doc[Text]()
    for update in (first, third):
        doc.apply_update(update)
    assert text_of([UpdateBytes(doc.get_update()), second]) == "0 1 ", "pycrdt keeps it by now: this test says nothing"
    assert text_of([gapped, second]) == str(browser) == "0 1 2 "


def test_nothing_new_is_seen_without_a_document() -> None:
    """[ROOM-19]"""
    browser, updates = typed(3)
    held = replica(*updates)
    assert held.missing(read_update(updates[1])).is_empty
    assert held.missing(read_update(EMPTY_UPDATE)).is_empty
    erased = browser.erase(0, 2)
    assert not held.missing(read_update(erased)).is_empty
    held.take(Seq(4), erased, read_update(erased))
    assert held.missing(read_update(erased)).is_empty
    more = read_update(browser.type("more"))  # pycrdt sends all deletions along
    assert held.missing(more) == UpdateFacts(more.structs, ())
    other = read_update(Browser(8).type("x"))
    assert held.missing(other) is other


def test_only_clients_with_new_structs_are_new() -> None:
    """[ROOM-5] Known ranges may be re-sent by anybody."""
    ada, updates = typed(2)
    held = replica(*updates)
    ben = Browser(8).take(updates)
    ben.type("!")
    everything = read_update(ben.doc.get_update())
    assert {client for client, _, _ in everything.structs} == {7, 8}
    assert held.new_clients(everything) == {8}
    assert held.new_clients(read_update(ada.erase(0, 1))) == set()


def test_what_waits_is_told_from_what_is_whole() -> None:
    """[ROOM-6]"""
    _, (first, second, third) = typed(3)
    held = replica(first, third)
    assert held.waits(read_update(third))
    assert read_state_vector(held.state_vector()) == {7: 2}
    held.take(Seq(3), second, read_update(second))
    assert not held.waits(read_update(third))
    assert read_state_vector(held.state_vector()) == {7: 6}


def test_what_stands_beside_something_unknown_waits_for_it() -> None:
    """[ROOM-6]"""
    ada, ben = Browser(7), Browser(8)
    first = ada.type("first ")
    beside = ben.take([first]).type("beside ")
    held = replica(beside)
    assert read_update(beside).needs == ((7, 5),)
    assert held.waits(read_update(beside))
    after = ben.type("and after")
    held.take(Seq(2), after, read_update(after))
    assert read_update(after).needs == ()
    assert held.waits(read_update(after)), "it stands behind one that waits"
    held.take(Seq(3), first, read_update(first))
    assert not held.waits(read_update(beside))
    assert not held.waits(read_update(after))


def test_a_chain_of_waiting_people_is_released_at_once() -> None:
    """[ROOM-6] Each stands beside the one before; the first comes last."""
    people = [Browser(client) for client in range(1, 6)]
    written: list[UpdateBytes] = []
    for person in people:
        written.append(person.take(written).type(f"{len(written)} "))
    held = replica(*reversed(written[1:]))
    assert all(held.waits(read_update(each)) for each in written[1:])
    held.take(Seq(9), written[0], read_update(written[0]))
    assert not any(held.waits(read_update(each)) for each in written)


def test_an_empty_document_answers_with_the_empty_update() -> None:
    """[ROOM-20]"""
    assert replica().answer({}) == [EMPTY_UPDATE]
    assert replica().answer({ClientId(7): 3}) == [EMPTY_UPDATE]
    assert replica().state_vector() == b"\x00"


def test_a_newcomer_is_given_the_stored_bytes_oldest_first() -> None:
    """[ROOM-20]"""
    browser, updates = typed(700)
    parts = replica(*updates).answer({})
    assert 1 < len(parts) < 8
    assert text_of(parts) == str(browser)
    ranges = [range_ for part in parts for range_ in read_update(part).structs]
    assert [range_.start for range_ in ranges] == [0, *(range_.end for range_ in ranges[:-1])]


def test_who_returns_is_given_only_what_is_lacking() -> None:
    """[ROOM-20]"""
    browser, updates = typed(300)
    held = replica(*updates)
    returning = Browser(99).take(updates[:297])
    parts = held.answer(read_state_vector(returning.state))
    (range_,) = read_update(parts[-1]).structs
    assert (range_.start, range_.end) == (len("".join(f"{n} " for n in range(297))), len(str(browser)))
    assert all(not read_update(part).structs for part in parts[:-1])
    assert str(returning.take(parts)) == str(browser)


def test_who_has_everything_is_told_of_deletions_all_the_same() -> None:
    """[ROOM-20] State vectors do not count deletions."""
    browser, updates = typed(3)
    returning = Browser(99).take(updates)
    erased = browser.erase(0, 2)
    parts = replica(*updates, erased).answer(read_state_vector(returning.state))
    assert str(returning.take(parts)) == str(browser) == "1 2 "


def test_chunks_stay_few_while_the_document_grows() -> None:
    """[JRN-13] Like the digits of a binary counter."""
    held = Replica(Seq(0), None, Ranges(), Ranges())
    _, updates = typed(2_000)
    most = 0
    for seq, update in enumerate(updates, start=1):
        held.take(Seq(seq), update, read_update(update))
        if seq % TAIL_LENGTH == 0:
            most = max(most, len(held.seal().chunks))
            held.unseal()
    assert most <= 8


def test_size_follows_the_bytes_held() -> None:
    """[ROOM-9] What the bound on a document counts."""
    _, updates = typed(TAIL_LENGTH - 1)
    held = replica(*updates)
    assert held.size == sum(map(len, updates))
    last = Browser(8).type("x")
    held.take(Seq(TAIL_LENGTH), last, read_update(last))
    assert held.size == len(held.answer({})[0]) < sum(map(len, updates)), "typing folds into one run"


def test_a_compaction_takes_the_place_of_what_was_sealed_and_of_nothing_later() -> None:
    """[JRN-12] [JRN-13] Edits go on while a thread works."""
    browser, updates = typed(200)
    held = replica(*updates)
    holding = held.seal()
    assert holding.seq == 200
    later = [browser.type(f"later {number} ") for number in range(150)]
    for seq, update in enumerate(later, start=201):
        held.take(Seq(seq), update, read_update(update))
    assert text_of(list(holding.chunks)) == "".join(f"{n} " for n in range(200)), "frozen"
    assert dict(holding.held) == {7: [(0, len("".join(f"{n} " for n in range(200))))]}
    held.compacted(fold(list(holding.chunks)))
    assert text_of(held.answer({})) == str(browser)
    assert held.size == sum(map(len, held.answer({})))


def test_a_failed_compaction_changes_nothing() -> None:
    """[JRN-13]"""
    browser, updates = typed(200)
    held = replica(*updates)
    held.seal()
    held.unseal()
    more = [browser.type("x") for _ in range(100)]
    for seq, update in enumerate(more, start=201):
        held.take(Seq(seq), update, read_update(update))
    assert text_of(held.answer({})) == str(browser)


def test_any_order_and_any_repetition_come_to_the_same() -> None:
    """[ROOM-14] [ROOM-15]"""
    ada, ben = Browser(7), Browser(8)
    updates: list[UpdateBytes] = []
    dice = random.Random(4)
    for number in range(120):
        who, other = dice.choice([(ada, ben), (ben, ada)])
        size = len(str(who).encode())
        update = (
            who.erase(size - 1, size) if size and number % 5 == 0 else who.type(f"{number};", at=dice.randint(0, size))
        )
        updates.append(update)
        if dice.random() < 0.5:
            other.take(updates)
    expected = str(Browser(9).take(updates))
    for _ in range(10):
        shuffled = [*updates, *dice.choices(updates, k=60)]
        dice.shuffle(shuffled)
        held = replica(*shuffled)
        assert str(Browser(99).take(held.answer({}))) == expected
        assert read_state_vector(held.state_vector()) == read_state_vector(Browser(9).take(updates).state)
