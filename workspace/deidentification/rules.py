"""Which action an attribute calls for: PS3.15 Table E.1-1 under a case's policy, and what holds for what it lacks.

The standard lets everything stay that its table does not name. That is not enough here: an attribute that nobody
looked at stays only if its value representation cannot hold a sentence, or holds one of the binary values below.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from workspace.deidentification.attributes import TABLE
from workspace.deidentification.policy import CasePolicy

PIXEL_DATA = 0x7FE00010


class Action(StrEnum):
    """What is done to one attribute. The values are what certificates count."""

    KEEP = "kept"
    CLEAN = "cleaned"
    """A sequence stays, and each of its items is cleaned as a dataset of its own."""
    REMOVE = "removed"
    EMPTY = "emptied"
    REPLACE = "replaced"
    MAP_UID = "uid-replaced"
    SHIFT = "date-shifted"
    CAP_AGE = "age-capped"


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table: the action without options, and the options that say something else."""

    basic: str
    options: frozenset[str]


# X/Z, X/D and their like say "remove, unless the object's definition demands a value". An empty or a dummy value is
# right under every definition, a missing one is not, so the strictest of the demands is always met; no table of 150
# object definitions has to be right for that. `X/Z/U*` is for sequences of references: they stay, with new UIDs.
_BASIC = {
    "X": Action.REMOVE,
    "Z": Action.EMPTY,
    "D": Action.REPLACE,
    "U": Action.MAP_UID,
    "Z/D": Action.REPLACE,
    "X/Z": Action.EMPTY,
    "X/D": Action.REPLACE,
    "X/Z/D": Action.REPLACE,
    "X/Z/U*": Action.CLEAN,
}
_DATES = frozenset({"DA", "DT", "TM"})
_CHARACTERISTICS = frozenset({"AS", "CS", "DS", "US"})
# Binary values that say how to draw or play an object: palettes and look-up tables, wave forms, colour profiles,
# offsets of frames, and the padding and extreme values of pixels and samples.
_BINARY = frozenset(
    {0x00281201, 0x00281202, 0x00281203, 0x00281204, 0x00281221, 0x00281222, 0x00281223, 0x00281224, 0x00282000}
    | {0x00283006, 0x54000110, 0x54000112, 0x5400100A, 0x54001010, 0x7FE00001, 0x7FE00002, 0x7FE00003}
)
_BINARY_VRS = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})
_TALK = frozenset({"AE", "LT", "ST", "UC", "UR", "UT"})


def read_table(table: str) -> Mapping[str, Rule]:
    """Rows by tag, as `ggggeeee` in capitals; `x` for any digit."""
    rules: dict[str, Rule] = {}
    for line in table.splitlines():
        tag, basic, _, *options = line.split()
        rules[tag.replace(",", "").upper().replace("X", "x")] = Rule(basic, frozenset(options))
    return rules


@dataclass(frozen=True, slots=True)
class Rules:
    """The table, ready to be asked."""

    single: Mapping[int, Rule]
    repeating: tuple[tuple[str, Rule], ...]

    def listed(self, tag: int) -> Rule | None:
        """The row for `tag`, repeating groups included."""
        if (rule := self.single.get(tag)) is not None:
            return rule
        if not 0x50000000 <= tag < 0x61000000:
            return None
        digits = f"{tag:08X}"
        return next((rule for pattern, rule in self.repeating if _matches(pattern, digits)), None)


def _matches(pattern: str, digits: str) -> bool:
    return all(wanted in ("x", got) for wanted, got in zip(pattern, digits, strict=True))


def rules_of(table: str) -> Rules:
    """A table as `attributes.TABLE` is written."""
    read = read_table(table)
    return Rules(
        {int(tag, 16): rule for tag, rule in read.items() if "x" not in tag},
        tuple((tag, rule) for tag, rule in read.items() if "x" in tag),
    )


STANDARD = rules_of(TABLE)


def action_for(rules: Rules, policy: CasePolicy, tag: int, vr: str, *, known: bool) -> Action:
    """What happens to a public attribute [DEI-1].

    `vr` is the value representation found or implied; `known` says whether PS3.6 has the attribute. Private ones are
    decided by `private.safe_private_vr`.
    """
    rule = rules.listed(tag)
    if rule is None:
        return _unlisted(policy, tag, vr, known=known)
    if policy.keep_dates and "dates=C" in rule.options and vr in _DATES:
        return Action.SHIFT
    if policy.keep_patient_characteristics and "patient=K" in rule.options and vr in _CHARACTERISTICS:
        return Action.CAP_AGE if vr == "AS" else Action.KEEP
    action = _BASIC[rule.basic]
    # References to instances are sequences; whatever else comes under that tag is not what the row means.
    return Action.REMOVE if action is Action.CLEAN and vr != "SQ" else action


def _unlisted(policy: CasePolicy, tag: int, vr: str, *, known: bool) -> Action:
    group = tag >> 16
    # Group lengths are retired; groups up to 0004 belong to messages, file meta information and directories. Overlays
    # and curves go whole [DEI-7]: without its data, which the table removes, the rest of a group describes nothing.
    if not known or tag & 0xFFFF == 0 or group <= 0x0004 or 0x5000 <= group < 0x5100 or 0x6000 <= group < 0x6100:
        return Action.REMOVE
    action = Action.KEEP
    if vr == "SQ":
        action = Action.CLEAN
    elif vr == "UI":
        action = Action.MAP_UID
    elif vr in _DATES:
        action = Action.SHIFT if policy.keep_dates else Action.REPLACE
    elif vr == "PN":
        action = Action.REPLACE
    elif vr in _TALK or (vr in _BINARY_VRS and tag not in _BINARY):
        action = Action.REMOVE
    return action
