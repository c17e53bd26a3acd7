"""workspace.room: joining, and being given what one lacks."""

from __future__ import annotations

import pytest

from tests.unit.scene import ADA, BEN, EVE, Replica, Scene, kinds, scene, updates
from workspace.awareness import NULL
from workspace.effects import Send, Show
from workspace.errors import InvalidMessage, Superseded
from workspace.messages import Accepted, Awareness, QueryAwareness, SignedIn, SyncStep1, SyncStep2, Update
from workspace.update import EMPTY_UPDATE, read_state_vector, read_update

HERE = Awareness(b"\x01\x07\x01\x02{}")


def written(words: int) -> tuple[Scene, Replica]:
    """A room in which Ada typed."""
    stage = scene()
    ada, _ = stage.seat(ADA, 1)
    typist = Replica(7)
    for number in range(words):
        stage.hear(ada, Update(typist.type(f"{number} ")))
    stage.settle()
    return stage, typist


def test_a_newcomer_hears_its_scope_what_we_have_and_who_is_here() -> None:
    """[ROOM-20] [ROOM-7] In this order: the provider knows its scope before it is asked for anything."""
    stage, typist = written(3)
    stage.hear(next(iter(stage.room.sessions)), HERE)
    for may_write in (True, False):
        _, told = stage.seat(BEN, 2, may_write=may_write)
        assert kinds(told) == [SignedIn, SyncStep1, Awareness]
        assert told[0] == SignedIn(may_write)
        assert isinstance(told[1], SyncStep1)
        assert read_state_vector(told[1].state_vector) == read_state_vector(typist.state)


def test_the_first_in_a_room_hears_of_nobody() -> None:
    """[ROOM-20]"""
    stage = scene()
    _, told = stage.seat(ADA, 1)
    assert told == [SignedIn(may_write=True), SyncStep1(b"\x00")]


def test_a_newcomer_is_given_older_bytes_first_and_sync_step_2_last() -> None:
    """[ROOM-20] A client calls itself synced on SyncStep2, so nothing may be missing then."""
    stage, typist = written(700)
    ben, told = stage.seat(BEN, 2)
    told.clear()
    (effect,) = stage.hear(ben, SyncStep1(b"\x00"))
    assert isinstance(effect, Send)
    assert len(told) > 1
    assert kinds(told) == [Update] * (len(told) - 1) + [SyncStep2]
    assert str(Replica(8).take(updates(told))) == str(typist)
    starts = [read_update(update).structs[0].start for update in updates(told)]
    assert starts == sorted(starts)
    assert starts[0] == 0


def test_an_empty_room_answers_with_the_empty_update() -> None:
    """[ROOM-20]"""
    stage = scene()
    ada, told = stage.seat(ADA, 1)
    told.clear()
    stage.hear(ada, SyncStep1(b"\x00"))
    assert told == [SyncStep2(EMPTY_UPDATE)]


def test_who_returns_is_given_only_what_it_lacks() -> None:
    """[ROOM-20]"""
    stage, typist = written(300)
    returning = Replica(8).take([typist.doc.get_update()])
    vector = returning.state
    stage.hear(next(iter(stage.room.sessions)), Update(typist.type("new")))
    stage.settle()
    ben, told = stage.seat(BEN, 2)
    told.clear()
    stage.hear(ben, SyncStep1(vector))
    assert sum(map(len, updates(told))) < 60
    assert str(returning.take(updates(told))) == str(typist)


def test_who_was_offline_brings_what_it_wrote_and_gets_what_others_wrote() -> None:
    """[ROOM-15] [ROOM-14] The answer to our SyncStep1 carries known ranges of others and new ones of its own."""
    stage, typist = written(10)
    offline = Replica(8).take([typist.doc.get_update()])
    offline.type("offline ")
    stage.hear(next(iter(stage.room.sessions)), Update(typist.type("meanwhile ")))
    stage.settle()
    ben, told = stage.seat(BEN, 2)
    stage.hear(ben, SyncStep1(offline.state), SyncStep2(offline.doc.get_update()))
    assert stage.appends[0].clients == {8}
    assert stage.appends[0].author == BEN.id
    stage.settle()
    assert kinds(told)[-1] is Accepted
    assert str(offline.take(updates(told))) == str(typist.take(updates(stage.told[next(iter(stage.told))])))
    assert "meanwhile" in str(offline)
    assert "offline" in str(typist)


def test_what_is_applied_but_not_shown_yet_is_in_the_answer() -> None:
    """[ROOM-20] A newcomer between a commit and its flush misses nothing."""
    stage = scene()
    ada, _ = stage.seat(ADA, 1)
    stage.hear(ada, Update(Replica(7).type("just now")))
    stage.answer(stage.commit())
    ben, told = stage.seat(BEN, 2)
    stage.hear(ben, SyncStep1(b"\x00"))
    assert str(Replica(9).take(updates(told))) == "just now"
    stage.perform(stage.room.flush())
    assert str(Replica(9).take(updates(told))) == "just now"


def test_a_room_opened_again_tells_the_same_story() -> None:
    """[ROOM-15] [JRN-8]"""
    stage, typist = written(100)
    again = scene(history=stage.history)
    assert again.room.head == stage.room.head == 100
    ben, told = again.seat(BEN, 2)
    again.hear(ben, SyncStep1(b"\x00"))
    assert str(Replica(9).take(updates(told))) == str(typist)


@pytest.mark.parametrize(
    "vector",
    [
        b"",
        b"\x01",
        b"\x01\x07",
        b"\x00\x00",
        b"\x02\x07\x01\x07\x02",
        b"\x80\x80\x80\x80\x80\x80\x80\x10",
        b"\xff" * 12,
    ],
    ids=bytes.hex,
)
def test_a_state_vector_that_lies_ends_its_session_and_reaches_no_rust(vector: bytes) -> None:
    """[WIRE-4] A count of 2^60 costs pycrdt 500 MB; even a reader may send one."""
    stage, _ = written(3)
    ben, told = stage.seat(BEN, 2, may_write=False)
    told.clear()
    stage.hear(ben, SyncStep1(vector))
    assert isinstance(stage.ended[ben], InvalidMessage)
    assert told == []
    assert len(stage.room.sessions) == 1


def test_a_state_vector_from_the_future_is_answered_with_what_there_is() -> None:
    """[ROOM-16] After a crash a client may hold what the journal does not: we ask for it, and give what it lacks."""
    stage, _ = written(3)
    ben, told = stage.seat(BEN, 2)
    told.clear()
    stage.hear(ben, SyncStep1(b"\x02\x09\x05\x07\x64"))
    assert kinds(told) == [SyncStep2]
    assert read_update(updates(told)[0]).is_empty


# Who is here


def test_who_moves_is_shown_to_the_others() -> None:
    """[AWR-1] [ROOM-8]"""
    stage = scene()
    ada, _ = stage.seat(ADA, 1)
    stage.seat(BEN, 2)
    assert stage.hear(ada, HERE) == []
    (shown,) = stage.room.flush()
    assert isinstance(shown, Show)
    assert shown.skip == ada
    assert isinstance(shown.messages[0], Awareness)
    assert b'"name":"Dr A"' in shown.messages[0].update


def test_who_leaves_is_gone_for_the_others() -> None:
    """[AWR-3]"""
    stage = scene()
    ada, _ = stage.seat(ADA, 1)
    _, to_ben = stage.seat(BEN, 2)
    stage.hear(ada, HERE)
    stage.perform(stage.room.flush())
    stage.room.leave(ada)
    stage.perform(stage.room.flush())
    assert to_ben[-1] == Awareness(b"\x01\x07\x01\x04" + NULL.encode())
    _, to_eve = stage.seat(EVE, 3)
    assert Awareness not in kinds(to_eve)


def test_who_asks_is_told_who_is_here() -> None:
    """[ROOM-20]"""
    stage = scene()
    ada, _ = stage.seat(ADA, 1)
    ben, to_ben = stage.seat(BEN, 2)
    stage.hear(ada, HERE)
    to_ben.clear()
    stage.hear(ben, QueryAwareness())
    assert kinds(to_ben) == [Awareness]


def test_a_broken_state_ends_its_session_and_nobody_else_notices() -> None:
    """[AWR-4] [WIRE-2]"""
    stage = scene()
    ada, _ = stage.seat(ADA, 1)
    ben, _ = stage.seat(BEN, 2)
    stage.hear(ada, HERE)
    stage.perform(stage.room.flush())
    stage.hear(ben, Awareness(b"\x01\x08\x01\x0b" + b'{"x":1e999}'))
    assert isinstance(stage.ended[ben], InvalidMessage)
    assert list(stage.room.sessions) == [ada]
    assert not stage.room.has_news


def test_nobody_speaks_for_a_client_id_that_somebody_else_writes_with() -> None:
    """[AWR-2] [ROOM-5] Bound by an edit, here or on another node."""
    stage = scene()
    ben, _ = stage.seat(BEN, 2)
    stage.perform(stage.room.committed([stage.elsewhere(ADA, Replica(7).type("x"))]))
    stage.perform(stage.room.flush())
    stage.hear(ben, HERE)
    assert not stage.room.has_news


def test_a_superseded_document_is_over_for_everybody() -> None:
    """[JRN-9]"""
    stage = scene()
    ada, to_ada = stage.seat(ADA, 1)
    ben, _ = stage.seat(BEN, 2)
    stage.hear(ada, Update(Replica(7).type("kept")))
    results = stage.commit()
    stage.history.supersede(stage.room.document, None, ADA.id, stage.appends[0].at)
    stage.hear(ada, Update(Replica(9).type("too late")))
    stage.answer([*results, *stage.history.append(stage.appends[1:])])
    assert set(stage.ended) == {ada, ben}
    assert {type(error) for error in stage.ended.values()} == {Superseded}
    assert to_ada[-1] == Accepted(1), "what was saved is told before the end"
