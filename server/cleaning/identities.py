"""The words of a file that say who somebody is: no text may keep them, wherever the table lets it stay [DEI-3]."""

from __future__ import annotations

from collections.abc import Iterator

from server.cleaning.elements import Dataset, Items, Leaf
from server.cleaning.registry import dictionary_vr
from server.cleaning.texts import DEFAULT, decoded, encodings
from workspace.deidentification.policy import CasePolicy
from workspace.deidentification.rules import Rules, action_for
from workspace.deidentification.traces import MEANINGLESS, Trace, Weight, leaves_trace, weight_of, words
from workspace.deidentification.values import CHARACTER_SETS

_NAMING = CHARACTER_SETS | {"AE"}


def identities(rules: Rules, policy: CasePolicy, dataset: Dataset) -> frozenset[str]:
    """Casefolded words of names, and numbers and places as a whole, from all levels of the dataset."""
    return frozenset(_words(rules, policy, dataset, DEFAULT)) - MEANINGLESS


def _words(rules: Rules, policy: CasePolicy, dataset: Dataset, sets: tuple[str, ...]) -> Iterator[str]:
    for node in dataset:
        if node.tag == 0x00080005 and isinstance(node, Leaf):
            sets = encodings(bytes(node.value)) or sets
    for node in dataset:
        if isinstance(node, Items):
            for item in node.items:
                yield from _words(rules, policy, item, sets)
            continue
        registered = dictionary_vr(node.tag)
        vr = registered or "UN" if node.vr == "UN" else node.vr
        private = bool(node.tag >> 16 & 1)
        if vr not in _NAMING or (private and vr != "PN"):
            continue
        known = registered is not None
        if not private and not leaves_trace(action_for(rules, policy, node.tag, vr, known=known), vr):
            continue
        if weight_of(rules.listed(node.tag), vr) is Weight.IDENTITY or vr == "PN":
            for text in (decoded(bytes(node.value), sets) or "").split("\\"):
                yield from words(Trace(text.strip(" \0"), vr, Weight.IDENTITY))
