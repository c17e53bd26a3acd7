"""The second pass: reads the original and the cleaned file again, by another way, and looks for what may not be left.

The first pass works on our own reader's tree; this one reads both files with pydicom and searches the cleaned one's
bytes, so that what one of the two readers overlooks, the other one sees [DEI-11].
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.filereader import read_partial
from pydicom.multival import MultiValue

from server.cleaning.reading import PIXELS, Unreadable
from server.cleaning.registry import dictionary_vr, is_registered, quiet, vocabulary
from server.cleaning.searching import Patterns, search
from server.cleaning.texts import DEFAULT, decoded, encodings
from workspace.deidentification.outcome import Proof, Reason
from workspace.deidentification.policy import CasePolicy
from workspace.deidentification.private import SAFE_CREATORS
from workspace.deidentification.rules import Action, Rules, action_for
from workspace.deidentification.traces import (
    MEANINGLESS,
    Trace,
    Weight,
    encoded,
    is_searchable,
    is_searchable_in_pixels,
    is_word,
    leaves_trace,
    spellings,
    weight_of,
    words,
)
from workspace.deidentification.values import TEXTS

_RUN = re.compile(rb"[\x20-\x7e]{8,}")
_MAX_RUNS = 200


@dataclass(frozen=True, slots=True)
class _Value:
    tag: int
    vr: str
    raw: bytes
    sets: tuple[str, ...]


def prove(original: Path, cleaned: Path, rules: Rules, policy: CasePolicy) -> Proof:
    """Looks for everything of `original` that had to go in `cleaned`; what was found is counted, never told.

    Both are files with a prefix; `original` may be what a deflated one inflates to.

    Raises:
        Unreadable: pydicom does not read one of them.
    """
    before, _ = _values(original)
    after, pixels_at = _values(cleaned)
    traces = _traces(before, rules, policy)
    sets = {each for value in before for each in value.sets} - set(DEFAULT)
    patterns: dict[bytes, tuple[Trace, bool]] = {}
    short: set[Trace] = set()
    for trace in traces:
        found_a_way = False
        for spelling in spellings(trace, vocabulary()):
            if spelling.casefold() not in MEANINGLESS and is_searchable(spelling, trace):
                found_a_way, alone = True, is_word(spelling)
                patterns.update((each, (trace, alone)) for each in encoded(spelling, trace, sets) if len(each) > 3)
        if not found_a_way:
            short.add(trace)
    found = _search(cleaned, pixels_at, patterns) + _whole_words(after, traces)
    return Proof(len(traces), len(patterns), cleaned.stat().st_size, len(short), found)


def _search(path: Path, pixels_at: int, patterns: Mapping[bytes, tuple[Trace, bool]]) -> int:
    found = 0
    in_pixels = [
        each
        for each, (trace, _) in patterns.items()
        if trace.weight is Weight.IDENTITY and is_searchable_in_pixels(each)
    ]
    size = path.stat().st_size
    for start, end, some in ((0, pixels_at, list(patterns)), (pixels_at, size, in_pixels)):
        for pattern, before, after in search(path, start, end, Patterns(some)):
            if not patterns[pattern][1] or not (before.isalnum() or after.isalnum() or before == b"."):
                found += 1
    return found


def _whole_words(after: Sequence[_Value], traces: Sequence[Trace]) -> int:
    """Names and numbers, short ones too, as whole words in the texts of the cleaned file."""
    common = vocabulary()
    wanted = {word for trace in traces if trace.weight is Weight.IDENTITY for word in words(trace)} - MEANINGLESS
    if not wanted:
        return 0
    # As a person reads: between anything that is neither letter nor digit.
    any_of = re.compile("(?<![^\\W_])(?:" + "|".join(map(re.escape, sorted(wanted))) + ")(?![^\\W_])")
    found = 0
    for value in after:
        if value.vr in TEXTS and value.vr not in _NUMBERS and value.tag not in _OURS:
            text = (decoded(value.raw, value.sets) or "").casefold()
            found += sum(1 for word in any_of.findall(text) if not (value.vr == "CS" and word in common))
    return found


_NUMBERS = frozenset({"UI", "DS", "IS", "DA", "TM", "DT"})
# What we say about the cleaning ourselves.
_OURS = frozenset({0x00020013, 0x00120062, 0x00120063, 0x00280303, 0x00080100, 0x00080102, 0x00080104})


def _traces(values: Sequence[_Value], rules: Rules, policy: CasePolicy) -> list[Trace]:
    gone: dict[Trace, None] = {}
    stayed = {creator.casefold() for creator in SAFE_CREATORS}
    moved: set[str] = set()
    for value in values:
        private = bool(value.tag >> 16 & 1)
        known = dictionary_vr(value.tag)
        vr = known or "UN" if value.vr == "UN" and not private else value.vr
        action = Action.REMOVE if private else action_for(rules, policy, value.tag, vr, known=known is not None)
        for text in _texts(value, vr):
            if action is Action.SHIFT and vr in ("DA", "DT"):
                moved |= {moved_to for moved_to in (policy.shifted_date(text[:8]),) if moved_to}
            if not leaves_trace(action, vr) or (vr == "UI" and is_registered(text)):
                stayed.add(text.casefold())
            elif text.casefold() not in MEANINGLESS:
                weight = weight_of(None if private else rules.listed(value.tag), vr)
                named = vr in ("PN", "UI", "DA", "DT")
                gone[Trace(text, vr, Weight.DESCRIPTION if private and not named else weight)] = None
    # A date that is another one moved is where it should be; a description that is also a code that stays is no find.
    return [
        trace
        for trace in gone
        if not (trace.weight is Weight.DESCRIPTION and any(trace.text.casefold() in each for each in stayed))
        and not (trace.vr in ("DA", "DT") and trace.text[:8] in moved)
    ]


def _texts(value: _Value, vr: str) -> Iterator[str]:
    """The strings in a value; of binary ones the runs of letters."""
    if vr in TEXTS:
        text = decoded(value.raw, value.sets)
        text = value.raw.decode("latin-1") if text is None else text
        whole = vr in ("LT", "ST", "UT")
        yield from (
            part.strip(" \0\r\n\t") for part in ((text,) if whole else text.split("\\")) if part.strip(" \0\r\n\t")
        )
    elif vr in ("OB", "UN", "OW"):
        yield from (
            run[0].decode("ascii").strip() for run, _ in zip(_RUN.finditer(value.raw), range(_MAX_RUNS), strict=False)
        )


def _values(path: Path) -> tuple[list[_Value], int]:
    """Every value before the pixels as pydicom reads it, and where the pixels begin."""
    with path.open("rb") as file, quiet():
        try:
            dataset = read_partial(file, stop_when=lambda tag, vr, length: int(tag) in PIXELS)
            at = file.tell()
            return list(_walk(dataset.file_meta, DEFAULT)) + list(_walk(dataset, DEFAULT)), at
        except (OSError, MemoryError):
            raise
        except Exception as error:
            # pydicom raises whatever its parts do; what it cannot read, nobody can vouch for.
            raise Unreadable(Reason.DAMAGED, f"second reading: {type(error).__name__}") from None


def _walk(dataset: Dataset, sets: tuple[str, ...]) -> Iterator[_Value]:
    declared = _raw(dataset, 0x00080005) if 0x00080005 in dataset else b""
    sets = (encodings(declared) if declared else None) or sets
    for tag in list(dataset.keys()):
        # As the bytes are in the file, which pydicom interprets on demand only.
        element: object = dataset.get_item(tag)
        vr = str(element.VR) if isinstance(element, RawDataElement) and element.VR else dictionary_vr(int(tag)) or "UN"
        if isinstance(element, RawDataElement) and vr != "SQ":
            yield _Value(int(tag), vr, element.value or b"", sets)
            continue
        read = dataset[tag]
        if read.VR == "SQ":
            for item in read.value:
                yield from _walk(item, sets)
        else:
            yield _Value(int(tag), str(read.VR), _bytes_of(read.value, sets), sets)


def _raw(dataset: Dataset, tag: int) -> bytes:
    element = dataset.get_item(tag)
    return _bytes_of(element.value, DEFAULT)


def _bytes_of(value: object, sets: tuple[str, ...]) -> bytes:
    """A value that pydicom has already read, in bytes again."""
    if isinstance(value, bytes):
        return value
    parts = value if isinstance(value, MultiValue) else [value]
    return "\\".join("" if each is None else str(each) for each in parts).encode(sets[0], "replace")
