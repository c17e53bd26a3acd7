"""workspace.cutting against pycrdt, and against its own promise on what nobody would write."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

from pycrdt import Array, Doc, Map, Text, XmlFragment, get_update, merge_updates

from tests.property.update_makers import made_up_update, real_updates
from workspace.brought import missing
from workspace.cutting import cut
from workspace.errors import InvalidUpdate
from workspace.ids import ClientId
from workspace.ranges import Ranges
from workspace.update import UpdateFacts, encode_state_vector, read_update


def partly(rng: Random, facts: UpdateFacts) -> tuple[Ranges, Ranges]:
    """Some of what an update brings: of each run the beginning, the middle, the end, all or nothing."""
    structs, deletes = Ranges(), Ranges()
    for ranges, found in ((facts.structs, structs), (facts.deletes, deletes)):
        for client, start, end in ranges:
            first, last = sorted((rng.randint(start, end), rng.randint(start, end)))
            match rng.randrange(5):
                case 0:
                    found.add(client, start, end)
                case 1:
                    pass
                case 2 if last > start:
                    found.add(client, start, last)
                case _ if last > first:
                    found.add(client, first, last)
    return structs, deletes


def test_what_is_left_begins_with_what_is_new_and_loses_nothing_of_it() -> None:
    """[JRN-15] Also of what only a hostile client would send."""
    seen: Counter[str] = Counter()
    rng = Random(2012)
    for _ in range(12):
        real = real_updates(rng, 40)
        for update in [*real, *(made_up_update(rng) for _ in range(300))]:
            try:
                facts = read_update(update)
            except InvalidUpdate:
                continue
            news = missing(facts, *partly(rng, facts))
            seen["whole" if news is facts else "nothing" if news.is_empty else "part"] += 1
            left, found = cut(update, news)
            assert read_update(left) == found
            assert found.deletes == news.deletes
            begins: dict[ClientId, int] = {}
            for client, start, _ in news.structs:
                begins.setdefault(client, start)
            kept = [
                (client, max(start, begins[client]), end)
                for client, start, end in facts.structs
                if client in begins and end > begins[client]
            ]
            assert found.structs == tuple(kept)
            # Of several clients pycrdt changes the order; of half a surrogate pair it loses a clock, which Yjs keeps.
            if update in real and len(kept) == 1 and not left.count("\ufffd".encode()):
                assert read_update(get_update(update, _vector(facts, begins))).structs == found.structs
                seen["as pycrdt cuts it"] += 1
    assert min(seen[each] for each in ("whole", "nothing", "part", "as pycrdt cuts it")) > 100, seen


def _vector(facts: UpdateFacts, begins: dict[ClientId, int]) -> bytes:
    ends = {client: end for client, _, end in facts.structs}
    return encode_state_vector(ends | begins)


def spelled(updates: list[bytes]) -> tuple[object, ...]:
    """All that a document of `update_makers` says."""
    doc: Doc[Any] = Doc()
    for update in updates:
        doc.apply_update(update)
    texts = tuple(str(doc.get(name, type=kind)) for name, kind in (("t", Text), ("e", Text), ("x", XmlFragment)))
    return *texts, doc.get("m", type=Map).to_py(), doc.get("a", type=Array).to_py()


def test_what_is_there_and_what_is_left_make_the_whole() -> None:
    """[JRN-15] [ROOM-15] The earlier edits were there; somebody sends all of them, and the rest comes after them."""
    rng = Random(7)
    cuts = 0
    for _ in range(60):
        updates = real_updates(rng, 30)[:25]  # the first are edits as they were made
        there, whole = updates[: rng.randrange(25)], merge_updates(*updates)
        structs, deletes = Ranges(), Ranges()
        for facts in map(read_update, there):
            structs.add_all(facts.structs)
            deletes.add_all(facts.deletes)
        left, _ = cut(whole, missing(read_update(whole), structs, deletes))
        cuts += 2 < len(left) < len(whole)
        assert spelled([*there, left]) == spelled([whole]) == spelled([*there, whole])
    assert cuts > 20
