"""Search over all of Unicode: nothing raises, accents and case do not matter, and nobody finds what they may not read.

The questions go to a real SQLite file and to a real PostgreSQL: what their full-text indexes make of them is the point.
"""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.ports import Stores
from storage.stores import open_stores
from tests.contract.sample import ADA, BEN, CASE, NOW, RECORD, add_people, new_case
from tests.postgres import Postgres
from workspace.ids import Seq
from workspace.record import Head, Projection
from workspace.searching import MOST_INDEXED, MOST_TERMS, SNIPPET, fold, index_text, snippet, terms_of, words_of

ANY_TEXT = st.text(max_size=200)
NASTY = st.text(alphabet="\"'*:^(){}[]+-~\\ \x00AND OR NOT NEAR/%_aé発の😀\u0301\u200d\ufe0f", max_size=80)
WORDS = st.text(
    alphabet=st.characters(categories=["Lu", "Ll", "Lt", "Lm", "Lo", "Nd", "Mn", "Mc", "Zs"]), min_size=1, max_size=60
)
LATIN = st.text(alphabet="abcßéÉüÜñÑøØłŁçÇ 12", min_size=1, max_size=40)


class Library:
    """One case in a database, which Ada leads and Ben does not know."""

    def __init__(self, location: Path | str) -> None:
        self._runner = asyncio.Runner()
        self._opening = open_stores(location)
        self._stores: Stores = self._runner.run(self._opening.__aenter__())
        self._runner.run(add_people(self._stores))
        self._runner.run(self._stores.cases.create(new_case(title="zzz")))

    def write(self, text: str) -> None:
        said = Projection(Head(), {"plan": text}, (), index_text(text))
        self._runner.run(self._stores.projections.keep(RECORD, Seq(1), said, NOW))

    def finds(self, question: str, *, ben: bool = False) -> bool:
        person = BEN if ben else ADA
        hits = self._runner.run(self._stores.projections.find(terms_of(question), person.id, all_cases=False))
        assert [hit.listed.case.id for hit in hits] in ([], [CASE])
        return bool(hits)

    def close(self) -> None:
        self._runner.run(self._opening.__aexit__(None, None, None))
        self._runner.close()


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def library(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """Shared by all examples: each writes its own text over the last."""
    location: Path | str = tmp_path_factory.mktemp("library") / "consilium.db"
    if request.param == "postgres":
        postgres: Postgres = request.getfixturevalue("postgres")
        location = postgres.fresh()
    library = Library(location)
    yield library
    library.close()


@given(ANY_TEXT | NASTY)
def test_no_question_raises(library: Library, question: str) -> None:
    """[LST-8] Whatever it is made of; and nothing is found by somebody who may not read it. [LST-9]"""
    library.write(question)
    library.finds(question)
    assert not library.finds(question, ben=True)
    assert len(terms_of(question)) <= MOST_TERMS


@given(WORDS)
def test_a_text_is_found_by_its_own_words(library: Library, text: str) -> None:
    """[LST-8] In every script, and by the same words without accents and in the other case."""
    library.write(text)
    asked = " ".join(text.split()[:MOST_TERMS])
    for question in (asked, asked.casefold(), unicodedata.normalize("NFD", asked)):
        if terms_of(question):
            assert library.finds(question), question


@given(LATIN)
def test_accents_and_case_do_not_matter(library: Library, text: str) -> None:
    """[LST-8]"""
    library.write(text)
    plain = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    for question in (text.upper(), text.lower(), plain):
        if terms_of(question):
            assert library.finds(" ".join(question.split()[:MOST_TERMS])), question


LONG = st.lists(st.sampled_from(["pain", "at", "night", "of", "the", "発熱", "fever"]), min_size=200, max_size=900)


@settings(max_examples=25)  # long texts
@given(LONG, st.data())
def test_a_long_text_is_found_by_every_stretch_of_it(library: Library, text: list[str], data: st.DataObject) -> None:
    """[LST-8] Words that follow each other, wherever they stand and however often; others are not found."""
    library.write(" ".join(text))
    start = data.draw(st.integers(0, len(text) - 1))
    stretch = text[start : start + data.draw(st.integers(1, 40))]
    assert library.finds(f'"{" ".join(stretch)}"')
    assert not library.finds(f'"{" ".join([*stretch, "absent"])}"')


def test_a_text_of_words_that_all_differ_is_kept(library: Library) -> None:
    """[LST-8] As long as a text may be, in a script that needs most room."""
    text = "".join(chr(0x4E00 + number * 7919 % 20_000) for number in range(MOST_INDEXED))
    library.write(text)
    assert library.finds(text[300_000:300_006])


def test_the_library_can_miss(library: Library) -> None:
    """[LST-8] A search that finds everything would prove nothing."""
    library.write("vasculitis")
    assert library.finds("VASCÚLITIS")
    assert not library.finds("sarcoidosis")
    assert not library.finds("vasculitis", ben=True)


@given(ANY_TEXT | NASTY, ANY_TEXT | LATIN)
def test_a_snippet_is_the_text_as_it_was_written(text: str, question: str) -> None:
    """[LST-8] Its pieces, put together, stand in the text; its hits are hits."""
    terms = terms_of(question)
    pieces = snippet(text, terms)
    whole = "".join(piece.text for piece in pieces)
    assert whole.removeprefix("…").removesuffix("…") in " ".join(text.split("\n")) or "…" in text
    assert len(whole) <= SNIPPET + 80
    asked = {word for term in terms for word in term.words}
    for piece in pieces:
        if piece.is_hit:
            said = [word.folded for word in words_of(piece.text)]
            assert any(word.startswith(wanted) for word in said for wanted in asked)


@given(ANY_TEXT)
def test_words_know_their_place(text: str) -> None:
    """[LST-8] What is shown as found is where the word stands."""
    for word in words_of(text):
        assert 0 <= word.start < word.end <= len(text)
        assert " " not in word.folded
        assert fold(word.folded) == word.folded
