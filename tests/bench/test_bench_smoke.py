"""The bench tells the truth: it counts what arrived, and what it sends is what a Yjs client would have sent."""

from __future__ import annotations

import random
from itertools import islice
from pathlib import Path

import pytest
from pycrdt import Doc, Text, merge_updates

from bench.accounts import Accounts
from bench.people import LETTERS, ROOT, Person, read_edits, read_states
from bench.servers import CONTENDERS, Contender, running
from bench.tally import Heard, Reader, Receiver, Tally
from bench.tasks import Typing
from bench.trace import as_updates, load_trace, replay
from bench.typing_load import run_typing
from bench.wires import YWebsocket

OURS = [contender for contender in CONTENDERS if contender.is_ours]
ROOMS, PEOPLE, TYPISTS = 2, 3, 2
PREFIX = 3_000


@pytest.mark.parametrize("contender", OURS, ids=lambda contender: contender.wire)
async def test_what_the_bench_says_arrived_is_what_was_sent_times_its_receivers(
    contender: Contender, tmp_path: Path
) -> None:
    """[BEN-1] Every letter reaches every other person once; a state too, unless a newer one overtook it."""
    accounts = await Accounts.create(tmp_path, people=1)
    with running(contender, tmp_path, (), accounts) as server:
        rooms = server.rooms(ROOMS, PEOPLE)
        outcome = await run_typing(Typing(server.place, rooms, TYPISTS, 8.0, 0.5, 1.5, seed=1))
    assert outcome.sent.edits >= ROOMS * TYPISTS * 10
    assert outcome.arrived.edits == outcome.sent.edits * (PEOPLE - 1)
    assert outcome.arrived.states + outcome.arrived.superseded == outcome.sent.states * (PEOPLE - 1)
    assert outcome.missing == 0
    assert 0 < outcome.measured.edits < outcome.arrived.edits
    assert outcome.server_cpu_seconds > 0
    assert outcome.edit_ms.p50 is not None
    assert outcome.ack_ms.p50 is not None


def test_keystrokes_are_updates_that_yjs_understands() -> None:
    """[BEN-1] Two people's letters, one by one and interleaved, become their two texts."""
    doc: Doc[Text] = Doc()
    text = doc.get(ROOT, type=Text)
    one, other = Person("Dr One", 4_000_000_000), Person("Dr Other", 77)
    for clock in range(60):
        doc.apply_update(one.keystroke(clock))
        doc.apply_update(other.keystroke(clock))
    typed = (LETTERS * 2)[:60]
    assert str(text) == typed + typed
    line: Doc[Text] = Doc()
    line_text = line.get(ROOT, type=Text)
    line.apply_update(one.line(60))
    assert str(line_text) == typed


def test_letters_are_counted_however_they_are_gathered() -> None:
    """[BEN-1] A merged update holds as many letters as went into it, and the one that Yjs squashed as well."""
    people = [Person("Dr One", 4_000_000_000), Person("Dr Other", 77)]
    updates = [person.keystroke(clock) for clock in range(20) for person in people]
    random.Random(7).shuffle(updates)
    doc: Doc[Text] = Doc()
    for update in updates:
        doc.apply_update(update)
    for gathered in (merge_updates(*updates), doc.get_update()):
        counts = {person.client: 0 for person in people}
        for client, _, length in read_edits(gathered):
            counts[client] += length
        assert counts == {person.client: 20 for person in people}


def test_an_echo_and_a_repetition_count_nothing_and_a_gap_is_an_error() -> None:
    """[BEN-1] Only what is new to somebody else is a delivery."""
    writer, reader = Person("Dr Writer", 5), Person("Dr Reader", 6)
    tally = Tally({5: [0.0, 0.0, 0.0]}, {5: [0.0, 0.0, 0.0, 0.0]})
    wire = YWebsocket()

    def heard(*frames: bytes) -> Heard:
        return Reader(wire.read).hear(b"".join(frames))

    first = heard(wire.update(writer.keystroke(0)), wire.awareness(writer.state(1)))
    own, others = Receiver(tally, writer.client), Receiver(tally, reader.client)
    own.take(first)
    assert (tally.edits, tally.states) == (0, 0)
    others.take(first)
    others.take(first)
    assert (tally.edits, tally.states, tally.superseded) == (1, 1, 0)
    others.take(heard(wire.awareness(writer.state(3))))
    assert (tally.states, tally.superseded) == (2, 1)
    with pytest.raises(ValueError, match="before letter 1"):
        others.take(heard(wire.update(writer.keystroke(2))))


def test_a_person_who_left_is_no_delivery() -> None:
    """[BEN-1] A state of `null` says that somebody is gone."""
    assert read_states(b"\x01\x05\x03\x04null") == []
    assert read_states(Person("Dr One", 5).state(3)) == [(5, 3)]


def test_the_trace_is_the_paper_that_its_author_wrote() -> None:
    """[BEN-2] All edits give the published text, and the updates made from them give the same text as the edits."""
    trace = load_trace()
    assert len(trace.patches) == 259_778
    assert replay(trace.patches) == trace.end
    doc: Doc[Text] = Doc()
    text = doc.get(ROOT, type=Text)
    updates = list(as_updates(islice(trace.patches, PREFIX)))
    assert len(updates) == PREFIX
    for update in updates:
        doc.apply_update(update)
    assert str(text) == replay(trace.patches[:PREFIX])
    assert len(str(text)) > 1_000
