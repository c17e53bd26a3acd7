"""server.presence: who has which case open on other nodes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import pytest

from server.presence import AT_ONCE, BEAT_SECONDS, FORGET_SECONDS, MOST_CASES, RETELL_SECONDS, Presence
from storage.memory import MemoryExchange, MemoryRecords
from storage.ports import Alone
from tests.unit.clockwork import in_its_own_time
from tests.unit.house import CASE, DISCUSSION, ELSEWHERE, OTHER_CASE, House, house
from tests.unit.scene import ADA, BEN, EVE
from workspace.ids import CaseId

SOON = BEAT_SECONDS + 0.1
CARD = {"id": "a" * 16, "name": "Ada", "role": "lead", "color": "#123456"}


def case_number(number: int) -> CaseId:
    """An id, one for each number."""
    return CaseId("".join("abcdefghij"[int(digit)] for digit in f"{number:016}"))


@asynccontextmanager
async def two() -> AsyncIterator[tuple[House, House, MemoryExchange]]:
    """Two nodes on one disk that hear each other."""
    exchange, records = MemoryExchange(), MemoryRecords()
    async with (
        house(records=records, bus=exchange.bus(), is_first=True) as one,
        house(records=records, bus=exchange.bus()) as other,
    ):
        yield one, other, exchange


def names(home: House, case: CaseId = CASE) -> list[str]:
    return [card["name"] for card in home.hub.here([case]).get(case, ())]


@in_its_own_time
async def test_who_has_a_case_open_is_known_on_nodes_where_nobody_has() -> None:
    """[NODE-10] [LST-13] Each once, whatever they have open and where; another case has others in it."""
    async with two() as (one, other, _):
        for document in (DISCUSSION, DISCUSSION, ELSEWHERE):
            await one.seat(ADA, document)
        await one.seat(BEN)
        await other.seat(ADA)
        await asyncio.sleep(SOON)
        assert names(one) == names(other) == [ADA.name, BEN.name]
        assert names(other, OTHER_CASE) == [ADA.name]
        assert other.hub.here([CASE])[CASE][0] == one.hub.here([CASE])[CASE][0]


@in_its_own_time
async def test_who_leaves_is_shown_no_more() -> None:
    """[NODE-10] Also when it is the last one in the case."""
    async with two() as (one, other, _):
        ada, ben = await one.seat(ADA), await one.seat(BEN)
        await asyncio.sleep(SOON)
        ada.seat.leave()
        await asyncio.sleep(SOON)
        assert names(other) == [BEN.name]
        ben.seat.leave()
        await asyncio.sleep(SOON)
        assert names(other) == []


@in_its_own_time
async def test_who_was_on_a_node_that_died_is_shown_no_more_after_a_while() -> None:
    """[NODE-10] One or two lost words make nobody vanish; and who stays is there for as long as they stay."""
    async with two() as (one, other, exchange):
        await one.seat(EVE)
        await asyncio.sleep(100)
        exchange.cut()
        await asyncio.sleep(FORGET_SECONDS - RETELL_SECONDS - SOON)
        assert names(other) == [EVE.name]
        await asyncio.sleep(RETELL_SECONDS + 3 * SOON)
        assert names(other) == []
        exchange.mend()
        await asyncio.sleep(RETELL_SECONDS + SOON)
        assert names(other) == [EVE.name]


class Recorder(Alone):
    """A bus that writes down what is announced."""

    def __init__(self) -> None:
        self.words: list[bytes] = []

    def announce(self, word: bytes) -> None:
        self.words.append(word)


def test_many_cases_are_told_in_pieces_and_only_news_at_once() -> None:
    """[NODE-10] What did not change is said again only now and then."""
    bus = Recorder()
    presence = Presence(bus)
    own: dict[CaseId, Sequence[Mapping[str, str]]] = {case_number(n): [CARD] for n in range(AT_ONCE + 1)}
    presence.beat(own, 0.0)
    assert [len(json.loads(word)) for word in bus.words] == [AT_ONCE, 1]
    presence.beat(own, RETELL_SECONDS - 1)
    assert len(bus.words) == 2
    presence.beat({CASE: [CARD], **own}, RETELL_SECONDS - 1)
    assert json.loads(bus.words[2]) == {CASE: [CARD]}
    presence.beat(own, RETELL_SECONDS)
    assert {CASE: []}.items() <= {k: v for word in bus.words[3:] for k, v in json.loads(word).items()}.items()
    assert len(bus.words) == 5


@pytest.mark.parametrize(
    "word",
    [
        b"",
        b"\xff",
        b"[]",
        b"{",
        b"[" * 100_000,
        b'{"%s":1}' % CASE.encode(),
        b'{"%s":[1]}' % CASE.encode(),
        b'{"%s":[{}]}' % CASE.encode(),
        json.dumps({"nonsense": [CARD]}).encode(),
        json.dumps({CASE: [{**CARD, "name": "x" * 301}]}).encode(),
        json.dumps({CASE: [{**CARD, "email": "a@b"}]}).encode(),
        json.dumps({CASE: [{**CARD, "name": None}]}).encode(),
        json.dumps({case_number(n): [CARD] for n in range(AT_ONCE + 1)}).encode(),
    ],
)
def test_what_has_not_its_shape_is_passed_over(word: bytes) -> None:
    """[NODE-10] [NODE-4] Whoever reaches the bus can speak there."""
    presence = Presence(Alone())
    presence.announced(b"node", word)
    assert presence.elsewhere(CASE) == []
    presence.announced(b"node", json.dumps({CASE: [CARD]}).encode())
    assert presence.elsewhere(CASE) == [CARD]


def test_what_is_remembered_is_bounded() -> None:
    """[NODE-10] However much somebody makes up."""
    presence = Presence(Alone())
    for number in range(MOST_CASES // AT_ONCE + 2):
        cases = {case_number(number * AT_ONCE + each): [CARD] for each in range(AT_ONCE)}
        presence.announced(b"node", json.dumps(cases).encode())
    assert len(presence._heard) == len(presence._nodes_of) == MOST_CASES
    presence.beat({}, FORGET_SECONDS + 1)
    assert (len(presence._heard), len(presence._nodes_of)) == (0, 0)
