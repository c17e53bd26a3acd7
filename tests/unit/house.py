"""A hub on stores in memory, and clients of both wires with sockets that write down what they are sent."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from server.access import Access
from server.compactor import Squash
from server.hub import Hub
from server.line import Dialect
from server.meters import Meters
from server.seats import Admitted, Seat, judge, take_seat
from server.settings import load_settings
from server.strain import Strain
from storage.memory import MemoryBus, MemoryJournal, MemoryLimits, MemoryRecords, MemoryStores, memory_stores
from storage.ports import AloneCounts, NewCase, key_of
from tests.unit.clockwork import START
from tests.unit.scene import ADA, BEN, EVE, Replica
from workspace.case import CaseState, Person, Principal, Role
from workspace.compaction import squash
from workspace.errors import ConsiliumError, Incoherent
from workspace.hocuspocus import HocuspocusDialect
from workspace.ids import CaseId, DocumentId, DocumentName, Millis, PersonId, UpdateBytes
from workspace.lib0 import Decoder
from workspace.limits import Limits
from workspace.messages import Awareness, ClientMessage, SyncStep1, Update
from workspace.replica import Holding
from workspace.wire import YWebsocketDialect

CASE, OTHER_CASE = CaseId("c" * 16), CaseId("d" * 16)
RECORD = DocumentId(CASE, DocumentName("record"))
ADDRESS = str(RECORD).encode()
DISCUSSION = DocumentId(CASE, DocumentName("discussion"))
ELSEWHERE = DocumentId(OTHER_CASE, DocumentName("record"))
WALL = 1_700_000_000_000
YEAR = 365 * 86_400_000

WORDS = {
    (0, 0): "step 1",
    (0, 1): "step 2",
    (0, 2): "update",
    (2, 0): "sign in",
    (2, 1): "denied",
    (2, 2): "signed in",
    (8, 0): "rejected",
    (8, 1): "accepted",
}
PLAIN = {1: "awareness", 5: "stateless", 7: "closed", 9: "ping", 100: "saved"}


@dataclass(eq=False)
class Socket:
    """`server.edge.Socket`."""

    address: bytes
    writes: list[bytes] = field(default_factory=list)
    ended: ConsiliumError | None = None
    holds: int = 0
    on_write: Callable[[], None] = lambda: None

    @property
    def waiting_bytes(self) -> int:
        return 0

    def write(self, framed: bytes) -> None:
        if self.ended is None:
            self.on_write()
            self.writes.append(framed)

    def end(self, error: ConsiliumError) -> None:
        self.ended = self.ended or error
        self.holds = 0

    def pause(self) -> None:
        self.holds += 1

    def resume(self) -> None:
        self.holds -= 1

    def is_paused(self) -> bool:
        """Whether the client is not read from."""
        return self.holds > 0

    def take(self) -> list[list[str]]:
        """What was written since the last call: of each write, what its frames say."""
        writes, self.writes = self.writes, []
        return [[_word(payload, self.address) for payload in _payloads(write)] for write in writes]

    def updates(self) -> list[bytes]:
        """The document as it was sent so far."""
        return [update for write in self.writes for update in _updates(write, self.address)]


def _payloads(framed: bytes) -> Iterator[bytes]:
    """RFC 6455 §5.2, unmasked and unfragmented."""
    position = 0
    while position < len(framed):
        assert framed[position] == 0x82
        length, position = framed[position + 1], position + 2
        if length > 125:
            size = 2 if length == 126 else 8
            length, position = int.from_bytes(framed[position : position + size], "big"), position + size
        yield framed[position : position + length]
        position += length
    assert position == len(framed)


def _body(payload: bytes, address: bytes) -> bytes:
    if not address or payload == b"\x09":
        return payload
    prefix = bytes((len(address),)) + address
    assert payload.startswith(prefix)
    return payload.removeprefix(prefix)


def _word(payload: bytes, address: bytes) -> str:
    body = _body(payload, address)
    return PLAIN.get(body[0]) or WORDS[body[0], body[1]]


def _updates(framed: bytes, address: bytes) -> Iterator[bytes]:
    for payload in _payloads(framed):
        body = _body(payload, address)
        if _word(payload, address) in {"step 2", "update"}:
            yield Decoder(body, 2).read_var_bytes()


@dataclass(eq=False)
class Guest:
    """A client with a seat."""

    seat: Seat
    socket: Socket

    def say(self, *messages: ClientMessage) -> None:
        for message in messages:
            self.seat.hear(message)

    @property
    def document(self) -> str:
        return str(Replica(99).take(self.socket.updates()))


@dataclass(eq=False)
class House:
    """One node."""

    hub: Hub
    stores: MemoryStores
    access: Access
    clock: Callable[[], Millis]

    async def admit(self, who: Person, document: DocumentId = RECORD, *, until: int = WALL + YEAR) -> Admitted:
        async def principal() -> Principal:
            return Principal(who, Millis(until))

        return await judge(self.hub, self.access, principal(), document)

    async def seat(
        self, who: Person, document: DocumentId = RECORD, *, wire: str = "collab", until: int = WALL + YEAR
    ) -> Guest:
        """Through the door and into the room. The greeting is not written down."""
        admitted = await self.admit(who, document, until=until)
        live = await self.hub.open_for(who.id, document)
        address = str(document).encode() if wire == "collab" else b""
        dialect: Dialect = HocuspocusDialect(address) if address else YWebsocketDialect(wants_acks=True)
        socket = Socket(address)
        seat = take_seat(self.hub, live, admitted, dialect, socket, hears_refusals=bool(address))
        socket.writes.clear()
        return Guest(seat, socket)


async def squash_here(holding: Holding) -> UpdateBytes:
    """What the child process does, in a thread: all updates of these tests are well meant."""
    return await asyncio.to_thread(squash, holding)


@asynccontextmanager
async def house(
    limits: Limits | None = None,
    records: MemoryRecords | None = None,
    *,
    squasher: Squash = squash_here,
    bus: MemoryBus | None = None,
    counts: MemoryLimits | None = None,
    is_first: bool = False,
) -> AsyncIterator[House]:
    """A running hub. Ada leads both cases, Ben contributes to the first, Eve observes it. `is_first`: `records` are
    empty still."""
    stores = memory_stores(records, bus, counts)
    loop = asyncio.get_running_loop()

    def clock() -> Millis:
        return Millis(WALL + round((loop.time() - START) * 1_000))

    if records is None or is_first:
        for who in (ADA, BEN, EVE):
            await stores.people.add(who, None, clock())
        for case in (CASE, OTHER_CASE):
            await stores.cases.create(NewCase(case, "A rash", ADA.id, CaseState.OPEN, clock(), {}))
        await stores.cases.set_member(CASE, BEN.id, Role.CONTRIBUTOR, clock())
        await stores.cases.set_member(CASE, EVE.id, Role.OBSERVER, clock())
    chosen, meters = limits or Limits(), Meters()
    strain = Strain(chosen, meters)
    hub = Hub(stores, chosen, clock=clock, entropy=os.urandom, squash=squasher, meters=meters, strain=strain)
    async with hub.running():
        await turns()
        yield House(hub, stores, Access(stores, clock, load_settings({})), clock)


class PanicException(BaseException):
    """Named like a Rust panic, and like it no Exception."""


DEFECTS = [RuntimeError("case content"), PanicException("case content"), Incoherent("case content")]
"""What a mistake of ours may raise where nothing should."""


def here(clock: int) -> Awareness:
    """Somebody's client, 7, moves."""
    return Awareness(b"\x01\x07%c\x02{}" % clock)


def journal_of(home: House) -> MemoryJournal:
    """The journal, which can be held and made to fail."""
    return home.stores.journal


async def turns(count: int = 12) -> None:
    """Let everything happen that can happen without time passing."""
    for _ in range(count):
        await asyncio.sleep(0)


def forget(*guests: Guest) -> None:
    """They were sent nothing so far."""
    for guest in guests:
        guest.socket.writes.clear()


async def until(happened: Callable[[], bool]) -> None:
    """Let time pass, as much as a thread may need, until something has happened."""
    for _ in range(10_000):
        if happened():
            return
        await asyncio.sleep(1)
    raise AssertionError("it did not happen")


async def journalled(guest: Guest, *words: str, client: int = 7) -> Replica:
    """Somebody types, and it is saved and shown."""
    typist = Replica(client)
    for word in words:
        guest.say(Update(typist.type(word)))
        await turns()
        await asyncio.sleep(1)
    return typist


async def read(house: House, who: Person, document: DocumentId = RECORD) -> str:
    """What a newcomer is given."""
    guest = await house.seat(who, document)
    guest.say(SyncStep1(b"\x00"))
    text = guest.document
    guest.seat.leave()
    return text


def count_of(person: PersonId, house: House) -> int:
    """How many sessions of a person the hub counts."""
    return house.hub.places.taken_by[person]


def counted(house: House) -> int:
    """How many sessions this node counts for the limits over all nodes."""
    counts = house.stores.session_counts
    assert isinstance(counts, AloneCounts)
    return counts.own[key_of("sessions")]
