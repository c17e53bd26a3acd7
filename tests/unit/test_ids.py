"""workspace.ids."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workspace.errors import NotFound
from workspace.ids import (
    ID_BYTES,
    DocumentKind,
    PersonId,
    make_id,
    parse_address,
    parse_case_id,
    parse_document_id,
)

CASE = "k" * 16
MEMBER = "m" * 16


@given(st.binary(min_size=ID_BYTES, max_size=ID_BYTES))
def test_an_id_is_sixteen_characters_that_need_no_quoting(entropy: bytes) -> None:
    """[PER-1]"""
    made = make_id(entropy)
    assert parse_case_id(made) == made
    assert len(made) == 16
    assert made.isascii()
    assert made == made.lower()


@given(st.binary().filter(lambda entropy: len(entropy) != ID_BYTES))
def test_an_id_is_made_of_exactly_its_bytes(entropy: bytes) -> None:
    """[PER-1]"""
    with pytest.raises(ValueError, match="10 bytes"):
        make_id(entropy)


@pytest.mark.parametrize("text", ["", "k" * 15, "k" * 17, "K" * 16, "k" * 15 + "1", "k" * 15 + "\n", "../" + "k" * 13])
def test_a_malformed_case_id_names_nothing(text: str) -> None:
    """[PER-1]"""
    with pytest.raises(NotFound):
        parse_case_id(text)


@pytest.mark.parametrize(
    ("name", "kind", "owner", "epoch"),
    [
        ("record", DocumentKind.RECORD, None, 1),
        ("discussion", DocumentKind.DISCUSSION, None, 1),
        (f"opinion.{MEMBER}", DocumentKind.OPINION, MEMBER, 1),
        ("record~2", DocumentKind.RECORD, None, 2),
        (f"opinion.{MEMBER}~31", DocumentKind.OPINION, MEMBER, 31),
        ("discussion~1795718400", DocumentKind.DISCUSSION, None, 1_795_718_400),
    ],
)
def test_a_document_name_says_what_it_is(name: str, kind: DocumentKind, owner: PersonId | None, epoch: int) -> None:
    """[PER-2]"""
    document = parse_address(f"{CASE}/{name}")
    assert (document.kind, document.owner, document.epoch) == (kind, owner, epoch)
    assert str(document) == f"{CASE}/{name}"
    successor = document.successor()
    assert (successor.kind, successor.owner, successor.epoch) == (kind, owner, epoch + 1)
    assert parse_address(str(successor)) == successor


@pytest.mark.parametrize(
    "name",
    ["", "notes", "Record", "record~1", "record~0", "record~02", "record~", "record~1000000000000", "opinion",
     "opinion.",      "opinion.short", f"opinion.{MEMBER}x", f"record.{MEMBER}", "record/x", "record\n", "record~2~3"],
)  # fmt: skip
def test_any_other_name_names_nothing(name: str) -> None:
    """[PER-1] Each document has one spelling."""
    with pytest.raises(NotFound):
        parse_document_id(CASE, name)


@given(st.text())
def test_an_address_is_read_or_names_nothing(text: str) -> None:
    """[PER-1]"""
    try:
        document = parse_address(text)
    except NotFound:
        return
    assert str(document) == text
