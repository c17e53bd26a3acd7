"""Cuts off what of an update is there already. Source: yjs `Item.js`, `updates.js` (`diffUpdate`).

SPEC rule JRN-15. Of each client the structs before a clock go; one that reaches over it is cut as Yjs cuts it: what is
left stands right behind what went. Not by pycrdt, which refuses or drops some of what a hostile client writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from workspace.ids import ClientId, UpdateBytes
from workspace.lib0 import Decoder, write_var_string, write_var_uint
from workspace.structs import HAS_LEFT, Content, Place, StructId, read_id, read_structs
from workspace.update import UpdateFacts, encode_ranges, read_update


class _Struct(NamedTuple):
    """A struct, and where its bytes are."""

    client: ClientId
    clock: int
    length: int
    content: int
    place: Place
    start: int
    end: int


def cut(update: bytes, news: UpdateFacts) -> tuple[UpdateBytes, UpdateFacts]:
    """What an update brings from the first new struct of each client on, and the new deletions; and the facts of that.

    What is not new in it had come before something that it stands on, and comes again with that: who got it then may
    have dropped it since. Takes about twice as long as reading the update does.
    """
    begins = {client: start for client, start, _ in reversed(news.structs)}
    out = bytearray()
    write_var_uint(out, len(begins))
    for client, structs in groupby(_structs(update), key=attrgetter("client")):
        if client in begins:
            _write_client(out, update, begins[client], [s for s in structs if s.clock + s.length > begins[client]])
    deletes: dict[ClientId, list[tuple[int, int]]] = {}
    for client, start, end in news.deletes:
        deletes.setdefault(client, []).append((start, end))
    out += encode_ranges(deletes)
    facts = read_update(bytes(out))
    if facts.deletes != news.deletes or {client: start for client, start, _ in reversed(facts.structs)} != begins:
        raise RuntimeError("an update was cut wrongly")  # a defect; better no answer than a wrong one
    return UpdateBytes(bytes(out)), facts


def _structs(update: bytes) -> Iterator[_Struct]:
    decoder = Decoder(update)
    before: ClientId | None = None
    end = 0
    for client, clock, length, content, place in read_structs(decoder):
        start = end
        if client != before:
            header = Decoder(update, end)
            for _ in range(3 if before is not None else 4):  # how many clients; how many structs, client, clock
                header.read_var_uint()
            start = header.position
        before, end = client, decoder.position
        yield _Struct(client, clock, length, content, place, start, end)


def _write_client(out: bytearray, update: bytes, begin: int, structs: list[_Struct]) -> None:
    first, last = structs[0], structs[-1]
    write_var_uint(out, len(structs))
    write_var_uint(out, first.client)
    write_var_uint(out, begin)
    if begin == first.clock:
        out += update[first.start : last.end]
    else:
        _write_behind(out, update, first, begin - first.clock)
        out += update[first.end : last.end]


def _write_behind(out: bytearray, update: bytes, struct: _Struct, skipped: int) -> None:
    """What is left of a struct without its first clocks."""
    source = Decoder(update, struct.start)
    info = source.read_byte()
    if struct.content == Content.GC:
        out.append(info)
    else:
        _pass_over_place(source, struct.place)
        out.append(info | HAS_LEFT)
        _write_id(out, StructId(struct.client, struct.clock + skipped - 1))
        if (right := struct.place[1]) is not None:
            _write_id(out, right)
    _write_content(out, update, source, struct, skipped)


def _pass_over_place(source: Decoder, place: Place) -> None:
    left, right, parent, key = place
    for known in (left, right):
        if known is not None:
            read_id(source)
    if left is None and right is None:
        source.read_byte()
        if isinstance(parent, str):
            source.read_var_string()
        else:
            read_id(source)
        if key is not None:
            source.read_var_string()


def _write_id(out: bytearray, known: StructId) -> None:
    write_var_uint(out, known.client)
    write_var_uint(out, known.clock)


def _write_content(out: bytearray, update: bytes, source: Decoder, struct: _Struct, skipped: int) -> None:
    match struct.content:
        case Content.GC | Content.DELETED:
            write_var_uint(out, struct.length - skipped)
        case Content.STRING:
            units = source.read_var_string().encode("utf-16-le")[2 * skipped :]
            # Half a pair becomes U+FFFD, as in Yjs: it takes as many clocks.
            write_var_string(out, units.decode("utf-16-le", "replace"))
        case Content.ANY:
            source.read_var_uint()
            for _ in range(skipped):
                source.skip_any()
            write_var_uint(out, struct.length - skipped)
            out += update[source.position : struct.end]
        case _:
            raise ValueError(struct.content)  # it takes one clock, which went or stays
