"""Updates for the fuzzer: real ones that pycrdt made, well-formed ones that nobody would make, and broken ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from random import Random
from typing import Any

from pycrdt import Array, Doc, Map, Text, TransactionEvent, XmlElement, XmlFragment, XmlText, merge_updates

from workspace.ids import ClientId
from workspace.lib0 import write_var_bytes, write_var_string, write_var_uint
from workspace.structs import Content
from workspace.update import EMPTY_UPDATE, encode_ranges

SCRIPTS = ("plain", "Müller", "漢字", "עברית", "😀🧠", "a😀b", "\u2028\x00")
CLIENTS = (1, 2, 3, 2**32 - 1, 2**53 - 1)
ROOTS = ("t", "m", "a", "x")


def real_updates(rng: Random, edits: int) -> list[bytes]:
    """What several pycrdt documents said while they were edited and sometimes synced, and merges of it with gaps."""
    said: list[bytes] = []

    def hear(event: TransactionEvent) -> None:
        said.append(event.update)

    documents: list[Doc[Any]] = [Doc(client_id=client) for client in CLIENTS[:4]]
    subscriptions = [document.observe(hear) for document in documents]
    for _ in range(edits):
        document = rng.choice(documents)
        _edit(rng, document)
        if rng.random() < 0.2:
            rng.choice(documents).apply_update(document.get_update())
    whole = [document.get_update() for document in documents]
    gappy = [merge_updates(*rng.sample(said, k=min(3, len(said)))) for _ in range(edits // 4)]
    for document, subscription in zip(documents, subscriptions, strict=True):
        document.unobserve(subscription)
    return [update for update in (*said, *whole, *gappy) if update != EMPTY_UPDATE]


def _edit(rng: Random, document: Doc[Any]) -> None:
    rng.choice((_edit_text, _edit_map, _edit_array, _edit_xml))(rng, document)


def _edit_text(rng: Random, document: Doc[Any]) -> None:
    text = document.get("t", type=Text)
    written = str(text)
    cut = rng.randint(0, len(written))
    offset = len(written[:cut].encode())  # pycrdt counts bytes
    match rng.randrange(5):
        case 0 if cut < len(written):
            del text[offset : offset + len(written[cut].encode())]
        case 1 if offset:
            text.format(0, offset, {"bold": rng.choice((True, None)), "link": {"href": "#"}})
        case 2:  # an embed takes a place but writes no character: it has a text of its own
            document.get("e", type=Text).insert_embed(0, {"image": rng.choice(SCRIPTS), "size": [1, {"w": None}]})
        case _:
            text.insert(offset, rng.choice(SCRIPTS))


def _edit_map(rng: Random, document: Doc[Any]) -> None:
    shared = document.get("m", type=Map)
    key = rng.choice(("k", "ключ"))
    if rng.random() < 0.3 and key in shared:
        del shared[key]
    else:
        shared[key] = rng.choice(
            (1, -2.5, None, True, "s", b"\x00\xff", [1, {"a": []}], Map({"n": Text("in")}), Array([1, 2]))
        )


def _edit_array(rng: Random, document: Doc[Any]) -> None:
    shared = document.get("a", type=Array)
    if rng.random() < 0.3 and len(shared):
        del shared[rng.randrange(len(shared))]
    else:
        shared.insert(rng.randint(0, len(shared)), rng.choice((7, "x", b"y", {"a": 1}, [2], Text("t"), Map({"k": 1}))))


def _edit_xml(rng: Random, document: Doc[Any]) -> None:
    fragment = document.get("x", type=XmlFragment)
    children = list(fragment.children)
    if children and rng.random() < 0.5:
        child = rng.choice(children)
        if isinstance(child, XmlElement):
            child.attributes["level"] = str(rng.randint(1, 6))
            child.children.append(XmlText(rng.choice(SCRIPTS)))
    else:
        fragment.children.append(XmlElement("paragraph"))


def made_up_update(rng: Random) -> bytes:
    """Well-formed, with arbitrary neighbours, parents, keys, clocks and contents: what a hostile client would send."""
    out = bytearray()
    clients = rng.sample(CLIENTS, k=rng.randint(0, 3))
    write_var_uint(out, len(clients))
    for client in clients:
        structs = rng.randint(1, 5)
        write_var_uint(out, structs)
        _write_id(out, client, rng.choice((0, 0, 0, 1, 2, 3, 7, 2**31 - 100)))
        for _ in range(structs):
            _write_struct(rng, out)
    ranges: dict[ClientId, list[tuple[int, int]]] = {}
    for client in rng.sample(CLIENTS, k=rng.choice((0, 0, 1, 2))):
        bounds = sorted(rng.sample(range(12), k=4))
        ranges[ClientId(client)] = [(bounds[0], bounds[1]), (bounds[2], bounds[3])]
    return bytes(out) + encode_ranges(ranges)


def _write_id(out: bytearray, client: int, clock: int) -> None:
    write_var_uint(out, client)
    write_var_uint(out, clock)


def _write_struct(rng: Random, out: bytearray) -> None:
    content = rng.choice(tuple(Content))
    if content in {Content.GC, Content.SKIP}:
        out.append(content)
        write_var_uint(out, rng.choice((1, 2, 5)))
        return
    left, right, keyed = rng.random() < 0.5, rng.random() < 0.3, rng.random() < 0.3
    out.append(content | 0x80 * left | 0x40 * right | 0x20 * keyed)
    for _ in range(left + right):
        _write_id(out, rng.choice(CLIENTS), rng.randrange(6))
    if not left and not right:
        if rng.random() < 0.5:
            out.append(1)
            write_var_string(out, rng.choice(ROOTS))
        else:
            out.append(0)
            _write_id(out, rng.choice(CLIENTS), rng.randrange(6))
        if keyed:
            write_var_string(out, "k")
    _write_content(rng, out, content)


def _write_content(rng: Random, out: bytearray, content: Content) -> None:
    match content:
        case Content.DELETED:
            write_var_uint(out, rng.choice((1, 3)))
        case Content.BINARY:
            write_var_bytes(out, rng.randbytes(3))
        case Content.STRING:
            write_var_string(out, rng.choice(SCRIPTS))
        case Content.EMBED:
            write_var_string(out, rng.choice(('{"a":[1,"\\ud83d\\ude00"]}', "1e300", "[]", "-0")))
        case Content.FORMAT:
            write_var_string(out, rng.choice(("bold", "link")))
            write_var_string(out, rng.choice(("true", "null", '"x"', '{"href":"#"}')))
        case Content.TYPE:
            kind = rng.choice((0, 1, 2, 3, 4, 6))
            out.append(kind)
            if kind == 3:
                write_var_string(out, "p")
        case Content.ANY:
            out += rng.choice(
                (b"\x01\x7f", b"\x02\x7d\x01\x77\x01a", b"\x01\x76\x01\x01k\x75\x01\x7e", b"\x01\x74\x02ab")
            )
        case _:
            raise AssertionError(content)


def mutants(rng: Random, corpus: Sequence[bytes]) -> Iterator[bytes]:
    """Without end: broken ones of the corpus and of made-up updates, and made-up ones as they are."""
    while True:
        kind = rng.random()
        seed = made_up_update(rng) if kind < 0.5 else rng.choice(corpus)
        if kind < 0.25:
            yield seed
            continue
        mutant = bytearray(seed)
        for _ in range(rng.choice((1, 1, 1, 2, 4))):
            rng.choice((_flip, _set, _cut, _drop, _repeat, partial(_splice, corpus), _blow_up, _nudge))(rng, mutant)
        yield bytes(mutant)


def _somewhere(rng: Random, mutant: bytearray) -> int:
    return rng.randrange(len(mutant)) if mutant else 0


def _flip(rng: Random, mutant: bytearray) -> None:
    if mutant:
        mutant[_somewhere(rng, mutant)] ^= 1 << rng.randrange(8)


def _set(rng: Random, mutant: bytearray) -> None:
    if mutant:
        mutant[_somewhere(rng, mutant)] = rng.choice((0, 1, 2, 5, 9, 11, 0x7F, 0x80, 0xC4, 0xFF, rng.randrange(256)))


def _cut(rng: Random, mutant: bytearray) -> None:
    del mutant[_somewhere(rng, mutant) :]


def _drop(rng: Random, mutant: bytearray) -> None:
    start = _somewhere(rng, mutant)
    del mutant[start : start + rng.randint(1, 4)]


def _repeat(rng: Random, mutant: bytearray) -> None:
    start = _somewhere(rng, mutant)
    mutant[start:start] = mutant[start : start + rng.randint(1, 12)]


def _splice(corpus: Sequence[bytes], rng: Random, mutant: bytearray) -> None:
    other = rng.choice(corpus)
    mutant[_somewhere(rng, mutant) :] = other[rng.randrange(len(other)) :]


def _blow_up(rng: Random, mutant: bytearray) -> None:
    start = _somewhere(rng, mutant)
    mutant[start : start + 1] = rng.choice(
        (b"\xff\xff\xff\xff\x0f", b"\xff" * 7 + b"\x0f", b"\x80\x00", b"\xff" * 9 + b"\x01", b"\xff\xff\xff\xff\x07")
    )


def _nudge(rng: Random, mutant: bytearray) -> None:
    if mutant:
        where = _somewhere(rng, mutant)
        mutant[where] = (mutant[where] + rng.choice((-2, -1, 1, 2))) % 256
