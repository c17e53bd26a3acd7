"""Text as search sees it: without accents and case, in words; and the piece of a text around what was found.

All databases are given text that is normalised here, so they answer alike: NFKD (UAX #15), combining marks dropped,
case folded. Scripts without spaces are cut into pairs of characters. A word of the original keeps its place, so that
what was found can be shown as it was written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

LONGEST_WORD = 64
"""Characters that count of a word; longer ones are no words anybody types."""
MOST_TERMS = 12
TITLE_WEIGHT, HEAD_WEIGHT, BODY_WEIGHT = 8.0, 4.0, 1.0
"""What a hit counts for: a title says more than a line of the history."""
MOST_INDEXED = 400_000
"""Characters of one case that are indexed: 120 pages."""
MOST_READ = 1_000
"""Characters of a question that are read at all."""
SNIPPET = 180
"""Characters around a hit: two lines."""
MOST_LOOKED_AT = 40_000
"""Words of a text in which the best place is looked for."""

# Letters that Unicode does not take apart, as people type them without their keyboard.
_PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ŧ": "t", "æ": "ae", "œ": "oe", "þ": "th"}
)
_IGNORED = frozenset({"\u200c", "\u200d", "\u00ad", "\u2060", "\ufeff", *map(chr, range(0xFE00, 0xFE10))})
"""Joiners, soft hyphens, variation selectors: parts of words that nobody sees."""
_SPACELESS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff]+"
)
_QUOTES = re.compile('["\u201c\u201d\u201e\u00ab\u00bb]')


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it is indexed, and where it stands in the text."""

    folded: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Term:
    """Words that follow each other; the last may go on."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a snippet: plain text, found or around it."""

    text: str
    is_hit: bool


def fold(text: str) -> str:
    """Without accents and case."""
    folded = _stripped(text).casefold().translate(_PLAIN)
    return _stripped(folded)


def _stripped(text: str) -> str:
    if text.isascii():
        return text
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def words_of(text: str) -> Iterator[Word]:
    """The words of a text in order, in scripts without spaces every pair of neighbours."""
    for match in re.finditer(r"[^ ]+", text.translate(_Separators())):
        start, end = match.span()
        folded = fold("".join(c for c in text[start:end] if c not in _IGNORED))
        if _SPACELESS.search(folded):
            yield from _pairs(text, start, end)
        elif folded := "".join(c for c in folded if _is_of_word(c)):
            yield Word(folded[:LONGEST_WORD], start, end)


def index_text(text: str) -> str:
    """What is given to a database to be indexed: words with spaces between, and nothing else."""
    return " ".join(word.folded for word in words_of(text[:MOST_INDEXED]))


def terms_of(question: str) -> tuple[Term, ...]:
    """What is looked for: every word, and what stands in quotes together. Never raises; at most MOST_TERMS."""
    parts = _QUOTES.split(question[:MOST_READ])
    pieces: list[str] = []
    for place, part in enumerate(parts):
        is_quoted = place % 2 == 1 and place < len(parts) - 1
        pieces += [part] if is_quoted else part.split()
    found = (Term(tuple(_asked(piece))) for piece in pieces)
    return tuple(dict.fromkeys(term for term in found if term.words))[:MOST_TERMS]


def _asked(piece: str) -> Iterator[str]:
    """The words of a question, each as it is indexed. Where a run without spaces ends the question, the text may go on:
    its last character, which is indexed alone too, is not asked for."""
    words = list(words_of(piece))
    if len(words) > 1 and words[-2].end == words[-1].end:
        words.pop()
    return (word.folded for word in words)


def snippet(text: str, terms: Sequence[Term]) -> tuple[Piece, ...]:
    """The place that says most of what was looked for, as plain text; empty when nothing of it stands there."""
    hits = list(_hits(text, terms))
    if not hits:
        return ()
    best = max(range(len(hits)), key=lambda i: (_kinds_from(hits, i), -i))
    start = max(0, hits[best][0] - SNIPPET // 3)
    start = start if start == 0 else _next_space(text, start, hits[best][0])
    end = min(len(text), start + SNIPPET)
    pieces: list[Piece] = []
    place = start
    for hit_start, hit_end, _ in hits:
        if hit_start < place or hit_end > end:
            continue
        pieces += [Piece(text[place:hit_start], is_hit=False), Piece(text[hit_start:hit_end], is_hit=True)]
        place = hit_end
    pieces.append(Piece(text[place:end] + ("…" if end < len(text) else ""), is_hit=False))
    if start > 0:
        pieces.insert(0, Piece("…", is_hit=False))
    return tuple(Piece(" ".join(piece.text.split("\n")), piece.is_hit) for piece in pieces if piece.text)


def _hits(text: str, terms: Sequence[Term]) -> Iterator[tuple[int, int, int]]:
    """Start, end and term of what was found; words that overlap (pairs) are joined."""
    wanted = [(number, word, word is term.words[-1]) for number, term in enumerate(terms) for word in term.words]
    last: tuple[int, int, int] | None = None
    for count, word in enumerate(words_of(text)):
        if count > MOST_LOOKED_AT:
            break
        number = next(
            (n for n, w, may_go_on in wanted if word.folded == w or (may_go_on and word.folded.startswith(w))), None
        )
        if number is None:
            continue
        if last is not None and word.start < last[1]:
            last = (last[0], max(last[1], word.end), last[2])
            continue
        if last is not None:
            yield last
        last = (word.start, word.end, number)
    if last is not None:
        yield last


def _kinds_from(hits: Sequence[tuple[int, int, int]], first: int) -> int:
    near = (number for start, _, number in hits[first : first + 50] if start - hits[first][0] < SNIPPET // 2)
    return len(set(near))


def _next_space(text: str, start: int, hit: int) -> int:
    space = text.find(" ", start, hit)
    return start if space < 0 else space + 1


def _pairs(text: str, start: int, end: int) -> Iterator[Word]:
    """A word with characters of a script without spaces in it: runs of those in pairs, the rest as words."""
    folded: list[str] = []
    places: list[int] = []
    for place in range(start, end):
        for character in fold(text[place]):
            if _is_of_word(character) and text[place] not in _IGNORED:
                folded.append(character)
                places.append(place)
    whole = "".join(folded)
    position = 0
    for run in _SPACELESS.finditer(whole):
        if position < run.start():
            yield _word(whole, places, position, run.start())
        for first in range(run.start(), run.end()):
            yield _word(whole, places, first, min(first + 2, run.end()))
        position = run.end()
    if position < len(whole):
        yield _word(whole, places, position, len(whole))


def _word(whole: str, places: Sequence[int], start: int, end: int) -> Word:
    return Word(whole[start:end][:LONGEST_WORD], places[start], places[end - 1] + 1)


def _is_of_word(character: str) -> bool:
    return character in _IGNORED or unicodedata.category(character)[0] in "LNM"


class _Separators(dict[int, int]):
    """For `str.translate`: what is of no word becomes a space, so that places stay what they are."""

    def __missing__(self, code: int) -> int:
        kind = code if _is_of_word(chr(code)) else 32
        if kind != 32:
            self[code] = kind  # bounded by the letters of one text
        return kind
