"""The update reader, on bytes that Yjs 13.6 wrote and on the attacks that have names."""

from __future__ import annotations

import json
import random
from time import perf_counter

import pytest

from workspace.errors import InvalidMessage, InvalidUpdate
from workspace.ids import ClientId
from workspace.json_text import check_json
from workspace.lib0 import MAX_NESTING, write_var_string, write_var_uint
from workspace.structs import Content, Struct, StructId
from workspace.update import (
    EMPTY_UPDATE,
    ClientRange,
    encode_ranges,
    encode_state_vector,
    read_ranges,
    read_state_vector,
    read_update,
    walk_update,
)

EMBED_IN_BOLD = (
    "01030706c60702070304626f6c64046e756c6cc507060703207b22696d616765223a2278222c2277223a5b312c7b2261223a6e756c6c"
    "7d5d7dc60707070304626f6c64047472756500"
)
PARAGRAPH = (
    "0109070007010178030970617261677261706828000700056c6576656c017701310700070006040007020161840703026263c6070307"
    "0402656d027b7dc4070607040164c60707070402656d046e756c6c8707000400"
)
MERGED_WITH_GAPS = "010507000401017401610a0184070101630a02840704016600"
YJS: list[tuple[str, str, list[tuple[int, int, int]], list[tuple[int, int, int]]]] = [
    ("typing", "010107000401017402686900", [(7, 0, 2)], []),
    ("typing on", "01010702840701012100", [(7, 2, 3)], []),
    ("typing between, 3 code units in 6 bytes", "01010703c40700070106c3bcf09f988000", [(7, 3, 6)], []),
    ("deleting in two places", "0001070200010301", [], [(7, 0, 1), (7, 3, 4)]),
    (
        "the whole text",
        "010407000101017401840700026921c10700070101c40703070104f09f988001070200010301",
        [(7, 0, 6)],
        [(7, 0, 1), (7, 3, 4)],
    ),
    (
        "a format",
        "010307000601017404626f6c64047472756584070004626f6c6486070404626f6c64046e756c6c00",
        [(7, 0, 6)],
        [],
    ),
    (
        "an embed",
        EMBED_IN_BOLD,
        [(7, 6, 9)],
        [],
    ),
    (
        "a map's value of every kind",
        "01010701a80700017601016e75097c3fc000007d437c53800000787e7f7701737a000000000000007b740201020107010001",
        [(7, 1, 2)],
        [(7, 0, 1)],
    ),
    ("a map's bytes", "010107022301016d01620301020300", [(7, 2, 3)], []),
    ("nested types", "01030703c70700070101c7070307010204000704017800", [(7, 3, 6)], []),
    (
        "XML",
        PARAGRAPH,
        [(7, 0, 10)],
        [],
    ),
    ("merged with gaps", MERGED_WITH_GAPS, [(7, 0, 1), (7, 2, 3), (7, 5, 6)], []),
    (
        "two clients",
        "0201ffffffff0f00c407020703025a5a03070001010174028407010163840702036465660107010002",
        [(4294967295, 0, 2), (7, 0, 6)],
        [(7, 0, 2)],
    ),
    ("collected", "010307000101016101880700017d01000101070200010201", [(7, 0, 3)], [(7, 0, 1), (7, 2, 3)]),
    ("nothing", "0000", [], []),
]


def ranges(triples: list[tuple[int, int, int]]) -> tuple[ClientRange, ...]:
    return tuple(ClientRange(ClientId(client), start, end) for client, start, end in triples)


def text(words: str | bytes) -> bytes:
    data = words if isinstance(words, bytes) else words.encode()
    out = bytearray()
    write_var_uint(out, len(data))
    return bytes(out) + data


def one(struct: bytes, *, clock: int = 0, deletes: bytes = b"\x00") -> bytes:
    """An update of client 1 with one struct."""
    out = bytearray(b"\x01\x01\x01")
    write_var_uint(out, clock)
    return bytes(out) + struct + deletes


IN_ROOT = b"\x01\x01t"
EMBED, ANY, TYPE, STRING = b"\x05" + IN_ROOT, b"\x08" + IN_ROOT, b"\x07" + IN_ROOT, b"\x04" + IN_ROOT


@pytest.mark.parametrize(("data", "structs", "deletes"), [case[1:] for case in YJS], ids=[case[0] for case in YJS])
def test_what_yjs_wrote_is_read(
    data: str, structs: list[tuple[int, int, int]], deletes: list[tuple[int, int, int]]
) -> None:
    """[WIRE-7]"""
    facts = read_update(bytes.fromhex(data))
    assert (facts.structs, facts.deletes) == (ranges(structs), ranges(deletes))


@pytest.mark.parametrize("data", [case[1] for case in YJS], ids=[case[0] for case in YJS])
def test_what_yjs_wrote_is_refused_when_cut_or_continued(data: str) -> None:
    """[WIRE-4]"""
    whole = bytes.fromhex(data)
    for end in range(len(whole)):
        with pytest.raises(InvalidUpdate):
            read_update(whole[:end])
    with pytest.raises(InvalidUpdate, match="trailing"):
        read_update(whole + b"\x00")


def test_only_nothing_is_empty() -> None:
    """[WIRE-7]"""
    assert read_update(EMPTY_UPDATE).is_empty
    assert not any(read_update(bytes.fromhex(case[1])).is_empty for case in YJS[:-1])


def test_a_walk_names_where_each_struct_is() -> None:
    """[WIRE-7]"""
    seven = ClientId(7)
    element, attribute, *_, fragment = walk_update(bytes.fromhex(PARAGRAPH))
    assert element == Struct(seven, 0, 1, Content.TYPE, None, None, "x", None)
    assert attribute == Struct(seven, 1, 1, Content.ANY, None, None, StructId(seven, 0), "level")
    assert fragment == Struct(seven, 9, 1, Content.TYPE, StructId(seven, 0), None, None, None)
    assert [struct.content for struct in walk_update(bytes.fromhex(MERGED_WITH_GAPS))] == [
        Content.STRING,
        Content.SKIP,
        Content.STRING,
        Content.SKIP,
        Content.STRING,
    ]


BROKEN_STRUCTS: list[tuple[str, bytes]] = [
    ("no bytes", b""),
    (
        "invalid UTF-8, which was a segmentation fault",
        bytes.fromhex("0101010004010174") + b"\x03\xed\xa0\x80" + b"\x00",
    ),
    ("invalid UTF-8 in a keystroke", bytes.fromhex("0101070284070101ff00")),
    ("half a surrogate pair in a keystroke", bytes.fromhex("01010702840701" + "03eda08000")),
    ("half a surrogate pair in a root's name", b"\x01\x01\x01\x00\x04\x01\x03\xed\xa0\x80\x01a\x00"),
    ("values nested 50,000 deep", one(ANY + b"\x01" + b"\x75\x01" * 50_000 + b"\x7f")),
    ("objects nested 50,000 deep", one(ANY + b"\x01" + b"\x76\x01\x00" * 50_000 + b"\x7f")),
    ("JSON nested 50,000 deep", one(EMBED + text("[" * 50_000 + "]" * 50_000))),
    ("JSON objects nested 50,000 deep", one(EMBED + text('{"a":' * 50_000 + "1" + "}" * 50_000))),
    ("JSON that only opens", one(EMBED + text("[" * 50_000))),
    ("2^60 clients", b"\x80\x80\x80\x80\x80\x80\x80\x80\x10"),
    ("2^40 structs", b"\x01\x80\x80\x80\x80\x80\x20\x01\x00\x00\x01\x00"),
    ("2^40 values", one(ANY + b"\x80\x80\x80\x80\x80\x20\x7f")),
    ("a string longer than what is there", one(STRING + b"\x7fabc")),
    ("an endless integer", b"\x01" + b"\xff" * 1000),
    ("a client beyond 53 bits", b"\x01\x01\xff\xff\xff\xff\xff\xff\xff\x10\x00\x04\x01\x01t\x01a\x00"),
    ("a clock of 2^31", b"\x01\x01\x01\x80\x80\x80\x80\x08\x04\x01\x01t\x01a\x00"),
    ("a struct that ends at 2^31", b"\x01\x01\x01\xff\xff\xff\xff\x07\x04\x01\x01t\x01a\x00"),
    ("a run of collected structs beyond 2^31", one(b"\x00\xff\xff\xff\xff\x0f")),
    ("a neighbour's clock of 2^31", one(b"\x84\x02\x80\x80\x80\x80\x08\x01a")),
    ("a later neighbour of the same client", one(b"\x84\x01\x05\x01a", clock=5)),
    ("a later right neighbour of the same client", one(b"\xc4\x02\x00\x01\x05\x01a", clock=5)),
    ("a later left neighbour of the same client", one(b"\xc4\x01\x05\x02\x00\x01a", clock=5)),
    ("itself as its parent", one(b"\x07\x00\x01\x00\x00")),
    ("an empty string", one(STRING + b"\x00")),
    ("an empty deleted run", one(b"\x01" + IN_ROOT + b"\x00")),
    ("no values", one(ANY + b"\x00")),
    ("an empty collected run", one(b"\x00\x00")),
    ("an empty gap", one(b"\x0a\x00")),
    ("a client without structs", b"\x01\x00\x01\x00\x00\x00\x00"),
    ("a client twice", b"\x02\x01\x01\x00\x00\x01\x01\x01\x01\x00\x01\x00"),
    ("a collected run with flags", one(b"\x20\x01")),
    ("a gap with flags", one(b"\x8a\x01\x00\x01")),
    ("an unknown kind of parent", one(b"\x04\x02\x01t\x01a")),
    ("the old JSON content, which yrs reads wrongly", one(b"\x02" + IN_ROOT + b"\x01" + text("1"))),
    ("a sub-document", bytes.fromhex("010107002901016d037375620167760000")),
    ("an XML hook, which yrs reads wrongly", bytes.fromhex("010107000701017805016800")),
    ("a weak link", one(TYPE + b"\x07")),
    ("a sub-document as a type", one(TYPE + b"\x09")),
    ("an undefined type", one(TYPE + b"\x0f")),
    ("a type of two bytes", one(TYPE + b"\x82\x00")),
    ("content of an unknown kind", one(b"\x0b" + IN_ROOT + b"\x01a")),
    ("content of a kind with the fifth bit", one(b"\x14" + IN_ROOT + b"\x01a")),
    ("a value of an unknown kind", one(ANY + b"\x01\x73")),
    ("a format that is no JSON", one(b"\x06" + IN_ROOT + b"\x01b" + text("tru"))),
]
BROKEN_DELETIONS: list[tuple[str, bytes]] = [
    ("2^40 deletions", b"\x00\x01\x01\x80\x80\x80\x80\x80\x20\x00\x01"),
    ("a deletion beyond 2^31", b"\x00\x01\x01\x01\xff\xff\xff\xff\x07\x01"),
    ("a client's deletions twice", b"\x00\x02\x01\x01\x00\x01\x01\x01\x02\x01"),
    ("a client without deletions", b"\x00\x01\x01\x00\x00\x00"),
    ("an empty deletion", b"\x00\x01\x01\x01\x00\x00"),
    ("deletions that overlap", b"\x00\x01\x01\x02\x00\x03\x02\x02"),
    ("deletions out of order", b"\x00\x01\x01\x02\x05\x01\x00\x01"),
]
REFUSED = BROKEN_STRUCTS + BROKEN_DELETIONS


@pytest.mark.parametrize("data", [case[1] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_an_attack_is_refused(data: bytes) -> None:
    """[WIRE-5]"""
    with pytest.raises(InvalidUpdate) as refusal:
        read_update(data)
    assert len(str(refusal.value)) < 120  # and tells nothing of what was in it


@pytest.mark.parametrize("data", [case[1] for case in BROKEN_STRUCTS], ids=[case[0] for case in BROKEN_STRUCTS])
def test_a_walk_refuses_what_the_reader_refuses(data: bytes) -> None:
    """[WIRE-5]"""
    with pytest.raises(InvalidUpdate):
        list(walk_update(data))


@pytest.mark.parametrize(
    ("data", "length"),
    [
        (one(ANY + b"\x01" + b"\x75\x01" * MAX_NESTING + b"\x7f"), 1),
        (one(EMBED + text("[" * MAX_NESTING + "]" * MAX_NESTING)), 1),
        (one(STRING + text("a😀ü漢")), 5),
        (one(STRING + text("\x00\u2028\U0010ffff")), 4),
        (one(b"\x00\xff\xff\xff\xff\x07"), 2**31 - 1),
        (one(b"\x01" + IN_ROOT + b"\x05"), 5),
        (one(ANY + b"\x03\x7f\x7e\x78"), 3),
        (one(b"\x24\x01\x01t\x01k" + text("v")), 1),
    ],
)
def test_what_is_just_within_bounds_is_read(data: bytes, length: int) -> None:
    """[WIRE-7]"""
    assert read_update(data).structs == (ClientRange(ClientId(1), 0, length),)


def test_the_largest_client_and_clock_are_read() -> None:
    """[WIRE-7]"""
    data = b"\x01\x01" + b"\xff" * 7 + b"\x0f" + b"\xfe\xff\xff\xff\x07" + STRING + b"\x01a\x00"
    assert read_update(data).structs == (ClientRange(ClientId(2**53 - 1), 2**31 - 2, 2**31 - 1),)


@pytest.mark.parametrize(
    "words",
    [
        *("null", "true", "-0", "1e300", "1.7976931348623157e308", "1e-999", "-9223372036854775808", "1" * 30, '""'),
        *(
            ' [1 , {"a" : "\\ud83d\\ude00"}]\n',
            '"\x7f\u2028"',
            '"\\\\ud800"',
            json.dumps("[" * 100),
            "[" + "[]," * 99 + "[]]",
        ),
    ],
)
def test_json_that_serde_reads_is_passed(words: str) -> None:
    """[WIRE-4]"""
    check_json(words)


@pytest.mark.parametrize(
    "words",
    [
        *(
            "",
            "NaN",
            "Infinity",
            "-Infinity",
            "1e999",
            "-1e999",
            "01",
            "1.",
            ".5",
            "+1",
            "tru",
            "nul",
            "[1,]",
            "{1:2}",
            "1 2",
        ),
        *(
            '"\\ud800"',
            '"\\udc00x"',
            '["\\ud83d", "\\ude00"]',
            '{"\\ud800":1}',
            '"\x1f"',
            '"\\x41"',
            "'a'",
            "\ufeff1",
            '"',
        ),
        *("9223372036854775808", "18446744073709551615", "1" * 400, "[" * 65 + "]" * 65, '{"a":' * 65 + "1" + "}" * 65),
    ],
)
def test_json_that_serde_does_not_read_is_refused(words: str) -> None:
    """[WIRE-5] Python would read some of it."""
    with pytest.raises(InvalidMessage):
        check_json(words)


def test_a_state_vector_reads_back() -> None:
    """[WIRE-1]"""
    clocks = {ClientId(7): 6, ClientId(2**53 - 1): 0, ClientId(300): 2**31 - 1}
    assert read_state_vector(encode_state_vector(clocks)) == clocks
    assert encode_state_vector({ClientId(7): 6}) == bytes.fromhex("010706")
    assert encode_state_vector({}) == b"\x00"
    assert list(read_state_vector(encode_state_vector(clocks))) == sorted(clocks, reverse=True)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x01",
        b"\x01\x07",
        b"\x01\x07\x06\x00",
        b"\x02\x07\x06\x07\x05",
        b"\x01\x07\x80\x80\x80\x80\x08",
        b"\x80\x80\x80\x80\x80\x80\x80\x80\x10",  # 2^60 clients, which cost 500 MB
        b"\xff\xff\xff\xff\xff\xff\xff\x0f",  # 2^53 - 1 clients
        b"\xff" * 100,
    ],
)
def test_a_malformed_state_vector_is_refused(data: bytes) -> None:
    """[WIRE-5]"""
    with pytest.raises(InvalidMessage):
        read_state_vector(data)


def test_ranges_read_back_joined() -> None:
    """[WIRE-1]"""
    held = {ClientId(7): [(0, 3), (5, 6)], ClientId(9): [(1, 2**31 - 1)]}
    assert read_ranges(encode_ranges(held)) == held
    assert read_ranges(encode_ranges({})) == {}
    assert read_ranges(b"\x01\x07\x02\x00\x02\x02\x02") == {ClientId(7): [(0, 4)]}


@pytest.mark.parametrize(
    "data", [b"", b"\x01\x07\x01\x00\x01\x00", b"\x01\x07\x02\x00\x03\x02\x02", b"\x01\x07\x01\x00\x00"]
)
def test_malformed_ranges_are_refused(data: bytes) -> None:
    """[WIRE-5]"""
    with pytest.raises(InvalidMessage):
        read_ranges(data)


def test_a_long_refusal_takes_no_long_time() -> None:
    """[WIRE-5] Nothing here takes longer than in proportion to its size."""
    rng = random.Random(1)
    size = 200_000
    heavy = [
        b"\x01\x01\x07\x02\x84\x07\x01\x7f" + b"a" * size,
        one(EMBED + text('"' + "\\" * size)),
        one(EMBED + text("[" * size)),
        one(EMBED + text("1" * size)),
        one(EMBED + text("0." + "1" * size + "x")),
        one(ANY + b"\x01" + b"\x75\x40" * (size // 2)),
        rng.randbytes(size),
    ]
    for data in heavy:
        start = perf_counter()
        with pytest.raises(InvalidUpdate):
            read_update(data)
        assert perf_counter() - start < 2.0


def test_a_string_is_counted_as_yjs_counts_it() -> None:
    """[WIRE-7] In UTF-16 code units, by the short way and by the long way."""
    for words in ("a", "ü", "漢", "😀", "a😀b😀"):
        out = bytearray(b"\x01\x01\x07\x05\x84\x07\x04")
        write_var_string(out, words)
        units = len(words.encode("utf-16-le")) // 2
        assert read_update(bytes(out) + b"\x00").structs == (ClientRange(ClientId(7), 5, 5 + units),)
        assert read_update(one(STRING + text(words))).structs == (ClientRange(ClientId(1), 0, units),)


def test_the_latest_struct_that_is_needed_of_each_other_client_is_told() -> None:
    """[WIRE-7] A keystroke between two others' letters, and the same in the company of more."""
    keystroke = bytes.fromhex("01010500c40703090a016100")  # client 5 types between (7, 3) and (9, 10)
    assert set(read_update(keystroke).needs) == {(7, 3), (9, 10)}
    several = bytes.fromhex("01020500c40703090a0161c407020908016200")
    assert set(read_update(several).needs) == {(7, 3), (9, 10)}
    own = bytes.fromhex("0101050184050001610000"[:-2])
    assert read_update(own).needs == ()
