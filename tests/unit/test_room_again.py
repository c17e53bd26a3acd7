"""workspace.room: what is sent again, to this node or another."""

from __future__ import annotations

from tests.unit.scene import ADA, BEN, DOCUMENT, Replica, Scene, kinds, scene, updates
from workspace.effects import Effect, ReadJournal, Show
from workspace.entries import Append, Covered, Entry, Outcome, Rejected
from workspace.errors import ForeignClient
from workspace.ids import ClientId, Seq, UpdateBytes
from workspace.messages import Accepted, Refused, SyncStep1, SyncStep2, Update
from workspace.update import ClientRange, read_update


def only(effects: list[Effect]) -> Append:
    (append,) = effects
    assert isinstance(append, Append)
    return append


def results(stage: Scene) -> list[type[Outcome]]:
    return [type(result) for result in stage.commit()]


def test_an_append_says_what_it_was_judged_against() -> None:
    """[JRN-15] Up to which entry, after which append, and what of it is new."""
    stage = scene()
    ada, _ = stage.seat(ADA, 1)
    seven = Replica(7)
    first, second = (only(stage.hear(ada, Update(seven.type(word)))) for word in ("one ", "two "))
    assert (first.known, first.follows, first.news) == (0, None, read_update(first.update))
    assert (second.known, second.follows) == (0, first.op)
    stage.settle()
    third = only(stage.hear(ada, Update(seven.type("three"))))
    assert (third.known, third.follows) == (2, None)


def test_what_is_held_in_part_goes_into_the_journal_in_part() -> None:
    """[JRN-15] As a client comes back with all that it has; old deletions too."""
    stage = scene()
    ada, to_ada = stage.seat(ADA, 1)
    seven = Replica(7)
    stage.hear(ada, Update(seven.type("Fever. ")), Update(seven.erase(0, 1)))
    stage.settle()
    seven.type("Chills.")
    append = only(stage.hear(ada, SyncStep2(seven.doc.get_update())))
    assert read_update(append.update) == append.news
    assert append.news.structs == (ClientRange(ClientId(7), 7, 14),)
    assert append.news.deletes == ()
    stage.settle()
    assert kinds(to_ada)[-1] is Accepted
    assert str(Replica(9).take(stage.room.replica.answer({}))) == "ever. Chills."


def test_what_waited_comes_again_with_what_it_waited_for() -> None:
    """[JRN-15] [ROOM-6] Who was shown it then may have dropped it."""
    stage = scene()
    ada, _ = stage.seat(ADA, 1)
    seven = Replica(7)
    first, second = seven.type("one "), seven.type("two ")
    stage.hear(ada, Update(second))
    stage.settle()
    append = only(stage.hear(ada, SyncStep2(seven.doc.get_update())))
    assert append.news.structs == read_update(first).structs
    assert read_update(append.update).structs == ((7, 0, 8),)
    stage.settle()
    assert stage.hear(ada, SyncStep2(seven.doc.get_update())) == []


def test_what_is_on_its_way_already_is_left_to_the_journal() -> None:
    """[JRN-15] The line broke, the disk is slow, the client sends it again: one entry, two answers."""
    stage = scene()
    ada, told = stage.seat(ADA, 1)
    seven = Replica(7)
    first = only(stage.hear(ada, Update(seven.type("one "))))
    stage.room.leave(ada)
    back, told = stage.seat(ADA, 2)
    again = only(stage.hear(back, SyncStep2(seven.doc.get_update())))
    assert (first.follows, again.follows) == (None, None)
    after = only(stage.hear(back, Update(seven.type("two "))))
    assert after.follows == again.op
    stage.settle()
    assert [entry.op for entry in stage.history.read(DOCUMENT, after=Seq(0))] == [first.op, after.op]
    assert told[-1] == Accepted(2)
    assert stage.room.is_settled
    assert stage.room.in_flight_bytes == 0


def test_a_room_looks_no_further_back_than_to_what_is_on_its_way() -> None:
    """[JRN-15] What was on its way once and was refused is new again."""
    stage = scene()
    ada, _ = stage.seat(ADA, 1)
    update = Replica(7).type("one ")
    append = only(stage.hear(ada, Update(update)))
    stage.answer([Rejected(append.op, ForeignClient())])
    stage.hear(ada, Update(Replica(8).type("other")))
    assert only(stage.hear(ada, Update(update))).follows is not None


def test_what_another_node_wrote_is_acknowledged_when_it_was_applied_and_shown() -> None:
    """[JRN-15] [ROOM-3] [ROOM-22] Not when the journal says that it is there."""
    stage = scene()
    ada, to_ada = stage.seat(ADA, 1)
    _, to_ben = stage.seat(BEN, 2)
    update = Replica(7).type("Fever")
    append = only(stage.hear(ada, Update(update)))
    entry = stage.elsewhere(ADA, update)
    stage.forget()
    assert results(stage) == [Covered]
    assert stage.answer([Covered(append.op, Seq(1))]) == [ReadJournal(Seq(0))]
    stage.perform(stage.room.flush())
    assert (to_ada, to_ben) == ([], [])
    assert not stage.room.is_settled
    stage.perform(stage.room.committed([entry]))
    shown, *_ = stage.perform(stage.room.flush())
    assert isinstance(shown, Show)
    assert updates(to_ben) == [update]
    assert to_ada[-1] == Accepted(1)
    assert stage.room.is_settled


def test_what_was_read_before_the_answer_came_is_acknowledged_at_once() -> None:
    """[JRN-15] [ROOM-22] The bell was faster."""
    stage = scene()
    ada, to_ada = stage.seat(ADA, 1)
    update = Replica(7).type("Fever")
    append = only(stage.hear(ada, Update(update)))
    stage.perform(stage.room.committed([stage.elsewhere(ADA, update)]))
    stage.forget()
    assert stage.answer([Covered(append.op, Seq(1))]) == []
    stage.perform(stage.room.flush())
    assert to_ada[-1] == Accepted(1)


def test_answers_keep_their_order_around_what_was_there() -> None:
    """[ROOM-2] [ROOM-22] The later edit is committed, the earlier one not yet read."""
    stage = scene()
    ada, to_ada = stage.seat(ADA, 1)
    seven = Replica(7)
    one = seven.type("one ")
    stage.hear(ada, Update(one), Update(seven.type("two ")))
    theirs = stage.elsewhere(ADA, one)
    stage.forget()
    stage.settle()
    assert Accepted(1) not in to_ada
    stage.perform([*stage.room.committed([theirs]), *stage.room.flush()])
    assert to_ada[-1] == Accepted(2)
    assert str(Replica(9).take(stage.room.replica.answer({}))) == "one two "


def test_what_the_journal_left_out_is_not_counted_twice() -> None:
    """[JRN-15] The entry is what was written, not what was sent."""
    stage = scene()
    ada, to_ada = stage.seat(ADA, 1)
    seven = Replica(7)
    one = seven.type("one ")
    seven.type("two ")
    stage.hear(ada, SyncStep2(seven.doc.get_update()))
    theirs = stage.elsewhere(ADA, one)
    stage.answer(stage.commit())
    stage.perform([*stage.room.committed([theirs]), *stage.room.flush()])
    (_, entry) = stage.history.read(DOCUMENT, after=Seq(0))
    assert isinstance(entry, Entry)
    assert read_update(entry.update).structs == ((7, 4, 8),)
    assert to_ada[-1] == Accepted(1)
    assert stage.room.in_flight_bytes == 0
    assert stage.room.replica.size == len(one) + len(entry.update)


def test_a_gap_behind_what_was_there_is_asked_for() -> None:
    """[ROOM-6] [ROOM-22] By whom it was sent, as for any other edit."""
    stage = scene()
    ada, to_ada = stage.seat(ADA, 1)
    seven = Replica(7)
    seven.type("one ")
    late = seven.type("two ")
    stage.hear(ada, Update(late))
    theirs = stage.elsewhere(ADA, late)
    stage.forget()
    stage.answer(stage.commit())
    stage.perform([*stage.room.committed([theirs]), *stage.room.flush()])
    assert kinds(to_ada) == [SyncStep1, Update, Accepted]


def test_anothers_words_that_are_new_here_may_be_known_elsewhere() -> None:
    """[ROOM-5] [JRN-15] On several nodes the journal decides; on one the room knows."""
    ada = Replica(7)
    first = ada.type("Fever. ")
    second = ada.type("Chills.")
    for is_shared in (True, False):
        stage = scene(is_shared=is_shared)
        stage.perform(stage.room.committed([stage.elsewhere(ADA, first)]))
        ben, to_ben = stage.seat(BEN, 1)
        if not is_shared:
            assert stage.hear(ben, Update(second)) == []
        else:
            stage.elsewhere(ADA, second)
            append = only(stage.hear(ben, Update(second)))
            assert append.clients == {7}
            assert results(stage) == [Covered]
            stage.perform(stage.room.committed(stage.history.read(DOCUMENT, after=Seq(1))))
            stage.settle()
            assert to_ben[-1] == Accepted(1)
            stage.hear(ben, Update(UpdateBytes(ada.type(" Pallor."))))
            stage.settle()
        stage.perform(stage.room.flush())
        assert isinstance(to_ben[-1], Refused)
        assert isinstance(to_ben[-1].error, ForeignClient)
