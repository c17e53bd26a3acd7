"""Whatever the interleaving, the crashes and the losses: all replicas converge and nothing acknowledged is missing."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pycrdt import Doc, Text

from tests.property.world import CLIENTS, NODES, Client, Node, Squash, World
from workspace.compaction import squash
from workspace.effects import Effect, Show
from workspace.entries import EVERYTHING, Append, Covered, Entry, Outcome
from workspace.ids import OpId, Seq, SessionId, UpdateBytes
from workspace.messages import ServerMessage
from workspace.replica import Holding, Replica, fold
from workspace.room import Now, Room
from workspace.session import Session
from workspace.update import UpdateFacts, read_update


@dataclass(frozen=True)
class Step:
    """Something that happens, to the one that `who` picks; `where` picks a position or a frame."""

    kind: str
    who: int
    where: int

    @property
    def frame(self) -> int:
        """Frames mostly arrive in order."""
        return self.where if self.where % 4 == 0 else 0


def _reload(world: World, client: Client, _node: Node, _step: Step) -> None:
    world.disconnect(client)
    client.reload()


def _crash(world: World, _client: Client, node: Node, step: Step) -> None:
    world.crashes += node.room is not None
    node.crash(committed=step.where % 3)


def _move(world: World, client: Client, node: Node, _step: Step) -> None:
    world.disconnect(client)
    world.connect(client, node)


def _chat(world: World, client: Client, _node: Node, _step: Step) -> None:
    while client.to_server or client.from_server:
        world.deliver_to_server(client, 0, twice=False)
        world.deliver_to_client(client, 0)


STEPS: dict[str, tuple[int, Callable[[World, Client, Node, Step], None]]] = {
    "type": (8, lambda _w, c, _n, s: c.edit(s.where, f"{s.who % 10}ñ🫀"[: 1 + s.where % 3], delete=False)),
    "delete": (2, lambda _w, c, _n, s: c.edit(s.where, "", delete=True)),
    "connect": (4, lambda w, c, _n, s: w.connect(c, w.nodes[s.where % NODES])),
    "break line": (1, lambda w, c, _n, _s: w.disconnect(c)),
    "reload": (1, _reload),
    "to server": (12, lambda w, c, _n, s: w.deliver_to_server(c, s.frame, twice=False)),
    "to server twice": (2, lambda w, c, _n, _s: w.deliver_to_server(c, 0, twice=True)),
    "to client": (12, lambda w, c, _n, s: w.deliver_to_client(c, s.frame)),
    "submit": (6, lambda w, _c, n, _s: w.submit(n)),
    "commit": (6, lambda w, _c, n, _s: w.commit_oldest(n)),
    "answer": (6, lambda w, _c, n, _s: w.answer(n)),
    "flush": (6, lambda w, _c, n, _s: w.flush(n)),
    "ring": (3, lambda w, _c, _n, s: w.ring(s.where, lost=False)),
    "lose ring": (1, lambda w, _c, _n, s: w.ring(s.where, lost=True)),
    "read": (4, lambda w, _c, n, _s: w.read(n)),
    "crash": (1, _crash),
    "give up": (1, lambda _w, _c, n, _s: n.give_up()),
    "commit late": (2, lambda w, _c, _n, s: w.commit_late(s.where)),
    "move": (2, _move),
    "chat": (4, _chat),
    "begin compaction": (3, lambda w, _c, n, _s: w.begin_compaction(n)),
    "end compaction": (6, lambda w, _c, n, _s: w.end_compaction(n)),
}
"""What can happen, and how likely it is. A step that does not apply is nothing."""

WEIGHTS = [weight for weight, _ in STEPS.values()]


def run(steps: Sequence[Step], make_room: type[Room] = Room, squasher: Squash = squash) -> World:
    """Let the steps happen, then settle. Raises: AssertionError when a promise is broken."""
    world = World(make_room, squasher)
    for step in steps:
        _, act = STEPS[step.kind]
        act(world, world.clients[step.who % CLIENTS], world.nodes[step.who % NODES], step)
    world.settle()
    return world


def random_steps(seed: int, count: int = 250) -> list[Step]:
    """A likely history."""
    dice = random.Random(seed)
    kinds = dice.choices(list(STEPS), WEIGHTS, k=count)
    return [Step(kind, dice.randrange(60), dice.randrange(60)) for kind in kinds]


kinds = st.sampled_from([kind for kind, (weight, _) in STEPS.items() for _ in range(weight)])
steps = st.builds(Step, kinds, st.integers(0, 59), st.integers(0, 59))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(steps, max_size=120))
def test_all_replicas_converge_whatever_happens(history: list[Step]) -> None:
    """[ROOM-1] [ROOM-2] [ROOM-3] [ROOM-14] [ROOM-15] [ROOM-22] [JRN-12] [JRN-15] Two nodes, one journal, any
    history."""
    run(history)


def test_long_histories_converge_and_are_not_vacuous() -> None:
    """[ROOM-15] [ROOM-6] [JRN-15] The histories really crash, lose rings, meet gaps, compact and acknowledge; edits are
    sent again, whole and in part."""
    seen: Counter[str] = Counter()
    for seed in range(150):
        world = run(random_steps(seed))
        seen["acknowledged"] += len(world.acknowledged)
        seen["crashes"] += world.crashes
        seen["gaps"] += world.gaps
        seen["snapshots"] += world.snapshots
        seen["lost rings"] += world.lost_rings
        seen["sent again"] += world.covered
        seen["sent again in part"] += world.shortened
    assert seen["acknowledged"] > 500
    del seen["acknowledged"]
    assert min(seen.values()) > 10, seen


class AcknowledgesBeforeAppend(Room):
    """Says "saved" when the edit came, as servers that answer after applying in memory do."""

    def _edit(
        self, session: Session, update: bytes, facts: UpdateFacts | None, now: Now, *, is_step2: bool
    ) -> list[Effect]:
        effects = super()._edit(session, update, facts, now, is_step2=is_step2)
        if session.answers:
            session.answers[-1].verdict = "accepted"
            self._answering.add(session.id)
        return effects


class ShowsBeforeAppend(Room):
    """Relays what came at once and writes it down later."""

    def _edit(
        self, session: Session, update: bytes, facts: UpdateFacts | None, now: Now, *, is_step2: bool
    ) -> list[Effect]:
        effects = super()._edit(session, update, facts, now, is_step2=is_step2)
        self._news += [(effect.update, session.id) for effect in effects if isinstance(effect, Append)]
        return effects


class SkipsASession(Room):
    """Forgets the newest session when it shows an edit."""

    def _take_news(self) -> Show | None:
        shown = super()._take_news()
        return shown and Show(shown.messages, SessionId(max(self.sessions, default=SessionId(0))))


class AcknowledgesBeforeShowing(Room):
    """Tells the author first."""

    def flush(self) -> list[Effect]:
        return sorted(super().flush(), key=lambda effect: isinstance(effect, Show))


class TakesAnySeq(Room):
    """Has no gap check: whatever the journal answers is the next entry."""

    def _committed(self, entry: Entry) -> list[Effect]:
        return self._settle(entry) if entry.seq <= self.head else self._apply(entry)


class KnowsEverything(Room):
    """Lets the journal look at nothing."""

    def _edit(
        self, session: Session, update: bytes, facts: UpdateFacts | None, now: Now, *, is_step2: bool
    ) -> list[Effect]:
        effects = super()._edit(session, update, facts, now, is_step2=is_step2)
        return [replace(each, known=EVERYTHING) if isinstance(each, Append) else each for each in effects]


class ForgetsWhatIsOnItsWay(Room):
    """Takes whatever comes for something that follows."""

    def _followed_by(self, news: UpdateFacts) -> OpId | None:
        return next(reversed(self._in_flight), None)


class JournalsWhatItHolds(Room):
    """Takes an update that is new in part for one that is new."""

    def _edit(
        self, session: Session, update: bytes, facts: UpdateFacts | None, now: Now, *, is_step2: bool
    ) -> list[Effect]:
        effects = super()._edit(session, update, facts, now, is_step2=is_step2)
        return [replace(each, update=UpdateBytes(update)) if isinstance(each, Append) else each for each in effects]


class AcknowledgesWhatItHasNotRead(Room):
    """Believes the journal that an edit is there, and that is enough."""

    def answered(self, appends: Sequence[Append], results: Sequence[Outcome]) -> list[Effect]:
        known = [replace(each, seq=Seq(0)) if isinstance(each, Covered) else each for each in results]
        return super().answered(appends, known)


class ForgetsWhatItBrought(Room):
    """Answers newcomers without what came last."""

    def _answer_sync(self, state_vector: bytes) -> tuple[ServerMessage, ...]:
        return super()._answer_sync(state_vector)[-1:]


def drops_the_last(holding: Holding) -> UpdateBytes:
    """A compaction that is off by one."""
    replica = Replica(holding.seq, None, holding.held, holding.deleted)
    assert replica.size == 0
    return fold(list(holding.chunks[:-1]))


def snapshots_a_doc(holding: Holding) -> UpdateBytes:
    """A compaction by `doc.get_update()`, which forgets what waits for its predecessors."""
    doc = Doc[Text]()
    for chunk in holding.chunks:
        doc.apply_update(chunk)
    return UpdateBytes(doc.get_update())


MUTANTS = [
    (AcknowledgesBeforeAppend, squash),
    (ShowsBeforeAppend, squash),
    (SkipsASession, squash),
    (AcknowledgesBeforeShowing, squash),
    (TakesAnySeq, squash),
    (KnowsEverything, squash),
    (ForgetsWhatIsOnItsWay, squash),
    (JournalsWhatItHolds, squash),
    (AcknowledgesWhatItHasNotRead, squash),
    (ForgetsWhatItBrought, squash),
    (Room, drops_the_last),
    (Room, snapshots_a_doc),
]


@pytest.mark.parametrize(("make_room", "squasher"), MUTANTS, ids=lambda value: value.__name__)
def test_a_broken_room_is_caught(make_room: type[Room], squasher: Squash) -> None:
    """[ROOM-15] The model can fail: each known way to lose an edit is found."""
    for seed in range(400):
        try:
            run(random_steps(seed), make_room, squasher)
        except AssertionError:
            return
    pytest.fail(f"{make_room.__name__} with {squasher} was not caught")


def test_reader_facts_of_the_world_are_real() -> None:
    """The updates the world types carry structs and deletions."""
    world = run(random_steps(1))
    facts = [read_update(update) for update in world.journalled()]
    assert any(fact.structs for fact in facts)
    assert any(fact.deletes for fact in facts)
