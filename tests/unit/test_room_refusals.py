"""workspace.room: what is refused, before the journal, and how the client is told."""

from __future__ import annotations

import pytest

from tests.unit.scene import ADA, BEN, EVE, Replica, Scene, kinds, scene, updates
from workspace.errors import DocumentFull, ForeignClient, Incoherent, InvalidUpdate, ReadOnly, UpdateTooLarge
from workspace.ids import ClientId, SessionId, UpdateBytes
from workspace.limits import Limits
from workspace.messages import Accepted, Refused, ServerMessage, SyncStep1, SyncStep2, Update
from workspace.update import read_update


def refusals(told: list[ServerMessage]) -> list[type[Exception]]:
    return [type(message.error) for message in told if isinstance(message, Refused)]


def with_text(words: str, limits: Limits | None = None) -> tuple[Scene, Replica, SessionId]:
    """A room in which Ada typed."""
    stage = scene(limits)
    ada, told = stage.seat(ADA, 1)
    typist = Replica(7)
    stage.hear(ada, Update(typist.type(words)))
    stage.settle()
    told.clear()
    return stage, typist, ada


# Readers


def test_a_reader_s_edit_is_refused_before_the_journal() -> None:
    """[ROOM-4]"""
    stage, _, _ = with_text("text")
    ben, told = stage.seat(BEN, 2, may_write=False)
    told.clear()
    assert stage.hear(ben, Update(Replica(8).type("graffiti"))) == []
    stage.settle()
    assert refusals(told) == [ReadOnly]
    assert stage.room.head == 1
    assert not stage.ended


def test_a_reader_s_sync_step_2_with_nothing_new_is_accepted() -> None:
    """[ROOM-4] The handshake of every client, a reader's too."""
    stage, typist, _ = with_text("text")
    ben, told = stage.seat(BEN, 2, may_write=False)
    told.clear()
    stage.hear(ben, SyncStep2(b"\x00\x00"), SyncStep2(typist.doc.get_update()))
    stage.settle()
    assert told == [Accepted(2)]


def test_a_reader_s_sync_step_2_with_something_new_is_refused() -> None:
    """[ROOM-4] What was written offline before the role changed, or a deletion alone."""
    stage, typist, _ = with_text("text")
    copy = Replica(8).take([typist.doc.get_update()])
    for update in (copy.erase(0, 1), Replica(9).type("x")):
        ben, told = stage.seat(BEN, 2, may_write=False)
        told.clear()
        stage.hear(ben, SyncStep2(update))
        stage.settle()
        assert refusals(told) == [ReadOnly]
    assert stage.room.head == 1


def test_a_reader_s_update_is_refused_even_if_it_brings_nothing() -> None:
    """[ROOM-4] As the reference does; a reader's provider sends none by itself."""
    stage, typist, _ = with_text("text")
    ben, told = stage.seat(BEN, 2, may_write=False)
    told.clear()
    stage.hear(ben, Update(typist.doc.get_update()))
    stage.settle()
    assert refusals(told) == [ReadOnly]


@pytest.mark.parametrize("hears_refusals", [True, False])
def test_a_reader_goes_on_reading(*, hears_refusals: bool) -> None:
    """[ROOM-4] On either wire: ending it would bring it back to try again, for ever."""
    stage, typist, ada = with_text("text")
    ben, told = stage.seat(BEN, 2, may_write=False, hears_refusals=hears_refusals)
    stage.hear(ben, Update(Replica(8).type("graffiti")))
    stage.settle()
    stage.hear(ada, Update(typist.type(" goes on")))
    stage.settle()
    stage.hear(ben, SyncStep1(b"\x00"))
    assert str(Replica(9).take(updates(told))) == "text goes on"
    assert not stage.ended


# Client ids


def test_new_structs_under_another_person_s_client_id_are_refused() -> None:
    """[ROOM-5]"""
    stage, _, _ = with_text("mine")
    ben, told = stage.seat(BEN, 2)
    told.clear()
    forged = Replica(7).take(updates(stage.told[SessionId(1)]))
    forged.type("padding")
    assert stage.hear(ben, Update(UpdateBytes(forged.doc.get_update()))) == []
    stage.settle()
    assert refusals(told) == [ForeignClient]
    assert stage.room.head == 1


def test_known_ranges_may_be_sent_again_by_anybody() -> None:
    """[ROOM-5] Everybody's SyncStep2 carries everybody's structs."""
    stage, typist, _ = with_text("hers ")
    ben, told = stage.seat(BEN, 2)
    his = Replica(8).take([typist.doc.get_update()])
    his.type("his")
    told.clear()
    stage.hear(ben, SyncStep2(his.doc.get_update()))
    stage.settle()
    assert told == [Accepted(1)]
    assert dict(stage.history.documents[stage.room.document].owners) == {7: ADA.id, 8: BEN.id}


def test_deleting_what_another_wrote_is_no_forgery() -> None:
    """[ROOM-5]"""
    stage, typist, _ = with_text("hers")
    ben, told = stage.seat(BEN, 2)
    told.clear()
    stage.hear(ben, Update(Replica(8).take([typist.doc.get_update()]).erase(0, 1)))
    assert stage.appends[0].clients == frozenset()
    stage.settle()
    assert told == [Accepted(1)]


def test_one_person_may_write_with_one_client_id_from_two_sockets() -> None:
    """[ROOM-5] A client that came back."""
    stage, typist, _ = with_text("before ")
    again, told = stage.seat(ADA, 2)
    told.clear()
    stage.hear(again, Update(typist.type("after")))
    assert stage.appends[0].clients == frozenset(), "bound already"
    stage.settle()
    assert told == [Accepted(1)]


def test_a_client_id_that_another_node_bound_is_bound_here() -> None:
    """[ROOM-5] [JRN-6] Known here by its entry, or found out by the journal: the answer is the same."""
    for heard_of in (True, False):
        stage = scene()
        typist = Replica(7)
        entry = stage.elsewhere(ADA, typist.type("hers"))
        stage.history.documents[stage.room.document].owners[ClientId(7)] = ADA.id
        if heard_of:
            stage.perform(stage.room.committed([entry]))
        ben, told = stage.seat(BEN, 2)
        told.clear()
        stage.hear(ben, Update(typist.type("forged")))
        assert len(stage.appends) == (0 if heard_of else 1)
        stage.settle()
        assert refusals(told) == [ForeignClient]


def test_two_who_claim_a_client_id_at_once_are_told_apart_by_the_journal() -> None:
    """[ROOM-5] [JRN-6]"""
    stage = scene()
    ada, to_ada = stage.seat(ADA, 1)
    ben, to_ben = stage.seat(BEN, 2)
    stage.hear(ada, Update(Replica(7).type("first")))
    stage.hear(ben, Update(Replica(7).type("second")))
    stage.settle()
    assert to_ada[-1] == Accepted(1)
    assert refusals(to_ben) == [ForeignClient]
    assert not stage.ended


# Sizes


def test_an_update_over_the_bound_is_refused() -> None:
    """[ROOM-9]"""
    update = Replica(7).type("x" * 100)
    for limit, expected in ((len(update), []), (len(update) - 1, [UpdateTooLarge])):
        stage = scene(Limits(max_update_bytes=limit))
        ada, told = stage.seat(ADA, 1)
        stage.hear(ada, Update(update))
        stage.settle()
        assert refusals(told) == expected
        assert stage.room.head == (0 if expected else 1)


def test_a_full_document_takes_no_more_and_is_still_read() -> None:
    """[ROOM-9]"""
    stage, typist, ada = with_text("x" * 100, Limits(max_document_bytes=400))
    told = stage.told[ada]
    stage.hear(ada, Update(typist.type("y" * 100)))
    stage.settle()
    assert refusals(told) == [DocumentFull]
    ben, told = stage.seat(BEN, 2)
    stage.hear(ben, SyncStep1(b"\x00"))
    assert str(Replica(9).take(updates(told))) == "x" * 100


def test_scattered_edits_weigh_more_than_their_bytes() -> None:
    """[ROOM-9] Few bytes can name many ranges, and each has to be kept."""
    stage, typist, ada = with_text("x" * 100, Limits(max_document_bytes=5_000))
    told = stage.told[ada]
    before = typist.state
    for position in range(50):
        typist.erase(position, position + 1)  # what was every second letter
    scattered = UpdateBytes(typist.doc.get_update(before))
    assert len(scattered) < 200
    assert len(read_update(scattered).deletes) == 50
    stage.hear(ada, Update(scattered))
    stage.settle()
    assert refusals(told) == [DocumentFull]


def test_what_is_on_its_way_counts_as_held() -> None:
    """[ROOM-9] A burst cannot slip past the bound, and what the journal refused is not counted for ever."""
    stage = scene(Limits(max_document_bytes=400))
    ada, told = stage.seat(ADA, 1)
    stage.hear(ada, *(Update(Replica(client).type("x" * 100)) for client in (7, 8, 9)))
    assert len(stage.appends) == 2
    stage.settle()
    assert refusals(told) == [DocumentFull]
    stage = scene(Limits(max_document_bytes=400))
    ben, _ = stage.seat(BEN, 2)
    stage.perform(stage.room.committed([stage.elsewhere(ADA, Replica(7).type("!"))]))
    stage.history.documents[stage.room.document].owners |= {ClientId(8): ADA.id, ClientId(9): ADA.id}
    stage.hear(ben, *(Update(Replica(client).type("x" * 100)) for client in (8, 9)))
    stage.settle()
    assert stage.room.in_flight_bytes == 0
    stage.hear(ben, Update(Replica(10).type("x" * 100)))
    assert len(stage.appends) == 1


# A wire without a word for refusals


@pytest.mark.parametrize(
    ("limits", "error"), [(Limits(max_update_bytes=20), UpdateTooLarge), (Limits(max_document_bytes=20), DocumentFull)]
)
def test_who_cannot_be_told_of_a_refusal_is_told_and_ended(limits: Limits, error: type[Exception]) -> None:
    """[ROOM-2] It must not go on believing that it is saved. What was accepted before is said first."""
    stage = scene(limits)
    ada, told = stage.seat(ADA, 1, hears_refusals=False)
    ben, to_ben = stage.seat(BEN, 2)
    stage.hear(ada, Update(b"\x00\x00"), Update(Replica(7).type("x" * 100)), Update(Replica(8).type("y")))
    assert kinds(told)[-2:] == [Accepted, Refused]
    assert refusals(told) == [error]
    assert isinstance(stage.ended[ada], error)
    assert ben in stage.room.sessions
    assert Refused not in kinds(to_ben)
    assert stage.appends == [], "what came behind it was not heard"


def test_who_cannot_be_told_is_ended_by_the_journal_s_refusal_too() -> None:
    """[ROOM-2] [ROOM-5]"""
    stage = scene()
    ada, _ = stage.seat(ADA, 1)
    ben, told = stage.seat(BEN, 2, hears_refusals=False)
    stage.hear(ada, Update(Replica(7).type("first")))
    stage.hear(ben, Update(Replica(8).type("good")), Update(Replica(7).type("second")))
    told.clear()
    stage.answer(stage.commit())
    assert kinds(told) == [Update, Accepted, Refused]
    assert isinstance(stage.ended[ben], ForeignClient)
    assert list(stage.room.sessions) == [ada]


# What cannot be read


@pytest.mark.parametrize(
    "update",
    [
        b"",
        b"\x00",
        b"\x01",
        b"\x00\x00\x00",
        b"\xff" * 20,
        b"\x01\x01\x07\x00\x04\x01\x01t\x02\xff\xfe\x00",
        b"\x02\x00\x00",
    ],
    ids=bytes.hex,
)
@pytest.mark.parametrize("may_write", [True, False])
def test_an_update_that_cannot_be_read_ends_its_session_and_reaches_nothing(update: bytes, *, may_write: bool) -> None:
    """[WIRE-4] [ROOM-2] Neither the journal nor Rust sees a byte of it, and nobody else notices."""
    stage, _, ada = with_text("text")
    ben, told = stage.seat(BEN, 2, may_write=may_write)
    told.clear()
    for message in (Update(update), SyncStep2(update)):
        stage.room.sessions.get(ben) or stage.seat(BEN, 2, may_write=may_write)
        stage.hear(ben, message)
        assert isinstance(stage.ended.pop(ben), InvalidUpdate)
    assert stage.appends == []
    assert list(stage.room.sessions) == [ada]
    assert not stage.room.has_news


# Missing predecessors


def test_an_edit_whose_predecessor_is_missing_is_kept_and_the_gap_is_asked_for_once() -> None:
    """[ROOM-6] [JRN-12]"""
    stage = scene()
    ada, told = stage.seat(ADA, 1)
    ben, to_ben = stage.seat(BEN, 2)
    told.clear()
    typist = Replica(7)
    first, *later = [typist.type(f"{number} ") for number in range(5)]
    for update in later:
        stage.hear(ada, Update(update))
        stage.settle()
    assert kinds(told) == [SyncStep1, Accepted, Accepted, Accepted, Accepted]
    assert told[0] == SyncStep1(b"\x00"), "all of it is wanted"
    stage.hear(ada, SyncStep2(first))
    stage.settle()
    assert str(Replica(9).take(updates(to_ben))) == str(typist)
    told.clear()
    stage.hear(ben, SyncStep1(b"\x00"))
    assert str(Replica(10).take(updates(to_ben))) == str(typist)


def test_a_missing_predecessor_may_be_another_persons() -> None:
    """[ROOM-6] [WIRE-7] What stands next to a struct that never came waits for it in every browser, whoever made it."""
    stage = scene(Limits(max_missing_updates=2))
    ada, told = stage.seat(ADA, 1)
    stranger, typist = Replica(8), Replica(7)
    typist.take([stranger.type("never sent ")])
    told.clear()
    for _ in range(2):
        stage.hear(ada, Update(typist.type("x")))
        stage.settle()
    assert kinds(told) == [SyncStep1, Accepted, Accepted]
    stage.hear(ada, Update(typist.type("y", at=0)))
    stage.settle()
    assert isinstance(stage.ended[ada], Incoherent)


def test_a_second_gap_is_asked_for_again() -> None:
    """[ROOM-6] Once per gap, not once per session."""
    stage = scene()
    ada, told = stage.seat(ADA, 1)
    typist = Replica(7)
    made = [typist.type(f"{number} ") for number in range(5)]
    told.clear()
    for number in (1, 0, 3, 2, 4):
        stage.hear(ada, Update(made[number]))
        stage.settle()
    assert kinds(told) == [SyncStep1, Accepted, Accepted, SyncStep1, Accepted, Accepted, Accepted]


def test_too_many_edits_that_wait_end_the_session_and_are_kept() -> None:
    """[ROOM-6] [ROOM-9] Their cost is quadratic in everybody's browser."""
    stage = scene(Limits(max_missing_updates=3))
    ada, _ = stage.seat(ADA, 1)
    stage.seat(EVE, 3)
    typist = Replica(7)
    typist.type("never sent ")
    for _ in range(3):
        stage.hear(ada, Update(typist.type("x")))
        stage.settle()
    assert not stage.ended
    stage.hear(ada, Update(typist.type("x")))
    stage.settle()
    assert isinstance(stage.ended[ada], Incoherent)
    assert stage.room.head == 4
    assert set(stage.room.sessions) == {3}


def test_what_another_node_took_early_ends_nobody_here() -> None:
    """[ROOM-6]"""
    stage = scene(Limits(max_missing_updates=1))
    _, told = stage.seat(ADA, 1)
    typist = Replica(8)
    typist.type("never sent ")
    told.clear()
    for _ in range(5):
        stage.perform(stage.room.committed([stage.elsewhere(BEN, typist.type("x"))]))
    stage.perform(stage.room.flush())
    assert not stage.ended
    assert SyncStep1 not in kinds(told)
