"""Cleans a dataset, and every dataset nested in it, by the rules of `workspace.deidentification` [DEI-1].

Makes a new tree; an element that no line here passes on is not in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import assert_never

from server.cleaning.elements import Dataset, Items, Leaf, Node
from server.cleaning.registry import dictionary_vr, is_registered
from server.cleaning.texts import DEFAULT, decoded, encodings
from workspace.deidentification.policy import CasePolicy
from workspace.deidentification.private import safe_private_vr
from workspace.deidentification.rules import Action, Rules, action_for
from workspace.deidentification.traces import is_word
from workspace.deidentification.values import CHARACTER_SETS, TEXTS, capped_age, dummy, is_valid, is_whole, padded

CHARACTER_SET = 0x00080005
# Codes are looked up, so one that stands for another is a code too: it says so, under a scheme of our own (PS3.3 §8.2).
_DUMMY_CODE = ((0x00080100, "SH", b"REMOVED "), (0x00080102, "SH", b"99CONSILIUM "), (0x00080104, "LO", b"Removed "))


# Of a sequence that the table lets stay for its references (X/Z/U*): class, instance, frame, segment, purpose.
_REFERENCE = frozenset({0x00081150, 0x00081155, 0x00081160, 0x0062000B, 0x0040A170})


@dataclass(slots=True)
class Engine:
    """Cleans one object; counts what it does.

    `names` are the casefolded words that must not stay in any text, wherever the table lets the text stay [DEI-3];
    `common` are those of them that a code may be without meaning a person.
    """

    rules: Rules
    policy: CasePolicy
    names: AbstractSet[str]
    common: AbstractSet[str]
    actions: Counter[Action] = field(default_factory=Counter)
    uids: set[str] = field(default_factory=set)
    private_kept: int = 0

    def clean(self, dataset: Dataset, sets: tuple[str, ...] = DEFAULT) -> Dataset:
        """The dataset without what identifies; `sets` are the character sets of the dataset around it."""
        sets = _declared(dataset, sets)
        return tuple(node for each in dataset for node in self._node(each, sets)) + self._private(dataset)

    def _node(self, node: Node, sets: tuple[str, ...]) -> Iterator[Node]:
        if node.tag >> 16 & 1:
            return
        registered = dictionary_vr(node.tag)
        vr = "SQ" if isinstance(node, Items) else _settled(node, registered)
        action = action_for(self.rules, self.policy, node.tag, vr, known=registered is not None)
        # A sequence where none belongs, a text where a number does: not what the rule was made for.
        if action in (Action.KEEP, Action.CLEAN) and _kind(vr) != _kind(registered or vr):
            action = Action.REMOVE
        if isinstance(node, Items):
            yield from self._items(node, action, sets)
        elif (kept := self._leaf(node, vr, registered or vr, action, sets)) is not None:
            yield kept

    def _items(self, node: Items, action: Action, sets: tuple[str, ...]) -> Iterator[Node]:
        self.actions[action] += 1
        match action:
            case Action.CLEAN | Action.KEEP:
                items = node.items
                if self.rules.listed(node.tag) is not None:
                    items = tuple(tuple(each for each in item if each.tag in _REFERENCE) for item in items)
                yield Items(node.tag, tuple(self.clean(item, sets) for item in items))
            case Action.EMPTY:
                yield Items(node.tag, ())
            case Action.REPLACE:
                # An item must be there; only of codes do we know what one looks like.
                coded = any(each.tag == 0x00080100 for item in node.items for each in item)
                yield Items(node.tag, (tuple(Leaf(*each) for each in _DUMMY_CODE) if coded else (),))
            case _:
                return

    def _leaf(self, node: Leaf, vr: str, registered: str, action: Action, sets: tuple[str, ...]) -> Leaf | None:
        value = bytes(node.value) if vr in TEXTS else node.value
        if action is Action.KEEP:
            # A number that a file calls a text has to be a number all the same.
            action = self._judged(registered if vr in TEXTS else vr, value, sets)
        if action is Action.MAP_UID and vr != "UI":
            action = Action.REPLACE
        new = self._new_value(vr, value, action)
        if new is None and action in (Action.SHIFT, Action.CAP_AGE):
            action, new = Action.REPLACE, dummy(vr)
        self.actions[action] += 1
        return None if new is None else Leaf(node.tag, vr, new)

    def _new_value(self, vr: str, value: bytes | memoryview, action: Action) -> bytes | memoryview | None:
        match action:
            case Action.KEEP:
                return value
            case Action.REMOVE | Action.CLEAN:
                return None
            case Action.EMPTY:
                return b""
            case Action.REPLACE:
                # What was empty says as little as a dummy would.
                return dummy(vr) if len(value) else b""
            case Action.MAP_UID:
                return padded("UI", "\\".join(map(self._uid, _ascii(value).split("\\"))).encode())
            case Action.SHIFT:
                return self._shifted(vr, _ascii(value))
            case Action.CAP_AGE:
                text = _ascii(value)
                return capped_age(text).encode() if is_valid("AS", text) else None
            case _:
                assert_never(action)

    def _judged(self, vr: str, value: bytes | memoryview, sets: tuple[str, ...]) -> Action:
        """A value may stay if it is what its representation says, and names nobody."""
        if vr not in TEXTS:
            return Action.KEEP if is_whole(vr, len(value)) else Action.REMOVE
        text = decoded(bytes(value), sets if vr in CHARACTER_SETS else DEFAULT)
        if text is None or not is_valid(vr, text):
            return Action.REPLACE
        return Action.REPLACE if self._mentions(text, vr) else Action.KEEP

    def _mentions(self, text: str, vr: str) -> bool:
        folded = text.casefold()
        found = (name for name in self.names if name in folded and not (vr == "CS" and name in self.common))
        return any(not is_word(name) or _stands_alone(name, folded) for name in found)

    def _uid(self, uid: str) -> str:
        if not uid or is_registered(uid):
            return uid
        self.uids.add(uid)
        return self.policy.new_uid(uid)

    def _shifted(self, vr: str, text: str) -> bytes | None:
        if vr == "TM":
            return padded(vr, text.encode()) if is_valid(vr, text) else None
        move = self.policy.shifted_date if vr == "DA" else self.policy.shifted_datetime
        moved = [move(each.strip()) if each.strip() else "" for each in text.split("\\")]
        return None if None in moved else padded(vr, "\\".join(each or "" for each in moved).encode())

    def _private(self, dataset: Dataset) -> Dataset:
        """The private elements that may stay, with the creators that give them their meaning [DEI-4]."""
        leaves = [node for node in dataset if node.tag >> 16 & 1 and isinstance(node, Leaf)]
        self.actions[Action.REMOVE] += sum(1 for node in dataset if node.tag >> 16 & 1)
        creators = {node.tag: _ascii(node.value) for node in leaves if 0x10 <= node.tag & 0xFFFF <= 0xFF}
        kept: list[Node] = []
        used: set[int] = set()
        for node in leaves:
            reserved = node.tag & 0xFFFF0000 | (node.tag & 0xFFFF) >> 8
            vr = safe_private_vr(creators.get(reserved, ""), node.tag)
            if vr is None or node.vr not in (vr, "UN") or self._judged(vr, node.value, DEFAULT) is not Action.KEEP:
                continue
            used.add(reserved)
            kept.append(Leaf(node.tag, vr, node.value))
        self.private_kept += len(kept)
        self.actions[Action.REMOVE] -= len(kept) + len(used)
        self.actions[Action.KEEP] += len(kept) + len(used)
        return tuple(Leaf(tag, "LO", padded("LO", creators[tag].encode())) for tag in sorted(used)) + tuple(kept)


def _declared(dataset: Dataset, around: tuple[str, ...]) -> tuple[str, ...]:
    for node in dataset:
        if node.tag == CHARACTER_SET and isinstance(node, Leaf):
            return encodings(bytes(node.value)) or around
    return around


def _kind(vr: str) -> str:
    return "text" if vr in TEXTS else "sequence" if vr == "SQ" else "bytes"


def _settled(node: Leaf, registered: str | None) -> str:
    """The representation to go by: what the file says, and for `UN` what PS3.6 says, whose bytes are the same."""
    return registered if node.vr == "UN" and registered not in (None, "SQ") else node.vr


def _ascii(value: bytes | memoryview) -> str:
    return bytes(value).decode("ascii", "replace").strip(" \0")


def _stands_alone(word: str, text: str) -> bool:
    """Whether `word` is in `text` as a word: `lee` is not in `sleep`."""
    at = text.find(word)
    while at >= 0:
        before, after = text[at - 1 : at], text[at + len(word) : at + len(word) + 1]
        if not before.isalnum() and not after.isalnum():
            return True
        at = text.find(word, at + 1)
    return False
