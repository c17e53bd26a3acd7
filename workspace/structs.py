"""The structs of a Yjs update, each checked. Source: yjs `src/structs/*`, `src/utils/encoding.js` (encoding v1).

SPEC rule WIRE-5. What Yjs and yrs read differently is refused, as are content kinds that no document of ours holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import IntEnum
from typing import NamedTuple

from workspace.errors import InvalidMessage
from workspace.ids import ClientId
from workspace.json_text import check_json
from workspace.lib0 import Decoder

MAX_CLOCK = 2**31 - 1
"""yrs keeps clocks as u32 and subtracts them as i32."""


class Content(IntEnum):
    """What a struct holds: the low five bits of its first byte.

    Not 2, JSON: yrs reads one string too many, and Yjs writes none any more. Not 9, sub-documents: a case has none.
    """

    GC = 0
    DELETED = 1
    BINARY = 3
    STRING = 4
    EMBED = 5
    FORMAT = 6
    TYPE = 7
    ANY = 8
    SKIP = 10


_GC, _SKIP = int(Content.GC), int(Content.SKIP)
HAS_LEFT = 0x80
_HAS_RIGHT, _HAS_KEY, _CONTENT_BITS = 0x40, 0x20, 0x1F
_XML_ELEMENT = 3
_TYPES = frozenset({0, 1, 2, _XML_ELEMENT, 4, 6})
"""Array, map, text, XML element, fragment, text. Not 5, the XML hook: yrs leaves its name unread. Not 7, weak links."""


class StructId(NamedTuple):
    """One clock of one client."""

    client: ClientId
    clock: int


class Struct(NamedTuple):
    """One struct of an update. One with a neighbour names no parent: parent and key are the neighbour's."""

    client: ClientId
    clock: int
    length: int
    content: Content
    left: StructId | None
    right: StructId | None
    parent: StructId | str | None
    """The name of a root, or the struct whose content is the type that this is in."""
    key: str | None


Place = tuple[StructId | None, StructId | None, StructId | str | None, str | None]
"""Left neighbour, right neighbour, parent, key."""
_NOWHERE: Place = (None, None, None, None)


def read_structs(decoder: Decoder) -> Iterator[tuple[ClientId, int, int, int, Place]]:
    """Client, clock, length, content and place of each struct: plain values, as `read_update` discards most of them."""
    clients: set[ClientId] = set()
    for _ in range(decoder.read_count(smallest=5)):
        count = decoder.read_count(smallest=2)
        client, clock = read_id(decoder)
        if not count or client in clients:
            raise InvalidMessage("a client without structs, or twice")
        clients.add(client)
        for _ in range(count):
            content, place, length = _read_struct(decoder, client, clock)
            end = clock + length
            if not length or end > MAX_CLOCK:
                raise InvalidMessage("a struct of impossible length")
            yield client, clock, length, content, place
            clock = end


def _read_struct(decoder: Decoder, client: ClientId, clock: int) -> tuple[int, Place, int]:
    info = decoder.read_byte()
    if info in {_GC, _SKIP}:
        return info, _NOWHERE, decoder.read_var_uint()
    left = _read_known(decoder, client, clock) if info & HAS_LEFT else None
    right = _read_known(decoder, client, clock) if info & _HAS_RIGHT else None
    parent: StructId | str | None = None
    key = None
    if left is None and right is None:
        parent = _read_parent(decoder, client, clock)
        key = decoder.read_var_string() if info & _HAS_KEY else None
    content = info & _CONTENT_BITS
    read_length = _LENGTH_READERS.get(content)
    if read_length is None:
        raise InvalidMessage(f"content {content}")
    return content, (left, right, parent, key), read_length(decoder)


def read_id(decoder: Decoder) -> StructId:
    client = decoder.read_var_uint()
    clock = decoder.read_var_uint()
    if clock > MAX_CLOCK:
        raise InvalidMessage("clock too large")
    return StructId(ClientId(client), clock)


def _read_known(decoder: Decoder, client: ClientId, clock: int) -> StructId:
    """A struct that the writer of `clock` knew: of the writer's own, an earlier one."""
    known = read_id(decoder)
    if known[0] == client and known[1] >= clock:
        raise InvalidMessage("a struct that knows a later one")
    return known


def _read_parent(decoder: Decoder, client: ClientId, clock: int) -> StructId | str:
    match decoder.read_byte():
        case 0:
            return _read_known(decoder, client, clock)
        case 1:
            return decoder.read_var_string()
        case _:
            raise InvalidMessage("unknown kind of parent")


def _read_string(decoder: Decoder) -> int:
    return count_clocks(decoder.read_var_string())


def _read_binary(decoder: Decoder) -> int:
    decoder.read_var_bytes()
    return 1


def _read_embed(decoder: Decoder) -> int:
    check_json(decoder.read_var_string())
    return 1


def _read_format(decoder: Decoder) -> int:
    decoder.read_var_string()
    return _read_embed(decoder)


def _read_type(decoder: Decoder) -> int:
    kind = decoder.read_byte()
    if kind not in _TYPES:
        raise InvalidMessage(f"type {kind}")
    if kind == _XML_ELEMENT:
        decoder.read_var_string()
    return 1


def _read_anys(decoder: Decoder) -> int:
    count = decoder.read_count()
    for _ in range(count):
        decoder.skip_any()
    return count


_LENGTH_READERS: Mapping[int, Callable[[Decoder], int]] = {
    Content.DELETED: Decoder.read_var_uint,
    Content.BINARY: _read_binary,
    Content.STRING: _read_string,
    Content.EMBED: _read_embed,
    Content.FORMAT: _read_format,
    Content.TYPE: _read_type,
    Content.ANY: _read_anys,
}
"""Each checks its content and tells how many clocks it takes."""


def count_clocks(text: str) -> int:
    """A text takes as many clocks as it has UTF-16 code units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2
