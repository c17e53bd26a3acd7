"""docs/glossary.md: one word per thing, and the code uses it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WORDS = """
case, document, member, role, room, session, consult, update, state vector, sync step 1, sync step 2, awareness,
journal, entry, seq, snapshot, compaction, ack, upload, claim, media, object, rendition, certificate, quarantine,
annotation, presenter, follower, bookmark, proposal, thread, ballot, archive, bag, manifest, principal, event, chain
"""
FOREIGN = {("otlp", "export")}
"""Names that a library gives what we make for it, by our module: OpenTelemetry's `SpanExporter`."""
ROW = re.compile(r"^\| ([^|]+) \| ([^|]+) \| ([^|]*) ?\|$", re.MULTILINE)
ROWS = ROW.findall((ROOT / "docs" / "glossary.md").read_text())[1:]


def listed(cell: str) -> list[str]:
    return [word.strip() for word in cell.split(",") if word.strip()]


OURS = [word for words, _, _ in ROWS for word in listed(words)]
OTHERS = [word for _, _, words in ROWS for word in listed(words)]


def names(tree: ast.AST) -> Iterator[str]:
    """What the code calls things: modules apart, every name that it makes."""
    for node in ast.walk(tree):
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                yield name


def words_of(name: str) -> str:
    """`DocumentFull`, `document_full` → " document full "."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).replace("_", " ")
    return f" {spaced.strip().lower()} "


@cache
def made() -> set[str]:
    paths = [path for package in ("server", "workspace", "storage") for path in (ROOT / package).rglob("*.py")]
    ours = {(path.stem, name) for path in paths for name in [path.stem, *names(ast.parse(path.read_text()))]}
    return {words_of(name) for _, name in ours - FOREIGN}


def test_the_glossary_holds_every_word_once() -> None:
    """[OPS-3]"""
    assert sorted(OURS) == sorted(re.split(r",\s+", WORDS.strip()))


def test_no_word_is_also_somebody_else_s() -> None:
    """[OPS-3]"""
    assert set(OURS) & set(OTHERS) == set()
    assert len(OTHERS) > 15


def test_every_word_is_explained() -> None:
    """[OPS-3]"""
    assert [words for words, meaning, _ in ROWS if len(meaning.split()) < 5] == []


@pytest.mark.parametrize("word", ["case", "document", "member", "role", "room", "session", "update", "state vector"])
def test_the_check_sees_the_names_that_the_code_makes(word: str) -> None:
    """[OPS-3] A check that finds nothing anywhere proves nothing."""
    assert any(f" {word} " in name for name in made())


@pytest.mark.parametrize("word", OTHERS)
def test_the_code_has_no_second_word_for_it(word: str) -> None:
    """[OPS-3]"""
    assert {name for name in made() if f" {word} " in name or f" {word}s " in name} == set()
