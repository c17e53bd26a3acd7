"""The lib0 codec: what it writes, what it refuses."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workspace.errors import InvalidMessage
from workspace.lib0 import MAX_NESTING, MAX_UINT, Decoder, write_var_bytes, write_var_string, write_var_uint


def spell_uint(value: int) -> bytes:
    out = bytearray()
    write_var_uint(out, value)
    return bytes(out)


def spell_string(text: str) -> bytes:
    out = bytearray()
    write_var_string(out, text)
    return bytes(out)


@pytest.mark.parametrize(
    ("value", "spelling"),
    [(0, "00"), (127, "7f"), (128, "8001"), (3000000001, "81bcc1960b"), (MAX_UINT, "ffffffffffffff0f")],
)
def test_an_integer_is_spelled_as_lib0_spells_it(value: int, spelling: str) -> None:
    """[WIRE-1]"""
    assert spell_uint(value).hex() == spelling
    assert Decoder(bytes.fromhex(spelling)).read_var_uint() == value


@pytest.mark.parametrize("value", [-1, MAX_UINT + 1])
def test_an_integer_out_of_bounds_is_our_own_mistake(value: int) -> None:
    with pytest.raises(ValueError, match=str(value)):
        spell_uint(value)


@given(st.integers(0, MAX_UINT), st.text(), st.binary())
def test_what_is_written_reads_back_the_same(number: int, text: str, data: bytes) -> None:
    """[WIRE-1]"""
    out = bytearray()
    write_var_uint(out, number)
    write_var_string(out, text)
    write_var_bytes(out, data)
    decoder = Decoder(bytes(out))
    assert (decoder.read_var_uint(), decoder.read_var_string(), decoder.read_var_bytes()) == (number, text, data)
    assert decoder.at_end
    decoder.expect_end()


def test_a_string_is_measured_in_bytes() -> None:
    """[WIRE-1] Measured in characters it would read back as "Mülle"."""
    assert spell_string("Müller") == b"\x07M\xc3\xbcller"


@pytest.mark.parametrize(
    ("spelling", "value"),
    [("00", 0), ("41", -1), ("3f", 63), ("8001", 64), ("c001", -64), ("bfffffffffffff1f", MAX_UINT)],
)
def test_a_signed_integer_has_its_sign_in_the_first_byte(spelling: str, value: int) -> None:
    """[WIRE-1]"""
    assert Decoder(bytes.fromhex(spelling)).read_var_int() == value


REFUSED: list[tuple[Callable[[Decoder], object], str]] = [
    (Decoder.read_byte, ""),
    (Decoder.read_var_uint, ""),
    (Decoder.read_var_uint, "80"),
    (Decoder.read_var_uint, "ffffffffffffff10"),  # 2^53
    (Decoder.read_var_uint, "808080808080808000"),  # nine bytes
    (Decoder.read_var_uint, "ff" * 100_000),
    (Decoder.read_var_int, "80"),
    (Decoder.read_var_int, "bfffffffffffff20"),
    (Decoder.read_var_int, "ff" * 100_000),
    (Decoder.read_var_bytes, "0261"),
    (Decoder.read_var_bytes, "ffffffffffffff0f"),
    (Decoder.read_var_string, "0261"),
    (Decoder.read_var_string, "01ff"),
    (Decoder.read_var_string, "03eda080"),  # half a surrogate pair
    (Decoder.read_var_string, "02c080"),  # an overlong NUL
    (Decoder.read_var_string, "04f4908080"),  # beyond Unicode
    (Decoder.read_count, "02ff"),
    (Decoder.read_count, "808080808080808010"),  # 2^60
    (Decoder.expect_end, "00"),
    (Decoder.skip_any, "00"),
    (Decoder.skip_any, "73"),  # one below the tags
    (Decoder.skip_any, "7b00000000000000"),
    (Decoder.skip_any, "7702ff61"),
    (Decoder.skip_any, "7505" + "7f" * 4),
    (Decoder.skip_any, "76017701617f"),
    (Decoder.skip_any, "7501" * (MAX_NESTING + 1) + "7f"),
    (Decoder.skip_any, "76010161" * (MAX_NESTING + 1) + "7f"),
    (Decoder.skip_any, "7501" * 50_000 + "7f"),
]


@pytest.mark.parametrize(("read", "data"), REFUSED)
def test_what_cannot_be_read_is_an_invalid_message(read: Callable[[Decoder], object], data: str) -> None:
    """[WIRE-2]"""
    with pytest.raises(InvalidMessage):
        read(Decoder(bytes.fromhex(data)))


@pytest.mark.parametrize(
    "data",
    (
        "7f 7e 7d41 7c00000000 7b0000000000000000 7a0000000000000000 79 78 770161 740161 7500 7600"
        f" 75027f77026162 760201617f01627e {'7501' * MAX_NESTING}7f"
    ).split(),
)
def test_every_kind_of_value_is_passed_over_to_its_end(data: str) -> None:
    """[WIRE-1]"""
    decoder = Decoder(bytes.fromhex(data) + b"next")
    decoder.skip_any()
    assert decoder.read_bytes(4) == b"next"


def test_a_count_is_bounded_by_what_its_things_take() -> None:
    """[WIRE-5]"""
    assert Decoder(b"\x02ffff").read_count(smallest=2) == 2
    with pytest.raises(InvalidMessage):
        Decoder(b"\x02fff").read_count(smallest=2)


@given(st.binary(max_size=40))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    """[WIRE-2]"""
    for read in (Decoder.skip_any, Decoder.read_var_string, Decoder.read_var_int, Decoder.read_count):
        try:
            read(Decoder(data))
        except InvalidMessage:
            continue
