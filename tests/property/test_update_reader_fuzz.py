"""What the update reader passes does not hurt pycrdt, and it says of real updates what pycrdt says of them.

The short campaign; `CONSILIUM_FUZZ_MUTANTS` makes it longer.
"""

from __future__ import annotations

import os
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycrdt import Doc, get_state, get_update, merge_updates

from tests.property.fuzz_updates import VictimProcess, run
from tests.property.rust_victim import as_ranges
from tests.property.update_makers import SCRIPTS, made_up_update, real_updates
from workspace.errors import InvalidUpdate
from workspace.ids import ClientId
from workspace.lib0 import write_var_string, write_var_uint
from workspace.ranges import Ranges
from workspace.structs import Content
from workspace.update import (
    EMPTY_UPDATE,
    ClientRange,
    UpdateFacts,
    _read_any_update,
    _read_keystroke,
    encode_state_vector,
    read_state_vector,
    read_update,
    walk_update,
)

MUTANTS = int(os.environ.get("CONSILIUM_FUZZ_MUTANTS", "20000"))
DEEP = b"\x01\x01\x01\x00\x08\x01\x01t\x01" + b"\x75\x01" * 50_000 + b"\x7f\x00"


@pytest.mark.timeout(max(120, MUTANTS // 1000))
def test_no_mutant_that_passes_hurts_pycrdt() -> None:
    """[WIRE-4] [WIRE-5]"""
    outcome = run(20260101, MUTANTS)
    assert outcome.deaths == []
    assert outcome.troubles == []
    assert outcome.accepted > MUTANTS // 5
    assert outcome.refused.total() > MUTANTS // 5
    assert len([reason for reason, count in outcome.refused.items() if count >= 10]) >= 12


def test_without_the_reader_pycrdt_is_in_trouble() -> None:
    """[WIRE-5] The campaign sees what it is there to see."""
    outcome = run(1, 500, edits=100, check=len)
    assert {where for where, _, _ in outcome.troubles} >= {"read_alike", "apply_alone", "merge"}


def test_a_death_is_noticed() -> None:
    """[WIRE-5] Values nested 50,000 deep kill pycrdt; the reader refuses them."""
    with pytest.raises(InvalidUpdate):
        read_update(DEEP)
    victim = VictimProcess()
    assert victim.suffer([DEEP]) is None
    assert victim.suffer([EMPTY_UPDATE]) == []
    victim.close()


def union(facts: list[UpdateFacts]) -> tuple[Ranges, Ranges]:
    return (
        as_ranges(span for each in facts for span in each.structs),
        as_ranges(span for each in facts for span in each.deletes),
    )


@settings(max_examples=25)
@given(st.integers(0, 2**32))
def test_real_updates_are_read_as_pycrdt_reads_them(seed: int) -> None:
    """[WIRE-7] One by one, merged in any order with some left out, cut by a state vector, and out of a document."""
    rng = Random(seed)
    updates = real_updates(rng, 60)
    facts = {update: read_update(update) for update in updates}
    for update, told in facts.items():
        assert read_state_vector(get_state(update)) == union([told])[0].heads()
    some = rng.sample(updates, k=rng.randint(1, len(updates)))
    merged = EMPTY_UPDATE
    for update in some:
        merged = merge_updates(merged, update)
    assert union([read_update(merged)]) == union([facts[update] for update in some])
    document: Doc[Any] = Doc()
    for update in updates:
        document.apply_update(update)
    whole = read_update(document.get_update())
    assert union([whole])[0] == union(list(facts.values()))[0]
    assert read_state_vector(document.get_state()) == union([whole])[0].heads()
    # Not just any clock: cut within a surrogate pair, where no client ever stands, yrs writes an empty string.
    held = union([facts[update] for update in some])[0].heads()
    rest = read_update(get_update(document.get_update(), encode_state_vector(held)))
    assert rest.deletes == whole.deletes
    assert union([rest])[0].heads().keys() == union([whole])[0].heads().keys() - held.keys()
    assert all(start >= held.get(client, 0) for client, start, _ in rest.structs)


@given(st.integers(0, 2**32))
def test_a_walk_and_a_reading_agree(seed: int) -> None:
    """[WIRE-7]"""
    update = made_up_update(Random(seed))
    try:
        facts = read_update(update)
    except InvalidUpdate:
        return
    walked = [s for s in walk_update(update) if s.content != Content.SKIP]
    assert as_ranges(ClientRange(s.client, s.clock, s.clock + s.length) for s in walked) == as_ranges(facts.structs)


CLIENTS = st.one_of(st.integers(0, 3), st.integers(0, 2**53 - 1)).map(ClientId)
CLOCKS = st.one_of(st.integers(0, 5), st.integers(0, 2**31 - 1))


@given(
    st.sampled_from((0x84, 0x44, 0xC4)),
    st.lists(st.tuples(CLIENTS, CLOCKS), min_size=3, max_size=3),
    st.one_of(st.sampled_from(SCRIPTS), st.text(min_size=1, max_size=130)),
    st.binary(max_size=2),
)
def test_the_short_way_agrees_with_the_long_way(
    info: int, ids: list[tuple[ClientId, int]], words: str, spoilt: bytes
) -> None:
    """[WIRE-7] A keystroke is told by its shape; what it says is what a full reading says."""
    out = bytearray(b"\x01\x01")
    for client, clock in ids[:1]:
        write_var_uint(out, client)
        write_var_uint(out, clock)
    out.append(info)
    for client, clock in ids[1:] if info == 0xC4 else ids[1:2]:
        write_var_uint(out, client)
        write_var_uint(out, clock)
    write_var_string(out, words)
    whole = bytes(out) + spoilt + b"\x00"
    for data in (whole, bytes(out) + b"\x00", whole.replace(b"\x01", b"\x81\x00", 3)):
        by_shape = _read_keystroke(data)
        try:
            in_full = _read_any_update(data)
        except InvalidUpdate:
            assert by_shape is None
        else:
            assert by_shape in {None, in_full}


@given(st.integers(0, 2**49 - 1), st.integers(1, 2**28 - 1), st.integers(1, 126))
def test_typing_takes_the_short_way(client: int, clock: int, letters: int) -> None:
    """[WIRE-7]"""
    out = bytearray(b"\x01\x01")
    write_var_uint(out, client)
    write_var_uint(out, clock)
    out.append(0x84)
    write_var_uint(out, client)
    write_var_uint(out, clock - 1)
    write_var_string(out, "x" * letters)
    assert _read_keystroke(bytes(out) + b"\x00") == _read_any_update(bytes(out) + b"\x00")
