"""The bounds-checked reader in front of every Rust call. Source: yjs `updates.js`, `DeleteSet.js` (encoding v1).

SPEC rules WIRE-4, WIRE-5, WIRE-7. yrs trusts what it reads: it may die, or read something else than Yjs wrote. What
passes here both read alike. It is stricter than either where no Yjs client writes the rest: no empty struct, no client
twice, deletions in order.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from workspace.errors import InvalidMessage, InvalidUpdate
from workspace.ids import ClientId, StateVector
from workspace.lib0 import Decoder, write_var_uint
from workspace.structs import MAX_CLOCK, Content, Struct, StructId, count_clocks, read_id, read_structs

EMPTY_UPDATE = b"\x00\x00"

_ID = rb"([\x80-\xff]{1,6}[\x01-\x7f]|[\x00-\x7f])([\x80-\xff]{1,3}[\x01-\x7f]|[\x00-\x7f])"
"""A client and a clock, each spelled as short as it goes: of the same client means of the same bytes."""
_KEYSTROKE = re.compile(
    rb"\x01\x01" + _ID +  # one client with one struct:
    rb"(?:[\x84\x44]|\xc4" + _ID + rb")" + _ID +  # a string with one neighbour or two,
    rb"([\x01-\x7f])(.{1,127})\x00",  # its length in bytes, its text; nothing deleted
    re.DOTALL,
)  # fmt: skip
"""What typing makes. Its integers are too short to pass any bound."""


class ClientRange(NamedTuple):
    """Clocks `start <= clock < end` of one client."""

    client: ClientId
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class UpdateFacts:
    """What an update carries, in the update's order, neighbours joined. [WIRE-7]"""

    structs: tuple[ClientRange, ...]
    deletes: tuple[ClientRange, ...]
    needs: tuple[StructId, ...] = ()
    """The latest struct of each other client that these structs stand next to or inside of. [ROOM-6]"""

    @property
    def is_empty(self) -> bool:
        """Whether it carries nothing."""
        return not self.structs and not self.deletes


NOTHING = UpdateFacts((), ())


def read_update(data: bytes) -> UpdateFacts:
    """Check an update and tell what it carries. Raises: InvalidUpdate. [WIRE-4]"""
    return _read_keystroke(data) or _read_any_update(data)


def walk_update(data: bytes) -> Iterator[Struct]:
    """The structs of an update, Skips included, each checked when it is asked for. Raises: InvalidUpdate."""
    try:
        for client, clock, length, content, place in read_structs(Decoder(data)):
            yield Struct(client, clock, length, Content(content), *place)
    except InvalidMessage as error:
        raise InvalidUpdate(*error.args) from None


def read_state_vector(data: bytes) -> dict[ClientId, int]:
    """The first clock not held, per client. Raises: InvalidMessage. [WIRE-4]"""
    decoder = Decoder(data)
    clocks: dict[ClientId, int] = {}
    count = decoder.read_count(smallest=2)
    for _ in range(count):
        client, clock = read_id(decoder)
        clocks[client] = clock
    decoder.expect_end()
    if len(clocks) != count:
        raise InvalidMessage("a client twice")
    return clocks


def encode_state_vector(clocks: Mapping[ClientId, int]) -> StateVector:
    """Spell a state vector, higher clients first as Yjs does."""
    out = bytearray()
    write_var_uint(out, len(clocks))
    for client in sorted(clocks, reverse=True):
        write_var_uint(out, client)
        write_var_uint(out, clocks[client])
    return StateVector(bytes(out))


def read_ranges(data: bytes) -> dict[ClientId, list[tuple[int, int]]]:
    """Half-open clock ranges per client: sorted, disjoint and joined. Raises: InvalidMessage. [WIRE-4]"""
    decoder = Decoder(data)
    ranges: dict[ClientId, list[tuple[int, int]]] = {}
    for client, start, end in _join(_read_deletes(decoder)):
        ranges.setdefault(client, []).append((start, end))
    decoder.expect_end()
    return ranges


def encode_ranges(ranges: Mapping[ClientId, Sequence[tuple[int, int]]]) -> bytes:
    """Spell sorted, disjoint, half-open clock ranges as Yjs spells a delete set."""
    out = bytearray()
    write_var_uint(out, len(ranges))
    for client, spans in ranges.items():
        write_var_uint(out, client)
        write_var_uint(out, len(spans))
        for start, end in spans:
            write_var_uint(out, start)
            write_var_uint(out, end - start)
    return bytes(out)


def _read_keystroke(data: bytes) -> UpdateFacts | None:
    """The facts of a keystroke; None for all else, and for one that has to be refused."""
    keystroke = _KEYSTROKE.fullmatch(data)
    if keystroke is None:
        return None
    client, clock, left, left_clock, right, right_clock, size, text = keystroke.groups()
    start = _short_uint(clock)
    if (
        size[0] != len(text)
        or (left == client and _short_uint(left_clock) >= start)
        or (right == client and _short_uint(right_clock) >= start)
    ):
        return None
    if text.isascii():
        length = len(text)
    else:
        try:
            length = count_clocks(text.decode())
        except UnicodeDecodeError:
            return None
    own = ClientId(_short_uint(client))
    neighbours = [
        StructId(ClientId(_short_uint(theirs)), _short_uint(their_clock))
        for theirs, their_clock in ((left, left_clock), (right, right_clock))
        if theirs is not None and theirs != client
    ]
    return UpdateFacts((ClientRange(own, start, start + length),), (), _latest(neighbours))


def _latest(ids: Iterable[StructId]) -> tuple[StructId, ...]:
    latest: dict[ClientId, int] = {}
    for client, clock in ids:
        if clock > latest.get(client, -1):
            latest[client] = clock
    return tuple(StructId(client, clock) for client, clock in latest.items())


def _short_uint(data: bytes) -> int:
    value = 0
    for byte in reversed(data):
        value = value << 7 | byte & 127
    return value


def _read_any_update(data: bytes) -> UpdateFacts:
    decoder = Decoder(data)
    spans: list[tuple[ClientId, int, int]] = []
    others: list[StructId] = []
    try:
        for client, clock, length, content, place in read_structs(decoder):
            if content != Content.SKIP:
                spans.append((client, clock, clock + length))
                others += [known for known in place[:3] if isinstance(known, StructId) and known.client != client]
        deletes = _join(_read_deletes(decoder))
        decoder.expect_end()
    except InvalidMessage as error:
        raise InvalidUpdate(*error.args) from None
    return UpdateFacts(_join(spans), deletes, _latest(others))


def _join(spans: Iterable[tuple[ClientId, int, int]]) -> tuple[ClientRange, ...]:
    joined: list[ClientRange] = []
    open_client: ClientId | None = None
    open_start = open_end = 0
    for client, start, end in spans:
        if client == open_client and start == open_end:
            open_end = end
            continue
        if open_client is not None:
            joined.append(ClientRange(open_client, open_start, open_end))
        open_client, open_start, open_end = client, start, end
    if open_client is not None:
        joined.append(ClientRange(open_client, open_start, open_end))
    return tuple(joined)


def _read_deletes(decoder: Decoder) -> Iterator[tuple[ClientId, int, int]]:
    clients: set[ClientId] = set()
    for _ in range(decoder.read_count(smallest=4)):
        client = ClientId(decoder.read_var_uint())
        count = decoder.read_count(smallest=2)
        if not count or client in clients:
            raise InvalidMessage("a client without deletions, or twice")
        clients.add(client)
        end = 0
        for _ in range(count):
            start, length = decoder.read_var_uint(), decoder.read_var_uint()
            if not length or start < end or start + length > MAX_CLOCK:
                raise InvalidMessage("an impossible deletion")
            end = start + length
            yield client, start, end
