"""workspace.audit and workspace.audit_chain: what an event says, its bytes, and where a chain breaks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workspace.audit import (
    BEFORE_THE_FIRST,
    HOUSE,
    MEANINGS,
    Action,
    Cause,
    Chain,
    Detail,
    Event,
    Means,
    Outcome,
    Recorded,
    Unreadable,
    decode,
    encode,
    link,
    origin_from,
)
from workspace.audit_chain import Head, Kept, find_break
from workspace.ids import CaseId, DocumentName, Millis, PersonId

CASE = CaseId("k" * 16)
ADA, BEN = PersonId("a" * 16), PersonId("b" * 16)
FROM_A_BROWSER = Cause(ADA, origin_from(Means.SESSION, "2001:db8::1", "0123456789abcdef"))

ids = st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=16, max_size=16)
values = st.one_of(
    st.integers(-(2**53) + 1, 2**53 - 1), st.from_regex(r"[A-Za-z0-9][a-z0-9.~:-]{0,79}", fullmatch=True)
)
events = st.builds(
    Event,
    st.sampled_from(Action),
    st.builds(
        Cause,
        st.none() | ids.map(PersonId),
        st.builds(origin_from, st.sampled_from(Means), st.text(max_size=90), st.text(max_size=90)),
    ),
    st.none() | ids.map(CaseId),
    st.none() | st.sampled_from([DocumentName("record"), DocumentName("discussion~2")]),
    st.none() | ids.map(PersonId),
    st.dictionaries(st.sampled_from(Detail), values, max_size=4),
)


def chain(length: int, case: CaseId | None = CASE) -> list[Kept]:
    """Events that hold each other."""
    made: list[Kept] = []
    before = BEFORE_THE_FIRST
    for seq in range(1, length + 1):
        event = Event(Action.CASE_OPENED, FROM_A_BROWSER, case, details={Detail.SEQ: seq})
        body = encode(Recorded(seq, Millis(1_700_000_000_000 + seq), event))
        before = link(before, body)
        made.append(Kept(seq, body, before))
    return made


def head_of(events: Sequence[Kept]) -> Head:
    """What is kept apart of them."""
    return Head(Chain(CASE), events[-1].seq, events[-1].hash)


def test_every_action_has_a_meaning() -> None:
    """[AUD-1] And says in its word of what it is."""
    assert set(MEANINGS) == set(Action)
    assert all(word.value.count(".") == 1 for word in Action)
    assert {each for each in Action if MEANINGS[each].outcome is Outcome.REFUSED} == {
        Action.CASE_REFUSED,
        Action.SIGN_IN_FAILED,
    }


def test_an_event_is_spelled_so_that_others_can_check_it() -> None:
    """[AUD-3] The form is documented: anybody's JSON and sha-256 come to the same."""
    event = Event(Action.ROLE_CHANGED, FROM_A_BROWSER, CASE, person=BEN, details={Detail.ROLE: "lead"})
    body = encode(Recorded(7, Millis(1_700_000_000_000), event))
    assert body == (
        b'{"action":"member.role-changed","address":"2001:db8::1","at":1700000000000,"chain":"kkkkkkkkkkkkkkkk",'
        b'"details":{"role":"lead"},"format":"audit/1","means":"session","person":"bbbbbbbbbbbbbbbb",'
        b'"request":"0123456789abcdef","seq":7,"who":"aaaaaaaaaaaaaaaa"}'
    )
    assert body == json.dumps(json.loads(body), sort_keys=True, separators=(",", ":")).encode()
    assert link(b"\x01" * 32, body) == hashlib.sha256(b"\x01" * 32 + body).digest()


@given(events, st.integers(1, 2**53 - 1), st.integers(0, 2**53 - 1))
def test_bytes_say_the_event_and_nothing_else(event: Event, seq: int, at: int) -> None:
    """[AUD-3] Whatever an address or a request claimed to be called."""
    recorded = Recorded(seq, Millis(at), event)
    body = encode(recorded)
    assert decode(body) == recorded
    assert body.isascii()
    assert all(0x20 <= byte < 0x7F for byte in body)
    assert json.loads(body)["format"] == "audit/1"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b"\xff",
        b"null",
        b'{"action":"case.opened"}',
        encode(Recorded(1, Millis(1), Event(Action.CASE_OPENED))).replace(b"audit/1", b"audit/2"),
        encode(Recorded(1, Millis(1), Event(Action.CASE_OPENED))).replace(b"case.opened", b"case.closed"),
        encode(Recorded(1, Millis(1), Event(Action.CASE_OPENED))).replace(b'":', b'": '),
        encode(Recorded(1, Millis(1), Event(Action.CASE_OPENED)))[:-1] + b',"x":1}',
    ],
)
def test_other_bytes_are_no_event(body: bytes) -> None:
    """[AUD-3] One spelling, so that two who hash the same event cannot differ."""
    with pytest.raises(Unreadable):
        decode(body)


@pytest.mark.parametrize("value", ["", "Chest pain", "naïve", "a" * 81, "\n", "x\n", 2**53])
def test_content_cannot_come_in_by_mistake(value: str | int) -> None:
    """[AUD-4] What is said besides is a word of ours, an id or a number."""
    with pytest.raises(ValueError, match="audit"):
        Event(Action.CASE_RENAMED, details={Detail.STATE: value})


def test_what_is_no_address_is_left_out() -> None:
    """[AUD-4] Both come from outside."""
    assert origin_from(Means.SESSION, "Müller, bed 4", "a b") == origin_from(Means.SESSION, "", "")
    assert origin_from(Means.SESSION, "10.0.0.7", "6f0c-1").address == "10.0.0.7"


def test_a_whole_chain_has_no_break() -> None:
    """[AUD-3] Also one without events, and that of the house."""
    kept = chain(5)
    assert find_break(Chain(CASE), kept, head_of(kept)) is None
    assert find_break(Chain(CASE), [], None) is None
    house = chain(2, None)
    assert find_break(HOUSE, house, Head(HOUSE, 2, house[1].hash)) is None
    assert find_break(Chain(CASE), kept, head_of(kept), {3: kept[2].hash, 5: kept[4].hash}) is None


@pytest.mark.parametrize("seq", [1, 3, 5])
def test_a_changed_event_is_found(seq: int) -> None:
    """[AUD-3] Also when its own hash was made to match."""
    kept = chain(5)
    body = kept[seq - 1].body.replace(b'"who":"aaaaaaaaaaaaaaaa"', b'"who":"bbbbbbbbbbbbbbbb"')
    changed = [*kept]
    changed[seq - 1] = replace(kept[seq - 1], body=body)
    found = find_break(Chain(CASE), changed, head_of(kept))
    assert found is not None
    assert found.seq == seq
    before = kept[seq - 2].hash if seq > 1 else BEFORE_THE_FIRST
    changed[seq - 1] = replace(changed[seq - 1], hash=link(before, body))
    found = find_break(Chain(CASE), changed, head_of(kept))
    assert found is not None
    assert found.seq == min(seq + 1, 5)


def test_a_removed_event_is_found() -> None:
    """[AUD-3] First, middle, last and all: the head says how many there were."""
    kept = chain(5)
    for seq in range(1, 6):
        found = find_break(Chain(CASE), kept[: seq - 1] + kept[seq:], head_of(kept))
        assert found is not None
        assert found.seq == seq
    found = find_break(Chain(CASE), [], head_of(kept))
    assert found is not None
    assert found.seq == 1


def test_exchanged_doubled_and_foreign_events_are_found() -> None:
    """[AUD-3]"""
    kept, foreign = chain(5), chain(5, CaseId("m" * 16))
    assert (found := find_break(Chain(CASE), [*kept[:2], kept[3], kept[2], kept[4]], head_of(kept))) is not None
    assert found.seq == 3
    assert (found := find_break(Chain(CASE), [*kept[:3], *kept[2:]], head_of(kept))) is not None
    assert found.seq == 4
    swapped = [replace(kept[2], seq=4), replace(kept[3], seq=3)]
    assert (found := find_break(Chain(CASE), [*kept[:2], swapped[1], swapped[0], kept[4]], head_of(kept))) is not None
    assert found.seq == 3
    assert (found := find_break(Chain(CASE), foreign, head_of(foreign))) is not None
    assert (found.seq, found.what) == (1, "belongs elsewhere")


def test_a_tail_that_was_cut_off_is_found_by_the_head() -> None:
    """[AUD-3] And a head that was set back, taken away, or moved on."""
    kept = chain(5)
    for head in (head_of(kept[:3]), None, Head(Chain(CASE), 6, kept[4].hash), Head(Chain(CASE), 5, kept[3].hash)):
        assert find_break(Chain(CASE), kept, head) is not None
    assert find_break(Chain(CASE), kept[:3], head_of(kept)) is not None


def test_a_tail_that_was_cut_off_with_its_head_is_found_by_an_anchor_alone() -> None:
    """[AUD-3] Nothing inside a database can tell; nor that a whole chain was written anew."""
    kept = chain(5)
    assert find_break(Chain(CASE), kept[:3], head_of(kept[:3])) is None
    found = find_break(Chain(CASE), kept[:3], head_of(kept[:3]), {5: kept[4].hash})
    assert found is not None
    assert found.seq == 4
    found = find_break(Chain(CASE), kept, head_of(kept), {4: b"\x00" * 32})
    assert found is not None
    assert (found.seq, found.what) == (4, "is not the one that was anchored")
