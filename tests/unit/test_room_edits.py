"""workspace.room: the journey of an edit, and the order of its steps."""

from __future__ import annotations

import pytest

from tests.unit.scene import ADA, BEN, DOCUMENT, EVE, NOW, Replica, kinds, scene, updates
from workspace.effects import End, ReadJournal, Send, Show
from workspace.entries import Append, Entry
from workspace.errors import DocumentFull, StorageFull
from workspace.ids import Seq, SessionId
from workspace.limits import Limits
from workspace.messages import (
    Accepted,
    Awareness,
    Detach,
    Pong,
    QueryAwareness,
    Refused,
    SignIn,
    Stateless,
    SyncStep1,
    SyncStep2,
    Unknown,
    Update,
)


def test_an_edit_is_asked_into_the_journal_and_nothing_else_happens() -> None:
    """[ROOM-1] Not applied, not shown, not acknowledged."""
    stage = scene()
    ada, to_ada = stage.seat(ADA, 1)
    _, to_ben = stage.seat(BEN, 2)
    stage.forget()
    update = Replica(7).type("hello")
    (effect,) = stage.hear(ada, Update(update))
    assert isinstance(effect, Append)
    assert (effect.document, effect.update, effect.author, effect.at) == (DOCUMENT, update, ADA.id, NOW.wall)
    assert effect.clients == {7}
    assert stage.room.replica.size == stage.room.head == 0
    assert not stage.room.has_news
    assert not stage.room.is_settled
    assert stage.room.in_flight_bytes == len(update)
    assert stage.room.flush() == []
    stage.commit()
    assert stage.room.flush() == []
    assert (to_ada, to_ben) == ([], [])
    newcomer, told = stage.seat(EVE, 3)
    stage.hear(newcomer, SyncStep1(b"\x00"))
    assert updates(told) == [b"\x00\x00"], "what is not applied is not given to newcomers"


def test_what_there_is_no_room_for_ends_its_session_alone() -> None:
    """[STO-10] Nothing of it is applied or answered; its client comes back with it. Whoever reads stays."""
    stage = scene()
    ada, _ = stage.seat(ADA, 1)
    _, to_ben = stage.seat(BEN, 2)
    (append,) = stage.hear(ada, Update(Replica(7).type("hello")))
    assert isinstance(append, Append)
    stage.forget()
    (end,) = stage.room.postponed([append], StorageFull())
    assert isinstance(end, End)
    assert (end.session, type(end.error)) == (ada, StorageFull)
    assert stage.room.is_settled
    assert stage.room.in_flight_bytes == stage.room.head == 0
    assert to_ben == []


def test_an_entry_in_the_place_of_another_is_no_answer() -> None:
    """[BAK-8] The journal was taken back and gave our edit a seq that we hold something else for."""
    stage = scene()
    ada, _ = stage.seat(ADA, 1)
    stage.hear(ada, Update(Replica(7).type("hello")))
    stage.settle()
    (append,) = stage.hear(ada, Update(Replica(8).type("there")))
    assert isinstance(append, Append)
    wrong = Entry(Seq(1), append.op, append.update, append.author, append.at)
    with pytest.raises(RuntimeError, match="went back"):
        stage.room.answered([append], [wrong])


def test_an_edit_is_shown_to_the_others_and_then_acknowledged() -> None:
    """[ROOM-1] [ROOM-3]"""
    stage = scene()
    ada, to_ada = stage.seat(ADA, 1)
    _, to_ben = stage.seat(BEN, 2)
    stage.forget()
    update = Replica(7).type("hello")
    stage.hear(ada, Update(update))
    assert stage.answer(stage.commit()) == []
    assert stage.room.head == 1
    assert (to_ada, to_ben) == ([], []), "a flush decides when"
    assert stage.room.flush() == [
        Show((Update(update),), skip=ada),
        Send(ada, (Accepted(1),)),
    ]
    assert stage.room.is_settled
    assert not stage.room.has_news
    assert stage.room.in_flight_bytes == 0
    assert stage.room.flush() == []


def test_one_room_serves_clients_of_both_wires() -> None:
    """[ROOM-7]"""
    stage = scene()
    ada, to_ada = stage.seat(ADA, 1, hears_refusals=False)
    ben, to_ben = stage.seat(BEN, 2, hears_refusals=True)
    hers, his = Replica(7), Replica(8)
    stage.hear(ada, Update(hers.type("ada ")))
    stage.settle()
    his.take(updates(to_ben))
    stage.hear(ben, Update(his.type("ben")))
    stage.settle()
    assert str(hers.take(updates(to_ada))) == str(his) == "ada ben"


def test_edits_of_one_tick_are_one_message_and_each_is_acknowledged_to_its_author() -> None:
    """[ROOM-8] [ROOM-2]"""
    stage = scene()
    ada, to_ada = stage.seat(ADA, 1)
    ben, to_ben = stage.seat(BEN, 2)
    _, to_eve = stage.seat(EVE, 3)
    hers, his = Replica(7), Replica(8)
    for _ in range(3):
        stage.hear(ada, Update(hers.type("a")))
        stage.hear(ben, Update(his.type("b")))
    stage.forget()
    stage.settle()
    assert kinds(to_eve) == [Update]
    assert str(Replica(9).take(updates(to_eve))) in {"aaabbb", "bbbaaa"}
    assert to_ada[-1] == to_ben[-1] == Accepted(3)
    assert kinds(to_ada) == [Update, Accepted], "it was not the only author, so it is shown what was shown"


def test_a_flush_merges_no_more_than_eight_updates_at_once() -> None:
    """[ROOM-8] [JRN-13] Merging is quadratic; several messages in one write do the rest."""
    stage = scene()
    ada, _ = stage.seat(ADA, 1)
    _, to_ben = stage.seat(BEN, 2)
    typist = Replica(7)
    stage.hear(ada, *(Update(typist.type(f"{number} ")) for number in range(20)))
    to_ben.clear()
    stage.settle()
    assert kinds(to_ben) == [Update, Update, Update]
    assert str(Replica(9).take(updates(to_ben))) == str(typist)


def test_edits_and_movements_of_one_tick_go_out_together() -> None:
    """[ROOM-8] Updates first: a cursor may stand in what was just typed."""
    stage = scene()
    ada, _ = stage.seat(ADA, 1)
    stage.seat(BEN, 2)
    stage.hear(ada, Update(Replica(7).type("x")), Awareness(b"\x01\x07\x01\x02{}"))
    stage.answer(stage.commit())
    shown, answer = stage.room.flush()
    assert isinstance(shown, Show)
    assert kinds(shown.messages) == [Update, Awareness]
    assert shown.skip == ada
    assert answer == Send(ada, (Accepted(1),))


def test_what_one_types_while_another_moves_is_shown_to_both() -> None:
    """[ROOM-8] Nobody may be left out when a tick has two authors."""
    stage = scene()
    ada, _ = stage.seat(ADA, 1)
    ben, _ = stage.seat(BEN, 2)
    stage.hear(ada, Update(Replica(7).type("x")))
    stage.hear(ben, Awareness(b"\x01\x08\x01\x02{}"))
    stage.answer(stage.commit())
    (shown, _) = stage.room.flush()
    assert isinstance(shown, Show)
    assert shown.skip is None


def test_an_edit_of_somebody_who_left_is_shown_to_all() -> None:
    """[ROOM-1] What was sent is journalled, and what is journalled is shown."""
    stage = scene()
    ada, _ = stage.seat(ADA, 1)
    _, to_ben = stage.seat(BEN, 2)
    stage.hear(ada, Update(Replica(7).type("farewell")))
    stage.room.leave(ada)
    to_ben.clear()
    effects = stage.settle()
    assert str(Replica(9).take(updates(to_ben))) == "farewell"
    assert all(isinstance(effect, Show) for effect in effects)
    assert stage.room.is_settled


def test_answers_come_in_the_order_of_the_edits() -> None:
    """[ROOM-2] The second is refused at once, but the first still waits for the journal, and clients count."""
    stage = scene(Limits(max_update_bytes=100))
    ada, to_ada = stage.seat(ADA, 1)
    typist = Replica(7)
    to_ada.clear()
    stage.hear(ada, Update(typist.type("first")))
    stage.hear(ada, Update(Replica(8).type("x" * 200)))
    stage.hear(ada, SyncStep2(b"\x00\x00"))
    stage.perform(stage.room.flush())
    assert to_ada == []
    stage.settle()
    assert kinds(to_ada) == [Accepted, Refused, Accepted]


def test_a_known_edit_is_accepted_without_an_entry() -> None:
    """[ROOM-19] [ROOM-14]"""
    stage = scene()
    ada, to_ada = stage.seat(ADA, 1)
    typist = Replica(7)
    typed, erased = typist.type("hello"), typist.erase(0, 1)
    stage.hear(ada, Update(typed), Update(erased))
    stage.settle()
    to_ada.clear()
    assert stage.hear(ada, Update(typed), SyncStep2(typist.doc.get_update()), Update(erased)) == []
    stage.settle()
    assert to_ada == [Accepted(3)]
    assert stage.room.head == 2


def test_a_no_op_is_acknowledged_only_after_what_it_repeats_is_shown() -> None:
    """[ROOM-3] Ada's edit is applied but not shown yet; Ben, who had it from a backup, sends it too."""
    stage = scene()
    ada, _ = stage.seat(ADA, 1)
    ben, _ = stage.seat(BEN, 2)
    update = Replica(7).type("hello")
    stage.hear(ada, Update(update))
    stage.answer(stage.commit())
    stage.hear(ben, Update(update))
    effects = stage.room.flush()
    assert isinstance(effects[0], Show)
    assert {effect.session for effect in effects[1:] if isinstance(effect, Send)} == {ada, ben}


def test_the_same_edit_twice_before_the_first_is_committed_changes_nothing_twice() -> None:
    """[ROOM-14] [ROOM-2] Both are answered."""
    stage = scene()
    ada, to_ada = stage.seat(ADA, 1)
    _, to_ben = stage.seat(BEN, 2)
    update = Replica(7).type("once")
    to_ada.clear()
    stage.hear(ada, Update(update), Update(update))
    stage.settle()
    assert to_ada[-1] == Accepted(2)
    assert str(Replica(9).take(updates(to_ben))) == "once"


def test_an_entry_that_is_answered_and_read_is_applied_once() -> None:
    """[ROOM-14] The doorbell rang while the answer was on its way: either may come first."""
    for first in ("answer", "read"):
        stage = scene()
        ada, to_ada = stage.seat(ADA, 1)
        _, to_ben = stage.seat(BEN, 2)
        stage.forget()
        stage.hear(ada, Update(Replica(7).type("once")))
        results = stage.commit()
        entries = [result for result in results if isinstance(result, Entry)]
        if first == "answer":
            stage.answer(results)
            stage.perform(stage.room.committed(entries))
        else:
            stage.perform(stage.room.committed(entries))
            stage.answer(results)
        stage.perform(stage.room.flush())
        assert to_ada == [Accepted(1)]
        assert len(to_ben) == 1
        assert stage.room.head == 1
        assert stage.room.is_settled
        assert stage.room.in_flight_bytes == 0


# Another node writes too


def test_what_another_node_journalled_is_shown_to_everybody() -> None:
    """[ROOM-15]"""
    stage = scene()
    _, to_ada = stage.seat(ADA, 1)
    update = Replica(8).type("from elsewhere")
    entry = stage.elsewhere(BEN, update)
    stage.perform(stage.room.committed([entry]))
    stage.perform(stage.room.flush())
    assert to_ada[-1] == Update(update)


def test_a_missing_seq_is_read_from_the_journal_before_anything_after_it_is_applied() -> None:
    """[ROOM-15] [ROOM-1] Replicas hold entries 1…head and nothing else."""
    stage = scene()
    ada, to_ada = stage.seat(ADA, 1)
    to_ada.clear()
    theirs = stage.elsewhere(BEN, Replica(8).type("theirs "))
    stage.hear(ada, Update(Replica(7).type("mine")))
    effects = stage.answer(stage.commit())
    assert effects == [ReadJournal(after=stage.room.head)]
    assert stage.room.head == 0
    assert not stage.room.is_settled
    stage.perform(stage.room.flush())
    assert to_ada == []
    stage.perform(stage.room.committed([theirs]))
    assert stage.room.head == 2
    stage.perform(stage.room.flush())
    assert kinds(to_ada) == [Update, Accepted], "shown with the other's, for it is not the only author"
    assert stage.room.is_settled


@pytest.mark.parametrize("order", [[3, 2, 1], [2, 3, 1], [1, 3, 2], [3, 3, 1, 2, 2, 1]])
def test_entries_are_applied_in_the_order_of_their_seq(order: list[int]) -> None:
    """[ROOM-15] However they come, and however often."""
    stage = scene()
    _, to_ada = stage.seat(ADA, 1)
    typist = Replica(8)
    entries = [stage.elsewhere(BEN, typist.type(word)) for word in ("one ", "two ", "three ")]
    for number in order:
        stage.perform(stage.room.committed([entries[number - 1]]))
        stage.perform(stage.room.flush())
    assert stage.room.head == 3
    assert str(Replica(9).take(updates(to_ada))) == "one two three "
    assert b"".join(updates(to_ada)).count(b"two ") == 1
    assert stage.room.is_settled


def test_the_journal_s_answers_may_refuse_some_and_take_others() -> None:
    """[JRN-5] [ROOM-2]"""
    stage = scene()
    ada, to_ada = stage.seat(ADA, 1)
    ben, to_ben = stage.seat(BEN, 2)
    stage.forget()
    stage.hear(ada, Update(Replica(7).type("mine")))
    stage.hear(ben, Update(Replica(7).type("also mine?")))
    stage.hear(ben, Update(Replica(8).type("mine indeed")))
    stage.settle()
    assert kinds(to_ben) == [Update, Refused, Accepted]
    assert to_ada[-1] == Accepted(1)
    assert stage.room.head == 2


# The rest


def test_what_has_no_meaning_in_a_room_does_nothing() -> None:
    """[ROOM-2]"""
    stage = scene()
    ada, _ = stage.seat(ADA, 1)
    assert stage.hear(ada, Stateless("hi"), SignIn("token"), Detach(), Pong(), Unknown(42), QueryAwareness()) == []
    assert not stage.room.has_news


def test_who_is_not_seated_is_not_heard() -> None:
    """[ROOM-10] A message may wait behind the one that ended its session."""
    stage = scene()
    ada, _ = stage.seat(ADA, 1)
    stage.room.leave(ada)
    stage.room.leave(ada)
    assert stage.hear(ada, Update(Replica(7).type("x"))) == []
    assert stage.hear(SessionId(99), Update(Replica(7).type("x"))) == []
    assert stage.room.is_settled


def test_ending_a_room_says_first_what_is_decided() -> None:
    """[ROOM-12] Shown, then acknowledged, then ended."""
    stage = scene()
    ada, _ = stage.seat(ADA, 1)
    ben, _ = stage.seat(BEN, 2)
    stage.hear(ada, Update(Replica(7).type("x")))
    stage.answer(stage.commit())
    error = DocumentFull()
    effects = stage.room.end_all(error)
    assert [type(effect) for effect in effects] == [Show, Send, End, End]
    assert effects[2:] == [End(ada, error), End(ben, error)]


def test_an_empty_room_takes_entries_and_is_silent() -> None:
    """[ROOM-11]"""
    stage = scene()
    stage.perform(stage.room.committed([stage.elsewhere(BEN, Replica(8).type("x"))]))
    assert stage.room.head == 1
    stage.perform(stage.room.flush())
    assert not stage.room.has_news
    assert stage.room.is_settled
    assert stage.room.end_all(DocumentFull()) == []
