"""Two nodes on one journal, joined by a bus: hubs in one process, on memory, in time that is the test's own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from storage.memory import MemoryExchange, MemoryRecords
from tests.unit.clockwork import START, in_its_own_time
from tests.unit.house import CASE, House, forget, house, turns, until
from tests.unit.scene import ADA, BEN, Replica
from workspace.messages import Awareness, Update


@asynccontextmanager
async def nodes() -> AsyncIterator[tuple[House, House, MemoryExchange]]:
    """Two of them, on the same disk."""
    exchange, records = MemoryExchange(), MemoryRecords()
    async with (
        house(records=records, bus=exchange.bus(), is_first=True) as one,
        house(records=records, bus=exchange.bus()) as other,
    ):
        yield one, other, exchange


def here(clock: int, client: bytes = b"\x07") -> Awareness:
    return Awareness(b"\x01" + client + b"%c\x02{}" % clock)


@in_its_own_time
async def test_what_is_written_on_one_node_is_shown_on_the_other_at_once() -> None:
    """[NODE-1]"""
    async with nodes() as (one, other, _):
        ada, ben = await one.seat(ADA), await other.seat(BEN)
        await turns()
        forget(ada, ben)
        ada.say(Update(Replica(7).type("Fever")))
        await turns(40)  # no time passes
        assert ben.socket.updates() != []
        assert [said for write in ada.socket.take() for said in write] == ["accepted"]


@in_its_own_time
async def test_a_bell_that_is_lost_costs_a_second_and_no_edit() -> None:
    """[NODE-2] The line is cut, so nobody rings; the heads tell."""
    async with nodes() as (one, other, exchange):
        ada, ben = await one.seat(ADA), await other.seat(BEN)
        await turns()
        forget(ada, ben)
        exchange.cut()
        ada.say(Update(Replica(7).type("Fever")))
        await turns()
        assert ben.socket.updates() == []
        await until(lambda: ben.socket.updates() != [])


@in_its_own_time
async def test_a_line_that_is_mended_brings_what_was_missed_at_once() -> None:
    """[NODE-2] [NODE-3] Edits from the journal, and who is here from the others."""
    async with nodes() as (one, other, exchange):
        ada, ben = await one.seat(ADA), await other.seat(BEN)
        await turns()
        exchange.cut()
        forget(ada, ben)
        ada.say(Update(Replica(7).type("Fever")))
        ada.say(here(1))
        await turns()
        exchange.mend()
        await turns(40)
        assert ben.socket.updates() != []
        assert "awareness" in [said for write in ben.socket.take() for said in write]


@in_its_own_time
async def test_who_is_here_is_known_on_every_node_and_so_is_who_left() -> None:
    """[NODE-3] Also to a node that opens the document later, and to the list of cases."""
    async with nodes() as (one, other, _):
        ada = await one.seat(ADA)
        ada.say(here(1))
        await turns()
        ben = await other.seat(BEN)
        await turns(40)  # no time passes: nothing expires
        assert ["awareness"] in ben.socket.take()
        await until(lambda: [card["id"] for card in other.hub.here([CASE])[CASE]] == [ADA.id, BEN.id])
        forget(ben)
        ada.seat.leave()
        await until(lambda: [card["id"] for card in other.hub.here([CASE])[CASE]] == [BEN.id])
        assert asyncio.get_running_loop().time() < START + 5  # long before a state expires
        await turns(40)
        assert ["awareness"] in ben.socket.take()
