"""Who has which case open, on all nodes: each tells the others of its own now and then, and nobody stores it. [NODE-10]

A list says so of cases that are not open on this node too. What a node says counts for some seconds, so that of one
that died nobody is shown for long; a word that is lost is said again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import islice

import structlog

from storage.ports import Bus
from workspace.errors import InvalidMessage, NotFound
from workspace.ids import CaseId, parse_case_id

log = structlog.get_logger("consilium.presence")

BEAT_SECONDS = 1.0
RETELL_SECONDS = 5.0
FORGET_SECONDS = 12.0
"""Two words may be lost before people vanish."""
AT_ONCE = 200
"""Cases in one word."""
MOST_CASES = 50_000
"""Remembered of all other nodes together; arbitrary, more than may be open anywhere."""
LONGEST_TEXT = 300
FIELDS = frozenset({"id", "name", "role", "color"})

Card = Mapping[str, str]
"""What others are told of a person: `workspace.session.card_of`."""


class Presence:
    """What this node told the others of its cases, and what they told of theirs.

    Whoever can reach the bus can speak there: what is not in its shape is passed over, and what is remembered bounded.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._told: dict[CaseId, tuple[Sequence[Card], float]] = {}
        self._heard: dict[tuple[CaseId, bytes], tuple[Sequence[Card], float]] = {}
        self._nodes_of: dict[CaseId, set[bytes]] = {}
        self._now = 0.0
        bus.gather(self)

    def elsewhere(self, case: CaseId) -> Sequence[Card]:
        """Who has it open on other nodes."""
        return [card for node in self._nodes_of.get(case, ()) for card in self._heard[case, node][0]]

    def beat(self, own: Mapping[CaseId, Sequence[Card]], now: float) -> None:
        """Once a second: tell what changed here, and again what was told a while ago; forget who fell silent."""
        self._now = now
        news: dict[CaseId, Sequence[Card]] = {case: [] for case in self._told.keys() - own.keys()}
        for case, cards in own.items():
            told, at = self._told.get(case, ([], 0.0))
            if cards != told or now - at >= RETELL_SECONDS:
                news[case] = cards
        for case, cards in news.items():
            if cards:
                self._told[case] = cards, now
            else:
                self._told.pop(case, None)
        waiting = iter(news.items())
        while said := dict(islice(waiting, AT_ONCE)):
            self._bus.announce(json.dumps(said, separators=(",", ":")).encode())
        for case, node in [key for key, (_, at) in self._heard.items() if now - at > FORGET_SECONDS]:
            self._forget(case, node)

    def announced(self, node: bytes, word: bytes) -> None:
        """See `storage.ports.Hall`."""
        try:
            said = _read(word)
        except InvalidMessage:
            log.warning("presence.unreadable")
            return
        for case, cards in said.items():
            if not cards:
                self._forget(case, node)
            elif (case, node) in self._heard or len(self._heard) < MOST_CASES:
                self._heard[case, node] = cards, self._now
                self._nodes_of.setdefault(case, set()).add(node)

    def _forget(self, case: CaseId, node: bytes) -> None:
        if self._heard.pop((case, node), None) is not None:
            self._nodes_of[case].discard(node)
            if not self._nodes_of[case]:
                del self._nodes_of[case]


def each_once(cards: Sequence[Card]) -> Sequence[Card]:
    """By name; of one who is there several times the last."""
    once = {card["id"]: card for card in cards}
    return sorted(once.values(), key=lambda card: (card["name"], card["id"]))


def _read(word: bytes) -> dict[CaseId, Sequence[Card]]:
    """Raises: InvalidMessage."""
    try:
        said: object = json.loads(word)
        if not isinstance(said, dict) or len(said) > AT_ONCE:
            raise InvalidMessage
        return {parse_case_id(case): [_card(each) for each in cards] for case, cards in said.items()}
    except (ValueError, TypeError, RecursionError, NotFound) as error:
        raise InvalidMessage from error


def _card(said: object) -> Card:
    """Raises: InvalidMessage."""
    if not isinstance(said, dict) or said.keys() != FIELDS:
        raise InvalidMessage
    if not all(isinstance(text, str) and len(text) <= LONGEST_TEXT for text in said.values()):
        raise InvalidMessage
    return said
