"""A small world around the real room: two nodes on one journal, Yjs clients, and everything that can go wrong between
them.

Nothing here waits or sleeps. Each step is one atomic thing that happens in the real server, so a crash may come between
any two of them. What must hold is checked at every effect; what must hold in the end is checked by `settle`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from pycrdt import Doc, Text

from storage.memory.history import MemoryHistory
from workspace.case import Person, Role, Standing
from workspace.compaction import encode_snapshot, open_replica
from workspace.effects import Effect, End, ReadJournal, Send, Show
from workspace.entries import Append, Covered, Entry, Outcome
from workspace.ids import CaseId, DocumentId, DocumentName, Millis, OpId, PersonId, SessionId, UpdateBytes
from workspace.limits import Limits
from workspace.messages import Accepted, ClientMessage, Refused, ServerMessage, SyncStep1, SyncStep2, Update
from workspace.ranges import Ranges
from workspace.replica import Holding
from workspace.room import Now, Room
from workspace.session import Session, card_of
from workspace.update import read_state_vector, read_update

NODES = 2
CLIENTS = 3
NOW = Now(Millis(1_700_000_000_000), 0.0)
DOCUMENT = DocumentId(CaseId("a" * 16), DocumentName("record"))
LIMITS = Limits()

Squash = Callable[[Holding], UpdateBytes]


def ranges_of(updates: list[bytes]) -> tuple[Ranges, Ranges]:
    """All structs and all deletions in these updates."""
    structs, deletes = Ranges(), Ranges()
    for update in updates:
        facts = read_update(update)
        for client, start, end in facts.structs:
            structs.add(client, start, end)
        for client, start, end in facts.deletes:
            deletes.add(client, start, end)
    return structs, deletes


def holds(updates: list[bytes], update: bytes) -> bool:
    """Whether everything in `update` is in `updates`."""
    structs, deletes = ranges_of(updates)
    facts = read_update(update)
    return structs.contain(facts.structs) and deletes.contain(facts.deletes)


def repeated(updates: list[bytes]) -> bool:
    """Whether something is in these entries twice, other than structs that had come before one that they stood on: they
    may be there again with that one."""
    structs, waited, deletes = set[tuple[int, int]](), set[tuple[int, int]](), set[tuple[int, int]]()
    for update in updates:
        facts = read_update(update)
        brought = {(client, clock) for client, start, end in facts.structs for clock in range(start, end)}
        dropped = {(client, clock) for client, start, end in facts.deletes for clock in range(start, end)}
        if brought & structs - waited or dropped & deletes:
            return True
        structs |= brought
        deletes |= dropped
        waited |= {
            (client, clock) for client, clock in brought if any((client, c) not in structs for c in range(clock))
        }
    return False


@dataclass(eq=False)
class Client:
    """A person with one tab: a real Yjs document, and frames on their way in both directions."""

    person: Person
    doc: Doc[Text] = field(default_factory=Doc[Text])
    node: Node | None = None
    session: SessionId | None = None
    to_server: list[ClientMessage] = field(default_factory=list)
    from_server: list[ServerMessage] = field(default_factory=list)

    @property
    def text(self) -> Text:
        text: Text = self.doc.get("text", type=Text)
        return text

    def edit(self, position: int, characters: str, *, delete: bool) -> None:
        """Type or delete, and send what that makes if the line is open."""
        before = self.doc.get_state()
        shown = str(self.text)
        start, end = (
            len(shown[: position % (len(shown) + 1) + more].encode()) for more in (0, 1)
        )  # pycrdt counts bytes
        if delete and start < end:
            del self.text[start:end]
        elif not delete:
            self.text.insert(start, characters)
        if self.node is not None:
            self.to_server.append(Update(self.doc.get_update(before)))

    def reload(self) -> None:
        """Close the tab: what was not sent is gone with it."""
        self.doc = Doc[Text]()

    def take(self, message: ServerMessage) -> None:
        """Do what a stock client does."""
        match message:
            case SyncStep1(state_vector):
                self.to_server.append(SyncStep2(self.doc.get_update(state_vector)))
            case SyncStep2(update) | Update(update):
                self.doc.apply_update(update)
            case _:
                pass


@dataclass(eq=False)
class Seated:
    """What a node sent to, and heard from, one session."""

    client: Client
    heard: list[bytes] = field(default_factory=list)
    """Edits that wait for their answer, in order."""
    sent: list[bytes] = field(default_factory=list)
    before: list[bytes] = field(default_factory=list)
    """What the room held when it was seated: it comes with the answer to its first question."""


@dataclass(eq=False)
class Node:
    """One process: a room of the real kind while it is up, and what is on its way to and from the journal."""

    world: World
    room: Room | None = None
    seats: dict[SessionId, Seated] = field(default_factory=dict)
    gathered: list[Append] = field(default_factory=list)
    submitted: list[list[Append]] = field(default_factory=list)
    answers: list[tuple[list[Append], list[Outcome]]] = field(default_factory=list)
    wants_read: bool = False
    compacting: tuple[Holding, UpdateBytes] | None = None

    def start(self) -> Room:
        """Open the document if it is not open."""
        if self.room is None:
            stored = self.world.history.open(DOCUMENT)
            replica, world = open_replica(stored), self.world
            self.room = world.make_room(DOCUMENT, replica, stored.owners, LIMITS, world.ops, is_shared=True)
        return self.room

    def crash(self, *, committed: int) -> None:
        """kill -9. Of the batches handed to the journal the first `committed` made it to the disk; nobody was told."""
        for batch in self.submitted[:committed]:
            self.world.commit(self, batch)
        for seat in list(self.seats.values()):
            self.world.disconnect(seat.client)
        self.room, self.seats, self.compacting = None, {}, None
        self.gathered, self.submitted, self.answers, self.wants_read = [], [], [], False

    def give_up(self) -> None:
        """The room is dropped, as when its journal did not answer. What it had handed over may be committed yet."""
        self.world.late += self.submitted
        self.submitted = []
        self.crash(committed=0)

    def perform(self, effects: list[Effect]) -> None:
        """Carry effects out in order, checking each."""
        for effect in effects:
            match effect:
                case Append():
                    self.gathered.append(effect)
                case ReadJournal():
                    self.wants_read = True
                case Send(session, messages):
                    if session in self.seats:
                        self.tell(self.seats[session], messages)
                case Show(messages, skip):
                    for session, seat in self.seats.items():
                        if session != skip:
                            self.tell(seat, messages)
                case End(session):
                    if session in self.seats:
                        self.world.disconnect(self.seats[session].client)

    def tell(self, seat: Seated, messages: tuple[ServerMessage, ...]) -> None:
        """Send, and check the promises that are about sending."""
        for message in messages:
            match message:
                case Update(update) | SyncStep2(update):
                    assert holds(self.world.journalled(), update), "an edit was shown that is not in the journal"
                    seat.sent.append(update)
                case Accepted(count):
                    for _ in range(count):
                        self.accepted(seat, seat.heard.pop(0))
                case Refused():
                    seat.heard.pop(0)
                    self.world.refused += 1
                case _:
                    pass
            seat.client.from_server.append(message)

    def accepted(self, seat: Seated, update: bytes) -> None:
        """The moment a person reads "saved"."""
        self.world.acknowledged.append(update)
        assert holds(self.world.journalled(), update), "an edit was acknowledged that is not in the journal"
        for other in self.seats.values():
            if other is not seat:
                assert holds(other.before + other.sent + self.world.told(other), update), (
                    "an edit was acknowledged before it was shown"
                )


class World:
    """Two nodes, one journal, three people."""

    def __init__(self, make_room: type[Room], squash: Squash) -> None:
        self.make_room = make_room
        self.squash = squash
        self.history = MemoryHistory()
        self.history.add_case(DOCUMENT.case)
        self.ops: Iterator[OpId] = (OpId(number.to_bytes(16, "big")) for number in itertools.count(1))
        self.sessions = itertools.count(1)
        self.nodes = [Node(self) for _ in range(NODES)]
        self.clients = [Client(person(number)) for number in range(CLIENTS)]
        self.rings: list[Node] = []
        self.late: list[list[Append]] = []
        """Of rooms that were dropped."""
        self.acknowledged: list[bytes] = []
        self.refused = 0
        self.crashes = 0
        self.gaps = 0
        self.snapshots = 0
        self.lost_rings = 0
        self.covered = 0
        self.shortened = 0

    def journalled(self) -> list[bytes]:
        """Every update the journal holds."""
        found = self.history.documents.get(DOCUMENT)
        return [entry.update for entry in found.entries] if found is not None else []

    def told(self, seat: Seated) -> list[bytes]:
        """What a session itself brought: it need not be shown its own edits."""
        return [seat.client.doc.get_update()]

    def connect(self, client: Client, node: Node) -> None:
        """Open a line and say hello, as both kinds of client do."""
        if client.node is None:
            session_id = SessionId(next(self.sessions))
            client.node, client.session = node, session_id
            client.to_server, client.from_server = [SyncStep1(client.doc.get_state())], []
            room = node.start()
            node.seats[session_id] = Seated(client, before=self.journalled()[: room.head])
            card = card_of(client.person, Role.CONTRIBUTOR)
            node.perform(room.join(Session(session_id, client.person, card, may_write=True, hears_refusals=True)))

    def disconnect(self, client: Client) -> None:
        """The line breaks: what was on its way in either direction is lost."""
        if client.node is not None and client.session is not None:
            if client.node.room is not None:
                client.node.room.leave(client.session)
            client.node.seats.pop(client.session, None)
        client.node, client.session, client.to_server, client.from_server = None, None, [], []

    def deliver_to_server(self, client: Client, index: int, *, twice: bool) -> None:
        """One frame arrives, not always the oldest, sometimes twice."""
        node, session = client.node, client.session
        if node is None or session is None or node.room is None or not client.to_server:
            return
        message = client.to_server.pop(index % len(client.to_server))
        for _ in range(2 if twice else 1):
            if session not in node.seats:
                return
            if isinstance(message, Update | SyncStep2):
                node.seats[session].heard.append(message.update)
            node.perform(node.room.receive(session, message, NOW))

    def deliver_to_client(self, client: Client, index: int) -> None:
        """One frame arrives, not always the oldest."""
        if client.from_server:
            client.take(client.from_server.pop(index % len(client.from_server)))

    def submit(self, node: Node) -> None:
        """The end of a turn: what was gathered goes to the journal."""
        if node.gathered:
            node.submitted.append(node.gathered)
            node.gathered = []

    def commit(self, node: Node, batch: list[Append]) -> list[Outcome]:
        """The journal's transaction; its bells may or may not be heard."""
        results = self.history.append(batch)
        self.covered += sum(isinstance(result, Covered) for result in results)
        for append, result in zip(batch, results, strict=True):
            self.shortened += isinstance(result, Entry) and result.update != append.update
        self.rings += [other for other in self.nodes if other is not node]
        return results

    def commit_oldest(self, node: Node) -> None:
        """One batch is committed and synced; the answer is on its way."""
        if node.submitted:
            batch = node.submitted.pop(0)
            node.answers.append((batch, self.commit(node, batch)))

    def commit_late(self, index: int) -> None:
        """Something of a room that was dropped is committed after all; nobody hears of it."""
        if self.late:
            batch = self.late.pop(index % len(self.late))
            self.commit(self.nodes[0], batch)
            self.rings.append(self.nodes[0])

    def answer(self, node: Node) -> None:
        """The oldest answer of the journal reaches the room."""
        if node.answers and node.room is not None:
            batch, results = node.answers.pop(0)
            before = node.wants_read
            node.perform(node.room.answered(batch, results))
            self.gaps += node.wants_read and not before

    def ring(self, index: int, *, lost: bool) -> None:
        """A doorbell is heard or lost, in any order."""
        if self.rings:
            node = self.rings.pop(index % len(self.rings))
            self.lost_rings += lost
            node.wants_read = node.wants_read or (not lost and node.room is not None)

    def read(self, node: Node) -> None:
        """A node reads the journal after its own head."""
        if node.room is not None and node.wants_read:
            node.wants_read = False
            node.perform(node.room.committed(self.history.read(DOCUMENT, after=node.room.head)))

    def flush(self, node: Node) -> None:
        """The gathering time is over."""
        if node.room is not None:
            node.perform(node.room.flush())

    def begin_compaction(self, node: Node) -> None:
        """A thread starts to work on what the room holds."""
        if node.room is not None and node.compacting is None and node.room.head:
            holding = node.room.replica.seal()
            node.compacting = holding, self.squash(holding)

    def end_compaction(self, node: Node) -> None:
        """The snapshot is written and takes the place of what it stands for."""
        if node.room is None or node.compacting is None:
            return
        (holding, update), node.compacting = node.compacting, None
        found = self.history.documents[DOCUMENT]
        if holding.seq > max(found.snapshots, default=0):
            self.history.write_snapshot(DOCUMENT, encode_snapshot(holding, update))
            self.snapshots += 1
            node.room.replica.compacted(update)
        else:
            node.room.replica.unseal()

    def settle(self) -> None:
        """Let everything on its way arrive and every head be compared, then look. Nobody who is connected
        reconnects."""
        for client in self.clients:
            self.connect(client, self.nodes[0])
        while self._is_moving():
            self._move()
        journal = Doc[Text]()
        for update in self.journalled():
            journal.apply_update(update)
        expected = str(journal.get("text", type=Text))
        for client in self.clients:
            assert str(client.text) == expected, "a replica did not converge"
            assert client.doc.get_state() is not None
            assert read_state_vector(client.doc.get_state()) == read_state_vector(journal.get_state())
        for node in self.nodes:
            node.crash(committed=0)
        newcomer = Client(person(CLIENTS))
        self.connect(newcomer, self.nodes[0])
        while newcomer.to_server or newcomer.from_server:
            self.deliver_to_server(newcomer, 0, twice=False)
            self.deliver_to_client(newcomer, 0)
        assert str(newcomer.text) == expected, "a restarted server tells another story"
        for update in self.acknowledged:
            assert holds(self.journalled(), update), "an acknowledged edit is missing"
        entries = self.history.documents[DOCUMENT].entries
        assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
        assert not repeated(self.journalled()), "an edit is in the journal twice"
        assert not self.refused, "an honest edit was refused"

    def _is_moving(self) -> bool:
        lagging = any(n.room is not None and n.room.head < len(self.journalled()) for n in self.nodes)
        busy = any(n.gathered or n.submitted or n.answers or n.wants_read for n in self.nodes)
        news = any(n.room is not None and n.room.has_news for n in self.nodes)
        return lagging or busy or news or any(client.to_server or client.from_server for client in self.clients)

    def _move(self) -> None:
        for client in self.clients:
            self.deliver_to_server(client, 0, twice=False)
            self.deliver_to_client(client, 0)
        for node in self.nodes:
            self.submit(node)
            self.commit_oldest(node)
            self.answer(node)
            if node.room is not None and node.room.head < len(self.journalled()):
                node.wants_read = True  # heads are compared every second
            self.read(node)
            self.flush(node)


def person(number: int) -> Person:
    """A person of the world."""
    return Person(PersonId("abcdefgh"[number] * 16), f"{number}@example.org", f"Person {number}", Standing.CLINICIAN)
