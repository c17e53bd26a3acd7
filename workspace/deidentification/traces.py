"""What must not be found in a cleaned file: the values that had to go, and the ways in which each may be written.

A second pass looks for them in the bytes [DEI-11]. Values that anything may contain by chance would make it cry wolf,
so these are the rules: a value of at least four bytes (six if it is a description) is looked for in all bytes before
the pixels, of at least ten different enough ones also in the pixels; a number needs six digits, three of them
different; a decimal with a fraction is a measurement; numbers and single words of less than eight letters must stand
alone; a word that PS3.6 itself uses (Head, Long) is looked for only together with its neighbours. Shorter ones are
looked for as whole words in the texts that were kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import Enum, auto
from itertools import pairwise

from workspace.deidentification.outcome import IMPLEMENTATION, VERSION
from workspace.deidentification.policy import read_date
from workspace.deidentification.rules import Action, Rule

MIN_BYTES, MIN_DESCRIPTION_BYTES, MIN_PIXEL_BYTES = 4, 6, 10
_MIN_DIGITS, _MIN_DIFFERENT = 6, 3
_MIN_PIXEL_DIFFERENT = 5
_LONG_LETTERS = 8
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NUMBER = re.compile(r"[-+]?[\d.]+\Z", re.ASCII)
# How people's own texts and other standards write what stands in a value: the encodings tried for each spelling.
_ENCODINGS = ("utf-8", "latin-1", "utf-16-le", "utf-16-be")


class Weight(Enum):
    """How much a value tells about who the patient is."""

    IDENTITY = auto()
    """Names, numbers, places, UIDs, dates: nothing of it may be left."""
    DESCRIPTION = auto()
    """What the table lists because people write names into it (the Clean Descriptors option): left as a whole, it is
    found; its words are those of other attributes that stay."""


@dataclass(frozen=True, slots=True)
class Trace:
    """One value of the original that had to go."""

    text: str
    vr: str
    weight: Weight


def weight_of(rule: Rule | None, vr: str) -> Weight:
    """By the table's own column: descriptors may stay when cleaned. A code or an age is one of few: it names nobody."""
    described = rule is not None and "descriptors=C" in rule.options
    return Weight.DESCRIPTION if described or vr in ("CS", "AS") else Weight.IDENTITY


def leaves_trace(action: Action, vr: str) -> bool:
    """Whether what was done means that the value must not be found any more. Times of day stay with shifted dates."""
    return action not in (Action.KEEP, Action.CLEAN) and not (action is Action.SHIFT and vr == "TM")


# What people and devices write where they have nothing to say, and what we write ourselves.
MEANINGLESS = frozenset(
    {"anonymous", "anonymized", "false", "none", "null", "other", "removed", "true", "unknown", "unspecified"}
    | {"18500101", "18500101000000", "https://removed.invalid", "99consilium", IMPLEMENTATION, VERSION.casefold()}
)


def spellings(trace: Trace, vocabulary: AbstractSet[str]) -> Iterator[str]:
    """The ways in which the value may be written, itself first. Words that are too common are not among them."""
    match trace.vr:
        case "PN":
            yield from _names(trace.text, vocabulary)
        case "DA" | "DT":
            yield from _dates(trace.text)
        case _:
            yield trace.text
            for line in trace.text.splitlines():
                yield line.strip()


def words(trace: Trace) -> Iterator[str]:
    """The parts of a name, casefolded; of everything else the value as a whole."""
    if trace.vr == "PN":
        yield from (word.casefold() for word in _parts(trace.text) if len(word) > 1)
    elif trace.vr not in ("DA", "DT", "TM") and len(trace.text) >= MIN_BYTES:
        yield trace.text.casefold()


def _parts(name: str) -> list[str]:
    return [part for part in re.split(r"[\^=\\\s,.;()]+", name) if part]


def _names(name: str, vocabulary: AbstractSet[str]) -> Iterator[str]:
    yield name
    parts = _parts(name)
    for part in parts:
        if part.casefold() not in vocabulary:
            yield part
    # A name in a sentence or on a form: in either order, with a blank or a comma.
    for first, second in pairwise(parts):
        yield f"{first} {second}"
        yield f"{second} {first}"
        yield f"{first}, {second}"


def _dates(text: str) -> Iterator[str]:
    day = read_date(text[:8]) or read_date(text)
    yield text
    if day is None:
        return
    year, month, date = f"{day.year:04}", f"{day.month:02}", f"{day.day:02}"
    yield year + month + date
    for mark in ("-", "/", "."):
        yield mark.join((year, month, date))
        yield mark.join((date, month, year))
        yield mark.join((month, date, year))
    name = _MONTHS[day.month - 1]
    for mark in (" ", "-"):
        yield mark.join((date, name, year))
        yield mark.join((date, name.capitalize(), year))
        yield mark.join((date, name.upper(), year))


def encoded(spelling: str, trace: Trace, character_sets: AbstractSet[str]) -> Iterator[bytes]:
    """The bytes a spelling may have in a file, in the case it was written, in capitals, small and with a capital.

    `character_sets` are Python's names of those that the file declares, ISO 2022 ones included.
    """
    cases: tuple[str, ...] = (spelling,)
    if trace.weight is Weight.IDENTITY:
        cases += (spelling.upper(), spelling.lower(), spelling.title())
    for written in cases:
        for encoding in (*_ENCODINGS, *sorted(character_sets)):
            try:
                yield written.encode(encoding)
            except (UnicodeError, LookupError):
                continue


def is_searchable(spelling: str, trace: Trace) -> bool:
    """Whether finding it in bytes would mean something."""
    if trace.vr == "DS" and "." in spelling:
        return False
    if _NUMBER.match(spelling) or trace.vr in ("DA", "DT", "TM"):
        digits = [letter for letter in spelling if letter.isdigit()]
        return len(digits) >= _MIN_DIGITS and len(set(digits)) >= _MIN_DIFFERENT
    least = MIN_BYTES if trace.weight is Weight.IDENTITY else MIN_DESCRIPTION_BYTES
    return len(spelling.encode("utf-8")) >= least and len(set(spelling)) > 1


def is_word(text: str) -> bool:
    """Whether it must stand alone to mean something: the name Mari is not in PRIMARY, nor 1234567 in 91234567.

    Longer ones and those of several words mean something wherever they stand; scripts that do not part words, too.
    """
    number = _NUMBER.match(text) is not None
    return number or (len(text) < _LONG_LETTERS and text.isascii() and text.isalnum())


def is_searchable_in_pixels(pattern: bytes) -> bool:
    """Pixels are millions of arbitrary bytes: only what cannot be there by chance is looked for in them."""
    return len(pattern) >= MIN_PIXEL_BYTES and len(set(pattern)) >= _MIN_PIXEL_DIFFERENT
